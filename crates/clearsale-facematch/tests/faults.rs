//! The network and the vendor on a bad day: kind of error, what is known of delivery, how many requests there were.

use std::time::Duration;

use clearsale_facematch::TransactionId;
use clearsale_facematch::kyc_core::{ClientOptions, Delivery, ErrorKind};
use kyc_sandbox::clearsale::Operation;
use kyc_sandbox::{Fault, Sandbox};
use test_support::causes;
use test_support::faults::{Row, check, passing, usual};
use test_support::sockets::silence;

use crate::support::{builder, client, hurried, request};

fn rows() -> Vec<Row<Operation>> {
    let mut rows = usual();
    rows.push(Row::new("429", Fault::status(429), ErrorKind::RateLimited, Delivery::Refused, [3, 3]));
    rows.push(Row::new("empty 404", Fault::empty(404), ErrorKind::NotFound, Delivery::Answered, [1, 1]));
    rows
}

#[tokio::test]
async fn a_paid_hand_in() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        sandbox.clearsale().fault(row.fault.clone().on(Operation::Match).times(10));
        let error = hurried(&sandbox).match2d_2d(&request()).await.unwrap_err();
        row.check_paid(&error);
        let Row { name, paid, .. } = row;
        assert_eq!(sandbox.clearsale().requests(Operation::Match), paid, "{name}");
        // What may have landed is named by the reference that was sent; nothing else is.
        let reference = error.operation_id().map(|id| (id.is_reference(), id.value().to_owned()));
        assert_eq!(reference, error.may_have_landed().then(|| (true, "order-1".to_owned())), "{name}");
    }
}

#[tokio::test]
async fn a_free_query() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        let id = client.match2d_2d(&request()).await.unwrap().value().transaction_id.clone();
        sandbox.clearsale().fault(row.fault.clone().on(Operation::Query).times(10));
        row.check_free(&client.transaction(&id).await.unwrap_err());
        assert_eq!(sandbox.clearsale().requests(Operation::Query), row.free, "{}", row.name);
    }
}

#[tokio::test]
async fn what_passes_is_not_seen() {
    for fault in [Fault::status(429), Fault::status(429).retry_after(1)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        sandbox.clearsale().fault(fault.on(Operation::Match));
        let reply = hurried(&sandbox).match2d_2d(&request()).await.unwrap();
        assert_eq!((reply.meta().attempts, sandbox.clearsale().paid_calls()), (2, 1));
    }
    for fault in passing() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = hurried(&sandbox);
        let id = client.match2d_2d(&request()).await.unwrap().value().transaction_id.clone();
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
    check("connect refused", &error, ErrorKind::Transport, Delivery::NotSent, 3);
    assert!(!error.may_have_landed() && error.operation_id().is_none());
    assert!(causes(&error).contains("refused"), "{}", causes(&error));
}

/// A server that takes the connection and never reads: the deadline passes before or while the body is sent.
#[tokio::test]
async fn no_wait_is_without_end() {
    let (_listener, url) = silence().await;
    let options = ClientOptions::new()
        .attempt_timeout(Duration::from_millis(100))
        .overall_timeout(Duration::from_millis(250));
    let client = builder(&url).options(options).build().unwrap();
    let error = client.transaction(&TransactionId::new("1")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{error}");
}
