//! The network and the portal on a bad day: kind of error, what is known of delivery, how many requests there were.

use std::time::Duration;

use cellere_portal::kyc_core::{ClientOptions, Delivery, Error, ErrorKind, Media};
use cellere_portal::{
    Client, ClientBuilder, DocumentRequest, DocumentType, Endpoint, Form, MeterRequest, MeterService,
    ResponseText, VENDOR,
};
use kyc_sandbox::cellere::Operation;
use kyc_sandbox::{Fault, Sandbox};
use test_support::causes;
use test_support::faults::{Row, check, lost_answers, passing, usual};
use test_support::sockets::{Abrupt, silence};
use tokio::task::JoinSet;

use crate::support::{LINK, OPERATIONS, builder, call, client, cnpj, cpf, faces, png};

fn rows() -> Vec<Row<Operation>> {
    use Delivery::{Answered, Refused};
    let mut rows = usual();
    rows.extend([
        Row::new("400", Fault::status(400), ErrorKind::Rejected, Answered, [1, 1]),
        // There is no login that could mend it.
        Row::new("401", Fault::status(401), ErrorKind::Unauthenticated, Refused, [1, 1]),
        Row::new("403", Fault::status(403), ErrorKind::QuotaExhausted, Answered, [1, 1]),
        Row::new("404", Fault::status(404), ErrorKind::Config, Answered, [1, 1]),
        Row::new("422", Fault::status(422), ErrorKind::Rejected, Answered, [1, 1]),
        Row::new("429", Fault::status(429), ErrorKind::RateLimited, Refused, [3, 3]),
        // Without the portal's words a 403 may be a firewall's, but paths are options, whoever does not know one.
        Row::new("empty 401", Fault::empty(401), ErrorKind::Unauthenticated, Refused, [1, 1]),
        Row::new("empty 403", Fault::empty(403), ErrorKind::Forbidden, Answered, [1, 1]),
        Row::new("empty 404", Fault::empty(404), ErrorKind::Config, Answered, [1, 1]),
        Row::new("empty 500", Fault::empty(500), ErrorKind::Unavailable, Answered, [1, 3]),
        Row::new("empty 200", Fault::empty(200), ErrorKind::Decode, Answered, [1, 1]),
    ]);
    rows
}

/// By the sandbox's clock. Only what hangs needs a client that gives up soon: on a busy machine it gives up on answers,
/// too.
fn meeting(fault: &Fault<Operation>, sandbox: &Sandbox) -> ClientBuilder {
    let attempt = Duration::from_millis(if *fault == Fault::hang() { 500 } else { 30_000 });
    let options = ClientOptions::new().attempt_timeout(attempt).clock(sandbox.clock());
    builder(&sandbox.cellere_url()).options(options)
}

/// Does it for all operations at once.
async fn each_operation<F: Future<Output = ()> + Send + 'static>(
    does: impl Fn(&'static str, bool, Operation) -> F,
) {
    let mut all = JoinSet::new();
    for (name, is_paid) in OPERATIONS {
        all.spawn(does(name, is_paid, Operation::named(name).unwrap()));
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

/// What an error tells beside its kind.
fn check_fields(row: &Row<Operation>, operation: &str, error: &Error) {
    let Row { name, .. } = row;
    assert_eq!((error.vendor(), error.operation()), (VENDOR, Some(operation)), "{name}");
    // The portal names no request, and can be asked about none.
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
    // Only JSON repeats it.
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
    let whole = error.delivery() == Delivery::Answered || error.delivery() == Delivery::Refused;
    assert_eq!(error.body().is_some(), whole, "{name}: what was answered is kept");
    let by_network = matches!(error.kind(), ErrorKind::Transport | ErrorKind::Decode);
    assert_eq!(std::error::Error::source(error).is_some(), by_network, "{name}");
    let line = error.to_string();
    // An answer that came whole and cannot be read is there to be looked at: `Error::body`.
    if error.may_have_landed() && error.kind() != ErrorKind::Decode && operation != "balance" {
        assert!(line.contains("do not submit it again before you have checked"), "{name}: {line}");
    }
}

#[tokio::test]
async fn what_passes_is_not_seen() {
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

/// Nothing says whether a lost call was paid for but the balance, so it is never sent twice.
#[tokio::test]
async fn a_lost_answer_is_paid_for_once() {
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

/// A client whose every call has the form that is not the default.
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

/// One of each, among them those without a body.
async fn in_other_forms(client: &Client, which: usize) -> (&'static str, Result<(), Error>) {
    let picture = || Media::new(png(150)).unwrap();
    let meter = |meter| async move { client.meter(&meter).await.map(drop) };
    match which {
        0 => ("cpf", client.cpf(&cpf()).await.map(drop)),
        1 => ("cnpj", client.cnpj(&cnpj()).await.map(drop)),
        2 => {
            let request = DocumentRequest::new(DocumentType::Rg, picture()).with_deskewed_image();
            ("document", client.document(&request).await.map(drop))
        }
        3 => ("facematch", client.facematch(&faces()).await.map(drop)),
        4 => ("meter", meter(MeterRequest::file(MeterService::Gas, picture())).await),
        5 => ("meter", meter(MeterRequest::base64(MeterService::Gas, picture())).await),
        _ => ("meter", meter(MeterRequest::link(MeterService::Gas, LINK)).await),
    }
}

/// A look-up is a GET then, and costs as much.
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
                // And it is none of these forms that is refused.
                sandbox.cellere().clear_faults();
                let (_, outcome) = in_other_forms(&client, which).await;
                outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        });
    }
    all.join_all().await;
}

/// An answer that stops where it should not: what was said, and the status if that much was said.
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
async fn an_answer_cut_anywhere_may_have_been_paid_for() {
    each_operation(async |name, is_paid, _| {
        for (place, said, status) in CUT {
            let portal = Abrupt::start(said).await;
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

/// With its length told in advance, and in chunks.
#[tokio::test]
async fn an_oversized_answer_is_not_read() {
    each_operation(async |name, is_paid, _| {
        let body = format!(r#"{{"response": {{"code": 200, "message": "{}"}}}}"#, "x".repeat(2000));
        let length = body.len();
        let told = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}");
        let chunked =
            format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n");
        for answer in [told, chunked] {
            let portal = Abrupt::start(answer).await;
            let limited = |bytes| {
                builder(portal.url()).options(ClientOptions::new().max_answer_bytes(bytes)).build().unwrap()
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

/// An answer larger than any: 32 MiB are the default.
#[tokio::test]
async fn the_usual_limit() {
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

/// A server that takes the connection and never reads: the deadline passes while a small request lies in its buffer, or
/// while a large one is on its way.
#[tokio::test]
async fn no_wait_is_without_end() {
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

/// Nobody waited for the answer: the request had its effect all the same, and nothing else is sent for it.
#[tokio::test]
async fn a_call_that_nobody_waited_for() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = client(&sandbox.cellere_url());
    sandbox.cellere().fault(Fault::hang().on(Operation::FaceMatch).after_effect());
    let faces = faces();
    let given_up = tokio::time::timeout(Duration::from_millis(300), client.facematch(&faces)).await;
    assert!(given_up.is_err());
    // The connection was given up with it: the next call has one of its own.
    client.facematch(&faces).await.unwrap();
    let counted = (sandbox.cellere().requests(Operation::FaceMatch), sandbox.cellere().paid_calls());
    assert_eq!(counted, (2, 2));
}
