//! The events: signature, content and the waits that they end; and the operations that manage webhooks.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use WebhookError::{MissingHeader, NoUrl, TimestampOutOfTolerance, WrongSignature};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use bankly_kyc::kyc_core::{
    Clock, Cpf, Date, Delivery, ErrorKind, OperationId, RedactedText, Timestamp, Trust, VirtualClock, Wake,
    WebhookError, WebhookEvent, WebhookRequest, WebhookSource,
};
use bankly_kyc::{
    Analysis, AnalysisStatus, Client, Event, EventName, ImageToken, KeyReading, Liveness, LivenessStatus,
    Message, MessageState, NewWebhook, Onboarding, Place, Verdict, Webhook, WebhookConfiguration,
    WebhookTarget,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kyc_fixtures::{FixtureKind, bankly_kyc as documented};
use kyc_sandbox::bankly::{KeyReading as Signing, Operation, TEST_CPFS, TestOutcome};
use kyc_sandbox::{DeliveryState, Sandbox};
use sha2::Sha256;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::{back, cpf, front, sandboxed, selfie, until};

const MINUTE: Duration = Duration::from_secs(60);

/// The example of our page. The vendor has none.
const PRIVATE_KEY: &str = "dGVzdGU=";
const PUBLIC_KEY: &str = "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1";
const URL: &str = "https://hooks.example.com/bankly?x=1";
const NONCE: &str = "972004b06b6b443d8ed71630c9430048";
const SENT: i64 = 1_615_331_979;
const BODY: &str = r#"{"name":"DOCUMENT_WAS_RECEIVED"}"#;
const BY_DECODED: &str = "YEQfoqbJlrco8VgsFvnP5mLsdH1+7ZfoErTa3pk0k+c=";
/// The headers that the signature needs, as the refusal names them.
const AUTHENTICATING: [&str; 4] = ["authorization", "publickey", "nonce", "requesttimestamp"];
const BY_TEXT: &str = "iWau8AAMgONgHisSS3UEnf3B5zbPesQn0Cm427oft3s=";

/// A clock that stands still at this second.
#[derive(Clone, Copy, Debug)]
struct At(i64);

#[async_trait::async_trait]
impl Clock for At {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.0).unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending().await
    }
}

fn webhook() -> Webhook {
    Webhook::new(PRIVATE_KEY).unwrap().clock(At(SENT))
}

fn headers(signature: &str) -> Vec<(&'static str, String)> {
    vec![
        ("authorization", format!("hmac {signature}")),
        ("publicKey", PUBLIC_KEY.to_owned()),
        ("nonce", NONCE.to_owned()),
        ("requestTimestamp", SENT.to_string()),
        ("idempotency-Key", "d3a2e330-b42b-46b7-ae8e-f0942b5271fd".to_owned()),
    ]
}

fn with(name: &'static str, value: &str) -> WebhookRequest {
    let mut headers = headers(BY_DECODED);
    headers.retain(|(known, _)| *known != name);
    headers.push((name, value.to_owned()));
    WebhookRequest::new(headers, BODY).at_url(URL)
}

/// Signs a body independently of the crate. The decoded private key is `teste`.
fn signed(body: &str) -> WebhookRequest {
    let url = "https%3a%2f%2fhooks.example.com%2fbankly%3fx%3d1";
    let text = format!("{PUBLIC_KEY}&{url}&{SENT}&{NONCE}&{}", STANDARD.encode(body));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"teste").unwrap();
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    WebhookRequest::new(headers(&signature), body.to_owned()).at_url(URL)
}

fn received(body: &str) -> Vec<WebhookEvent> {
    webhook().receive(&signed(body)).unwrap()
}

fn one(body: &str) -> WebhookEvent {
    let mut events = received(body);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn is_refused(webhook: &Webhook, request: &WebhookRequest, reason: WebhookError, what: &str) {
    let refused = webhook.receive(request).unwrap_err();
    assert_eq!((refused, refused.http_status()), (reason, 401), "{what}");
    // The head tells everything but a wrong signature.
    let by_the_head = if reason == WrongSignature { Ok(()) } else { Err(reason) };
    assert_eq!(webhook.check_sender(request), by_the_head, "{what}");
}

#[test]
fn a_sender_is_checked_before_the_body_is_read() {
    let head = |headers: Vec<(&'static str, String)>| WebhookRequest::new(headers, "").at_url(URL);
    let check = |now: i64, head: &WebhookRequest| {
        Webhook::new(PRIVATE_KEY).unwrap().clock(At(now)).check_sender(head)
    };
    let good = head(headers(BY_DECODED));
    assert_eq!(check(SENT, &good), Ok(()));
    for away in [301, -301, 86_400] {
        assert_eq!(check(SENT + away, &good), Err(TimestampOutOfTolerance), "{away} s");
    }
    assert_eq!(check(SENT, &head(headers("not base64!"))), Err(MissingHeader("authorization")));
    assert_eq!(check(SENT, &head(Vec::new())), Err(MissingHeader("authorization")));
    assert_eq!(check(SENT, &WebhookRequest::new(headers(BY_DECODED), "")), Err(NoUrl));
}

#[test]
fn the_signature_of_our_page_in_both_readings() {
    let reading = |reading| Webhook::with_reading(PRIVATE_KEY, reading).unwrap().clock(At(SENT));
    for (signature, by_decoded, by_text) in [(BY_DECODED, true, false), (BY_TEXT, false, true)] {
        let request = WebhookRequest::new(headers(signature), BODY).at_url(URL);
        assert!(webhook().receive(&request).is_ok());
        assert_eq!(reading(KeyReading::Decoded).receive(&request).is_ok(), by_decoded);
        assert_eq!(reading(KeyReading::Text).receive(&request).is_ok(), by_text);
    }
    assert_eq!((webhook().trust(), webhook().accepted_status()), (Trust::Signed, 200));
}

#[test]
fn a_changed_missing_or_repeated_part_is_refused() {
    let whole = |body: &str, url: &str| WebhookRequest::new(headers(BY_DECODED), body.to_owned()).at_url(url);
    let (good, webhook) = (whole(BODY, URL), webhook());
    assert!(webhook.receive(&good).is_ok());

    for place in 0..BODY.len() {
        let mut body = BODY.as_bytes().to_vec();
        body[place] ^= 1;
        let changed = WebhookRequest::new(headers(BY_DECODED), body).at_url(URL);
        is_refused(&webhook, &changed, WrongSignature, &format!("byte {place}"));
    }
    for body in ["", &BODY[..BODY.len() - 1], &format!("{BODY}\n"), &format!(" {BODY}")] {
        is_refused(&webhook, &whole(body, URL), WrongSignature, body);
    }
    for url in [
        "",
        "https://hooks.example.com/bankly",
        "https://hooks.example.com/bankly?x=2",
        "https://hooks.example.com/bankly/?x=1",
        "https://hooks.example.com:443/bankly?x=1",
        "http://hooks.example.com/bankly?x=1",
        "https://other.example.com/bankly?x=1",
        "/bankly?x=1",
    ] {
        is_refused(&webhook, &whole(BODY, url), WrongSignature, url);
    }
    is_refused(&webhook, &WebhookRequest::new(headers(BY_DECODED), BODY), NoUrl, "no URL");

    for ((missing, _), reported) in headers("").iter().zip(AUTHENTICATING) {
        let headers: Vec<_> = headers(BY_DECODED).into_iter().filter(|(name, _)| name != missing).collect();
        is_refused(
            &webhook,
            &WebhookRequest::new(headers, BODY).at_url(URL),
            MissingHeader(reported),
            missing,
        );
    }
    for ((twice, value), reported) in headers(BY_DECODED).into_iter().zip(AUTHENTICATING) {
        let mut headers = headers(BY_DECODED);
        headers.push((twice, value));
        is_refused(&webhook, &WebhookRequest::new(headers, BODY).at_url(URL), MissingHeader(reported), twice);
    }
}

#[test]
fn a_malformed_or_wrong_signature_is_refused() {
    let webhook = webhook();
    let hex: String = STANDARD.decode(BY_DECODED).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    for malformed in [
        String::new(),
        "hmac".to_owned(),
        "hmac ".to_owned(),
        format!("hmac{BY_DECODED}"),
        BY_DECODED.to_owned(),
        format!("Bearer {BY_DECODED}"),
        format!("hmac {}", STANDARD.encode([])),
        format!("hmac {BY_DECODED} {BY_DECODED}"),
    ] {
        is_refused(&webhook, &with("authorization", &malformed), MissingHeader("authorization"), &malformed);
    }
    for wrong in [
        format!("hmac {hex}"),
        format!("hmac {}", &BY_DECODED[..40]),
        format!("hmac {}", BY_DECODED.to_lowercase()),
        format!("hmac {}", STANDARD.encode([0; 32])),
    ] {
        is_refused(&webhook, &with("authorization", &wrong), WrongSignature, &wrong);
    }
    is_refused(&webhook, &with("publicKey", "another"), WrongSignature, "another public key");
    is_refused(&webhook, &with("nonce", "another"), WrongSignature, "another nonce");
    for time in [SENT + 1, SENT - 1] {
        is_refused(&webhook, &with("requestTimestamp", &time.to_string()), WrongSignature, "another time");
    }
    for time in ["", "now", "1615331979.0", "2021-03-09T23:19:39Z", "99999999999999999999"] {
        is_refused(&webhook, &with("requestTimestamp", time), MissingHeader("requesttimestamp"), time);
    }
    let other = Webhook::new("b3V0cm8=").unwrap().clock(At(SENT));
    is_refused(&other, &with("nonce", NONCE), WrongSignature, "another key");
    // The scheme is case-insensitive, as in HTTP.
    assert!(webhook.receive(&with("authorization", &format!("HMAC {BY_DECODED}"))).is_ok());
}

/// Within the tolerance a replay is authentic: the event's id identifies it.
#[test]
fn a_replay_has_the_same_key() {
    let body = event("DOCUMENT_WAS_PROCESSED", "key-2", "ANALYSIS_COMPLETED");
    let (webhook, request) = (webhook(), signed(&body));
    for _ in 0..3 {
        assert_eq!(webhook.receive(&request).unwrap()[0].event_id.as_deref(), Some("key-2"));
    }
    // The key in a header is not signed, so it does not change the event's id.
    let mut headers = headers("");
    headers[4].1 = "another".to_owned();
    headers[0].1 = String::from_utf8(request.header("authorization").unwrap().to_vec()).unwrap();
    let relabelled = WebhookRequest::new(headers, body).at_url(URL);
    assert_eq!(webhook.receive(&relabelled).unwrap()[0].event_id.as_deref(), Some("key-2"));
}

#[test]
fn an_event_is_refused_outside_the_tolerance() {
    let at = |now: i64, window: Option<u64>| {
        let webhook = Webhook::new(PRIVATE_KEY).unwrap().clock(At(now));
        let webhook = match window {
            Some(seconds) => webhook.window(Duration::from_secs(seconds)),
            None => webhook,
        };
        webhook.receive(&with("nonce", NONCE)).map(drop)
    };
    let late = Err(TimestampOutOfTolerance);
    for (away, outcome) in
        [(0, Ok(())), (300, Ok(())), (-300, Ok(())), (301, late), (-301, late), (86_400, late)]
    {
        assert_eq!(at(SENT + away, None), outcome, "{away} s");
    }
    assert_eq!((at(SENT + 301, Some(600)), at(SENT + 301, Some(300))), (Ok(()), late));
    assert_eq!((at(SENT, Some(0)), at(SENT + 1, Some(0))), (Ok(()), late));
}

#[test]
fn an_empty_or_unreadable_key_is_refused() {
    for key in ["", " ", "\n"] {
        let error = Webhook::new(key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }
    let error = Webhook::with_reading("n0 base64!", KeyReading::Decoded).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(!error.to_string().contains("n0"), "{error}");
    for reading in [KeyReading::Text, KeyReading::Either] {
        assert!(Webhook::with_reading("n0 base64!", reading).is_ok());
    }
    // A key from a file usually ends with a line break.
    let pasted = Webhook::new(format!(" {PRIVATE_KEY}\n")).unwrap().clock(At(SENT));
    for signature in [BY_DECODED, BY_TEXT] {
        assert!(pasted.receive(&WebhookRequest::new(headers(signature), BODY).at_url(URL)).is_ok());
    }
}

/// Every event of the vendor's page as printed, most of them in an array of one.
#[test]
fn every_documented_event_is_read() {
    let mut count = 0;
    for fixture in documented::ALL.iter().filter(|fixture| fixture.kind == FixtureKind::Webhook) {
        for event in received(fixture.body) {
            count += 1;
            let told = Event::try_from(&event.payload).unwrap();
            let key = told.idempotency_key.as_ref().unwrap().as_str();
            assert_eq!(
                (event.trust, event.event_id.as_deref()),
                (Trust::Signed, Some(key)),
                "{}",
                fixture.name
            );
            assert!(webhook().event_types().contains(&event.event_type), "{}", fixture.name);
            let data = told.data.as_ref().unwrap();
            let person = told.metadata.as_ref().unwrap().customer_document.as_ref().unwrap().get().unwrap();
            let id = data.token.as_ref().unwrap().operation_id(person);
            assert_eq!(event.operations.first(), Some(&id), "{}", fixture.name);
            assert_eq!(event.subject.as_deref(), data.token.as_ref().map(ImageToken::as_str));
            assert_eq!(event.person.as_ref(), Some(person), "{}", fixture.name);
            for hidden in [key, data.token.as_ref().unwrap().as_str(), person.digits()] {
                assert!(!format!("{event:?}").contains(hidden), "{}", fixture.name);
            }
            // The page calls the entity's id the token. One example has another one there.
            let entity = ImageToken::new(told.entity_id.as_ref().unwrap().as_str()).operation_id(person);
            assert!(event.operations.contains(&entity), "{}", fixture.name);
            let is_final = data.is_final();
            assert_eq!(event.is_final, is_final, "{}", fixture.name);
            match told.name.clone().unwrap() {
                EventName::DocumentWasReceived => assert!(!is_final, "{}", fixture.name),
                _ => assert!(is_final, "{}", fixture.name),
            }
            let data = data.clone();
            let stranger = data.token.as_ref().unwrap().operation_id(&cpf());
            assert_eq!(told.clone().wake(&stranger), None, "{}", fixture.name);
            assert_eq!(told.wake(&id), is_final.then_some(Wake::Result(data)), "{}", fixture.name);
        }
    }
    assert!(count >= 25, "{count}");
}

fn event(name: &str, key: &str, status: &str) -> String {
    format!(
        r#"{{"idempotencyKey":"{key}","name":"{name}","metadata":{{"customerDocument":"52998224725"}},
            "data":{{"token":"T-1","documentType":"SELFIE","status":"{status}"}}}}"#
    )
}

#[test]
fn every_id_that_an_event_names_wakes() {
    let analysis = r#""documentType":"SELFIE","status":"ANALYSIS_COMPLETED","liveness":{"status":"LIVENESS_FOUND"},"faceDetails":{"status":"DETECTED_FACE"}"#;
    let event = |ids: &str, document: &str, data: &str| {
        format!(
            r#"{{{ids}"idempotencyKey":"k","name":"DOCUMENT_WAS_PROCESSED","metadata":{{"customerDocument":{document}}},"data":{data}}}"#
        )
    };
    let both = |data: &str| format!(r#"{{"token":"T-1",{data}}}"#);
    let bare = format!("{{{analysis}}}");
    let id = |token: &str| ImageToken::new(token).operation_id(&cpf());
    for (json, woken, is_answer) in [
        // A blank behind the CPF, other spellings of it, and blanks around tokens.
        (event("", "\"52998224725 \"", &both(analysis)), "T-1", true),
        (event("", "\" 529.982.247-25\"", &both(analysis)), "T-1", true),
        (event("", "52998224725", &both(analysis)), "T-1", true),
        (event(r#""entityId":" T-1 ","#, "\"52998224725\"", &both(analysis)), "T-1", true),
        // Only the entity's id.
        (event(r#""entityId":"T-2","#, "\"52998224725\"", &bare), "T-2", true),
        (
            event(r#""entityId":"T-2","#, "\"52998224725\"", r#"{"token":" ","status":"UNEXPECTED_ERROR"}"#),
            "T-2",
            true,
        ),
        (event(r#""entityId":"T-2","#, "\"52998224725\"", "null"), "T-2", false),
        // Two ids: whose analysis it is is not certain.
        (event(r#""entityId":"T-2","#, "\"52998224725\"", &both(analysis)), "T-1", false),
        (event(r#""entityId":"T-2","#, "\"52998224725\"", &both(analysis)), "T-2", false),
        // An unread status or CPF is no reason to let a wait sleep.
        (event("", "\"52998224725\"", r#"{"token":"T-1","status":{"a":1}}"#), "T-1", false),
        (event("", "\"???\"", &both(analysis)), "T-1", false),
        (event("", "\"52998224725\"", &both(&analysis.replace("LIVENESS_FOUND", "TALVEZ"))), "T-1", false),
    ] {
        let received = one(&json);
        assert!(received.is_final, "{json}");
        assert!(received.concerns(&id(woken)) || json.contains("???"), "{json}");
        match Event::try_from(&received.payload).unwrap().wake(&id(woken)) {
            Some(Wake::Result(analysis)) => {
                assert!(is_answer, "{json}");
                assert_eq!(analysis.token, Some(ImageToken::new(woken)));
            }
            other => assert_eq!((other, is_answer), (Some(Wake::Query), false), "{json}"),
        }
        assert_eq!(Event::try_from(&received.payload).unwrap().wake(&id("T-3")), None);
        let stranger = ImageToken::new(woken).operation_id(&Cpf::parse("92000000100").unwrap());
        assert!(
            Event::try_from(&received.payload).unwrap().wake(&stranger).is_none() || json.contains("???"),
            "{json}"
        );
    }
}

/// A state that returns is another event, while a repeated delivery is not.
#[test]
fn a_state_that_returns_is_not_a_duplicate() {
    let states =
        [("k-1", "ANALYZING"), ("k-2", "ANALYSIS_COMPLETED"), ("k-3", "ANALYZING"), ("k-1 ", "ANALYZING")];
    for ((key, status), id) in states.iter().zip(["k-1", "k-2", "k-3", "k-1"]) {
        let event = one(&event("DOCUMENT_WAS_PROCESSED", key, status));
        assert_eq!((event.event_id.as_deref(), event.subject.as_deref()), (Some(id), Some("T-1")));
    }
    // Without a key the content tells events about one image apart, and the wait wakes nevertheless.
    let keyless = one(&event("DOCUMENT_WAS_PROCESSED", " ", "UNEXPECTED_ERROR"));
    assert_eq!((keyless.event_id.as_deref(), keyless.subject.as_deref()), (None, Some("T-1")));
    assert!(keyless.is_final && keyless.operations.len() == 1);
    assert_eq!(keyless.event_type, "document-was-processed");
}

/// Signs bytes that are not UTF-8.
fn signed_bytes(body: &[u8], content_type: &str) -> WebhookRequest {
    let url = "https%3a%2f%2fhooks.example.com%2fbankly%3fx%3d1";
    let text = format!("{PUBLIC_KEY}&{url}&{SENT}&{NONCE}&{}", STANDARD.encode(body));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"teste").unwrap();
    mac.update(text.as_bytes());
    let mut headers = headers(&STANDARD.encode(mac.finalize().into_bytes()));
    headers.push(("content-type", content_type.to_owned()));
    WebhookRequest::new(headers, body.to_vec()).at_url(URL)
}

#[test]
fn lists_of_events_in_other_encodings() {
    let good = event("DOCUMENT_WAS_PROCESSED", "key-2", "ANALYSIS_COMPLETED");
    let named = good.replacen('{', "{\"companyKey\":\"JO\u{c3}O\",", 1);
    let latin =
        |text: &str| text.chars().map(|one| u8::try_from(u32::from(one)).unwrap()).collect::<Vec<_>>();
    let list = format!("[{named},{named}]");
    let utf16: Vec<u8> = format!("\u{feff}{list}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (body, content_type) in [
        (format!("\u{feff}{list}").into_bytes(), "application/json"),
        (format!("\u{feff} \n{list}\n").into_bytes(), "application/json; charset=utf-8"),
        (latin(&list), "application/json;charset=ISO-8859-1"),
        (latin(&list), "application/json"),
        (utf16, "application/json"),
        (list.replace("key-2", "key-2\\ud83d").replace("\\ud83d", "").into_bytes(), ""),
    ] {
        let events = webhook().receive(&signed_bytes(&body, content_type)).unwrap();
        assert_eq!(events.len(), 2, "{content_type}");
        for event in events {
            assert_eq!((event.event_id.as_deref(), event.is_final), (Some("key-2"), true), "{content_type}");
            assert_eq!(Event::try_from(&event.payload).unwrap().company_key, Some("JO\u{c3}O".into()));
        }
    }
    // One event alone.
    let alone = webhook().receive(&signed_bytes(&latin(&named), "application/json;charset=latin1")).unwrap();
    assert_eq!(Event::try_from(&alone[0].payload).unwrap().company_key, Some("JO\u{c3}O".into()));
    let lone = good.replacen('{', "{\"companyKey\":\"a\\ud83d\tb\",", 1);
    let event = one(&format!("[{lone}]"));
    assert_eq!(event.event_id.as_deref(), Some("key-2"), "a lone surrogate and a raw tab");
}

/// The size is checked before anything else.
#[test]
fn a_request_that_is_too_large_is_refused() {
    let big = "x".repeat(4 * 1024 * 1024 + 1);
    for request in [signed(&big), WebhookRequest::new([("a", "b")], big.clone())] {
        let refused = webhook().receive(&request).unwrap_err();
        assert_eq!((refused, refused.http_status()), (WebhookError::TooLarge, 413));
    }
}

#[test]
fn several_events_come_at_once() {
    let (first, second) = (
        event("DOCUMENT_WAS_RECEIVED", "key-1", "ANALYZING"),
        event("DOCUMENT_WAS_PROCESSED", "key-2", "UNEXPECTED_ERROR"),
    );
    let alone = [one(&first), one(&second)];
    let together = received(&format!("[{first}, {second}, {first}]"));
    let ids: Vec<_> = together.iter().filter_map(|event| event.event_id.as_deref()).collect();
    assert_eq!(ids, ["key-1", "key-2", "key-1"]);
    for (event, alone) in together.iter().zip(&alone) {
        assert_eq!(event.payload.expose(), alone.payload.expose(), "its own text only");
        assert_eq!((event.is_final, &event.operations), (alone.is_final, &alone.operations));
    }
    assert!(received("[]").is_empty(), "an empty list has no events");
}

/// An unreadable event is kept and does not affect the others of its list.
#[test]
fn an_authentic_but_unreadable_event_is_kept() {
    for garbage in ["", "{}", "<html>", "null", "["] {
        let event = one(garbage);
        let kept = (event.is_final, event.operations.len(), event.payload.expose());
        assert_eq!(kept, (false, 0, garbage.as_bytes()));
        assert_eq!((event.event_type, event.event_id, event.subject), (WebhookEvent::UNREADABLE, None, None));
    }
    let good = event("DOCUMENT_WAS_PROCESSED", "key-2", "ANALYSIS_COMPLETED");
    let mixed = received(&format!(r#"[7, {good}, {{"idempotencyKey":null}}]"#));
    let finals: Vec<_> = mixed.iter().map(|event| event.is_final).collect();
    assert_eq!(finals, [false, true, false]);
    assert_eq!(mixed[0].payload.expose(), b"7");

    // Neither unknown values nor missing ids make an event unreadable.
    for (body, event_type) in [
        (BODY, "document-was-received"),
        (r#"{"idempotencyKey":{"a":1},"name":["b"]}"#, "other"),
        (r#"{"data":{"token":"T-1"}}"#, "other"),
    ] {
        let event = one(body);
        assert_eq!((event.event_type, event.event_id, event.is_final), (event_type, None, false), "{body}");
    }
    let unknown = one(&event("DOCUMENT_WAS_SHREDDED", "key-3", "ANALYSIS_POSTPONED"));
    assert_eq!((unknown.event_id.as_deref(), unknown.is_final), (Some("key-3"), false));
    assert_eq!(unknown.event_type, "other", "nothing that a sender writes becomes a type");
    let told = Event::try_from(&unknown.payload).unwrap();
    assert_eq!(told.name.as_ref().map(EventName::as_str), Some("DOCUMENT_WAS_SHREDDED"));
    assert_eq!(told.wake(&ImageToken::new("T-1").operation_id(&cpf())), None);
}

#[test]
fn unknown_fields_are_reported_once() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let webhook = webhook().on_unknown_field(move |drift| {
        told.lock().unwrap().push(format!("{}: {}", drift.operation, drift.path))
    });
    for name in ["DOCUMENT_WAS_RECEIVED", "DOCUMENT_WAS_PROCESSED"] {
        let body = event(name, "key", "ANALYZING").replacen('{', r#"{"novo":{"cpf":1},"#, 1);
        for _ in 0..2 {
            assert_eq!(webhook.receive(&signed(&body)).unwrap().len(), 1);
        }
    }
    let wanted = ["document-was-received: novo", "document-was-processed: novo"];
    assert_eq!(*seen.lock().unwrap(), wanted);
}

type Inbox = UnboundedReceiver<WebhookEvent>;

struct Receiver {
    webhook: Webhook,
    /// The URL as it was registered. A server behind a proxy does not see it.
    url: String,
    events: UnboundedSender<WebhookEvent>,
    /// The number of requests that are refused at first.
    failures: AtomicU32,
}

/// Starts a server like a user's and returns its address.
async fn receiver(webhook: Webhook, failures: u32) -> (String, Inbox) {
    async fn handler(
        State(receiver): State<Arc<Receiver>>,
        headers: HeaderMap,
        body: axum::body::Bytes,
    ) -> StatusCode {
        if receiver.failures.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return StatusCode::SERVICE_UNAVAILABLE;
        }
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let request = WebhookRequest::new(headers, body).at_url(receiver.url.clone());
        let status = match receiver.webhook.receive(&request) {
            Ok(new) => {
                new.into_iter().for_each(|event| drop(receiver.events.send(event)));
                receiver.webhook.accepted_status()
            }
            Err(error) => error.http_status(),
        };
        StatusCode::from_u16(status).unwrap()
    }
    let (events, inbox) = unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/Hooks/bankly?from=Bankly&to=us", listener.local_addr().unwrap());
    let receiver = Receiver { webhook, url: url.clone(), events, failures: failures.into() };
    let router =
        axum::Router::new().route("/Hooks/bankly", axum::routing::post(handler)).with_state(receiver.into());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, inbox)
}

/// Starts a receiver for all events of a sandbox.
async fn listening(sandbox: &Sandbox, failures: u32) -> Inbox {
    let webhook = Webhook::new(PRIVATE_KEY).unwrap().clock(sandbox.clock());
    let (url, inbox) = receiver(webhook, failures).await;
    sandbox.bankly().register_webhook(&url, PRIVATE_KEY, PUBLIC_KEY).unwrap();
    inbox
}

async fn frozen() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn read(event: &WebhookEvent) -> Event {
    Event::try_from(&event.payload).unwrap()
}

fn name_of(event: &WebhookEvent) -> String {
    read(event).name.unwrap().as_str().to_owned()
}

/// Receives events until one wakes the wait for this image.
async fn wake(inbox: Arc<Mutex<Inbox>>, id: OperationId) -> Wake<Analysis> {
    let mut inbox = inbox.lock().await;
    loop {
        let Some(event) = inbox.recv().await else { std::future::pending().await };
        if let Some(wake) = read(&event).wake(&id) {
            return wake;
        }
    }
}

#[tokio::test]
async fn events_are_signed_in_the_sandbox_s_reading() {
    for (signing, right, wrong) in [
        (Signing::Decoded, KeyReading::Decoded, KeyReading::Text),
        (Signing::Raw, KeyReading::Text, KeyReading::Decoded),
    ] {
        for (reading, taken) in [(right, true), (KeyReading::Either, true), (wrong, false)] {
            let sandbox = frozen().await;
            sandbox.bankly().sign_with(signing);
            let webhook = Webhook::with_reading(PRIVATE_KEY, reading).unwrap().clock(sandbox.clock());
            let (url, mut inbox) = receiver(webhook, 0).await;
            sandbox.bankly().register_webhook(&url, PRIVATE_KEY, PUBLIC_KEY).unwrap();
            let client = sandboxed(&sandbox).build().unwrap();
            client.upload(&cpf(), &selfie()).await.unwrap();
            let tried = || sandbox.bankly().deliveries().iter().any(|one| !one.attempts.is_empty());
            until(tried).await;
            let status = sandbox.bankly().deliveries()[0].attempts[0].http_status;
            assert_eq!(status, Some(if taken { 200 } else { 401 }), "{signing:?} {reading:?}");
            assert_eq!(inbox.try_recv().is_ok(), taken);
        }
    }
}

#[tokio::test]
async fn an_image_has_two_events() {
    let sandbox = frozen().await;
    let mut inbox = listening(&sandbox, 0).await;
    let client = sandboxed(&sandbox).build().unwrap();
    let token = client.upload(&cpf(), &selfie()).await.unwrap().value().token.clone().unwrap();
    let first = inbox.recv().await.unwrap();
    sandbox.clock().advance(MINUTE);
    let second = inbox.recv().await.unwrap();
    assert_eq!([name_of(&first), name_of(&second)], ["DOCUMENT_WAS_RECEIVED", "DOCUMENT_WAS_PROCESSED"]);
    assert_eq!((first.is_final, second.is_final), (false, true));
    assert_ne!(first.event_id, second.event_id);
    assert_eq!((first.event_type, second.event_type), ("document-was-received", "document-was-processed"));
    assert_eq!([&first.subject, &second.subject], [&Some(token.as_str().to_owned()); 2]);
    let id = token.operation_id(&cpf());
    assert!(first.concerns(&id) && second.concerns(&id));
    // The event carries the analysis.
    let queried = client.analysis(&cpf(), &token).await.unwrap().into_inner().unwrap();
    let Some(Wake::Result(analysis)) = read(&second).wake(&id) else { panic!("{second:?}") };
    assert_eq!((analysis.verdict(), &analysis.token), (Verdict::Valid, &Some(token)));
    assert_eq!(queried.verdict(), Verdict::Valid);
}

/// The event and the response of a query have the same findings.
#[tokio::test]
async fn events_and_queries_agree() {
    for test in TEST_CPFS.iter().filter(|test| test.outcome != TestOutcome::ResponseLost) {
        let sandbox = frozen().await;
        let mut inbox = listening(&sandbox, 0).await;
        let person = Cpf::parse(test.cpf).unwrap();
        let client = sandboxed(&sandbox).build().unwrap();
        for image in [selfie(), front(), back()] {
            let token = client.upload(&person, &image).await.unwrap().value().token.clone().unwrap();
            assert!(!inbox.recv().await.unwrap().is_final);
            sandbox.clock().advance(10 * MINUTE);
            let event = read(&inbox.recv().await.unwrap());
            let queried = client.analysis(&person, &token).await.unwrap().into_inner().unwrap();
            let data = event.data.clone().unwrap();
            assert_eq!(data.verdict(), queried.verdict(), "{}", test.what);
            assert_eq!(event.wake(&token.operation_id(&person)), Some(Wake::Result(data.clone())));
            // Only the event has the messages for the person.
            let messages: Vec<_> = data.liveness.iter().flat_map(Liveness::messages).cloned().collect();
            let is_refused =
                data.liveness.is_some_and(|found| found.status != Some(LivenessStatus::LivenessFound));
            assert_eq!(!messages.is_empty(), is_refused, "{}", test.what);
        }
    }
}

#[tokio::test]
async fn events_drive_an_onboarding() {
    let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::from_millis(200)).start().await.unwrap();
    let inbox = Arc::new(Mutex::new(listening(&sandbox, 0).await));
    let mut onboarding = sandboxed(&sandbox).build().unwrap().onboarding(cpf());
    for (place, image) in [(Place::Selfie, selfie()), (Place::Front, front()), (Place::Back, back())] {
        onboarding.upload(&image).await.unwrap();
        let id = onboarding.token(place).unwrap().operation_id(&cpf());
        let waiting = onboarding.wait(place, 10 * MINUTE).unwrap();
        let analysis = waiting.wake_on_each(|| wake(Arc::clone(&inbox), id.clone())).await.unwrap();
        assert_eq!(onboarding.note(&analysis), Verdict::Valid, "{place:?}");
    }
    assert!(onboarding.is_complete());
    // Each upload and each wait queries once; the rest comes from events.
    assert_eq!(sandbox.bankly().status_requests(), 6);
}

#[tokio::test]
async fn an_event_of_another_image_wakes_no_wait() {
    let sandbox = frozen().await;
    let inbox = Arc::new(Mutex::new(listening(&sandbox, 0).await));
    let client = sandboxed(&sandbox).build().unwrap();
    let other = Cpf::parse("92000000100").unwrap();
    let mut onboarding = client.onboarding(cpf());
    onboarding.upload(&selfie()).await.unwrap();
    client.upload(&other, &selfie()).await.unwrap();
    let id = onboarding.token(Place::Selfie).unwrap().operation_id(&cpf());
    let own = Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = Arc::clone(&own);
    let waiting = onboarding.wait(Place::Selfie, MINUTE).unwrap().wake_on_each(move || {
        let (inbox, id, heard) = (Arc::clone(&inbox), id.clone(), Arc::clone(&heard));
        async move {
            loop {
                let Some(event) = inbox.lock().await.recv().await else { std::future::pending().await };
                heard.lock().unwrap().push(event.concerns(&id));
                // Only events of receipt arrive here: none of them is final.
                if let Some(wake) = read(&event).wake(&id) {
                    return wake;
                }
            }
        }
    });
    let ended = tokio::time::timeout(Duration::from_millis(300), waiting.into_future()).await;
    assert!(ended.is_err());
    let own = own.lock().unwrap().clone();
    assert_eq!((own.len(), own.iter().filter(|own| **own).count()), (2, 1));
    assert_eq!(sandbox.bankly().status_requests(), 2, "before the upload, and by the wait");
}

/// An event of receipt that arrives after the final one does not undo the verdict.
#[tokio::test]
async fn the_order_and_repetition_of_events_change_nothing() {
    let sandbox = frozen().await;
    sandbox.bankly().reorder_webhooks(true);
    sandbox.bankly().duplicate_webhooks(true);
    let mut inbox = listening(&sandbox, 0).await;
    let mut onboarding = sandboxed(&sandbox).build().unwrap().onboarding(cpf());
    onboarding.upload(&selfie()).await.unwrap();
    sandbox.clock().advance(MINUTE);
    let mut ids = Vec::new();
    let mut names = Vec::new();
    for _ in 0..4 {
        let event = inbox.recv().await.unwrap();
        let data = read(&event).data.unwrap();
        let verdict = onboarding.note(&data);
        let is_received = data.status == Some(AnalysisStatus::Analyzing);
        assert_eq!(verdict, if is_received { Verdict::Pending } else { Verdict::Valid });
        assert!(is_selfie_valid(&onboarding), "after {}", name_of(&event));
        names.push(name_of(&event));
        ids.push(event.event_id.unwrap());
    }
    let (processed, received) = ("DOCUMENT_WAS_PROCESSED", "DOCUMENT_WAS_RECEIVED");
    assert_eq!(names, [processed, processed, received, received]);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 2, "{ids:?}");
    assert!(sandbox.bankly().deliveries().iter().any(|delivery| delivery.duplicate));
    onboarding.upload(&front()).await.unwrap();
}

/// Returns whether the selfie is recorded as valid, which the front requires.
fn is_selfie_valid(onboarding: &Onboarding) -> bool {
    let stored = serde_json::to_value(onboarding.state()).unwrap();
    stored["selfie"]["standing"] == "Valid"
}

#[tokio::test]
async fn a_failed_delivery_is_repeated() {
    let sandbox = frozen().await;
    let mut inbox = listening(&sandbox, 1).await;
    let client = sandboxed(&sandbox).build().unwrap();
    client.upload(&cpf(), &selfie()).await.unwrap();
    until(|| sandbox.bankly().deliveries().iter().any(|one| one.attempts.len() == 1)).await;
    assert!(inbox.try_recv().is_err());
    // Each attempt is signed anew, so the pause does not exceed the tolerance.
    for _ in 0..10 {
        sandbox.clock().advance(MINUTE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let event = loop {
        let event = inbox.recv().await.unwrap();
        if name_of(&event) == "DOCUMENT_WAS_RECEIVED" {
            break event;
        }
    };
    let id = event.event_id.unwrap();
    let is_it = |one: &kyc_sandbox::Delivery| {
        one.reference == id && one.state == DeliveryState::Delivered && one.attempts.len() == 2
    };
    until(|| sandbox.bankly().deliveries().iter().any(is_it)).await;
}

/// A resent event has the same id.
#[tokio::test]
async fn a_resend_has_the_same_key() {
    let sandbox = frozen().await;
    let mut inbox = listening(&sandbox, 0).await;
    let client = managing(&sandbox);
    client.upload(&cpf(), &selfie()).await.unwrap();
    let first = inbox.recv().await.unwrap();
    let accepted = client.resend(first.event_id.as_deref().unwrap()).await.unwrap();
    assert_eq!(accepted.meta().http_status, 202);
    let second = inbox.recv().await.unwrap();
    assert_eq!(first.event_id, second.event_id);
    assert_eq!(first.operations, second.operations);
    let error = client.resend("00000000-0000-4000-8000-000000000000").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotFound, Delivery::Answered), "{error}");
}

/// Returns a client whose token may also manage webhooks.
fn managing(sandbox: &Sandbox) -> Client {
    let scopes =
        ["kyc.document.write", "kyc.document.read", "webhook.read", "webhook.write", "webhook.delete"];
    sandboxed(sandbox).scopes(scopes).build().unwrap()
}

fn text(text: Option<&RedactedText>) -> &str {
    text.map(RedactedText::as_str).unwrap_or_default()
}

fn registration(name: &str, event: &str, url: &str) -> NewWebhook {
    NewWebhook::new(name, event, url, PUBLIC_KEY, PRIVATE_KEY.to_owned())
}

#[tokio::test]
async fn webhooks_are_registered_listed_changed_and_deleted() {
    let sandbox = frozen().await;
    let client = managing(&sandbox);
    let webhook = Webhook::new(PRIVATE_KEY).unwrap().clock(sandbox.clock());
    let (url, mut inbox) = receiver(webhook, 0).await;
    assert!(client.webhooks(1).await.unwrap().value().is_empty());
    assert_eq!(client.webhook("none-such").await.unwrap_err().kind(), ErrorKind::NotFound);

    let new = registration("received", "DOCUMENT_WAS_RECEIVED", &url);
    let made = client.create_webhook(&new).await.unwrap();
    assert_eq!(made.meta().http_status, 201);
    let id = text(made.value().id.as_ref()).to_owned();
    assert!(!id.is_empty());
    let again = client.create_webhook(&new).await.unwrap_err();
    assert_eq!((again.kind(), again.http_status(), again.attempts()), (ErrorKind::Rejected, Some(409), 1));
    let processed = registration("processed", "DOCUMENT_WAS_PROCESSED", &url);
    client.create_webhook(&processed).await.unwrap();

    let listed = client.webhooks(1).await.unwrap();
    let names: Vec<_> = listed.value().iter().map(|webhook| text(webhook.name.as_ref()).to_owned()).collect();
    assert_eq!(names, ["received", "processed"]);
    assert!(client.webhooks(2).await.unwrap().value().is_empty());
    let found: WebhookConfiguration = client.webhook(&id).await.unwrap().into_inner();
    assert_eq!(text(found.uri.as_ref()), url);
    assert_eq!(text(found.event_name.as_ref()), "DOCUMENT_WAS_RECEIVED");
    assert_eq!((text(found.public_key.as_ref()), text(found.context.as_ref())), (PUBLIC_KEY, "Document"));

    // Each webhook sends its own event, signed with its registered key.
    client.upload(&cpf(), &selfie()).await.unwrap();
    assert_eq!(name_of(&inbox.recv().await.unwrap()), "DOCUMENT_WAS_RECEIVED");
    sandbox.clock().advance(MINUTE);
    assert_eq!(name_of(&inbox.recv().await.unwrap()), "DOCUMENT_WAS_PROCESSED");

    let other = Cpf::parse("92000000100").unwrap();
    let status = async || text(client.webhooks(1).await.unwrap().value()[0].status.as_ref()).to_owned();
    assert_eq!(status().await, "Enabled");
    client.disable_webhook(&id).await.unwrap();
    assert_eq!(status().await, "Disabled");
    client.upload(&other, &selfie()).await.unwrap();
    sandbox.clock().advance(MINUTE);
    assert_eq!(
        name_of(&inbox.recv().await.unwrap()),
        "DOCUMENT_WAS_PROCESSED",
        "the event of the disabled webhook is held back"
    );
    client.enable_webhook(&id).await.unwrap();
    assert_eq!(status().await, "Enabled");
    client.upload(&Cpf::parse("11144477735").unwrap(), &selfie()).await.unwrap();
    assert_eq!(name_of(&inbox.recv().await.unwrap()), "DOCUMENT_WAS_RECEIVED");

    let changed = WebhookTarget::new(format!("{url}?changed"), "another", PRIVATE_KEY.to_owned());
    client.update_webhook(&id, &changed).await.unwrap();
    let found = client.webhook(&id).await.unwrap().into_inner();
    assert_eq!(text(found.uri.as_ref()), format!("{url}?changed"));
    assert_eq!(text(found.public_key.as_ref()), "another");

    client.delete_webhook(&id).await.unwrap();
    assert_eq!(client.webhooks(1).await.unwrap().value().len(), 1);
    for error in [
        client.webhook(&id).await.unwrap_err(),
        client.enable_webhook(&id).await.unwrap_err(),
        client.disable_webhook(&id).await.unwrap_err(),
        client.delete_webhook(&id).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::NotFound, Delivery::Answered), "{error}");
    }
    assert_eq!(sandbox.bankly().requests(Operation::WebhookCreate), 3);
}

#[tokio::test]
async fn failed_events_are_listed_and_sent_again() {
    let sandbox = frozen().await;
    let client = managing(&sandbox);
    // A long analysis, so that no other event comes in between. Bankly tries four times.
    sandbox.bankly().analysis_delay(60 * MINUTE);
    let mut inbox = listening(&sandbox, 4).await;
    client.upload(&cpf(), &selfie()).await.unwrap();
    let given_up = || sandbox.bankly().deliveries().iter().any(|one| one.state == DeliveryState::GivenUp);
    for _ in 0..200 {
        if given_up() {
            break;
        }
        sandbox.clock().advance(Duration::from_secs(2));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(given_up());
    let today = Date::parse(&sandbox.clock().now().to_rfc3339()[..10]).unwrap();
    let listed = async |state| client.messages(today, today, &state, 1).await.unwrap().into_inner();
    let failed: Vec<Message> = listed(MessageState::Failed).await;
    assert_eq!(failed.len(), 1);
    assert_eq!(text(failed[0].event_name.as_ref()), "DOCUMENT_WAS_RECEIVED");
    assert_eq!(failed[0].state, Some(MessageState::Failed));
    let key = text(failed[0].idempotency_key.as_ref()).to_owned();
    assert_eq!(failed[0].retry_count.as_ref().and_then(|count| count.get().copied()), Some(3));

    client.resend(&key).await.unwrap();
    let arrived = loop {
        let event = inbox.recv().await.unwrap();
        if event.event_id.as_deref() == Some(key.as_str()) {
            break event;
        }
    };
    assert_eq!(name_of(&arrived), "DOCUMENT_WAS_RECEIVED");
    until(|| sandbox.bankly().deliveries().iter().all(|one| one.state == DeliveryState::Delivered)).await;
    assert!(listed(MessageState::Failed).await.is_empty());
    let taken = listed(MessageState::Success).await;
    assert!(taken.iter().any(|message| text(message.idempotency_key.as_ref()) == key));
}

#[tokio::test]
async fn a_forged_or_replayed_request_is_refused() {
    let (url, mut inbox) = receiver(Webhook::new(PRIVATE_KEY).unwrap(), 0).await;
    let bare = reqwest::Client::new().post(&url).body(documented::PROCESSED_SELFIE.body);
    assert_eq!(bare.send().await.unwrap().status().as_u16(), 401);
    // A valid signature for another URL and another day.
    let mut replayed = reqwest::Client::new().post(&url).body(BODY);
    for (name, value) in headers(BY_DECODED) {
        replayed = replayed.header(name, value);
    }
    assert_eq!(replayed.send().await.unwrap().status().as_u16(), 401);
    assert!(inbox.try_recv().is_err());
}
