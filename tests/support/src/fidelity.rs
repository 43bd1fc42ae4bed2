//! Every documented response with changes that the vendor may make: new keys are reported, unexpected values are kept,
//! and an unreadable response is a typed error.

use kyc_core::DecodeFailure;
use kyc_fixtures::{Fixture, FixtureKind};
use serde_json::Value;

use crate::coverage::Body;
use crate::reader::{Reader, SENTINELS};
use crate::{Edit, What, edits, injections};

/// A documented payload and its reader.
#[derive(Clone, Debug)]
pub struct Answer {
    fixture: &'static Fixture,
    reader: Reader,
}

impl Answer {
    /// Reads a payload of this kind and returns the ignored paths.
    fn read(&self, json: &str) -> Result<Vec<String>, DecodeFailure> {
        self.reader.read(json.as_bytes()).map(|read| read.ignored)
    }
}

/// Returns the documented payloads that a vendor sends, with their readers.
pub fn answers(vendor: &str, reader: fn(Body) -> Option<Reader>) -> Vec<Answer> {
    let sent = kyc_fixtures::vendor(vendor)
        .filter(|fixture| fixture.kind != FixtureKind::Request && !fixture.body.is_empty());
    sent.map(|fixture| {
        let reader = reader(Body::of(fixture)).unwrap_or_else(|| panic!("no type reads {}", fixture.name));
        Answer { fixture, reader: reader.of(fixture.body.as_bytes()).clone() }
    })
    .collect()
}

/// Checks that no type prints a leaf of its payload: each text becomes one sentinel and each number another.
pub fn no_leaf_is_printed(answers: &[Answer]) {
    for answer in answers {
        let Ok(mut document) = serde_json::from_str::<Value>(answer.fixture.body) else { continue };
        replace_leaves(&mut document);
        // A leaf that must be known may refuse the sentinel.
        let _ = answer.read(&document.to_string());
    }
}

fn replace_leaves(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(replace_leaves),
        Value::Array(items) => items.iter_mut().for_each(replace_leaves),
        Value::String(text) => *text = format!("{} {}", SENTINELS[0], SENTINELS[1]),
        Value::Number(number) => *number = 52_998_224_725_u64.into(),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Checks that no field of a documented payload is unknown.
pub fn each_is_read_whole(answers: &[Answer]) {
    for answer in answers {
        assert_eq!(answer.read(answer.fixture.body), Ok(Vec::new()), "{}", answer.fixture.name);
    }
}

/// Checks that an unknown key, added to each object in turn, is reported at the paths that `reported` returns for its
/// own path. Returns the number of keys.
pub fn injected_keys_are_reported(answers: &[Answer], reported: impl Fn(String) -> Vec<String>) -> usize {
    let mut injected = 0;
    for answer in answers {
        for (path, json) in injections(answer.fixture.body) {
            assert_eq!(answer.read(&json), Ok(reported(path)), "{}", answer.fixture.name);
            injected += 1;
        }
    }
    injected
}

/// Checks a thousand edits of each payload: only those that remove the required leaf fail, with an error that names it,
/// and none makes a field unknown.
pub fn a_thousand_edits_of_each(answers: &[Answer]) {
    for (number, answer) in answers.iter().enumerate() {
        let fixture = answer.fixture;
        for edit in edits(fixture.body, number as u64, 1000) {
            let Edit { what, path, json } = &edit;
            let is_needed = answer.reader.needs.iter().any(|(needed, _)| needed == path);
            let kills = is_needed && matches!(what, What::Missing | What::Null);
            match answer.read(json) {
                Ok(ignored) => {
                    assert!(!kills, "{}: {edit:?}", fixture.name);
                    assert!(ignored.is_empty(), "{}: {edit:?} {ignored:?}", fixture.name);
                }
                Err(failure) => {
                    assert!(kills, "{}: {edit:?} {failure:?}", fixture.name);
                    let missing = failure.expected.contains(path.as_str());
                    assert!(failure.path == *path || missing, "{}: {edit:?} {failure:?}", fixture.name);
                }
            }
        }
    }
}

/// Checks that a payload cut at any place is a typed error.
pub fn cut_anywhere_it_is_a_typed_error(answers: &[Answer]) {
    for answer in answers {
        let body = answer.fixture.body.trim_end();
        for end in (0..body.len()).filter(|&end| body.is_char_boundary(end)) {
            assert!(answer.read(&body[..end]).is_err(), "{} cut at {end}", answer.fixture.name);
        }
    }
}
