//! A field of a request and the rule that it violates.

use std::fmt;

use crate::mask::mask;

/// A field of a request and the rule that it violates.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The field: this library's name for it in [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), the vendor's in
    /// [`ErrorKind::Rejected`](crate::ErrorKind::Rejected).
    pub field: String,
    /// The rule, or the vendor's message. That may repeat what was sent: keep it out of logs.
    pub message: String,
}

impl FieldViolation {
    /// Creates a violation.
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
