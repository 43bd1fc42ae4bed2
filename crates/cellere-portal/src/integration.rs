//! What this crate tells programs over several vendors about itself.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{
    Advice, BackgroundChecker, Capabilities, ClientOptions, ConfigTable, Destination, DocumentReader,
    DocumentSupport, Error, ErrorKind, FaceMatchSupport, FaceMatcher, Integration, Vendor, VendorClient,
    Verifier, config_schema,
};

use crate::VENDOR;
use crate::client::Client;
use crate::config::{BASE_URL, Config, KEY};
use crate::operations::{document, facematch};
use crate::verdicts::VERDICT_RULES;
use crate::verifier::check_picture;

/// The description of Cellere's portal for programs over several vendors.
pub const INTEGRATION: Integration = Integration::new::<Config>(VENDOR, KEY, "Cellere portal", connect)
    .with_config_schema(config_schema!(Config))
    .with_capabilities(
        Capabilities::none()
            .with_face_match(FACE_MATCH)
            .with_document_reading(DocumentSupport::new(document::IMAGE))
            .with_background_check(),
    )
    .with_picture_check(check_picture)
    .with_verdict_rules(VERDICT_RULES)
    .with_advice_after_lost_response(|_| Advice::CheckCredits)
    .with_advice(advice);

/// The portal takes two images and nothing else.
pub(crate) const FACE_MATCH: FaceMatchSupport = FaceMatchSupport::new(facematch::IMAGE);

fn connect(table: &ConfigTable, options: ClientOptions) -> Result<Arc<dyn VendorClient>, Error> {
    let config: Config = table.read()?;
    Ok(Arc::new(Client::builder_from(&config).options(options).build()?))
}

/// The default path may be wrong for a customer.
fn advice(error: &Error) -> Option<Advice> {
    let is_wrong_path = error.kind() == ErrorKind::Config && error.http_status() == Some(404);
    let operation = error.operation().filter(|_| is_wrong_path)?;
    Some(Advice::SetPath { key: format!("endpoints.{operation}") })
}

#[async_trait]
impl VendorClient for Client {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    /// Queries the credits that are left.
    async fn check_login(&self) -> Result<(), Error> {
        self.balance().await.map(drop)
    }

    fn destination(&self) -> Destination {
        // The portal has no second environment.
        Destination::new(self.base.clone(), [("production", BASE_URL, true)])
    }

    fn face_matcher(self: Arc<Self>) -> Option<Arc<dyn FaceMatcher>> {
        Some(self)
    }

    fn document_reader(self: Arc<Self>) -> Option<Arc<dyn DocumentReader>> {
        Some(self)
    }

    fn background_checker(self: Arc<Self>) -> Option<Arc<dyn BackgroundChecker>> {
        Some(self)
    }

    fn verifier(self: Arc<Self>) -> Option<Arc<dyn Verifier>> {
        Some(self)
    }
}
