//! The control routes of scenarios and triggers.

use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use kyc_core::ValidationError;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{Body, ControlContext, ControlError};
use crate::outcomes::{self, Outcome, Triggered};
use crate::sandbox::Sandbox;
use crate::scenario::{self, Scenario};

pub(crate) const HELP: &[&str] = &[
    "GET /_sandbox/scenario",
    "POST /_sandbox/scenario {\"vendor\": \"KEY\", \"outcome\": \"NAME\", \"operation\": \"NAME\", \"cpf\": \"52998224725\", \"reason\": \"TEXT\", \"delay_seconds\": 30}",
    "DELETE /_sandbox/scenario",
    "GET /_sandbox/trigger",
    "POST /_sandbox/trigger {\"vendor\": \"KEY\", \"outcome\": \"NAME\", \"cpf\": \"52998224725\", \"now\": true}",
];

pub(crate) fn routes() -> Router<ControlContext> {
    Router::new()
        .route("/_sandbox/scenario", get(list).post(set).delete(clear))
        .route("/_sandbox/trigger", get(triggers).post(trigger))
}

/// The fields that both routes have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requested {
    vendor: String,
    outcome: String,
    operation: Option<String>,
    cpf: Option<String>,
    reason: Option<String>,
    delay_seconds: Option<f64>,
    /// Whether what is triggered is decided at once if no delay is given.
    now: Option<bool>,
}

impl Requested {
    fn scenario(self) -> Result<Scenario, ValidationError> {
        let Self { vendor, outcome, operation, cpf, reason, delay_seconds, now: _ } = self;
        let delay = delay_seconds.map(Duration::try_from_secs_f64).transpose();
        let delay = delay.map_err(|_| ValidationError::new("\"delay_seconds\" must be zero or more"))?;
        Ok(Scenario { vendor, outcome, operation, cpf, reason, delay })
    }
}

/// Answers with the scenario as it was set.
async fn set(
    Shared(context): Shared<ControlContext>,
    body: Body<Requested>,
) -> Result<Json<Value>, ControlError> {
    let requested = body?.0;
    if requested.now.is_some() {
        return Err(ValidationError::new("\"now\" must be absent: it is for triggers").into());
    }
    let set = scenario::set(&context.vendors, requested.scenario()?)?;
    Ok(Json(shown(&set)))
}

async fn list(Shared(context): Shared<ControlContext>) -> Json<Value> {
    let set: Vec<_> = scenario::list(&context.vendors).iter().map(shown).collect();
    let outcomes: Vec<_> = Sandbox::outcomes().iter().map(described).collect();
    Json(json!({ "scenarios": set, "outcomes": outcomes }))
}

async fn clear(Shared(context): Shared<ControlContext>) -> StatusCode {
    scenario::clear(&context.vendors);
    StatusCode::NO_CONTENT
}

fn shown(scenario: &Scenario) -> Value {
    let Scenario { vendor, outcome, operation, cpf, reason, delay } = scenario;
    json!({
        "vendor": vendor,
        "outcome": outcome,
        "operation": operation,
        "cpf": cpf,
        "reason": reason,
        "delay_seconds": delay.map(|delay| delay.as_secs_f64()),
    })
}

fn described(outcome: &Outcome) -> Value {
    let Outcome { vendor, name, what, operations, has_reason, can_be_triggered } = *outcome;
    json!({
        "vendor": vendor,
        "outcome": name,
        "what": what,
        "operations": operations,
        "has_reason": has_reason,
        "can_be_triggered": can_be_triggered,
    })
}

async fn triggers() -> Json<Value> {
    let all = Sandbox::outcomes();
    let listed: Vec<_> = all.iter().filter(|outcome| outcome.can_be_triggered).map(described).collect();
    Json(json!({ "outcomes": listed }))
}

async fn trigger(
    Shared(context): Shared<ControlContext>,
    body: Body<Requested>,
) -> Result<Json<Value>, ControlError> {
    let requested = body?.0;
    let delay = requested.now.unwrap_or(true).then_some(Duration::ZERO);
    let triggered = outcomes::trigger(&context.vendors, requested.scenario()?, delay)?;
    let Triggered { reference, cpf, due_in } = triggered;
    Ok(Json(json!({ "reference": reference, "cpf": cpf, "due_in_seconds": due_in.as_secs_f64() })))
}
