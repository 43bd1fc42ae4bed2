//! The vendors that a case asks: those that are configured, or the embedded sandbox.

use std::sync::Arc;
use std::time::Duration;

use kyc_br::INTEGRATIONS;
use kyc_core::{ClientOptions, ConfigTable, Integration, VendorClient, Verifier};
use kyc_sandbox::Sandbox;
use kyc_verify::Environment;

use crate::config::{Files, Source};
use crate::failure::Failure;
use crate::messages::text;
use crate::place::{self, Input};
use crate::session::Session;
use crate::{config, output};

/// An address at which nothing is: for clients that only read what is stored.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A vendor's part, under the key of the vendor.
pub(super) type Named = (&'static str, Arc<dyn Verifier>);

/// The vendors of a run.
pub(super) struct Vendors {
    pub(super) list: Vec<Named>,
    pub(super) environment: Environment,
    /// It ends with the program.
    pub(super) embedded: Option<Sandbox>,
}

impl Vendors {
    /// Connects the vendors that are configured, or those of `only`. Without any, the sample applicant is sent to the embedded
    /// sandbox, and an own one only if the sandbox was requested.
    pub(super) async fn open(
        source: &Source,
        only: &[&'static Integration],
        origin: Input,
    ) -> Result<Self, Failure> {
        let is_wanted =
            |known: &Integration| only.is_empty() || only.iter().any(|one| one.key() == known.key());
        let mut tables = if source.wants_sandbox() { Vec::new() } else { source.files().tables()? };
        tables.retain(|(integration, _)| is_wanted(integration));
        if tables.is_empty() {
            return Self::embedded(source, &is_wanted, origin).await;
        }
        let mut sessions = Vec::new();
        for (integration, table) in tables {
            sessions.push(Session::of(integration, &table)?);
        }
        let simulated = sessions.iter().filter(|session| session.place.simulated).count();
        let environment = match simulated {
            0 => Environment::Real,
            count if count == sessions.len() => Environment::Simulated,
            _ => return Err(Failure::setup(|t| t.verify.mixed.to_owned())),
        };
        if origin == Input::Sample && environment == Environment::Real {
            return Err(Failure::input(|t| (t.place.samples_are_free)("--cpf, --selfie, --front")));
        }
        let list = sessions.into_iter().filter_map(|session| verifier(session.integration, session.client));
        Ok(Self { list: list.collect(), environment, embedded: None })
    }

    async fn embedded(
        source: &Source,
        is_wanted: &impl Fn(&Integration) -> bool,
        origin: Input,
    ) -> Result<Self, Failure> {
        if source.wants_sandbox() {
            output::note(text().place.simulated_sandbox);
        } else if origin == Input::Own {
            let wanted = INTEGRATIONS.iter().filter(|known| is_wanted(known));
            let variables: Vec<_> = wanted.map(config::required_variables).collect();
            return Err(Failure::setup(|t| (t.verify.no_vendor)(&variables.join("; "))));
        } else {
            output::note(text().verify.sample_note);
        }
        let sandbox = Sandbox::builder().look_at_pictures(true).decision_delay(Duration::ZERO).start().await;
        let sandbox = sandbox.map_err(place::cannot_start)?;
        let variables = sandbox.env_vars();
        let mut list = Vec::new();
        for integration in INTEGRATIONS.iter().filter(|known| is_wanted(known)) {
            list.extend(of_variables(integration, variables.clone())?);
        }
        Ok(Self { list, environment: Environment::Simulated, embedded: Some(sandbox) })
    }
}

/// Returns what reads the stored answers of these vendors. No call is made, so that no credentials are needed: a vendor that
/// is not configured is read by a client that reaches nobody.
pub(super) fn readers(files: &Files, keys: &[String]) -> Result<Vec<Named>, Failure> {
    let mut list = Vec::new();
    for integration in INTEGRATIONS.iter().filter(|known| keys.iter().any(|key| key == known.key())) {
        list.extend(reader(files, integration)?);
    }
    Ok(list)
}

fn reader(files: &Files, integration: &'static Integration) -> Result<Option<Named>, Failure> {
    if let Some(table) = files.table_if_any(integration)? {
        let client = integration.connect(&table, ClientOptions::default()).map_err(Failure::client)?;
        return Ok(verifier(integration, client));
    }
    let config = Sandbox::client_config_at(integration.key(), NOWHERE);
    let variables = config.map(|config| config.env_vars()).unwrap_or_default();
    of_variables(integration, variables)
}

fn of_variables(
    integration: &'static Integration,
    variables: Vec<(String, String)>,
) -> Result<Option<Named>, Failure> {
    let table = ConfigTable::from_variables(integration.vendor(), integration.key(), variables);
    let Some(table) = table.map_err(Failure::client)? else { return Ok(None) };
    let client = integration.connect(&table, ClientOptions::default()).map_err(Failure::client)?;
    Ok(verifier(integration, client))
}

fn verifier(integration: &'static Integration, client: Arc<dyn VendorClient>) -> Option<Named> {
    Some((integration.key(), client.verifier()?))
}
