//! What this crate tells programs over several vendors about itself.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{
    Advice, Capabilities, ClientOptions, ConfigTable, Delivery, Destination, Error, ErrorKind,
    FaceMatchSupport, FaceMatcher, Integration, OperationId, Vendor, VendorClient, Verifier, WebhookSource,
    config_schema,
};

use crate::VENDOR;
use crate::client::Client;
use crate::config::{Config, Environment, KEY, WebhookConfig};
use crate::model::TransactionId;
use crate::operations::match2d_2d::RECOMMENDED;
use crate::verdicts::VERDICT_RULES;
use crate::verifier::check_picture;
use crate::webhook::Webhook;

/// The description of ClearSale Facematch for programs over several vendors.
pub const INTEGRATION: Integration = Integration::new::<Config>(VENDOR, KEY, "ClearSale Facematch", connect)
    .with_config_schema(config_schema!(Config))
    .with_capabilities(
        Capabilities::none().with_face_match(
            FaceMatchSupport::new(RECOMMENDED)
                .with_cpf()
                .with_reference()
                .with_max_false_accept_rate()
                .with_query(),
        ),
    )
    .with_webhooks(webhooks)
    .with_picture_check(check_picture)
    .with_verdict_rules(VERDICT_RULES)
    .with_advice_after_lost_response(after_lost_response);

fn connect(table: &ConfigTable, options: ClientOptions) -> Result<Arc<dyn VendorClient>, Error> {
    let config: Config = table.read()?;
    Ok(Arc::new(Client::builder_from(&config).options(options).build()?))
}

fn webhooks(table: &ConfigTable) -> Result<Vec<Arc<dyn WebhookSource>>, Error> {
    let config = table.read_section::<Config, WebhookConfig>("webhook")?.unwrap_or_default();
    let Some(token) = config.token else { return Ok(Vec::new()) };
    Ok(vec![Arc::new(Webhook::new(token)?)])
}

/// A comparison whose response is lost has no id, and ClearSale has no query by the reference.
fn after_lost_response(id: &OperationId) -> Advice {
    if id.is_reference() { Advice::AwaitWebhook } else { Advice::Query }
}

/// No transaction has this id.
const NO_TRANSACTION: &str = "00000000-0000-0000-0000-000000000000";

#[async_trait]
impl VendorClient for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    /// Queries a transaction that does not exist. ClearSale answers that only to a user that is logged in.
    async fn check_login(&self) -> Result<(), Error> {
        match self.transaction(&TransactionId::new(NO_TRANSACTION)).await {
            // The same from the login means that there was none.
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Rejected)
                    && error.delivery() == Delivery::Answered =>
            {
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

    fn face_matcher(self: Arc<Self>) -> Option<Arc<dyn FaceMatcher>> {
        Some(self)
    }

    fn verifier(self: Arc<Self>) -> Option<Arc<dyn Verifier>> {
        Some(self)
    }
}
