//! Who is called and for what, and what is left of a call that goes on after it returned.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use serde::{Deserialize, Serialize};

use crate::error::Error;
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

/// One operation of a vendor: its name there and its class.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    name: &'static str,
    class: OperationClass,
    timeout: Duration,
}

impl Operation {
    /// An operation by the vendor's own word for it.
    #[must_use]
    pub const fn new(name: &'static str, class: OperationClass) -> Self {
        Self { name, class, timeout: Duration::ZERO }
    }

    /// For an operation that takes long: an attempt, and so a call, may last this long at least, whatever the client's
    /// options say.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The vendor's own word for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
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
