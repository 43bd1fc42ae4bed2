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

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

type Ask<'a, T> = Box<dyn FnMut() -> BoxFuture<'a, Result<Submission<T>, Error>> + Send + 'a>;

/// Where wakes come from: the next one awaited, and how to await another.
struct Wakes<'a, T> {
    next: Option<BoxFuture<'a, Wake<T>>>,
    again: Option<Box<dyn FnMut() -> BoxFuture<'a, Wake<T>> + Send + 'a>>,
}

impl<T> Wakes<'_, T> {
    const NONE: Self = Self { next: None, again: None };

    /// Returns the next wake-up from the webhook; never resolves once none can come.
    async fn heard(&mut self) -> Wake<T> {
        if self.next.is_none() {
            self.next = self.again.as_mut().map(|again| again());
        }
        let Some(next) = &mut self.next else { return std::future::pending().await };
        let woken = next.await;
        self.next = None;
        woken
    }
}

/// Returns the value of a submission, immediately or after waiting for it: the end of the one-step call of each trait.
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
        self.wake = Wakes { next: Some(Box::pin(wake)), again: None };
        self
    }

    /// Takes what webhooks bring, one after another, until one is an answer or the vendor's answer comes first.
    pub fn wake_on_each<F>(mut self, mut wake: impl FnMut() -> F + Send + 'a) -> Self
    where
        F: Future<Output = Wake<T>> + Send + 'a,
    {
        self.wake = Wakes { next: None, again: Some(Box::new(move || Box::pin(wake()))) };
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
            let left = self.left(started);
            if left.is_zero() {
                return Err(self.out_of_time(last_failure));
            }
            match self.ask_within(left).await {
                Asked::Answer(value) => return Ok(value),
                Asked::Failed(error) if !error.is_transient() => return Err(error),
                Asked::Failed(error) => last_failure = Some(error),
                Asked::OutOfTime => return Err(self.out_of_time(last_failure)),
                Asked::Hint => continue,
                Asked::Pending => self.report(started),
            }
            let asked_to_wait = last_failure.as_ref().and_then(Error::retry_after).unwrap_or_default();
            let pause = self.interval.max(asked_to_wait).min(self.left(started));
            if let Some(value) = self.pause(pause).await {
                return Ok(value);
            }
        }
    }

    fn left(&self, started: Duration) -> Duration {
        (started + self.timeout).saturating_sub(self.clock.elapsed())
    }

    /// One question, while the webhook is listened for.
    async fn ask_within(&mut self, left: Duration) -> Asked<T> {
        let Some(ask) = &mut self.ask else { return Asked::Pending };
        let limit = self.clock.sleep(left);
        match first(first(ask(), limit), self.wake.heard()).await {
            Either::Left(Either::Left(Ok(Submission::Ready(value)))) | Either::Right(Wake::Answer(value)) => {
                Asked::Answer(value)
            }
            Either::Left(Either::Left(Ok(Submission::Pending(_)))) => Asked::Pending,
            Either::Left(Either::Left(Err(error))) => Asked::Failed(error),
            Either::Left(Either::Right(())) => Asked::OutOfTime,
            Either::Right(Wake::Ask) => Asked::Hint,
        }
    }

    /// Waits, or until the webhook answers or hints.
    async fn pause(&mut self, pause: Duration) -> Option<T> {
        match first(self.clock.sleep(pause), self.wake.heard()).await {
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
    /// A webhook hints that there is news: the question is cut short and asked afresh.
    Hint,
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
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::*;
    use crate::time::VirtualClock;

    const TOY: Vendor = Vendor::new("toy");

    fn id() -> OperationId {
        OperationId::by_id(TOY, "match", "1")
    }

    /// Moves the clock second by second until the task has ended.
    async fn run_out<T>(clock: &VirtualClock, running: &tokio::task::JoinHandle<T>) {
        while !running.is_finished() {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            if !running.is_finished() {
                clock.advance(Duration::from_secs(1));
            }
        }
    }

    /// A wait on a clock that runs as fast as it is slept on.
    async fn wait(
        answers: Vec<Result<Submission<u8>, Error>>,
        wake: Option<Wake<u8>>,
        wake_after: u64,
    ) -> (Result<u8, Error>, usize, u64) {
        let clock = VirtualClock::frozen();
        let start = clock.now();
        let asked = Arc::new(Mutex::new(0));
        let mut answers = VecDeque::from(answers);
        let counter = Arc::clone(&asked);
        let mut poller = Poller::new(
            TOY,
            id(),
            Arc::new(clock.clone()),
            Duration::from_secs(60),
            Duration::from_secs(10),
            move || {
                *counter.lock().expect("no panic before") += 1;
                let answer = answers.pop_front().unwrap_or(Ok(Submission::Pending(id())));
                async move { answer }
            },
        );
        if let Some(wake) = wake {
            let clock = clock.clone();
            poller = poller.wake_on(async move {
                clock.sleep(Duration::from_secs(wake_after)).await;
                wake
            });
        }
        let running = tokio::spawn(poller.into_future());
        run_out(&clock, &running).await;
        let outcome = running.await.expect("no panic");
        let asked = *asked.lock().expect("no panic before");
        (outcome, asked, clock.now().since(start).as_secs())
    }

    fn pending() -> Result<Submission<u8>, Error> {
        Ok(Submission::Pending(id()))
    }

    fn failure(kind: ErrorKind) -> Result<Submission<u8>, Error> {
        Err(Error::new(TOY, kind, Delivery::Answered, "no"))
    }

    #[tokio::test]
    async fn asks_until_it_is_ready() {
        let (outcome, asked, seconds) =
            wait(vec![pending(), pending(), Ok(Submission::Ready(7))], None, 0).await;
        assert_eq!((outcome.expect("ready"), asked, seconds), (7, 3, 20));
    }

    #[tokio::test]
    async fn ends_at_its_deadline_with_the_id() {
        let (outcome, asked, seconds) = wait(vec![], None, 0).await;
        let error = outcome.expect_err("too late");
        assert_eq!(
            (error.kind(), error.operation_id(), asked, seconds),
            (ErrorKind::Timeout, Some(&id()), 6, 60)
        );
    }

    #[tokio::test]
    async fn a_webhook_answers_at_once() {
        let (outcome, asked, seconds) = wait(vec![], Some(Wake::Answer(9)), 13).await;
        assert_eq!((outcome.expect("woken"), asked, seconds), (9, 2, 13));
    }

    #[tokio::test]
    async fn a_hint_only_asks() {
        let (outcome, asked, seconds) =
            wait(vec![pending(), pending(), Ok(Submission::Ready(7))], Some(Wake::Ask), 13).await;
        assert_eq!((outcome.expect("ready"), asked, seconds), (7, 3, 13));
    }

    #[tokio::test]
    async fn a_hint_does_not_stretch_the_deadline_and_more_may_come() {
        let clock = VirtualClock::frozen();
        let hinting = clock.clone();
        let asked = Arc::new(Mutex::new(0));
        let counter = Arc::clone(&asked);
        let slow = clock.clone();
        let poller = Poller::new(
            TOY,
            id(),
            Arc::new(clock.clone()),
            Duration::from_secs(30),
            Duration::from_secs(300),
            move || {
                *counter.lock().expect("no panic before") += 1;
                let clock = slow.clone();
                async move {
                    clock.sleep(Duration::from_secs(20)).await;
                    pending()
                }
            },
        )
        .wake_on_each(move || {
            let clock = hinting.clone();
            async move {
                clock.sleep(Duration::from_secs(8)).await;
                Wake::Ask
            }
        });
        let start = clock.elapsed();
        let running = tokio::spawn(poller.into_future());
        run_out(&clock, &running).await;
        assert_eq!(running.await.expect("no panic").expect_err("never ready").kind(), ErrorKind::Timeout);
        assert_eq!((clock.elapsed() - start).as_secs(), 30);
        assert_eq!(*asked.lock().expect("no panic before"), 4, "at 0, 8, 16 and 24 s");
    }

    #[tokio::test]
    async fn a_transient_failure_does_not_end_it_another_does() {
        let (outcome, asked, _) =
            wait(vec![failure(ErrorKind::Unavailable), Ok(Submission::Ready(7))], None, 0).await;
        assert_eq!((outcome.expect("ready"), asked), (7, 2));
        let (outcome, asked, _) = wait(vec![failure(ErrorKind::NotFound)], None, 0).await;
        assert_eq!((outcome.expect_err("final").kind(), asked), (ErrorKind::NotFound, 1));
    }
}
