//! Vendors, their operations, and the ids of operations that continue after a call has returned.

use std::fmt;
use std::time::Duration;

use crate::error::Error;
use crate::response::ReadError;
use crate::validation::ValidationError;

mod id;
mod submission;

pub use id::OperationId;
pub use submission::Submission;

/// A vendor, identified by the name of its crate. Any crate can define one, for a fake or for another vendor.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Vendor(&'static str);

impl Vendor {
    /// Creates a vendor.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// Returns the name.
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

/// The effect of sending a request twice, which decides whether it is retried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationClass {
    /// The operation changes nothing.
    Read,
    /// The operation changes something; sending it again has no further effect.
    Idempotent,
    /// Each request costs money or uses up a key. A request that may have been processed is never sent again.
    Paid,
}

/// An operation of a vendor: its name, its class, and how its responses are read.
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
    /// Creates an operation. `name` is the vendor's name for it.
    #[must_use]
    pub const fn new(vendor: Vendor, name: &'static str, class: OperationClass) -> Self {
        Self { vendor, name, class, timeout: Duration::ZERO, value_statuses: &[], read_error: None }
    }

    /// Declares failure statuses whose responses are values of this operation, such as 404 for a result that does not exist
    /// yet. These responses are decoded instead of being read as errors.
    #[must_use]
    pub const fn answers_with(mut self, statuses: &'static [u16]) -> Self {
        self.value_statuses = statuses;
        self
    }

    /// Sets the error reader of this operation, in place of the one of the vendor's [`Protocol`](crate::Protocol). The
    /// function is called for every response. It must itself check
    /// [`RawResponse::is_value`](crate::RawResponse::is_value) for statuses declared with
    /// [`answers_with`](Self::answers_with).
    #[must_use]
    pub const fn with_error_reader(mut self, read_error: ReadError) -> Self {
        self.read_error = Some(read_error);
        self
    }

    /// Sets the minimum timeout of an attempt and of a call, for operations that take long. It takes precedence over shorter
    /// timeouts in the client's options.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Returns the vendor.
    #[must_use]
    pub const fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// Returns the vendor's name for the operation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Creates an error of kind `InvalidInput` for a value that breaks a documented rule of this operation. `field` is this
    /// library's name for the value. Nothing was sent.
    #[must_use]
    pub fn invalid_input(&self, field: &'static str, rule: &ValidationError) -> Error {
        Error::invalid_input(self.vendor, field, rule).in_operation(self.name)
    }

    /// Returns `true` if responses with this failure status are values of the operation.
    pub(crate) fn is_value_status(&self, status: u16) -> bool {
        self.value_statuses.contains(&status)
    }

    pub(crate) const fn read_error(&self) -> Option<ReadError> {
        self.read_error
    }

    /// Returns the minimum timeout of an attempt.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Returns the operation class.
    #[must_use]
    pub const fn class(&self) -> OperationClass {
        self.class
    }
}
