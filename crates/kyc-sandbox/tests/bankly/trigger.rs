use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::bankly::{KeyReading, TestOutcome};
use serde_json::{Value, json};

use super::client::*;
use super::webhooks::{header, signature};
use crate::support::*;

/// The finding that each outcome is about, by a JSON pointer into an image, and its status.
const FINDINGS: &[(&str, TestOutcome, &str, &str)] = &[
    ("selfie-ok", TestOutcome::Approved, "/liveness/status", "LIVENESS_FOUND"),
    ("selfie-no-liveness", TestOutcome::NoLiveness, "/liveness/status", "NO_LIVENESS"),
    (
        "selfie-liveness-without-face",
        TestOutcome::LivenessWithoutFace,
        "/liveness/status",
        "COULD_NOT_DETECT_FACE",
    ),
    ("selfie-many-faces", TestOutcome::ManyFaces, "/faceDetails/status", "MANY_FACES_DETECTED"),
    ("selfie-no-face", TestOutcome::NoFace, "/faceDetails/status", "COULD_NOT_DETECT_FACE"),
    ("selfie-doubted", TestOutcome::Approved, "/liveness/status", "LIVENESS_FOUND"),
    ("selfie-error", TestOutcome::Failed, "/status", "UNEXPECTED_ERROR"),
    ("selfie-at-first", TestOutcome::ValidOnSecondTry, "/liveness/status", "NO_LIVENESS"),
    ("front-ok", TestOutcome::Approved, "/faceMatch/status", "HAS_FACE_MATCH"),
    ("front-unmatched", TestOutcome::Unmatched, "/faceMatch/status", "UNMATCHED_DOCUMENT"),
    ("front-many-faces", TestOutcome::ManyFacesOnDocument, "/faceMatch/status", "MANY_FACES_DETECTED"),
    ("front-no-document", TestOutcome::NoDocument, "/documentDetails/status", "NO_DOCUMENT_FOUND"),
    ("front-no-info", TestOutcome::NoInfo, "/documentDetails/status", "NO_INFO_FOUND"),
    ("front-error", TestOutcome::Failed, "/status", "UNEXPECTED_ERROR"),
    ("front-at-first", TestOutcome::ValidOnSecondTry, "/faceMatch/status", "UNMATCHED_DOCUMENT"),
    ("front-other-type", TestOutcome::Approved, "/documentDetails/status", "DETECTED_DOCUMENT"),
    ("front-other-side", TestOutcome::Approved, "/documentDetails/status", "DETECTED_DOCUMENT"),
    ("front-other-person", TestOutcome::Approved, "/documentDetails/status", "DETECTED_DOCUMENT"),
    ("back-ok", TestOutcome::Approved, "/documentDetails/status", "DETECTED_DOCUMENT"),
    ("back-no-document", TestOutcome::NoDocumentOnBack, "/documentDetails/status", "NO_DOCUMENT_FOUND"),
    ("back-no-info", TestOutcome::NoInfoOnBack, "/documentDetails/status", "NO_INFO_FOUND"),
    ("back-error", TestOutcome::Failed, "/status", "UNEXPECTED_ERROR"),
    ("back-at-first", TestOutcome::ValidOnSecondTry, "/documentDetails/status", "NO_DOCUMENT_FOUND"),
    ("back-other-type", TestOutcome::Approved, "/documentDetails/status", "DETECTED_DOCUMENT"),
    ("back-other-side", TestOutcome::Approved, "/documentDetails/status", "DETECTED_DOCUMENT"),
    ("back-other-person", TestOutcome::Approved, "/documentDetails/status", "DETECTED_DOCUMENT"),
];

#[tokio::test]
async fn each_outcome_is_announced_and_can_be_queried() {
    let sandbox = sandbox().await;
    sandbox.bankly().rate_limit(false);
    let mut receiver = Receiver::start().await;
    let config = receiver_config(&sandbox, &receiver, "bankly.webhook");
    assert_eq!(config.get("key_reading"), Some("decoded"));
    let key = STANDARD.decode(config.get("private_key").expect("a key")).expect("base64");
    let url = format!("{}/webhooks/bankly", receiver.root());
    let token = log_in(&sandbox).await;
    assert_eq!(outcomes_of("bankly"), FINDINGS.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
    for (name, outcome, pointer, status) in FINDINGS {
        let triggered = sandbox.trigger("bankly", name).expect("an outcome");
        let (image, cpf) = (triggered.reference, triggered.cpf);
        assert_eq!(cpf, cpf_of(*outcome));
        // A document comes after a selfie, each with two events.
        let expected = if name.starts_with("selfie") { 2 } else { 4 };
        let mut events = Vec::new();
        for _ in 0..expected {
            let (path, headers, body) = receiver.next_at().await;
            assert_eq!(path, "/webhooks/bankly");
            assert_eq!(header(&headers, "authorization"), signature(&url, &headers, &body, &key));
            let event: Value = serde_json::from_str(&body).expect("JSON");
            events.push(if event.is_array() { event[0].clone() } else { event });
        }
        let end = |event: &&Value| event["entityId"] == image && event["name"] == "DOCUMENT_WAS_PROCESSED";
        let event = events.iter().find(end).expect("the end of the image's analysis");
        assert_eq!(event["data"].pointer(pointer), Some(&json!(status)), "{name}");
        let query = format!("token={image}&resultLevel=DETAILED");
        let (http, queried) = status_of(&sandbox, &token, &cpf, &query).await;
        assert_eq!((http, queried[0].pointer(pointer)), (200, Some(&json!(status))), "{name}");
    }
}

#[tokio::test]
async fn the_settings_say_how_the_key_is_read() {
    let sandbox = sandbox().await;
    let mut receiver = Receiver::start().await;
    sandbox.bankly().sign_with(KeyReading::Raw);
    let config = receiver_config(&sandbox, &receiver, "bankly.webhook");
    assert_eq!(config.get("key_reading"), Some("text"));
    sandbox.trigger("bankly", "selfie-ok").expect("an outcome");
    let (path, headers, body) = receiver.next_at().await;
    let key = config.get("private_key").expect("a key").as_bytes();
    let url = format!("{}{path}", receiver.root());
    assert_eq!(header(&headers, "authorization"), signature(&url, &headers, &body, key));
}

#[tokio::test]
async fn an_outcome_waits_for_the_analysis_of_the_image_before_it() {
    let sandbox = sandbox().await;
    sandbox.trigger_delayed("bankly", "selfie-ok").expect("the first one");
    for name in ["selfie-ok", "front-ok", "back-ok"] {
        let error = sandbox.trigger("bankly", name).expect_err("refused");
        assert_eq!(error.to_string(), "the previous image of this CPF is still being analysed");
    }
    sandbox.clock().advance(seconds(3));
    assert_eq!(sandbox.trigger_delayed("bankly", "front-ok").expect("an outcome").due_in, seconds(3));
}

#[tokio::test]
async fn the_newest_images_of_a_person_are_kept() {
    let sandbox = sandbox().await;
    let mut newest = String::new();
    for _ in 0..1100 {
        newest = sandbox.trigger("bankly", "selfie-ok").expect("an outcome").reference;
    }
    let token = log_in(&sandbox).await;
    let (_, listed) = status_of(&sandbox, &token, CPF, "").await;
    let listed = listed.as_array().expect("a list");
    assert_eq!((listed.len(), &listed[999]["token"]), (1000, &json!(newest)));
}
