//! The inbox in a SQLite file.

mod arriving;
mod dispatching;
mod keeping;
mod opening;
mod storing;

use std::path::PathBuf;

use bytes::Bytes;
use kyc_webhook::kyc_core::{OperationId, RawBody, Timestamp, Trust, Vendor, VirtualClock, WebhookEvent};
use kyc_webhook::{
    Content, EventId, Inbox, InboxKey, KeyRing, NewEvent, Put, SqliteInbox, SqliteInboxBuilder,
};
use tempfile::TempDir;

const TOY: Vendor = Vendor::new("toy");

/// A folder with an inbox, and its key.
struct Place {
    folder: TempDir,
    key: InboxKey,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, key: InboxKey::generate().expect("random bytes") }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("inbox.db")
    }

    fn builder(&self) -> SqliteInboxBuilder {
        SqliteInbox::builder(self.path()).keys(KeyRing::new(self.key.clone()))
    }

    fn open(&self) -> SqliteInbox {
        self.builder().open().expect("an inbox")
    }

    fn open_at(&self, clock: &VirtualClock) -> SqliteInbox {
        self.builder().clock(clock.clone()).open().expect("an inbox")
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("in range")
}

fn operation(id: &str) -> OperationId {
    OperationId::by_id(TOY, "match", id)
}

/// An authenticated event about a subject.
fn event(subject: &str, body: &str) -> NewEvent {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let mut event = WebhookEvent::new(TOY, "status", Trust::SharedSecret, body.clone());
    event.subject = Some(subject.to_owned());
    event.operations = vec![operation(subject)];
    let content_type = Some("application/json".to_owned());
    let content = Content { body: RawBody::new(body), content_type, query: Some("a=1".to_owned()) };
    NewEvent { source: "toy", event, content, received_at: at(1_000) }
}

/// An event with an id of the vendor's.
fn event_with_id(id: &str, body: &str) -> NewEvent {
    let mut new = event("subject", body);
    new.event.event_id = Some(id.to_owned());
    new
}

/// An event that anyone may have sent.
fn hint(subject: &str) -> NewEvent {
    let mut new = event(subject, "{}");
    new.event.trust = Trust::Hint;
    new
}

async fn put(inbox: &impl Inbox, event: NewEvent) -> Put {
    let puts = inbox.put(vec![event]).await.expect("stored");
    assert_eq!(puts.len(), 1);
    puts[0]
}

async fn put_new(inbox: &impl Inbox, event: NewEvent) -> EventId {
    match put(inbox, event).await {
        Put::New(id) => id,
        other => panic!("{other:?}"),
    }
}
