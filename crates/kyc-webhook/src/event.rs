//! Events, before and after they are stored.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use kyc_core::{
    JsonText, OperationId, RawBody, Timestamp, Trust, ValidationError, WebhookEvent, WebhookSource,
};
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// The inbox's id of an event. It begins with the time at which it was made, so that a store can append it, and is random
/// otherwise: it tells nothing of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventId(Uuid);

impl EventId {
    /// Creates an id that no other event has.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::now_v7())
    }

    /// Returns the id as 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Creates an id from 16 bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "evt_{}", self.0.simple())
    }
}

impl FromStr for EventId {
    type Err = ValidationError;

    fn from_str(text: &str) -> Result<Self, ValidationError> {
        let digits = text.strip_prefix("evt_").filter(|digits| digits.len() == 32);
        let id = digits.and_then(|digits| Uuid::try_parse(digits).ok());
        id.map(Self)
            .ok_or_else(|| ValidationError::new("must be evt_ and 32 hexadecimal digits").about("event id"))
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The state of a stored event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum EventState {
    /// Not handled yet.
    New,
    /// A handler failed; the event is due again at a later time.
    Retrying,
    /// Handled.
    Done,
    /// Given up: only a replay handles it again.
    Dead,
    /// A hint about an operation that nobody expects. It is not handled unless somebody does, and the oldest of them are
    /// deleted first.
    Unexpected,
}

kyc_core::named!(
    EventState,
    "state",
    New = "new",
    Retrying = "retrying",
    Done = "done",
    Dead = "dead",
    Unexpected = "unexpected",
);

impl Serialize for EventState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// An event to store.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The name of the webhook that received it: [`WebhookSource::name`](kyc_core::WebhookSource::name).
    pub source: &'static str,
    /// The event as the source reads it.
    pub event: WebhookEvent,
    /// What was received.
    pub content: Content,
    /// When it was received.
    pub received_at: Timestamp,
}

/// What was received for one event.
#[derive(Clone)]
pub struct Content {
    /// The unparsed body; where one request holds several events, the JSON of this one.
    pub body: RawBody,
    /// The header `Content-Type`, if it is legible.
    pub content_type: Option<String>,
    /// The query of the URL, without the question mark.
    pub query: Option<String>,
}

impl Content {
    /// Returns the body as UTF-8, to be decoded into the vendor crate's type.
    #[must_use]
    pub fn payload(&self) -> RawBody {
        let content_type = self.content_type.as_deref().map(str::as_bytes);
        let text = JsonText::new(self.body.expose(), content_type);
        RawBody::new(Bytes::copy_from_slice(text.as_str().as_bytes()))
    }
}

impl fmt::Debug for Content {
    /// Omits the query: a vendor or a forger may put anything there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("body", &self.body).finish_non_exhaustive()
    }
}

/// What is known of a stored event without its content.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventInfo {
    /// The inbox's id.
    pub id: EventId,
    /// The name of the webhook that received it.
    pub source: String,
    /// The vendor.
    pub vendor: String,
    /// What happened, by the name that the vendor's crate gives it.
    pub event_type: String,
    /// The degree of authentication.
    pub trust: Trust,
    /// Whether the operation is complete.
    pub is_final: bool,
    /// When it was received.
    pub received_at: Timestamp,
    /// The state.
    pub state: EventState,
    /// How often the event was replayed.
    pub generation: u32,
    /// How often a handler was started with it in this generation, including one that is at work.
    pub attempts: u32,
    /// When it is handled next, if it is new or retrying.
    pub due_at: Option<Timestamp>,
    /// Why the last attempt failed, in the handler's words.
    pub reason: Option<String>,
}

impl fmt::Debug for EventInfo {
    /// Omits the reason, in which a handler may have written anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventInfo")
            .field("id", &self.id)
            .field("source", &self.source)
            .field("event_type", &self.event_type)
            .field("trust", &self.trust)
            .field("is_final", &self.is_final)
            .field("received_at", &self.received_at)
            .field("state", &self.state)
            .field("generation", &self.generation)
            .field("attempts", &self.attempts)
            .field("due_at", &self.due_at)
            .finish_non_exhaustive()
    }
}

/// A stored event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StoredEvent {
    /// What is known of it without its content.
    pub info: EventInfo,
    /// The operations that it is about. Empty after a purge.
    pub operations: Vec<OperationId>,
    /// What was received; `None` after a purge.
    pub content: Option<Content>,
}

impl StoredEvent {
    /// Creates a stored event, as an inbox does when it reads one.
    #[must_use]
    pub fn new(info: EventInfo, operations: Vec<OperationId>, content: Option<Content>) -> Self {
        Self { info, operations, content }
    }

    /// Returns the event as UTF-8, to be decoded into the vendor crate's type. Empty after a purge.
    #[must_use]
    pub fn payload(&self) -> RawBody {
        self.content.as_ref().map_or_else(|| RawBody::new(Bytes::new()), Content::payload)
    }

    /// Returns the event as its source read it, without event id, subject and person. `None` if it came from another source, or is
    /// of a type that the source does not know.
    #[must_use]
    pub fn to_event(&self, source: &dyn WebhookSource) -> Option<WebhookEvent> {
        let types = source.event_types().iter().copied().chain([WebhookEvent::UNREADABLE]);
        let mut types =
            types.filter(|name| source.name() == self.info.source && *name == self.info.event_type);
        let payload = Bytes::copy_from_slice(self.payload().expose());
        let mut event = WebhookEvent::new(source.vendor(), types.next()?, self.info.trust, payload);
        event.operations.clone_from(&self.operations);
        event.is_final = self.info.is_final;
        Some(event)
    }

    /// Returns `true` if the event is about that operation.
    #[must_use]
    pub fn concerns(&self, id: &OperationId) -> bool {
        self.operations.contains(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_its_text() {
        let id = EventId::random();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(EventId::from_bytes(*id.as_bytes()), id);
        for bad in ["", "evt_", "evt_12", &id.to_string()[4..], "evt_zz0000000000000000000000000000zz"] {
            assert!(bad.parse::<EventId>().is_err(), "{bad}");
        }
    }
}
