//! The exit codes of the program.

use std::io;

use kyc_core::{Delivery, Error, ErrorKind, OperationId, ValidationError};

/// The result is positive: a match, approved, accepted, valid, passed, regular, read.
pub(crate) const YES: u8 = 0;
/// The result is negative, or not yet positive.
pub(crate) const NO: u8 = 1;
/// The vendor's response does not decide: missing, unreadable or contradictory.
pub(crate) const UNCLEAR: u8 = 9;
pub(crate) const DONE: u8 = 0;
pub(crate) const OTHER: u8 = 70;

/// Returns what the help of each command ends with.
pub(crate) fn help() -> String {
    format!("{ENVIRONMENT}\n\n{HELP}")
}

const ENVIRONMENT: &str = "\
Environment:
    KYC_BANKLY_*, KYC_CELLERE_*, KYC_CERTIFACE_*, KYC_CLEARSALE_*
        configuration with credentials, as in kyc.toml
    KYC_SANDBOX
        1: use the embedded sandbox, as --sandbox does
    KYC_TOKEN_CACHE
        directory of the access tokens that later runs use; off: log in at each run;
        by default kyc in the user's cache directory";

const HELP: &str = "\
Exit codes:
    0  yes: a match, approved, accepted, valid, passed, regular, read; or done
    1  no, or not yet: no match, not valid, not regular, nothing read, a retake
    2  wrong usage of the command line
    3  invalid input, or a step out of order; nothing was sent
    4  configuration: missing or unusable, such as missing credentials
    5  credentials rejected, or without the required permission
    6  the vendor refused the request, or does not support it
    7  the vendor or the network is unavailable, or a timeout
    8  a response that cannot be decoded
    9  unclear: what decides is missing, unreadable or contradictory in the response
   70  any other error
  130  interrupted with Ctrl-C (143: terminated)";

/// Why a command has no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A client's error. `is_over`: whatever it may have started ended with the embedded sandbox.
    Client { error: Error, is_over: bool },
    /// An invalid argument. The text contains no secret and no personal data.
    Input(String),
    /// An unusable configuration. The text contains no secret.
    Setup(String),
    /// Stopped by a signal, or unable to write the result. `id`: the paid operation that was in progress, if any.
    Stopped { code: u8, what: &'static str, delivery: Delivery, id: Option<OperationId>, is_over: bool },
    /// A failure of the operating system: signals cannot be received, or a file cannot be written.
    System(io::Error),
}

impl Failure {
    /// An argument that violates a rule.
    pub(crate) fn input(argument: &str, rule: &ValidationError) -> Self {
        Self::Input(format!("{argument}: {}", rule.rule()))
    }

    /// A client's error at a vendor, or at a sandbox that outlives this program.
    pub(crate) fn client(error: Error) -> Self {
        Self::Client { error, is_over: false }
    }

    /// Sets whether the operation ended with the embedded sandbox.
    pub(crate) fn over(mut self, ended: bool) -> Self {
        if let Self::Client { is_over, .. } | Self::Stopped { is_over, .. } = &mut self {
            *is_over = ended;
        }
        self
    }

    /// Replaces the library's field names by the arguments that the user typed, which `argument` returns.
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
    fn the_readme_has_the_same_exit_codes() {
        let readme = include_str!("../README.md");
        for line in HELP.lines().skip(1) {
            let (code, meaning) = line.trim().split_once("  ").expect("a code and its meaning");
            assert!(readme.contains(&format!("| {code} | {meaning} |\n")), "{line}");
        }
    }
}
