//! The control routes: what a test in another language, or a person with curl, moves the sandbox by.

mod bankly;
mod cellere;
mod certiface;
mod clearsale;

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
use serde_json::{Value, json};

use crate::bankly::BanklyControl;
use crate::cellere::CellereControl;
use crate::certiface::CertifaceControl;
use crate::clearsale::ClearsaleControl;
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
    "POST /_sandbox/webhooks/certiface {\"completion_url\": \"http://127.0.0.1:8080/\", \"status_url\": \"http://127.0.0.1:8080/status\"}",
    "POST /_sandbox/certiface/status-update {\"protocolo\": \"202600100001\", \"cpf\": \"00011122233\"}",
    "POST /_sandbox/certiface/liveness-3d {\"provider\": \"iproov\"}",
    "POST /_sandbox/certiface/expire-credentials",
    "GET /_sandbox/certiface/appkeys",
    "POST /_sandbox/webhooks/bankly-kyc {\"url\": \"http://127.0.0.1:8080/\", \"private_key\": \"dGVzdGU=\", \"public_key\": \"cHVibGlj\"}",
    "POST /_sandbox/bankly-kyc/settings {\"analysis_seconds\": 3, \"rate_limit\": true, \"reorder_webhooks\": false, \"key_reading\": \"decoded\"}",
    "POST /_sandbox/bankly-kyc/resend {\"idempotency_key\": \"d3a2e330-b42b-46b7-ae8e-f0942b5271fd\"}",
    "POST /_sandbox/bankly-kyc/expire-tokens",
    "POST /_sandbox/cellere-portal/credits {\"credits\": 0}",
];

#[derive(Clone, Debug)]
pub(crate) struct Controlled {
    pub(crate) url: String,
    pub(crate) clock: VirtualClock,
    pub(crate) bankly_tls_url: Option<String>,
    pub(crate) bankly: Arc<BanklyControl>,
    pub(crate) cellere: Arc<CellereControl>,
    pub(crate) certiface: Arc<CertifaceControl>,
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
        .merge(bankly::routes())
        .merge(cellere::routes())
        .merge(certiface::routes())
        .merge(clearsale::routes())
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
    Json(json!({
        "help": HELP,
        "now": controlled.clock.now().to_rfc3339(),
        "vendors": {
            "bankly-kyc": bankly::summary(&controlled),
            "cellere-portal": cellere::summary(&controlled),
            "certiface": certiface::summary(&controlled),
            "clearsale": clearsale::summary(&controlled),
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
    Json(json!({
        "bankly-kyc": bankly::counts(&controlled.bankly),
        "cellere-portal": cellere::counts(&controlled.cellere),
        "certiface": certiface::counts(&controlled.certiface),
        "clearsale": clearsale::counts(&controlled.clearsale),
    }))
}

async fn order_fault(
    Shared(controlled): Shared<Controlled>,
    body: Body<FaultOrder>,
) -> Result<Json<Value>, Refused> {
    let order = body?.0;
    let waiting = match order.vendor.as_str() {
        crate::bankly::VENDOR => bankly::order_fault(&controlled.bankly, &order)?,
        crate::cellere::VENDOR => cellere::order_fault(&controlled.cellere, &order)?,
        crate::certiface::VENDOR => certiface::order_fault(&controlled.certiface, &order)?,
        crate::clearsale::VENDOR => clearsale::order_fault(&controlled.clearsale, &order)?,
        _ => {
            return Err(
                Invalid::new("\"vendor\" is bankly-kyc, cellere-portal, certiface or clearsale").into()
            );
        }
    };
    Ok(Json(json!({ "waiting_faults": waiting })))
}

async fn clear_faults(Shared(controlled): Shared<Controlled>) -> StatusCode {
    controlled.bankly.clear_faults();
    controlled.cellere.clear_faults();
    controlled.certiface.clear_faults();
    controlled.clearsale.clear_faults();
    StatusCode::NO_CONTENT
}

async fn webhooks(Shared(controlled): Shared<Controlled>) -> Json<Value> {
    let mut deliveries = controlled.bankly.deliveries();
    deliveries.extend(controlled.certiface.deliveries());
    deliveries.extend(controlled.clearsale.deliveries());
    let deliveries: Vec<_> = deliveries.iter().map(delivery).collect();
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
