//! The control routes of Bankly.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, ControlContext, ControlError, ControlledVendor, listed, parse};
use crate::bankly::{BanklyControl, CLIENT_ID, CLIENT_SECRET, COMPANY_KEY, PREFIX, TEST_CPFS};
use crate::counters::Counters;
use crate::webhooks::Delivery;

impl ControlledVendor for BanklyControl {
    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn routes(self: Arc<Self>) -> Router {
        Router::new()
            .route("/_sandbox/webhooks/bankly-kyc", post(register_webhook))
            .route("/_sandbox/bankly-kyc/settings", post(set))
            .route("/_sandbox/bankly-kyc/resend", post(resend))
            .route("/_sandbox/bankly-kyc/expire-tokens", post(expire_tokens))
            .with_state(self)
    }

    fn help(&self) -> &'static [&'static str] {
        &[
            "POST /_sandbox/webhooks/bankly-kyc {\"url\": \"http://127.0.0.1:8080/\", \"private_key\": \"dGVzdGU=\", \"public_key\": \"cHVibGlj\"}",
            "POST /_sandbox/bankly-kyc/settings {\"analysis_seconds\": 3, \"rate_limit\": true, \"reorder_webhooks\": false, \"key_reading\": \"decoded\"}",
            "POST /_sandbox/bankly-kyc/resend {\"idempotency_key\": \"d3a2e330-b42b-46b7-ae8e-f0942b5271fd\"}",
            "POST /_sandbox/bankly-kyc/expire-tokens",
        ]
    }

    fn summary(&self, context: &ControlContext) -> Value {
        let (webhook_urls, duplicate_webhooks, reorder_webhooks) = self.webhooks();
        json!({
            "base_url": format!("{}{PREFIX}", context.url),
            "tls_base_url": context.bankly_tls_url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "company_key": COMPANY_KEY,
            "test_cpfs": listed("cpf", TEST_CPFS.iter().map(|test| (test.cpf, test.what))),
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

    fn duplicate_webhooks(&self, duplicate: bool) -> Result<(), ValidationError> {
        self.duplicate_webhooks(duplicate);
        Ok(())
    }

    fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries()
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
