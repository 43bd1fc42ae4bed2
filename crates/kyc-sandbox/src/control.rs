//! The control routes, for tests in other languages and for curl.

mod guard;
mod requests;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kyc_core::{Clock as _, ValidationError, VirtualClock};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api;
use crate::client_config::ClientConfig;
use crate::console;
use crate::faces::Eyes;
use crate::faults::{FaultRequest, MAX_FAULTS};
use crate::ids::Ids;
use crate::outcomes::chosen;
use crate::receivers;
use crate::requests::RequestLog;
use crate::scenario_routes;
use crate::vendor::{SandboxVendor, TestInput, VendorInfo};
use crate::webhooks::{Attempt, Delivery};

/// The routes that are not specific to a vendor.
const HELP: &[&str] = &[
    "GET /_sandbox/",
    "GET /_sandbox/health",
    "GET /_sandbox/requests?vendor=KEY&operation=NAME&status=404&since=NUMBER&limit=100",
    "POST /_sandbox/reset",
    "GET /_sandbox/clock",
    "POST /_sandbox/clock {\"advance_seconds\": 60}",
    "GET /_sandbox/counts",
    "POST /_sandbox/faults {\"vendor\": \"KEY\", \"operation\": \"any\", \"kind\": \"status\", \"status\": 429, \"retry_after_seconds\": 2}",
    "GET /_sandbox/faults",
    "DELETE /_sandbox/faults",
    "GET /_sandbox/webhooks",
    "POST /_sandbox/webhooks {\"root\": \"http://127.0.0.1:8760\"}",
];

#[derive(Clone, Debug)]
pub(crate) struct ControlContext {
    pub(crate) url: String,
    pub(crate) clock: VirtualClock,
    pub(crate) vendors: Vec<Arc<dyn SandboxVendor>>,
    pub(crate) loopback_only: bool,
    pub(crate) requests: RequestLog,
    pub(crate) ids: Arc<Ids>,
    pub(crate) eyes: Eyes,
}

pub(crate) fn routes(context: ControlContext) -> Router {
    let (vendors, loopback_only) = (context.vendors.clone(), context.loopback_only);
    let shared = Router::new()
        .route("/_sandbox", get(summary))
        .route("/_sandbox/", get(summary))
        .route("/_sandbox/health", get(health))
        .route("/_sandbox/requests", get(requests::requests))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/clock", get(clock).post(advance))
        .route("/_sandbox/counts", get(counts))
        .route("/_sandbox/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_sandbox/webhooks", get(webhooks).post(send_webhooks))
        .route("/_sandbox/openapi/{file}", get(crate::openapi::document))
        .merge(scenario_routes::routes())
        .with_state(context.clone());
    let refuse = |status, reason: &str| ControlError(status, reason.to_owned()).into_response();
    let complete = |routes| api::limit_bodies(api::refuse_unknown(routes, refuse), refuse);
    let all = vendors.into_iter().fold(complete(shared), |router, vendor| {
        router.nest(&format!("/_sandbox/{}", vendor.facts().key), complete(vendor.control()))
    });
    let pages = api::limit_bodies(console::routes(context), refuse);
    all.merge(pages).layer(from_fn(move |request, next| guard::admit(loopback_only, request, next)))
}

impl ControlContext {
    /// One value for each vendor, by its key.
    fn each(&self, what: impl Fn(&dyn SandboxVendor) -> Value) -> Value {
        self.vendors.iter().map(|vendor| (vendor.facts().key, what(&**vendor))).collect()
    }

    /// Queues a fault, and returns its vendor.
    pub(crate) fn queue_fault(&self, request: &FaultRequest) -> Result<&dyn SandboxVendor, ControlError> {
        let vendors: Vec<_> = self.vendors.iter().map(|vendor| (vendor.facts().key, &**vendor)).collect();
        let vendor = chosen("vendor", &vendors, &request.vendor)?;
        let counters = vendor.counters();
        // Validates the whole request before anything is set, so that it takes effect entirely or not at all.
        let fault = request.fault(counters.operations())?;
        if fault.is_some() && counters.faults.is_full() {
            return Err(full());
        }
        if let Some(duplicate) = request.duplicate_webhooks {
            vendor.duplicate_webhooks(duplicate)?;
        }
        if fault.is_some_and(|fault| !counters.faults.push(fault)) {
            return Err(full());
        }
        Ok(vendor)
    }

    /// Makes everything that of the start, except the clock.
    pub(crate) fn reset(&self) {
        for vendor in &self.vendors {
            vendor.clear_faults();
            vendor.counters().reset();
            vendor.scenarios().clear();
            vendor.reset();
        }
        self.ids.reset();
        self.eyes.forget();
        self.requests.clear();
    }
}

/// An error response of a control route.
pub(crate) struct ControlError(pub(crate) StatusCode, pub(crate) String);

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<ValidationError> for ControlError {
    fn from(invalid: ValidationError) -> Self {
        Self(StatusCode::BAD_REQUEST, invalid.to_string())
    }
}

/// For a page that shows the text only.
impl From<ControlError> for ValidationError {
    fn from(ControlError(_, text): ControlError) -> Self {
        Self::new(text)
    }
}

impl From<JsonRejection> for ControlError {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

/// Reads the value of a field from its name.
pub(crate) fn parse<T: FromStr<Err = ValidationError>>(
    field: &str,
    name: &str,
) -> Result<T, ValidationError> {
    name.parse()
        .map_err(|error: ValidationError| ValidationError::new(format!("\"{field}\" {}", error.rule())))
}

/// A JSON body with the JSON content type, which a web page cannot send to another site without a preflight request.
pub(crate) type Body<T> = Result<Json<T>, JsonRejection>;

async fn summary(Shared(context): Shared<ControlContext>) -> Json<Value> {
    Json(json!({
        "help": help(&context.vendors),
        "now": context.clock.now().to_rfc3339(),
        "vendors": context.each(|vendor| summary_of(vendor, &context)),
    }))
}

fn help(vendors: &[Arc<dyn SandboxVendor>]) -> Vec<&'static str> {
    let each = vendors.iter().flat_map(|vendor| vendor.help());
    HELP.iter().chain(scenario_routes::HELP).chain(each).copied().collect()
}

fn summary_of(vendor: &dyn SandboxVendor, context: &ControlContext) -> Value {
    let VendorInfo { id, title, url, client_config, test_inputs, notes, .. } =
        VendorInfo::of(vendor, &context.url);
    let input = |test: &TestInput| json!({ (test.kind): test.value, "what": test.what });
    json!({
        "id": id,
        "title": title,
        "url": url,
        "openapi": format!("{}/_sandbox/openapi/{}.json", context.url, vendor.facts().key),
        "client_config": client_config,
        "test_inputs": test_inputs.iter().map(input).collect::<Vec<_>>(),
        "notes": notes,
        "operations": vendor.counters().operations().collect::<Vec<_>>(),
        "waiting_faults": vendor.counters().faults.waiting(),
        "counts": counts_of(vendor),
        "dropped": vendor.counters().dropped.count(),
        "state": vendor.state(),
    })
}

fn counts_of(vendor: &dyn SandboxVendor) -> Value {
    let counters = vendor.counters();
    let mut counts = vendor.counts();
    counts["paid"] = counters.paid().into();
    counts["requests"] = counters.operations().map(|name| (name, counters.of(name).requests)).collect();
    counts
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

async fn reset(Shared(context): Shared<ControlContext>) -> StatusCode {
    context.reset();
    StatusCode::NO_CONTENT
}

async fn clock(Shared(context): Shared<ControlContext>) -> Json<Value> {
    let state = if context.clock.is_frozen() { "frozen" } else { "running" };
    Json(json!({ "now": context.clock.now().to_rfc3339(), "state": state }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: f64,
}

async fn advance(
    Shared(context): Shared<ControlContext>,
    body: Body<Advance>,
) -> Result<Json<Value>, ControlError> {
    let by = Duration::try_from_secs_f64(body?.advance_seconds)
        .map_err(|_| ValidationError::new("\"advance_seconds\" must be zero or more"))?;
    context.clock.advance(by);
    Ok(Json(json!({ "now": context.clock.now().to_rfc3339() })))
}

async fn counts(Shared(context): Shared<ControlContext>) -> Json<Value> {
    Json(context.each(counts_of))
}

async fn faults(Shared(context): Shared<ControlContext>) -> Json<Value> {
    let queued = |vendor: &Arc<dyn SandboxVendor>| {
        let key = vendor.facts().key;
        vendor.counters().faults.listed().into_iter().map(move |fault| fault.described(key))
    };
    Json(json!({ "faults": context.vendors.iter().flat_map(queued).collect::<Vec<_>>() }))
}

async fn add_fault(
    Shared(context): Shared<ControlContext>,
    body: Body<FaultRequest>,
) -> Result<Json<Value>, ControlError> {
    let vendor = context.queue_fault(&body?.0)?;
    Ok(Json(json!({ "waiting_faults": vendor.counters().faults.waiting() })))
}

fn full() -> ControlError {
    let rule = format!("{MAX_FAULTS} faults are queued already: let requests take some, or delete them");
    ControlError(StatusCode::CONFLICT, rule)
}

async fn clear_faults(Shared(context): Shared<ControlContext>) -> StatusCode {
    context.vendors.iter().for_each(|vendor| vendor.clear_faults());
    StatusCode::NO_CONTENT
}

async fn webhooks(Shared(context): Shared<ControlContext>) -> Json<Value> {
    let deliveries = context.vendors.iter().flat_map(|vendor| vendor.deliveries());
    let deliveries: Vec<_> = deliveries.map(|one| delivery(&one)).collect();
    Json(json!({ "deliveries": deliveries }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Root {
    root: String,
}

/// Answers with the settings of the receivers twice: as lines of environment variables, and by table.
async fn send_webhooks(
    Shared(context): Shared<ControlContext>,
    body: Body<Root>,
) -> Result<Json<Value>, ControlError> {
    let tables = receivers::send_webhooks_to(&context.vendors, &body?.root, context.loopback_only)?;
    let variables = tables.iter().flat_map(ClientConfig::env_vars);
    let env: Vec<_> = variables.map(|(name, value)| format!("{name}={value}")).collect();
    let config: Value = tables.iter().map(|table| (table.table(), json!(table))).collect();
    Ok(Json(json!({ "env": env, "config": config })))
}

fn delivery(delivery: &Delivery) -> Value {
    let attempt =
        |attempt: &Attempt| json!({ "at": attempt.at.to_rfc3339(), "http_status": attempt.http_status });
    json!({
        "vendor": delivery.vendor,
        "reference": delivery.reference,
        "event": delivery.event,
        "duplicate": delivery.duplicate,
        "state": delivery.state.as_str(),
        "attempts": delivery.attempts.iter().map(attempt).collect::<Vec<_>>(),
    })
}
