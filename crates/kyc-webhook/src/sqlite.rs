//! The inbox in a SQLite file.

mod claim;
mod dispatch;
mod keep;
mod metrics;
mod put;
mod read;
mod row;
mod waiting;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use kyc_core::{Clock, Cpf, OperationId, SystemClock, Timestamp};
use kyc_store::{Cipher, KeyRing, Meaning, Protection, Readers, Schema, StoreError, Writer, load, prepare};

use self::put::Prepared;
use self::waiting::Waiting;
use crate::event::{EventId, EventInfo, NewEvent, StoredEvent};
use crate::inbox::{Arrival, Filter, Forgotten, Inbox, InboxError, Purged, Put, Stats};

/// Work of the inbox.
type Result<T> = std::result::Result<T, InboxError>;

/// The tables of an inbox. The number reads "KYCI".
const SCHEMA: Schema = Schema { application: 0x4b59_4349, steps: &[include_str!("sqlite/schema/1.sql")] };

/// Requests with more bytes are encrypted on a thread for blocking work.
const LARGE: usize = 128 * 1024;

/// About what an event takes in memory beside its body.
const EVENT_BYTES: usize = 1024;

/// An inbox in a SQLite file, with its dispatcher. Clones share it, and any number of processes may use the file at the same
/// time, on one machine: a network file system loses events.
///
/// What vendors sent is encrypted under a key of yours, and found by hashes that nobody can compute without the file's keys.
/// Names of webhooks, types of events, times and states are not encrypted.
///
/// ```
/// use kyc_webhook::{Inbox, InboxKey, KeyRing, SqliteInbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("inbox.db");
/// let key = InboxKey::generate()?;
/// let inbox = SqliteInbox::builder(path).keys(KeyRing::new(key)).open()?;
/// assert_eq!(inbox.stats().await?.new, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteInbox {
    path: Arc<PathBuf>,
    cipher: Arc<Cipher>,
    clock: Arc<dyn Clock>,
    max_unexpected: u32,
    writer: Arc<Writer>,
    readers: Readers,
    waiting: Arc<Waiting>,
}

impl fmt::Debug for SqliteInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteInbox").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Opens a [`SqliteInbox`].
#[derive(Clone, Debug)]
#[must_use]
pub struct SqliteInboxBuilder {
    path: PathBuf,
    protection: Option<Protection>,
    clock: Arc<dyn Clock>,
    max_unexpected: u32,
}

impl SqliteInboxBuilder {
    /// Encrypts the content under these keys.
    pub fn keys(mut self, keys: KeyRing) -> Self {
        self.protection = Some(Protection::Keys(keys));
        self
    }

    /// Writes the content in plain text, readable by everyone who can read the file or a backup of it.
    pub fn plain_text(mut self) -> Self {
        self.protection = Some(Protection::PlainText);
        self
    }

    /// Sets how many hints about operations that nobody expects are kept: 10,000 by default. The oldest are deleted first.
    pub fn max_unexpected(mut self, rows: u32) -> Self {
        self.max_unexpected = rows;
        self
    }

    /// Sets the clock: the system's by default.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Opens the file, and creates it if there is none. It blocks for a short time.
    ///
    /// # Errors
    /// The file cannot be opened or created, is no inbox, was written by a newer release, is protected by another key, or cannot
    /// promise to survive a power loss.
    pub fn open(self) -> Result<SqliteInbox> {
        let protection = self.protection.ok_or_else(|| {
            InboxError::WrongKey("none was given: pass a key, or choose plain text by name".to_owned())
        })?;
        let mut connection = prepare(&self.path, &SCHEMA)?;
        let cipher = load(&mut connection, &protection)?;
        Ok(SqliteInbox {
            cipher: Arc::new(cipher),
            clock: self.clock,
            max_unexpected: self.max_unexpected,
            writer: Arc::new(Writer::start(self.path.clone(), connection, SCHEMA)?),
            readers: Readers::new(self.path.clone()),
            waiting: Arc::new(Waiting::start(self.path.clone())?),
            path: Arc::new(self.path),
        })
    }
}

impl SqliteInbox {
    /// Begins to open the inbox in that file. Choose how it is protected: by [keys](SqliteInboxBuilder::keys) or
    /// [not at all](SqliteInboxBuilder::plain_text).
    pub fn builder(path: impl Into<PathBuf>) -> SqliteInboxBuilder {
        SqliteInboxBuilder {
            path: path.into(),
            protection: None,
            clock: Arc::new(SystemClock),
            max_unexpected: 10_000,
        }
    }

    fn now(&self) -> i64 {
        self.clock.now().unix_millis()
    }

    async fn prepare(&self, events: Vec<NewEvent>) -> Result<Vec<Prepared>> {
        let prepare = |cipher: &Cipher, events: &[NewEvent]| {
            events.iter().map(|event| Prepared::new(cipher, event)).collect::<kyc_store::Result<Vec<_>>>()
        };
        if body_bytes(&events) < LARGE {
            return Ok(prepare(&self.cipher, &events)?);
        }
        let cipher = Arc::clone(&self.cipher);
        let cut_off = |_| Err(StoreError::Failed("the encryption of an event was cut off".to_owned()));
        Ok(tokio::task::spawn_blocking(move || prepare(&cipher, &events)).await.unwrap_or_else(cut_off)?)
    }
}

fn body_bytes(events: &[NewEvent]) -> usize {
    events.iter().map(|event| event.content.body.len()).sum()
}

#[async_trait]
impl Inbox for SqliteInbox {
    async fn put(&self, events: Vec<NewEvent>) -> Result<Vec<Put>> {
        let admission = self.writer.admit(body_bytes(&events) + events.len() * EVENT_BYTES)?;
        let prepared = Arc::new(self.prepare(events).await?);
        let (now, max_unexpected) = (self.now(), self.max_unexpected);
        let (stored, waker) = (Arc::clone(&prepared), self.waiting.waker());
        let done = move |puts: &Vec<Put>| {
            stored.iter().zip(puts).for_each(|(event, put)| metrics::stored(event.source, *put));
            let is_stored = |put: &Put| !matches!(put, Put::Duplicate { .. });
            let stored = stored.iter().zip(puts).filter(|(_, put)| is_stored(put));
            waker.wake(stored.flat_map(|(event, _)| &event.operations));
            if puts.iter().any(|put| matches!(put, Put::New(_))) {
                waker.wake_dispatcher();
            }
        };
        let apply = move |connection: &_| put::store(connection, &prepared, now, max_unexpected);
        Ok(self.writer.store(admission, apply, done).await?)
    }

    async fn expect(&self, operation: &OperationId, until: Timestamp) -> Result<()> {
        let (operation, until, now) = (self.cipher.operation(operation), until.unix_millis(), self.now());
        let waker = self.waiting.waker();
        let apply = move |connection: &_| read::expect(connection, operation, until, now);
        Ok(self.writer.run(apply, move |()| waker.wake_dispatcher()).await?)
    }

    async fn arrival(&self, operation: &OperationId, position: u64) -> Result<Arrival> {
        let operation = self.cipher.operation(operation);
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let (_watch, notify) = self.waiting.for_operation(operation);
        loop {
            let mut woken = std::pin::pin!(notify.notified());
            // From here on a wake is not missed.
            woken.as_mut().enable();
            let cipher = Arc::clone(&self.cipher);
            let read = move |connection: &_| {
                let row = read::arrival(connection, operation, position)?;
                row.map(|row| Ok((row.seq, row.open(&cipher)?))).transpose()
            };
            if let Some((seq, event)) = self.readers.read(read).await? {
                return Ok(Arrival::new(seq.unsigned_abs(), event));
            }
            woken.await;
        }
    }

    async fn get(&self, id: EventId) -> Result<Option<StoredEvent>> {
        let cipher = Arc::clone(&self.cipher);
        let read = move |connection: &_| {
            let row = read::get(connection, id)?;
            row.map(|row| row.open(&cipher)).transpose()
        };
        Ok(self.readers.read(read).await?)
    }

    async fn list(&self, filter: &Filter, before: Option<EventId>, limit: u32) -> Result<Vec<EventInfo>> {
        let (filter, cipher) = (filter.clone(), Arc::clone(&self.cipher));
        let read = move |connection: &_| {
            let rows = read::list(connection, &filter, before, limit)?;
            rows.into_iter().map(|row| row.open_info(&cipher)).collect()
        };
        Ok(self.readers.read(read).await?)
    }

    async fn replay(&self, filter: &Filter) -> Result<u64> {
        let upto = self.readers.read(keep::newest).await?;
        let (mut replayed, mut position) = (0, Some(0));
        while let Some(after) = position {
            let (filter, now, waker) = (filter.clone(), self.now(), self.waiting.waker());
            let apply = move |connection: &_| keep::replay(connection, &filter, after, upto, now);
            let (events, next) = self.writer.run(apply, move |_| waker.wake_dispatcher()).await?;
            replayed += events;
            position = next;
        }
        Ok(replayed)
    }

    async fn purge(&self, received_before: Timestamp) -> Result<Purged> {
        let (before, mut purged, mut position) =
            (received_before.unix_millis(), Purged::default(), Some((i64::MIN, 0)));
        while let Some(after) = position {
            let apply = move |connection: &_| keep::purge(connection, before, after);
            let chunk = self.writer.run(apply, |_| {}).await?;
            purged.events += chunk.events;
            purged.cited += chunk.cited;
            purged.open += chunk.open;
            position = chunk.next;
        }
        Ok(purged)
    }

    async fn forget(&self, person: &Cpf) -> Result<Forgotten> {
        let (person, mut forgotten, mut position) =
            (self.cipher.person(person), Forgotten::default(), Some(0));
        while let Some(after) = position {
            let apply = move |connection: &_| keep::forget(connection, person, after);
            let chunk = self.writer.run(apply, |_| {}).await?;
            forgotten.events += chunk.events;
            for (id, case) in chunk.kept {
                forgotten.kept_for.push((id, self.cipher.open_text(id.as_bytes(), "case", case)?));
            }
            position = chunk.next;
        }
        Ok(forgotten)
    }

    async fn cite(&self, id: EventId, case: &str) -> Result<()> {
        let tag = self.cipher.tag(Meaning::Case, &[case.as_bytes()]);
        let name = self.cipher.seal(id.as_bytes(), "case", case.as_bytes())?;
        Ok(self.writer.run(move |connection| keep::cite(connection, id, tag, &name), |()| {}).await?)
    }

    async fn release(&self, case: &str) -> Result<u64> {
        let tag = self.cipher.tag(Meaning::Case, &[case.as_bytes()]);
        Ok(self.writer.run(move |connection| keep::release(connection, tag), |_| {}).await?)
    }

    async fn stats(&self) -> Result<Stats> {
        let now = self.clock.now();
        let stats = self.readers.read(move |connection| read::stats(connection, now)).await?;
        metrics::counted(&stats);
        Ok(stats)
    }
}
