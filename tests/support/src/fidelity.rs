//! Every documented response with changes that the vendor may make: new keys are reported, unexpected values are kept,
//! and an unreadable response is a typed error.

use std::fmt::Debug;

use kyc_core::{DecodeFailure, decode};
use kyc_fixtures::{Fixture, FixtureKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Edit, What, edits, injections};

/// Reads a payload as one type and returns the ignored paths.
pub type Read = fn(&str) -> Result<Vec<String>, DecodeFailure>;

/// A documented payload and its reader.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The payload.
    pub fixture: &'static Fixture,
    /// Reads it as its type.
    pub read: Read,
    /// The leaf without which the type refuses the payload.
    pub needed: Option<&'static str>,
}

/// Returns the fixtures of payloads that a vendor sends, with the reader and the required leaf that `how` returns.
pub fn answers(
    documented: &[&'static Fixture],
    how: impl Fn(&'static Fixture) -> (Read, Option<&'static str>),
) -> Vec<Answer> {
    let sent =
        documented.iter().filter(|fixture| fixture.kind != FixtureKind::Request && !fixture.body.is_empty());
    sent.map(|fixture| {
        let (read, needed) = how(fixture);
        Answer { fixture, read, needed }
    })
    .collect()
}

/// Reads a payload, writes it and reads it again.
///
/// # Errors
/// Fails if the payload cannot be read.
///
/// # Panics
/// Panics if the second value differs from the first, or has unknown fields.
pub fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(
    json: &str,
) -> Result<Vec<String>, DecodeFailure> {
    let first = decode::<T>(json.as_bytes())?;
    hides_its_leaves(&first);
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert!(first.value == second.value, "{json}");
    assert!(second.ignored.is_empty(), "{json}");
    Ok(first.ignored)
}

/// Reads a payload without writing it: types that contain secrets do not serialize.
///
/// # Errors
/// Fails if the payload cannot be read.
///
/// # Panics
/// Panics if the value prints a sentinel.
pub fn once<T: DeserializeOwned + Debug>(json: &str) -> Result<Vec<String>, DecodeFailure> {
    let decoded = decode::<T>(json.as_bytes())?;
    hides_its_leaves(&decoded);
    Ok(decoded.ignored)
}

/// What stands in every leaf when a payload is checked for what its type prints.
const SENTINELS: [&str; 2] = ["s3ntinel", "52998224725"];

fn hides_its_leaves(value: &impl Debug) {
    let printed = format!("{value:?}");
    for sentinel in SENTINELS {
        assert!(!printed.contains(sentinel), "{sentinel} was printed: {printed}");
    }
}

/// Checks that no type prints a leaf of its payload: each text becomes one sentinel and each number another.
///
/// # Panics
/// Panics if a type prints one.
pub fn no_leaf_is_printed(answers: &[Answer]) {
    for Answer { fixture, read, .. } in answers {
        let Ok(mut document) = serde_json::from_str::<Value>(fixture.body) else { continue };
        replace_leaves(&mut document);
        // A leaf that must be known may refuse the sentinel.
        let _ = read(&document.to_string());
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
///
/// # Panics
/// Panics if one is.
pub fn each_is_read_whole(answers: &[Answer]) {
    for Answer { fixture, read, .. } in answers {
        assert_eq!(read(fixture.body), Ok(Vec::new()), "{}", fixture.name);
    }
}

/// Checks that an unknown key, added to each object in turn, is reported at the paths that `reported` returns for its
/// own path. Returns the number of keys.
///
/// # Panics
/// Panics if one is not.
pub fn injected_keys_are_reported(answers: &[Answer], reported: impl Fn(String) -> Vec<String>) -> usize {
    let mut injected = 0;
    for Answer { fixture, read, .. } in answers {
        for (path, json) in injections(fixture.body) {
            assert_eq!(read(&json), Ok(reported(path)), "{}", fixture.name);
            injected += 1;
        }
    }
    injected
}

/// Checks a thousand edits of each payload: only those that remove the required leaf fail, with an error that names it,
/// and none makes a field unknown.
///
/// # Panics
/// Panics if another edit fails, or one of these does not.
pub fn a_thousand_edits_of_each(answers: &[Answer]) {
    for (number, Answer { fixture, read, needed }) in answers.iter().enumerate() {
        for edit in edits(fixture.body, number as u64, 1000) {
            let Edit { what, path, json } = &edit;
            let kills = *needed == Some(path.as_str()) && matches!(what, What::Missing | What::Null);
            match read(json) {
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
///
/// # Panics
/// Panics if a part of a payload was read.
pub fn cut_anywhere_it_is_a_typed_error(answers: &[Answer]) {
    for Answer { fixture, read, .. } in answers {
        let body = fixture.body.trim_end();
        for end in (0..body.len()).filter(|&end| body.is_char_boundary(end)) {
            assert!(read(&body[..end]).is_err(), "{} cut at {end}", fixture.name);
        }
    }
}
