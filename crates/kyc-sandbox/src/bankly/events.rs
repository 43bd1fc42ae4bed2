//! What is announced: that a picture has arrived, and that its analysis has ended.

use std::collections::HashMap;

use bytes::Bytes;
use kyc_core::Clock as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::analysis::{Picture, Stage};
use super::courier::Event;
use super::dates::{sevenths, with_offset};
use super::findings::{on_arrival, on_end};
use super::{BanklyControl, COMPANY_KEY, State};

pub(super) const RECEIVED: &str = "DOCUMENT_WAS_RECEIVED";
pub(super) const PROCESSED: &str = "DOCUMENT_WAS_PROCESSED";

impl BanklyControl {
    pub(super) fn announce_arrival(&self, state: &mut State, cpf: &str, token: &str) {
        let State { pictures, events, .. } = state;
        let Some(picture) = find(pictures, cpf, token).filter(|picture| !picture.arrival_announced) else {
            return;
        };
        picture.arrival_announced = true;
        *events += 1;
        let time = with_offset(picture.received);
        let event = event(RECEIVED, time, cpf, &picture.token, &on_arrival(picture), *events);
        picture.turn = self.courier.send(&event, picture.turn.take());
    }

    /// Announces the end of an analysis whose time has come, once; and its arrival after that, if that was held back.
    /// The analysis' own task calls this, and so does a query that comes before that task was woken.
    pub(super) fn announce_end(&self, state: &mut State, cpf: &str, token: &str) {
        let now = self.clock.now();
        let State { pictures, events, .. } = &mut *state;
        let Some(picture) = find(pictures, cpf, token) else { return };
        if picture.end_announced || picture.stage(now) != Stage::Ended {
            return;
        }
        picture.end_announced = true;
        *events += 1;
        let time = sevenths(picture.ends);
        let event = event(PROCESSED, time, cpf, &picture.token, &on_end(picture, cpf), *events);
        picture.turn = self.courier.send(&event, picture.turn.take());
        self.announce_arrival(state, cpf, token);
    }
}

type Pictures = HashMap<String, Vec<Picture>>;

fn find<'a>(pictures: &'a mut Pictures, cpf: &str, token: &str) -> Option<&'a mut Picture> {
    pictures.get_mut(cpf)?.iter_mut().find(|picture| picture.token == token)
}

/// The vendor prints some of its events as an array of one, with a space behind the company's key: here every other.
fn event(name: &'static str, timestamp: String, cpf: &str, token: &str, data: &Value, number: u64) -> Event {
    let in_array = number.is_multiple_of(2);
    let key = Uuid::new_v4().to_string();
    let company_key = if in_array { format!("{COMPANY_KEY} ") } else { COMPANY_KEY.to_owned() };
    let envelope = json!({
        "entityId": token,
        "companyKey": company_key,
        "idempotencyKey": key,
        "context": "Document",
        "name": name,
        "timestamp": timestamp,
        "correlationId": key,
        "metadata": { "customerDocument": cpf },
        "data": data,
    });
    let body = if in_array { json!([envelope]) } else { envelope };
    Event { key, name, body: Bytes::from(body.to_string()) }
}
