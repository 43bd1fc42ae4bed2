//! Every documented answer and event as the vendor may change it tomorrow: what is new is reported, what is odd is kept.

use std::fmt::Debug;

use bankly_kyc::core::{DecodeFailure, OneOrMany, decode};
use bankly_kyc::{
    Analysis, CertificateResponse, ErrorBody, Event, Listing, Message, RegisterResponse, TokenResponse,
    UploadResponse, WebhookConfiguration,
};
use kyc_fixtures::{Fixture, Kind, bankly_kyc as documented};
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
    assert!(first.value == second.value, "{json}");
    assert!(second.ignored.is_empty());
    Ok(first.ignored)
}

/// What holds a secret is never written, only read.
fn once<T: DeserializeOwned>(json: &str) -> Result<Vec<String>, DecodeFailure> {
    decode::<T>(json.as_bytes()).map(|decoded| decoded.ignored)
}

/// The fixtures that hold JSON, how each is read, and the leaf without which it means nothing.
fn answers() -> impl Iterator<Item = (&'static Fixture, Read, Option<&'static str>)> {
    let is_answer = |fixture: &&&Fixture| fixture.kind != Kind::Request && !fixture.body.is_empty();
    documented::ALL.iter().filter(is_answer).map(|fixture| {
        let (read, needed): (Read, _) = match (fixture.operation, fixture.status) {
            (_, Some(400..)) => (round::<ErrorBody>, None),
            ("token" | "legacy-token", _) => (once::<TokenResponse>, Some("access_token")),
            ("register", _) => (once::<RegisterResponse>, Some("client_id")),
            ("certificate", _) => (once::<CertificateResponse>, None),
            ("upload" | "upload-deepface" | "upload-company", _) => (round::<UploadResponse>, None),
            ("status", _) => (round::<OneOrMany<Analysis>>, None),
            ("document-was-received" | "document-was-processed", None) => (round::<OneOrMany<Event>>, None),
            ("webhook-create" | "webhook-list" | "webhook-get", _) => {
                (round::<Listing<WebhookConfiguration>>, None)
            }
            ("messages" | "message-resend", _) => (round::<Listing<Message>>, None),
            other => panic!("{other:?}"),
        };
        (*fixture, read, needed)
    })
}

/// Where a list begins the path, as failures and reports spell it.
fn plain(path: &str) -> String {
    path.replace("[].", ".").replace("[]", "").trim_start_matches('.').to_owned()
}

#[test]
fn every_answer_is_read_whole() {
    for (fixture, read, _) in answers() {
        assert_eq!(read(fixture.body), Ok(Vec::new()), "{}", fixture.name);
    }
    assert!(answers().count() >= 75, "{}", answers().count());
}

#[test]
fn an_injected_key_is_reported_at_its_path() {
    let mut injected = 0;
    for (fixture, read, _) in answers() {
        for (path, json) in injections(fixture.body) {
            // What can be done next is kept as it came, whatever it is.
            let wanted = if path.starts_with("links") { Vec::new() } else { vec![path] };
            assert_eq!(read(&json), Ok(wanted), "{}", fixture.name);
            injected += 1;
        }
    }
    assert!(injected >= 250, "{injected}");
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
                    assert!(
                        plain(&failure.path) == plain(path) || missing,
                        "{}: {edit:?} {failure:?}",
                        fixture.name
                    );
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
