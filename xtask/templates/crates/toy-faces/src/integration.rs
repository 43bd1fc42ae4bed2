//! What this crate tells programs over several vendors about itself.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{
    Capabilities, ClientOptions, ConfigTable, Destination, Error, FaceMatchSupport, FaceMatcher, Integration,
    Vendor, VendorClient, Verifier, WebhookSource, config_schema,
};

use crate::VENDOR;
use crate::client::Client;
use crate::config::{BASE_URL, Config, KEY, WebhookConfig};
use crate::operations::compare::IMAGES;
use crate::verdicts::VERDICT_RULES;
use crate::verifier::check_picture;
use crate::webhook::Webhook;

/// The description of Toy Faces for programs over several vendors.
pub const INTEGRATION: Integration = Integration::new::<Config>(VENDOR, KEY, "Toy Faces", connect)
    .with_config_schema(config_schema!(Config))
    .with_capabilities(Capabilities::none().with_face_match(FACE_MATCH))
    .with_webhooks(webhooks)
    .with_picture_check(check_picture)
    .with_verdict_rules(VERDICT_RULES);

/// The vendor takes two images and a reference.
pub(crate) const FACE_MATCH: FaceMatchSupport = FaceMatchSupport::new(IMAGES).with_reference();

fn connect(table: &ConfigTable, options: ClientOptions) -> Result<Arc<dyn VendorClient>, Error> {
    let config: Config = table.read()?;
    Ok(Arc::new(Client::builder_from(&config).options(options).build()?))
}

fn webhooks(table: &ConfigTable) -> Result<Vec<Arc<dyn WebhookSource>>, Error> {
    let config = table.read_section::<Config, WebhookConfig>("webhook")?.unwrap_or_default();
    let Some(token) = config.token else { return Ok(Vec::new()) };
    Ok(vec![Arc::new(Webhook::new(token)?)])
}

#[async_trait]
impl VendorClient for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    /// Fetches a token, unless a valid one is known.
    async fn check_login(&self) -> Result<(), Error> {
        self.tokens.get().await.map(drop)
    }

    fn destination(&self) -> Destination {
        Destination::new(self.base.clone(), [("production", BASE_URL, true)])
    }

    fn face_matcher(self: Arc<Self>) -> Option<Arc<dyn FaceMatcher>> {
        Some(self)
    }

    fn verifier(self: Arc<Self>) -> Option<Arc<dyn Verifier>> {
        Some(self)
    }
}
