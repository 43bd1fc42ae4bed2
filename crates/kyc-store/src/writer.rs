//! The thread that writes. Requests that wait at the same time share a commit.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::checkpoints::Checkpoints;
use crate::error::{Result, StoreError, file_error};
use crate::file;
use crate::schema::Schema;

/// How many requests wait at most.
const MAX_WAITING: usize = 8192;

/// How many bytes wait at most.
const MAX_WAITING_BYTES: usize = 64 * 1024 * 1024;

/// How many requests share a commit at most.
const MAX_BATCH: usize = 512;

/// How long a request waits at most, even if the disk never answers.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Hands requests to the thread. The thread ends when the last one is dropped.
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    bytes: Arc<Semaphore>,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

struct Job {
    work: Box<dyn Work>,
    admission: Option<Admission>,
}

/// The bytes of a request that waits. They are given back when it is dropped.
#[derive(Debug)]
pub struct Admission(OwnedSemaphorePermit);

/// A request, within the transaction that it shares with others.
trait Work: Send {
    /// Does the work. It is done again, alone, if the transaction fails.
    fn apply(&mut self, connection: &Connection) -> Result<()>;

    /// Tells the outcome, after the commit.
    fn finish(&mut self, outcome: Result<()>);
}

struct Request<A, T, D> {
    apply: A,
    value: Option<T>,
    done: D,
    reply: Option<oneshot::Sender<Result<T>>>,
}

impl<A, T, D> Work for Request<A, T, D>
where
    A: FnMut(&Connection) -> Result<T> + Send,
    T: Send,
    D: FnMut(&T) + Send,
{
    fn apply(&mut self, connection: &Connection) -> Result<()> {
        self.value = Some((self.apply)(connection)?);
        Ok(())
    }

    fn finish(&mut self, outcome: Result<()>) {
        let lost = || StoreError::Failed("a request was not applied".to_owned());
        let outcome = outcome.and_then(|()| self.value.take().ok_or_else(lost));
        if let Ok(value) = &outcome {
            (self.done)(value);
        }
        // Nobody may wait for the reply any more.
        if let Some(reply) = self.reply.take() {
            drop(reply.send(outcome));
        }
    }
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives no thread, or the file is gone.
    pub fn start(path: PathBuf, connection: Connection, schema: Schema) -> Result<Self> {
        let (jobs, waiting) = mpsc::channel(MAX_WAITING);
        let identity = identity(&path)?;
        let checkpoints = Checkpoints::start(path.clone())?;
        let store = Store { path, schema, identity, connection: Some(connection), checkpoints };
        let thread = std::thread::Builder::new().name("kyc-store-writer".to_owned());
        thread
            .spawn(move || store.serve(waiting))
            .map_err(|error| file_error("the store's thread cannot be started", &error))?;
        Ok(Self { jobs, bytes: Arc::new(Semaphore::new(MAX_WAITING_BYTES)) })
    }

    /// Lets a request in that holds so many bytes, or refuses it at once if too much waits.
    ///
    /// # Errors
    /// `Overloaded`.
    pub fn admit(&self, bytes: usize) -> Result<Admission> {
        let permits = u32::try_from(bytes.min(MAX_WAITING_BYTES)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.bytes).try_acquire_many_owned(permits);
        permit.map(Admission).map_err(|_| StoreError::Overloaded)
    }

    /// Stores what came from outside. `done` is called on the thread after the commit, even if the caller does not wait any
    /// more.
    ///
    /// # Errors
    /// The request failed, or could not be committed.
    pub async fn store<T: Send + 'static>(
        &self,
        admission: Admission,
        apply: impl FnMut(&Connection) -> Result<T> + Send + 'static,
        done: impl FnMut(&T) + Send + 'static,
    ) -> Result<T> {
        let (job, reply) = job(apply, done, Some(admission));
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => StoreError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => ended(),
        })?;
        within_limit(async { reply.await.map_err(|_| ended())? }).await
    }

    /// Does work of the store's own, which waits for its turn.
    ///
    /// # Errors
    /// The request failed, or could not be committed.
    pub async fn run<T: Send + 'static>(
        &self,
        apply: impl FnMut(&Connection) -> Result<T> + Send + 'static,
        done: impl FnMut(&T) + Send + 'static,
    ) -> Result<T> {
        within_limit(self.run_to_end(apply, done)).await
    }

    /// Does work whose result must not be lost, however long it takes.
    ///
    /// # Errors
    /// The request failed, or could not be committed.
    pub async fn run_to_end<T: Send + 'static>(
        &self,
        apply: impl FnMut(&Connection) -> Result<T> + Send + 'static,
        done: impl FnMut(&T) + Send + 'static,
    ) -> Result<T> {
        let (job, reply) = job(apply, done, None);
        self.jobs.send(job).await.map_err(|_| ended())?;
        reply.await.map_err(|_| ended())?
    }
}

fn job<T: Send + 'static>(
    apply: impl FnMut(&Connection) -> Result<T> + Send + 'static,
    done: impl FnMut(&T) + Send + 'static,
    admission: Option<Admission>,
) -> (Job, oneshot::Receiver<Result<T>>) {
    let (reply, answer) = oneshot::channel();
    let work = Box::new(Request { apply, value: None, done, reply: Some(reply) });
    (Job { work, admission }, answer)
}

async fn within_limit<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(MAX_WAIT, work).await.unwrap_or(Err(StoreError::Busy))
}

fn ended() -> StoreError {
    StoreError::Failed("the store's thread has ended".to_owned())
}

struct Store {
    path: PathBuf,
    schema: Schema,
    identity: Identity,
    /// `None` after a fault, until it is opened again.
    connection: Option<Connection>,
    checkpoints: Checkpoints,
}

impl Store {
    fn serve(mut self, mut waiting: mpsc::Receiver<Job>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < MAX_BATCH
                && let Ok(job) = waiting.try_recv()
            {
                batch.push(job);
            }
            self.settle(&mut batch);
        }
    }

    /// Commits the batch. If that fails, its requests are tried one by one, so that none fails for another.
    fn settle(&mut self, batch: &mut [Job]) {
        let outcome = self.commit(batch);
        match outcome {
            // That another process holds the file is no request's fault, and each would wait for it again.
            Err(ref error) if batch.len() > 1 && *error != StoreError::Busy => {
                for job in batch {
                    let outcome = self.commit(std::slice::from_mut(job));
                    job.work.finish(outcome);
                }
            }
            outcome => batch.iter_mut().for_each(|job| job.work.finish(outcome.clone())),
        }
    }

    fn commit(&mut self, batch: &mut [Job]) -> Result<()> {
        if identity(&self.path)? != self.identity {
            return Err(StoreError::Failed("its file was replaced by another one".to_owned()));
        }
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => file::open_writer(&self.path, &self.schema)?,
        };
        let outcome = apply_all(&mut connection, batch);
        // SQLite opens a file that cannot be written for reading alone, and would never notice that it can be written again.
        let must_reopen = |error: &StoreError| {
            matches!(error, StoreError::Failed(_) | StoreError::Damaged(_) | StoreError::ReadOnly(_))
        };
        let is_sound = !outcome.as_ref().is_err_and(must_reopen);
        if is_sound && connection.is_autocommit() {
            file::bound_log(&connection, &self.path);
            let bytes = |job: &Job| job.admission.as_ref().map_or(0, |admission| admission.0.num_permits());
            self.checkpoints.committed(&connection, batch.len(), batch.iter().map(bytes).sum());
            self.connection = Some(connection);
        }
        outcome
    }
}

fn apply_all(connection: &mut Connection, batch: &mut [Job]) -> Result<()> {
    // Dropping the transaction rolls it back.
    let transaction: Transaction<'_> =
        connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for job in batch {
        job.work.apply(&transaction)?;
    }
    Ok(transaction.commit()?)
}

/// What tells the file from another one under the same path. Without it, requests would be confirmed into a file that somebody
/// has deleted or replaced.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(path: &std::path::Path) -> Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).map_err(|error| file_error("the store's file is gone", &error))?;
    Ok((file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(path: &std::path::Path) -> Result<Identity> {
    std::fs::metadata(path).map(drop).map_err(|error| file_error("the store's file is gone", &error))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const SCHEMA: Schema =
        Schema { application: 1, steps: &["CREATE TABLE counts (state INTEGER PRIMARY KEY, n INTEGER)"] };

    #[tokio::test]
    async fn a_request_that_fails_does_not_fail_those_that_share_its_commit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        let connection = file::prepare(&path, &SCHEMA).expect("a store");
        let writer = Writer::start(path, connection, SCHEMA).expect("a thread");
        let (release, held) = std::sync::mpsc::channel::<()>();
        let applied = Arc::new(AtomicUsize::new(0));
        let insert = |state: i64| {
            let applied = Arc::clone(&applied);
            let apply = move |connection: &Connection| {
                applied.fetch_add(1, Ordering::SeqCst);
                Ok(connection.execute("INSERT INTO counts VALUES (?1, 0)", [state])?)
            };
            writer.run(apply, |_| {})
        };
        let refused = || Err::<usize, _>(StoreError::Failed("refused".to_owned()));
        let begun = Arc::new(tokio::sync::Notify::new());
        let first = {
            let begun = Arc::clone(&begun);
            let apply = move |_: &Connection| {
                begun.notify_one();
                Ok(held.recv().is_ok())
            };
            writer.run(apply, |_| {})
        };
        // While the first is held, the others come together.
        let others = async {
            begun.notified().await;
            tokio::join!(biased; insert(10), writer.run(move |_| refused(), |_| {}), insert(11), async move {
                release.send(()).expect("the first waits");
            })
        };
        let (first, (before, failed, after, ())) = tokio::join!(first, others);
        assert_eq!((first, before, failed, after), (Ok(true), Ok(1), refused(), Ok(1)));
        // The one before the failure was applied with it, and again alone.
        assert_eq!(applied.load(Ordering::SeqCst), 3);
    }
}
