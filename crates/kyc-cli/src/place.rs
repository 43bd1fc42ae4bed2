//! Where calls go, and whether anything real happens there.

use std::time::Duration;

use kyc_core::BaseUrl;
use kyc_sandbox::Sandbox;

use crate::config::Source;
use crate::exit::Failure;
use crate::output;
use crate::variables;

pub(crate) const SIMULATED: &str =
    "no vendor was asked: the test CPF chooses the result, the images are not looked at";

/// A sandbox may be asked as often as one likes.
pub(crate) const SANDBOX_INTERVAL: Duration = Duration::from_millis(200);

/// Where calls go.
#[derive(Debug)]
pub(crate) struct Place {
    /// As `--json` prints it.
    pub(crate) environment: &'static str,
    /// As a person reads it.
    pub(crate) label: String,
    /// Whether it is a sandbox.
    pub(crate) simulated: bool,
}

impl Place {
    /// The sandbox within this program.
    pub(crate) fn embedded() -> Self {
        Self { environment: "sandbox", label: "sandbox".to_owned(), simulated: true }
    }

    /// A vendor's address, or that of another program's sandbox, which `is_sandbox` tells by its user.
    pub(crate) fn of(address: Option<&str>, is_production: bool, is_sandbox: bool) -> Self {
        let address = address.and_then(|address| BaseUrl::parse(address).ok());
        let (environment, label) = match address {
            Some(address) if is_sandbox => ("sandbox", format!("sandbox at {}", address.as_str())),
            Some(address) => ("custom", format!("at {}", address.as_str())),
            None if is_production => ("production", "production".to_owned()),
            None => ("homologation", "homologation".to_owned()),
        };
        Self { environment, label, simulated: environment == "sandbox" }
    }
}

/// What the input of a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// Samples and test numbers of the sandbox.
    Sample,
    /// Of a real person, as far as anybody knows.
    Own,
}

/// Starts the embedded sandbox, where a vendor's credentials are nowhere, and says so.
///
/// A simulated result must not pass for a real one: the user's own input goes to the sandbox only if that was asked for.
pub(crate) async fn embedded_sandbox(
    vendor: &str,
    variables: &str,
    source: &Source,
    input: Input,
) -> Result<Sandbox, Failure> {
    if source.wants_sandbox() {
        output::note(
            "running on the embedded sandbox: nothing leaves this machine, and every result is simulated",
        );
    } else if input == Input::Own {
        return Err(Failure::Setup(no_credentials(vendor, variables)));
    } else {
        output::note(&format!(
            "no {vendor} credentials ({variables} or kyc.toml): \
             running on the embedded sandbox, nothing leaves this machine"
        ));
    }
    let cannot_start =
        |error: std::io::Error| Failure::Setup(format!("the embedded sandbox cannot start: {error}"));
    Sandbox::builder().start().await.map_err(cannot_start)
}

fn no_credentials(vendor: &str, variables: &str) -> String {
    let mut what = format!(
        "no {vendor} credentials: set {variables} or write a kyc.toml; to try it without any, add --sandbox: \
         then the result is simulated"
    );
    for (found, known) in variables::misspelt(variables) {
        what.push_str(&format!("; {found} is not a known variable: did you mean {known}?"));
    }
    what
}
