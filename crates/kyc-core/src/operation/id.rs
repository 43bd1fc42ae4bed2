//! The id of a started operation, which can be stored across processes.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use serde::{Deserialize, Serialize};

use super::Vendor;
use crate::error::Error;
use crate::validation::ValidationError;

/// The id of a started operation: the vendor's id or the submitted reference. Store it with [`to_token`](Self::to_token).
///
/// The id may be a key or hold personal data (Certiface's appkey contains a CPF), so `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct OperationId {
    vendor: String,
    operation: String,
    by_reference: bool,
    value: String,
}

/// The content of a token.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    v: Cow<'a, str>,
    o: Cow<'a, str>,
    r: bool,
    i: Cow<'a, str>,
}

const TOKEN_PREFIX: &str = "kyc1.";

impl OperationId {
    /// Creates an id from the one that the vendor returned.
    #[must_use]
    pub fn by_id(vendor: Vendor, operation: &'static str, id: impl Into<String>) -> Self {
        Self {
            vendor: vendor.0.to_owned(),
            operation: operation.to_owned(),
            by_reference: false,
            value: id.into(),
        }
    }

    /// Creates an id from the submitted reference, which the vendor repeats. If the response to a submission is lost, the
    /// reference is the only way to find the operation.
    #[must_use]
    pub fn by_reference(vendor: Vendor, operation: &'static str, reference: impl Into<String>) -> Self {
        Self {
            vendor: vendor.0.to_owned(),
            operation: operation.to_owned(),
            by_reference: true,
            value: reference.into(),
        }
    }

    /// Returns the vendor's name.
    #[must_use]
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// Checks that the id belongs to that vendor.
    ///
    /// # Errors
    /// `Unsupported` if it belongs to another vendor.
    pub fn check_vendor(&self, vendor: Vendor) -> Result<(), Error> {
        if self.vendor == vendor.0 {
            Ok(())
        } else {
            Err(Error::unsupported(vendor, "the operation id belongs to another vendor"))
        }
    }

    /// Returns the vendor's name of the operation that was started.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Returns `true` if [`value`](Self::value) is the submitted reference instead of the vendor's id.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        self.by_reference
    }

    /// Returns the vendor's id or the submitted reference. It may be a key or hold personal data: keep it out of logs.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns a text to store. [`from_token`](Self::from_token) of this release and later ones reads it.
    ///
    /// The text is encoded, not encrypted: it exposes the id.
    #[must_use]
    pub fn to_token(&self) -> String {
        let stored = Stored {
            v: self.vendor.as_str().into(),
            o: self.operation.as_str().into(),
            r: self.by_reference,
            i: self.value.as_str().into(),
        };
        // Three strings and a bool always serialise.
        let json = serde_json::to_vec(&stored).unwrap_or_default();
        format!("{TOKEN_PREFIX}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json))
    }

    /// Parses a token that [`to_token`](Self::to_token) wrote.
    ///
    /// # Errors
    /// The text is not a token, or is a token of another version.
    pub fn from_token(token: &str) -> Result<Self, ValidationError> {
        let invalid =
            || ValidationError::new("must be an operation token of this version, which begins with kyc1.");
        let encoded = token.strip_prefix(TOKEN_PREFIX).ok_or_else(invalid)?;
        let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(encoded).map_err(|_| invalid())?;
        let stored: Stored<'_> = serde_json::from_slice(&json).map_err(|_| invalid())?;
        Ok(Self {
            vendor: stored.v.into_owned(),
            operation: stored.o.into_owned(),
            by_reference: stored.r,
            value: stored.i.into_owned(),
        })
    }
}

impl std::str::FromStr for OperationId {
    type Err = ValidationError;

    /// Parses a token, as [`from_token`](Self::from_token) does.
    fn from_str(token: &str) -> Result<Self, ValidationError> {
        Self::from_token(token)
    }
}

impl Serialize for OperationId {
    /// Writes the token, which exposes the id.
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
    fn a_token_is_read_back() {
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
