//! Waits for the result of a submission: polls at intervals, wakes on a webhook, and always ends at a deadline.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::error::{Delivery, Error, ErrorKind};
use crate::operation::{OperationId, Submission, Vendor};
use crate::response::Response;
use crate::time::{Clock, SystemClock, in_seconds};

/// The shortest interval between two queries, whatever is configured.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// The time reserved for the last query: a tenth of the wait, and at most this.
const MAX_RESERVE: Duration = Duration::from_secs(2);

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type Query<'a, T> = Box<dyn FnMut() -> BoxFuture<'a, Result<Submission<T>, Error>> + Send + 'a>;

/// The webhooks to wait for: the future of the next one, and a function that creates further futures.
struct Wakes<'a, T> {
    next: Option<BoxFuture<'a, Wake<T>>>,
    again: Option<Box<dyn FnMut() -> BoxFuture<'a, Wake<T>> + Send + 'a>>,
    /// A hint arrived while no query could be sent.
    has_hint: bool,
}

impl<T> Wakes<'_, T> {
    const NONE: Self = Self { next: None, again: None, has_hint: false };

    /// Returns the next wake. Stays pending forever if there is no source of wakes.
    async fn next_wake(&mut self) -> Wake<T> {
        if self.next.is_none() {
            self.next = self.again.as_mut().map(|again| again());
        }
        let Some(next) = &mut self.next else { return std::future::pending().await };
        let woken = next.await;
        self.next = None;
        woken
    }

    /// Returns the result that a webhook carries. Hints are merged into one and read at a limited rate, so that forged hints
    /// cause no load.
    async fn next_result(&mut self) -> T {
        loop {
            match self.next_wake().await {
                Wake::Result(value) => return value,
                Wake::Query => self.has_hint = true,
            }
            SystemClock.sleep(MIN_INTERVAL).await;
        }
    }
}

/// Returns the result of a submission, immediately or after polling. It completes the one-step methods of the capability traits.
pub(crate) async fn wait_for_result<'a, T, F>(
    vendor: Vendor,
    submitted: Submission<T>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    interval: Duration,
    query: impl Fn(OperationId) -> F + Send + 'a,
) -> Result<T, Error>
where
    T: Send + 'a,
    F: Future<Output = Result<Response<Submission<T>>, Error>> + Send + 'a,
{
    let id = match submitted {
        Submission::Ready(value) => return Ok(value),
        Submission::Pending(id) => id,
    };
    let queried = id.clone();
    Poller::new(vendor, id, clock, timeout, interval, move || {
        let response = query(queried.clone());
        async move { response.await.map(Response::into_inner) }
    })
    .await
}

/// Creates the error for a query to a vendor that responds to submissions immediately.
pub(crate) fn query_unsupported(vendor: Vendor, id: &OperationId) -> Error {
    let what = "the vendor responds immediately: there is no result to query";
    id.check_vendor(vendor).err().unwrap_or_else(|| Error::unsupported(vendor, what))
}

/// What a webhook means for a [`Poller`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Wake<T> {
    /// The result itself: the webhook was authenticated.
    Result(T),
    /// A hint that there is a result: the vendor is queried at once.
    Query,
}

/// Waits for the result of a submission. It does nothing until it is awaited, and ends at its timeout.
///
/// It queries at once, then at each interval, and a last time shortly before the timeout. A transient failure of a query does
/// not end the wait; any other failure does.
#[must_use = "it waits only when awaited"]
pub struct Poller<'a, T> {
    vendor: Vendor,
    id: OperationId,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    interval: Duration,
    /// `None` where the vendor has no query: then only a webhook ends the wait.
    query: Option<Query<'a, T>>,
    wake: Wakes<'a, T>,
    on_pending: Option<Box<dyn FnMut(Duration) + Send + 'a>>,
}

impl<'a, T: Send + 'a> Poller<'a, T> {
    /// Creates a wait of at most `timeout` that queries every `interval`.
    pub fn new<F>(
        vendor: Vendor,
        id: OperationId,
        clock: Arc<dyn Clock>,
        timeout: Duration,
        interval: Duration,
        mut query: impl FnMut() -> F + Send + 'a,
    ) -> Self
    where
        F: Future<Output = Result<Submission<T>, Error>> + Send + 'a,
    {
        let query = Box::new(move || Box::pin(query()) as BoxFuture<'a, _>);
        Self {
            vendor,
            id,
            clock,
            timeout,
            interval: interval.max(MIN_INTERVAL),
            query: Some(query),
            wake: Wakes::NONE,
            on_pending: None,
        }
    }

    /// Creates a wait of at most `timeout` for a webhook alone, for ids that the vendor cannot be queried by.
    pub fn webhook_only(vendor: Vendor, id: OperationId, clock: Arc<dyn Clock>, timeout: Duration) -> Self {
        Self {
            vendor,
            id,
            clock,
            timeout,
            interval: timeout,
            query: None,
            wake: Wakes::NONE,
            on_pending: None,
        }
    }

    /// Sets the interval between queries, in place of the one that the vendor suggests. The minimum is 100 ms.
    pub fn every(mut self, interval: Duration) -> Self {
        self.interval = interval.max(MIN_INTERVAL);
        self
    }

    /// Also waits for a webhook. The future must stay pending until one arrives.
    ///
    /// A single [`Wake::Query`] completes it. Where hints may be forged or early, use [`wake_on_each`](Self::wake_on_each).
    pub fn wake_on(mut self, wake: impl Future<Output = Wake<T>> + Send + 'a) -> Self {
        self.wake = Wakes { next: Some(Box::pin(wake)), ..Wakes::NONE };
        self
    }

    /// Also waits for webhooks, one after another, until one carries the result or a query returns it.
    pub fn wake_on_each<F>(mut self, mut wake: impl FnMut() -> F + Send + 'a) -> Self
    where
        F: Future<Output = Wake<T>> + Send + 'a,
    {
        self.wake = Wakes { again: Some(Box::new(move || Box::pin(wake()))), ..Wakes::NONE };
        self
    }

    /// Calls a function after each query that finds no result yet, with the time waited so far.
    pub fn on_pending(mut self, report: impl FnMut(Duration) + Send + 'a) -> Self {
        self.on_pending = Some(Box::new(report));
        self
    }

    async fn run(self) -> Result<T, Error> {
        // The error always names the submission, which may have been paid for.
        let id = self.id.clone();
        self.run_until_result().await.map_err(|error| match error.operation_id() {
            Some(_) => error,
            None => error.with_operation_id(id),
        })
    }

    async fn run_until_result(mut self) -> Result<T, Error> {
        let started = self.clock.elapsed();
        let mut last_failure: Option<Error> = None;
        loop {
            let requested_wait = match self.query_once(self.left(started)).await {
                QueryOutcome::Ready(value) => return Ok(value),
                QueryOutcome::Failed(error) if !error.is_transient() => return Err(error),
                QueryOutcome::Failed(error) => {
                    let wait = error.retry_after().unwrap_or_default();
                    last_failure = Some(error);
                    wait
                }
                QueryOutcome::OutOfTime => return Err(self.out_of_time(last_failure)),
                QueryOutcome::Pending => {
                    self.report(started);
                    Duration::ZERO
                }
            };
            let Some(pause) = self.next_pause(requested_wait, self.left(started)) else {
                // Too late for another query, but not for a webhook.
                let left = self.left(started);
                return match first(self.clock.sleep(left), self.wake.next_result()).await {
                    Either::Left(()) => Err(self.out_of_time(last_failure)),
                    Either::Right(value) => Ok(value),
                };
            };
            if let Some(value) = self.pause(pause).await {
                return Ok(value);
            }
        }
    }

    fn left(&self, started: Duration) -> Duration {
        started.saturating_add(self.timeout).saturating_sub(self.clock.elapsed())
    }

    /// Returns how long to wait before the next query, or `None` after the last one. The last query comes shortly before the
    /// timeout, so that a result that became ready within a long interval is found.
    fn next_pause(&self, requested_wait: Duration, left: Duration) -> Option<Duration> {
        let reserve = (self.timeout / 10).min(MAX_RESERVE);
        let last = left.checked_sub(reserve).filter(|last| !last.is_zero())?;
        (requested_wait <= last).then(|| self.interval.max(requested_wait).min(last))
    }

    /// Sends one query and waits for webhooks meanwhile. A hint does not cancel the query; it causes another one.
    async fn query_once(&mut self, left: Duration) -> QueryOutcome<T> {
        let Self { query: Some(query), wake, clock, .. } = self else { return QueryOutcome::Pending };
        let queried = first(query(), clock.sleep(left));
        match first(queried, wake.next_result()).await {
            Either::Left(Either::Left(Ok(Submission::Ready(value)))) | Either::Right(value) => {
                QueryOutcome::Ready(value)
            }
            Either::Left(Either::Left(Ok(Submission::Pending(_)))) => QueryOutcome::Pending,
            Either::Left(Either::Left(Err(error))) => QueryOutcome::Failed(error),
            Either::Left(Either::Right(())) => QueryOutcome::OutOfTime,
        }
    }

    /// Waits until the pause ends or a webhook arrives. However many hints arrive, the vendor is queried at most every 100 ms
    /// of real time.
    async fn pause(&mut self, pause: Duration) -> Option<T> {
        let queried = SystemClock.elapsed();
        if !self.wake.has_hint {
            match first(self.clock.sleep(pause), self.wake.next_wake()).await {
                Either::Left(()) => return None,
                Either::Right(Wake::Result(value)) => return Some(value),
                Either::Right(Wake::Query) => {}
            }
        }
        self.wake.has_hint = false;
        let rest = MIN_INTERVAL.saturating_sub(SystemClock.elapsed().saturating_sub(queried));
        // Real time also passes while a virtual clock is frozen; an advanced virtual clock ends the wait early.
        let rest = first(SystemClock.sleep(rest), self.clock.sleep(rest));
        match first(rest, self.wake.next_result()).await {
            Either::Left(_) => None,
            Either::Right(value) => Some(value),
        }
    }

    fn report(&mut self, started: Duration) {
        let waited = self.clock.elapsed().saturating_sub(started);
        if let Some(report) = &mut self.on_pending {
            report(waited);
        }
    }

    fn out_of_time(&self, last_failure: Option<Error>) -> Error {
        let what = format!("no result within {}; the vendor is still processing", in_seconds(self.timeout));
        let error = Error::new(self.vendor, ErrorKind::Timeout, Delivery::Answered, what);
        match last_failure {
            Some(failure) => error.caused_by(failure.to_string()),
            None => error,
        }
    }
}

/// The outcome of one query.
enum QueryOutcome<T> {
    Ready(T),
    Pending,
    Failed(Error),
    OutOfTime,
}

impl<'a, T: Send + 'a> IntoFuture for Poller<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = BoxFuture<'a, Result<T, Error>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<T> fmt::Debug for Poller<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poller")
            .field("id", &self.id)
            .field("timeout", &self.timeout)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

enum Either<L, R> {
    Left(L),
    Right(R),
}

/// Returns whichever is ready first, and the left one if both are.
async fn first<L, R>(left: impl Future<Output = L>, right: impl Future<Output = R>) -> Either<L, R> {
    let (mut left, mut right) = (pin!(left), pin!(right));
    poll_fn(|context| match left.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Either::Left(value)),
        Poll::Pending => right.as_mut().poll(context).map(Either::Right),
    })
    .await
}

#[cfg(test)]
mod tests;
