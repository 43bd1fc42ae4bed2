//! The outcomes of a command: from this list come the exit codes, the tables of help and READMEs, and `outcome` in `--json`.

use kyc_core::ErrorKind;
use serde::{Serialize, Serializer};

/// How a command ended.
///
/// A script may repeat the same command after [`NotYet`](Self::NotYet) and [`Unavailable`](Self::Unavailable), and must not
/// after [`MayHaveBeenPaid`](Self::MayHaveBeenPaid).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    Yes,
    No,
    WrongUsage,
    BadInput,
    Configuration,
    CredentialsRefused,
    Refused,
    Unavailable,
    Undecodable,
    #[default]
    Unclear,
    Retake,
    NotYet,
    MayHaveBeenPaid,
    Other,
    Interrupted,
    Terminated,
}

impl Outcome {
    pub(crate) const ALL: [Self; 16] = [
        Self::Yes,
        Self::No,
        Self::WrongUsage,
        Self::BadInput,
        Self::Configuration,
        Self::CredentialsRefused,
        Self::Refused,
        Self::Unavailable,
        Self::Undecodable,
        Self::Unclear,
        Self::Retake,
        Self::NotYet,
        Self::MayHaveBeenPaid,
        Self::Other,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Returns the exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::WrongUsage => 2,
            Self::BadInput => 3,
            Self::Configuration => 4,
            Self::CredentialsRefused => 5,
            Self::Refused => 6,
            Self::Unavailable => 7,
            Self::Undecodable => 8,
            Self::Unclear => 9,
            Self::Retake => 10,
            Self::NotYet => 11,
            Self::MayHaveBeenPaid => 12,
            Self::Other => 70,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Returns the name in `--json`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::WrongUsage => "wrong_usage",
            Self::BadInput => "bad_input",
            Self::Configuration => "configuration",
            Self::CredentialsRefused => "credentials_refused",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
            Self::Undecodable => "undecodable",
            Self::Unclear => "unclear",
            Self::Retake => "retake",
            Self::NotYet => "not_yet",
            Self::MayHaveBeenPaid => "may_have_been_paid",
            Self::Other => "other",
            Self::Interrupted => "interrupted",
            Self::Terminated => "terminated",
        }
    }

    /// Returns the meaning.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Yes => "yes: a match, approved, accepted, valid, passed, regular, read; or done",
            Self::No => "no: no match, not approved, not regular, nothing read",
            Self::WrongUsage => "wrong usage of the command line",
            Self::BadInput => "invalid input, or a step out of order; nothing was sent",
            Self::Configuration => "configuration: missing or unusable, such as missing credentials",
            Self::CredentialsRefused => "credentials refused, or without the required permission",
            Self::Refused => "the vendor refused the request, or does not support it",
            Self::Unavailable => "the vendor or the network is unavailable, or a timeout",
            Self::Undecodable => "a response that cannot be decoded",
            Self::Unclear => "unclear: what decides is missing, unreadable or contradictory in the response",
            Self::Retake => "retake: the person must repeat the image or the liveness check",
            Self::NotYet => "not yet: the vendor is still processing; run the same command again later",
            Self::MayHaveBeenPaid => {
                "a failure during or after a submission that may have been paid for; do not submit again"
            }
            Self::Other => "any other error",
            Self::Interrupted => "interrupted with Ctrl-C",
            Self::Terminated => "terminated by a signal",
        }
    }
}

impl From<ErrorKind> for Outcome {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::InvalidInput => Self::BadInput,
            ErrorKind::Config => Self::Configuration,
            ErrorKind::Unauthenticated | ErrorKind::Forbidden => Self::CredentialsRefused,
            ErrorKind::Rejected
            | ErrorKind::NotFound
            | ErrorKind::Expired
            | ErrorKind::QuotaExhausted
            | ErrorKind::Unsupported => Self::Refused,
            ErrorKind::Unavailable | ErrorKind::Transport | ErrorKind::RateLimited | ErrorKind::Timeout => {
                Self::Unavailable
            }
            ErrorKind::Decode => Self::Undecodable,
            _ => Self::Other,
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_outcome_has_a_code_and_a_name_of_its_own() {
        let codes: BTreeSet<_> = Outcome::ALL.map(Outcome::code).into();
        let names: BTreeSet<_> = Outcome::ALL.map(Outcome::name).into();
        assert_eq!((codes.len(), names.len()), (Outcome::ALL.len(), Outcome::ALL.len()));
        // Listed completely: each variant is at the place of its number.
        assert!(Outcome::ALL.iter().zip(0..).all(|(outcome, place)| *outcome as usize == place));
    }

    #[test]
    fn the_readmes_have_the_same_table() {
        let row = |outcome: &Outcome| {
            format!("| {} | `{}` | {} |\n", outcome.code(), outcome.name(), outcome.meaning())
        };
        let table: String = Outcome::ALL.iter().map(row).collect();
        assert!(include_str!("../README.md").contains(&table), "crates/kyc-cli/README.md lacks:\n{table}");
        // Outside the workspace there is no other page.
        if let Ok(page) = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")) {
            assert!(page.contains(&table), "README.md lacks:\n{table}");
        }
    }
}
