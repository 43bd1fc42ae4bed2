use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::certiface::{Operation, Provider, TestOutcome};
use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

async fn session(sandbox: &Sandbox, appkey: &str) -> Value {
    let body = json!({ "appkey": appkey, "userAgent": "device" });
    let (status, answer) = post_json(sandbox, "/3d/session-token", &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

async fn liveness(sandbox: &Sandbox, body: &Value) -> (u16, Value) {
    post_json(sandbox, "/3d/liveness", body).await
}

fn scan(appkey: &str) -> Value {
    let picture = percent(&encrypt(appkey, &STANDARD.encode(samples::A_2025)));
    json!({
        "appkey": appkey,
        "userAgent": "device",
        "faceScan": "BAFsr1Sp2eCWZEibLqKEloBX",
        "auditTrailImage": picture,
        "lowQualityAuditTrailImage": picture,
        "sessionId": "5dc67a9d-f8a4-44cc-b159-fbaa9ea222b3",
    })
}

#[tokio::test]
async fn facetec_is_the_default() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let body = json!({ "appkey": appkey, "platform": "web" });
    let (_, key) = post_json(&sandbox, "/3d/initialize", &body).await;
    assert!(decrypt(&appkey, &key)["productionKey"].is_string());
    refused(&liveness(&sandbox, &scan(&appkey)).await, 400);
    let session = decrypt(&appkey, &session(&sandbox, &appkey).await);
    assert!(session["sessionToken"].is_string());

    let (status, answer) = liveness(&sandbox, &scan(&appkey)).await;
    assert_eq!((status, &answer["valid"], &answer["codID"]), (200, &json!(true), &json!(200.0)));
    assert!(answer["scanResultBlob"].is_string() && answer.get("retry").is_none());
    assert!(refused(&liveness(&sandbox, &scan(&appkey)).await, 401).contains("used up"));
    let frontal = &result(&sandbox, &appkey).await.1["fotos"]["facecaptcha"]["frontal"];
    assert_eq!(*frontal, json!(STANDARD.encode(samples::A_2025)));
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Liveness), 1);
}

#[tokio::test]
async fn invalid_scans_are_explained_and_not_paid() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    session(&sandbox, &appkey).await;
    let plain = STANDARD.encode(samples::A_2025);
    let no_jpeg = percent(&encrypt(&appkey, &STANDARD.encode("GIF89a")));
    for (name, value) in [
        ("faceScan", json!("")),
        ("userAgent", Value::Null),
        ("sessionId", json!(7)),
        ("auditTrailImage", json!(plain)),
        ("lowQualityAuditTrailImage", json!(no_jpeg)),
    ] {
        let mut wrong = scan(&appkey);
        wrong[name] = value;
        assert!(refused(&liveness(&sandbox, &wrong).await, 400).contains(name), "{name}");
    }
    assert_eq!(liveness(&sandbox, &scan(&appkey)).await.0, 200);
    assert_eq!(sandbox.certiface().paid_calls(), 1);
}

#[tokio::test]
async fn iproov_offers_a_retry() {
    let sandbox = sandbox().await;
    let appkey = appkey_for(&sandbox, TestOutcome::RetriedOnce).await;
    let first = session(&sandbox, &appkey).await;
    assert_eq!((&first["isContingency"], &first["vendor"]), (&json!(false), &json!("IPROOV")));
    assert!(!first["url"].as_str().expect("text").contains("://"));
    let proof = |session: &Value| json!({ "appkey": appkey, "sessionToken": session["token"] });
    refused(&liveness(&sandbox, &json!({ "appkey": appkey })).await, 400);
    refused(&liveness(&sandbox, &json!({ "appkey": appkey, "sessionToken": "other" })).await, 401);

    let (status, answer) = liveness(&sandbox, &proof(&first)).await;
    assert_eq!((status, &answer["codID"], &answer["retry"]), (200, &json!(300.1), &json!(true)));
    assert!(answer["reason"].is_string() && answer.get("scanResultBlob").is_none());
    // One session, one attempt.
    refused(&liveness(&sandbox, &proof(&first)).await, 400);

    let second = session(&sandbox, &appkey).await;
    assert_ne!(second["token"], first["token"]);
    let (_, answer) = liveness(&sandbox, &proof(&second)).await;
    assert_eq!((&answer["valid"], &answer["retry"]), (&json!(true), &json!(false)));
    assert_eq!(answer.get("reason"), Some(&Value::Null));
    refused(&post_json(&sandbox, "/3d/session-token", &json!({ "appkey": appkey })).await, 401);
    assert_eq!(sandbox.certiface().paid_calls(), 2);
}

#[tokio::test]
async fn the_provider_is_chosen_by_builder_control_or_cpf() {
    let sandbox = builder().certiface_liveness_3d(Provider::IProov).start().await.expect("a free port");
    let is_iproov = async |outcome| {
        let appkey = appkey_for(&sandbox, outcome).await;
        session(&sandbox, &appkey).await.is_object()
    };
    assert!(is_iproov(TestOutcome::Approved).await);
    assert!(!is_iproov(TestOutcome::Liveness3d(Provider::FaceTec)).await);
    sandbox.certiface().liveness_3d(Provider::FaceTec);
    assert!(!is_iproov(TestOutcome::Approved).await);
    assert!(is_iproov(TestOutcome::Liveness3d(Provider::IProov)).await);
}

#[tokio::test]
async fn process_request_takes_two_rounds() {
    let sandbox = sandbox().await;
    for (outcome, attempts) in [
        (TestOutcome::Approved, vec![(json!(200.0), false)]),
        (TestOutcome::Blocked, vec![(json!(300.2), false)]),
        (TestOutcome::RetriedOnce, vec![(json!(300.1), true), (json!(200.0), false)]),
    ] {
        let appkey = appkey_for(&sandbox, outcome).await;
        let body = json!({ "appkey": appkey, "requestBlob": "blob", "userAgent": "device" });
        let round = async || post_json(&sandbox, "/3d/process-request", &body).await;
        for (code, retry) in attempts {
            let (status, first) = round().await;
            assert_eq!((status, first.as_object().map(serde_json::Map::len)), (200, Some(1)));
            assert!(first["responseBlob"].is_string());
            let (_, last) = round().await;
            assert_eq!((&last["codID"], &last["retry"]), (&code, &json!(retry)));
            for name in ["hash", "protocol", "launchId", "responseBlob"] {
                assert!(last[name].is_string(), "{name}");
            }
        }
        refused(&round().await, 401);
    }
    assert_eq!(sandbox.certiface().paid_calls(), 4);
}

#[tokio::test]
async fn fortface_has_its_own_sessions() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let body = json!({ "appkey": appkey, "userAgent": "device" });
    refused(&post_json(&sandbox, "/fortface/session-token", &body).await, 400);
    let body = json!({ "appkey": appkey, "userAgent": "device", "deviceRequestInfo": "info" });
    let (_, session) = post_json(&sandbox, "/fortface/session-token", &body).await;
    assert!(session["sessionKey"].is_string());
    let proof = |token: &Value| {
        json!({
            "appkey": appkey, "userAgent": "device", "sessionToken": token, "sessionId": session["sessionId"],
            "key": "key", "data": "data", "imgData": "data",
        })
    };
    refused(&liveness(&sandbox, &scan(&appkey)).await, 400);
    refused(&post_json(&sandbox, "/fortface/liveness", &proof(&json!("other"))).await, 401);
    let (status, answer) = post_json(&sandbox, "/fortface/liveness", &proof(&session["sessionToken"])).await;
    assert_eq!((status, &answer["valid"], &answer["codID"]), (200, &json!(true), &json!(200.0)));
    refused(&challenge(&sandbox, &appkey).await, 401);
}
