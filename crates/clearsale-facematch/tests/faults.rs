//! Faults of the network and the vendor: the kind of error, the known delivery, the number of requests.

use std::time::Duration;

use clearsale_facematch::TransactionId;
use clearsale_facematch::kyc_core::{ClientOptions, Delivery, ErrorKind};
use kyc_sandbox::clearsale::Operation;
use kyc_sandbox::{Fault, Sandbox};
use test_support::causes;
use test_support::faults::{Row, check, passing, usual};
use test_support::sockets::silence;

use crate::support::{builder, client, request, unpaused};

fn rows() -> Vec<Row<Operation>> {
    let mut rows = usual();
    rows.push(Row::new("429", Fault::status(429), ErrorKind::RateLimited, Delivery::Refused, [3, 3]));
    rows.push(Row::new("empty 404", Fault::empty(404), ErrorKind::NotFound, Delivery::Answered, [1, 1]));
    rows
}

#[tokio::test]
async fn a_paid_submission() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        sandbox.clearsale().fault(row.fault.clone().on(Operation::Match).times(10));
        let error = unpaused(&sandbox).match2d_2d(&request()).await.unwrap_err();
        row.check_paid(&error);
        let Row { name, paid, .. } = row;
        assert_eq!(sandbox.clearsale().requests(Operation::Match), paid, "{name}");
        // Only an error after which the call may have landed carries the reference.
        let reference = error.operation_id().map(|id| (id.is_reference(), id.value().to_owned()));
        assert_eq!(reference, error.may_have_landed().then(|| (true, "order-1".to_owned())), "{name}");
    }
}

#[tokio::test]
async fn a_free_query() {
    for row in rows() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = unpaused(&sandbox);
        let id = client.match2d_2d(&request()).await.unwrap().value().transaction_id.clone();
        sandbox.clearsale().fault(row.fault.clone().on(Operation::Query).times(10));
        row.check_free(&client.transaction(&id).await.unwrap_err());
        assert_eq!(sandbox.clearsale().requests(Operation::Query), row.free, "{}", row.name);
    }
}

#[tokio::test]
async fn a_temporary_fault_is_retried() {
    for fault in [Fault::status(429), Fault::status(429).retry_after(1)] {
        let sandbox = Sandbox::builder().start().await.unwrap();
        sandbox.clearsale().fault(fault.on(Operation::Match));
        let reply = unpaused(&sandbox).match2d_2d(&request()).await.unwrap();
        assert_eq!((reply.meta().attempts, sandbox.clearsale().paid_calls()), (2, 1));
    }
    for fault in passing() {
        let sandbox = Sandbox::builder().start().await.unwrap();
        let client = unpaused(&sandbox);
        let id = client.match2d_2d(&request()).await.unwrap().value().transaction_id.clone();
        sandbox.clearsale().fault(fault.on(Operation::Query));
        assert_eq!(client.transaction(&id).await.unwrap().meta().attempts, 2);
    }
}

#[tokio::test]
async fn connect_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = client(&sandbox.clearsale_url());
    // With a token, so that the submission itself finds no connection.
    client.match2d_2d(&request()).await.unwrap();
    sandbox.shutdown().await;
    let error = client.match2d_2d(&request()).await.unwrap_err();
    check("connect refused", &error, ErrorKind::Transport, Delivery::NotSent, 3);
    assert!(!error.may_have_landed() && error.operation_id().is_none());
    assert!(causes(&error).contains("refused"), "{}", causes(&error));
}

/// A server that accepts the connection and never reads: the timeout passes before or while the body is sent.
#[tokio::test]
async fn a_silent_server_ends_in_a_timeout() {
    let (_listener, url) = silence().await;
    let options = ClientOptions::new()
        .attempt_timeout(Duration::from_millis(100))
        .overall_timeout(Duration::from_millis(250));
    let client = builder(&url).options(options).build().unwrap();
    let error = client.transaction(&TransactionId::new("1")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{error}");
}
