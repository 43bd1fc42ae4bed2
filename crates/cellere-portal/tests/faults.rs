//! Faults of the network and the portal: the kind of error, the known delivery, the number of requests.

use std::time::Duration;

use cellere_portal::kyc_core::{ClientOptions, Delivery, Error, ErrorKind, Media};
use cellere_portal::{
    Client, ClientBuilder, DocumentRequest, DocumentType, Endpoint, Form, MeterRequest, MeterService,
    ResponseText, VENDOR,
};
use kyc_sandbox::cellere::Operation;
use kyc_sandbox::{Fault, Sandbox};
use test_support::causes;
use test_support::clock::SkippingClock;
use test_support::faults::{Row, check, lost_answers, passing, usual};
use test_support::sockets::{Abrupt, silence};
use tokio::task::JoinSet;

use crate::support::{LINK, OPERATIONS, builder, call, client, cnpj, cpf, faces, png, transport};

fn rows() -> Vec<Row<Operation>> {
    use Delivery::{Answered, Refused};
    let mut rows = usual();
    rows.extend([
        Row::new("400", Fault::status(400), ErrorKind::Rejected, Answered, [1, 1]),
        // There is no login that could renew the token.
        Row::new("401", Fault::status(401), ErrorKind::Unauthenticated, Refused, [1, 1]),
        Row::new("403", Fault::status(403), ErrorKind::QuotaExhausted, Answered, [1, 1]),
        Row::new("404", Fault::status(404), ErrorKind::Config, Answered, [1, 1]),
        Row::new("422", Fault::status(422), ErrorKind::Rejected, Answered, [1, 1]),
        Row::new("429", Fault::status(429), ErrorKind::RateLimited, Refused, [3, 3]),
        // Without the portal's text a 403 may come from a firewall, but a 404 is always about a path, which is a setting.
        Row::new("empty 401", Fault::empty(401), ErrorKind::Unauthenticated, Refused, [1, 1]),
        Row::new("empty 403", Fault::empty(403), ErrorKind::Forbidden, Answered, [1, 1]),
        Row::new("empty 404", Fault::empty(404), ErrorKind::Config, Answered, [1, 1]),
        Row::new("empty 500", Fault::empty(500), ErrorKind::Unavailable, Answered, [1, 3]),
        Row::new("empty 200", Fault::empty(200), ErrorKind::Decode, Answered, [1, 1]),
    ]);
    rows
}

/// Returns a builder that uses the sandbox's clock. Only a hanging request needs a short attempt timeout: on a busy machine
/// it would also end other requests.
fn meeting(fault: &Fault<Operation>, sandbox: &Sandbox) -> ClientBuilder {
    let attempt = Duration::from_millis(if *fault == Fault::hang() { 500 } else { 30_000 });
    let options = ClientOptions::new()
        .attempt_timeout(attempt)
        .clock(SkippingClock::from(sandbox.clock()))
        .transport(transport());
    builder(&sandbox.cellere_url()).options(options)
}

/// Runs a check for all operations concurrently.
async fn each_operation<F: Future<Output = ()> + Send + 'static>(
    check: impl Fn(&'static str, bool, Operation) -> F,
) {
    let mut all = JoinSet::new();
    for (name, is_paid) in OPERATIONS {
        all.spawn(check(name, is_paid, Operation::named(name).unwrap()));
    }
    all.join_all().await;
}

#[tokio::test]
async fn every_fault_of_every_operation() {
    each_operation(async |name, is_paid, operation| {
        for row in rows() {
            let sandbox = Sandbox::builder().start().await.unwrap();
            sandbox.cellere().fault(row.fault.clone().on(operation).times(10));
            let client = meeting(&row.fault, &sandbox).build().unwrap();
            let error = call(&client, name).await.expect_err(row.name);
            let requests = if is_paid {
                row.check_paid(&error);
                row.paid
            } else {
                row.check_free(&error);
                row.free
            };
            check_fields(&row, name, &error);
            assert_eq!(sandbox.cellere().requests(operation), requests, "{name}: {}", row.name);
            assert_eq!(sandbox.cellere().paid_calls(), 0, "{name}: {}", row.name);
        }
    })
    .await;
}

/// Checks the fields of an error other than its kind.
fn check_fields(row: &Row<Operation>, operation: &str, error: &Error) {
    let Row { name, .. } = row;
    assert_eq!((error.vendor(), error.operation()), (VENDOR, Some(operation)), "{name}");
    // The portal states no request id and has no queries.
    assert_eq!((error.request_id(), error.operation_id()), (None, None), "{name}");
    let (status, text) = match *name {
        "attempt timeout" | "connection closed" => (None, None),
        "cut in the body" | "HTML page with 200" | "truncated JSON" | "empty 200" => (Some(200), None),
        "redirect" => (Some(307), None),
        "HTML page" => (Some(502), None),
        "400" => (Some(400), Some(ResponseText::BadRequest)),
        "401" => (Some(401), Some(ResponseText::NotRegistered)),
        "403" => (Some(403), Some(ResponseText::InsufficientCredits)),
        "404" => (Some(404), Some(ResponseText::UrlNotFound)),
        "500" => (Some(500), Some(ResponseText::ServiceDown)),
        _ => (name.trim_start_matches("empty ").get(..3).and_then(|status| status.parse().ok()), None),
    };
    // Only a JSON body repeats the code.
    let code = name.starts_with(|first: char| first.is_ascii_digit()).then(|| status.unwrap().to_string());
    assert_eq!(error.vendor_code(), code.as_deref(), "{name}");
    assert_eq!((error.http_status(), ResponseText::of(error)), (status, text), "{name}");
    let wait = match *name {
        "429, Retry-After" => Some(Duration::from_secs(1)),
        "429, Retry-After beyond the deadline" => Some(Duration::from_secs(3600)),
        _ => None,
    };
    assert_eq!(error.retry_after(), wait, "{name}");
    assert_eq!(error.json_path().is_some(), error.kind() == ErrorKind::Decode, "{name}");
    let whole = error.delivery() == Delivery::Answered
        || error.delivery() == Delivery::Refused
        || *name == "redirect";
    assert_eq!(error.body().is_some(), whole, "{name}: the response is kept");
    let by_network = matches!(error.kind(), ErrorKind::Transport | ErrorKind::Decode);
    assert_eq!(std::error::Error::source(error).is_some(), by_network, "{name}");
    let line = error.to_string();
    // A complete response that cannot be decoded is in `Error::body`.
    if error.may_have_landed() && error.kind() != ErrorKind::Decode && operation != "balance" {
        assert!(line.contains("do not submit it again before you have checked"), "{name}: {line}");
    }
}

#[tokio::test]
async fn a_temporary_fault_is_retried() {
    each_operation(async |name, is_paid, operation| {
        let throttled = [Fault::status(429), Fault::status(429).retry_after(1)];
        let passing = if is_paid { Vec::new() } else { passing().to_vec() };
        for fault in throttled.into_iter().chain(passing) {
            let sandbox = Sandbox::builder().start().await.unwrap();
            sandbox.cellere().fault(fault.clone().on(operation));
            let client = meeting(&fault, &sandbox).build().unwrap();
            call(&client, name).await.unwrap_or_else(|error| panic!("{name} {fault:?}: {error}"));
            assert_eq!(sandbox.cellere().requests(operation), 2, "{name} {fault:?}");
            assert_eq!(sandbox.cellere().paid_calls(), u64::from(is_paid), "{name} {fault:?}");
        }
    })
    .await;
}

/// Only the balance shows whether a call with a lost response was paid for, so it is never sent twice.
#[tokio::test]
async fn a_lost_response_is_paid_for_once() {
    each_operation(async |name, is_paid, operation| {
        for fault in lost_answers().into_iter().filter(|_| is_paid) {
            let sandbox = Sandbox::builder().cellere_credits(7).start().await.unwrap();
            let client = meeting(&fault, &sandbox).build().unwrap();
            sandbox.cellere().fault(fault.clone().on(operation).after_effect());
            let error = call(&client, name).await.unwrap_err();
            assert!(error.may_have_landed() && !error.is_transient(), "{name} {fault:?}: {error}");
            let sent = (sandbox.cellere().requests(operation), sandbox.cellere().paid_calls());
            assert_eq!((sent, error.attempts()), ((1, 1), 1), "{name} {fault:?}");
            let left = client.balance().await.unwrap().into_inner().amount.unwrap();
            assert_eq!(left.get().map(|left| left.get()), Some(6.0), "{name} {fault:?}");
        }
    })
    .await;
}

/// Builds a client with the form that is not the default in every call.
fn other_forms(builder: ClientBuilder) -> Client {
    let change = |endpoints: &mut cellere_portal::Endpoints| {
        endpoints.cpf = Endpoint::get("/bg-check/cpf-completo");
        endpoints.cnpj = Endpoint::get("/bg-check/cnpj-completo");
        endpoints.document_form = Form::Multipart;
        endpoints.meter_form = Form::Multipart;
        endpoints.facematch_form = Form::Multipart;
    };
    builder.endpoints(change).build().unwrap()
}

/// Makes one call of each form, including those without a body.
async fn in_other_forms(client: &Client, which: usize) -> (&'static str, Result<(), Error>) {
    let image = || Media::new(png(150)).unwrap();
    let meter = |meter| async move { client.meter(&meter).await.map(drop) };
    match which {
        0 => ("cpf", client.cpf(&cpf()).await.map(drop)),
        1 => ("cnpj", client.cnpj(&cnpj()).await.map(drop)),
        2 => {
            let request = DocumentRequest::new(DocumentType::Rg, image()).with_deskewed_image();
            ("document", client.document(&request).await.map(drop))
        }
        3 => ("facematch", client.facematch(&faces()).await.map(drop)),
        4 => ("meter", meter(MeterRequest::file(MeterService::Gas, image())).await),
        5 => ("meter", meter(MeterRequest::base64(MeterService::Gas, image())).await),
        _ => ("meter", meter(MeterRequest::link(MeterService::Gas, LINK)).await),
    }
}

/// A look-up by GET costs as much as one by POST.
#[tokio::test]
async fn every_other_form_is_paid_for_once_too() {
    let mut all = JoinSet::new();
    for which in 0..7 {
        all.spawn(async move {
            for (fault, requests) in [
                (Fault::hang(), 1),
                (Fault::close(), 1),
                (Fault::cut_body(), 1),
                (Fault::status(500), 1),
                (Fault::status(429), 3),
            ] {
                let sandbox = Sandbox::builder().start().await.unwrap();
                sandbox.cellere().fault(fault.clone().times(10));
                let client = other_forms(meeting(&fault, &sandbox));
                let (name, outcome) = in_other_forms(&client, which).await;
                let error = outcome.expect_err(name);
                let counted = sandbox.cellere().requests(Operation::named(name).unwrap());
                assert_eq!((counted, u64::from(error.attempts())), (requests, requests), "{name} {fault:?}");
                assert_eq!(error.may_have_landed(), requests == 1, "{name} {fault:?}: {error}");
                // Without the fault each form is accepted.
                sandbox.cellere().clear_faults();
                let (_, outcome) = in_other_forms(&client, which).await;
                outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        });
    }
    all.join_all().await;
}

/// Responses that end early: the bytes that were sent, and the status if it was among them.
const CUT: [(&str, &[u8], Option<u16>); 8] = [
    ("before the head", b"", None),
    ("in the first line", b"HTTP/1.1 20", None),
    ("in the head", b"HTTP/1.1 200 OK\r\ncontent-type: appli", None),
    ("no HTTP", b"SSH-2.0-portal\r\n", None),
    ("after the head", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", Some(200)),
    ("in the body", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"TaxIdStatus\": \"REG", Some(200)),
    ("after a chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", Some(200)),
    ("in the body of a refusal", b"HTTP/1.1 403 x\r\ncontent-length: 100\r\n\r\n{\"response\"", Some(403)),
];

#[tokio::test]
async fn a_response_cut_anywhere_may_have_been_paid_for() {
    each_operation(async |name, is_paid, _| {
        for (place, sent, status) in CUT {
            let portal = Abrupt::start(sent).await;
            let error = call(&client(portal.url()), name).await.expect_err(place);
            let requests = if is_paid { 1 } else { 3 };
            check(place, &error, ErrorKind::Transport, Delivery::Unknown, requests);
            assert_eq!((portal.requests(), error.http_status()), (requests, status), "{name} {place}");
            assert!(error.may_have_landed() && error.is_transient() != is_paid, "{name} {place}: {error}");
            assert!(!causes(&error).is_empty(), "{name} {place}");
        }
    })
    .await;
}

/// With a declared length and in chunks.
#[tokio::test]
async fn an_oversized_response_is_not_read() {
    each_operation(async |name, is_paid, _| {
        let body = format!(r#"{{"response": {{"code": 200, "message": "{}"}}}}"#, "x".repeat(2000));
        let length = body.len();
        let sized = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        let chunked =
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        for answer in [sized, chunked] {
            let portal = Abrupt::start(answer).await;
            let limited = |bytes| {
                builder(portal.url()).options(ClientOptions::new().max_response_bytes(bytes)).build().unwrap()
            };
            let error = call(&limited(length - 1), name).await.unwrap_err();
            check("oversized", &error, ErrorKind::Decode, Delivery::Answered, 1);
            assert_eq!((portal.requests(), error.http_status()), (1, Some(200)), "{name}");
            assert!(error.to_string().contains("larger than the limit"), "{error}");
            assert!(error.may_have_landed() && error.body().is_none(), "{name}");
            assert!(!error.is_transient(), "{name} {is_paid}");
            call(&limited(length), name).await.unwrap();
        }
    })
    .await;
}

/// The default limit of a response is 32 MiB.
#[tokio::test]
async fn the_default_limit_of_a_response() {
    let mut answer = b"HTTP/1.1 200 OK\r\n\r\n{\"queryId\": \"".to_vec();
    answer.resize(33 * 1024 * 1024, b'x');
    let portal = Abrupt::start(answer).await;
    let error = call(&client(portal.url()), "document").await.unwrap_err();
    check("33 MiB", &error, ErrorKind::Decode, Delivery::Answered, 1);
    assert!(error.to_string().contains("larger than the limit"), "{error}");
}

#[tokio::test]
async fn connect_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let url = sandbox.cellere_url();
    sandbox.shutdown().await;
    each_operation(|name, _, _| {
        let client = client(&url);
        async move {
            let error = call(&client, name).await.unwrap_err();
            check("connect refused", &error, ErrorKind::Transport, Delivery::NotSent, 3);
            assert!(!error.may_have_landed() && error.is_transient(), "{name}: {error}");
            assert!(causes(&error).contains("refused"), "{}", causes(&error));
        }
    })
    .await;
}

/// A server that accepts the connection and never reads: the timeout passes while a small request is in its buffer, or
/// while a large one is being sent.
#[tokio::test]
async fn a_silent_server_ends_in_a_timeout() {
    let (_listener, url) = silence().await;
    let options = || {
        ClientOptions::new()
            .attempt_timeout(Duration::from_millis(100))
            .overall_timeout(Duration::from_millis(250))
    };
    let client = builder(&url).options(options()).build().unwrap();
    for (name, is_paid) in OPERATIONS {
        let error = call(&client, name).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Timeout, Delivery::Unknown),
            "{name}: {error}"
        );
        assert!(error.may_have_landed() && error.is_transient() != is_paid, "{name}: {error}");
        assert!(!is_paid || error.attempts() == 1, "{name}: {error}");
    }
    let mut large = png(150);
    large.resize(16 * 1024 * 1024, 0);
    let request = DocumentRequest::new(DocumentType::Cnh, Media::new(large).unwrap());
    let error = client.document(&request).await.unwrap_err();
    check("silence", &error, ErrorKind::Timeout, Delivery::Unknown, 1);
}

/// A dropped call still had its effect, and nothing else is sent for it.
#[tokio::test]
async fn a_dropped_call_is_not_sent_again() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = client(&sandbox.cellere_url());
    sandbox.cellere().fault(Fault::hang().on(Operation::FaceMatch).after_effect());
    let faces = faces();
    let dropped = tokio::time::timeout(Duration::from_millis(300), client.facematch(&faces)).await;
    assert!(dropped.is_err());
    // Its connection was closed: the next call opens another.
    client.facematch(&faces).await.unwrap();
    let counted = (sandbox.cellere().requests(Operation::FaceMatch), sandbox.cellere().paid_calls());
    assert_eq!(counted, (2, 2));
}
