//! Requests that a vendor received, as values for snapshots.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_fixtures::Fixture;
use serde_json::{Value, json};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// Makes the server respond with a fixture where the path matches `below`.
pub async fn answer(server: &MockServer, verb: &str, below: &str, fixture: &Fixture) {
    let answer =
        ResponseTemplate::new(fixture.status.unwrap()).set_body_raw(fixture.body, "application/json");
    Mock::given(method(verb)).and(path_regex(below)).respond_with(answer).mount(server).await;
}

/// Returns the requests that arrived, in order.
pub async fn received(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

/// Returns the text of a header.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

/// Returns the fields of a form, in order.
pub fn form(text: &str) -> Vec<(String, String)> {
    reqwest::Url::parse(&format!("http://form/?{text}")).unwrap().query_pairs().into_owned().collect()
}

/// Returns the parts of a multipart body: the lines of their headers and their contents, files as base64.
pub fn parts(request: &Request) -> Value {
    let boundary = header(request, "content-type").unwrap().split_once("boundary=").unwrap().1;
    let (begin, end) = (format!("--{boundary}\r\n"), format!("--{boundary}--\r\n"));
    let body = request.body.strip_suffix(end.as_bytes()).expect("the last boundary ends it");
    let places: Vec<usize> =
        (0..body.len()).filter(|&place| body[place..].starts_with(begin.as_bytes())).collect();
    assert_eq!(places[0], 0);
    let ends = places[1..].iter().copied().chain([body.len()]);
    let shown = |(place, end): (usize, usize)| {
        let part = body[place + begin.len()..end].strip_suffix(b"\r\n").unwrap();
        let split = (0..part.len()).find(|&place| part[place..].starts_with(b"\r\n\r\n")).unwrap();
        let head: Vec<_> = std::str::from_utf8(&part[..split]).unwrap().split("\r\n").collect();
        let content = &part[split + 4..];
        match head.len() {
            1 => json!([head, std::str::from_utf8(content).unwrap()]),
            _ => json!([head, { "base64": STANDARD.encode(content) }]),
        }
    };
    places.iter().copied().zip(ends).map(shown).collect()
}

/// Returns the body by its content type: JSON, the fields of a form, the parts of a multipart body; null without one.
pub fn shown_body(request: &Request) -> Value {
    let media_type = header(request, "content-type").map(|value| value.split(';').next().unwrap());
    match media_type {
        None => {
            assert!(request.body.is_empty());
            Value::Null
        }
        // A GET whose page prints a content type.
        Some("application/json") if request.body.is_empty() => Value::Null,
        Some("application/json") => serde_json::from_slice(&request.body).unwrap(),
        Some("application/x-www-form-urlencoded") => {
            form(std::str::from_utf8(&request.body).unwrap()).into_iter().map(|field| json!(field)).collect()
        }
        Some("multipart/form-data") => parts(request),
        Some(other) => panic!("unexpected content type {other}"),
    }
}

/// Returns the parts of a request that our crates determine.
pub fn shown(request: &Request) -> Value {
    let content_type =
        header(request, "content-type").map(|value| value.split("; boundary=").next().unwrap());
    json!({
        "method": request.method.as_str(),
        "path": request.url.path(),
        "query": request.url.query(),
        "accept": header(request, "accept"),
        "authorization": header(request, "authorization"),
        "content-type": content_type,
        "content-length": header(request, "content-length")
            .map(|length| if length == request.body.len().to_string() { "exact" } else { "wrong" }),
        "body": shown_body(request),
    })
}
