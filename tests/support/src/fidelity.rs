//! Every documented answer as the vendor may change it tomorrow: what is new is reported, what is odd is kept, and what
//! is no answer any more is a typed error.

use std::fmt::Debug;

use kyc_core::{DecodeFailure, decode};
use kyc_fixtures::{Fixture, FixtureKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Edit, What, edits, injections};

/// Reads a payload as one type: what was ignored, or the failure.
pub type Read = fn(&str) -> Result<Vec<String>, DecodeFailure>;

/// A documented payload and how it is read.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The payload.
    pub fixture: &'static Fixture,
    /// As which type.
    pub read: Read,
    /// The leaf without which it means nothing.
    pub needed: Option<&'static str>,
}

/// The fixtures that hold what a vendor sends, each with what `how` says of it.
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

/// Reads it, writes it and reads that again, which must be the same.
///
/// # Errors
/// It cannot be read.
///
/// # Panics
/// What was written is another value, or not known in each of its fields.
pub fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(
    json: &str,
) -> Result<Vec<String>, DecodeFailure> {
    let first = decode::<T>(json.as_bytes())?;
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert!(first.value == second.value, "{json}");
    assert!(second.ignored.is_empty(), "{json}");
    Ok(first.ignored)
}

/// Reads it only: what holds a secret is never written.
///
/// # Errors
/// It cannot be read.
pub fn once<T: DeserializeOwned>(json: &str) -> Result<Vec<String>, DecodeFailure> {
    decode::<T>(json.as_bytes()).map(|decoded| decoded.ignored)
}

/// As it is documented, nothing in it is unknown.
///
/// # Panics
/// Something is.
pub fn each_is_read_whole(answers: &[Answer]) {
    for Answer { fixture, read, .. } in answers {
        assert_eq!(read(fixture.body), Ok(Vec::new()), "{}", fixture.name);
    }
}

/// A key that no vendor has, once in each object, is reported as `reported` says of its path: at it, unless there is a
/// reason. Returns how many there were.
///
/// # Panics
/// It is not.
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

/// A thousand edits of each: only that of the leaf that is needed is an error, which names it, and none hides anything.
///
/// # Panics
/// Another one is, or that one is none.
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

/// Cut anywhere it is a typed error, and nothing panics.
///
/// # Panics
/// A piece of it was read.
pub fn cut_anywhere_it_is_a_typed_error(answers: &[Answer]) {
    for Answer { fixture, read, .. } in answers {
        let body = fixture.body.trim_end();
        for end in (0..body.len()).filter(|&end| body.is_char_boundary(end)) {
            assert!(read(&body[..end]).is_err(), "{} cut at {end}", fixture.name);
        }
    }
}
