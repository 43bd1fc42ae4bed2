use std::time::Duration;

use kyc_fixtures::clearsale_facematch as documented;
use kyc_sandbox::clearsale::Operation;
use kyc_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::client::*;
use crate::support::*;

/// The bytes received on a socket until the other side closes it.
async fn on_the_wire(sandbox: &Sandbox, path: &str, token: &str, body: &Value) -> String {
    let body = body.to_string();
    let mut stream = TcpStream::connect(sandbox.addr()).await.expect("a connection");
    let request = format!(
        "POST /clearsale{path} HTTP/1.1\r\nHost: sandbox\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("the request is taken");
    let mut answer = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    end.expect("the connection is closed").expect("and closed in order");
    String::from_utf8_lossy(&answer).into_owned()
}

fn split(answer: &str) -> (String, &str) {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    (head.to_ascii_lowercase(), body)
}

#[tokio::test]
async fn a_closed_connection_has_no_response() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    sandbox.clearsale().fault(Fault::close());
    assert_eq!(on_the_wire(&sandbox, MATCH, &token, &order()).await, "");
    assert_eq!(sandbox.clearsale().paid_calls(), 0);
    sandbox.clearsale().fault(Fault::close().after_effect());
    assert_eq!(on_the_wire(&sandbox, MATCH, &token, &order()).await, "");
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
    assert_eq!(post(&sandbox, MATCH, &token, &order()).await.0, 200);
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_declared() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    for (fault, paid) in [(Fault::cut_body(), 0), (Fault::cut_body().after_effect(), 1)] {
        sandbox.clearsale().fault(fault);
        let answer = on_the_wire(&sandbox, MATCH, &token, &order()).await;
        let (head, body) = split(&answer);
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        assert_eq!(promised.parse::<usize>().expect("a number") / 2, body.len());
        assert!(!body.is_empty());
        assert_eq!(sandbox.clearsale().paid_calls(), paid);
    }
}

#[tokio::test]
async fn truncated_json_is_complete_http() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    for (fault, paid) in [(Fault::truncated_json(), 0), (Fault::truncated_json().after_effect(), 1)] {
        sandbox.clearsale().fault(fault.on(Operation::Match));
        let response = send(&sandbox, MATCH, &token, &order()).await.expect("a response");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
        let body = response.text().await.expect("all of it");
        assert!(body.starts_with('{') && serde_json::from_str::<Value>(&body).is_err());
        assert_eq!(sandbox.clearsale().paid_calls(), paid);
    }
}

#[tokio::test]
async fn statuses_have_their_bodies() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let clearsale = sandbox.clearsale();
    clearsale.fault(Fault::status(429).retry_after(7));
    let response = send(&sandbox, MATCH, &token, &order()).await.expect("a response");
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"].to_str().ok()),
        (429, &Some("7"))
    );

    clearsale.fault(Fault::status(503));
    let response = send(&sandbox, MATCH, &token, &order()).await.expect("a response");
    assert!(response.headers().get("retry-after").is_none());
    assert_eq!(read(response).await, (503, json!({ "title": "Service Unavailable", "status": 503 })));

    clearsale.fault(Fault::status(500));
    let expected = with_live_values(documented::LOGIN_500.body, &Value::Null, &[]);
    assert_eq!(post(&sandbox, LOGIN, "", &json!({})).await, (500, expected));

    clearsale.fault(Fault::status(500));
    let expected = documented::QUERY_500.body.replace("{transactionId}", "some-id");
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    assert_eq!(query(&sandbox, &token, "some-id").await, (500, expected));

    clearsale.fault(Fault::status(42));
    assert_eq!(post(&sandbox, MATCH, &token, &order()).await.0, 500);
    assert_eq!(clearsale.paid_calls(), 0);
}

#[tokio::test]
async fn a_gateway_responds_with_html_or_no_body() {
    let sandbox = sandbox().await;
    sandbox.clearsale().fault(Fault::html(502));
    let response = send(&sandbox, LOGIN, "", &json!({})).await.expect("a response");
    assert_eq!(response.status(), 502);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    assert!(response.text().await.expect("a page").starts_with("<!DOCTYPE html>"));
    sandbox.clearsale().fault(Fault::empty(404));
    assert_eq!(post(&sandbox, LOGIN, "", &json!({})).await, (404, Value::Null));
}

/// Whether a client with a short timeout gives up.
async fn gave_up(sandbox: &Sandbox, token: &str, after: Duration) -> bool {
    let request =
        client().post(format!("{}{MATCH}", sandbox.clearsale_url())).bearer_auth(token).json(&order());
    request.timeout(after).send().await.is_err_and(|error| error.is_timeout())
}

#[tokio::test]
async fn a_hung_request_hangs_until_the_client_gives_up() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let moment = Duration::from_millis(500);
    sandbox.clearsale().fault(Fault::hang());
    assert!(gave_up(&sandbox, &token, moment).await);
    assert_eq!(sandbox.clearsale().paid_calls(), 0);
    sandbox.clearsale().fault(Fault::hang().after_effect());
    assert!(gave_up(&sandbox, &token, moment).await);
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
}

#[tokio::test]
async fn a_delayed_response_is_the_regular_one() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let clearsale = sandbox.clearsale();
    clearsale.fault(Fault::latency(Duration::from_millis(50)));
    assert_eq!(post(&sandbox, MATCH, &token, &order()).await.0, 200);
    assert_eq!(clearsale.paid_calls(), 1);
    clearsale.fault(Fault::latency(seconds(60)));
    assert!(gave_up(&sandbox, &token, Duration::from_millis(500)).await);
    assert_eq!(clearsale.paid_calls(), 1);
    clearsale.fault(Fault::latency(seconds(60)).after_effect());
    assert!(gave_up(&sandbox, &token, Duration::from_millis(500)).await);
    assert_eq!(clearsale.paid_calls(), 2);
}

#[tokio::test]
async fn faults_are_queued_for_their_operation() {
    let sandbox = sandbox().await;
    let clearsale = sandbox.clearsale();
    clearsale.fault(Fault::status(503).on(Operation::Query).times(2));
    clearsale.fault(Fault::status(429));
    clearsale.fault(Fault::status(500).times(0));
    assert_eq!(clearsale.waiting_faults(), 3);
    assert_eq!(post(&sandbox, LOGIN, "", &json!({})).await.0, 429);
    let token = login(&sandbox).await;
    for expected in [503, 503, 404] {
        assert_eq!(query(&sandbox, &token, "some-id").await.0, expected);
    }
    clearsale.fault(Fault::status(429).times(9));
    clearsale.clear_faults();
    assert_eq!(query(&sandbox, &token, "some-id").await.0, 404);
    assert_eq!(clearsale.requests(Operation::Query), 4);
}

#[tokio::test]
async fn a_pending_request_does_not_delay_the_shutdown() {
    let sandbox = sandbox().await;
    sandbox.clearsale().fault(Fault::hang());
    let hung = tokio::spawn(client().get(format!("{}{MATCH}/id", sandbox.clearsale_url())).send());
    while sandbox.clearsale().waiting_faults() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sandbox.shutdown().await;
    assert!(hung.await.expect("no panic").is_err());
}
