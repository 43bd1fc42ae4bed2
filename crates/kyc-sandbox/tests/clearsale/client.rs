//! A client based on the vendor's page only.

use base64::Engine as _;
use kyc_sandbox::clearsale::{TestCpf, TestOutcome};
use kyc_sandbox::{Delivery, Sandbox};
use serde_json::{Value, json};

use crate::support::*;

pub(crate) const LOGIN: &str = "/api/authentication/login";
pub(crate) const MATCH: &str = "/api/v2/Facematch/faces/match2d-2d";

pub(crate) async fn login(sandbox: &Sandbox) -> String {
    let body = json!({
        "clientId": Sandbox::CLEARSALE_CLIENT_ID,
        "clientSecret": Sandbox::CLEARSALE_CLIENT_SECRET,
    });
    let (status, answer) = post(sandbox, LOGIN, "", &body).await;
    assert_eq!(status, 200);
    answer["access_token"].as_str().expect("a token").to_owned()
}

pub(crate) async fn send(
    sandbox: &Sandbox,
    path: &str,
    token: &str,
    body: &Value,
) -> reqwest::Result<reqwest::Response> {
    client().post(format!("{}{path}", sandbox.clearsale_url())).bearer_auth(token).json(body).send().await
}

pub(crate) async fn post(sandbox: &Sandbox, path: &str, token: &str, body: &Value) -> (u16, Value) {
    read(send(sandbox, path, token, body).await.expect("a response")).await
}

pub(crate) async fn query(sandbox: &Sandbox, token: &str, id: &str) -> (u16, Value) {
    let url = format!("{}{MATCH}/{id}", sandbox.clearsale_url());
    read(client().get(url).bearer_auth(token).send().await.expect("a response")).await
}

/// The start of a PNG of 150 × 150 pixels, in base64.
pub(crate) fn picture() -> String {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x96\0\0\0\x96\x08\x02\0\0\0".to_vec();
    bytes.extend([0; 16]);
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn order() -> Value {
    json!({ "image0": picture(), "image1": picture() })
}

pub(crate) fn order_for(outcome: TestOutcome) -> Value {
    let mut order = order();
    order["cpf"] = cpf_for(outcome).into();
    order["identifierId"] = "order-1".into();
    order
}

pub(crate) fn cpf_for(outcome: TestOutcome) -> &'static str {
    let found: Option<&TestCpf> =
        kyc_sandbox::clearsale::TEST_CPFS.iter().find(|test| test.outcome == outcome);
    found.expect("each outcome has its CPF").cpf
}

/// Starts a comparison and returns its id.
pub(crate) async fn submit(sandbox: &Sandbox, token: &str, order: &Value) -> String {
    let (status, answer) = post(sandbox, MATCH, token, order).await;
    assert_eq!(status, 200, "{answer}");
    answer["transactionId"].as_str().expect("an id").to_owned()
}

/// Waits, in real time, until ClearSale's deliveries satisfy the condition.
pub(crate) async fn deliveries_when(sandbox: &Sandbox, ready: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
    when(|| sandbox.clearsale().deliveries(), ready).await
}

pub(crate) async fn next_status(receiver: &mut Receiver) -> String {
    receiver.next().await.1["transactionStatus"].as_str().expect("a status").to_owned()
}
