//! The control routes of Cellere.

use axum::Router;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::post;
use kyc_core::Invalid;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Body, Controlled, Refused};
use crate::cellere::{CellereControl, Operation, PREFIX, TEST_CNPJS, TEST_CPFS, TOKEN};
use crate::faults::FaultOrder;

pub(super) fn routes() -> Router<Controlled> {
    Router::new().route("/_sandbox/cellere-portal/credits", post(set_credits))
}

pub(super) fn summary(controlled: &Controlled) -> Value {
    let cellere = &controlled.cellere;
    let test_cpfs: Vec<_> =
        TEST_CPFS.iter().map(|test| json!({ "cpf": test.cpf, "what": test.what })).collect();
    let test_cnpjs: Vec<_> =
        TEST_CNPJS.iter().map(|test| json!({ "cnpj": test.cnpj, "what": test.what })).collect();
    json!({
        "base_url": format!("{}{PREFIX}", controlled.url),
        "token": TOKEN,
        "credits": cellere.credits(),
        "operations": Operation::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>(),
        "test_cpfs": test_cpfs,
        "test_cnpjs": test_cnpjs,
        "waiting_faults": cellere.waiting_faults(),
        "counts": counts(cellere),
    })
}

pub(super) fn counts(cellere: &CellereControl) -> Value {
    let requests: Map<_, _> = Operation::ALL
        .iter()
        .map(|&operation| (operation.name().to_owned(), cellere.requests(operation).into()))
        .collect();
    json!({ "requests": requests, "paid": cellere.paid_calls() })
}

/// How many requests the waiting faults will spoil once this one waits, too.
pub(super) fn order_fault(cellere: &CellereControl, order: &FaultOrder) -> Result<u64, Invalid> {
    if order.duplicate_webhooks.is_some() {
        return Err(Invalid::new("\"duplicate_webhooks\" is not for this vendor: it has no webhooks"));
    }
    if let Some(fault) = order.fault(Operation::named)? {
        cellere.fault(fault);
    }
    Ok(cellere.waiting_faults())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credits {
    credits: u64,
}

async fn set_credits(
    Shared(controlled): Shared<Controlled>,
    body: Body<Credits>,
) -> Result<StatusCode, Refused> {
    controlled.cellere.set_credits(body?.credits);
    Ok(StatusCode::NO_CONTENT)
}
