//! Who is called and for what, and what is left of a call that goes on after it returned.

use std::fmt;
use std::time::Duration;

use crate::error::Error;
use crate::response::ReadError;
use crate::validation::ValidationError;

mod id;
mod submission;

pub use id::OperationId;
pub use submission::Submission;

/// A vendor, by the name of its crate. Any crate can define one, as a fake or for another vendor.
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

/// The effect of sending twice, which decides what is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationClass {
    /// Changes nothing.
    Read,
    /// Changes something; sending it again has no further effect.
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
