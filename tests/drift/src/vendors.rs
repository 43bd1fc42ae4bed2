//! One file for each vendor.

mod bankly_kyc;
mod cellere_portal;
mod certiface;
mod clearsale_facematch;

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::{WebhookEvent, WebhookRequest, WebhookSource};
use kyc_fixtures::Fixture;
use serde_json::{Map, Value, json};
use url::form_urlencoded;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::vendor::Vendor;

/// Returns every vendor.
pub(crate) fn all() -> Vec<Box<dyn Vendor>> {
    vec![
        Box::new(bankly_kyc::Bankly),
        Box::new(cellere_portal::Cellere),
        Box::new(certiface::Certiface),
        Box::new(clearsale_facematch::Clearsale),
    ]
}

/// Starts a server that answers every request at any path. The paths are compared with the rows of the page.
async fn server(answer: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// Returns a documented response.
fn as_documented(fixture: &Fixture) -> ResponseTemplate {
    let status = fixture.status.unwrap_or(500);
    ResponseTemplate::new(status).set_body_raw(fixture.body, "application/json")
}

/// Returns the requests that a server received, in order.
async fn requests(server: &MockServer) -> Result<Vec<Request>> {
    server.received_requests().await.context("the server does not record requests")
}

/// Returns the method and path of each request that a server received.
async fn heard(server: &MockServer) -> Result<BTreeSet<(String, String)>> {
    let method_and_path = |request: Request| (request.method.to_string(), request.url.path().to_owned());
    Ok(requests(server).await?.into_iter().map(method_and_path).collect())
}

/// Returns the fields of a request: of its query, form, JSON or parts.
fn said(request: &Request) -> Result<Value> {
    let media = request.headers.get("content-type").and_then(|value| value.to_str().ok());
    match media {
        None => Ok(form(request.url.query().unwrap_or_default().as_bytes())),
        Some("application/x-www-form-urlencoded") => Ok(form(&request.body)),
        Some("application/json") => Ok(serde_json::from_slice(&request.body)?),
        Some(media) => multipart(media, &request.body),
    }
}

/// Returns the fields of a form or a query; a repeated one has a list of values.
fn form(text: &[u8]) -> Value {
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(text).into_owned() {
        match fields.get_mut(&name) {
            None => drop(fields.insert(name, value.into())),
            Some(Value::Array(values)) => values.push(value.into()),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    fields.into()
}

/// Returns the parts of a multipart body: texts, and files as [`file()`] represents them.
fn multipart(content_type: &str, body: &[u8]) -> Result<Value> {
    let (_, boundary) = content_type.split_once("boundary=").context("the content type has no boundary")?;
    // Each byte becomes a character, so that files and text parts can be split alike.
    let body: String = body.iter().copied().map(char::from).collect();
    let (parts, end) = body.rsplit_once(&format!("--{boundary}--")).context("the body does not end")?;
    ensure!(end == "\r\n", "something follows the end");
    let mut fields = Map::new();
    for part in parts.split(&format!("--{boundary}\r\n")).skip(1) {
        let (head, content) = part.split_once("\r\n\r\n").context("a part has no header")?;
        let content = content.strip_suffix("\r\n").context("a part does not end")?;
        let content: Vec<u8> = content.chars().map(u8::try_from).collect::<Result<_, _>>()?;
        let between = |start, end| head.split_once(start)?.1.split(end).next();
        let name = between("; name=\"", "\"").context("a part has no name")?;
        let value = match between("; filename=\"", "\"") {
            None => String::from_utf8(content)?.into(),
            Some(name) => {
                file(name, between("Content-Type: ", "\r\n").context("a file has no content type")?, &content)
            }
        };
        ensure!(fields.insert(name.to_owned(), value).is_none(), "a part occurs twice");
    }
    Ok(fields.into())
}

/// Represents a file of a multipart body: its name, its content type, its content in base64.
fn file(name: &str, kind: &str, content: &[u8]) -> Value {
    json!({ "filename": name, "type": kind, "content": STANDARD.encode(content) })
}

/// Waits for the request that the sandbox sends to a path asynchronously.
async fn arrived(server: &MockServer, path: &str) -> Result<Option<Request>> {
    for _ in 0..200 {
        if let Some(request) = requests(server).await?.into_iter().find(|request| request.url.path() == path)
        {
            return Ok(Some(request));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(None)
}

/// Returns the HTTP method of an event that the sandbox sent and the receiver accepted; `None` if there is none.
async fn received(
    customer: &MockServer,
    path: &str,
    webhook: &dyn WebhookSource,
    is_read: impl Fn(&WebhookEvent) -> bool,
) -> Result<Option<String>> {
    let Some(request) = arrived(customer, path).await? else { return Ok(None) };
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let hook = WebhookRequest::new(headers, request.body.clone())
        .from_peer(Ipv4Addr::LOCALHOST.into())
        .at_url(format!("{}{path}", customer.uri()));
    let is_taken = webhook.receive(&hook).is_ok_and(|events| events.iter().any(is_read));
    Ok(is_taken.then(|| request.method.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_body_are_read() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\u{e9}\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.pdf\"\r\nContent-Type: application/pdf\r\n\r\n\r\n\r\n\
                    --b--\r\n";
        assert_eq!(
            multipart("multipart/form-data; boundary=b", body.as_bytes()).unwrap(),
            json!({ "a": "\u{e9}", "f": { "filename": "f.pdf", "type": "application/pdf", "content": "DQo=" } })
        );
        let cut = &body[..body.len() - 4];
        assert!(multipart("multipart/form-data; boundary=b", cut.as_bytes()).is_err());
        assert!(multipart("multipart/form-data", body.as_bytes()).is_err());
    }

    #[test]
    fn a_repeated_field_has_a_list() {
        assert_eq!(form(b"a=1&b=2&a=3&a=4"), json!({ "a": ["1", "3", "4"], "b": "2" }));
    }
}
