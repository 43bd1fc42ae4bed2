//! What this crate tells programs over several vendors about itself.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{
    Advice, ClientOptions, ConfigTable, Destination, Error, Integration, Vendor, VendorClient, Verifier,
    WebhookSource, config_schema,
};

use crate::VENDOR;
use crate::client::Client;
use crate::config::{Config, Environment, KEY, WebhookConfig};
use crate::verdicts::VERDICT_RULES;
use crate::verifier::check_picture;
use crate::webhook::{CompletionWebhook, StatusWebhook};

/// The description of Certiface for programs over several vendors. It has none of the capabilities that take one call: all it
/// does belongs to one person's [`Journey`](crate::Journey).
pub const INTEGRATION: Integration = Integration::new::<Config>(VENDOR, KEY, "Certiface", connect)
    .with_config_schema(config_schema!(Config))
    .with_webhooks(webhooks)
    .with_picture_check(check_picture)
    .with_verdict_rules(VERDICT_RULES)
    .with_advice_after_lost_response(|_| Advice::ResumeJourney);

fn connect(table: &ConfigTable, options: ClientOptions) -> Result<Arc<dyn VendorClient>, Error> {
    let config: Config = table.read()?;
    Ok(Arc::new(Client::builder_from(&config).options(options).build()?))
}

fn webhooks(table: &ConfigTable) -> Result<Vec<Arc<dyn WebhookSource>>, Error> {
    let config = table.read_section::<Config, WebhookConfig>("webhook")?.unwrap_or_default();
    let mut sources: Vec<Arc<dyn WebhookSource>> = Vec::new();
    match config.completion_secret_path {
        Some(secret) => sources.push(Arc::new(CompletionWebhook::new().with_secret_path(secret)?)),
        None if config.completion => sources.push(Arc::new(CompletionWebhook::new())),
        None => {}
    }
    if !config.status_peers.is_empty() {
        sources.push(Arc::new(StatusWebhook::new(&config.status_peers)?));
    }
    Ok(sources)
}

#[async_trait]
impl VendorClient for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    /// Obtains a credential, which costs nothing.
    async fn check_login(&self) -> Result<(), Error> {
        self.tokens.get().await.map(drop)
    }

    fn destination(&self) -> Destination {
        let known = |(name, environment): (_, Environment)| {
            (name, environment.base_url(), environment == Environment::Production)
        };
        Destination::new(self.connection.addresses.base.clone(), Environment::NAMES.map(known))
    }

    fn verifier(self: Arc<Self>) -> Option<Arc<dyn Verifier>> {
        Some(self)
    }
}
