//! The destination of the calls: a vendor's environment or a sandbox.

use std::io;
use std::time::Duration;

use kyc_core::{Destination, Integration};
use kyc_sandbox::Sandbox;

use crate::config::{Source, required_variables};
use crate::failure::Failure;
use crate::messages::text;
use crate::output;

/// The polling interval on a sandbox, which has no rate limit.
pub(crate) const SANDBOX_INTERVAL: Duration = Duration::from_millis(200);

/// Long enough for a few queries that find an operation unfinished.
const DECISION_DELAY: Duration = Duration::from_millis(500);

/// The destination of the calls.
#[derive(Debug)]
pub(crate) struct Place {
    /// The name in `--json`.
    pub(crate) environment: &'static str,
    /// The name in the output for people.
    pub(crate) label: String,
    /// Whether it is a sandbox.
    pub(crate) simulated: bool,
}

impl Place {
    /// The embedded sandbox.
    pub(crate) fn embedded() -> Self {
        Self { environment: "sandbox", label: text().place.sandbox.to_owned(), simulated: true }
    }

    /// A vendor's environment, another address, or a sandbox outside this program (`is_sandbox`, recognised by its user).
    pub(crate) fn of(destination: &Destination, is_sandbox: bool) -> Self {
        let t = &text().place;
        let address = destination.address.as_str();
        let (environment, label) = match destination.environment {
            None if is_sandbox => ("sandbox", (t.sandbox_at)(address)),
            None => ("custom", (t.at)(address)),
            Some(_) if destination.is_production => ("production", t.production.to_owned()),
            Some(_) => ("homologation", t.homologation.to_owned()),
        };
        Self { environment, label, simulated: environment == "sandbox" }
    }

    /// Refuses to call a vendor when the sandbox was requested.
    pub(crate) fn check_sandbox_request(&self, source: &Source) -> Result<(), Failure> {
        if source.wants_sandbox() && !self.simulated {
            return Err(Failure::setup(|t| t.setup.sandbox_for_steps.to_owned()));
        }
        Ok(())
    }
}

/// The origin of a command's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A sample image or a test number of the sandbox.
    Sample,
    /// The user's own, which may belong to a real person.
    Own,
}

/// Returns whether an input, bare or formatted, is one that chooses a result on the sandbox, and so belongs to nobody.
pub(crate) fn is_test_input(key: &str, input: &str) -> bool {
    let bare = |text: &str| text.replace(['.', '-', '/'], "");
    Sandbox::test_inputs(key).iter().any(|test| bare(test.value) == bare(input))
}

/// Starts the embedded sandbox and prints that it is in use.
///
/// A simulated result must not be mistaken for a real one: the user's own input goes to the sandbox only on request.
pub(crate) async fn embedded_sandbox(
    integration: &Integration,
    source: &Source,
    input: Input,
) -> Result<Sandbox, Failure> {
    let title = integration.title();
    if source.wants_sandbox() {
        output::note(text().place.simulated_sandbox);
    } else if input == Input::Own {
        let variables = required_variables(integration);
        return Err(Failure::setup(|t| (t.setup.no_credentials)(title, &variables)));
    } else {
        output::note(&(text().place.simulated_samples)(title));
    }
    Sandbox::builder()
        .look_at_pictures(true)
        .decision_delay(DECISION_DELAY)
        .start()
        .await
        .map_err(cannot_start)
}

pub(crate) fn cannot_start(error: io::Error) -> Failure {
    Failure::setup(|t| (t.errors.sandbox_start)(&error.to_string()))
}

/// Returns the failure of a step without credentials. `whole` is the command that runs all steps on the embedded sandbox.
pub(crate) fn no_credentials_for_steps(integration: &Integration, whole: &str) -> Failure {
    let variables = required_variables(integration);
    Failure::setup(|t| (t.setup.no_credentials_for_steps)(integration.title(), &variables, whole))
}

/// Checks the CPF of a command that runs on the embedded sandbox only: the user's own requires an explicit request.
pub(crate) fn check_simulated_cpf(is_test_cpf: bool, is_requested: bool, steps: &str) -> Result<(), Failure> {
    if is_test_cpf || is_requested {
        return Ok(());
    }
    Err(Failure::setup(|t| (t.setup.not_a_test_cpf)(steps)))
}
