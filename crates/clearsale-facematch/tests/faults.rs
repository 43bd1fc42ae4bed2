//! The network and the vendor on a bad day: kind of error, what is known of delivery, how many requests there were.

use clearsale_facematch::TransactionId;
use clearsale_facematch::core::{Delivery, Error, Kind};
use kyc_sandbox::clearsale::Operation;
use kyc_sandbox::{Fault, Sandbox};

use crate::support::{client, hurried, request};

/// Fault, kind, delivery, requests of the paid hand-in, requests of the free query.
type Row = (&'static str, Fault<Operation>, Kind, Delivery, u64, u64);

fn rows() -> Vec<Row> {
    use Delivery::{Answered, Refused, Unknown};
    use Kind::{Config, Decode, NotFound, RateLimited, Timeout, Transport, Unavailable};
    vec![
        ("attempt timeout", Fault::hang(), Timeout, Unknown, 1, 3),
        ("connection closed", Fault::close(), Transport, Unknown, 1, 3),
        ("cut in the body", Fault::cut_body(), Transport, Unknown, 1, 3),
        ("429", Fault::status(429), RateLimited, Refused, 3, 3),
        ("429, Retry-After", Fault::status(429).retry_after(1), RateLimited, Refused, 3, 3),
        (
            "429, Retry-After beyond the deadline",
            Fault::status(429).retry_after(3600),
            RateLimited,
            Refused,
            1,
            1,
        ),
        ("500", Fault::status(500), Unavailable, Answered, 1, 3),
        ("503", Fault::status(503), Unavailable, Answered, 1, 3),
        ("HTML page", Fault::html(502), Unavailable, Answered, 1, 3),
        ("HTML page with 200", Fault::html(200), Decode, Answered, 1, 1),
        ("truncated JSON", Fault::truncated_json(), Decode, Answered, 1, 1),
        ("empty 404", Fault::empty(404), NotFound, Answered, 1, 1),
        ("redirect", Fault::empty(307), Config, Answered, 1, 1),
    ]
}

fn check(name: &str, error: &Error, kind: Kind, delivery: Delivery) {
    assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{name}: {error}");
    assert!(!error.to_string().contains('\n'), "{name}: one line");
}

#[tokio::test]
async fn a_paid_hand_in() {
    for (name, fault, kind, delivery, requests, _) in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        sandbox.clearsale().fault(fault.on(Operation::Match).times(10));
        let error = hurried(&sandbox).match2d_2d(&request()).await.unwrap_err();
        check(name, &error, kind, delivery);
        assert_eq!(sandbox.clearsale().requests(Operation::Match), requests, "{name}");
        assert_eq!(u64::from(error.attempts()), requests, "{name}");
        // What may have landed is named by the reference that was sent; nothing else is.
        let reference = error.operation_id().map(|id| (id.is_reference(), id.value().to_owned()));
        assert_eq!(reference, error.may_have_landed().then(|| (true, "order-1".to_owned())), "{name}");
    }
}

#[tokio::test]
async fn a_free_query() {
    for (name, fault, kind, delivery, _, requests) in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        let id = client.match2d_2d(&request()).await.unwrap().transaction_id.clone();
        sandbox.clearsale().fault(fault.on(Operation::Query).times(10));
        let error = client.transaction(&id).await.unwrap_err();
        check(name, &error, kind, delivery);
        assert_eq!(sandbox.clearsale().requests(Operation::Query), requests, "{name}");
    }
}

#[tokio::test]
async fn what_passes_is_not_seen() {
    let passing = [Fault::status(429), Fault::status(429).retry_after(1)];
    for fault in passing {
        let sandbox = Sandbox::builder().start().await.unwrap();
        sandbox.clearsale().fault(fault.on(Operation::Match));
        let reply = hurried(&sandbox).match2d_2d(&request()).await.unwrap();
        assert_eq!((reply.meta().attempts, sandbox.clearsale().paid_calls()), (2, 1));
    }
    for fault in [Fault::status(500), Fault::hang(), Fault::close(), Fault::cut_body(), Fault::html(503)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        let id = client.match2d_2d(&request()).await.unwrap().transaction_id.clone();
        sandbox.clearsale().fault(fault.on(Operation::Query));
        assert_eq!(client.transaction(&id).await.unwrap().meta().attempts, 2);
    }
}

#[tokio::test]
async fn connect_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = client(&sandbox.clearsale_url());
    // With a token, so that it is the hand-in itself that finds no connection.
    client.match2d_2d(&request()).await.unwrap();
    sandbox.shutdown().await;
    let error = client.match2d_2d(&request()).await.unwrap_err();
    check("connect refused", &error, Kind::Transport, Delivery::NotSent);
    assert_eq!((error.attempts(), error.may_have_landed()), (3, false));
    assert!(error.operation_id().is_none());
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("refused"), "{cause}");
}

/// A server that takes the connection and never reads: the deadline passes before or while the body is sent.
#[tokio::test]
async fn no_wait_is_without_end() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = clearsale_facematch::core::Settings::new()
        .attempt_timeout(std::time::Duration::from_millis(100))
        .overall_timeout(std::time::Duration::from_millis(250));
    let client = crate::support::builder(&url).settings(settings).build().unwrap();
    let error = client.transaction(&TransactionId::new("1")).await.unwrap_err();
    check("silence", &error, Kind::Timeout, Delivery::NotSent);
    drop(listener);
}
