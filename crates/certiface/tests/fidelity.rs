//! Every documented response with changes that the vendor may make: new fields are reported, odd values are kept.

use certiface::kyc_core::ErrorKind;
use kyc_fixtures::certiface as documented;
use test_support::fidelity::{self, Answer};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{APPKEY, client, encrypted, journey};

fn answers() -> Vec<Answer> {
    fidelity::answers(env!("CARGO_PKG_NAME"), crate::coverage::reader)
}

#[test]
fn every_answer_is_read_whole() {
    fidelity::each_is_read_whole(&answers());
}

#[test]
fn no_leaf_is_printed() {
    fidelity::no_leaf_is_printed(&answers());
}

#[test]
fn an_injected_key_is_reported_at_its_path() {
    let answers = answers();
    let injected = fidelity::injected_keys_are_reported(&answers, |path| vec![path]);
    assert!(injected >= answers.len() * 2, "{injected}");
}

#[test]
fn a_thousand_edits_of_each() {
    fidelity::a_thousand_edits_of_each(&answers());
}

#[test]
fn cut_anywhere_it_is_a_typed_error() {
    fidelity::cut_anywhere_it_is_a_typed_error(&answers());
}

/// An encrypted response is readable only if nothing but padding is missing.
#[tokio::test]
async fn an_encrypted_answer_cut_anywhere_is_a_typed_error() {
    let whole = encrypted(APPKEY, documented::CHALLENGE_200.body);
    // Each cut is sent once, with and without the closing quote.
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

/// One changed character garbles two blocks: the response is a value or a typed error.
#[tokio::test]
async fn an_encrypted_answer_garbled_anywhere_never_panics() {
    let whole = encrypted(APPKEY, documented::CHALLENGE_200.body);
    let server = MockServer::start().await;
    let count = whole.len();
    let position = std::sync::atomic::AtomicUsize::new(0);
    let garble = move |_: &Request| {
        let at = position.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
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
