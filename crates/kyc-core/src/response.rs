//! What a call brought back: the vendor's answer as it came, and the value with the facts of the call.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::error::{Delivery, Error, ErrorKind};
use crate::json::JsonText;
use crate::operation::{Operation, OperationClass, OperationId, Vendor};
use crate::secret::RawBody;

/// The facts of a call.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ResponseMeta {
    /// The HTTP status.
    pub http_status: u16,
    /// The vendor's id of the request, to quote to its support.
    pub request_id: Option<String>,
    /// How many times the request was sent.
    pub attempts: u32,
    /// How long the call took, pauses and login included, on the client's clock.
    pub elapsed: Duration,
    /// The answer as it came, if [`ClientOptions::keep_raw_bodies`](crate::ClientOptions::keep_raw_bodies) asked for it.
    pub raw_body: Option<RawBody>,
}

/// A value and the facts of the call that brought it.
#[derive(Clone, Debug)]
pub struct Response<T> {
    value: T,
    meta: ResponseMeta,
}

impl<T> From<T> for Response<T> {
    /// A reply without facts: what a fake of a capability trait returns.
    fn from(value: T) -> Self {
        Self { value, meta: ResponseMeta::default() }
    }
}

impl<T> Response<T> {
    /// A value and the facts of the call that brought it.
    #[must_use]
    pub fn new(value: T, meta: ResponseMeta) -> Self {
        Self { value, meta }
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The facts of the call.
    #[must_use]
    pub fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The value alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Changes the value and keeps the facts.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: change(self.value), meta: self.meta }
    }
}

/// Reads an answer of any status: the error in it, or `None` if it holds a value for its operation.
pub type ReadError = fn(&RawResponse) -> Option<Error>;

/// An HTTP answer that arrived whole. What a vendor's crate reads its errors and values from.
#[derive(Clone)]
pub struct RawResponse {
    pub(crate) vendor: Vendor,
    pub(crate) operation: &'static Operation,
    pub(crate) status: http::StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    /// What the operation is known by, for errors after which it may have landed.
    pub(crate) known_as: Option<OperationId>,
}

impl RawResponse {
    /// The operation that was called.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> http::StatusCode {
        self.status
    }

    /// Whether the operation declares this status, although one of failure, as a value:
    /// [`Operation::answers_with`].
    #[must_use]
    pub fn is_value(&self) -> bool {
        self.operation.is_value_status(self.status.as_u16())
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &http::HeaderMap {
        &self.headers
    }

    /// The body. It may hold personal data and tokens.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as JSON text, in the charset that the headers declare.
    #[must_use]
    pub fn json(&self) -> JsonText<'_> {
        let content_type = self.headers.get(http::header::CONTENT_TYPE);
        JsonText::new(&self.body, content_type.map(http::HeaderValue::as_bytes))
    }

    /// An error about this answer, with its status, body and request id.
    ///
    /// `what` is a clause in our words; the vendor's message goes to [`Error::with_vendor_words`].
    #[must_use]
    pub fn error(&self, kind: ErrorKind, what: &'static str) -> Error {
        // Only a 4xx means that the request was not processed. Whatever the body of a 5xx says, the request may have had its
        // effect before the vendor failed.
        let is_refusal = matches!(self.status.as_u16(), 401 | 429)
            || self.status.is_client_error()
                && matches!(kind, ErrorKind::Unauthenticated | ErrorKind::RateLimited);
        // A redirect of a submission says nothing of what became of it: it may have been processed before.
        let is_in_doubt = self.status.is_redirection() && self.operation.class() == OperationClass::Paid;
        let delivery = match (is_refusal, is_in_doubt) {
            (true, _) => Delivery::Refused,
            (false, true) => Delivery::Unknown,
            (false, false) => Delivery::Answered,
        };
        let error = Error::new(self.vendor, kind, delivery, what)
            .in_operation(self.operation.name())
            .with_http_status(self.status.as_u16())
            .with_request_id(self.request_id.clone())
            .with_body(RawBody::capped(&self.body))
            .with_retry_after(self.retry_after)
            .with_attempts(self.attempts)
            .known_as(self.known_as.as_ref());
        if self.operation.class() == OperationClass::Paid { error.of_paid_call() } else { error }
    }

    /// The error that the HTTP status alone makes, in our words: `None` for 2xx.
    #[must_use]
    pub fn error_by_status(&self) -> Option<Error> {
        let kind = ErrorKind::of_status(self.status.as_u16())?;
        let what = match kind {
            ErrorKind::Unauthenticated => "the credentials or the token were not accepted",
            ErrorKind::Forbidden => "the credentials do not permit this operation",
            ErrorKind::NotFound => "the vendor does not know the requested resource",
            ErrorKind::RateLimited => "too many requests",
            ErrorKind::Rejected => "the vendor rejected the request",
            // A credential must not go where an answer points.
            ErrorKind::Config => "the server responded with a redirect, which is not followed",
            ErrorKind::QuotaExhausted => "the credits are used up",
            _ => "the vendor failed",
        };
        Some(self.error(kind, what))
    }

    pub(crate) fn into_meta(self, keep_body: bool) -> ResponseMeta {
        ResponseMeta {
            http_status: self.status.as_u16(),
            request_id: self.request_id,
            attempts: self.attempts,
            elapsed: self.elapsed,
            raw_body: keep_body.then(|| RawBody::new(self.body)),
        }
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("vendor", &self.vendor)
            .field("operation", &self.operation.name())
            .field("status", &self.status)
            .field("body", &RawBody::new(self.body.clone()))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ResponseMeta {
    /// Without the request id: it is whatever the peer put into a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseMeta")
            .field("http_status", &self.http_status)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .field("raw_body", &self.raw_body)
            .finish_non_exhaustive()
    }
}
