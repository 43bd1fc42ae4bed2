//! The result of a submission: ready or pending.

use super::OperationId;

/// The result of a submission, which is ready immediately or later.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submission<T> {
    /// The result is ready.
    Ready(T),
    /// The vendor is still processing. Query the result by this id, or wait for its webhook.
    Pending(OperationId),
}

impl<T> Submission<T> {
    /// Maps the result, if it is ready.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Submission<U> {
        match self {
            Self::Ready(value) => Submission::Ready(change(value)),
            Self::Pending(id) => Submission::Pending(id),
        }
    }

    /// Returns the result, if it is ready.
    pub fn ready(self) -> Option<T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Pending(_) => None,
        }
    }
}
