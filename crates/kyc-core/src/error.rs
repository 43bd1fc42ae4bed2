//! One error for everything: what happened, whether the request was sent, and what to do.

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

/// Why a call failed. It prints no personal data, no secret and no word of the vendor's.
///
/// `Display` is one line: who and which operation, what happened, whether the request was sent, what to do.
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
    /// A paid call that may have been acted on.
    may_be_paid: bool,
    cause: Option<Arc<Cause>>,
}

/// The chain of a foreign error, flattened to text at the moment it is caught: foreign types stay out of the API,
/// and a URL can be taken out before.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Cause(String);

impl Error {
    /// A failure of that kind, with a clause that says what happened and holds no value.
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

    /// The client is set up wrongly.
    #[must_use]
    pub fn config(vendor: Vendor, what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(vendor, ErrorKind::Config, Delivery::NotSent, what)
    }

    /// Creates the error for a value that breaks a rule. `field` is our name for the value and replaces the rule's subject.
    #[must_use]
    pub fn invalid_input(vendor: Vendor, field: &'static str, invalid: &ValidationError) -> Self {
        let rule = invalid.rule();
        let what = format!("{field}: {rule}");
        Self::new(vendor, ErrorKind::InvalidInput, Delivery::NotSent, what)
            .with_violations(vec![FieldViolation::new(field, rule)])
    }

    /// The vendor cannot do that.
    #[must_use]
    pub fn unsupported(vendor: Vendor, what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(vendor, ErrorKind::Unsupported, Delivery::NotSent, what)
    }

    /// The failure of a login, as seen by the call that needed the token: nothing of that call was sent.
    pub(crate) fn not_sent_because_of(login: &Self) -> Self {
        let mut error = login.clone();
        error.0.what = format!("login failed: {}", login.0.what).into();
        error.0.delivery = Delivery::NotSent;
        error.0.attempts = 0;
        error
    }

    /// Names the operation.
    #[must_use]
    pub fn in_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Adds the vendor's code and its words.
    #[must_use]
    pub fn with_vendor_words(mut self, code: Option<String>, message: Option<String>) -> Self {
        self.0.vendor_code = code;
        self.0.vendor_message = message.map(Pii::new);
        self
    }

    /// Adds what is wrong field by field.
    #[must_use]
    pub fn with_violations(mut self, violations: Vec<FieldViolation>) -> Self {
        self.0.violations = violations;
        self
    }

    /// Adds what can be asked about later.
    #[must_use]
    pub fn with_operation_id(mut self, id: OperationId) -> Self {
        self.0.operation_id = Some(id);
        self
    }

    /// Adds what can be asked about later, if there may be something to ask about.
    pub(crate) fn known_as(self, id: Option<&OperationId>) -> Self {
        match id {
            Some(id) if self.may_have_landed() => self.with_operation_id(id.clone()),
            _ => self,
        }
    }

    /// A paid call failed: if it may have been acted on, nobody is told to send it again.
    pub(crate) fn of_paid_call(mut self) -> Self {
        self.0.may_be_paid = self.may_have_landed();
        self
    }

    /// Adds a cause in words. They must hold no value of a request or an answer.
    #[must_use]
    pub fn caused_by(mut self, text: impl Into<String>) -> Self {
        self.0.cause = Some(Arc::new(Cause(text.into())));
        self
    }

    /// Adds the HTTP status of an answer, or of one that began.
    #[must_use]
    pub fn with_http_status(mut self, status: impl Into<Option<u16>>) -> Self {
        self.0.http_status = status.into();
        self
    }

    /// Adds the vendor's id of the request.
    #[must_use]
    pub fn with_request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    /// Adds how long the vendor asks to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_body(mut self, body: RawBody) -> Self {
        self.0.body = Some(body);
        self
    }

    /// An earlier attempt may have landed, so that "nothing was sent" is not true of the call.
    pub(crate) fn after_one_that_may_have_landed(mut self) -> Self {
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

    /// The kind of failure.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The vendor that was called, or was to be.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.0.vendor
    }

    /// The operation, by the vendor's own word.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// What is known of the request on its way.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Whether the vendor may have acted on the request: no whole answer came, or one that does not settle it.
    ///
    /// A paid call of which this is true must not be sent again before [`operation_id`](Self::operation_id) was
    /// looked after.
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

    /// The HTTP status, if an answer began.
    #[must_use]
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The vendor's own code, where it differs from the HTTP status or adds to it.
    #[must_use]
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// The vendor's own words. They may repeat what was sent: keep them out of logs.
    #[must_use]
    pub fn vendor_message(&self) -> Option<&str> {
        self.0.vendor_message.as_ref().map(|message| message.expose().as_str())
    }

    /// The vendor's id of the request, to quote to its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the vendor asks to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many times the request was sent or tried; zero when it was refused before.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The beginning of the answer, up to 64 KiB: an undecodable answer that was paid for is not lost.
    #[must_use]
    pub fn body(&self) -> Option<&RawBody> {
        self.0.body.as_ref()
    }

    /// What is wrong field by field.
    #[must_use]
    pub fn violations(&self) -> &[FieldViolation] {
        &self.0.violations
    }

    /// Where in the answer decoding failed.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// What the failed call may have started: to be asked about, or completed by a webhook.
    #[must_use]
    pub fn operation_id(&self) -> Option<&OperationId> {
        self.0.operation_id.as_ref()
    }

    /// Whether the same call may simply be made again later: the vendor or the network failed, not the request, and
    /// nothing was started that could be asked about instead.
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

/// A key that a vendor chose, made fit for a log. A map may be keyed by CPF or e-mail address, so only what looks like a
/// name of a field is shown: letters, digits, `_` and `-`, at most 40, with less than six digits.
pub(crate) fn mask(key: &str) -> &str {
    let is_plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let digits = key.chars().filter(|character| character.is_numeric()).count();
    if key.chars().all(is_plain) && key.chars().count() <= 40 && digits < 6 { key } else { "…" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_whether_and_what_to_do() {
        let vendor = Vendor::new("toy");
        let error = Error::invalid_input(vendor, "cpf", &ValidationError::new("must be 11 digits"))
            .in_operation("look");
        assert_eq!(
            error.to_string(),
            "toy look: cpf: must be 11 digits; nothing was sent; correct the value"
        );
        let error = Error::new(vendor, ErrorKind::Timeout, Delivery::Unknown, "no answer within 30 s")
            .with_operation_id(OperationId::by_reference(vendor, "look", "52998224725"));
        assert!(error.may_have_landed());
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("do not submit it again") && !shown.contains("52998224725"), "{shown}");
    }

    #[test]
    fn only_names_of_fields_are_shown() {
        for shown in ["isMatch", "descrição", "line_2", "x-id", "address4"] {
            assert_eq!(mask(shown), shown);
        }
        let long = "x".repeat(41);
        for hidden in [
            "52998224725",
            "529.982.247-25",
            "529-982-247-25",
            "maria@example.com",
            "line\n1",
            "Maria Silva",
            &long,
        ] {
            assert_eq!(mask(hidden), "…", "{hidden}");
        }
    }
}
