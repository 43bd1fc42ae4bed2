//! A client of one vendor, and where its calls go.

use std::future::Future;
use std::sync::Arc;

use kyc_core::{ClientOptions, ConfigTable, Error, Integration, Response, VendorClient};
use kyc_sandbox::Sandbox;

use crate::call::{call, nameless};
use crate::config::{self, Source};
use crate::failure::Failure;
use crate::place::{self, Input, Place};
use crate::token_files;

/// A client for the configured vendor, or for the embedded sandbox.
pub(crate) struct Session {
    pub(crate) integration: &'static Integration,
    pub(crate) client: Arc<dyn VendorClient>,
    pub(crate) place: Place,
    pub(crate) embedded: Option<Sandbox>,
}

impl Session {
    pub(crate) async fn open(
        integration: &'static Integration,
        source: &Source,
        input: Input,
    ) -> Result<Self, Failure> {
        let table = if source.wants_sandbox() { None } else { source.table(integration)? };
        if let Some(table) = table {
            return Self::of(integration, &table);
        }
        let sandbox = place::embedded_sandbox(integration, source, input).await?;
        let client = on_sandbox(integration, &sandbox).map_err(Failure::client)?;
        Ok(Self { integration, client, place: Place::embedded(), embedded: Some(sandbox) })
    }

    /// Creates a client for a configuration. Its access tokens are kept for later runs.
    pub(crate) fn of(integration: &'static Integration, table: &ConfigTable) -> Result<Self, Failure> {
        let client = integration.connect(table, token_files::client_options()).map_err(Failure::client)?;
        let user = sandbox_user(integration);
        let is_sandbox = user.is_some_and(|(name, user)| config::has_value(table, name, &user));
        let place = Place::of(&client.destination(), is_sandbox);
        Ok(Self { integration, client, place, embedded: None })
    }

    /// Returns the vendor and where the calls go, for people.
    pub(crate) fn whom(&self) -> String {
        format!("{} ({})", self.integration.title(), self.place.label)
    }

    /// Refuses to pay for a sample image.
    pub(crate) fn check_sample(&self, is_sample: bool, missing: &str) -> Result<(), Failure> {
        if is_sample && !self.place.simulated {
            return Err(Failure::input(|t| (t.place.samples_are_free)(missing)));
        }
        Ok(())
    }

    /// Makes a call that may be paid for.
    pub(crate) async fn call<T>(
        &self,
        doing: &str,
        quiet: bool,
        operation: &'static str,
        work: impl Future<Output = Result<Response<T>, Error>>,
    ) -> Result<T, Failure> {
        let id = nameless(self.integration.vendor(), operation);
        let response = call(doing, quiet, Some(id), work).await;
        response.map(Response::into_inner).map_err(|failure| failure.over(self.embedded.is_some()))
    }
}

/// Returns a client of the embedded sandbox. It keeps no tokens.
fn on_sandbox(integration: &Integration, sandbox: &Sandbox) -> Result<Arc<dyn VendorClient>, Error> {
    let (vendor, key) = (integration.vendor(), integration.key());
    let table = ConfigTable::from_variables(vendor, key, sandbox.env_vars())?;
    let table =
        table.ok_or_else(|| Error::config(vendor, "the embedded sandbox does not have this vendor"))?;
    integration.connect(&table, ClientOptions::default())
}

/// Returns the first of the sandbox's public credentials, by which it is recognised at any address.
fn sandbox_user(integration: &Integration) -> Option<(&'static str, String)> {
    const ROOT: &str = "http://sandbox";
    let config = Sandbox::client_config_at(integration.key(), ROOT)?;
    let mut texts = config.iter().filter_map(|(name, _)| Some((name, config.get(name)?.to_owned())));
    texts.find(|(_, text)| !text.starts_with(ROOT))
}
