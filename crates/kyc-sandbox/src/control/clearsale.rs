//! The control routes of ClearSale.

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_core::Invalid;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Body, Controlled, Refused};
use crate::clearsale::{CLIENT_ID, CLIENT_SECRET, ClearsaleControl, Operation, PREFIX, TEST_CPFS};
use crate::faults::FaultOrder;

pub(super) fn routes() -> Router<Controlled> {
    Router::new()
        .route("/_sandbox/webhooks/clearsale", post(register_webhook))
        .route("/_sandbox/clearsale/expire-tokens", post(expire_tokens))
}

pub(super) fn summary(controlled: &Controlled) -> Value {
    let clearsale = &controlled.clearsale;
    let (webhook_url, duplicate_webhooks) = clearsale.webhook();
    let test_cpfs: Vec<_> =
        TEST_CPFS.iter().map(|test| json!({ "cpf": test.cpf, "what": test.what })).collect();
    json!({
        "base_url": format!("{}{PREFIX}", controlled.url),
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "operations": Operation::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>(),
        "test_cpfs": test_cpfs,
        "webhook_url": webhook_url,
        "duplicate_webhooks": duplicate_webhooks,
        "waiting_faults": clearsale.waiting_faults(),
        "counts": counts(clearsale),
    })
}

pub(super) fn counts(clearsale: &ClearsaleControl) -> Value {
    let requests: Map<_, _> = Operation::ALL
        .iter()
        .map(|&operation| (operation.name().to_owned(), clearsale.requests(operation).into()))
        .collect();
    json!({ "requests": requests, "logins": clearsale.logins(), "paid": clearsale.paid_calls() })
}

/// How many requests the waiting faults will spoil once this one waits, too.
pub(super) fn order_fault(clearsale: &ClearsaleControl, order: &FaultOrder) -> Result<u64, Invalid> {
    // Read to the end before anything is set: an order is taken whole or not at all.
    let fault = order.fault(Operation::named)?;
    if let Some(duplicate) = order.duplicate_webhooks {
        clearsale.duplicate_webhooks(duplicate);
    }
    if let Some(fault) = fault {
        clearsale.fault(fault);
    }
    Ok(clearsale.waiting_faults())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    url: String,
    token: String,
}

async fn register_webhook(
    Shared(controlled): Shared<Controlled>,
    body: Body<Registration>,
) -> Result<StatusCode, Refused> {
    let Registration { url, token } = body?.0;
    controlled.clearsale.register_webhook(&url, &token)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_tokens(Shared(controlled): Shared<Controlled>) -> StatusCode {
    controlled.clearsale.expire_tokens();
    StatusCode::NO_CONTENT
}
