//! The results of a call: the raw HTTP response, and the decoded value with its metadata.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::error::{Delivery, Error, ErrorKind};
use crate::json::JsonText;
use crate::operation::{Operation, OperationClass, OperationId, Vendor};
use crate::secret::RawBody;

/// The metadata of a call.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ResponseMeta {
    /// The HTTP status.
    pub http_status: u16,
    /// The vendor's id of the request, to quote to its support.
    pub request_id: Option<String>,
    /// The number of times that the request was sent.
    pub attempts: u32,
    /// The duration of the call, including pauses and login, on the client's clock.
    pub elapsed: Duration,
    /// The raw response body, if [`ClientOptions::keep_raw_bodies`](crate::ClientOptions::keep_raw_bodies) is set.
    pub raw_body: Option<RawBody>,
}

/// A value and the metadata of its call.
#[derive(Clone, Debug)]
pub struct Response<T> {
    value: T,
    meta: ResponseMeta,
}

impl<T> From<T> for Response<T> {
    /// Wraps a value without metadata, for fakes of the capability traits.
    fn from(value: T) -> Self {
        Self { value, meta: ResponseMeta::default() }
    }
}

impl<T> Response<T> {
    /// Creates a response.
    #[must_use]
    pub fn new(value: T, meta: ResponseMeta) -> Self {
        Self { value, meta }
    }

    /// Returns the value.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Returns the metadata of the call.
    #[must_use]
    pub fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    /// Returns the value and discards the metadata.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Maps the value and keeps the metadata.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: change(self.value), meta: self.meta }
    }
}

/// A function that returns the error in a response of any status, or `None` if the response holds a value of its operation.
pub type ReadError = fn(&RawResponse) -> Option<Error>;

/// A complete HTTP response, from which a vendor crate reads errors and values.
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
    /// The id of the operation, for errors after which it may have been processed.
    pub(crate) known_as: Option<OperationId>,
}

impl RawResponse {
    /// Returns the operation that was called.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Returns the HTTP status.
    #[must_use]
    pub fn status(&self) -> http::StatusCode {
        self.status
    }

    /// Returns `true` if the operation declares this failure status as a value with [`Operation::answers_with`].
    #[must_use]
    pub fn is_value(&self) -> bool {
        self.operation.is_value_status(self.status.as_u16())
    }

    /// Returns the headers.
    #[must_use]
    pub fn headers(&self) -> &http::HeaderMap {
        &self.headers
    }

    /// Returns the body. It may hold personal data and tokens: keep it out of logs.
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

    /// Creates an error for this response, with its status, body and request id.
    ///
    /// `what` is a clause of this library's own; pass the vendor's message to [`Error::with_vendor_error`].
    #[must_use]
    pub fn error(&self, kind: ErrorKind, what: &'static str) -> Error {
        // Only a 4xx means that the request was not processed. Whatever the body of a 5xx says, the request may have been
        // processed before the vendor failed.
        let is_refusal = matches!(self.status.as_u16(), 401 | 429)
            || self.status.is_client_error()
                && matches!(kind, ErrorKind::Unauthenticated | ErrorKind::RateLimited);
        // A submission may have been processed before its redirect was sent.
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

    /// Returns the error for the HTTP status, without reading the body; `None` for 2xx.
    #[must_use]
    pub fn error_by_status(&self) -> Option<Error> {
        let kind = ErrorKind::of_status(self.status.as_u16())?;
        let what = match kind {
            ErrorKind::Unauthenticated => "the credentials or the token were not accepted",
            ErrorKind::Forbidden => "the credentials do not permit this operation",
            ErrorKind::NotFound => "the vendor does not know the requested resource",
            ErrorKind::RateLimited => "too many requests",
            ErrorKind::Rejected => "the vendor rejected the request",
            // A credential must not be sent to a location that a response names.
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
    /// Omits the request id: a peer may put anything into the header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseMeta")
            .field("http_status", &self.http_status)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .field("raw_body", &self.raw_body)
            .finish_non_exhaustive()
    }
}
