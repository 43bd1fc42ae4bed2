//! The API that lists the events sent and resends them.

use std::time::Duration;

use axum::http::StatusCode;
use kyc_core::{DateTime, Timestamp};
use serde_json::{Value, json};

use super::BanklyControl;
use super::dates::sevenths;
use super::errors::{invalid, missing, refusal};
use super::request::Request;
use super::webhook::CONTEXT;
use crate::reply::Reply;
use crate::webhooks::{DeliveryState, Record};

const DAY: Duration = Duration::from_secs(24 * 3600);
const STATES: &[&str] = &["Success", "Failed", "Hold"];

impl BanklyControl {
    pub(super) fn messages(&self, request: &Request) -> Result<Reply, Reply> {
        let (from, until) = (bound(request, "startDate")?.start(), bound(request, "endDate")?.end());
        if until <= from {
            return Err(invalid("endDate", "The endDate is before the startDate."));
        }
        let state = request.query().one("state");
        if state.is_some_and(|state| !STATES.contains(&state)) {
            return Err(invalid("state", "The state is Success, Failed or Hold."));
        }
        let name = request.query().one("eventName");
        let elsewhere = request.query().one("context").is_some_and(|context| context != CONTEXT);
        let (page, size) = request.page()?;
        let records = self.sender.records();
        let wanted = records.iter().filter(|message| {
            !elsewhere
                && !message.duplicate
                && (from..until).contains(&message.created)
                && state.is_none_or(|state| state == state_of(message))
                && name.is_none_or(|name| name == message.event.name)
        });
        let listed: Vec<_> = wanted.skip((page - 1) * size).take(size).map(json_of).collect();
        Ok(Reply::json(StatusCode::OK, &json!({ "data": listed, "links": null, "meta": null })))
    }

    pub(super) fn resend_message(&self, request: &Request) -> Result<Reply, Reply> {
        let again = self.sender.resend(&request.id);
        if again.is_empty() {
            return Err(refusal(StatusCode::NOT_FOUND, "there is no message with that key"));
        }
        let data: Vec<_> = again.iter().map(json_of).collect();
        Ok(Reply::json(StatusCode::ACCEPTED, &json!({ "data": data, "links": null, "meta": null })))
    }
}

/// One end of a period.
enum Bound {
    Day(Timestamp),
    Instant(Timestamp),
}

impl Bound {
    fn start(self) -> Timestamp {
        match self {
            Self::Day(start) | Self::Instant(start) => start,
        }
    }

    /// The first instant after it: a day counts as a whole.
    fn end(self) -> Timestamp {
        match self {
            Self::Day(start) => start.saturating_add(DAY),
            Self::Instant(instant) => instant.saturating_add(Duration::from_nanos(1)),
        }
    }
}

/// Reads the three documented forms: `yyyy-mm-dd`, `mm/dd/yyyy`, and date and time, in UTC unless there is an offset.
fn bound(request: &Request, name: &str) -> Result<Bound, Reply> {
    let text = request.query().one(name).ok_or_else(|| missing(name))?;
    let day = |text: &str| Timestamp::parse(&format!("{text}T00:00:00Z")).ok().map(Bound::Day);
    let american = || match text.split('/').collect::<Vec<_>>()[..] {
        [month, day_of_month, year] => day(&format!("{year}-{month}-{day_of_month}")),
        _ => None,
    };
    let instant = || DateTime::parse(text).ok().map(|moment| Bound::Instant(moment.assume_utc()));
    day(text).or_else(american).or_else(instant).ok_or_else(|| {
        let what = format!("The field {name} must be a day as yyyy-mm-dd or mm/dd/yyyy, or a date and time.");
        invalid(name, what)
    })
}

fn state_of(message: &Record) -> &'static str {
    match message.state {
        DeliveryState::Delivered => "Success",
        DeliveryState::GivenUp => "Failed",
        DeliveryState::Pending => "Hold",
    }
}

fn json_of(message: &Record) -> Value {
    let sent = message.attempts.last().map_or(message.created, |attempt| attempt.at);
    json!({
        "id": message.id.to_string(),
        "idempotencyKey": message.event.reference,
        "state": state_of(message),
        "destination": message.endpoint.uri,
        "sentDate": sevenths(sent),
        "eventName": message.event.name,
        "retryCount": message.attempts.len().saturating_sub(1),
        "elapsedEventCapture": "00:00:00.1016841",
        "elapsedHttpCall": "00:00:00.4783374",
        "context": CONTEXT,
    })
}
