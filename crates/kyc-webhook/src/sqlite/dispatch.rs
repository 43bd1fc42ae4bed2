//! The dispatcher of the inbox.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use kyc_store::{beside, file_error};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::claim::{self, Claim, Settlement};
use super::metrics;
use super::{Result, SqliteInbox};
use crate::dispatcher::{DispatchOptions, Dispatcher};
use crate::event::{EventId, EventState};
use crate::handler::{Handled, Handler};
use crate::inbox::{Inbox, InboxError};

/// How long the dispatcher sleeps at most, so that a clock that is set does not stop it.
const LONGEST_SLEEP: Duration = Duration::from_secs(10);

/// How long to wait after the inbox failed.
const PAUSE: Duration = Duration::from_secs(1);

/// How long the results of handlers may take to be written after the grace has ended.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// The longest reason that is kept, in characters.
const REASON: usize = 500;

#[async_trait]
impl Dispatcher for SqliteInbox {
    async fn dispatch(
        &self,
        handler: Arc<dyn Handler>,
        options: DispatchOptions,
        stop: CancellationToken,
    ) -> Result<()> {
        // The lock ends with the file, even if the process is killed.
        let _role = take_role(&self.path).await?;
        let run = Arc::new(Run {
            inbox: self.clone(),
            handler,
            options,
            stop: stop.child_token(),
            abandon: CancellationToken::new(),
            failure: OnceLock::new(),
        });
        let suspects = run.recover().await?;
        run.try_alone(suspects).await;
        let _watch = self.waiting.for_due();
        let mut at_work = JoinSet::new();
        run.serve(&mut at_work).await;
        run.finish(at_work).await;
        run.failure.get().cloned().map_or(Ok(()), Err)
    }
}

async fn take_role(path: &Path) -> Result<File> {
    let path = beside(path, ".dispatcher");
    let failed = |_| Err(InboxError::Failed("the lock of the dispatcher was cut off".to_owned()));
    tokio::task::spawn_blocking(move || lock(&path)).await.unwrap_or_else(failed)
}

fn lock(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error| file_error("the lock of the inbox's dispatcher cannot be taken", &error);
    let file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(InboxError::AlreadyDispatched),
        Err(TryLockError::Error(error)) => Err(failed(error).into()),
    }
}

/// One call of [`Dispatcher::dispatch`].
struct Run {
    inbox: SqliteInbox,
    handler: Arc<dyn Handler>,
    options: DispatchOptions,
    stop: CancellationToken,
    /// Cancelled when the grace after a stop has ended.
    abandon: CancellationToken,
    /// Why it stopped of itself.
    failure: OnceLock<InboxError>,
}

/// How an attempt ended.
enum Attempt {
    Handled(Handled),
    /// The dispatcher was stopped before.
    Abandoned,
}

impl Run {
    fn max_attempts(&self) -> u32 {
        self.options.max_attempts.max(1)
    }

    /// Takes over what a former dispatcher left. Returns the events that may have ended it.
    async fn recover(&self) -> Result<Vec<i64>> {
        const REASON: &str = "the process ended while it handled the event";
        let mut suspects = Vec::new();
        loop {
            let (cipher, max_attempts, now) =
                (Arc::clone(&self.inbox.cipher), self.max_attempts(), self.inbox.now());
            let apply = move |connection: &_| claim::recover(connection, &cipher, max_attempts, REASON, now);
            let found = self.inbox.writer.run(apply, |_| {}).await?;
            suspects.extend(found.suspects);
            if !found.has_more {
                return Ok(suspects);
            }
        }
    }

    /// Handles events one at a time. An event that ends the process would otherwise use up the attempts of those that are at work
    /// beside it.
    async fn try_alone(self: &Arc<Self>, suspects: Vec<i64>) {
        for seq in suspects {
            if self.stop.is_cancelled() {
                return;
            }
            let claimed =
                self.inbox.writer.run_to_end(move |connection| claim::claim_alone(connection, seq), |_| {});
            // One that cannot be claimed now is claimed with the others.
            if let Ok(Some(claim)) = claimed.await {
                let mut alone = JoinSet::new();
                alone.spawn(Arc::clone(self).work(claim));
                let ended = async { while alone.join_next().await.is_some() {} };
                if self.stop.run_until_cancelled(ended).await.is_none() {
                    return self.finish(alone).await;
                }
            }
        }
    }

    /// Handles events until the stop.
    async fn serve(self: &Arc<Self>, at_work: &mut JoinSet<()>) {
        let mut counted = None;
        while !self.stop.is_cancelled() {
            self.count(&mut counted).await;
            let sleep = self.claim(at_work).await;
            tokio::select! {
                () = self.stop.cancelled() => {}
                Some(_) = at_work.join_next() => {}
                () = self.inbox.waiting.due() => {}
                () = sleep => {}
            }
            while at_work.try_join_next().is_some() {}
        }
    }

    /// Starts handlers for the events that are due. Returns a wait for the next ones.
    async fn claim(self: &Arc<Self>, at_work: &mut JoinSet<()>) -> impl Future<Output = ()> + use<> {
        let free = self.options.concurrency.max(1).saturating_sub(at_work.len());
        let now = self.inbox.now();
        let mut pause = LONGEST_SLEEP;
        if free > 0 {
            let apply = move |connection: &_| claim::claim(connection, free, now);
            match self.inbox.writer.run_to_end(apply, |_| {}).await {
                Ok(found) => {
                    let until_next =
                        |due: i64| Duration::from_millis(due.saturating_sub(now).max(0).unsigned_abs());
                    let is_full = found.claims.len() == free;
                    pause =
                        found.next_due.filter(|_| !is_full).map_or(pause, |due| pause.min(until_next(due)));
                    for claim in found.claims {
                        at_work.spawn(Arc::clone(self).work(claim));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the inbox cannot be dispatched for now");
                    pause = PAUSE;
                }
            }
        }
        let clock = Arc::clone(&self.inbox.clock);
        async move { clock.sleep(pause).await }
    }

    /// Sets the gauges, if that is long ago.
    async fn count(&self, last: &mut Option<Duration>) {
        let now = self.inbox.clock.elapsed();
        if metrics::ENABLED && last.is_none_or(|last| now.saturating_sub(last) >= LONGEST_SLEEP) {
            *last = Some(now);
            drop(self.inbox.stats().await);
        }
    }

    async fn work(self: Arc<Self>, claim: Claim) {
        let Claim { row, lane } = claim;
        let (seq, id, generation, attempts) = (row.seq, row.id(), row.generation(), row.attempts());
        let source = row.source().to_owned();
        let attempt = self.attempt(id).await;
        let (state, due_at, why) = self.judge(attempt, attempts);
        metrics::attempted(&source, state);
        match state {
            EventState::Done => tracing::debug!(%id, source, attempts, "the event is done"),
            EventState::Dead => tracing::warn!(%id, source, attempts, "the event is given up"),
            _ => tracing::info!(%id, source, attempts, "the event is tried again"),
        }
        let why = why.map(|why| why.chars().take(REASON).collect::<String>());
        let reason = why.map(|why| self.inbox.cipher.seal(id.as_bytes(), "reason", why.as_bytes()));
        // The reason is dropped rather than the result.
        let reason = reason.and_then(std::result::Result::ok);
        self.settle(Settlement { seq, generation, lane, state, due_at, reason }).await;
    }

    /// Runs the handler once.
    async fn attempt(&self, id: EventId) -> Attempt {
        let event = match self.inbox.get(id).await {
            Ok(Some(event)) if event.content.is_some() => event,
            Ok(_) => return Attempt::Handled(Handled::dead("the content of the event is deleted")),
            Err(error @ InboxError::WrongKey(_)) => {
                // The key was changed: each event would fail. A process with the new key dispatches them.
                self.failure.get_or_init(|| error);
                self.stop.cancel();
                return Attempt::Abandoned;
            }
            Err(error) => {
                return Attempt::Handled(Handled::retry(format!("the event is illegible: {error}")));
            }
        };
        let handler = Arc::clone(&self.handler);
        // A task of its own, which ends the handler when it is dropped and survives its panic.
        let mut task = JoinSet::new();
        task.spawn(async move { handler.handle(event).await });
        tokio::select! {
            ended = tokio::time::timeout(self.options.handler_timeout, task.join_next()) => {
                Attempt::Handled(match ended {
                    Ok(Some(Ok(handled))) => handled,
                    // What a panic says may be anything.
                    Ok(_) => Handled::retry("the handler panicked"),
                    Err(_) => Handled::retry("the handler took too long"),
                })
            }
            () = self.abandon.cancelled() => Attempt::Abandoned,
        }
    }

    /// Decides what becomes of an event: its state, when it is due, and why.
    fn judge(
        &self,
        attempt: Attempt,
        attempts: u32,
    ) -> (EventState, Option<i64>, Option<std::borrow::Cow<'static, str>>) {
        let now = self.inbox.clock.now();
        let due_after = |pause| Some(now.saturating_add(pause).unix_millis());
        match attempt {
            Attempt::Handled(Handled::Done) => (EventState::Done, None, None),
            Attempt::Handled(Handled::Dead { why }) => (EventState::Dead, None, Some(why)),
            Attempt::Handled(Handled::Retry { why, .. }) if attempts >= self.max_attempts() => {
                (EventState::Dead, None, Some(why))
            }
            Attempt::Handled(Handled::Retry { after, why }) => {
                let pause = after.unwrap_or_else(|| self.options.pause_after(attempts));
                (EventState::Retrying, due_after(pause), Some(why))
            }
            Attempt::Abandoned => {
                let why = "the dispatcher was stopped while the handler was at work".into();
                (EventState::Retrying, due_after(Duration::ZERO), Some(why))
            }
        }
    }

    /// Writes what became of an event, and tries again until it is written: an event whose result is lost is handled twice.
    async fn settle(&self, settlement: Settlement) {
        loop {
            let settlement = settlement.clone();
            let apply = move |connection: &_| claim::settle(connection, &settlement);
            let Err(error) = self.inbox.writer.run_to_end(apply, |()| {}).await else { return };
            tracing::warn!(%error, "the result of a handler cannot be written for now");
            if self.abandon.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
                return;
            }
        }
    }

    /// Waits for the handlers that are at work, for as long as the grace is.
    async fn finish(&self, mut at_work: JoinSet<()>) {
        let drain = async |at_work: &mut JoinSet<()>| while at_work.join_next().await.is_some() {};
        if tokio::time::timeout(self.options.shutdown_grace, drain(&mut at_work)).await.is_err() {
            self.abandon.cancel();
            // Those that are not written by then are taken over by the next dispatcher.
            drop(tokio::time::timeout(LAST_WRITES, drain(&mut at_work)).await);
        }
    }
}
