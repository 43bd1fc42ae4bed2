//! The outcomes of a command: from this list come the exit codes, the tables of help and READMEs, and `outcome` in `--json`.

use kyc_core::ErrorKind;
use serde::{Serialize, Serializer};

use crate::messages::Messages;

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
    pub(crate) fn meaning(self, t: &Messages) -> &'static str {
        let words = &t.outcomes;
        match self {
            Self::Yes => words.yes,
            Self::No => words.no,
            Self::WrongUsage => words.wrong_usage,
            Self::BadInput => words.bad_input,
            Self::Configuration => words.configuration,
            Self::CredentialsRefused => words.credentials_refused,
            Self::Refused => words.refused,
            Self::Unavailable => words.unavailable,
            Self::Undecodable => words.undecodable,
            Self::Unclear => words.unclear,
            Self::Retake => words.retake,
            Self::NotYet => words.not_yet,
            Self::MayHaveBeenPaid => words.may_have_been_paid,
            Self::Other => words.other,
            Self::Interrupted => words.interrupted,
            Self::Terminated => words.terminated,
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
    use crate::messages::{Lang, in_language};

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
        let table = |lang| -> String {
            let words = in_language(lang);
            let row = |outcome: &Outcome| {
                format!("| {} | `{}` | {} |\n", outcome.code(), outcome.name(), outcome.meaning(words))
            };
            Outcome::ALL.iter().map(row).collect()
        };
        let page = |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR")));
        for (path, lang) in
            [("README.md", Lang::En), ("../../README.md", Lang::En), ("../../README.pt-BR.md", Lang::Pt)]
        {
            let table = table(lang);
            // The packaged crate has its own page only.
            let Ok(page) = page(path) else { continue };
            assert!(page.contains(&table), "{path} lacks:\n{table}");
        }
    }
}
