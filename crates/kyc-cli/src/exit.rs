//! How the program ends: every exit code stands here.

use std::io;

use kyc_core::{Delivery, Error, ErrorKind, OperationId, ValidationError};

/// The answer is yes: a match, approved, accepted, valid, passed, regular, read.
pub(crate) const YES: u8 = 0;
/// The answer is no, or not yet yes.
pub(crate) const NO: u8 = 1;
pub(crate) const DONE: u8 = 0;
pub(crate) const OTHER: u8 = 70;

pub(crate) const HELP: &str = "\
Exit codes:
    0  yes: a match, approved, accepted, valid, passed, regular, read; or done
    1  no, or not yet: no match, not valid, not regular, nothing read, a retake
    2  wrong usage of the command line
    3  a value or picture breaks a rule, a step is out of turn; nothing was sent
    4  configuration
    5  credentials not accepted, or not sufficient
    6  the vendor refused, or cannot do it
    7  the vendor or the network is not available, or it took too long
    8  an answer that cannot be understood
   70  anything else
  130  interrupted with Ctrl-C (143: terminated)";

/// Why a command has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A client's error. `is_over`: what it may have started ended with this program.
    Client { error: Error, is_over: bool },
    /// An argument that breaks a rule, in words that hold no secret and no personal data.
    Input(String),
    /// A configuration that cannot be used, in such words.
    Setup(String),
    /// Stopped from outside, or unable to write its result. `id`: what was on its way, if it was paid for.
    Stopped { code: u8, what: &'static str, delivery: Delivery, id: Option<OperationId>, is_over: bool },
    /// The system does not let us work: signals cannot be heard, a file cannot be written.
    System(io::Error),
}

impl Failure {
    /// An argument that breaks a rule.
    pub(crate) fn input(argument: &str, rule: &ValidationError) -> Self {
        Self::Input(format!("{argument} {}", rule.rule()))
    }

    /// A client's error in a place that outlives this program.
    pub(crate) fn client(error: Error) -> Self {
        Self::Client { error, is_over: false }
    }

    /// Whether what was started ended with this program.
    pub(crate) fn over(mut self, ended: bool) -> Self {
        if let Self::Client { is_over, .. } | Self::Stopped { is_over, .. } = &mut self {
            *is_over = ended;
        }
        self
    }

    /// The library names its own fields; the person typed arguments, which `argument` names.
    pub(crate) fn in_arguments(self, argument: impl FnOnce(&str) -> Option<String>) -> Self {
        let Self::Client { error, .. } = &self else { return self };
        match error.violations() {
            [violation] if error.kind() == ErrorKind::InvalidInput => match argument(&violation.field) {
                Some(argument) => Self::input(&argument, &ValidationError::new(violation.message.clone())),
                None => self,
            },
            _ => self,
        }
    }

    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Client { error, .. } => code_of(error.kind()),
            Self::Input(_) => code_of(ErrorKind::InvalidInput),
            Self::Setup(_) => code_of(ErrorKind::Config),
            Self::Stopped { code, .. } => *code,
            Self::System(_) => OTHER,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

fn code_of(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::InvalidInput => 3,
        ErrorKind::Config => 4,
        ErrorKind::Unauthenticated | ErrorKind::Forbidden => 5,
        ErrorKind::Rejected
        | ErrorKind::NotFound
        | ErrorKind::Expired
        | ErrorKind::QuotaExhausted
        | ErrorKind::Unsupported => 6,
        ErrorKind::Unavailable | ErrorKind::Transport | ErrorKind::RateLimited | ErrorKind::Timeout => 7,
        ErrorKind::Decode => 8,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../README.md");
        for line in HELP.lines().skip(1) {
            let (code, meaning) = line.trim().split_once("  ").expect("a code and its meaning");
            assert!(readme.contains(&format!("| {code} | {meaning} |\n")), "{line}");
        }
    }
}
