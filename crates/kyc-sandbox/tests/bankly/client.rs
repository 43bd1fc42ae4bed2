//! The client.

use axum::http::HeaderMap;
use kyc_sandbox::bankly::{TestOutcome, test_cpf};
use kyc_sandbox::{Delivery, Sandbox};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::support::*;

/// Every scope that the operations require.
pub(crate) const SCOPES: &str = "kyc.document.write kyc.document.read kyc.document.deepface.write webhook.read \
                                 webhook.write webhook.delete certificate.create";

pub(crate) const CPF: &str = "92000000100";

pub(crate) fn cpf_of(outcome: TestOutcome) -> &'static str {
    test_cpf(outcome).expect("each outcome has its CPF")
}

pub(crate) async fn log_in(sandbox: &Sandbox) -> String {
    token_for(sandbox, SCOPES).await
}

pub(crate) async fn token_for(sandbox: &Sandbox, scope: &str) -> String {
    let form =
        [("grant_type", "client_credentials"), ("client_id", Sandbox::BANKLY_CLIENT_ID), ("scope", scope)];
    let (status, answer) = post_form(sandbox, "/oauth2/token", &form).await;
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().expect("a token").to_owned()
}

pub(crate) async fn post_form(sandbox: &Sandbox, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let url = format!("{}{path}", sandbox.bankly_url());
    read(client().post(url).form(form).send().await.expect("a response")).await
}

pub(crate) fn ask(sandbox: &Sandbox, token: &str, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}{path}", sandbox.bankly_url());
    client().request(method, url).bearer_auth(token).header("api-version", "1")
}

/// A minimal PNG.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend(b"\x08\x02\0\0\0\0\0\0\0\0\0\0\0IEND\xaeB`\x82");
    bytes
}

pub(crate) fn form(document_type: &str, side: &str, image: Vec<u8>) -> Form {
    Form::new()
        .text("documentType", document_type.to_owned())
        .text("documentSide", side.to_owned())
        .part("image", Part::bytes(image).file_name("picture.png"))
}

pub(crate) async fn try_upload(
    sandbox: &Sandbox,
    token: &str,
    cpf: &str,
    form: Form,
) -> reqwest::Result<Response> {
    let path = format!("/document-analysis/{cpf}");
    ask(sandbox, token, Method::PUT, &path).multipart(form).send().await
}

pub(crate) async fn upload_form(sandbox: &Sandbox, token: &str, cpf: &str, form: Form) -> (u16, Value) {
    read(try_upload(sandbox, token, cpf, form).await.expect("a response")).await
}

pub(crate) async fn upload(sandbox: &Sandbox, token: &str, cpf: &str, kind: (&str, &str)) -> (u16, Value) {
    upload_form(sandbox, token, cpf, form(kind.0, kind.1, png(640, 480))).await
}

pub(crate) const SELFIE: (&str, &str) = ("SELFIE", "FRONT");
pub(crate) const FRONT: (&str, &str) = ("RG", "FRONT");
pub(crate) const BACK: (&str, &str) = ("RG", "BACK");

/// Uploads an image, lets its analysis end and returns its status.
pub(crate) async fn analysed(sandbox: &Sandbox, token: &str, cpf: &str, kind: (&str, &str)) -> Value {
    let (status, answer) = upload(sandbox, token, cpf, kind).await;
    assert_eq!(status, 202, "{answer}");
    sandbox.clock().advance(seconds(3));
    let image = answer["token"].as_str().expect("a token");
    let (status, mut found) =
        status_of(sandbox, token, cpf, &format!("token={image}&resultLevel=DETAILED")).await;
    assert_eq!(status, 200, "{found}");
    found[0].take()
}

pub(crate) async fn status_of(sandbox: &Sandbox, token: &str, cpf: &str, query: &str) -> (u16, Value) {
    let path = format!("/document-analysis/{cpf}?{query}");
    read(ask(sandbox, token, Method::GET, &path).send().await.expect("a response")).await
}

/// The code and the property of an error response in the vendor's form.
pub(crate) fn refused(answer: &(u16, Value), status: u16) -> (&str, Option<&str>) {
    assert_eq!(answer.0, status, "{}", answer.1);
    let error = &answer.1["errors"][0];
    assert!(error["messages"][0].is_string(), "{error}");
    (error["code"].as_str().expect("a code"), error["propertyName"].as_str())
}

pub(crate) async fn bankly_deliveries_when(
    sandbox: &Sandbox,
    ready: impl Fn(&[Delivery]) -> bool,
) -> Vec<Delivery> {
    when(|| sandbox.bankly().deliveries(), ready).await
}

/// The event, whether it was sent in an array or not.
pub(crate) async fn next_event(receiver: &mut Receiver) -> (HeaderMap, Value) {
    let (headers, mut body) = receiver.next().await;
    let event = if body.is_array() { body[0].take() } else { body };
    (headers, event)
}
