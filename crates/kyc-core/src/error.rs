//! The error type of all calls: what happened, whether the request was sent, and what to do.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use crate::operation::{OperationId, Vendor};
use crate::secret::{Pii, RawBody};
use crate::validation::ValidationError;

mod display;
mod kind;
mod violation;

pub use kind::{Delivery, ErrorKind};
pub use violation::FieldViolation;

/// Describes why a call failed. Neither `Display` nor `Debug` prints personal data, secrets or the vendor's message.
///
/// `Display` writes one line: the vendor and the operation, what happened, whether the request was sent, and what to do.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    vendor: Vendor,
    operation: Option<&'static str>,
    delivery: Delivery,
    what: Cow<'static, str>,
    http_status: Option<u16>,
    vendor_code: Option<String>,
    vendor_message: Option<Pii<String>>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    body: Option<RawBody>,
    violations: Vec<FieldViolation>,
    json_path: Option<String>,
    operation_id: Option<OperationId>,
    /// Whether the call is a paid one that the vendor may have processed.
    may_be_paid: bool,
    cause: Option<Arc<Cause>>,
}

/// The source chain of an error of another crate, flattened to text when it is caught. This keeps foreign types out of the
/// API and lets the caller remove URLs first.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

impl Error {
    /// Creates an error. `what` is a clause that says what happened; it must not contain any value of a request or response.
    #[must_use]
    pub fn new(
        vendor: Vendor,
        kind: ErrorKind,
        delivery: Delivery,
        what: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            vendor,
            operation: None,
            delivery,
            what: what.into(),
            http_status: None,
            vendor_code: None,
            vendor_message: None,
            request_id: None,
            retry_after: None,
            attempts: 0,
            body: None,
            violations: Vec::new(),
            json_path: None,
            operation_id: None,
            may_be_paid: false,
            cause: None,
        }))
    }

    /// Creates an error of kind `Config`: the client is configured incorrectly.
    #[must_use]
    pub fn config(vendor: Vendor, what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(vendor, ErrorKind::Config, Delivery::NotSent, what)
    }

    /// Creates an error of kind `InvalidInput` for a value that breaks a rule. `field` is this library's name for the value and
    /// replaces the rule's subject.
    #[must_use]
    pub fn invalid_input(vendor: Vendor, field: &'static str, invalid: &ValidationError) -> Self {
        let rule = invalid.rule();
        let what = format!("{field}: {rule}");
        Self::new(vendor, ErrorKind::InvalidInput, Delivery::NotSent, what)
            .with_violations(vec![FieldViolation::new(field, rule)])
    }

    /// Creates an error of kind `Unsupported`: the vendor does not offer what was requested.
    #[must_use]
    pub fn unsupported(vendor: Vendor, what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(vendor, ErrorKind::Unsupported, Delivery::NotSent, what)
    }

    /// Converts the error of a login into the error of the call that needed the token. Nothing of that call was sent.
    pub(crate) fn login_failed(login: &Self) -> Self {
        let mut error = login.clone();
        error.0.what = format!("login failed: {}", login.0.what).into();
        error.0.delivery = Delivery::NotSent;
        error.0.attempts = 0;
        error
    }

    /// Sets the operation.
    #[must_use]
    pub fn in_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Sets the vendor's code and message.
    #[must_use]
    pub fn with_vendor_error(mut self, code: Option<String>, message: Option<String>) -> Self {
        self.0.vendor_code = code;
        self.0.vendor_message = message.map(Pii::new);
        self
    }

    /// Sets the violations by field.
    #[must_use]
    pub fn with_violations(mut self, violations: Vec<FieldViolation>) -> Self {
        self.0.violations = violations;
        self
    }

    /// Sets the id by which the operation can be queried later.
    #[must_use]
    pub fn with_operation_id(mut self, id: OperationId) -> Self {
        self.0.operation_id = Some(id);
        self
    }

    /// Sets the id by which the operation can be queried later, if the vendor may have processed the request.
    pub(crate) fn known_as(self, id: Option<&OperationId>) -> Self {
        match id {
            Some(id) if self.may_have_landed() => self.with_operation_id(id.clone()),
            _ => self,
        }
    }

    /// Marks the error as that of a paid call, so that the advice is not to resend a request that may have been processed.
    pub(crate) fn of_paid_call(mut self) -> Self {
        self.0.may_be_paid = self.may_have_landed();
        self
    }

    /// Sets the cause as text. It must not contain any value of a request or response.
    #[must_use]
    pub fn caused_by(mut self, text: impl Into<String>) -> Self {
        self.0.cause = Some(Arc::new(Cause(text.into())));
        self
    }

    /// Sets the HTTP status of a response, complete or not.
    #[must_use]
    pub fn with_http_status(mut self, status: impl Into<Option<u16>>) -> Self {
        self.0.http_status = status.into();
        self
    }

    /// Sets the vendor's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    /// Sets the wait that the vendor requests before the next request.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_body(mut self, body: RawBody) -> Self {
        self.0.body = Some(body);
        self
    }

    /// Records that an earlier attempt may have been processed, so that "nothing was sent" does not hold for the call.
    pub(crate) fn after_uncertain_attempt(mut self) -> Self {
        if self.0.delivery == Delivery::NotSent {
            self.0.delivery = Delivery::Unknown;
        }
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_json_path(mut self, path: String) -> Self {
        self.0.json_path = Some(path);
        self
    }

    /// Returns the kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the vendor of the call.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.0.vendor
    }

    /// Returns the name of the operation, as the vendor calls it.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// Returns what is known about the delivery of the request.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Returns `true` if the vendor may have processed the request: no complete response arrived, or one that leaves the
    /// outcome open.
    ///
    /// If this is `true` of a paid call, query [`operation_id`](Self::operation_id) before you send the call again.
    #[must_use]
    pub fn may_have_landed(&self) -> bool {
        match self.0.delivery {
            Delivery::NotSent | Delivery::Refused => false,
            Delivery::Unknown => true,
            Delivery::Answered => {
                matches!(self.0.kind, ErrorKind::Unavailable | ErrorKind::Decode | ErrorKind::Timeout)
            }
        }
    }

    /// Returns the HTTP status, if at least the head of a response arrived.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Returns the vendor's code, where it differs from the HTTP status or adds to it.
    #[must_use]
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// Returns the vendor's message. It may repeat what was sent: keep it out of logs.
    #[must_use]
    pub fn vendor_message(&self) -> Option<&str> {
        self.0.vendor_message.as_ref().map(|message| message.expose().as_str())
    }

    /// Returns the vendor's id of the request, to quote to its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the wait that the vendor requests before the next request.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the number of attempts to send the request; zero if the call failed before the first one.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the beginning of the response body, up to 64 KiB, so that a paid response is not lost if it cannot be decoded.
    #[must_use]
    pub fn body(&self) -> Option<&RawBody> {
        self.0.body.as_ref()
    }

    /// Returns the violations by field.
    #[must_use]
    pub fn violations(&self) -> &[FieldViolation] {
        &self.0.violations
    }

    /// Returns the JSON path at which decoding the response failed.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// Returns the id of the operation that the failed call may have started: query it, or wait for its webhook.
    #[must_use]
    pub fn operation_id(&self) -> Option<&OperationId> {
        self.0.operation_id.as_ref()
    }

    /// Returns `true` if the same call can be made again later: the vendor or the network failed, not the request, and the
    /// call started no operation that could be queried instead.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.0.operation_id.is_none()
            && !self.0.may_be_paid
            && matches!(
                self.0.kind,
                ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Transport | ErrorKind::Timeout
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_states_cause_delivery_and_advice() {
        let vendor = Vendor::new("toy");
        let error = Error::invalid_input(vendor, "cpf", &ValidationError::new("must be 11 digits"))
            .in_operation("read_status");
        assert_eq!(
            error.to_string(),
            "toy read_status: cpf: must be 11 digits; nothing was sent; correct the value"
        );
        let error = Error::new(vendor, ErrorKind::Timeout, Delivery::Unknown, "no response within 30 s")
            .with_operation_id(OperationId::by_reference(vendor, "read_status", "52998224725"));
        assert!(error.may_have_landed());
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("do not submit it again") && !shown.contains("52998224725"), "{shown}");
    }
}
