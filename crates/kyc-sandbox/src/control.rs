//! The control routes, for tests in other languages and for curl.

mod bankly;
mod cellere;
mod certiface;
mod clearsale;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kyc_core::{Clock as _, ValidationError, VirtualClock};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::counters::Counters;
use crate::faults::FaultRequest;
use crate::webhooks::{Attempt, Delivery};

/// The routes that are not specific to a vendor.
const HELP: &[&str] = &[
    "GET /_sandbox/",
    "POST /_sandbox/clock {\"advance_seconds\": 60}",
    "GET /_sandbox/counts",
    "POST /_sandbox/faults {\"vendor\": \"clearsale\", \"operation\": \"match2d-2d\", \"kind\": \"status\", \"status\": 429, \"retry_after_seconds\": 2}",
    "DELETE /_sandbox/faults",
    "GET /_sandbox/webhooks",
];

#[derive(Clone, Debug)]
pub(crate) struct ControlContext {
    pub(crate) url: String,
    pub(crate) clock: VirtualClock,
    pub(crate) bankly_tls_url: Option<String>,
    /// Sorted by name.
    pub(crate) vendors: Vec<Arc<dyn ControlledVendor>>,
}

/// A vendor, as the control routes see it.
pub(crate) trait ControlledVendor: fmt::Debug + Send + Sync {
    fn counters(&self) -> &Counters;

    /// The vendor's own routes.
    fn routes(self: Arc<Self>) -> Router;

    /// One line for each of those routes, with an example of its body.
    fn help(&self) -> &'static [&'static str];

    /// What a client needs, and the current state.
    fn summary(&self, context: &ControlContext) -> Value;

    /// Counts other than requests and paid calls.
    fn counts(&self) -> Value {
        json!({})
    }

    fn clear_faults(&self);

    fn duplicate_webhooks(&self, _duplicate: bool) -> Result<(), ValidationError> {
        Err(ValidationError::new("\"duplicate_webhooks\" is not supported: this vendor has no webhooks"))
    }

    fn deliveries(&self) -> Vec<Delivery> {
        Vec::new()
    }
}

pub(crate) fn routes(context: ControlContext) -> Router {
    let vendors = context.vendors.clone();
    let shared = Router::new()
        .route("/_sandbox", get(summary))
        .route("/_sandbox/", get(summary))
        .route("/_sandbox/clock", post(advance))
        .route("/_sandbox/counts", get(counts))
        .route("/_sandbox/faults", post(add_fault).delete(clear_faults))
        .route("/_sandbox/webhooks", get(webhooks))
        .with_state(context);
    vendors.into_iter().fold(shared, |router, vendor| router.merge(vendor.routes()))
}

impl ControlContext {
    /// One value for each vendor, by its name.
    fn each(&self, what: impl Fn(&dyn ControlledVendor) -> Value) -> Value {
        self.vendors.iter().map(|vendor| (vendor.counters().vendor, what(&**vendor))).collect()
    }
}

/// An error response of a control route.
struct ControlError(StatusCode, String);

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

impl From<JsonRejection> for ControlError {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), rejection.body_text())
    }
}

/// Reads the value of a field from its name.
fn parse<T: FromStr<Err = ValidationError>>(field: &str, name: &str) -> Result<T, ValidationError> {
    name.parse().map_err(|error| ValidationError::new(format!("\"{field}\" {error}")))
}

/// A JSON body with the JSON content type, which a web page cannot send to another site without a preflight request.
type Body<T> = Result<Json<T>, JsonRejection>;

async fn summary(Shared(context): Shared<ControlContext>) -> Json<Value> {
    Json(json!({
        "help": help(&context.vendors),
        "now": context.clock.now().to_rfc3339(),
        "vendors": context.each(|vendor| summary_of(vendor, &context)),
    }))
}

fn help(vendors: &[Arc<dyn ControlledVendor>]) -> Vec<&'static str> {
    let each = vendors.iter().flat_map(|vendor| vendor.help());
    HELP.iter().chain(each).copied().collect()
}

fn summary_of(vendor: &dyn ControlledVendor, context: &ControlContext) -> Value {
    let mut summary = vendor.summary(context);
    summary["operations"] = json!(vendor.counters().operations);
    summary["waiting_faults"] = vendor.counters().faults.waiting().into();
    summary["counts"] = counts_of(vendor);
    summary
}

fn counts_of(vendor: &dyn ControlledVendor) -> Value {
    let counters = vendor.counters();
    let mut counts = vendor.counts();
    counts["paid"] = counters.paid().into();
    counts["requests"] = counters.operations.iter().map(|&name| (name, counters.of(name).requests)).collect();
    counts
}

/// The inputs that choose an outcome, under the name of their field.
fn listed(field: &str, inputs: impl Iterator<Item = (&'static str, &'static str)>) -> Vec<Value> {
    inputs.map(|(input, what)| json!({ field: input, "what": what })).collect()
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

async fn add_fault(
    Shared(context): Shared<ControlContext>,
    body: Body<FaultRequest>,
) -> Result<Json<Value>, ControlError> {
    let request = body?.0;
    let mut vendors = context.vendors.iter();
    let Some(vendor) = vendors.find(|vendor| vendor.counters().vendor == request.vendor) else {
        let names: Vec<_> = context.vendors.iter().map(|vendor| vendor.counters().vendor).collect();
        let error = format!("\"vendor\" must be one of {}", names.join(", "));
        return Err(ControlError(StatusCode::BAD_REQUEST, error));
    };
    let Counters { operations, faults, .. } = vendor.counters();
    // Validates the whole request before anything is set, so that it takes effect entirely or not at all.
    let fault = request.fault(operations)?;
    if let Some(duplicate) = request.duplicate_webhooks {
        vendor.duplicate_webhooks(duplicate)?;
    }
    if let Some(fault) = fault {
        faults.push(fault);
    }
    Ok(Json(json!({ "waiting_faults": faults.waiting() })))
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
