//! Every documented answer as the vendor may change it tomorrow: what is new is reported, what is odd is kept.

use std::fmt::Debug;

use clearsale_facematch::core::{DecodeFailure, decode};
use clearsale_facematch::{ErrorBody, LoginResponse, MatchResponse, Notification, Transaction};
use kyc_fixtures::{Fixture, Kind, clearsale_facematch as documented};
use serde::Serialize;
use serde::de::DeserializeOwned;
use test_support::{Edit, What, edits, injections};

/// What was ignored, or the failure. A value that decodes is written and read again, and must be the same.
type Read = fn(&str) -> Result<Vec<String>, DecodeFailure>;

fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(
    json: &str,
) -> Result<Vec<String>, DecodeFailure> {
    let first = decode::<T>(json.as_bytes())?;
    let written = serde_json::to_vec(&first.value).unwrap();
    let second = decode::<T>(&written).unwrap();
    assert_eq!(first.value, second.value, "{json}");
    assert!(second.ignored.is_empty());
    Ok(first.ignored)
}

/// The token is never written, so a login is only read.
fn once(json: &str) -> Result<Vec<String>, DecodeFailure> {
    decode::<LoginResponse>(json.as_bytes()).map(|decoded| decoded.ignored)
}

/// The fixtures that hold JSON, how each is read, and the leaf without which it means nothing.
fn answers() -> impl Iterator<Item = (&'static Fixture, Read, Option<&'static str>)> {
    documented::ALL.iter().filter(|fixture| fixture.kind != Kind::Request && !fixture.body.is_empty()).map(
        |fixture| {
            let (read, needed): (Read, _) = match (fixture.operation, fixture.status) {
                ("login", Some(200)) => (once, Some("access_token")),
                ("match2d-2d", Some(200)) => (round::<MatchResponse>, Some("transactionId")),
                ("match2d-2d-query", Some(200)) => (round::<Transaction>, None),
                ("webhook", _) => (round::<Notification>, None),
                _ => (round::<ErrorBody>, None),
            };
            (*fixture, read, needed)
        },
    )
}

#[test]
fn an_injected_key_is_reported_at_its_path() {
    let mut injected = 0;
    for (fixture, read, _) in answers() {
        for (path, json) in injections(fixture.body) {
            let found = read(&json);
            if path.starts_with("errors.") {
                // A map by field name: any key belongs there. That its value is no message is reported.
                assert_eq!(found, Ok(vec![format!("{path}.inner")]), "{}", fixture.name);
            } else {
                assert_eq!(found, Ok(vec![path]), "{}", fixture.name);
            }
            injected += 1;
        }
    }
    assert!(injected >= answers().count(), "{injected}");
}

#[test]
fn a_thousand_edits_of_each() {
    for (number, (fixture, read, needed)) in answers().enumerate() {
        for edit in edits(fixture.body, number as u64, 1000) {
            let Edit { what, path, json } = &edit;
            let kills = needed == Some(path.as_str()) && matches!(what, What::Missing | What::Null);
            match read(json) {
                Ok(ignored) => {
                    assert!(!kills, "{}: {edit:?}", fixture.name);
                    assert!(ignored.is_empty(), "{}: {edit:?}", fixture.name);
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

/// No edit, no garbage and no cut makes a panic.
#[test]
fn cut_anywhere_it_is_a_typed_error() {
    for (fixture, read, _) in answers() {
        let body = fixture.body.trim_end();
        for end in (0..body.len()).filter(|&end| body.is_char_boundary(end)) {
            assert!(read(&body[..end]).is_err(), "{} cut at {end}", fixture.name);
        }
    }
}
