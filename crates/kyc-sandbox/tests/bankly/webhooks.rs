use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kyc_core::Clock as _;
use kyc_sandbox::bankly::{KeyReading, TestOutcome};
use kyc_sandbox::{DeliveryState, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::client::*;
use crate::support::*;

const PRIVATE_KEY: &str = "dGVzdGU=";
const PUBLIC_KEY: &str = "NWUyNjgwZDM=";

async fn listening() -> (Sandbox, Receiver, String) {
    let sandbox = sandbox().await;
    let receiver = Receiver::start().await;
    sandbox.bankly().register_webhook(&receiver.url, PRIVATE_KEY, PUBLIC_KEY).expect("loopback");
    let token = log_in(&sandbox).await;
    (sandbox, receiver, token)
}

async fn both_delivered(sandbox: &Sandbox) {
    bankly_deliveries_when(sandbox, |all| {
        all.len() == 2 && all.iter().all(|each| each.state == DeliveryState::Delivered)
    })
    .await;
}

pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers[name].to_str().expect("text")
}

/// The signature as a receiver computes it from the request.
pub(super) fn signature(url: &str, headers: &HeaderMap, body: &str, key: &[u8]) -> String {
    let url = url.replace(':', "%3a").replace('/', "%2f");
    let text = format!(
        "{}&{url}&{}&{}&{}",
        header(headers, "publickey"),
        header(headers, "requesttimestamp"),
        header(headers, "nonce"),
        STANDARD.encode(body),
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    format!("hmac {}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn upload_and_end_send_signed_events() {
    let (sandbox, mut receiver, token) = listening().await;
    let image = upload(&sandbox, &token, CPF, SELFIE).await.1["token"].clone();
    let (headers, body) = receiver.next_text().await;
    assert_eq!(header(&headers, "authorization"), signature(&receiver.url, &headers, &body, b"teste"));
    assert_eq!(header(&headers, "publickey"), PUBLIC_KEY);
    assert_eq!(header(&headers, "nonce").len(), 32);
    assert_eq!(header(&headers, "requesttimestamp"), sandbox.clock().now().unix_seconds().to_string());
    let received: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(header(&headers, "idempotency-key"), received["idempotencyKey"]);
    assert_eq!((&received["entityId"], &received["correlationId"]), (&image, &received["idempotencyKey"]));
    assert_eq!(
        (&received["context"], &received["name"]),
        (&json!("Document"), &json!("DOCUMENT_WAS_RECEIVED"))
    );
    assert_eq!(received["metadata"], json!({ "customerDocument": CPF }));
    assert_eq!(received["data"], json!({ "token": image, "documentType": "SELFIE", "status": "ANALYZING" }));

    sandbox.bankly().sign_with(KeyReading::Raw);
    sandbox.clock().advance(seconds(3));
    let (headers, body) = receiver.next_text().await;
    assert_eq!(
        header(&headers, "authorization"),
        signature(&receiver.url, &headers, &body, PRIVATE_KEY.as_bytes())
    );
    // Every other event is in an array.
    let processed: Value = serde_json::from_str::<Value>(&body).expect("JSON")[0].take();
    assert_eq!(processed["name"], "DOCUMENT_WAS_PROCESSED");
    assert_ne!(processed["idempotencyKey"], received["idempotencyKey"]);
    assert_eq!(processed["data"]["status"], "ANALYSIS_COMPLETED");
    assert_eq!(processed["data"]["liveness"], json!({ "status": "LIVENESS_FOUND" }));
    assert!(processed["data"]["documentSide"].is_null());
    both_delivered(&sandbox).await;
}

#[tokio::test]
async fn events_of_documents_and_refusals_are_as_documented() {
    let (sandbox, mut receiver, token) = listening().await;
    let mut end_of = async |cpf: &str, kind| {
        assert_eq!(upload(&sandbox, &token, cpf, kind).await.0, 202);
        next_event(&mut receiver).await;
        sandbox.clock().advance(seconds(3));
        next_event(&mut receiver).await.1["data"].take()
    };
    end_of(CPF, SELFIE).await;
    let front = end_of(CPF, ("CNH", "FRONT")).await;
    assert_eq!(
        (&front["documentSide"], &front["faceMatch"]["status"]),
        (&json!("FRONT"), &json!("HAS_FACE_MATCH"))
    );
    assert_eq!(
        (&front["documentDetails"]["side"], &front["documentDetails"]["cpfNumber"]),
        (&json!("A"), &json!(CPF))
    );
    let back = end_of(CPF, BACK).await;
    assert_eq!((&back["documentDetails"]["side"], &back["faceMatch"]), (&json!("B"), &Value::Null));
    let refused = end_of(cpf_of(TestOutcome::NoLiveness), SELFIE).await;
    let expected =
        json!({ "status": "NO_LIVENESS", "analysisDetails": [{ "message": "The face is too far." }] });
    assert_eq!(refused["liveness"], expected);
    let failed = end_of(cpf_of(TestOutcome::Failed), SELFIE).await;
    assert_eq!((&failed["status"], &failed["liveness"]), (&json!("UNEXPECTED_ERROR"), &Value::Null));
}

#[tokio::test]
async fn duplicates_and_reordering_on_request() {
    let (sandbox, mut receiver, token) = listening().await;
    sandbox.bankly().duplicate_webhooks(true);
    sandbox.bankly().reorder_webhooks(true);
    upload(&sandbox, &token, CPF, SELFIE).await;
    assert!(sandbox.bankly().deliveries().is_empty());
    sandbox.clock().advance(seconds(3));
    let mut names = Vec::new();
    let mut keys = Vec::new();
    for _ in 0..4 {
        let (_, event) = next_event(&mut receiver).await;
        names.push(event["name"].as_str().expect("a name").to_owned());
        keys.push(event["idempotencyKey"].clone());
    }
    let (received, processed) = ("DOCUMENT_WAS_RECEIVED", "DOCUMENT_WAS_PROCESSED");
    assert_eq!(names, [processed, processed, received, received]);
    assert!(keys[0] == keys[1] && keys[2] == keys[3] && keys[0] != keys[2]);
    let duplicates: Vec<_> = sandbox.bankly().deliveries().iter().map(|each| each.duplicate).collect();
    assert_eq!(duplicates, [false, true, false, true]);
}

pub(crate) async fn messages(sandbox: &Sandbox, token: &str, more: &str) -> (u16, Value) {
    let today = sandbox.clock().now().to_rfc3339();
    let today = today.split('T').next().expect("a day");
    let path = format!("/webhooks/processed-messages?startDate={today}&endDate={today}{more}");
    read(ask(sandbox, token, Method::GET, &path).send().await.expect("a response")).await
}

#[tokio::test]
async fn an_event_that_failed_four_times_is_listed_and_resent() {
    let (sandbox, mut receiver, token) = listening().await;
    // Long enough that the end of the analysis does not interfere.
    sandbox.bankly().analysis_delay(seconds(3600));
    receiver.answer(&[500, 302, 404, 503]);
    upload(&sandbox, &token, CPF, SELFIE).await;
    let mut nonces = Vec::new();
    for (tries, pause) in [(1, 2), (2, 4), (3, 8), (4, 0)] {
        nonces.push(header(&receiver.next_text().await.0, "nonce").to_owned());
        bankly_deliveries_when(&sandbox, |all| all[0].attempts.len() == tries).await;
        sandbox.clock().advance(seconds(pause));
    }
    nonces.dedup();
    assert_eq!(nonces.len(), 4, "each attempt is signed anew");
    let deliveries = bankly_deliveries_when(&sandbox, |all| all[0].state == DeliveryState::GivenUp).await;
    let key = &deliveries[0].reference;

    let (_, failed) = messages(&sandbox, &token, "&state=Failed&context=Document&page=1&pageSize=100").await;
    let failed = failed["data"].as_array().expect("a list").clone();
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0]["idempotencyKey"], &failed[0]["retryCount"]), (&json!(key), &json!(3)));
    assert_eq!(
        (&failed[0]["eventName"], &failed[0]["destination"]),
        (&json!("DOCUMENT_WAS_RECEIVED"), &json!(receiver.url))
    );

    let path = format!("/webhooks/processed-messages/{key}");
    let again = ask(&sandbox, &token, Method::POST, &path).send().await.expect("a response");
    assert_eq!(read(again).await.0, 202);
    assert_eq!(next_event(&mut receiver).await.1["idempotencyKey"], json!(key));
    bankly_deliveries_when(&sandbox, |all| all[0].state == DeliveryState::Delivered).await;
    assert_eq!(messages(&sandbox, &token, "&state=Failed").await.1["data"], json!([]));
    sandbox.bankly().resend(key).expect("a key");
    assert_eq!(next_event(&mut receiver).await.1["idempotencyKey"], json!(key));
    assert!(sandbox.bankly().resend("unknown").is_err());
    let unknown = ask(&sandbox, &token, Method::POST, "/webhooks/processed-messages/unknown").send().await;
    refused(&read(unknown.expect("a response")).await, 404);
}

#[tokio::test]
async fn messages_are_queried_by_date() {
    let (sandbox, _receiver, token) = listening().await;
    upload(&sandbox, &token, CPF, SELFIE).await;
    assert_eq!(messages(&sandbox, &token, "").await.1["data"].as_array().map(Vec::len), Some(1));
    let named = messages(&sandbox, &token, "&eventName=DOCUMENT_WAS_PROCESSED").await;
    assert_eq!(named.1["data"], json!([]));
    assert_eq!(messages(&sandbox, &token, "&context=Other").await.1["data"], json!([]));
    assert_eq!(refused(&messages(&sandbox, &token, "&state=Lost").await, 400).1, Some("state"));
    assert_eq!(refused(&messages(&sandbox, &token, "&pageSize=101").await, 400).1, Some("pageSize"));
    for (dates, field) in [
        ("", "startDate"),
        ("?startDate=2026-01-31", "endDate"),
        ("?startDate=31/01/2026&endDate=2026-01-31", "startDate"),
        ("?startDate=2026-02-01&endDate=2026-01-31", "endDate"),
        ("?startDate=2026-01-31T10:00:00Z&endDate=2026-01-31T09:59:59Z", "endDate"),
        ("?startDate=01/31&endDate=2026-01-31", "startDate"),
    ] {
        let path = format!("/webhooks/processed-messages{dates}");
        let answer = ask(&sandbox, &token, Method::GET, &path).send().await.expect("a response");
        assert_eq!(refused(&read(answer).await, 400).1, Some(field), "{dates}");
    }
}

/// The three documented forms, which may be mixed.
#[tokio::test]
async fn messages_are_queried_by_each_form_of_date() {
    let (sandbox, _receiver, token) = listening().await;
    upload(&sandbox, &token, CPF, SELFIE).await;
    let now = sandbox.clock().now().to_rfc3339();
    let (year, month, day) = (&now[..4], &now[5..7], &now[8..10]);
    let today = format!("{year}-{month}-{day}");
    for (start, end, found) in [
        (today.clone(), today.clone(), 1),
        (format!("{month}/{day}/{year}"), format!("{month}/{day}/{year}"), 1),
        (format!("{today}T00:00:00Z"), format!("{today}T23:59:59Z"), 1),
        (format!("{today}T00:00:00"), format!("{month}/{day}/{year}"), 1),
        ("2000-01-01T00:00:00-03:00".to_owned(), "01/01/2001".to_owned(), 0),
    ] {
        let path = format!("/webhooks/processed-messages?startDate={start}&endDate={end}");
        let answer = ask(&sandbox, &token, Method::GET, &path).send().await.expect("a response");
        let (status, body) = read(answer).await;
        assert_eq!((status, body["data"].as_array().map(Vec::len)), (200, Some(found)), "{path}");
    }
}

#[tokio::test]
async fn a_webhook_is_changed() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let (_, made) = create(&sandbox, &token, &configuration("arrivals", "https://hooks.example.com/a")).await;
    let path = format!("{CONFIGURATIONS}/{}", made["data"]["id"].as_str().expect("an id"));
    let change = |body: Value, path: &str| ask(&sandbox, &token, Method::PATCH, path).json(&body);
    let good =
        json!({ "uri": "https://hooks.example.com/b", "publicKey": "another", "privateKey": "b3V0cm8=" });
    let unknown = format!("{CONFIGURATIONS}/unknown");
    assert_eq!(read(change(good.clone(), &unknown).send().await.expect("a response")).await.0, 404);
    for field in ["uri", "publicKey", "privateKey"] {
        let mut bad = good.clone();
        bad.as_object_mut().expect("an object").remove(field);
        let answer = read(change(bad, &path).send().await.expect("a response")).await;
        assert_eq!(refused(&answer, 400).1, Some(field));
    }
    assert_eq!(change(good, &path).send().await.expect("a response").status(), 204);
    let found = ask(&sandbox, &token, Method::GET, &path).send().await.expect("a response");
    let found = read(found).await.1;
    assert_eq!(
        (&found["data"]["uri"], &found["data"]["publicKey"]),
        (&json!("https://hooks.example.com/b"), &json!("another"))
    );
    assert_eq!(found["data"]["name"], json!("arrivals"));
}

fn configuration(name: &str, url: &str) -> Value {
    json!({
        "name": name, "context": "Document", "eventName": "DOCUMENT_WAS_RECEIVED", "uri": url,
        "publicKey": PUBLIC_KEY, "privateKey": PRIVATE_KEY,
    })
}

const CONFIGURATIONS: &str = "/webhooks/configurations";

async fn create(sandbox: &Sandbox, token: &str, body: &Value) -> (u16, Value) {
    let request = ask(sandbox, token, Method::POST, CONFIGURATIONS).json(body);
    read(request.send().await.expect("a response")).await
}

async fn call(sandbox: &Sandbox, token: &str, method: Method, rest: &str) -> (u16, Value) {
    let path = format!("{CONFIGURATIONS}{rest}");
    read(ask(sandbox, token, method, &path).send().await.expect("a response")).await
}

#[tokio::test]
async fn webhooks_are_managed_by_the_api() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let mut receiver = Receiver::start().await;
    let order = configuration("arrivals", &receiver.url);
    let (status, made) = create(&sandbox, &token, &order).await;
    assert_eq!(status, 201, "{made}");
    let id = made["data"]["id"].as_str().expect("an id").to_owned();
    assert!(!made.to_string().contains(PRIVATE_KEY));
    assert_eq!(refused(&create(&sandbox, &token, &order).await, 409).0, "CONFLICT");
    upload(&sandbox, &token, CPF, SELFIE).await;
    assert_eq!(next_event(&mut receiver).await.1["name"], "DOCUMENT_WAS_RECEIVED");

    assert_eq!(call(&sandbox, &token, Method::PATCH, &format!("/{id}/disable")).await, (204, Value::Null));
    let listed = call(&sandbox, &token, Method::GET, "?page=1&pageSize=100").await.1;
    assert_eq!((&listed["data"][0]["id"], &listed["data"][0]["status"]), (&json!(id), &json!("Disabled")));
    assert_eq!(call(&sandbox, &token, Method::GET, "?status=Enabled").await.1["data"], json!([]));
    assert_eq!(call(&sandbox, &token, Method::GET, "?page=2").await.1["data"], json!([]));
    refused(&call(&sandbox, &token, Method::GET, "?page=0").await, 400);
    sandbox.clock().advance(seconds(3));
    upload(&sandbox, &token, CPF, SELFIE).await;
    assert_eq!(sandbox.bankly().deliveries().len(), 1, "nothing goes out");

    assert_eq!(call(&sandbox, &token, Method::PATCH, &format!("/{id}/enable")).await.0, 204);
    assert_eq!(call(&sandbox, &token, Method::GET, &format!("/{id}")).await.1["data"], made["data"]);
    assert_eq!(call(&sandbox, &token, Method::DELETE, &format!("/{id}")).await, (204, Value::Null));
    for (method, rest) in [(Method::GET, ""), (Method::DELETE, ""), (Method::PATCH, "/enable")] {
        refused(&call(&sandbox, &token, method, &format!("/{id}{rest}")).await, 404);
    }
}

#[tokio::test]
async fn invalid_webhooks_are_refused_and_unreachable_ones_fail() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let whole = configuration("arrivals", "https://hooks.example.com/bankly");
    for (field, value) in [
        ("name", json!("n".repeat(51))),
        ("name", Value::Null),
        ("context", json!("Pix")),
        ("eventName", json!("PIX_CASHIN_WAS_RECEIVED")),
        ("uri", json!("hooks")),
        ("publicKey", json!("")),
        ("privateKey", json!("not base64")),
    ] {
        let mut wrong = whole.clone();
        wrong[field] = value;
        assert_eq!(refused(&create(&sandbox, &token, &wrong).await, 400).1, Some(field));
    }
    assert_eq!(create(&sandbox, &token, &whole).await.0, 201);
    upload(&sandbox, &token, CPF, SELFIE).await;
    let tried = bankly_deliveries_when(&sandbox, |all| !all[0].attempts.is_empty()).await;
    assert_eq!(tried[0].attempts[0].http_status, None);

    for url in ["http://example.com/", "https://127.0.0.1/", "x"] {
        assert!(sandbox.bankly().register_webhook(url, PRIVATE_KEY, PUBLIC_KEY).is_err(), "{url}");
    }
    assert!(sandbox.bankly().register_webhook("http://127.0.0.1/", "%", PUBLIC_KEY).is_err());
    assert!(sandbox.bankly().register_webhook("http://127.0.0.1/", PRIVATE_KEY, "\n").is_err());
}
