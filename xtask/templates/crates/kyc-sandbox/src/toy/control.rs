//! The description and the control routes of Toy Faces.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CLIENT_ID, CLIENT_SECRET, FACTS, NO_MATCH, State, ToyControl, base_url};
use crate::client_config::ClientConfig;
use crate::control::{Body, ControlError};
use crate::counters::Counters;
use crate::receivers::{Receivers, secret_text};
use crate::scenario::ScenarioTable;
use crate::transaction::Transaction;
use crate::vendor::{SandboxVendor, SharedContext, TestInput, VendorFacts};
use crate::webhooks::Delivery;

pub(super) fn client_config(root: &str) -> ClientConfig {
    ClientConfig::new(FACTS.key)
        .with("base_url", base_url(root))
        .with("client_id", CLIENT_ID)
        .with("client_secret", CLIENT_SECRET)
}

pub(super) fn test_inputs() -> Vec<TestInput> {
    vec![TestInput { kind: "reference", value: NO_MATCH, what: "isMatch false" }]
}

impl SandboxVendor for ToyControl {
    type Settings = ();

    fn start((): (), shared: &SharedContext) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self::new(shared)))
    }

    fn facts(&self) -> &'static VendorFacts {
        &FACTS
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn api(self: Arc<Self>) -> Router {
        super::routes(self)
    }

    fn control(self: Arc<Self>) -> Router {
        Router::new()
            .route("/webhooks", post(register_webhook))
            .route("/expire-tokens", post(expire_tokens))
            .with_state(self)
    }

    fn help(&self) -> &'static [&'static str] {
        &[
            "POST /_sandbox/toy/webhooks {\"url\": \"http://127.0.0.1:8080/\", \"token\": \"secret\"}",
            "POST /_sandbox/toy/expire-tokens",
        ]
    }

    fn notes(&self) -> Vec<String> {
        vec!["Any other reference, or none, results in a match.".to_owned()]
    }

    fn state(&self) -> Value {
        json!({
            "webhook_url": self.lock().webhook.as_ref().map(|endpoint| endpoint.uri.clone()),
            "duplicate_webhooks": self.sender.duplicates(),
        })
    }

    fn scenarios(&self) -> &dyn ScenarioTable {
        &self.scenarios
    }

    /// Every comparison is decided at once.
    fn transactions(&self, _most: usize) -> Vec<Transaction> {
        Vec::new()
    }

    fn reset(&self) {
        *self.lock() = State::default();
        self.sender.reset();
    }

    fn clear_faults(&self) {
        self.counters.faults.clear();
        self.sender.set_duplicate(false);
    }

    fn duplicate_webhooks(&self, duplicate: bool) -> Result<(), ValidationError> {
        self.sender.set_duplicate(duplicate);
        Ok(())
    }

    fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries()
    }

    fn send_webhooks_to(&self, receivers: &Receivers) -> Result<Option<ClientConfig>, ValidationError> {
        let token = secret_text();
        self.register_webhook(&receivers.url(FACTS.key), &token)?;
        Ok(Some(ClientConfig::new("toy.webhook").with("token", token)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    url: String,
    token: String,
}

async fn register_webhook(
    Shared(vendor): Shared<Arc<ToyControl>>,
    body: Body<Registration>,
) -> Result<StatusCode, ControlError> {
    let Registration { url, token } = body?.0;
    vendor.register_webhook(&url, &token)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_tokens(Shared(vendor): Shared<Arc<ToyControl>>) -> StatusCode {
    vendor.expire_tokens();
    StatusCode::NO_CONTENT
}
