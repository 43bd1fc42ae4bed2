use kyc_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;

use super::client::*;
use crate::support::*;

fn token_form<'a>(id: &'a str, scope: &'a str) -> [(&'a str, &'a str); 3] {
    [("grant_type", "client_credentials"), ("client_id", id), ("scope", scope)]
}

#[tokio::test]
async fn a_token_by_certificate_requires_no_secret() {
    let sandbox = sandbox().await;
    let form = token_form(Sandbox::BANKLY_CLIENT_ID, "kyc.document.read kyc.document.write");
    let (status, answer) = post_form(&sandbox, "/oauth2/token", &form).await;
    assert_eq!(status, 200);
    assert!(answer["access_token"].as_str().is_some_and(|token| token.len() == 64));
    assert_eq!(
        (&answer["expires_in"], &answer["token_type"], &answer["scope"]),
        (&json!(3600), &json!("Bearer"), &json!("kyc.document.read kyc.document.write"))
    );
    assert_eq!(sandbox.bankly().logins(), 1);
}

#[tokio::test]
async fn a_token_by_secret_requires_it() {
    let sandbox = sandbox().await;
    let form = |secret| {
        vec![
            ("grant_type", "client_credentials"),
            ("client_id", Sandbox::BANKLY_CLIENT_ID),
            ("client_secret", secret),
        ]
    };
    let good = post_form(&sandbox, "/connect/token", &form(Sandbox::BANKLY_CLIENT_SECRET)).await;
    assert_eq!((good.0, &good.1["scope"]), (200, &json!("certificate.create")));
    let bad = post_form(&sandbox, "/connect/token", &form("another")).await;
    assert_eq!((bad.0, &bad.1["error"]), (400, &json!("invalid_client")));
    assert!(bad.1["error_description"].is_string());
}

#[tokio::test]
async fn invalid_requests_get_oauth_error_codes() {
    let sandbox = sandbox().await;
    let eleven = (0..11).map(|number| format!("scope.{number}")).collect::<Vec<_>>().join(" ");
    let id = Sandbox::BANKLY_CLIENT_ID;
    for (form, error) in [
        (token_form("nobody", "kyc.document.read"), "invalid_client"),
        (token_form(id, &eleven), "invalid_scope"),
        (token_form(id, ""), "invalid_scope"),
        (token_form("", "kyc.document.read"), "invalid_request"),
        ([("grant_type", "password"), ("client_id", id), ("scope", "a")], "unsupported_grant_type"),
    ] {
        let (status, answer) = post_form(&sandbox, "/oauth2/token", &form).await;
        assert_eq!((status, &answer["error"]), (400, &json!(error)), "{form:?}");
    }
    let url = format!("{}/oauth2/token", sandbox.bankly_url());
    let as_json = client().post(url).json(&json!({ "grant_type": "client_credentials" })).send().await;
    assert_eq!(read(as_json.expect("a response")).await.1["error"], "invalid_request");
    assert_eq!(sandbox.bankly().logins(), 0);
}

#[tokio::test]
async fn tokens_expire_and_have_scopes() {
    let sandbox = sandbox().await;
    let reader = token_for(&sandbox, "kyc.document.read").await;
    let unknown = status_of(&sandbox, "unknown", CPF, "").await;
    assert_eq!(refused(&unknown, 401), ("UNAUTHORIZED", None));
    let forbidden = upload(&sandbox, &reader, CPF, SELFIE).await;
    assert_eq!(refused(&forbidden, 403), ("FORBIDDEN", None));
    assert_eq!(refused(&status_of(&sandbox, &reader, CPF, "").await, 404).0, "NOT_FOUND");

    sandbox.clock().advance(seconds(3599));
    refused(&status_of(&sandbox, &reader, CPF, "").await, 404);
    sandbox.clock().advance(seconds(1));
    refused(&status_of(&sandbox, &reader, CPF, "").await, 401);
    let next = token_for(&sandbox, "kyc.document.read").await;
    sandbox.bankly().expire_tokens();
    refused(&status_of(&sandbox, &next, CPF, "").await, 401);
}

#[tokio::test]
async fn api_versions_correlation_ids_and_unknown_paths() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let url = format!("{}/document-analysis/{CPF}", sandbox.bankly_url());
    let without = read(client().get(&url).bearer_auth(&token).send().await.expect("a response")).await;
    assert_eq!(refused(&without, 400), ("INVALID_PARAMETER", Some("api-version")));
    let other = client().get(&url).bearer_auth(&token).header("api-version", "2").send().await;
    refused(&read(other.expect("a response")).await, 400);
    let full = client().get(&url).bearer_auth(&token).header("api-version", "1.0");
    let full = full.header("x-correlation-id", "my-own").send().await.expect("a response");
    assert_eq!(full.headers()["x-bkly-correlation-id"], "my-own");
    refused(&read(full).await, 404);
    let fresh = ask(&sandbox, &token, Method::GET, "/webhooks/configurations").send().await;
    let fresh = fresh.expect("a response").headers()["x-bkly-correlation-id"].clone();
    assert_eq!(fresh.len(), 36);

    let nowhere = ask(&sandbox, &token, Method::GET, "/customers/1").send().await.expect("a response");
    assert_eq!(refused(&read(nowhere).await, 404), ("NOT_FOUND", None));
    let wrong = ask(&sandbox, &token, Method::PUT, "/oauth2/token").send().await.expect("a response");
    assert_eq!(refused(&read(wrong).await, 405), ("METHOD_NOT_ALLOWED", None));
}
