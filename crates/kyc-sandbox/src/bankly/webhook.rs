//! A registered webhook: which event it is for, where it goes and how it is signed.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use kyc_core::Timestamp;
use serde_json::{Value, json};

use super::PREFIX;
use super::dates::sevenths;
use super::signature::{KeyReading, Signed};
use crate::ids::Ids;
use crate::webhooks::{Authenticator, Event};

/// The only context of the events here.
pub(super) const CONTEXT: &str = "Document";
pub(super) const RECEIVED: &str = "DOCUMENT_WAS_RECEIVED";
pub(super) const PROCESSED: &str = "DOCUMENT_WAS_PROCESSED";

/// One registration: one event name, one URI.
#[derive(Clone)]
pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) event_name: String,
    /// As it was registered: this text is signed.
    pub(super) uri: String,
    pub(super) public_key: String,
    pub(super) private_key: String,
    pub(super) enabled: bool,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    /// Whether it was registered in the sandbox rather than by the vendor's API.
    pub(super) direct: bool,
}

impl Webhook {
    pub(super) fn wants(&self, event: &str) -> bool {
        self.enabled && self.event_name == event
    }

    pub(super) fn status(&self) -> &'static str {
        if self.enabled { "Enabled" } else { "Disabled" }
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "context": CONTEXT,
            "eventName": self.event_name,
            "uri": self.uri,
            "publicKey": self.public_key,
        })
    }

    pub(super) fn listed(&self) -> Value {
        let mut json = self.json();
        json["createdAt"] = sevenths(self.created).into();
        json["updatedAt"] = self.updated.map(sevenths).into();
        json["status"] = self.status().into();
        json
    }

    pub(super) fn path(&self) -> String {
        format!("{PREFIX}/webhooks/configurations/{}", self.id)
    }

    pub(super) fn alone(&self) -> Value {
        let links = json!([{ "url": self.path(), "rel": "self", "method": "GET" }]);
        json!({ "data": self.json(), "links": links, "meta": null })
    }
}

/// Signs the events for one webhook.
pub(super) struct Signer {
    uri: String,
    public_key: String,
    private_key: String,
    /// Shared by all, since it can be changed between two attempts.
    key_reading: Arc<Mutex<KeyReading>>,
    ids: Arc<Ids>,
}

impl Signer {
    pub(super) fn new(webhook: &Webhook, key_reading: Arc<Mutex<KeyReading>>, ids: Arc<Ids>) -> Self {
        let Webhook { uri, public_key, private_key, .. } = webhook.clone();
        Self { uri, public_key, private_key, key_reading, ids }
    }
}

impl Authenticator for Signer {
    fn headers(&self, event: &Event, now: Timestamp) -> Option<HeaderMap> {
        let (time, nonce) = (now.unix_seconds(), self.ids.uuid().simple().to_string());
        let signed =
            Signed { public_key: &self.public_key, url: &self.uri, time, nonce: &nonce, body: &event.body };
        let reading = *self.key_reading.lock().unwrap_or_else(PoisonError::into_inner);
        let authorization = signed.authorization(&self.private_key, reading)?;
        Some(HeaderMap::from_iter([
            (AUTHORIZATION, HeaderValue::try_from(authorization).ok()?),
            (HeaderName::from_static("publickey"), HeaderValue::try_from(&self.public_key).ok()?),
            (HeaderName::from_static("nonce"), HeaderValue::try_from(nonce).ok()?),
            (HeaderName::from_static("requesttimestamp"), HeaderValue::from(time)),
            (HeaderName::from_static("idempotency-key"), HeaderValue::try_from(&event.reference).ok()?),
        ]))
    }
}
