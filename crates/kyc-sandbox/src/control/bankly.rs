//! The control routes of Bankly.

use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_core::Invalid;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Body, Controlled, Refused};
use crate::bankly::{
    BanklyControl, CLIENT_ID, CLIENT_SECRET, COMPANY_KEY, KeyReading, Operation, PREFIX, TEST_CPFS,
};
use crate::faults::FaultOrder;

pub(super) fn routes() -> Router<Controlled> {
    Router::new()
        .route("/_sandbox/webhooks/bankly-kyc", post(register_webhook))
        .route("/_sandbox/bankly-kyc/settings", post(set))
        .route("/_sandbox/bankly-kyc/resend", post(resend))
        .route("/_sandbox/bankly-kyc/expire-tokens", post(expire_tokens))
}

pub(super) fn summary(controlled: &Controlled) -> Value {
    let bankly = &controlled.bankly;
    let (webhook_urls, duplicate_webhooks, reorder_webhooks) = bankly.webhooks();
    let test_cpfs: Vec<_> =
        TEST_CPFS.iter().map(|test| json!({ "cpf": test.cpf, "what": test.what })).collect();
    json!({
        "base_url": format!("{}{PREFIX}", controlled.url),
        "tls_base_url": controlled.bankly_tls_url,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "company_key": COMPANY_KEY,
        "operations": Operation::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>(),
        "test_cpfs": test_cpfs,
        "webhook_urls": webhook_urls,
        "duplicate_webhooks": duplicate_webhooks,
        "reorder_webhooks": reorder_webhooks,
        "waiting_faults": bankly.waiting_faults(),
        "counts": counts(bankly),
    })
}

pub(super) fn counts(bankly: &BanklyControl) -> Value {
    let requests: Map<_, _> = Operation::ALL
        .iter()
        .map(|&operation| (operation.name().to_owned(), bankly.requests(operation).into()))
        .collect();
    json!({
        "requests": requests,
        "logins": bankly.logins(),
        "paid": bankly.paid_calls(),
        "fullest_window": bankly.fullest_window(),
    })
}

/// How many requests the waiting faults will spoil once this one waits, too.
pub(super) fn order_fault(bankly: &BanklyControl, order: &FaultOrder) -> Result<u64, Invalid> {
    // Read to the end before anything is set: an order is taken whole or not at all.
    let fault = order.fault(Operation::named)?;
    if let Some(duplicate) = order.duplicate_webhooks {
        bankly.duplicate_webhooks(duplicate);
    }
    if let Some(fault) = fault {
        bankly.fault(fault);
    }
    Ok(bankly.waiting_faults())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    url: String,
    private_key: String,
    public_key: String,
}

async fn register_webhook(
    Shared(controlled): Shared<Controlled>,
    body: Body<Registration>,
) -> Result<StatusCode, Refused> {
    let Registration { url, private_key, public_key } = body?.0;
    controlled.bankly.register_webhook(&url, &private_key, &public_key)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choices {
    analysis_seconds: Option<f64>,
    rate_limit: Option<bool>,
    reorder_webhooks: Option<bool>,
    key_reading: Option<String>,
}

async fn set(Shared(controlled): Shared<Controlled>, body: Body<Choices>) -> Result<StatusCode, Refused> {
    let choices = body?.0;
    let delay = choices.analysis_seconds.map(Duration::try_from_secs_f64).transpose();
    let delay = delay.map_err(|_| Invalid::new("\"analysis_seconds\" is zero or more"))?;
    let reading = choices
        .key_reading
        .as_deref()
        .map(|name| KeyReading::named(name).ok_or_else(|| Invalid::new("\"key_reading\" is decoded or raw")));
    let reading = reading.transpose()?;
    let bankly = &controlled.bankly;
    delay.into_iter().for_each(|delay| bankly.analysis_delay(delay));
    reading.into_iter().for_each(|reading| bankly.sign_with(reading));
    choices.rate_limit.into_iter().for_each(|enforced| bankly.rate_limit(enforced));
    choices.reorder_webhooks.into_iter().for_each(|reorder| bankly.reorder_webhooks(reorder));
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    idempotency_key: String,
}

async fn resend(Shared(controlled): Shared<Controlled>, body: Body<Resend>) -> Result<StatusCode, Refused> {
    controlled.bankly.resend(&body?.0.idempotency_key)?;
    Ok(StatusCode::ACCEPTED)
}

async fn expire_tokens(Shared(controlled): Shared<Controlled>) -> StatusCode {
    controlled.bankly.expire_tokens();
    StatusCode::NO_CONTENT
}
