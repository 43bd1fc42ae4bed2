//! The description and the control routes of Bankly.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    BanklyControl, BanklyTls, CLIENT_ID, CLIENT_SECRET, COMPANY_KEY, FACTS, Settings, TEST_CPFS, base_url,
};
use crate::client_config::ClientConfig;
use crate::control::{Body, ControlError, parse};
use crate::counters::Counters;
use crate::outcomes::Triggered;
use crate::receivers::{Receivers, secret, secret_text};
use crate::scenario::{Scenario, ScenarioTable};
use crate::transaction::Transaction;
use crate::vendor::{SandboxVendor, SharedContext, TestInput, VendorFacts};
use crate::webhooks::{Delivery, WebhookSender};

pub(super) fn client_config(root: &str) -> ClientConfig {
    let url = base_url(root);
    ClientConfig::new(FACTS.key)
        .with("base_url", url.as_str())
        .with("auth_url", url)
        .with("client_id", CLIENT_ID)
        .with("client_secret", CLIENT_SECRET)
}

pub(super) fn test_inputs() -> Vec<TestInput> {
    TEST_CPFS.iter().map(|test| test.input()).collect()
}

impl SandboxVendor for BanklyControl {
    type Settings = Settings;

    #[cfg(feature = "clap")]
    fn add_options(command: clap::Command) -> clap::Command {
        let help = "Also serve Bankly with mutual TLS, and write the certificates to DIR";
        let directory = clap::Arg::new("bankly-tls").long("bankly-tls").value_name("DIR").help(help);
        command.arg(directory.value_parser(clap::value_parser!(std::path::PathBuf)))
    }

    #[cfg(feature = "clap")]
    fn read_options(settings: &mut Settings, matches: &clap::ArgMatches) {
        settings.tls_directory = matches.get_one("bankly-tls").cloned();
    }

    fn set_decision_delay(settings: &mut Settings, delay: Duration) {
        settings.analysis_delay = delay;
    }

    fn start(settings: Settings, shared: &SharedContext) -> io::Result<Arc<Self>> {
        Self::start_with(settings, shared)
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
            .route("/webhooks", post(register_webhook))
            .route("/settings", post(set))
            .route("/resend", post(resend))
            .route("/expire-tokens", post(expire_tokens))
            .with_state(self)
    }

    fn help(&self) -> &'static [&'static str] {
        &[
            "POST /_sandbox/bankly/webhooks {\"url\": \"http://127.0.0.1:8080/\", \"private_key\": \"dGVzdGU=\", \"public_key\": \"cHVibGlj\"}",
            "POST /_sandbox/bankly/settings {\"analysis_seconds\": 3, \"rate_limit\": true, \"reorder_webhooks\": false, \"key_reading\": \"decoded\"}",
            "POST /_sandbox/bankly/resend {\"idempotency_key\": \"d3a2e330-b42b-46b7-ae8e-f0942b5271fd\"}",
            "POST /_sandbox/bankly/expire-tokens",
        ]
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec!["With any other valid CPF every image is valid.".to_owned()];
        notes.push(format!("The company key is {COMPANY_KEY}."));
        notes.extend(self.tls.as_ref().map(|tls| format!("With mutual TLS: {}", tls.url())));
        notes
    }

    fn state(&self) -> Value {
        let (webhook_urls, duplicate_webhooks, reorder_webhooks) = self.webhooks();
        json!({
            "company_key": COMPANY_KEY,
            "tls_base_url": self.tls.as_ref().map(BanklyTls::url),
            "webhook_urls": webhook_urls,
            "duplicate_webhooks": duplicate_webhooks,
            "reorder_webhooks": reorder_webhooks,
        })
    }

    fn counts(&self) -> Value {
        json!({ "logins": self.logins(), "fullest_window": self.fullest_window() })
    }

    fn clear_faults(&self) {
        self.clear_faults();
    }

    fn scenarios(&self) -> &dyn ScenarioTable {
        &self.scenarios
    }

    fn transactions(&self, most: usize) -> Vec<Transaction> {
        self.newest_images(most)
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
        self.webhook_urls()
    }

    fn sender(&self) -> Option<&Arc<WebhookSender>> {
        Some(&self.sender)
    }

    fn send_webhooks_to(&self, receivers: &Receivers) -> Result<Option<ClientConfig>, ValidationError> {
        let private_key = STANDARD.encode(secret());
        self.register_webhook(&receivers.url(FACTS.key), &private_key, &secret_text())?;
        let config = ClientConfig::new("bankly.webhook").with("private_key", private_key);
        Ok(Some(config.with("key_reading", self.key_reading().in_config())))
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
    private_key: String,
    public_key: String,
}

async fn register_webhook(
    Shared(bankly): Shared<Arc<BanklyControl>>,
    body: Body<Registration>,
) -> Result<StatusCode, ControlError> {
    let Registration { url, private_key, public_key } = body?.0;
    bankly.register_webhook(&url, &private_key, &public_key)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsUpdate {
    analysis_seconds: Option<f64>,
    rate_limit: Option<bool>,
    reorder_webhooks: Option<bool>,
    key_reading: Option<String>,
}

async fn set(
    Shared(bankly): Shared<Arc<BanklyControl>>,
    body: Body<SettingsUpdate>,
) -> Result<StatusCode, ControlError> {
    let update = body?.0;
    let delay = update.analysis_seconds.map(Duration::try_from_secs_f64).transpose();
    let delay = delay.map_err(|_| ValidationError::new("\"analysis_seconds\" must be zero or more"))?;
    let reading = update.key_reading.as_deref().map(|name| parse("key_reading", name)).transpose()?;
    delay.into_iter().for_each(|delay| bankly.analysis_delay(delay));
    reading.into_iter().for_each(|reading| bankly.sign_with(reading));
    update.rate_limit.into_iter().for_each(|enforced| bankly.rate_limit(enforced));
    update.reorder_webhooks.into_iter().for_each(|reorder| bankly.reorder_webhooks(reorder));
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    idempotency_key: String,
}

async fn resend(
    Shared(bankly): Shared<Arc<BanklyControl>>,
    body: Body<Resend>,
) -> Result<StatusCode, ControlError> {
    bankly.resend(&body?.0.idempotency_key)?;
    Ok(StatusCode::ACCEPTED)
}

async fn expire_tokens(Shared(bankly): Shared<Arc<BanklyControl>>) -> StatusCode {
    bankly.expire_tokens();
    StatusCode::NO_CONTENT
}
