//! Faults of the network and the vendor: the kind of error, the known delivery, the number of requests.

use std::time::Duration;

use clearsale_facematch::kyc_core::{ClientOptions, Delivery, Error, ErrorKind, Response};
use clearsale_facematch::{MatchResponse, TransactionId};
use kyc_sandbox::clearsale::Operation;
use kyc_sandbox::{Fault, Sandbox};
use serde_json::json;
use test_support::causes;
use test_support::faults::{Row, check, passing, usual};
use test_support::requests::received;
use test_support::sockets::silence;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

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

async fn submitted(response: ResponseTemplate) -> (MockServer, Result<MatchResponse, Error>) {
    let server = MockServer::start().await;
    let login = r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#;
    let json = |body: &str| ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json");
    Mock::given(path("/api/authentication/login")).respond_with(json(login)).mount(&server).await;
    Mock::given(method("POST")).respond_with(response).mount(&server).await;
    Mock::given(method("GET"))
        .respond_with(json(r#"{"transactionStatus":"Processing"}"#))
        .mount(&server)
        .await;
    let client = client(&server.uri());
    let submitted = client.match2d_2d(&request()).await.map(Response::into_inner);
    if let Ok(created) = &submitted {
        client.transaction(&created.transaction_id).await.unwrap();
    }
    (server, submitted)
}

/// Whatever id a paid submission returns is queried, or the submission itself reports that it may have been paid.
#[tokio::test]
async fn an_odd_id_of_a_paid_submission_is_not_lost() {
    let created = |id: &str| {
        ResponseTemplate::new(200)
            .set_body_raw(json!({ "transactionId": id }).to_string(), "application/json")
    };
    for (id, segment) in [
        ("tx_01HZX7", "tx_01HZX7"),
        ("498ec397-8529-454a-ac7b-d1628d6074ed ", "498ec397-8529-454a-ac7b-d1628d6074ed"),
        ("a b+c", "a%20b%2Bc"),
        ("ação", "a%C3%A7%C3%A3o"),
    ] {
        let (server, submitted) = submitted(created(id)).await;
        submitted.unwrap();
        let path = received(&server).await.last().unwrap().url.path().to_owned();
        assert!(path.ends_with(&format!("/match2d-2d/{segment}")), "{path}");
    }
    for id in ["", "  ", "..", "../x", "a\nb", &"a".repeat(201)] {
        let (_, submitted) = submitted(created(id)).await;
        let error = submitted.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{id}");
        assert!(
            error.may_have_landed() && error.operation_id().is_some_and(|id| id.is_reference()),
            "{error}"
        );
    }
}

/// A redirect does not state what became of the submission.
#[tokio::test]
async fn a_redirect_of_a_paid_submission_leaves_doubt() {
    for status in [301, 302, 303, 307, 308] {
        let redirect = ResponseTemplate::new(status).insert_header("Location", "/elsewhere");
        let (_, submitted) = submitted(redirect).await;
        let error = submitted.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::Unknown), "{status}");
        assert!(error.may_have_landed() && error.operation_id().is_some(), "{error}");
    }
}
