//! The lines about events: for people, and as JSON.

use std::time::Duration;

use kyc_core::{Clock as _, SystemClock, Timestamp};
use kyc_webhook::{EventId, EventInfo, Put, Receipt, ReceivedEvent, Refusal};
use serde::Serialize;

use crate::forward::Posted;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;
use crate::output;

/// One thing that happened.
pub(super) struct Line {
    at: Timestamp,
    source: Option<String>,
    event_type: Option<String>,
    id: Option<EventId>,
    is_final: Option<bool>,
    attempt: Option<u32>,
    what: What,
}

/// What became of a request or of an event.
pub(super) enum What {
    Stored,
    Duplicate {
        same_body: bool,
    },
    Unexpected,
    /// A request without events.
    Empty,
    Refused(Refusal),
    Forwarded(Posted),
    Retry(Posted, Duration),
    Dead(Posted),
}

/// A line in `--json`.
#[derive(Serialize)]
struct Object<'a> {
    line: &'static str,
    at: String,
    source: Option<&'a str>,
    r#type: Option<&'a str>,
    id: Option<EventId>,
    result: &'static str,
    reason: Option<String>,
    http_status: Option<u16>,
    r#final: Option<bool>,
    attempt: Option<u32>,
    retry_in_seconds: Option<f64>,
    simulated: bool,
}

impl Line {
    /// Returns a line for each event of a request, or one for a request without any.
    pub(super) fn received(receipt: &Receipt) -> Vec<Self> {
        let line = |event: Option<&ReceivedEvent>, what, id| Self {
            at: SystemClock.now(),
            source: receipt.source.map(str::to_owned),
            event_type: event.map(|event| event.event_type.to_owned()),
            id,
            is_final: event.map(|event| event.is_final),
            attempt: None,
            what,
        };
        let of_event = |event: &ReceivedEvent| {
            let (what, id) = match event.put {
                Put::Duplicate { id, same_body } => (What::Duplicate { same_body }, Some(id)),
                Put::Unexpected(id) => (What::Unexpected, Some(id)),
                Put::New(id) => (What::Stored, Some(id)),
                _ => (What::Stored, None),
            };
            line(Some(event), what, id)
        };
        match &receipt.outcome {
            kyc_webhook::Outcome::Accepted(events) if events.is_empty() => {
                vec![line(None, What::Empty, None)]
            }
            kyc_webhook::Outcome::Accepted(events) => events.iter().map(of_event).collect(),
            kyc_webhook::Outcome::Refused(refusal) => vec![line(None, What::Refused(refusal.clone()), None)],
            _ => Vec::new(),
        }
    }

    pub(super) fn forwarded(info: &EventInfo, what: What) -> Self {
        Self {
            at: SystemClock.now(),
            source: Some(info.source.clone()),
            event_type: Some(info.event_type.clone()),
            id: Some(info.id),
            is_final: Some(info.is_final),
            attempt: Some(info.attempts),
            what,
        }
    }

    /// Returns whether anybody on the network can make such lines.
    pub(super) fn is_cheap(&self) -> bool {
        matches!(self.what, What::Refused(_) | What::Unexpected | What::Empty | What::Duplicate { .. })
    }

    /// Prints the line. `width` is that of the names of webhooks with the types of their events.
    pub(super) fn print(&self, width: usize) -> std::io::Result<()> {
        let time: String = self.at.to_rfc3339().chars().skip(11).take(8).collect();
        let names = [&self.source, &self.event_type].map(|name| name.as_deref().unwrap_or_default());
        let name = names.join(" ");
        let (outcome, words) = self.what.words(text());
        output::event(&format!("{time}  {:<width$}  ", name.trim()), outcome, &words)
    }

    pub(super) fn json(&self, simulated: bool) -> std::io::Result<()> {
        output::json_line(&Object {
            line: "event",
            at: self.at.to_rfc3339(),
            source: self.source.as_deref(),
            r#type: self.event_type.as_deref(),
            id: self.id,
            result: self.what.name(),
            reason: self.what.reason(),
            http_status: self.what.http_status(),
            r#final: self.is_final,
            attempt: self.attempt,
            retry_in_seconds: match &self.what {
                What::Retry(_, pause) => Some(pause.as_secs_f64()),
                _ => None,
            },
            simulated,
        })
    }
}

impl What {
    fn name(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Duplicate { .. } => "duplicate",
            Self::Unexpected => "unexpected",
            Self::Empty => "empty",
            Self::Refused(_) => "refused",
            Self::Forwarded(_) => "forwarded",
            Self::Retry(..) => "retry",
            Self::Dead(_) => "dead",
        }
    }

    fn reason(&self) -> Option<String> {
        match self {
            Self::Duplicate { same_body: false } => Some("other_body".to_owned()),
            Self::Refused(refusal) => Some(refusal.reason().to_owned()),
            Self::Retry(posted, _) | Self::Dead(posted) => Some(posted.reason()),
            _ => None,
        }
    }

    fn http_status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status()),
            Self::Forwarded(posted) | Self::Retry(posted, _) | Self::Dead(posted) => posted.http_status(),
            _ => None,
        }
    }

    /// Returns the words, and the outcome that has their colour.
    fn words(&self, t: &Messages) -> (Outcome, String) {
        let words = &t.listen;
        match self {
            Self::Stored => (Outcome::Yes, words.stored.to_owned()),
            Self::Duplicate { same_body: true } => (Outcome::Unclear, words.duplicate.to_owned()),
            Self::Duplicate { same_body: false } => (Outcome::Unclear, words.other_body.to_owned()),
            Self::Unexpected => (Outcome::Unclear, words.unexpected.to_owned()),
            Self::Empty => (Outcome::Unclear, words.empty.to_owned()),
            Self::Refused(refusal) => (Outcome::No, (words.refused)(refused(t, refusal), refusal.status())),
            Self::Forwarded(posted) => {
                (Outcome::Yes, (words.forwarded)(posted.http_status().unwrap_or_default()))
            }
            Self::Retry(posted, pause) => {
                (Outcome::Unclear, (words.retry)(&posted.words(t), pause.as_secs()))
            }
            Self::Dead(posted) => (Outcome::No, (words.dead)(&posted.words(t))),
        }
    }
}

/// Returns why a request was refused.
fn refused(t: &Messages, refusal: &Refusal) -> &'static str {
    let words = &t.refusals;
    match refusal.reason() {
        "route" => words.route,
        "method" => words.method,
        "missing_header" => words.header,
        "no_url" => words.no_url,
        "no_peer" => words.no_peer,
        "timestamp" => words.timestamp,
        "signature" => words.signature,
        "secret" => words.secret,
        "peer" => words.peer,
        "too_large" => words.too_large,
        "slow" => words.slow,
        "incomplete" => words.incomplete,
        "busy" => words.busy,
        "store" | "store_slow" => words.store,
        _ => words.other,
    }
}
