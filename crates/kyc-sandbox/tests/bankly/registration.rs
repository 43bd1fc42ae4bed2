use kyc_sandbox::Sandbox;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

async fn post_json(sandbox: &Sandbox, token: &str, path: &str, body: &Value) -> (u16, Value) {
    read(ask(sandbox, token, Method::POST, path).json(body).send().await.expect("a response")).await
}

fn path() -> String {
    format!("/partners/{}/certificates", Sandbox::BANKLY_COMPANY_KEY)
}

fn registration() -> Value {
    json!({
        "grant_types": ["client_credentials"],
        "tls_client_auth_subject_dn": "CN=SANDBOX_CO,O=Sandbox,C=BR",
        "token_endpoint_auth_method": "tls_client_auth",
        "response_types": ["access_token"],
        "company_key": Sandbox::BANKLY_COMPANY_KEY,
        "scope": "kyc.document.read",
    })
}

#[tokio::test]
async fn certificates_come_with_an_encrypted_key() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let order = json!({ "passphrase": "p".repeat(64), "ttlInDays": 365 });
    let (status, answer) = post_json(&sandbox, &token, &path(), &order).await;
    assert_eq!(status, 200, "{answer}");
    for (field, label) in [
        ("certificate", "CERTIFICATE"),
        ("privateKey", "ENCRYPTED PRIVATE KEY"),
        ("certificateChain", "CERTIFICATE"),
    ] {
        let pem = answer[field].as_str().expect("PEM");
        assert!(pem.starts_with(&format!("-----BEGIN {label}-----\n")), "{pem}");
        assert!(pem.ends_with(&format!("-----END {label}-----\n")), "{pem}");
    }
    assert_eq!(answer["subjectDn"], "CN=SANDBOX_CO,O=Sandbox,C=BR");
    assert_eq!(answer["passphrase"], order["passphrase"]);

    assert_eq!(post_json(&sandbox, &token, &path(), &order).await.0, 200);
    let third = post_json(&sandbox, &token, &path(), &order).await;
    assert_eq!(refused(&third, 422), ("UNPROCESSABLE", None));
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let passphrase = "p".repeat(64);
    for (order, field) in [
        (json!({ "passphrase": "short", "ttlInDays": 1 }), "passphrase"),
        (json!({ "ttlInDays": 1 }), "passphrase"),
        (json!({ "passphrase": passphrase, "ttlInDays": 366 }), "ttlInDays"),
        (json!({ "passphrase": passphrase }), "ttlInDays"),
    ] {
        let answer = post_json(&sandbox, &token, &path(), &order).await;
        assert_eq!(refused(&answer, 400), ("INVALID_PARAMETER", Some(field)));
    }
    let order = json!({ "passphrase": passphrase, "ttlInDays": 1 });
    let other = post_json(&sandbox, &token, "/partners/OTHER/certificates", &order).await;
    assert_eq!(refused(&other, 403).0, "FORBIDDEN");
    let reader = token_for(&sandbox, "kyc.document.read").await;
    refused(&post_json(&sandbox, &reader, &path(), &order).await, 403);
}

#[tokio::test]
async fn a_registered_client_gets_what_it_was_registered_for() {
    let sandbox = sandbox().await;
    let (status, answer) = post_json(&sandbox, "", "/oauth2/register", &registration()).await;
    assert_eq!(status, 201, "{answer}");
    assert_eq!(answer["access_token_ttl"], 3600);
    assert_eq!(answer["token_endpoint_auth_methods"], json!(["tls_client_auth"]));
    let id = answer["client_id"].as_str().expect("an id");
    for (scope, expected) in [("kyc.document.read", 200), ("kyc.document.write", 400)] {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("scope", scope)];
        assert_eq!(post_form(&sandbox, "/oauth2/token", &form).await.0, expected, "{scope}");
    }
}

#[tokio::test]
async fn registrations_must_be_complete() {
    let sandbox = sandbox().await;
    let whole = registration();
    for field in whole.as_object().expect("an object").keys() {
        let mut less = whole.clone();
        less.as_object_mut().expect("an object").remove(field);
        let (status, answer) = post_json(&sandbox, "", "/oauth2/register", &less).await;
        assert_eq!((status, &answer["error"]), (400, &json!("invalid_client_metadata")), "{field}");
    }
    let mut other = whole;
    other["company_key"] = "OTHER".into();
    assert_eq!(post_json(&sandbox, "", "/oauth2/register", &other).await.0, 400);
}
