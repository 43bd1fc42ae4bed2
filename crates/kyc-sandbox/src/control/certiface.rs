//! The control routes of Certiface.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use kyc_core::Invalid;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Body, Controlled, Refused};
use crate::certiface::{
    CertifaceControl, CpfForm, Operation, PASSWORD, PREFIX, Provider, RESULT_PREFIX, StatusUpdate, TEST_CPFS,
    USER,
};
use crate::faults::FaultOrder;

pub(super) fn routes() -> Router<Controlled> {
    Router::new()
        .route("/_sandbox/webhooks/certiface", post(register_webhooks))
        .route("/_sandbox/certiface/status-update", post(send_status_update))
        .route("/_sandbox/certiface/liveness-3d", post(set_liveness_3d))
        .route("/_sandbox/certiface/expire-credentials", post(expire_credentials))
        .route("/_sandbox/certiface/appkeys", get(appkeys))
}

pub(super) fn summary(controlled: &Controlled) -> Value {
    let certiface = &controlled.certiface;
    let (completion_url, status_url, duplicate_webhooks) = certiface.webhooks();
    let test_cpfs: Vec<_> =
        TEST_CPFS.iter().map(|test| json!({ "cpf": test.cpf, "what": test.what })).collect();
    json!({
        "base_url": format!("{}{PREFIX}", controlled.url),
        "result_base_url": format!("{}{RESULT_PREFIX}", controlled.url),
        "user": USER,
        "password": PASSWORD,
        "liveness_3d": certiface.provider().name(),
        "operations": Operation::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>(),
        "test_cpfs": test_cpfs,
        "completion_url": completion_url,
        "status_url": status_url,
        "duplicate_webhooks": duplicate_webhooks,
        "waiting_faults": certiface.waiting_faults(),
        "counts": counts(certiface),
    })
}

pub(super) fn counts(certiface: &CertifaceControl) -> Value {
    let requests: Map<_, _> = Operation::ALL
        .iter()
        .map(|&operation| (operation.name().to_owned(), certiface.requests(operation).into()))
        .collect();
    json!({ "requests": requests, "logins": certiface.logins(), "paid": certiface.paid_calls() })
}

/// How many requests the waiting faults will spoil once this one waits, too.
pub(super) fn order_fault(certiface: &CertifaceControl, order: &FaultOrder) -> Result<u64, Invalid> {
    // Read to the end before anything is set: an order is taken whole or not at all.
    let fault = order.fault(Operation::named)?;
    if let Some(duplicate) = order.duplicate_webhooks {
        certiface.duplicate_webhooks(duplicate);
    }
    if let Some(fault) = fault {
        certiface.fault(fault);
    }
    Ok(certiface.waiting_faults())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    completion_url: Option<String>,
    status_url: Option<String>,
}

async fn register_webhooks(
    Shared(controlled): Shared<Controlled>,
    body: Body<Registration>,
) -> Result<StatusCode, Refused> {
    let Registration { completion_url, status_url } = body?.0;
    if completion_url.is_none() && status_url.is_none() {
        return Err(Invalid::new("needs \"completion_url\" or \"status_url\"").into());
    }
    if let Some(url) = completion_url {
        controlled.certiface.register_completion_webhook(&url)?;
    }
    if let Some(url) = status_url {
        controlled.certiface.register_status_webhook(&url)?;
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
    Shared(controlled): Shared<Controlled>,
    body: Body<Update>,
) -> Result<StatusCode, Refused> {
    let Update { protocolo, cpf, novo_status, descricao, cpf_as_text } = body?.0;
    let mut update = StatusUpdate::new(protocolo, cpf);
    update.novo_status = novo_status.unwrap_or(update.novo_status);
    update.descricao = descricao.unwrap_or(update.descricao);
    update.cpf_form = if cpf_as_text { CpfForm::Text } else { CpfForm::BareNumber };
    controlled.certiface.send_status_update(&update)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    provider: String,
}

async fn set_liveness_3d(
    Shared(controlled): Shared<Controlled>,
    body: Body<Choice>,
) -> Result<StatusCode, Refused> {
    let provider = Provider::named(&body?.0.provider);
    let provider = provider.ok_or_else(|| Invalid::new("\"provider\" is facetec or iproov"))?;
    controlled.certiface.liveness_3d(provider);
    Ok(StatusCode::NO_CONTENT)
}

async fn expire_credentials(Shared(controlled): Shared<Controlled>) -> StatusCode {
    controlled.certiface.expire_credentials();
    StatusCode::NO_CONTENT
}

async fn appkeys(Shared(controlled): Shared<Controlled>) -> Json<Value> {
    Json(json!({ "appkeys": controlled.certiface.appkeys() }))
}
