use kyc_sandbox::bankly::TestOutcome;
use kyc_sandbox::{Fault, Sandbox, Scenario, samples};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::*;
use crate::pictures::{self, copy, nobody, on_its_side, seen, similarity, two_persons};
use crate::support::*;

/// Not a test CPF.
const SOMEBODY: &str = "52998224725";

/// Uploads a picture, lets its analysis end, and returns its status and what the response says of it.
async fn analysed(
    sandbox: &Sandbox,
    token: &str,
    cpf: &str,
    kind: (&str, &str),
    picture: Vec<u8>,
) -> (Value, Option<String>) {
    let (status, answer) = upload_form(sandbox, token, cpf, form(kind.0, kind.1, picture)).await;
    assert_eq!(status, 202, "{answer}");
    sandbox.clock().advance(seconds(3));
    let image = answer["token"].as_str().expect("a token");
    let path = format!("/document-analysis/{cpf}?token={image}&resultLevel=DETAILED");
    let response = ask(sandbox, token, Method::GET, &path).send().await.expect("a response");
    let seen = seen(&response).map(str::to_owned);
    (read(response).await.1[0].take(), seen)
}

#[tokio::test]
async fn a_document_is_compared_with_the_selfie() {
    let sandbox = pictures::sandbox().await;
    let token = log_in(&sandbox).await;
    let (selfie, seen) = analysed(&sandbox, &token, SOMEBODY, SELFIE, copy(samples::A_2025)).await;
    assert_eq!(selfie["faceDetails"]["status"], "DETECTED_FACE", "{selfie}");
    assert_eq!(seen.as_deref(), Some("one face"));
    let (front, seen) = analysed(&sandbox, &token, SOMEBODY, FRONT, copy(samples::A_2014)).await;
    assert_eq!(front["faceMatch"]["status"], "HAS_FACE_MATCH", "{front}");
    assert!(front["faceMatch"]["similarity"].as_f64().is_some_and(|percent| percent > 90.0), "{front}");
    assert!(seen.is_some_and(|seen| similarity(&seen) > 0.55));
    let (front, _) = analysed(&sandbox, &token, SOMEBODY, FRONT, copy(samples::B_2022)).await;
    assert_eq!(front["faceMatch"]["status"], "UNMATCHED_DOCUMENT", "{front}");
    assert!(front["faceMatch"]["similarity"].as_f64().is_some_and(|percent| percent < 10.0), "{front}");
    let (back, seen) = analysed(&sandbox, &token, SOMEBODY, BACK, nobody()).await;
    assert_eq!((&back["documentDetails"]["status"], seen), (&json!("DETECTED_DOCUMENT"), None));
}

#[tokio::test]
async fn a_selfie_without_one_face_is_not_valid() {
    let sandbox = pictures::sandbox().await;
    let token = log_in(&sandbox).await;
    for (picture, face, liveness) in [
        (nobody(), "COULD_NOT_DETECT_FACE", "COULD_NOT_DETECT_FACE"),
        (on_its_side(samples::B_2022), "COULD_NOT_DETECT_FACE", "COULD_NOT_DETECT_FACE"),
        (two_persons(), "MANY_FACES_DETECTED", "LIVENESS_FOUND"),
    ] {
        let (selfie, seen) = analysed(&sandbox, &token, SOMEBODY, SELFIE, picture).await;
        assert_eq!(selfie["faceDetails"]["status"], face, "{selfie}");
        assert_eq!(selfie["liveness"]["status"], liveness, "{selfie}");
        assert!(seen.is_some_and(|seen| seen.starts_with("the first picture ")));
    }
}

#[tokio::test]
async fn a_document_without_one_face_does_not_match() {
    let sandbox = pictures::sandbox().await;
    let token = log_in(&sandbox).await;
    analysed(&sandbox, &token, SOMEBODY, SELFIE, copy(samples::B_2022)).await;
    for (picture, status) in [(nobody(), "UNMATCHED_DOCUMENT"), (two_persons(), "MANY_FACES_DETECTED")] {
        let (front, _) = analysed(&sandbox, &token, SOMEBODY, FRONT, picture).await;
        assert_eq!(front["faceMatch"]["status"], status, "{front}");
        // Nothing was compared.
        assert_eq!(front["faceMatch"]["similarity"], Value::Null, "{front}");
    }
}

#[tokio::test]
async fn a_document_is_compared_with_the_last_accepted_selfie() {
    let sandbox = pictures::sandbox().await;
    let token = log_in(&sandbox).await;
    analysed(&sandbox, &token, SOMEBODY, SELFIE, copy(samples::A_2025)).await;
    sandbox.bankly().fault(Fault::status(503));
    let (status, _) =
        upload_form(&sandbox, &token, SOMEBODY, form(SELFIE.0, SELFIE.1, copy(samples::B_2022))).await;
    assert_eq!(status, 503);
    let (front, _) = analysed(&sandbox, &token, SOMEBODY, FRONT, copy(samples::A_2014)).await;
    assert_eq!(front["faceMatch"]["status"], "HAS_FACE_MATCH", "{front}");
    sandbox.set_scenario(Scenario::new("bankly", "selfie-ok").cpf(SOMEBODY)).expect("an outcome");
    analysed(&sandbox, &token, SOMEBODY, SELFIE, copy(samples::B_2022)).await;
    let (front, _) = analysed(&sandbox, &token, SOMEBODY, FRONT, copy(samples::A_2014)).await;
    assert_eq!(front["faceMatch"]["status"], "UNMATCHED_DOCUMENT", "{front}");
}

#[tokio::test]
async fn a_test_cpf_and_a_scenario_go_before_the_pictures() {
    let sandbox = pictures::sandbox().await;
    let token = log_in(&sandbox).await;
    let approved = cpf_of(TestOutcome::Approved);
    let (selfie, seen) = analysed(&sandbox, &token, approved, SELFIE, nobody()).await;
    assert_eq!((&selfie["faceDetails"]["status"], seen), (&json!("DETECTED_FACE"), None));
    sandbox.set_scenario(Scenario::new("bankly", "selfie-ok").cpf(SOMEBODY)).expect("an outcome");
    let (selfie, seen) = analysed(&sandbox, &token, SOMEBODY, SELFIE, nobody()).await;
    assert_eq!((&selfie["faceDetails"]["status"], seen), (&json!("DETECTED_FACE"), None));
}
