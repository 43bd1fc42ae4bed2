//! Faults on request: what a network, a proxy or a failing vendor does to a response.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::Frame;
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::reply::{JSON, MAX_DELAY, REASON, Reply};

/// How many faults may be queued.
pub(crate) const MAX_FAULTS: usize = 1000;

const REQUESTED: HeaderValue = HeaderValue::from_static("this fault was requested");

/// A failure of the next request or requests, of one operation or of any.
///
/// `O` is the vendor's list of operations, the `Operation` of its module.
///
/// ```
/// # #[derive(Debug)] enum Operation { Submit }
/// use kyc_sandbox::Fault;
/// let throttled = Fault::status(429).retry_after(2).on(Operation::Submit).times(3);
/// let lost_response = Fault::close().on(Operation::Submit).after_effect();
/// # let _ = (throttled, lost_response);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fault<O> {
    operation: Option<O>,
    kind: Kind,
    times: u32,
    after_effect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Latency(Duration),
    Status(StatusCode, Option<u64>),
    Html(StatusCode),
    TruncatedJson,
    CutBody,
    Close,
    Empty(StatusCode),
    Hang,
}

impl<O> Fault<O> {
    /// Delays the regular response by this much real time, since timeouts of sockets do not use the virtual clock. At
    /// most ten minutes.
    #[must_use]
    pub fn latency(delay: Duration) -> Self {
        Self::new(Kind::Latency(delay.min(MAX_DELAY)))
    }

    /// Responds with this HTTP status and the body that the vendor documents for it, or else the sandbox's own JSON
    /// body.
    ///
    /// Here and in the other constructors, a status outside 200 to 599, which no final response can have, becomes 500.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Status(final_status(status), None))
    }

    /// Responds with this HTTP status and an HTML page, as a gateway in front of the vendor does.
    #[must_use]
    pub fn html(status: u16) -> Self {
        Self::new(Kind::Html(final_status(status)))
    }

    /// Responds with a complete HTTP response whose JSON is truncated in the middle.
    #[must_use]
    pub fn truncated_json() -> Self {
        Self::new(Kind::TruncatedJson)
    }

    /// Declares the whole body in `Content-Length`, and closes the connection after half of it.
    #[must_use]
    pub fn cut_body() -> Self {
        Self::new(Kind::CutBody)
    }

    /// Reads the whole request, then closes the connection without a response.
    #[must_use]
    pub fn close() -> Self {
        Self::new(Kind::Close)
    }

    /// Responds with this HTTP status and no body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self::new(Kind::Empty(final_status(status)))
    }

    /// Sends no response until the client gives up. After ten minutes of real time the connection closes.
    #[must_use]
    pub fn hang() -> Self {
        Self::new(Kind::Hang)
    }

    fn new(kind: Kind) -> Self {
        Self { operation: None, kind, times: 1, after_effect: false }
    }

    /// Adds a `Retry-After` header with this many seconds. It has no effect except on [`status`](Self::status).
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        if let Kind::Status(_, retry_after) = &mut self.kind {
            *retry_after = Some(seconds);
        }
        self
    }

    /// Restricts the fault to requests of this operation. Otherwise it applies to the next request of any operation.
    #[must_use]
    pub fn on(mut self, operation: O) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Sets how many requests the fault applies to; one by default.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Performs the request first (a transaction is created and paid for, webhooks are sent) and then applies the fault
    /// to the response. Otherwise the request has no effect.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    pub(crate) fn by_name(self, name: impl Fn(O) -> &'static str) -> Fault<&'static str> {
        let Self { operation, kind, times, after_effect } = self;
        Fault { operation: operation.map(name), kind, times, after_effect }
    }

    /// Responds to one request with this fault. `perform` performs the request; `sample` is a documented body to
    /// truncate when the request is not performed; `error` returns the vendor's documented response for a status.
    pub(crate) async fn apply(
        self,
        perform: impl FnOnce() -> Reply,
        sample: &'static str,
        error: impl FnOnce(StatusCode) -> Option<Reply>,
    ) -> Response {
        if let Kind::Latency(delay) = self.kind {
            return late(delay, self.after_effect, perform).await;
        }
        let performed = if self.after_effect { perform().due().await } else { Reply::Close };
        let whole = || match performed {
            Reply::Json(status, body) | Reply::Headed(status, _, body) => (status, body),
            Reply::Close | Reply::Late(..) => (StatusCode::OK, Bytes::from_static(sample.as_bytes())),
        };
        let mut response = match self.kind {
            Kind::Status(status, retry_after) => {
                with_retry_after(error(status).unwrap_or_else(|| plain_error(status)), retry_after)
            }
            Kind::Html(status) => html(status),
            Kind::TruncatedJson => truncated(whole()),
            Kind::CutBody => cut(whole()),
            Kind::Empty(status) => status.into_response(),
            Kind::Close => Reply::Close.into_response(),
            Kind::Hang | Kind::Latency(_) => {
                tokio::time::sleep(MAX_DELAY).await;
                Reply::Close.into_response()
            }
        };
        response.headers_mut().insert(REASON, REQUESTED);
        response
    }
}

async fn late(delay: Duration, after_effect: bool, perform: impl FnOnce() -> Reply) -> Response {
    if after_effect {
        let reply = perform().due().await;
        tokio::time::sleep(delay).await;
        reply.into_response()
    } else {
        tokio::time::sleep(delay).await;
        perform().due().await.into_response()
    }
}

fn final_status(status: u16) -> StatusCode {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| (200..600).contains(&status.as_u16()))
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// For a status without a documented body.
pub(crate) fn plain_error(status: StatusCode) -> Reply {
    let title = status.canonical_reason().unwrap_or("Error");
    Reply::json(status, &serde_json::json!({ "title": title, "status": status.as_u16() }))
}

fn with_retry_after(reply: Reply, seconds: Option<u64>) -> Response {
    let mut response = reply.into_response();
    if let Some(seconds) = seconds {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn html(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    let code = status.as_u16();
    let page = format!(
        "<!DOCTYPE html>\n<html><head><title>{code} {reason}</title></head>\n\
         <body><h1>{code} {reason}</h1><p>The gateway could not reach the service.</p></body></html>\n"
    );
    (status, axum::response::Html(page)).into_response()
}

fn truncated((status, body): (StatusCode, Bytes)) -> Response {
    Reply::Json(status, body.slice(..body.len() / 2)).into_response()
}

fn cut((status, body): (StatusCode, Bytes)) -> Response {
    let promised = HeaderValue::from(body.len());
    let half = body.slice(..body.len() / 2);
    let mut response = Response::new(Body::new(HalfBody { half: Some(half), flushed: false }));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response.headers_mut().insert(CONTENT_LENGTH, promised);
    response
}

/// Half a body, then an error, upon which hyper closes the connection.
struct HalfBody {
    half: Option<Bytes>,
    flushed: bool,
}

impl http_body::Body for HalfBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // Pending once, because hyper flushes its buffer only while the body has no data ready.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(std::io::Error::other("the body is cut off, as requested"))))
    }
}

/// The queued faults, in the order in which they apply.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue(Mutex<VecDeque<Fault<&'static str>>>);

impl FaultQueue {
    /// Queues a fault; `false` if the queue is full.
    pub(crate) fn push(&self, fault: Fault<&'static str>) -> bool {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = queue.len() < MAX_FAULTS;
        if has_room && fault.times > 0 {
            queue.push_back(fault);
        }
        has_room
    }

    pub(crate) fn is_full(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len() >= MAX_FAULTS
    }

    /// What waits, in order.
    pub(crate) fn listed(&self) -> Vec<Fault<&'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The number of requests that the queued faults still apply to.
    pub(crate) fn waiting(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|fault| u64::from(fault.times)).sum()
    }

    /// Takes the fault for a request of this operation, and decrements its count.
    pub(crate) fn take(&self, operation: &str) -> Option<Fault<&'static str>> {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = queue.iter().position(|fault| fault.operation.is_none_or(|wanted| wanted == operation))?;
        let fault = queue.get_mut(at)?;
        fault.times -= 1;
        let taken = fault.clone();
        if taken.times == 0 {
            queue.remove(at);
        }
        Some(taken)
    }
}

impl Fault<&'static str> {
    /// The fault in the words of [`FaultRequest`], for a list of what is queued.
    pub(crate) fn described(&self, vendor: &str) -> Value {
        let mut described = json!({
            "vendor": vendor,
            "operation": self.operation.unwrap_or("any"),
            "kind": self.kind.name(),
            "times": self.times,
            "after_effect": self.after_effect,
        });
        match self.kind {
            Kind::Latency(delay) => described["seconds"] = delay.as_secs_f64().into(),
            Kind::Status(status, retry_after) => {
                described["status"] = status.as_u16().into();
                if let Some(seconds) = retry_after {
                    described["retry_after_seconds"] = seconds.into();
                }
            }
            Kind::Html(status) | Kind::Empty(status) => described["status"] = status.as_u16().into(),
            Kind::TruncatedJson | Kind::CutBody | Kind::Close | Kind::Hang => {}
        }
        described
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Latency(_) => "latency",
            Self::Status(..) => "status",
            Self::Html(_) => "html",
            Self::TruncatedJson => "truncated_json",
            Self::CutBody => "cut_body",
            Self::Close => "close",
            Self::Empty(_) => "empty",
            Self::Hang => "hang",
        }
    }
}

/// The body of `POST /_sandbox/faults`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultRequest {
    pub(crate) vendor: String,
    /// `None`: only `duplicate_webhooks` is set.
    kind: Option<String>,
    operation: Option<String>,
    status: Option<u16>,
    retry_after_seconds: Option<u64>,
    seconds: Option<f64>,
    times: Option<u32>,
    #[serde(default)]
    after_effect: bool,
    pub(crate) duplicate_webhooks: Option<bool>,
}

impl FaultRequest {
    /// The requested fault, if any, for one of the vendor's operations.
    pub(crate) fn fault(
        &self,
        mut operations: impl Iterator<Item = &'static str>,
    ) -> Result<Option<Fault<&'static str>>, ValidationError> {
        let Some(kind) = self.kind.as_deref() else {
            return match self.duplicate_webhooks {
                Some(_) => Ok(None),
                None => Err(ValidationError::new("\"kind\" or \"duplicate_webhooks\" is required")),
            };
        };
        let mut fault = Fault::new(self.kind_named(kind)?).times(self.times.unwrap_or(1));
        fault.after_effect = self.after_effect;
        fault.operation = match self.operation.as_deref() {
            None | Some("any") => None,
            Some(name) => {
                let named = operations.find(|operation| *operation == name);
                Some(named.ok_or_else(|| {
                    ValidationError::new("\"operation\" is not an operation of this vendor")
                })?)
            }
        };
        Ok(Some(fault))
    }

    fn kind_named(&self, kind: &str) -> Result<Kind, ValidationError> {
        Ok(match kind {
            "latency" => Kind::Latency(self.delay()?),
            "status" => Kind::Status(self.status(None)?, self.retry_after_seconds),
            "html" => Kind::Html(self.status(Some(StatusCode::BAD_GATEWAY))?),
            "truncated_json" => Kind::TruncatedJson,
            "cut_body" => Kind::CutBody,
            "close" => Kind::Close,
            "empty" => Kind::Empty(self.status(Some(StatusCode::NOT_FOUND))?),
            "hang" => Kind::Hang,
            _ => {
                return Err(ValidationError::new(
                    "\"kind\" must be one of latency, status, html, truncated_json, cut_body, close, empty, hang",
                ));
            }
        })
    }

    fn status(&self, default: Option<StatusCode>) -> Result<StatusCode, ValidationError> {
        match self.status {
            Some(status) if (200..600).contains(&status) => Ok(final_status(status)),
            Some(_) => Err(ValidationError::new("\"status\" must be from 200 to 599")),
            None => default.ok_or_else(|| ValidationError::new("\"status\" is required")),
        }
    }

    fn delay(&self) -> Result<Duration, ValidationError> {
        self.seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map(|delay| delay.min(MAX_DELAY))
            .ok_or_else(|| ValidationError::new("\"seconds\" is required and must be zero or more"))
    }
}
