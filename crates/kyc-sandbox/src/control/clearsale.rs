//! The control routes of ClearSale.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Body, ControlContext, ControlError, ControlledVendor, listed};
use crate::clearsale::{CLIENT_ID, CLIENT_SECRET, ClearsaleControl, PREFIX, TEST_CPFS};
use crate::counters::Counters;
use crate::webhooks::Delivery;

impl ControlledVendor for ClearsaleControl {
    fn counters(&self) -> &Counters {
        &self.counters
    }

    fn routes(self: Arc<Self>) -> Router {
        Router::new()
            .route("/_sandbox/webhooks/clearsale", post(register_webhook))
            .route("/_sandbox/clearsale/expire-tokens", post(expire_tokens))
            .with_state(self)
    }

    fn help(&self) -> &'static [&'static str] {
        &[
            "POST /_sandbox/webhooks/clearsale {\"url\": \"http://127.0.0.1:8080/\", \"token\": \"secret\"}",
            "POST /_sandbox/clearsale/expire-tokens",
        ]
    }

    fn summary(&self, context: &ControlContext) -> Value {
        let (webhook_url, duplicate_webhooks) = self.webhook();
        json!({
            "base_url": format!("{}{PREFIX}", context.url),
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "test_cpfs": listed("cpf", TEST_CPFS.iter().map(|test| (test.cpf, test.what))),
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
