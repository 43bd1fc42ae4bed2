//! Login, and validation of its tokens.

use axum::http::{HeaderMap, StatusCode};
use kyc_core::{Clock as _, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{CLIENT_ID, CLIENT_SECRET, ClearsaleControl, Operation, errors};
use crate::headers;
use crate::newest;
use crate::reply::Reply;

/// The form in which a login states the lifetime of its token. The vendor documents only a placeholder in quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExpiresIn {
    /// Seconds, as text: `"3600"`.
    #[default]
    SecondsText,
    /// Seconds, as a number: `3600`.
    Seconds,
    /// The instant of expiry: `"2026-01-31T12:00:00Z"`.
    DateTime,
    /// Hours, minutes and seconds: `"01:00:00"`.
    HoursMinutesSeconds,
}

#[derive(Serialize)]
struct Login<'a> {
    access_token: &'a str,
    expires_in: Value,
    token_type: &'static str,
}

impl ClearsaleControl {
    pub(super) fn log_in(&self, fields: Result<Map<String, Value>, &'static str>) -> Result<Reply, Reply> {
        let bad = |reason| errors::of_login(StatusCode::BAD_REQUEST).because(reason);
        let fields = fields.map_err(bad)?;
        let text = |name| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        match (text("clientId"), text("clientSecret")) {
            (Some(CLIENT_ID), Some(CLIENT_SECRET)) => {
                let perform = || Ok(self.issue_token());
                self.scenarios.answered(Operation::Login.name(), None, errors::of_login, perform)
            }
            (Some(_), Some(_)) => {
                Err(errors::of_login(StatusCode::UNAUTHORIZED).because("clientId or clientSecret is wrong"))
            }
            _ => Err(bad("clientId and clientSecret are required, as text")),
        }
    }

    fn issue_token(&self) -> Reply {
        let token = format!("{}{}", self.ids.uuid().simple(), self.ids.uuid().simple());
        let now = self.clock.now();
        let expiry = now.saturating_add(self.settings.token_life);
        let reply = Login { access_token: &token, expires_in: self.expires_in(expiry), token_type: "Bearer" };
        let reply = Reply::json(StatusCode::OK, &reply);
        let mut state = self.lock();
        state.logins += 1;
        state.tokens.retain(|_, expiry| now < *expiry);
        newest::insert(&mut state.tokens, token, expiry, &self.counters.dropped);
        reply
    }

    fn expires_in(&self, expiry: Timestamp) -> Value {
        let seconds = self.settings.token_life.as_secs();
        match self.settings.expires_in {
            ExpiresIn::SecondsText => seconds.to_string().into(),
            ExpiresIn::Seconds => seconds.into(),
            ExpiresIn::DateTime => expiry.to_rfc3339().into(),
            ExpiresIn::HoursMinutesSeconds => {
                format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60).into()
            }
        }
    }

    pub(super) fn has_valid_token(&self, headers: &HeaderMap) -> bool {
        let now = self.clock.now();
        headers::bearer(headers)
            .is_some_and(|token| self.lock().tokens.get(token).is_some_and(|expiry| now < *expiry))
    }
}
