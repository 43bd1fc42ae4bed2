use std::time::Duration;

use kyc_sandbox::bankly::Operation;
use kyc_sandbox::{Sandbox, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

/// The CPF of no test input.
const PERSON: &str = "52998224725";

fn set(sandbox: &Sandbox, outcome: &str) {
    sandbox.set_scenario(for_person(outcome)).expect("a scenario");
}

fn for_person(outcome: &str) -> Scenario {
    Scenario::new("bankly", outcome).cpf("529.982.247-25")
}

fn at<'a>(image: &'a Value, pointer: &str) -> &'a Value {
    image.pointer(pointer).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn each_outcome_of_an_image_holds_for_any_person() {
    let (sandbox, mut receiver) = (sandbox().await, Receiver::start().await);
    receiver_config(&sandbox, &receiver, "bankly.webhook");
    sandbox.bankly().rate_limit(false);
    let token = log_in(&sandbox).await;
    analysed(&sandbox, &token, PERSON, SELFIE).await;
    let document = "/documentDetails/status";
    for (outcome, kind, pointer, expected) in [
        ("selfie-no-liveness", SELFIE, "/liveness/status", "NO_LIVENESS"),
        ("selfie-liveness-without-face", SELFIE, "/liveness/status", "COULD_NOT_DETECT_FACE"),
        ("selfie-many-faces", SELFIE, "/faceDetails/status", "MANY_FACES_DETECTED"),
        ("selfie-no-face", SELFIE, "/faceDetails/status", "COULD_NOT_DETECT_FACE"),
        ("selfie-error", SELFIE, "/status", "UNEXPECTED_ERROR"),
        // The selfie before is not valid, but what is set for the document goes before that.
        ("front-ok", FRONT, "/faceMatch/status", "HAS_FACE_MATCH"),
        ("front-unmatched", FRONT, "/faceMatch/status", "UNMATCHED_DOCUMENT"),
        ("front-many-faces", FRONT, "/faceMatch/status", "MANY_FACES_DETECTED"),
        ("front-no-document", FRONT, document, "NO_DOCUMENT_FOUND"),
        ("front-no-info", FRONT, document, "NO_INFO_FOUND"),
        ("front-error", FRONT, "/status", "UNEXPECTED_ERROR"),
        ("front-other-type", FRONT, "/documentDetails/identifiedDocumentType", "CNH"),
        ("front-other-person", FRONT, "/documentDetails/cpfNumber", "47742663023"),
        ("back-ok", BACK, document, "DETECTED_DOCUMENT"),
        ("back-no-document", BACK, document, "NO_DOCUMENT_FOUND"),
        ("back-no-info", BACK, document, "NO_INFO_FOUND"),
        ("back-error", BACK, "/status", "UNEXPECTED_ERROR"),
        ("back-other-type", BACK, "/documentDetails/identifiedDocumentType", "CNH"),
        ("back-other-person", BACK, "/documentDetails/cpfNumber", "47742663023"),
        ("selfie-ok", SELFIE, "/liveness/status", "LIVENESS_FOUND"),
    ] {
        set(&sandbox, outcome);
        let image = analysed(&sandbox, &token, PERSON, kind).await;
        assert_eq!(at(&image, pointer), expected, "{outcome}: {image}");
    }
    for _ in 0..2 * 21 {
        next_event(&mut receiver).await;
    }
    for (outcome, kind, side) in [("front-other-side", FRONT, "B"), ("back-other-side", BACK, "A")] {
        set(&sandbox, outcome);
        analysed(&sandbox, &token, PERSON, kind).await;
        next_event(&mut receiver).await;
        assert_eq!(next_event(&mut receiver).await.1["data"]["documentDetails"]["side"], side);
    }
    assert_eq!(analysed(&sandbox, &token, CPF, SELFIE).await["liveness"]["status"], "LIVENESS_FOUND");
}

#[tokio::test]
async fn outcomes_of_several_images_hold_together_until_they_are_cleared() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    ["selfie-at-first", "front-at-first", "back-at-first"].into_iter().for_each(|one| set(&sandbox, one));
    let verdict = async |kind, pointer| {
        let image = analysed(&sandbox, &token, PERSON, kind).await;
        at(&image, pointer).as_str().expect("a status").to_owned()
    };
    for (kind, pointer, first, second) in [
        (SELFIE, "/liveness/status", "NO_LIVENESS", "LIVENESS_FOUND"),
        (FRONT, "/faceMatch/status", "UNMATCHED_DOCUMENT", "HAS_FACE_MATCH"),
        (BACK, "/documentDetails/status", "NO_DOCUMENT_FOUND", "DETECTED_DOCUMENT"),
    ] {
        assert_eq!([verdict(kind, pointer).await, verdict(kind, pointer).await], [first, second]);
    }
    set(&sandbox, "selfie-error");
    assert_eq!(verdict(SELFIE, "/status").await, "UNEXPECTED_ERROR");
    sandbox.clear_scenarios();
    assert_eq!(verdict(SELFIE, "/status").await, "ANALYSIS_COMPLETED");
}

#[tokio::test]
async fn a_scenario_goes_before_a_test_cpf_and_that_of_a_person_before_that_of_everyone() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let test_cpf = "92000001009";
    let liveness = async |cpf| {
        let image = analysed(&sandbox, &token, cpf, SELFIE).await;
        image["liveness"]["status"].as_str().expect("a status").to_owned()
    };
    assert_eq!(liveness(test_cpf).await, "NO_LIVENESS");
    sandbox.set_scenario(Scenario::new("bankly", "selfie-liveness-without-face")).expect("a scenario");
    set(&sandbox, "selfie-ok");
    assert_eq!(liveness(test_cpf).await, "COULD_NOT_DETECT_FACE");
    assert_eq!(liveness(PERSON).await, "LIVENESS_FOUND");
}

#[tokio::test]
async fn the_reason_is_in_the_event_and_the_delay_is_on_the_clock() {
    let (sandbox, mut receiver) = (sandbox().await, Receiver::start().await);
    receiver_config(&sandbox, &receiver, "bankly.webhook");
    let token = log_in(&sandbox).await;
    let message = "The image is too close.";
    for outcome in ["selfie-no-liveness", "selfie-liveness-without-face", "selfie-doubted"] {
        sandbox.set_scenario(for_person(outcome).reason(message).delay(seconds(90))).expect("a scenario");
        assert_eq!(upload(&sandbox, &token, PERSON, SELFIE).await.0, 202);
        sandbox.clock().advance(seconds(89));
        assert_eq!(upload(&sandbox, &token, PERSON, SELFIE).await.0, 409, "still analysed");
        sandbox.clock().advance(seconds(1));
        next_event(&mut receiver).await;
        let liveness = next_event(&mut receiver).await.1["data"]["liveness"].take();
        assert_eq!(liveness["analysisDetails"], json!([{ "message": message }]));
        assert_eq!(liveness["status"] == "LIVENESS_FOUND", outcome == "selfie-doubted");
    }
    let error = sandbox.set_scenario(for_person("selfie-error").reason(message)).expect_err("no reason");
    assert!(error.to_string().starts_with("\"reason\" "), "{error}");
}

#[tokio::test]
async fn the_forms_of_responses_can_be_chosen() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    ["location-only", "status-object"].into_iter().for_each(|one| set(&sandbox, one));
    assert_eq!(upload(&sandbox, &token, PERSON, SELFIE).await, (202, Value::Null));
    assert!(status_of(&sandbox, &token, PERSON, "").await.1.is_object());
    ["token-in-body", "status-array"].into_iter().for_each(|one| set(&sandbox, one));
    sandbox.clock().advance(seconds(3));
    assert!(upload(&sandbox, &token, PERSON, SELFIE).await.1["token"].is_string());
    assert!(status_of(&sandbox, &token, PERSON, "").await.1.is_array());

    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", Sandbox::BANKLY_CLIENT_ID),
        ("scope", "kyc.document.read"),
    ];
    for (outcome, is_right) in [
        ("life-as-text", (|life| life == "3600") as fn(&Value) -> bool),
        ("life-as-date", |life| life.as_str().is_some_and(|date| date.contains('T'))),
        ("life-in-seconds", |life| life == 3600),
    ] {
        sandbox.set_scenario(Scenario::new("bankly", outcome)).expect("a scenario");
        let (_, answer) = post_form(&sandbox, "/oauth2/token", &form).await;
        assert!(is_right(&answer["expires_in"]), "{answer}");
    }
    let error = sandbox.set_scenario(for_person("life-as-text")).expect_err("a token is nobody's");
    assert!(error.to_string().starts_with("\"cpf\" must be absent"), "{error}");
}

#[tokio::test]
async fn each_operation_can_be_refused_with_any_status_without_an_effect() {
    let sandbox = sandbox().await;
    sandbox.bankly().rate_limit(false);
    let token = log_in(&sandbox).await;
    for operation in Operation::ALL {
        for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
            let scenario = Scenario::new("bankly", format!("http-{status}")).operation(operation.name());
            sandbox.set_scenario(scenario).expect("a scenario");
            let method = match operation {
                Operation::Status | Operation::WebhookList | Operation::WebhookGet | Operation::Messages => {
                    Method::GET
                }
                Operation::Upload | Operation::UploadCompany => Method::PUT,
                Operation::WebhookUpdate | Operation::WebhookEnable | Operation::WebhookDisable => {
                    Method::PATCH
                }
                Operation::WebhookDelete => Method::DELETE,
                _ => Method::POST,
            };
            let answer =
                read(ask(&sandbox, &token, method, path_of(*operation)).send().await.expect("one")).await;
            assert_eq!(answer.0, status, "{operation}");
            match (operation, status) {
                (Operation::Token | Operation::LegacyToken | Operation::Register, 400) => {
                    assert_eq!(answer.1["error"], "invalid_client");
                }
                (_, 500) => assert_eq!(answer.1, Value::Null),
                (_, 503) => assert_eq!(answer.1["title"], "Service Unavailable"),
                _ => assert!(!refused(&answer, status).0.is_empty()),
            }
        }
    }
    assert_eq!((sandbox.bankly().paid_calls(), sandbox.bankly().logins()), (0, 1));
}

fn path_of(operation: Operation) -> &'static str {
    match operation {
        Operation::Token => "/oauth2/token",
        Operation::LegacyToken => "/connect/token",
        Operation::Certificate => "/partners/SANDBOX_CO/certificates",
        Operation::Register => "/oauth2/register",
        Operation::Upload | Operation::Status => "/document-analysis/52998224725",
        Operation::UploadDeepface => "/document-analysis/52998224725/deepface",
        Operation::UploadCompany => "/document-analysis/11222333000181/corporation-business",
        Operation::WebhookCreate | Operation::WebhookList => "/webhooks/configurations",
        Operation::WebhookEnable => "/webhooks/configurations/1/enable",
        Operation::WebhookDisable => "/webhooks/configurations/1/disable",
        Operation::Messages => "/webhooks/processed-messages",
        Operation::MessageResend => "/webhooks/processed-messages/1",
        _ => "/webhooks/configurations/1",
    }
}

#[tokio::test]
async fn a_lost_response_has_its_effect() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    sandbox.set_scenario(for_person("response-lost").operation("upload")).expect("a scenario");
    let sent = form("SELFIE", "FRONT", png(640, 480));
    assert!(try_upload(&sandbox, &token, PERSON, sent).await.is_err());
    assert_eq!(status_of(&sandbox, &token, PERSON, "").await.1.as_array().map(Vec::len), Some(1));
    assert_eq!(sandbox.bankly().paid_calls(), 1);
    assert_eq!(upload(&sandbox, &token, CPF, SELFIE).await.0, 202, "it is for one person");
}

#[tokio::test]
async fn a_delayed_response_takes_real_time() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let late = for_person("http-500").operation("status").delay(seconds(600));
    sandbox.set_scenario(late).expect("a scenario");
    let answer = status_of(&sandbox, &token, PERSON, "");
    assert!(tokio::time::timeout(Duration::from_millis(200), answer).await.is_err());
    assert_eq!(status_of(&sandbox, &token, CPF, "").await.0, 404, "it is for one person");
}

#[tokio::test]
async fn an_outcome_is_triggered_for_any_person_and_stays() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let triggered = sandbox.trigger_scenario(for_person("front-no-info")).expect("an outcome");
    assert_eq!((triggered.cpf.as_str(), triggered.due_in), (PERSON, seconds(0)));
    let query = format!("token={}&resultLevel=DETAILED", triggered.reference);
    let (_, queried) = status_of(&sandbox, &token, PERSON, &query).await;
    assert_eq!(queried[0]["documentDetails"]["status"], "NO_INFO_FOUND");
    let next = analysed(&sandbox, &token, PERSON, FRONT).await;
    assert_eq!(next["documentDetails"]["status"], "NO_INFO_FOUND");
    let slow = for_person("selfie-ok").operation("upload-deepface").delay(seconds(40));
    assert_eq!(sandbox.trigger_scenario(slow).expect("an outcome").due_in, seconds(40));
    assert_eq!(sandbox.bankly().paid_calls_of(Operation::UploadDeepface), 1);
}

#[tokio::test]
async fn a_reset_forgets_everything_and_a_seed_makes_the_same_ids_again() {
    let sandbox = builder().seed(7).start().await.expect("a free port");
    let run = async || {
        let receiver = Receiver::start().await;
        receiver_config(&sandbox, &receiver, "bankly.webhook");
        let token = log_in(&sandbox).await;
        let image = analysed(&sandbox, &token, PERSON, SELFIE).await["token"].take();
        let keys = bankly_deliveries_when(&sandbox, |all| all.len() == 2).await;
        let (_, listed) = super::webhooks::messages(&sandbox, &token, "").await;
        let ids: Vec<_> =
            listed["data"].as_array().expect("a list").iter().map(|one| one["id"].clone()).collect();
        assert!(ids.len() == 2 && ids.iter().all(Value::is_string), "{listed}");
        (token, image, keys.into_iter().map(|one| one.reference).collect::<Vec<_>>(), ids)
    };
    let first = run().await;
    sandbox.bankly().analysis_delay(seconds(60));
    sandbox.bankly().duplicate_webhooks(true);
    set(&sandbox, "selfie-error");
    sandbox.reset();
    assert!(sandbox.bankly().deliveries().is_empty() && sandbox.bankly().logins() == 0);
    assert_eq!(status_of(&sandbox, &first.0, PERSON, "").await.0, 401, "the token is unknown");
    sandbox.reset();
    assert_eq!(run().await, first);
}
