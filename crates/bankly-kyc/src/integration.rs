//! What this crate tells programs over several vendors about itself.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{
    Advice, ClientCertificate, ClientOptions, ConfigTable, Cpf, Delivery, Destination, Error, ErrorKind,
    Integration, Vendor, VendorClient, Verifier, WebhookSource, config_schema,
};

use crate::VENDOR;
use crate::auth::certificate_end;
use crate::client::Client;
use crate::config::{Config, Environment, KEY, WebhookConfig};
use crate::operations::status::ResultLevel;
use crate::verdicts::VERDICT_RULES;
use crate::verifier::check_picture;
use crate::webhook::Webhook;

/// The description of Bankly for programs over several vendors. It has none of the capabilities that take one call: the three
/// images of a person belong to one [`Onboarding`](crate::Onboarding).
pub const INTEGRATION: Integration = Integration::new::<Config>(VENDOR, KEY, "Bankly", connect)
    .with_config_schema(config_schema!(Config))
    .with_webhooks(webhooks)
    .with_picture_check(check_picture)
    .with_verdict_rules(VERDICT_RULES)
    .with_advice_after_lost_response(|_| Advice::ResumeJourney)
    .with_advice(advice);

const CERTIFICATE_KEYS: &[&str] = &["certificate", "key"];

fn connect(table: &ConfigTable, options: ClientOptions) -> Result<Arc<dyn VendorClient>, Error> {
    let config: Config = table.read()?;
    match config.read_certificate() {
        Ok(Some(certificate)) => check_end(table, &certificate, &options)?,
        Ok(None) if config.base_url.is_none() && !options.has_identity() => {
            let what =
                "must be set, and the key with it: Bankly requires the client certificate that it issued";
            return Err(table.invalid(&["certificate"], what));
        }
        Ok(None) => {}
        Err(rule) => return Err(table.invalid(&["certificate"], rule)),
    }
    Ok(Arc::new(Client::builder_from(&config).options(options).build()?))
}

/// TLS would refuse the certificate with words that do not name it.
fn check_end(
    table: &ConfigTable,
    certificate: &ClientCertificate,
    options: &ClientOptions,
) -> Result<(), Error> {
    match certificate_end(certificate) {
        Some(end) if end <= options.now() => {
            let what = format!("expired on {}: request a new one from Bankly", end.to_rfc3339());
            Err(table.invalid(&["certificate"], what))
        }
        _ => Ok(()),
    }
}

fn webhooks(table: &ConfigTable) -> Result<Vec<Arc<dyn WebhookSource>>, Error> {
    let config = table.read_section::<Config, WebhookConfig>("webhook")?.unwrap_or_default();
    let Some(key) = config.private_key else { return Ok(Vec::new()) };
    Ok(vec![Arc::new(Webhook::with_reading(key, config.key_reading)?)])
}

/// A certificate that the server refuses or the TLS library cannot use: the error does not say where it is configured.
fn advice(error: &Error) -> Option<Advice> {
    use std::error::Error as _;
    let is_tls = error.kind() == ErrorKind::Config && error.source().is_some();
    is_tls.then_some(Advice::SetCertificate { keys: CERTIFICATE_KEYS })
}

/// The lowest valid CPF: a login is needed to ask for it, and nothing is known of it.
const NOBODY: &str = "00000000191";

#[async_trait]
impl VendorClient for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    /// Queries the analyses of a CPF that belongs to nobody.
    async fn check_login(&self) -> Result<(), Error> {
        let nobody = Cpf::parse(NOBODY).map_err(|rule| Error::invalid_input(VENDOR, "cpf", &rule))?;
        match self.analyses(&nobody, &[], ResultLevel::OnlyStatus).await {
            // The same from the login means that there was none.
            Err(error) if error.kind() == ErrorKind::NotFound && error.delivery() == Delivery::Answered => {
                Ok(())
            }
            other => other.map(drop),
        }
    }

    fn destination(&self) -> Destination {
        let known = |(name, environment): (_, Environment)| {
            (name, environment.base_url(), environment == Environment::Production)
        };
        Destination::new(self.base.clone(), Environment::NAMES.map(known))
    }

    fn verifier(self: Arc<Self>) -> Option<Arc<dyn Verifier>> {
        Some(self)
    }
}
