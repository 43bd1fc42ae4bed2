//! Where calls go, and whether anything real happens there.

use std::time::Duration;

use kyc_core::BaseUrl;
use kyc_sandbox::Sandbox;

use crate::exit::Failure;
use crate::output;

pub(crate) const SIMULATED: &str = "simulated: the CPF chooses the answer, nobody looked at the pictures";

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

/// The sandbox within this program, where a vendor's credentials are nowhere. It says so.
pub(crate) async fn embedded_sandbox(vendor: &str, variables: &str) -> Result<Sandbox, Failure> {
    output::note(&format!(
        "no {vendor} credentials ({variables} or kyc.toml): \
         running on the embedded sandbox, nothing leaves this machine"
    ));
    let cannot_start =
        |error: std::io::Error| Failure::Setup(format!("the embedded sandbox cannot start: {error}"));
    Sandbox::builder().start().await.map_err(cannot_start)
}
