//! Every documented answer as the vendor may change it tomorrow: what is new is reported, what is odd is kept.

use std::fmt::Debug;

use certiface::core::{DecodeFailure, Kind as ErrorKind, decode};
use certiface::{
    AppkeyResponse, Challenge, Completion, CredentialResponse, DocumentResponse, ErrorBody, FortfaceSession,
    Initialization, JourneyResult, LivenessResponse, Refusal, SessionToken, StatusUpdate,
};
use kyc_fixtures::{Fixture, Kind, certiface as documented};
use serde::Serialize;
use serde::de::DeserializeOwned;
use test_support::{Edit, What, edits, injections};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{APPKEY, client, journey, scrambled};

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

/// The token is never written, so a credential is only read.
fn once(json: &str) -> Result<Vec<String>, DecodeFailure> {
    decode::<CredentialResponse>(json.as_bytes()).map(|decoded| decoded.ignored)
}

/// The fixtures that hold JSON, how each is read, and the leaf without which it means nothing.
fn answers() -> impl Iterator<Item = (&'static Fixture, Read, Option<&'static str>)> {
    documented::ALL.iter().filter(|fixture| fixture.kind != Kind::Request && !fixture.body.is_empty()).map(
        |fixture| {
            let (read, needed): (Read, _) = match (fixture.operation, fixture.status) {
                ("credencial", Some(200)) => (once, Some("token")),
                ("appkey", Some(200)) => (round::<AppkeyResponse>, Some("appkey")),
                ("challenge", Some(200)) => (round::<Challenge>, None),
                ("session-token", Some(200)) => (round::<SessionToken>, None),
                ("initialize", Some(200)) => (round::<Initialization>, None),
                ("fortface-session-token", Some(200)) => (round::<FortfaceSession>, None),
                ("document" | "document-qrcode", Some(200)) => (round::<DocumentResponse>, None),
                ("result", Some(200)) => (round::<JourneyResult>, None),
                ("appkey", Some(422)) | ("result", Some(400)) => (round::<Refusal>, None),
                ("completion", _) => (round::<Completion>, None),
                ("status-update", _) => (round::<StatusUpdate>, None),
                (_, Some(200)) => (round::<LivenessResponse>, None),
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
            assert_eq!(read(&json), Ok(vec![path]), "{}", fixture.name);
            injected += 1;
        }
    }
    assert!(injected >= answers().count() * 2, "{injected}");
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

/// Scrambled it is read only as long as nothing but padding is gone.
#[tokio::test]
async fn a_scrambled_answer_cut_anywhere_is_a_typed_error() {
    let whole = scrambled(APPKEY, documented::CHALLENGE_200.body);
    // Quotes, base64 in groups of four: each cut is sent once.
    let cuts: Vec<String> = (0..whole.len()).map(|end| whole[..end].to_owned()).collect();
    let closed = cuts.iter().skip(1).map(|cut| format!("{cut}\""));
    let bodies: Vec<String> = cuts.iter().cloned().chain(closed).collect();
    let server = MockServer::start().await;
    let (left, answering) = (std::sync::Mutex::new(bodies.clone().into_iter()), bodies.len());
    let next = move |_: &Request| {
        ResponseTemplate::new(200).set_body_string(left.lock().unwrap().next().unwrap_or_default())
    };
    Mock::given(any()).respond_with(next).mount(&server).await;
    let client = client(&server.uri());
    let mut readable = Vec::new();
    for body in &bodies {
        match journey(&client).challenge().await {
            Ok(_) => readable.push(body.len()),
            Err(error) => {
                assert_eq!((error.kind(), error.http_status()), (ErrorKind::Decode, Some(200)), "{body}");
            }
        }
    }
    assert!(readable.len() < answering / 10, "{readable:?}");
    let padding = 48 / 3 * 4;
    assert!(
        readable.iter().all(|&length| length + padding >= whole.len()),
        "{readable:?} of {}",
        whole.len()
    );
}

/// One letter changed: the rest of the chain is noise, or it is not.
#[tokio::test]
async fn a_scrambled_answer_garbled_anywhere_never_panics() {
    let whole = scrambled(APPKEY, documented::CHALLENGE_200.body);
    let server = MockServer::start().await;
    let count = whole.len();
    let place = std::sync::atomic::AtomicUsize::new(0);
    let garble = move |_: &Request| {
        let at = place.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut body = whole.clone().into_bytes();
        body[at] = if body[at] == b'A' { b'B' } else { b'A' };
        ResponseTemplate::new(200).set_body_bytes(body)
    };
    Mock::given(any()).respond_with(garble).mount(&server).await;
    let client = client(&server.uri());
    for at in 0..count {
        if let Err(error) = journey(&client).challenge().await {
            assert!(matches!(error.kind(), ErrorKind::Decode | ErrorKind::Rejected), "{at}: {error}");
        }
    }
}
