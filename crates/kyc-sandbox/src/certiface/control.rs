//! The description and the control routes of Certiface.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    CertifaceControl, CpfForm, FACTS, PASSWORD, Settings, StatusUpdate, TEST_CPFS, USER, base_url,
    result_base_url,
};
use crate::client_config::ClientConfig;
use crate::control::{Body, ControlError, parse};
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
        .with("result_base_url", result_base_url(root))
        .with("login", USER)
        .with("password", PASSWORD)
}

pub(super) fn test_inputs() -> Vec<TestInput> {
    TEST_CPFS.iter().map(|test| test.input()).collect()
}

impl SandboxVendor for CertifaceControl {
    type Settings = Settings;

    fn set_decision_delay(settings: &mut Settings, delay: Duration) {
        settings.document_delay = delay;
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
        super::routes(&self)
    }

    fn control(self: Arc<Self>) -> Router {
        Router::new()
            .route("/webhooks", post(register_webhooks))
            .route("/status-update", post(send_status_update))
            .route("/liveness-3d", post(set_liveness_3d))
            .route("/expire-credentials", post(expire_credentials))
            .route("/appkeys", get(appkeys))
            .with_state(self)
    }

    fn help(&self) -> &'static [&'static str] {
        &[
            "POST /_sandbox/certiface/webhooks {\"completion_url\": \"http://127.0.0.1:8080/\", \"status_url\": \"http://127.0.0.1:8080/status\"}",
            "POST /_sandbox/certiface/status-update {\"protocolo\": \"202600100001\", \"cpf\": \"00011122233\"}",
            "POST /_sandbox/certiface/liveness-3d {\"provider\": \"iproov\"}",
            "POST /_sandbox/certiface/expire-credentials",
            "GET /_sandbox/certiface/appkeys",
        ]
    }

    fn notes(&self) -> Vec<String> {
        vec!["Any other valid CPF is approved.".to_owned()]
    }

    fn state(&self) -> Value {
        let (completion_url, status_url, duplicate_webhooks) = self.webhooks();
        json!({
            "liveness_3d": self.provider().as_str(),
            "completion_url": completion_url,
            "status_url": status_url,
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
        self.newest_journeys(most)
    }

    fn reset(&self) {
        self.reset();
    }

    fn duplicate_webhooks(&self, duplicate: bool) -> Result<(), ValidationError> {
        self.duplicate_webhooks(duplicate);
        Ok(())
    }

    fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries()
    }

    fn webhook_urls(&self) -> Vec<String> {
        let (completion, status, _) = self.webhooks();
        completion.into_iter().chain(status).collect()
    }

    fn sender(&self) -> Option<&Arc<WebhookSender>> {
        Some(&self.sender)
    }

    fn send_webhooks_to(&self, receivers: &Receivers) -> Result<Option<ClientConfig>, ValidationError> {
        let secret = secret_text();
        self.register_completion_webhook(&receivers.url(&format!("certiface-completion/{secret}")))?;
        self.register_status_webhook(&receivers.url("certiface-status"))?;
        let config = ClientConfig::new("certiface.webhook").with("completion_secret_path", secret);
        Ok(Some(config.with("status_peers", receivers.peers.clone())))
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
    completion_url: Option<String>,
    status_url: Option<String>,
}

async fn register_webhooks(
    Shared(certiface): Shared<Arc<CertifaceControl>>,
    body: Body<Registration>,
) -> Result<StatusCode, ControlError> {
    let Registration { completion_url, status_url } = body?.0;
    if completion_url.is_none() && status_url.is_none() {
        return Err(ValidationError::new("\"completion_url\" or \"status_url\" is required").into());
    }
    if let Some(url) = completion_url {
        certiface.register_completion_webhook(&url)?;
    }
    if let Some(url) = status_url {
        certiface.register_status_webhook(&url)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Update {
    protocolo: String,
    cpf: String,
    novo_status: Option<String>,
    descricao: Option<String>,
    #[serde(default)]
    cpf_as_text: bool,
}

async fn send_status_update(
    Shared(certiface): Shared<Arc<CertifaceControl>>,
    body: Body<Update>,
) -> Result<StatusCode, ControlError> {
    let Update { protocolo, cpf, novo_status, descricao, cpf_as_text } = body?.0;
    let mut update = StatusUpdate::new(protocolo, cpf);
    update.novo_status = novo_status.unwrap_or(update.novo_status);
    update.descricao = descricao.unwrap_or(update.descricao);
    update.cpf_form = if cpf_as_text { CpfForm::Text } else { CpfForm::BareNumber };
    certiface.send_status_update(&update)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderChoice {
    provider: String,
}

async fn set_liveness_3d(
    Shared(certiface): Shared<Arc<CertifaceControl>>,
    body: Body<ProviderChoice>,
) -> Result<StatusCode, ControlError> {
    certiface.liveness_3d(parse("provider", &body?.0.provider)?);
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_credentials(Shared(certiface): Shared<Arc<CertifaceControl>>) -> StatusCode {
    certiface.expire_credentials();
    StatusCode::NO_CONTENT
}

async fn appkeys(Shared(certiface): Shared<Arc<CertifaceControl>>) -> Json<Value> {
    Json(json!({ "appkeys": certiface.appkeys() }))
}
