//! Face comparison: the request, its transaction and the query.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kyc_core::{Clock as _, Cpf, Media, MediaFormat, Timestamp};
use kyc_fixtures::clearsale_facematch as documented;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::verdict::{Decision, MatchState};
use super::{CLIENT_ID, ClearsaleControl, Operation, errors, fields};
use crate::faces::Comparison;
use crate::newest;
use crate::reply::Reply;
use crate::tasks::OwnedTask;
use crate::transaction;
use crate::webhooks::{Event, FirstAttempt};

const NO_TOKEN: &str = "the bearer token is missing, unknown or expired";

/// A comparison that was started.
pub(super) struct Transaction {
    request: MatchRequest,
    decision: Decision,
    created: Timestamp,
    decided_at: Timestamp,
    /// Whether the webhook for the decision was sent.
    announced: bool,
    /// The next event waits for this one.
    last_event: FirstAttempt,
    /// Settles it when it is due.
    _task: OwnedTask,
}

/// A valid request.
pub(super) struct MatchRequest {
    pub(super) identifier_id: Option<String>,
    pub(super) cpf: Option<String>,
    pub(super) min_match_level: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    created_date: String,
    status: &'static str,
    pub(super) transaction_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Queried<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpf: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confiability: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_match: Option<bool>,
    transaction_id: String,
    transaction_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<[&'a str; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notified<'a> {
    client_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identifier_id: Option<&'a str>,
    #[serde(rename = "cPF", skip_serializing_if = "Option::is_none")]
    cpf: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confiability: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_match: Option<bool>,
    /// Without dashes, unlike in every other payload.
    transaction_id: String,
    transaction_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<[&'a str; 1]>,
}

impl Transaction {
    fn state_at(&self, now: Timestamp) -> MatchState<'_> {
        match now < self.decided_at {
            true => MatchState::PROCESSING,
            false => self.decision.state(self.request.min_match_level),
        }
    }

    pub(super) fn describe(&self, id: Uuid, now: Timestamp) -> transaction::Transaction {
        transaction::Transaction {
            reference: id.to_string(),
            operation: Operation::Match.name(),
            cpf: self.request.cpf.clone(),
            state: self.state_at(now).status.to_owned(),
            created: self.created,
            decided: Some(self.decided_at),
        }
    }

    fn queried(&self, id: Uuid, now: Timestamp) -> Reply {
        let MatchState { status, confiability, is_match, message, errors } = self.state_at(now);
        let queried = Queried {
            identifier_id: self.request.identifier_id.as_deref(),
            cpf: self.request.cpf.as_deref(),
            confiability,
            is_match,
            transaction_id: id.to_string(),
            transaction_status: status,
            message,
            errors,
        };
        let seen = self.decision.seen.filter(|_| now >= self.decided_at);
        Reply::json(StatusCode::OK, &queried).simulated(seen)
    }

    fn event(&self, id: Uuid, match_state: MatchState<'_>) -> Event {
        let MatchState { status, confiability, is_match, message, errors } = match_state;
        let body = Notified {
            client_id: CLIENT_ID,
            identifier_id: self.request.identifier_id.as_deref(),
            cpf: self.request.cpf.as_deref(),
            confiability,
            is_match,
            transaction_id: id.simple().to_string(),
            transaction_status: status,
            message,
            errors,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default().into();
        Event { reference: id.to_string(), name: status, body }
    }
}

impl ClearsaleControl {
    /// What the pictures show, if that decides the comparison.
    pub(super) async fn see(&self, headers: &HeaderMap, received: &Received) -> Option<Comparison> {
        let (request, [one, other]) = received.content.as_ref().ok()?;
        if !self.has_valid_token(headers) || self.is_decided(request.cpf.as_deref()) {
            return None;
        }
        self.eyes.compare(one, other).await
    }

    pub(super) fn submit(
        self: &Arc<Self>,
        headers: &HeaderMap,
        received: Received,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        if !self.has_valid_token(headers) {
            return Err(Reply::documented(&documented::MATCH_401).because(NO_TOKEN));
        }
        let (request, _) = received.content.map_err(|errors| {
            Reply::json(StatusCode::BAD_REQUEST, &Refusal::of(errors)).because(received.reason)
        })?;
        let cpf = request.cpf.clone();
        let perform = || self.perform(request, seen);
        self.scenarios.answered(Operation::Match.name(), cpf.as_deref(), errors::of_match, perform)
    }

    /// Starts the comparison of a valid request.
    fn perform(self: &Arc<Self>, request: MatchRequest, seen: Option<Comparison>) -> Result<Reply, Reply> {
        let decision = self.decision(request.cpf.as_deref(), seen);
        if decision.fails_once && self.fails_this_time(request.cpf.as_deref()) {
            let failed = Reply::documented(&documented::MATCH_500);
            return Err(failed.because("the test CPF or a scenario calls for it"));
        }
        let is_lost = decision.is_lost;
        let accepted = self.start(request, decision);
        Ok(if is_lost { Reply::Close } else { Reply::json(StatusCode::OK, &accepted) })
    }

    fn fails_this_time(&self, cpf: Option<&str>) -> bool {
        let failed = &mut self.lock().failed_last;
        let cpf = cpf.unwrap_or_default();
        let failed_last = failed.shift_remove(cpf).is_some();
        if !failed_last {
            newest::insert(failed, cpf.to_owned(), (), &self.counters.dropped);
        }
        !failed_last
    }

    /// Creates a transaction: counts it as paid, sends its first webhook and schedules its decision.
    pub(super) fn start(self: &Arc<Self>, request: MatchRequest, decision: Decision) -> Accepted {
        let created = self.clock.now();
        let decided_at = created.saturating_add(decision.delay);
        let id = self.ids.uuid();
        let vendor = Arc::clone(self);
        let settle = async move {
            vendor.clock.sleep_until(decided_at).await;
            vendor.settle(id);
        };
        // The lock is held over all of it, so that a receiver of the webhook can query the transaction.
        let mut state = self.lock();
        let task = self.tasks.spawn_owned(settle);
        self.counters.pay(Operation::Match.name(), request.cpf.as_deref());
        let mut transaction = Transaction {
            request,
            decision,
            created,
            decided_at,
            announced: false,
            last_event: None,
            _task: task,
        };
        let event = transaction.event(id, MatchState::PROCESSING);
        transaction.last_event = self.sender.send(state.webhook.clone(), &event, None);
        newest::insert(&mut state.transactions, id, transaction, &self.counters.dropped);
        Accepted { created_date: seven_digits(created), status: "Processing", transaction_id: id.to_string() }
    }

    /// Sends the webhook of a decision that is due, once. Called by the transaction's own task, and by a query that
    /// arrives before that task wakes.
    fn settle(&self, id: Uuid) {
        let now = self.clock.now();
        let state = &mut *self.lock();
        let Some(transaction) = state.transactions.get_mut(&id) else { return };
        if now < transaction.decided_at || transaction.announced {
            return;
        }
        transaction.announced = true;
        let event = transaction.event(id, transaction.state_at(now));
        let after = transaction.last_event.take();
        transaction.last_event = self.sender.send(state.webhook.clone(), &event, after);
    }

    pub(super) fn query(&self, headers: &HeaderMap, asked: &str) -> Result<Reply, Reply> {
        if !self.has_valid_token(headers) {
            return Err(errors::of_query(StatusCode::UNAUTHORIZED, asked).because(NO_TOKEN));
        }
        let unknown = || errors::of_query(StatusCode::NOT_FOUND, asked).because("no transaction has that id");
        // The parser also accepts braces and URNs, which this vendor does not use.
        let id = Uuid::try_parse(asked).ok().filter(|_| matches!(asked.len(), 32 | 36));
        let id = id.ok_or_else(unknown)?;
        self.settle(id);
        let state = self.lock();
        let transaction = state.transactions.get(&id).ok_or_else(unknown)?;
        let documented = |status| errors::of_query(status, asked);
        self.scenarios.answered(
            Operation::Query.name(),
            transaction.request.cpf.as_deref(),
            documented,
            || Ok(transaction.queried(id, self.clock.now())),
        )
    }
}

/// RFC 3339 with seven fraction digits and `+00:00`, as .NET formats it.
fn seven_digits(instant: Timestamp) -> String {
    let text = instant.to_rfc3339();
    let bare = text.trim_end_matches('Z');
    let (seconds, fraction) = bare.split_once('.').unwrap_or((bare, ""));
    format!("{seconds}.{fraction:0<7.7}+00:00")
}

/// The response to an invalid request, with its fields in the vendor's order.
#[derive(Serialize)]
struct Refusal {
    title: &'static str,
    status: u16,
    instance: &'static str,
    errors: Errors,
}

impl Refusal {
    fn of(errors: Errors) -> Self {
        Self {
            title: "One or more validation errors occurred.",
            // 422 in the body, although the HTTP status is 400.
            status: 422,
            instance: "/api/v2/Facematch/faces/match2d-2d",
            errors,
        }
    }
}

/// Error messages under the vendor's keys. The last two keys are not documented; their names follow the vendor's table
/// of fields.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Errors {
    #[serde(rename = "base64", skip_serializing_if = "Vec::is_empty")]
    images: Vec<&'static str>,
    #[serde(rename = "Document", skip_serializing_if = "Vec::is_empty")]
    cpf: Vec<&'static str>,
    #[serde(rename = "IdentifierID", skip_serializing_if = "Vec::is_empty")]
    identifier_id: Vec<&'static str>,
    #[serde(rename = "MinMatchLevel", skip_serializing_if = "Vec::is_empty")]
    min_match_level: Vec<&'static str>,
}

/// A request and its two pictures, or what is wrong with it.
pub(super) struct Received {
    content: Result<(MatchRequest, [Bytes; 2]), Errors>,
    /// Why it is refused, if it is.
    reason: &'static str,
}

impl Received {
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        // Without fields every required one is missing, and the vendor documents a response for that.
        let (fields, reason) = match fields(headers, body) {
            Ok(fields) => (fields, "a field is missing or not valid: see errors in the body"),
            Err(reason) => (Map::new(), reason),
        };
        Self { content: MatchRequest::read(&fields), reason }
    }
}

impl MatchRequest {
    fn read(fields: &Map<String, Value>) -> Result<(Self, [Bytes; 2]), Errors> {
        let mut errors = Errors::default();
        let images = ["image0", "image1"].map(|name| {
            let image = read_image(fields.get(name));
            image.map_err(|message| {
                if !errors.images.contains(&message) {
                    errors.images.push(message);
                }
            })
        });
        let cpf = read_cpf(given(fields, "cpf")).map_err(|message| errors.cpf.push(message));
        let identifier_id = read_identifier(given(fields, "identifierId"))
            .map_err(|message| errors.identifier_id.push(message));
        let min_match_level = read_level(given(fields, "minMatchLevel"))
            .map_err(|message| errors.min_match_level.push(message));
        match (images, cpf, identifier_id, min_match_level) {
            ([Ok(one), Ok(other)], Ok(cpf), Ok(identifier_id), Ok(min_match_level)) => {
                Ok((Self { identifier_id, cpf, min_match_level }, [one, other]))
            }
            _ => Err(errors),
        }
    }
}

/// A field that is neither absent nor null.
fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

fn read_image(value: Option<&Value>) -> Result<Bytes, &'static str> {
    let text = match value {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text,
        Some(_) => return Err("'base64' deve ser uma imagem em base64."),
    };
    if text.is_empty() {
        return Err("'base64' não pode ser nulo.");
    }
    let image = STANDARD.decode(text).ok().and_then(|bytes| Media::new(bytes).ok());
    let image = image.filter(|image| !matches!(image.format(), MediaFormat::Pdf | MediaFormat::Unknown));
    image.map(|image| image.bytes().clone()).ok_or("'base64' deve ser uma imagem em base64.")
}

/// Digits only, because the field has eleven characters.
fn read_cpf(value: Option<&Value>) -> Result<Option<String>, &'static str> {
    let Some(value) = value else { return Ok(None) };
    value
        .as_str()
        .filter(|text| text.len() == 11 && Cpf::parse(text).is_ok())
        .map(|text| Some(text.to_owned()))
        .ok_or("Document must be a valid CPF.")
}

fn read_identifier(value: Option<&Value>) -> Result<Option<String>, &'static str> {
    let Some(value) = value else { return Ok(None) };
    value
        .as_str()
        .filter(|text| text.chars().count() <= 100)
        .map(|text| Some(text.to_owned()))
        .ok_or("IdentifierID must be text of at most 100 characters.")
}

/// Text, as in the vendor's example, or a number, as in its table.
fn read_level(value: Option<&Value>) -> Result<u8, &'static str> {
    let Some(value) = value else { return Ok(1) };
    let level = match value {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64().and_then(|level| u8::try_from(level).ok()),
    };
    level.filter(|level| (1..=6).contains(level)).ok_or("MinMatchLevel must be between 1 and 6.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_fraction_digits_always() {
        for (instant, wanted) in [
            ("2023-03-09T17:33:23.469234299Z", "2023-03-09T17:33:23.4692342+00:00"),
            ("2023-03-09T17:33:23.4Z", "2023-03-09T17:33:23.4000000+00:00"),
            ("2023-03-09T17:33:23Z", "2023-03-09T17:33:23.0000000+00:00"),
        ] {
            assert_eq!(seven_digits(Timestamp::parse(instant).expect("an instant")), wanted);
        }
    }
}
