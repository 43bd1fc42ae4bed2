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
static READ: Operation = Operation::new(TOY, "look", OperationClass::Read);
static PAID: Operation = Operation::new(TOY, "buy", OperationClass::Paid);

type Outcome = Result<http::Response<Bytes>, TransportError>;

/// Plays a script, each line after a real pause, and keeps the headers it was sent.
#[derive(Debug, Default)]
struct Script {
    lines: Mutex<VecDeque<(u64, Outcome)>>,
    heard: Mutex<Vec<HeaderMap>>,
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: http::Request<Body>, _: usize) -> Outcome {
        self.heard.lock().expect("no panic before").push(request.headers().clone());
        let line = self.lines.lock().expect("no panic before").pop_front();
        let (wait, outcome) = line.expect("no more requests than lines");
        tokio::time::sleep(Duration::from_millis(wait)).await;
        outcome
    }
}

fn status(status: u16, headers: &[(&'static str, &'static str)]) -> Outcome {
    let mut answer = http::Response::new(Bytes::from_static(b"{}"));
    *answer.status_mut() = http::StatusCode::from_u16(status).expect("a status");
    for (name, value) in headers {
        answer.headers_mut().insert(*name, HeaderValue::from_static(value));
    }
    Ok(answer)
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

async fn play(
    lines: Vec<(u64, Outcome)>,
    options: ClientOptions,
    operation: &'static Operation,
) -> (Error, usize) {
    let script = Arc::new(Script { lines: Mutex::new(lines.into()), ..Script::default() });
    let error = call(&pipeline(&script, options), operation).await.expect_err("a failure");
    let heard = script.heard.lock().expect("no panic before").len();
    (error, heard)
}

#[tokio::test]
async fn an_attempt_that_may_have_landed_is_not_forgotten() {
    let lines = vec![
        (0, broken(TransportErrorKind::Answer)),
        (0, broken(TransportErrorKind::Connect)),
        (0, broken(TransportErrorKind::Connect)),
    ];
    let (error, sent) = play(lines, ClientOptions::new(), &READ).await;
    assert_eq!((error.delivery(), error.attempts(), sent), (Delivery::Unknown, 3, 3));
}

#[tokio::test]
async fn a_paid_call_does_not_begin_without_time_to_end() {
    let options = || {
        let options = ClientOptions::new().overall_timeout(Duration::from_millis(900));
        options.attempt_timeout(Duration::from_millis(900))
    };
    // After the first answer and the pause of at least 0.2 s less than a third of the time is left.
    let lines = || vec![(550, status(429, &[])), (0, status(200, &[]))];
    let (error, sent) = play(lines(), options(), &PAID).await;
    assert_eq!((error.kind(), error.delivery(), sent), (ErrorKind::RateLimited, Delivery::Refused, 1));
    let script = Arc::new(Script {
        lines: Mutex::new(vec![(0, status(429, &[])), (0, status(200, &[]))].into()),
        ..Script::default()
    });
    assert!(call(&pipeline(&script, options()), &PAID).await.is_ok(), "with time it goes again");
}

#[tokio::test]
async fn a_pause_that_the_vendor_asked_for_is_told_at_once() {
    let clock = VirtualClock::frozen();
    let options =
        ClientOptions::new().clock(clock.clone()).limiter(Limiter::new(100, Duration::from_secs(10)));
    let lines = vec![(0, status(429, &[("retry-after", "300")])), (0, status(200, &[]))];
    let script = Arc::new(Script { lines: Mutex::new(lines.into()), ..Script::default() });
    let pipeline = pipeline(&script, options);
    let first = call(&pipeline, &READ).await.expect_err("throttled");
    assert_eq!((first.delivery(), first.retry_after()), (Delivery::Refused, Some(Duration::from_secs(300))));
    let second = call(&pipeline, &READ).await.expect_err("not even sent");
    assert_eq!((second.kind(), second.delivery()), (ErrorKind::RateLimited, Delivery::NotSent));
    assert_eq!(second.retry_after(), Some(Duration::from_secs(300)));
    clock.advance(Duration::from_secs(300));
    call(&pipeline, &READ).await.expect("the pause is over");
}

/// 303 after POST: the vendor may have processed the submission and points to its result.
#[tokio::test]
async fn a_redirect_of_a_paid_call_is_in_doubt() {
    for code in [301, 302, 303, 307] {
        let lines = vec![(0, status(code, &[("location", "https://elsewhere.example/")]))];
        let (error, sent) = play(lines, ClientOptions::new(), &PAID).await;
        assert_eq!((error.kind(), error.delivery(), sent), (ErrorKind::Config, Delivery::Unknown, 1));
        assert!(error.may_have_landed() && !error.is_transient());
        let (error, _) = play(vec![(0, status(code, &[]))], ClientOptions::new(), &READ).await;
        assert_eq!(error.delivery(), Delivery::Answered);
    }
}

#[tokio::test]
async fn a_request_is_named_even_without_an_answer() {
    let options = || ClientOptions::new().max_attempts(1);
    let (error, _) = play(vec![(0, broken(TransportErrorKind::Exchange))], options(), &READ).await;
    assert_eq!(error.request_id(), Some("ours"));
    let mut headers = HeaderMap::new();
    headers.insert("x-their-id", HeaderValue::from_static("theirs"));
    let cut = TransportError::new(TransportErrorKind::Answer, "cut").with_head(http::StatusCode::OK, headers);
    let (error, _) = play(vec![(0, Err(cut))], options(), &READ).await;
    assert_eq!((error.request_id(), error.http_status()), (Some("theirs"), Some(200)));
    let (error, _) = play(vec![(0, status(404, &[("x-their-id", "theirs")]))], options(), &READ).await;
    assert_eq!(error.request_id(), Some("theirs"));
}

/// The fake never asks for the body: so nothing was sent, whatever it says.
#[tokio::test]
async fn a_body_that_nobody_asked_for_was_not_sent() {
    let options = ClientOptions::new().attempt_timeout(Duration::from_millis(10)).max_attempts(2);
    let (error, sent) =
        play(vec![(1000, status(200, &[])), (0, broken(TransportErrorKind::Exchange))], options, &PAID).await;
    assert_eq!((error.delivery(), sent), (Delivery::NotSent, 2));
}

#[tokio::test]
async fn what_every_request_has() {
    let script =
        Arc::new(Script { lines: Mutex::new(vec![(0, status(200, &[]))].into()), ..Script::default() });
    call(&pipeline(&script, ClientOptions::new()), &READ).await.expect("an answer");
    let heard = script.heard.lock().expect("no panic before").remove(0);
    assert_eq!(heard.get(ACCEPT).expect("set"), "application/json");
    assert_eq!(heard.get(CONTENT_TYPE).expect("set"), "text/plain");
}

#[test]
fn waits_in_both_forms() {
    let now = Timestamp::parse("2015-10-21T07:27:30Z").expect("an instant");
    assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
    assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(30)));
    assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), Some(Duration::ZERO));
    assert_eq!(retry_after("299.997", now), Some(Duration::from_millis(299_997)));
    assert_eq!(retry_after("soon", now), None);
}
