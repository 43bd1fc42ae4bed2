//! Wakes those who wait for an operation or for due events: those of this process by its commits, and for the commits of other
//! processes by a look at the file's `data_version` every 50 ms, while somebody waits.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kyc_store::{Result, Tag, file_error};
use rusqlite::Connection;
use tokio::sync::Notify;

/// How often the file is looked at.
const INTERVAL: Duration = Duration::from_millis(50);

/// How many rows are read at a time.
const ROWS: usize = 4096;

/// Those who wait. The thread that watches the file ends with it.
pub(super) struct Waiting {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// Tells the dispatcher that an event may be due.
    due: Notify,
}

#[derive(Default)]
struct State {
    operations: HashMap<Tag, (Arc<Notify>, usize)>,
    /// How many wait for an operation, and the dispatcher if there is one.
    watching: usize,
    closed: bool,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").field("watching", &self.shared.lock().watching).finish_non_exhaustive()
    }
}

/// Keeps the file watched until it is dropped.
pub(super) struct Watch {
    shared: Arc<Shared>,
    operation: Option<Tag>,
}

impl Waiting {
    /// Starts the thread.
    pub(super) fn start(path: PathBuf) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        let watcher = Watcher { shared: Arc::clone(&shared), path, connection: None };
        let thread = std::thread::Builder::new().name("kyc-inbox-watcher".to_owned());
        thread
            .spawn(move || watcher.run())
            .map_err(|error| file_error("the inbox's thread cannot be started", &error))?;
        Ok(Self { shared })
    }

    /// Registers one who waits for an operation. The notification wakes all of that operation; take
    /// [`notified`](Notify::notified) before you look into the inbox, so that no event falls between.
    pub(super) fn for_operation(&self, operation: Tag) -> (Watch, Arc<Notify>) {
        let mut state = self.shared.lock();
        let (notify, waiters) = state.operations.entry(operation).or_default();
        *waiters += 1;
        let notify = Arc::clone(notify);
        (self.watch(state, Some(operation)), notify)
    }

    /// Registers the dispatcher.
    pub(super) fn for_due(&self) -> Watch {
        self.watch(self.shared.lock(), None)
    }

    fn watch(&self, mut state: MutexGuard<'_, State>, operation: Option<Tag>) -> Watch {
        state.watching += 1;
        self.shared.changed.notify_all();
        Watch { shared: Arc::clone(&self.shared), operation }
    }

    /// Returns what wakes others after a commit.
    pub(super) fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.shared))
    }

    /// Waits until an event may be due.
    pub(super) async fn due(&self) {
        self.shared.due.notified().await;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.changed.notify_all();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.watching -= 1;
        let Some(operation) = self.operation else { return };
        if let Some((_, waiters)) = state.operations.get_mut(&operation) {
            *waiters -= 1;
            if *waiters == 0 {
                state.operations.remove(&operation);
            }
        }
    }
}

/// Wakes those who wait.
#[derive(Clone)]
pub(super) struct Waker(Arc<Shared>);

impl Waker {
    /// Wakes those who wait for one of the operations.
    pub(super) fn wake<'a>(&self, operations: impl IntoIterator<Item = &'a Tag>) {
        let state = self.0.lock();
        for operation in operations {
            if let Some((notify, _)) = state.operations.get(operation) {
                notify.notify_waiters();
            }
        }
    }

    /// Wakes the dispatcher.
    pub(super) fn wake_dispatcher(&self) {
        self.0.due.notify_one();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake_all(&self) {
        self.lock().operations.values().for_each(|(notify, _)| notify.notify_waiters());
        self.due.notify_one();
    }
}

struct Watcher {
    shared: Arc<Shared>,
    path: PathBuf,
    /// `None` while nobody waits, or after a fault.
    connection: Option<Watched>,
}

struct Watched {
    connection: Connection,
    version: i64,
    /// The last event that was seen.
    last: i64,
}

impl Watcher {
    fn run(mut self) {
        while self.wait() {
            if let Err(error) = self.look() {
                tracing::warn!(%error, "the inbox's file cannot be watched for events of other processes");
                self.connection = None;
            }
        }
    }

    /// Waits for the next look; returns `false` at the end.
    fn wait(&mut self) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.lock();
        if state.watching == 0 {
            self.connection = None;
            let idle = shared.changed.wait_while(state, |state| state.watching == 0 && !state.closed);
            return !idle.unwrap_or_else(PoisonError::into_inner).closed;
        }
        let waited = shared.changed.wait_timeout_while(state, INTERVAL, |state| !state.closed);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        !state.closed
    }

    fn look(&mut self) -> Result<()> {
        let Some(watched) = &mut self.connection else {
            self.connection = Some(Watched::new(kyc_store::open_reader(&self.path)?)?);
            // They may have looked before this did, and an event may have come between.
            self.shared.wake_all();
            return Ok(());
        };
        let version = version(&watched.connection)?;
        if version == watched.version {
            return Ok(());
        }
        watched.version = version;
        self.shared.due.notify_one();
        while let Some(operations) = watched.next_operations()? {
            Waker(Arc::clone(&self.shared)).wake(&operations);
        }
        Ok(())
    }
}

impl Watched {
    fn new(connection: Connection) -> Result<Self> {
        let version = version(&connection)?;
        let sql = "SELECT coalesce(max(seq), 0) FROM events";
        let last = connection.query_row(sql, [], |row| row.get(0))?;
        Ok(Self { connection, version, last })
    }

    /// Returns the operations of new events, some at a time.
    fn next_operations(&mut self) -> Result<Option<Vec<Tag>>> {
        // The last event may be cut off by the limit; it is then read again.
        let sql = "SELECT seq, operation FROM event_operations WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([self.last, ROWS as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows: Vec<(i64, Tag)> = rows.collect::<std::result::Result<_, _>>()?;
        let Some((last, _)) = rows.last() else { return Ok(None) };
        let is_cut = rows.len() == ROWS && rows[0].0 != *last;
        self.last = if is_cut { last - 1 } else { *last };
        Ok(Some(rows.into_iter().map(|(_, operation)| operation).collect()))
    }
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?)
}
