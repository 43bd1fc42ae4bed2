//! What the help of each command ends with.

use crate::outcome::Outcome;

const ENVIRONMENT: &str = "\
Environment:
    KYC_BANKLY_*, KYC_CELLERE_*, KYC_CERTIFACE_*, KYC_CLEARSALE_*
        configuration with credentials, as in kyc.toml
    KYC_SANDBOX
        1: use the embedded sandbox, as --sandbox does
    KYC_TOKEN_CACHE
        directory of the access tokens that later runs use; off: log in at each run;
        by default kyc in the user's cache directory";

/// Returns the variables and the exit codes.
pub(crate) fn help() -> String {
    let line = |outcome: &Outcome| format!("\n  {:>3}  {}", outcome.code(), outcome.meaning());
    let codes: String = Outcome::ALL.iter().map(line).collect();
    format!("{ENVIRONMENT}\n\nExit codes:{codes}")
}
