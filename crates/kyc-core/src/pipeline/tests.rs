use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::attempt::retry_after;
use super::*;
use crate::body::Body;
use crate::limiter::Limiter;
use crate::operation::Operation;
use crate::time::{Timestamp, VirtualClock};
use crate::transport::{TransportError, TransportErrorKind};

const TOY: Vendor = Vendor::new("toy");
static READ: Operation = Operation::new(TOY, "read_status", OperationClass::Read);
static PAID: Operation = Operation::new(TOY, "submit", OperationClass::Paid);

type Outcome = Result<http::Response<Bytes>, TransportError>;

/// Returns scripted outcomes, each after a real delay in milliseconds, and records the headers of each request.
#[derive(Debug, Default)]
struct Script {
    outcomes: Mutex<VecDeque<(u64, Outcome)>>,
    requests: Mutex<Vec<HeaderMap>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: http::Request<Body>, _: usize) -> Outcome {
        self.requests.lock().expect("no panic before").push(request.headers().clone());
        let outcome = self.outcomes.lock().expect("no panic before").pop_front();
        let (wait, outcome) = outcome.expect("at most as many requests as outcomes");
        tokio::time::sleep(Duration::from_millis(wait)).await;
        outcome
    }
}

fn status(status: u16, headers: &[(&'static str, &'static str)]) -> Outcome {
    let mut response = http::Response::new(Bytes::from_static(b"{}"));
    *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    for (name, value) in headers {
        response.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn broken(kind: TransportErrorKind) -> Outcome {
    Err(TransportError::new(kind, "broken"))
}

fn pipeline(script: &Arc<Script>, options: ClientOptions) -> Pipeline {
    let protocol =
        Protocol::new(TOY, RawResponse::error_by_status).with_request_id("x-their-id", Some("x-our-id"));
    Pipeline::new(protocol, options.transport(Arc::clone(script))).expect("a transport is given")
}

async fn call(pipeline: &Pipeline, operation: &'static Operation) -> Result<RawResponse, Error> {
    let build = |_: Option<&Token>| {
        let mut request = http::Request::new(Body::full("text/plain", "x"));
        request.headers_mut().insert("x-our-id", HeaderValue::from_static("ours"));
        Ok(request)
    };
    pipeline.send(&Call::new(operation, &build)).await
}

async fn send_scripted(
    outcomes: Vec<(u64, Outcome)>,
    options: ClientOptions,
    operation: &'static Operation,
) -> (Error, usize) {
    let script = Arc::new(Script { outcomes: Mutex::new(outcomes.into()), ..Script::default() });
    let error = call(&pipeline(&script, options), operation).await.expect_err("a failure");
    let count = script.requests.lock().expect("no panic before").len();
    (error, count)
}

#[tokio::test]
async fn an_earlier_attempt_with_unknown_outcome_counts() {
    let outcomes = vec![
        (0, broken(TransportErrorKind::Response)),
        (0, broken(TransportErrorKind::Connect)),
        (0, broken(TransportErrorKind::Connect)),
    ];
    let (error, sent) = send_scripted(outcomes, ClientOptions::new(), &READ).await;
    assert_eq!((error.delivery(), error.attempts(), sent), (Delivery::Unknown, 3, 3));
}

#[tokio::test]
async fn a_paid_call_is_not_sent_shortly_before_its_deadline() {
    let options = || {
        let options = ClientOptions::new().overall_timeout(Duration::from_millis(900));
        options.attempt_timeout(Duration::from_millis(900))
    };
    // After the first response and the pause of at least 0.2 s, less than a third of the timeout is left.
    let outcomes = || vec![(550, status(429, &[])), (0, status(200, &[]))];
    let (error, sent) = send_scripted(outcomes(), options(), &PAID).await;
    assert_eq!((error.kind(), error.delivery(), sent), (ErrorKind::RateLimited, Delivery::Refused, 1));
    let script = Arc::new(Script {
        outcomes: Mutex::new(vec![(0, status(429, &[])), (0, status(200, &[]))].into()),
        ..Script::default()
    });
    assert!(call(&pipeline(&script, options()), &PAID).await.is_ok(), "with enough time it is sent again");
}

#[tokio::test]
async fn a_pause_longer_than_the_deadline_fails_immediately() {
    let clock = VirtualClock::frozen();
    let options =
        ClientOptions::new().clock(clock.clone()).limiter(Limiter::new(100, Duration::from_secs(10)));
    let outcomes = vec![(0, status(429, &[("retry-after", "300")])), (0, status(200, &[]))];
    let script = Arc::new(Script { outcomes: Mutex::new(outcomes.into()), ..Script::default() });
    let pipeline = pipeline(&script, options);
    let first = call(&pipeline, &READ).await.expect_err("throttled");
    assert_eq!((first.delivery(), first.retry_after()), (Delivery::Refused, Some(Duration::from_secs(300))));
    let second = call(&pipeline, &READ).await.expect_err("not even sent");
    assert_eq!((second.kind(), second.delivery()), (ErrorKind::RateLimited, Delivery::NotSent));
    assert_eq!(second.retry_after(), Some(Duration::from_secs(300)));
    clock.advance(Duration::from_secs(300));
    call(&pipeline, &READ).await.expect("the pause is over");
}

/// With 303 after POST the vendor may have processed the submission, and points to its result.
#[tokio::test]
async fn a_redirect_of_a_paid_call_has_an_unknown_outcome() {
    for code in [301, 302, 303, 307] {
        let outcomes = vec![(0, status(code, &[("location", "https://elsewhere.example/")]))];
        let (error, sent) = send_scripted(outcomes, ClientOptions::new(), &PAID).await;
        assert_eq!((error.kind(), error.delivery(), sent), (ErrorKind::Config, Delivery::Unknown, 1));
        assert!(error.may_have_landed() && !error.is_transient());
        let (error, _) = send_scripted(vec![(0, status(code, &[]))], ClientOptions::new(), &READ).await;
        assert_eq!(error.delivery(), Delivery::Answered);
    }
}

#[tokio::test]
async fn an_error_without_a_response_has_the_sent_request_id() {
    let options = || ClientOptions::new().max_attempts(1);
    let (error, _) = send_scripted(vec![(0, broken(TransportErrorKind::Exchange))], options(), &READ).await;
    assert_eq!(error.request_id(), Some("ours"));
    let mut headers = HeaderMap::new();
    headers.insert("x-their-id", HeaderValue::from_static("theirs"));
    let cut =
        TransportError::new(TransportErrorKind::Response, "cut").with_head(http::StatusCode::OK, headers);
    let (error, _) = send_scripted(vec![(0, Err(cut))], options(), &READ).await;
    assert_eq!((error.request_id(), error.http_status()), (Some("theirs"), Some(200)));
    let (error, _) =
        send_scripted(vec![(0, status(404, &[("x-their-id", "theirs")]))], options(), &READ).await;
    assert_eq!(error.request_id(), Some("theirs"));
}

/// The fake transport never polls the body, so nothing was sent, whatever error it reports.
#[tokio::test]
async fn a_body_that_was_never_polled_was_not_sent() {
    let options = ClientOptions::new().attempt_timeout(Duration::from_millis(10)).max_attempts(2);
    let (error, sent) = send_scripted(
        vec![(1000, status(200, &[])), (0, broken(TransportErrorKind::Exchange))],
        options,
        &PAID,
    )
    .await;
    assert_eq!((error.delivery(), sent), (Delivery::NotSent, 2));
}

/// Records the fields of each event on this thread; of durations only the names.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Events {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Vec::new();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            fields.push(match field.name() {
                name @ ("elapsed" | "pause") => name.to_owned(),
                name => format!("{name}={value:?}"),
            });
        });
        self.0.lock().expect("no panic before").push(fields.join(" "));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn events_use_the_names_of_opentelemetry() {
    let events = Events::default();
    let _guard = tracing::subscriber::set_default(events.clone());
    let outcomes = vec![(0, status(503, &[])), (0, status(200, &[]))];
    let script = Arc::new(Script { outcomes: Mutex::new(outcomes.into()), ..Script::default() });
    call(&pipeline(&script, ClientOptions::new()), &READ).await.expect("a response");
    let start = "vendor=toy operation=\"read_status\"";
    assert_eq!(
        *events.0.lock().expect("no panic before"),
        [
            format!("message=response received {start} http.response.status_code=503 elapsed"),
            format!("message=retrying {start} pause"),
            format!(
                "message=response received {start} http.request.resend_count=1 http.response.status_code=200 elapsed"
            ),
        ]
    );
}

#[tokio::test]
async fn every_request_has_the_common_headers() {
    let script =
        Arc::new(Script { outcomes: Mutex::new(vec![(0, status(200, &[]))].into()), ..Script::default() });
    call(&pipeline(&script, ClientOptions::new()), &READ).await.expect("a response");
    let headers = script.requests.lock().expect("no panic before").remove(0);
    assert_eq!(headers.get(ACCEPT).expect("set"), "application/json");
    assert_eq!(headers.get(CONTENT_TYPE).expect("set"), "text/plain");
}

#[test]
fn retry_after_in_seconds_and_as_a_date() {
    let now = Timestamp::parse("2015-10-21T07:27:30Z").expect("an instant");
    assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
    assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(30)));
    assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), Some(Duration::ZERO));
    assert_eq!(retry_after("299.997", now), Some(Duration::from_millis(299_997)));
    assert_eq!(retry_after("soon", now), None);
}
