//! Who is called and for what, and what is left of a call that goes on after it returned.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::response::ReadError;
use crate::validation::ValidationError;

/// A vendor, by the name of its crate. Open: a fake or a fifth vendor brings its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vendor(&'static str);

impl Vendor {
    /// A vendor of that name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What sending twice would do. It decides what is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationClass {
    /// Changes nothing.
    Read,
    /// Changes something, and a second time the same.
    Idempotent,
    /// Costs money or spends a key each time: never repeated once it may have landed.
    Paid,
}

/// One operation of a vendor: its name there, its class, and what is particular about its answers.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    vendor: Vendor,
    name: &'static str,
    class: OperationClass,
    timeout: Duration,
    value_statuses: &'static [u16],
    read_error: Option<ReadError>,
}

impl Operation {
    /// Creates an operation, named by the vendor's own word for it.
    #[must_use]
    pub const fn new(vendor: Vendor, name: &'static str, class: OperationClass) -> Self {
        Self { vendor, name, class, timeout: Duration::ZERO, value_statuses: &[], read_error: None }
    }

    /// Declares HTTP statuses of failure whose answers are values of this operation, such as a 404 for a result that does
    /// not exist yet. They are decoded instead of being read as errors.
    #[must_use]
    pub const fn answers_with(mut self, statuses: &'static [u16]) -> Self {
        self.value_statuses = statuses;
        self
    }

    /// Sets how errors of this operation are read, in place of the vendor's [`Protocol`](crate::Protocol). The function
    /// sees every answer; [`answers_with`](Self::answers_with) is then its own concern, by
    /// [`RawResponse::is_value`](crate::RawResponse::is_value).
    #[must_use]
    pub const fn with_error_reader(mut self, read_error: ReadError) -> Self {
        self.read_error = Some(read_error);
        self
    }

    /// For an operation that takes long: an attempt, and so a call, may last this long at least, whatever the client's
    /// options say.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The vendor.
    #[must_use]
    pub const fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The vendor's own word for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Creates the error for a value that breaks a documented rule of this operation. Nothing was sent.
    #[must_use]
    pub fn invalid_input(&self, field: &'static str, rule: &ValidationError) -> Error {
        Error::invalid_input(self.vendor, field, rule).in_operation(self.name)
    }

    /// Whether an answer with this HTTP status is a value of the operation although the status is one of failure.
    pub(crate) fn is_value_status(&self, status: u16) -> bool {
        self.value_statuses.contains(&status)
    }

    pub(crate) const fn read_error(&self) -> Option<ReadError> {
        self.read_error
    }

    /// How long an attempt may last at least.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What sending twice would do.
    #[must_use]
    pub const fn class(&self) -> OperationClass {
        self.class
    }
}

/// What is ready now or later.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission<T> {
    /// The answer is here.
    Ready(T),
    /// The vendor works on it; ask with the id, or wait for its webhook.
    Pending(OperationId),
}

impl<T> Submission<T> {
    /// Changes the answer, if it is here.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Submission<U> {
        match self {
            Self::Ready(value) => Submission::Ready(change(value)),
            Self::Pending(id) => Submission::Pending(id),
        }
    }

    /// The answer, if it is here.
    pub fn ready(self) -> Option<T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Pending(_) => None,
        }
    }
}

/// What a vendor knows a started operation by. It outlives the process: see [`to_token`](Self::to_token).
///
/// The id may itself be a key or hold personal data (Certiface's appkey carries a CPF), so `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OperationId {
    vendor: String,
    operation: String,
    by_reference: bool,
    value: String,
}

/// What a token holds.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    v: Cow<'a, str>,
    o: Cow<'a, str>,
    r: bool,
    i: Cow<'a, str>,
}

const TOKEN_PREFIX: &str = "kyc1.";

impl OperationId {
    /// By the id that the vendor gave.
    #[must_use]
    pub fn by_id(vendor: Vendor, operation: &'static str, id: impl Into<String>) -> Self {
        Self {
            vendor: vendor.0.to_owned(),
            operation: operation.to_owned(),
            by_reference: false,
            value: id.into(),
        }
    }

    /// By the reference that we sent, which the vendor repeats: all there is after a request whose answer was lost.
    #[must_use]
    pub fn by_reference(vendor: Vendor, operation: &'static str, reference: impl Into<String>) -> Self {
        Self {
            vendor: vendor.0.to_owned(),
            operation: operation.to_owned(),
            by_reference: true,
            value: reference.into(),
        }
    }

    /// The vendor's name.
    #[must_use]
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// Whether it is one of that vendor's.
    ///
    /// # Errors
    /// `Unsupported` if it is another's.
    pub fn check_vendor(&self, vendor: Vendor) -> Result<(), Error> {
        if self.vendor == vendor.0 {
            Ok(())
        } else {
            Err(Error::unsupported(vendor, "the operation id is another vendor's"))
        }
    }

    /// The operation that was started, by the vendor's word.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Whether [`value`](Self::value) is our reference, and not the vendor's id.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.by_reference
    }

    /// The vendor's id or our reference. It may be a key or hold personal data: keep it out of logs.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// A text to store and read again with [`from_token`](Self::from_token), in this release or a later one.
    ///
    /// It is encoded, not encrypted: whoever reads it has the id.
    #[must_use]
    pub fn to_token(&self) -> String {
        let stored = Stored {
            v: self.vendor.as_str().into(),
            o: self.operation.as_str().into(),
            r: self.by_reference,
            i: self.value.as_str().into(),
        };
        // Three strings and a bool: this cannot fail, and an empty token would not be read back.
        let json = serde_json::to_vec(&stored).unwrap_or_default();
        format!("{TOKEN_PREFIX}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads what [`to_token`](Self::to_token) wrote.
    ///
    /// # Errors
    /// Any other text, or a token of a release that wrote another version.
    pub fn from_token(token: &str) -> Result<Self, ValidationError> {
        let unread =
            || ValidationError::new("is not an operation token of this version (it begins with kyc1.)");
        let encoded = token.strip_prefix(TOKEN_PREFIX).ok_or_else(unread)?;
        let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded).map_err(|_| unread())?;
        let stored: Stored<'_> = serde_json::from_slice(&json).map_err(|_| unread())?;
        Ok(Self {
            vendor: stored.v.into_owned(),
            operation: stored.o.into_owned(),
            by_reference: stored.r,
            value: stored.i.into_owned(),
        })
    }
}

impl Serialize for OperationId {
    /// Writes the token: serialising exposes the id.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_token())
    }
}

impl<'de> Deserialize<'de> for OperationId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let token = crate::RedactedText::deserialize(deserializer)?;
        Self::from_token(token.as_str()).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for OperationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.by_reference { "reference" } else { "id" };
        write!(f, "OperationId({} {}, {kind} [redacted])", self.vendor, self.operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_outlives_the_process() {
        let id = OperationId::by_reference(Vendor::new("toy"), "match", "ref-1");
        let token = id.to_token();
        assert_eq!(token, "kyc1.eyJ2IjoidG95IiwibyI6Im1hdGNoIiwiciI6dHJ1ZSwiaSI6InJlZi0xIn0");
        assert_eq!(OperationId::from_token(&token), Ok(id.clone()));
        assert_eq!(serde_json::to_value(&id).expect("text"), token);
        assert_eq!(serde_json::from_value::<OperationId>(token.into()).expect("its own text"), id);
        for bad in ["", "kyc2.e30", "kyc1.e30", "kyc1.%"] {
            assert!(OperationId::from_token(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn debug_hides_the_value() {
        let id = OperationId::by_id(Vendor::new("toy"), "match", "52998224725");
        assert_eq!(format!("{id:?}"), "OperationId(toy match, id [redacted])");
    }
}
