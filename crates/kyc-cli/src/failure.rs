//! Why a command has no result.

use std::io;

use kyc_core::{Delivery, Error, ErrorKind, OperationId, ValidationError};

use crate::messages::{Messages, Said, text};
use crate::outcome::Outcome;

/// Why a command has no result. No text contains a secret or personal data.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A client's error. `is_over`: whatever it may have started ended with the embedded sandbox. `is_paid`: it is the error
    /// of a submission that may have been paid for, or of a later call of the same command.
    Client { error: Error, is_over: bool, is_paid: bool },
    /// An invalid argument.
    Input(Said),
    /// An unusable configuration.
    Setup(Said),
    /// Stopped by a signal, or unable to write the result. `id`: the paid operation that was in progress, if any.
    Stopped { outcome: Outcome, what: Said, delivery: Delivery, id: Option<OperationId>, is_over: bool },
    /// A failure of the operating system: signals cannot be received, or a file cannot be written.
    System(Said),
    /// A failure that no vendor has to do with, such as one of the inbox.
    Local { outcome: Outcome, what: Said },
}

impl Failure {
    pub(crate) fn input(words: impl Fn(&Messages) -> String) -> Self {
        Self::Input(Said::new(words))
    }

    pub(crate) fn setup(words: impl Fn(&Messages) -> String) -> Self {
        Self::Setup(Said::new(words))
    }

    pub(crate) fn local(outcome: Outcome, words: impl Fn(&Messages) -> String) -> Self {
        Self::Local { outcome, what: Said::new(words) }
    }

    /// An argument that violates a rule.
    pub(crate) fn refused(argument: impl Fn(&Messages) -> String, rule: impl Into<Said>) -> Self {
        let rule = rule.into();
        Self::input(|t| (t.errors.subject)(&argument(t), rule.of(t)))
    }

    /// A client's error at a vendor, or at a sandbox that outlives this program.
    pub(crate) fn client(error: Error) -> Self {
        Self::Client { error, is_over: false, is_paid: false }
    }

    /// Sets whether the operation ended with the embedded sandbox.
    pub(crate) fn over(mut self, ended: bool) -> Self {
        if let Self::Client { is_over, .. } | Self::Stopped { is_over, .. } = &mut self {
            *is_over = ended;
        }
        self
    }

    /// Replaces the library's field names by the arguments that the user typed, which `argument` returns.
    pub(crate) fn in_arguments(self, argument: impl Fn(&Messages, &str) -> Option<String>) -> Self {
        let Self::Client { error, .. } = &self else { return self };
        match error.violations() {
            [violation]
                if error.kind() == ErrorKind::InvalidInput
                    && argument(text(), &violation.field).is_some() =>
            {
                let named = |t: &Messages| argument(t, &violation.field).unwrap_or_default();
                Self::refused(named, ValidationError::new(violation.message.clone()))
            }
            _ => self,
        }
    }

    /// Sets whether the command submitted something that may have been paid for.
    pub(crate) fn paid(mut self, may_be_paid: bool) -> Self {
        if let Self::Client { is_paid, .. } = &mut self {
            *is_paid = may_be_paid;
        }
        self
    }

    /// Returns whether the vendor ended the operation without a result, so that there is nothing to query.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self, Self::Client { error, .. } if error.kind() == ErrorKind::Rejected)
    }

    /// The result of a paid call could not be written to standard output.
    pub(crate) fn unwritten(error: io::Error) -> Self {
        Self::Stopped {
            outcome: Outcome::MayHaveBeenPaid,
            what: unwritten(&error),
            delivery: Delivery::Answered,
            id: None,
            is_over: false,
        }
    }

    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Client { is_paid: true, .. } => Outcome::MayHaveBeenPaid,
            // A wait that ended while the vendor was still processing.
            Self::Client { error, .. }
                if (error.kind(), error.delivery()) == (ErrorKind::Timeout, Delivery::Answered) =>
            {
                Outcome::NotYet
            }
            Self::Client { error, .. } => error.kind().into(),
            Self::Input(_) => Outcome::BadInput,
            Self::Setup(_) => Outcome::Configuration,
            Self::Stopped { outcome, .. } => *outcome,
            Self::System(_) => Outcome::Other,
            Self::Local { outcome, .. } => *outcome,
        }
    }
}

/// The result of a free call could not be written to standard output.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(unwritten(&error))
    }
}

pub(crate) fn unwritten(error: &io::Error) -> Said {
    Said::new(|t| (t.errors.unwritten)(&io_words(t, error.kind())))
}

/// Returns the operating system's reason. It never stands without a subject.
pub(crate) fn io_words(t: &Messages, kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => t.errors.not_found.to_owned(),
        io::ErrorKind::PermissionDenied => t.errors.permission_denied.to_owned(),
        io::ErrorKind::AlreadyExists => t.errors.already_exists.to_owned(),
        io::ErrorKind::StorageFull => t.errors.no_space.to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_after_a_paid_submission_is_told_apart() {
        let toy = kyc_core::Vendor::new("toy");
        let failure = |kind, delivery| Failure::client(Error::new(toy, kind, delivery, "it failed"));
        for (kind, delivery, outcome) in [
            (ErrorKind::Transport, Delivery::Unknown, Outcome::Unavailable),
            (ErrorKind::Timeout, Delivery::Unknown, Outcome::Unavailable),
            (ErrorKind::Timeout, Delivery::Answered, Outcome::NotYet),
            (ErrorKind::Decode, Delivery::Answered, Outcome::Undecodable),
            (ErrorKind::Forbidden, Delivery::Refused, Outcome::CredentialsRefused),
        ] {
            assert_eq!(failure(kind, delivery).outcome(), outcome, "{kind}");
            assert_eq!(failure(kind, delivery).paid(true).outcome(), Outcome::MayHaveBeenPaid, "{kind}");
        }
    }
}
