//! The client.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_fixtures::Fixture;
use kyc_sandbox::Sandbox;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::*;

pub(crate) const CPF: &str = "/bg-check/cpf-simples";
pub(crate) const CNPJ: &str = "/bg-check/cnpj-simples";
pub(crate) const METER: &str = "/autoleitura";
pub(crate) const FACES: &str = "/facematch";
pub(crate) const BALANCE: &str = "/utilitarias/saldo-portal";

pub(crate) fn ask(sandbox: &Sandbox, method: Method, path: &str) -> RequestBuilder {
    let url = format!("{}{path}", sandbox.cellere_url());
    client().request(method, url).bearer_auth(Sandbox::CELLERE_TOKEN)
}

pub(crate) async fn answer(request: RequestBuilder) -> (u16, Value) {
    read(request.send().await.expect("a response")).await
}

pub(crate) async fn fetch(sandbox: &Sandbox, path: &str) -> (u16, Value) {
    answer(ask(sandbox, Method::GET, path)).await
}

pub(crate) async fn send_json(sandbox: &Sandbox, path: &str, body: &Value) -> (u16, Value) {
    answer(ask(sandbox, Method::POST, path).json(body)).await
}

pub(crate) async fn send_form(sandbox: &Sandbox, path: &str, form: Form) -> (u16, Value) {
    answer(ask(sandbox, Method::POST, path).multipart(form)).await
}

pub(crate) fn base64(content: &[u8]) -> String {
    STANDARD.encode(content)
}

pub(crate) fn file(name: &str, content: &[u8]) -> Part {
    Part::bytes(content.to_vec()).file_name(name.to_owned())
}

/// A minimal file of that format.
pub(crate) fn empty_png() -> &'static [u8] {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x02\0\0\0\0\0\0\0\0\0\0\0IEND\xaeB`\x82"
}

pub(crate) const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0;";
pub(crate) const BMP: &[u8] = b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\x01\0\x01\0\x01\0\x18\0\0\0\0\0";
pub(crate) const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x2Cmeta\0\0\0\0\0\0\0\x20iprp\0\0\0\x18ipco\0\0\0\x14ispe\0\0\0\0\0\0\0\x01\0\0\0\x01";
pub(crate) const PDF: &[u8] = b"%PDF-1.7\n";

pub(crate) fn body_of(fixture: &Fixture) -> Value {
    serde_json::from_str(fixture.body).expect("JSON")
}

/// An error response with that text, in the documented form.
pub(crate) fn refusal(status: u16, text: &str) -> (u16, Value) {
    (status, json!({ "response": { "code": status, "message": text } }))
}
