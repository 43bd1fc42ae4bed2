//! Waiting for what a vendor works on: asking now and then, woken by a webhook, never without a deadline.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::error::{Delivery, Error, ErrorKind};
use crate::operation::{OperationId, Submission, Vendor};
use crate::response::Response;
use crate::time::Clock;

/// No vendor is asked more often than this, whatever is set.
const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// How much of the time is kept for the last question, at most; a tenth of a shorter wait.
const MAX_RESERVE: Duration = Duration::from_secs(2);

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type Ask<'a, T> = Box<dyn FnMut() -> BoxFuture<'a, Result<Submission<T>, Error>> + Send + 'a>;

/// Where wakes come from: the next one awaited, and how to await another.
struct Wakes<'a, T> {
    next: Option<BoxFuture<'a, Wake<T>>>,
    again: Option<Box<dyn FnMut() -> BoxFuture<'a, Wake<T>> + Send + 'a>>,
    /// A hint came while nothing could be asked.
    has_hint: bool,
}

impl<T> Wakes<'_, T> {
    const NONE: Self = Self { next: None, again: None, has_hint: false };

    /// Returns what the webhook brings; pending for ever when nothing more can come.
    async fn heard(&mut self) -> Wake<T> {
        if self.next.is_none() {
            self.next = self.again.as_mut().map(|again| again());
        }
        let Some(next) = &mut self.next else { return std::future::pending().await };
        let woken = next.await;
        self.next = None;
        woken
    }

    /// Returns the answer that a webhook brings. Hints are remembered as one, and taken slowly: forged ones cost nothing.
    async fn answer(&mut self, clock: &dyn Clock) -> T {
        loop {
            match self.heard().await {
                Wake::Answer(value) => return value,
                Wake::Ask => self.has_hint = true,
            }
            clock.sleep(MIN_INTERVAL).await;
        }
    }
}

/// What was handed in, at once or after a wait: how each capability trait ends its one-step call.
pub(crate) async fn settle<'a, T, F>(
    vendor: Vendor,
    submitted: Submission<T>,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    interval: Duration,
    ask: impl Fn(OperationId) -> F + Send + 'a,
) -> Result<T, Error>
where
    T: Send + 'a,
    F: Future<Output = Result<Response<Submission<T>>, Error>> + Send + 'a,
{
    let id = match submitted {
        Submission::Ready(value) => return Ok(value),
        Submission::Pending(id) => id,
    };
    let asked = id.clone();
    Poller::new(vendor, id, clock, timeout, interval, move || {
        let answer = ask(asked.clone());
        async move { answer.await.map(Response::into_inner) }
    })
    .await
}

/// Why a vendor that answers at once cannot be asked about an operation.
pub(crate) fn answers_at_once(vendor: Vendor, id: &OperationId) -> Error {
    let what = "the vendor responds at once: there is nothing to query later";
    id.check_vendor(vendor).err().unwrap_or_else(|| Error::unsupported(vendor, what))
}

/// What a webhook brings to a waiter.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Wake<T> {
    /// The answer itself: the webhook was authenticated.
    Answer(T),
    /// A hint that there is one: the vendor is asked at once.
    Ask,
}

/// Waits for an operation's answer. It does nothing until awaited, and ends at its deadline.
///
/// Asks at once, then at each interval. A transient failure of a question does not end the wait; any other does.
#[must_use = "it waits only when awaited"]
pub struct Poller<'a, T> {
    vendor: Vendor,
    id: OperationId,
    clock: Arc<dyn Clock>,
    timeout: Duration,
    interval: Duration,
    /// None where the vendor cannot be asked: then only a webhook answers.
    ask: Option<Ask<'a, T>>,
    wake: Wakes<'a, T>,
    on_pending: Option<Box<dyn FnMut(Duration) + Send + 'a>>,
}

impl<'a, T: Send + 'a> Poller<'a, T> {
    /// A wait of at most `timeout` that asks every `interval`.
    pub fn new<F>(
        vendor: Vendor,
        id: OperationId,
        clock: Arc<dyn Clock>,
        timeout: Duration,
        interval: Duration,
        mut ask: impl FnMut() -> F + Send + 'a,
    ) -> Self
    where
        F: Future<Output = Result<Submission<T>, Error>> + Send + 'a,
    {
        let ask = Box::new(move || Box::pin(ask()) as BoxFuture<'a, _>);
        Self {
            vendor,
            id,
            clock,
            timeout,
            interval: interval.max(MIN_INTERVAL),
            ask: Some(ask),
            wake: Wakes::NONE,
            on_pending: None,
        }
    }

    /// A wait of at most `timeout` for a webhook alone, where the vendor has no question for that id.
    pub fn webhook_only(vendor: Vendor, id: OperationId, clock: Arc<dyn Clock>, timeout: Duration) -> Self {
        Self { vendor, id, clock, timeout, interval: timeout, ask: None, wake: Wakes::NONE, on_pending: None }
    }

    /// Asks at another interval than the vendor suggests. Below 100 ms it is 100 ms.
    pub fn every(mut self, interval: Duration) -> Self {
        self.interval = interval.max(MIN_INTERVAL);
        self
    }

    /// Takes what a webhook brings, whichever comes first. The future must stay pending while nothing came.
    ///
    /// One [`Wake::Ask`] uses it up. Where hints may be forged or early, use [`wake_on_each`](Self::wake_on_each).
    pub fn wake_on(mut self, wake: impl Future<Output = Wake<T>> + Send + 'a) -> Self {
        self.wake = Wakes { next: Some(Box::pin(wake)), ..Wakes::NONE };
        self
    }

    /// Takes what webhooks bring, one after another, until one is an answer or the vendor's answer comes first.
    pub fn wake_on_each<F>(mut self, mut wake: impl FnMut() -> F + Send + 'a) -> Self
    where
        F: Future<Output = Wake<T>> + Send + 'a,
    {
        self.wake = Wakes { again: Some(Box::new(move || Box::pin(wake()))), ..Wakes::NONE };
        self
    }

    /// Is called after each question that found the answer not ready, with the time waited so far.
    pub fn on_pending(mut self, report: impl FnMut(Duration) + Send + 'a) -> Self {
        self.on_pending = Some(Box::new(report));
        self
    }

    async fn run(self) -> Result<T, Error> {
        // Whatever goes wrong, what was paid for is not forgotten.
        let id = self.id.clone();
        self.ask_and_listen().await.map_err(|error| match error.operation_id() {
            Some(_) => error,
            None => error.with_operation_id(id),
        })
    }

    async fn ask_and_listen(mut self) -> Result<T, Error> {
        let started = self.clock.elapsed();
        let mut last_failure: Option<Error> = None;
        loop {
            let asked_to_wait = match self.question(self.left(started)).await {
                Asked::Answer(value) => return Ok(value),
                Asked::Failed(error) if !error.is_transient() => return Err(error),
                Asked::Failed(error) => {
                    let wait = error.retry_after().unwrap_or_default();
                    last_failure = Some(error);
                    wait
                }
                Asked::OutOfTime => return Err(self.out_of_time(last_failure)),
                Asked::Pending => {
                    self.report(started);
                    Duration::ZERO
                }
            };
            let Some(pause) = self.next_pause(asked_to_wait, self.left(started)) else {
                // Too late for a question, but not for a webhook.
                let left = self.left(started);
                return match first(self.clock.sleep(left), self.wake.answer(&*self.clock)).await {
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

    /// Returns how long to wait before the next question. Shortly before the end there is a last one, which may find what became
    /// ready within the interval; nothing comes after it.
    fn next_pause(&self, asked_to_wait: Duration, left: Duration) -> Option<Duration> {
        let reserve = (self.timeout / 10).min(MAX_RESERVE);
        let last = left.checked_sub(reserve).filter(|last| !last.is_zero())?;
        (asked_to_wait <= last).then(|| self.interval.max(asked_to_wait).min(last))
    }

    /// Asks one question, and listens to webhooks meanwhile. A hint does not cut it short: it leads to another one.
    async fn question(&mut self, left: Duration) -> Asked<T> {
        let Self { ask: Some(ask), wake, clock, .. } = self else { return Asked::Pending };
        let asked = first(ask(), clock.sleep(left));
        match first(asked, wake.answer(&**clock)).await {
            Either::Left(Either::Left(Ok(Submission::Ready(value)))) | Either::Right(value) => {
                Asked::Answer(value)
            }
            Either::Left(Either::Left(Ok(Submission::Pending(_)))) => Asked::Pending,
            Either::Left(Either::Left(Err(error))) => Asked::Failed(error),
            Either::Left(Either::Right(())) => Asked::OutOfTime,
        }
    }

    /// Waits, or until a webhook answers or hints. However many hints come, the vendor is asked at most every 100 ms.
    async fn pause(&mut self, pause: Duration) -> Option<T> {
        let end = self.clock.elapsed().saturating_add(pause);
        let floor = MIN_INTERVAL.min(pause);
        if let Either::Right(value) = first(self.clock.sleep(floor), self.wake.answer(&*self.clock)).await {
            return Some(value);
        }
        if std::mem::take(&mut self.wake.has_hint) {
            return None;
        }
        let rest = self.clock.sleep(end.saturating_sub(self.clock.elapsed()));
        match first(rest, self.wake.heard()).await {
            Either::Left(()) | Either::Right(Wake::Ask) => None,
            Either::Right(Wake::Answer(value)) => Some(value),
        }
    }

    fn report(&mut self, started: Duration) {
        let waited = self.clock.elapsed().saturating_sub(started);
        if let Some(report) = &mut self.on_pending {
            report(waited);
        }
    }

    fn out_of_time(&self, last_failure: Option<Error>) -> Error {
        let what = format!("no result within {:?}; the vendor is still processing", self.timeout);
        let error = Error::new(self.vendor, ErrorKind::Timeout, Delivery::Answered, what);
        match last_failure {
            Some(failure) => error.caused_by(failure.to_string()),
            None => error,
        }
    }
}

enum Asked<T> {
    Answer(T),
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

/// Whichever is ready first; the left one of two.
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
