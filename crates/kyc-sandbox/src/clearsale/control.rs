//! The description and the control routes of ClearSale.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CLIENT_ID, CLIENT_SECRET, ClearsaleControl, FACTS, Settings, TEST_CPFS, base_url};
use crate::client_config::ClientConfig;
use crate::control::{Body, ControlError};
use crate::counters::Counters;
use crate::outcomes::Triggered;
use crate::receivers::{Receivers, secret_text};
use crate::scenario::{Scenario, ScenarioTable};
use crate::transaction::Transaction;
use crate::vendor::{SandboxVendor, SharedContext, TestInput, VendorFacts};
use crate::webhooks::{Delivery, WebhookSender};

pub(super) fn client_config(root: &str) -> ClientConfig {
    ClientConfig::new(FACTS.key)
        .with("base_url", base_url(root))
        .with("client_id", CLIENT_ID)
        .with("client_secret", CLIENT_SECRET)
}

pub(super) fn test_inputs() -> Vec<TestInput> {
    TEST_CPFS.iter().map(|test| test.input()).collect()
}

impl SandboxVendor for ClearsaleControl {
    type Settings = Settings;

    fn set_decision_delay(settings: &mut Settings, delay: Duration) {
        settings.match_delay = delay;
    }

    fn start(settings: Settings, shared: &SharedContext) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self::new(settings, shared)))
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
            "POST /_sandbox/clearsale/webhooks {\"url\": \"http://127.0.0.1:8080/\", \"token\": \"secret\"}",
            "POST /_sandbox/clearsale/expire-tokens",
        ]
    }

    fn notes(&self) -> Vec<String> {
        vec!["Any other valid CPF, or none, results in confiability 6.".to_owned()]
    }

    fn state(&self) -> Value {
        let (webhook_url, duplicate_webhooks) = self.webhook();
        json!({
            "webhook_url": webhook_url,
            "duplicate_webhooks": duplicate_webhooks,
        })
    }

    fn counts(&self) -> Value {
        json!({ "logins": self.logins() })
    }

    fn clear_faults(&self) {
        self.clear_faults();
    }

    fn scenarios(&self) -> &dyn ScenarioTable {
        &self.scenarios
    }

    fn transactions(&self, most: usize) -> Vec<Transaction> {
        self.described(most)
    }

    fn reset(&self) {
        self.forget();
    }

    fn duplicate_webhooks(&self, duplicate: bool) -> Result<(), ValidationError> {
        self.duplicate_webhooks(duplicate);
        Ok(())
    }

    fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries()
    }

    fn webhook_urls(&self) -> Vec<String> {
        self.webhook().0.into_iter().collect()
    }

    fn sender(&self) -> Option<&Arc<WebhookSender>> {
        Some(&self.sender)
    }

    fn send_webhooks_to(&self, receivers: &Receivers) -> Result<Option<ClientConfig>, ValidationError> {
        let token = secret_text();
        self.register_webhook(&receivers.url(FACTS.key), &token)?;
        Ok(Some(ClientConfig::new("clearsale.webhook").with("token", token)))
    }

    fn trigger(
        self: Arc<Self>,
        scenario: &Scenario,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        self.trigger_outcome(scenario, delay)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    url: String,
    token: String,
}

async fn register_webhook(
    Shared(clearsale): Shared<Arc<ClearsaleControl>>,
    body: Body<Registration>,
) -> Result<StatusCode, ControlError> {
    let Registration { url, token } = body?.0;
    clearsale.register_webhook(&url, &token)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_tokens(Shared(clearsale): Shared<Arc<ClearsaleControl>>) -> StatusCode {
    clearsale.expire_tokens();
    StatusCode::NO_CONTENT
}
