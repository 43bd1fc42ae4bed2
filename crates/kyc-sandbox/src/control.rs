//! The control routes: what a test in another language, or a person with curl, moves the sandbox by.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kyc_core::{Clock as _, Invalid, VirtualClock};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clearsale::{self, ClearsaleControl, Operation, TEST_CPFS};
use crate::faults::FaultOrder;
use crate::webhooks::{Attempt, Delivery};

const HELP: &[&str] = &[
    "GET /_sandbox/",
    "POST /_sandbox/clock {\"advance_seconds\": 60}",
    "GET /_sandbox/counts",
    "POST /_sandbox/faults {\"vendor\": \"clearsale\", \"operation\": \"match2d-2d\", \"kind\": \"status\", \"status\": 429, \"retry_after_seconds\": 2}",
    "DELETE /_sandbox/faults",
    "POST /_sandbox/webhooks/clearsale {\"url\": \"http://127.0.0.1:8080/\", \"token\": \"secret\"}",
    "GET /_sandbox/webhooks",
    "POST /_sandbox/clearsale/expire-tokens",
];

#[derive(Clone, Debug)]
pub(crate) struct Controlled {
    pub(crate) url: String,
    pub(crate) clock: VirtualClock,
    pub(crate) clearsale: Arc<ClearsaleControl>,
}

pub(crate) fn routes(controlled: Controlled) -> Router {
    Router::new()
        .route("/_sandbox", get(summary))
        .route("/_sandbox/", get(summary))
        .route("/_sandbox/clock", post(advance))
        .route("/_sandbox/counts", get(counts))
        .route("/_sandbox/faults", post(order_fault).delete(clear_faults))
        .route("/_sandbox/webhooks", get(webhooks))
        .route("/_sandbox/webhooks/clearsale", post(register_webhook))
        .route("/_sandbox/clearsale/expire-tokens", post(expire_tokens))
        .with_state(controlled)
}

/// What is wrong with a request to a control route.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<Invalid> for Refused {
    fn from(invalid: Invalid) -> Self {
        Self(StatusCode::BAD_REQUEST, invalid.to_string())
    }
}

impl From<JsonRejection> for Refused {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

/// A body is JSON and says so. A page in a browser cannot send that to another site unasked.
type Body<T> = Result<Json<T>, JsonRejection>;

async fn summary(Shared(controlled): Shared<Controlled>) -> Json<Value> {
    let clearsale = &controlled.clearsale;
    let (webhook_url, duplicate_webhooks) = clearsale.webhook();
    let test_cpfs: Vec<_> =
        TEST_CPFS.iter().map(|test| json!({ "cpf": test.cpf, "what": test.what })).collect();
    Json(json!({
        "help": HELP,
        "now": controlled.clock.now().to_rfc3339(),
        "vendors": {
            "clearsale": {
                "base_url": format!("{}{}", controlled.url, clearsale::PREFIX),
                "client_id": clearsale::CLIENT_ID,
                "client_secret": clearsale::CLIENT_SECRET,
                "operations": Operation::ALL.iter().map(|operation| operation.name()).collect::<Vec<_>>(),
                "test_cpfs": test_cpfs,
                "webhook_url": webhook_url,
                "duplicate_webhooks": duplicate_webhooks,
                "waiting_faults": clearsale.waiting_faults(),
                "counts": counted(clearsale),
            },
        },
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: f64,
}

async fn advance(
    Shared(controlled): Shared<Controlled>,
    body: Body<Advance>,
) -> Result<Json<Value>, Refused> {
    let by = Duration::try_from_secs_f64(body?.advance_seconds)
        .map_err(|_| Invalid::new("\"advance_seconds\" is zero or more"))?;
    controlled.clock.advance(by);
    Ok(Json(json!({ "now": controlled.clock.now().to_rfc3339() })))
}

async fn counts(Shared(controlled): Shared<Controlled>) -> Json<Value> {
    Json(json!({ "clearsale": counted(&controlled.clearsale) }))
}

fn counted(clearsale: &ClearsaleControl) -> Value {
    let requests: Map<_, _> = Operation::ALL
        .iter()
        .map(|&operation| (operation.name().to_owned(), clearsale.requests(operation).into()))
        .collect();
    json!({ "requests": requests, "logins": clearsale.logins(), "paid": clearsale.paid_calls() })
}

async fn order_fault(
    Shared(controlled): Shared<Controlled>,
    body: Body<FaultOrder>,
) -> Result<Json<Value>, Refused> {
    let order = body?.0;
    if order.vendor != clearsale::VENDOR {
        return Err(Invalid::new("\"vendor\" is clearsale").into());
    }
    let clearsale = &controlled.clearsale;
    // Read to the end before anything is set: an order is taken whole or not at all.
    let fault = order.fault(Operation::named)?;
    if let Some(duplicate) = order.duplicate_webhooks {
        clearsale.duplicate_webhooks(duplicate);
    }
    if let Some(fault) = fault {
        clearsale.fault(fault);
    }
    Ok(Json(json!({ "waiting_faults": clearsale.waiting_faults() })))
}

async fn clear_faults(Shared(controlled): Shared<Controlled>) -> StatusCode {
    controlled.clearsale.clear_faults();
    StatusCode::NO_CONTENT
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

async fn webhooks(Shared(controlled): Shared<Controlled>) -> Json<Value> {
    let deliveries: Vec<_> = controlled.clearsale.deliveries().iter().map(delivery).collect();
    Json(json!({ "deliveries": deliveries }))
}

fn delivery(delivery: &Delivery) -> Value {
    let attempt =
        |attempt: &Attempt| json!({ "at": attempt.at.to_rfc3339(), "http_status": attempt.http_status });
    json!({
        "vendor": delivery.vendor,
        "reference": delivery.reference,
        "event": delivery.event,
        "duplicate": delivery.duplicate,
        "state": delivery.state.name(),
        "attempts": delivery.attempts.iter().map(attempt).collect::<Vec<_>>(),
    })
}

async fn expire_tokens(Shared(controlled): Shared<Controlled>) -> StatusCode {
    controlled.clearsale.expire_tokens();
    StatusCode::NO_CONTENT
}
