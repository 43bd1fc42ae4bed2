//! One error for everything: what happened, whether the request was sent, and what to do.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::operation::{OperationId, Vendor};
use crate::secret::{Pii, RawBody};
use crate::validation::ValidationError;

/// What went wrong, in kinds that a program can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The client was set up wrongly: an address, a certificate, a missing credential.
    Config,
    /// A value breaks a documented rule; nothing was sent.
    InvalidInput,
    /// The vendor does not accept the credentials or the token.
    Unauthenticated,
    /// The credentials are good but do not allow this.
    Forbidden,
    /// The contract's credits or volume are used up.
    QuotaExhausted,
    /// A key or session of limited life is spent: start again from where it is made.
    Expired,
    /// The vendor does not know what was asked for.
    NotFound,
    /// The vendor read the request and turned it down; [`Error::violations`] may name the fields.
    Rejected,
    /// Too many requests; [`Error::retry_after`] may say how long to wait.
    RateLimited,
    /// The vendor failed on its side.
    Unavailable,
    /// The network failed before a whole answer arrived.
    Transport,
    /// A deadline passed.
    Timeout,
    /// The answer is not what the vendor documents; [`Error::body`] keeps it.
    Decode,
    /// This vendor cannot do that.
    Unsupported,
}

impl ErrorKind {
    /// The kind as a word for logs, metrics and JSON: `rate_limited`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::InvalidInput => "invalid_input",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::QuotaExhausted => "quota_exhausted",
            Self::Expired => "expired",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Decode => "decode",
            Self::Unsupported => "unsupported",
        }
    }

    /// What an HTTP status says, or the status that a vendor repeats in its body; `None` for 2xx.
    #[must_use]
    pub fn of_status(status: u16) -> Option<Self> {
        match status {
            200..300 => None,
            300..400 => Some(Self::Config),
            401 => Some(Self::Unauthenticated),
            402 => Some(Self::QuotaExhausted),
            403 => Some(Self::Forbidden),
            404 | 410 => Some(Self::NotFound),
            408 => Some(Self::Unavailable),
            429 => Some(Self::RateLimited),
            400..500 => Some(Self::Rejected),
            _ => Some(Self::Unavailable),
        }
    }
}

/// What is known of the request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing reached the vendor.
    NotSent,
    /// It arrived and was turned away at the door (HTTP 401 or 429, TLS refusal): it had no effect.
    Refused,
    /// The vendor's whole answer arrived.
    Answered,
    /// Sent in part or whole, and no whole answer came: it may have had its effect.
    Unknown,
}

/// A field and what is wrong with it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The field: our name for it in [`ErrorKind::InvalidInput`], the vendor's in [`ErrorKind::Rejected`].
    pub field: String,
    /// The rule, or the vendor's own words (which may repeat what was sent: keep them out of logs).
    pub message: String,
}

impl FieldViolation {
    /// A field and what is wrong with it.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl fmt::Debug for FieldViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldViolation({}, [redacted])", mask(&self.field))
    }
}

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

    /// A value breaks a rule: `field` is our name for it, `rule` never repeats the value.
    #[must_use]
    pub fn invalid_input(vendor: Vendor, field: &'static str, rule: &ValidationError) -> Self {
        let mut error =
            Self::new(vendor, ErrorKind::InvalidInput, Delivery::NotSent, format!("{field} {rule}"));
        error.0.violations.push(FieldViolation::new(field, rule.to_string()));
        error
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

    fn advice(&self) -> Cow<'static, str> {
        match &self.0.operation_id {
            Some(id) if id.is_reference() => {
                return "do not send it again: it may have been acted on; its webhook will say, by the reference".into();
            }
            Some(_) if self.may_have_landed() || self.0.delivery != Delivery::Answered => {
                return "do not send it again: ask by its operation id".into();
            }
            None if self.0.may_be_paid => {
                return "do not send it again before you have looked whether it was acted on".into();
            }
            _ => {}
        }
        match self.0.kind {
            ErrorKind::Config => "correct the configuration".into(),
            ErrorKind::InvalidInput => "correct the value".into(),
            ErrorKind::Unauthenticated => "check the credentials".into(),
            ErrorKind::Forbidden => "ask the vendor for the permission".into(),
            ErrorKind::QuotaExhausted => "buy credits or raise the contract's volume".into(),
            ErrorKind::Expired => "start again from a fresh key".into(),
            ErrorKind::NotFound => "check the id and the environment".into(),
            ErrorKind::Rejected if self.0.violations.is_empty() => "read the vendor's message".into(),
            ErrorKind::Rejected => "correct what the violations name".into(),
            ErrorKind::RateLimited => match self.0.retry_after {
                Some(wait) => format!("wait {} s", wait.as_secs()).into(),
                None => "send less often".into(),
            },
            ErrorKind::Unavailable | ErrorKind::Transport | ErrorKind::Timeout => "try again later".into(),
            ErrorKind::Decode => "report the drift with the JSON path".into(),
            ErrorKind::Unsupported => "use another vendor or operation".into(),
        }
    }
}

impl Delivery {
    /// What is known, as a word for logs, metrics and JSON: `not_sent`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Refused => "refused",
            Self::Answered => "answered",
            Self::Unknown => "unknown",
        }
    }

    fn clause(self) -> &'static str {
        match self {
            Self::NotSent => "nothing was sent",
            Self::Refused => "it was turned away without effect",
            Self::Answered => "the vendor answered",
            Self::Unknown => "it was sent and no whole answer came",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{}", inner.vendor)?;
        if let Some(operation) = inner.operation {
            write!(f, " {operation}")?;
        }
        write!(f, ": {}", inner.what)?;
        if let Some(status) = inner.http_status {
            write!(f, " (HTTP {status})")?;
        }
        if inner.kind == ErrorKind::Rejected {
            for (place, violation) in inner.violations.iter().enumerate() {
                write!(f, "{}{}", if place == 0 { ": " } else { ", " }, mask(&violation.field))?;
            }
        }
        if let Some(path) = &inner.json_path {
            write!(f, " at {path}")?;
        }
        write!(f, "; {}", inner.delivery.clause())?;
        if inner.attempts > 1 {
            write!(f, " after {} attempts", inner.attempts)?;
        }
        write!(f, "; {}", self.advice())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("vendor", &inner.vendor)
            .field("operation", &inner.operation)
            .field("delivery", &inner.delivery)
            .field("what", &inner.what)
            .field("http_status", &inner.http_status)
            .field("attempts", &inner.attempts)
            .field("retry_after", &inner.retry_after)
            .field("json_path", &inner.json_path)
            .field("violations", &inner.violations)
            .field("operation_id", &inner.operation_id)
            .field("body", &inner.body)
            .field("cause", &inner.cause)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
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
        assert_eq!(error.to_string(), "toy look: cpf must be 11 digits; nothing was sent; correct the value");
        let error = Error::new(vendor, ErrorKind::Timeout, Delivery::Unknown, "no answer within 30 s")
            .with_operation_id(OperationId::by_reference(vendor, "look", "52998224725"));
        assert!(error.may_have_landed());
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("do not send it again") && !shown.contains("52998224725"), "{shown}");
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
