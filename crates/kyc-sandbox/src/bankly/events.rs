//! The events: an image was received, and its analysis has ended.

use std::sync::Arc;

use bytes::Bytes;
use indexmap::IndexMap;
use kyc_core::Clock as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::analysis::{Image, Stage};
use super::dates::{sevenths, with_offset};
use super::findings::{on_arrival, on_end};
use super::webhook::{CONTEXT, PROCESSED, RECEIVED, Signer, Webhook};
use super::{BanklyControl, COMPANY_KEY, State};
use crate::webhooks::{Event, FirstAttempt};

impl BanklyControl {
    pub(super) fn announce_arrival(&self, state: &mut State, cpf: &str, token: &str) {
        let State { images, events, webhooks, .. } = state;
        let Some(image) = find(images, cpf, token).filter(|image| !image.arrival_announced) else {
            return;
        };
        image.arrival_announced = true;
        *events += 1;
        let time = with_offset(image.received);
        let event = event(self.ids.uuid(), RECEIVED, time, cpf, &image.token, &on_arrival(image), *events);
        image.last_event = self.send(webhooks, &event, image.last_event.take());
    }

    /// Sends `DOCUMENT_WAS_PROCESSED` for an analysis that has ended, once, and then `DOCUMENT_WAS_RECEIVED` if it was
    /// held back. Called by the analysis' own task, and by a query that arrives before that task wakes.
    pub(super) fn announce_end(&self, state: &mut State, cpf: &str, token: &str) {
        let now = self.clock.now();
        let State { images, events, webhooks, .. } = &mut *state;
        let Some(image) = find(images, cpf, token) else { return };
        if image.end_announced || image.stage(now) != Stage::Ended {
            return;
        }
        image.end_announced = true;
        *events += 1;
        let time = sevenths(image.ends);
        let event = event(self.ids.uuid(), PROCESSED, time, cpf, &image.token, &on_end(image, cpf), *events);
        image.last_event = self.send(webhooks, &event, image.last_event.take());
        self.announce_arrival(state, cpf, token);
    }
}

impl BanklyControl {
    /// Sends an event to every enabled webhook for it.
    fn send(&self, webhooks: &[Webhook], event: &Event, after: FirstAttempt) -> FirstAttempt {
        let endpoints = webhooks.iter().filter(|webhook| webhook.wants(event.name)).map(|webhook| {
            let signer = Signer::new(webhook, Arc::clone(&self.key_reading), Arc::clone(&self.ids));
            self.sender.endpoint(&webhook.uri, Arc::new(signer))
        });
        self.sender.send(endpoints, event, after)
    }
}

type Images = IndexMap<String, Vec<Image>>;

fn find<'a>(images: &'a mut Images, cpf: &str, token: &str) -> Option<&'a mut Image> {
    images.get_mut(cpf)?.iter_mut().find(|image| image.token == token)
}

/// The vendor prints some of its events in an array of one element, with a space after the company key. Here every
/// other event has that form.
fn event(
    key: Uuid,
    name: &'static str,
    timestamp: String,
    cpf: &str,
    token: &str,
    data: &Value,
    number: u64,
) -> Event {
    let in_array = number.is_multiple_of(2);
    let key = key.to_string();
    let company_key = if in_array { format!("{COMPANY_KEY} ") } else { COMPANY_KEY.to_owned() };
    let envelope = json!({
        "entityId": token,
        "companyKey": company_key,
        "idempotencyKey": key,
        "context": CONTEXT,
        "name": name,
        "timestamp": timestamp,
        "correlationId": key,
        "metadata": { "customerDocument": cpf },
        "data": data,
    });
    let body = if in_array { json!([envelope]) } else { envelope };
    Event { reference: key, name, body: Bytes::from(body.to_string()) }
}
