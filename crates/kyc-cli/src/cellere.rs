//! The session with Cellere's portal that several commands share.

use std::future::Future;

use cellere_portal::{Client, Config, VENDOR};
use kyc_core::{Error, Response};
use kyc_sandbox::Sandbox;

use crate::call::{call, nameless};
use crate::config::{self, Source};
use crate::failure::Failure;
use crate::place::{self, Input, Place};

pub(crate) const VENDOR_NAME: &str = "Cellere portal";

/// A client for the configured portal, or for the embedded sandbox.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) place: Place,
    pub(crate) embedded: Option<Sandbox>,
}

impl Session {
    pub(crate) async fn open(source: &Source, input: Input) -> Result<Self, Failure> {
        let (config, embedded) = match config::cellere(source)? {
            Some(config) => (config, None),
            None => {
                let sandbox = place::embedded_sandbox("Cellere", "KYC_CELLERE_TOKEN", source, input).await?;
                (config_of(&sandbox), Some(sandbox))
            }
        };
        let client = Client::builder_from(&config).build().map_err(Failure::client)?;
        let place = if embedded.is_some() { Place::embedded() } else { place_of(&config) };
        Ok(Self { client, place, embedded })
    }

    /// Refuses to spend credits on a sample image.
    pub(crate) fn check_sample(&self, is_sample: bool, missing: &str) -> Result<(), Failure> {
        if is_sample && !self.place.simulated {
            return Err(Failure::input(|t| (t.place.credits_for_samples)(missing)));
        }
        Ok(())
    }

    /// Makes a call that costs credits.
    pub(crate) async fn call<T>(
        &self,
        doing: &str,
        quiet: bool,
        operation: &'static str,
        work: impl Future<Output = Result<Response<T>, Error>>,
    ) -> Result<T, Failure> {
        let response = call(doing, quiet, Some(nameless(VENDOR, operation)), work).await;
        response.map(Response::into_inner).map_err(|failure| failure.over(self.embedded.is_some()))
    }
}

fn config_of(sandbox: &Sandbox) -> Config {
    let mut config = Config::new(Sandbox::CELLERE_TOKEN);
    config.base_url = Some(sandbox.cellere_url());
    config
}

fn place_of(config: &Config) -> Place {
    // The sandbox's token is public and belongs to no customer.
    let is_sandbox = config.token.expose() == Sandbox::CELLERE_TOKEN;
    // The portal has no second environment.
    Place::of(config.base_url.as_deref(), true, is_sandbox)
}
