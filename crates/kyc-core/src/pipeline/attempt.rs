//! One attempt of a call: a request and its outcome.

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};

use super::{Call, Pipeline};
use crate::body::Body;
use crate::error::{Delivery, Error, ErrorKind};
use crate::response::RawResponse;
use crate::time::{Deadline, Timestamp, in_seconds};
use crate::token::{Token, seconds};
use crate::transport::{TransportError, TransportErrorKind};

impl Pipeline {
    /// Sends one request and returns its response.
    pub(super) async fn exchange(
        &self,
        call: &Call<'_>,
        mut request: http::Request<Body>,
        deadline: Deadline,
        number: u32,
        started: Duration,
    ) -> Result<RawResponse, Error> {
        let options = &self.0.options;
        add_headers(&mut request);
        let sent_id = text_of(request.headers(), self.0.protocol.sent_id_header);
        let claim = request.body_mut().claim();
        let limit = deadline.left().min(options.attempt_timeout.max(call.operation.timeout()));
        let transport = self.transport();
        let sending = transport.as_ref().send(request, options.max_response_bytes);
        let outcome = Deadline::after(limit).within(sending).await;
        let is_unsent = || claim.is_some_and(|claim| claim.give_up());
        let response = match outcome {
            Some(Ok(response)) => self.raw_response(call, response, number, started),
            Some(Err(failure)) => return Err(self.transport_failed(&failure, is_unsent(), sent_id)),
            None => return Err(self.timed_out(limit, is_unsent()).with_request_id(sent_id)),
        };
        tracing::debug!(
            vendor = %self.vendor(),
            operation = call.operation.name(),
            http.request.resend_count = resend_count(number),
            http.response.status_code = response.status.as_u16(),
            elapsed = ?response.elapsed,
            "response received"
        );
        let error = match call.operation.read_error() {
            Some(read_error) => read_error(&response),
            None if response.is_value() => None,
            None => (self.0.protocol.read_error)(&response),
        };
        match error {
            Some(error) => Err(error),
            None => Ok(response),
        }
    }

    fn raw_response(
        &self,
        call: &Call<'_>,
        response: http::Response<bytes::Bytes>,
        attempts: u32,
        started: Duration,
    ) -> RawResponse {
        let clock = &self.0.options.clock;
        let (parts, body) = response.into_parts();
        let wait =
            if parts.status.is_success() { None } else { text_of(&parts.headers, Some("retry-after")) };
        RawResponse {
            vendor: self.vendor(),
            operation: call.operation,
            status: parts.status,
            request_id: text_of(&parts.headers, self.0.protocol.request_id_header),
            retry_after: wait.and_then(|wait| retry_after(&wait, clock.now())),
            body,
            attempts,
            elapsed: clock.elapsed().saturating_sub(started),
            headers: parts.headers,
            known_as: call.paid_id().cloned(),
        }
    }

    fn transport_failed(&self, failure: &TransportError, is_unsent: bool, sent_id: Option<String>) -> Error {
        let (kind, delivery, what) = match failure.kind() {
            TransportErrorKind::Setup => {
                (ErrorKind::Config, Delivery::NotSent, "the request could not be built")
            }
            TransportErrorKind::Connect => {
                (ErrorKind::Transport, Delivery::NotSent, "no connection to the server")
            }
            TransportErrorKind::CertificateRefused => (
                ErrorKind::Config,
                Delivery::Refused,
                "the server refused the client certificate or requires one",
            ),
            TransportErrorKind::Exchange if is_unsent => {
                (ErrorKind::Transport, Delivery::NotSent, "no connection to the server")
            }
            TransportErrorKind::Exchange => {
                (ErrorKind::Transport, Delivery::Unknown, "the connection broke before a response")
            }
            TransportErrorKind::Response => (
                ErrorKind::Transport,
                Delivery::Unknown,
                "the connection broke in the middle of the response",
            ),
            TransportErrorKind::TooLarge => {
                (ErrorKind::Decode, Delivery::Answered, "the response is larger than the limit")
            }
        };
        let (status, received_id) = match failure.head() {
            Some((status, headers)) => {
                (Some(status.as_u16()), text_of(headers, self.0.protocol.request_id_header))
            }
            None => (None, None),
        };
        Error::new(self.vendor(), kind, delivery, what)
            .with_http_status(status)
            .with_request_id(received_id.or(sent_id))
            .caused_by(failure.to_string())
    }

    fn timed_out(&self, limit: Duration, is_unsent: bool) -> Error {
        let delivery = if is_unsent { Delivery::NotSent } else { Delivery::Unknown };
        Error::new(
            self.vendor(),
            ErrorKind::Timeout,
            delivery,
            format!("no response within {}", in_seconds(limit)),
        )
    }
}

/// The state of a call between its attempts.
pub(super) struct RetryState {
    pub(super) started: Duration,
    pub(super) deadline: Deadline,
    pub(super) sent: u32,
    pub(super) logged_in_again: bool,
    pub(super) last: Option<Error>,
}

/// The error of an attempt.
pub(super) enum AttemptError {
    /// The attempt did not start; nothing of it was sent.
    NotStarted(Error),
    /// The attempt was made with that token.
    Failed(Error, Option<Token>),
}

impl RetryState {
    /// Returns the error of the last attempt if there was one, since it is more specific than a missing token or a timeout.
    pub(super) fn final_error(&mut self, error: Error) -> Error {
        self.last.take().unwrap_or(error)
    }

    /// Adds the facts of all attempts to the error of the last one.
    pub(super) fn attempt_error(&self, error: Error) -> Error {
        let error = error.with_attempts(self.sent);
        if self.last.as_ref().is_some_and(Error::may_have_landed) {
            error.after_uncertain_attempt()
        } else {
            error
        }
    }
}

/// Adds the headers of every request that the vendor crate did not set.
fn add_headers(request: &mut http::Request<Body>) {
    let content_type = request.body().content_type().cloned();
    let headers = request.headers_mut();
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
    if let Some(content_type) = content_type {
        headers.entry(CONTENT_TYPE).or_insert(content_type);
    }
}

/// Returns the OpenTelemetry attribute `http.request.resend_count` of an attempt: absent on the first one, then 1, 2, …
fn resend_count(attempt: u32) -> Option<u32> {
    attempt.checked_sub(1).filter(|resends| *resends > 0)
}

fn text_of(headers: &HeaderMap, name: Option<&str>) -> Option<String> {
    headers.get(name?)?.to_str().ok().map(str::to_owned)
}

/// Parses a `Retry-After` header: seconds or an HTTP date.
pub(super) fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    seconds(text).or_else(|| Timestamp::parse_http_date(text).map(|until| until.since(now)))
}
