//! A result that is ready now or later.

use super::OperationId;

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
