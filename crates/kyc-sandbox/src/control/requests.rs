//! `GET /_sandbox/requests`: the log of the requests.

use std::str::FromStr;

use axum::Json;
use axum::extract::{RawQuery, State as Shared};
use kyc_core::ValidationError;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{ControlContext, ControlError};
use crate::outcomes::chosen;
use crate::requests::{MAX_RECORDS, RequestFilter, StatusFilter};

const PARAMETERS: &str = "vendor, operation, status, since, limit";

/// What the query asks for.
#[derive(Debug, Default)]
struct Wanted {
    filter: RequestFilter,
    limit: Option<usize>,
}

pub(super) async fn requests(
    Shared(context): Shared<ControlContext>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, ControlError> {
    let Wanted { filter, limit } = wanted(&context, query.as_deref().unwrap_or_default())?;
    let log = &context.requests;
    let requests = log.newest(&filter, limit.unwrap_or(MAX_RECORDS).min(MAX_RECORDS));
    Ok(Json(json!({ "requests": requests, "total": log.total(), "dropped": log.dropped() })))
}

fn wanted(context: &ControlContext, query: &str) -> Result<Wanted, ValidationError> {
    let mut wanted = Wanted::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let filter = &mut wanted.filter;
        let is_repeated = match &*name {
            "vendor" => filter.vendor.replace(vendor(context, &value)?).is_some(),
            "operation" => filter.operation.replace(operation(context, &value)?).is_some(),
            "status" => filter.status.replace(status(&value)?).is_some(),
            "since" => filter.since.replace(number("since", &value)?).is_some(),
            "limit" => wanted.limit.replace(number("limit", &value)?).is_some(),
            name => {
                let text = format!("\"{name}\" is not a parameter: they are {PARAMETERS}");
                return Err(ValidationError::new(text));
            }
        };
        if is_repeated {
            return Err(ValidationError::new(format!("\"{name}\" is there twice")));
        }
    }
    Ok(wanted)
}

fn vendor(context: &ControlContext, key: &str) -> Result<String, ValidationError> {
    let keys: Vec<_> = context.vendors.iter().map(|vendor| (vendor.facts().key, ())).collect();
    chosen("vendor", &keys, key).map(|()| key.to_owned())
}

fn operation(context: &ControlContext, name: &str) -> Result<String, ValidationError> {
    let mut known = context.vendors.iter().flat_map(|vendor| vendor.counters().operations());
    match known.any(|operation| operation == name) {
        true => Ok(name.to_owned()),
        false => Err(ValidationError::new("\"operation\" is not an operation of any vendor")),
    }
}

fn status(text: &str) -> Result<StatusFilter, ValidationError> {
    match text.parse() {
        Ok(status @ 100..=999) => Ok(StatusFilter::Is(status)),
        _ if text == "closed" => Ok(StatusFilter::Closed),
        _ => Err(ValidationError::new("\"status\" must be an HTTP status or closed")),
    }
}

fn number<T: FromStr>(field: &str, text: &str) -> Result<T, ValidationError> {
    text.parse().map_err(|_| ValidationError::new(format!("\"{field}\" must be a number, zero or more")))
}
