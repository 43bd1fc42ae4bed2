//! The inbox: where events are kept. It is cut above claims and leases, so that an existing queue can dispatch the events.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{Cpf, OperationId, Timestamp};

use crate::event::{EventId, EventInfo, EventState, NewEvent, StoredEvent};

/// Keeps events. Any number of processes may use the same store.
#[async_trait]
pub trait Inbox: fmt::Debug + Send + Sync {
    /// Stores the events of one request in one commit, and returns what became of each. `Ok` means that they are on the disk:
    /// only then the vendor may be told so.
    ///
    /// An event is a duplicate if the same source stored one with the same event id before; without an event id, if the latest
    /// event of the same source and subject has the same body. A hint about operations that nobody
    /// [expects](Self::expect) is [`Put::Unexpected`].
    async fn put(&self, events: Vec<NewEvent>) -> Result<Vec<Put>, InboxError>;

    /// Says that an operation is ours until a time: hints about it are handled and wake waiters. Hints that came before are
    /// handled from now on.
    async fn expect(&self, operation: &OperationId, until: Timestamp) -> Result<(), InboxError>;

    /// Waits for the next event about that operation that was stored after `position`, in this process or another; 0 is the
    /// beginning. Such events include those that nobody expected, and those of every state.
    async fn arrival(&self, operation: &OperationId, position: u64) -> Result<Arrival, InboxError>;

    /// Returns an event.
    async fn get(&self, id: EventId) -> Result<Option<StoredEvent>, InboxError>;

    /// Returns at most `limit` events, the newest first, and only those older than `before` if it is given.
    async fn list(
        &self,
        filter: &Filter,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<EventInfo>, InboxError>;

    /// Makes the events due again, each as a new generation without attempts, whether they were handled or not. Events whose
    /// content is purged are left out. Returns how many there are.
    async fn replay(&self, filter: &Filter) -> Result<u64, InboxError>;

    /// Deletes the content of the events that were received before a time and are done, dead or unexpected. What tells
    /// duplicates stays. Events that a case [cites](Self::cite) stay whole.
    async fn purge(&self, received_before: Timestamp) -> Result<Purged, InboxError>;

    /// Deletes the content of all events that name that person, except those that a case cites.
    async fn forget(&self, person: &Cpf) -> Result<Forgotten, InboxError>;

    /// Says that a case relies on an event, so that it is kept whole until the case is [released](Self::release).
    async fn cite(&self, id: EventId, case: &str) -> Result<(), InboxError>;

    /// Says that a case relies on no event any more. Returns on how many it did.
    async fn release(&self, case: &str) -> Result<u64, InboxError>;

    /// Counts the events by state.
    async fn stats(&self) -> Result<Stats, InboxError>;
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Put {
    /// It is stored, and is going to be handled.
    New(EventId),
    /// It was stored before.
    Duplicate {
        /// The stored event.
        id: EventId,
        /// Whether the stored event has the same body. If not, the vendor used an event id twice.
        same_body: bool,
    },
    /// It is a hint about an operation that nobody expects. It is stored, but not handled, and older ones were deleted if there
    /// are too many.
    Unexpected(EventId),
}

/// An event about an operation that somebody waits for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Arrival {
    /// Where in the order of arrival it stands: pass it to [`Inbox::arrival`] to get the next one.
    pub position: u64,
    /// The event.
    pub event: StoredEvent,
}

impl Arrival {
    /// Creates an arrival, as an inbox does.
    #[must_use]
    pub fn new(position: u64, event: StoredEvent) -> Self {
        Self { position, event }
    }
}

/// Chooses events. The default chooses all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// Only these events, if there are any here.
    pub ids: Vec<EventId>,
    /// Only events in these states, if there are any here.
    pub states: Vec<EventState>,
    /// Only events of the webhook of that name.
    pub source: Option<String>,
    /// Only events of that type.
    pub event_type: Option<String>,
    /// Only events received at that time or later.
    pub received_from: Option<Timestamp>,
    /// Only events received before that time.
    pub received_before: Option<Timestamp>,
}

impl Filter {
    /// Chooses one event.
    #[must_use]
    pub fn id(id: EventId) -> Self {
        Self { ids: vec![id], ..Self::default() }
    }

    /// Chooses the events in a state.
    #[must_use]
    pub fn state(state: EventState) -> Self {
        Self { states: vec![state], ..Self::default() }
    }
}

/// What a purge did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purged {
    /// Events whose content was deleted.
    pub events: u64,
    /// Events that were left whole, because a case cites them.
    pub cited: u64,
    /// Events that were left whole, because they are not handled yet.
    pub open: u64,
}

/// What was deleted of a person.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Forgotten {
    /// Events whose content was deleted.
    pub events: u64,
    /// Events that were left whole, because these cases cite them.
    pub kept_for: Vec<(EventId, String)>,
}

impl fmt::Debug for Forgotten {
    /// Omits the names of cases, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept: Vec<_> = self.kept_for.iter().map(|(id, _)| id).collect();
        f.debug_struct("Forgotten").field("events", &self.events).field("kept", &kept).finish()
    }
}

/// The number of events in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// New events.
    pub new: u64,
    /// Events that are going to be tried again.
    pub retrying: u64,
    /// Handled events.
    pub done: u64,
    /// Events that were given up.
    pub dead: u64,
    /// Hints about operations that nobody expects.
    pub unexpected: u64,
    /// For how long the oldest due event has been due. Watch it: it grows while nobody dispatches.
    pub oldest_due: Option<Duration>,
}

/// Why the inbox could not do something. The text never holds content of an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// There is no space left on the disk.
    #[error("the inbox is full: there is no space left on its disk")]
    Full,
    /// Another process held the store for too long.
    #[error("the inbox is busy: another process holds its store; try again")]
    Busy,
    /// The store cannot be written.
    #[error("the inbox cannot be written: {0}")]
    ReadOnly(String),
    /// More events wait to be stored than the inbox takes.
    #[error("the inbox is overloaded: too many events wait to be stored; try again")]
    Overloaded,
    /// Another process dispatches the events of this store.
    #[error("another process dispatches the events of this inbox")]
    AlreadyDispatched,
    /// The store is encrypted by a key that was not given, or not encrypted although a key was.
    #[error("the inbox's key does not fit: {0}")]
    WrongKey(String),
    /// The store was written by a newer release.
    #[error("the inbox was written by a newer release (schema {found}; this release knows {known}): update")]
    NewerSchema {
        /// The version of the store.
        found: u32,
        /// The newest version that this release knows.
        known: u32,
    },
    /// The store cannot promise that what it confirms survives a power loss.
    #[error("the inbox would not survive a power loss: {0}")]
    NotDurable(String),
    /// The store is damaged, or was written by something else.
    #[error("the inbox's store is damaged: {0}")]
    Damaged(String),
    /// Any other failure of the store.
    #[error("the inbox failed: {0}")]
    Failed(String),
}

#[cfg(feature = "sqlite")]
impl From<kyc_store::StoreError> for InboxError {
    fn from(error: kyc_store::StoreError) -> Self {
        use kyc_store::StoreError;
        match error {
            StoreError::Full => Self::Full,
            StoreError::Busy => Self::Busy,
            StoreError::ReadOnly(text) => Self::ReadOnly(text),
            StoreError::Overloaded => Self::Overloaded,
            StoreError::WrongKey(text) => Self::WrongKey(text),
            StoreError::NewerSchema { found, known } => Self::NewerSchema { found, known },
            StoreError::NotDurable(text) => Self::NotDurable(text),
            StoreError::Damaged(text) => Self::Damaged(text),
            StoreError::Failed(text) => Self::Failed(text),
            other => Self::Failed(other.to_string()),
        }
    }
}
