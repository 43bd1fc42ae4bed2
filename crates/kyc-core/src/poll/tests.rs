use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::time::VirtualClock;

const TOY: Vendor = Vendor::new("toy");

fn id() -> OperationId {
    OperationId::by_id(TOY, "match", "1")
}

/// Advances the clock second by second until the task has ended.
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

/// Polls on a virtual clock. Returns the outcome, the number of queries and the seconds that passed.
async fn wait(
    outcomes: Vec<Result<Submission<u8>, Error>>,
    wake: Option<Wake<u8>>,
    wake_after: u64,
) -> (Result<u8, Error>, usize, u64) {
    let clock = VirtualClock::frozen();
    let start = clock.now();
    let queries = Arc::new(Mutex::new(0));
    let mut outcomes = VecDeque::from(outcomes);
    let counter = Arc::clone(&queries);
    let mut poller = Poller::new(
        TOY,
        id(),
        Arc::new(clock.clone()),
        Duration::from_secs(60),
        Duration::from_secs(10),
        move || {
            *counter.lock().expect("no panic before") += 1;
            let outcome = outcomes.pop_front().unwrap_or(Ok(Submission::Pending(id())));
            async move { outcome }
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
    let queries = *queries.lock().expect("no panic before");
    (outcome, queries, clock.now().since(start).as_secs())
}

fn pending() -> Result<Submission<u8>, Error> {
    Ok(Submission::Pending(id()))
}

fn failure(kind: ErrorKind) -> Result<Submission<u8>, Error> {
    Err(Error::new(TOY, kind, Delivery::Answered, "no"))
}

#[tokio::test]
async fn queries_until_the_result_is_ready() {
    let (outcome, queries, seconds) =
        wait(vec![pending(), pending(), Ok(Submission::Ready(7))], None, 0).await;
    assert_eq!((outcome.expect("ready"), queries, seconds), (7, 3, 20));
}

#[tokio::test]
async fn a_timeout_carries_the_operation_id() {
    let (outcome, queries, seconds) = wait(vec![], None, 0).await;
    let error = outcome.expect_err("too late");
    assert_eq!(
        (error.kind(), error.operation_id(), queries, seconds),
        (ErrorKind::Timeout, Some(&id()), 7, 60)
    );
}

#[tokio::test]
async fn a_webhook_with_the_result_ends_the_wait() {
    let (outcome, queries, seconds) = wait(vec![], Some(Wake::Result(9)), 13).await;
    assert_eq!((outcome.expect("woken"), queries, seconds), (9, 2, 13));
}

#[tokio::test]
async fn a_hint_triggers_a_query() {
    let (outcome, queries, seconds) =
        wait(vec![pending(), pending(), Ok(Submission::Ready(7))], Some(Wake::Query), 13).await;
    assert_eq!((outcome.expect("ready"), queries), (7, 3));
    assert!((13..=14).contains(&seconds), "{seconds}: the hint, and at most the shortest interval");
}

#[tokio::test]
async fn repeated_hints_do_not_extend_the_deadline() {
    let clock = VirtualClock::frozen();
    let hinting = clock.clone();
    let queries = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&queries);
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
            Wake::Query
        }
    });
    let start = clock.elapsed();
    let running = tokio::spawn(poller.into_future());
    run_out(&clock, &running).await;
    assert_eq!(running.await.expect("no panic").expect_err("never ready").kind(), ErrorKind::Timeout);
    assert_eq!((clock.elapsed() - start).as_secs(), 30);
    assert_eq!(*queries.lock().expect("no panic before"), 2, "hints do not cancel a query: at 0 and 20 s");
}

#[tokio::test]
async fn only_permanent_failures_end_the_wait() {
    let (outcome, queries, _) =
        wait(vec![failure(ErrorKind::Unavailable), Ok(Submission::Ready(7))], None, 0).await;
    assert_eq!((outcome.expect("ready"), queries), (7, 2));
    let (outcome, queries, _) = wait(vec![failure(ErrorKind::NotFound)], None, 0).await;
    assert_eq!((outcome.expect_err("final").kind(), queries), (ErrorKind::NotFound, 1));
}

/// Waits 10 s; the vendor suggests a query every 300 s, and the result is ready after 3 s.
#[tokio::test]
async fn a_last_query_precedes_the_timeout() {
    let clock = VirtualClock::frozen();
    let vendor = clock.clone();
    let start = clock.elapsed();
    let poller = Poller::new(
        TOY,
        id(),
        Arc::new(clock.clone()),
        Duration::from_secs(10),
        Duration::from_secs(300),
        move || {
            let is_ready = vendor.elapsed() - start >= Duration::from_secs(3);
            async move { Ok(if is_ready { Submission::Ready(7) } else { Submission::Pending(id()) }) }
        },
    );
    let running = tokio::spawn(poller.into_future());
    run_out(&clock, &running).await;
    assert_eq!(running.await.expect("no panic").expect("found"), 7);
    assert_eq!((clock.elapsed() - start).as_secs(), 9, "a tenth of the timeout before its end");
}

/// An endless stream of hints neither prevents queries nor exceeds the highest query rate.
#[tokio::test]
async fn endless_hints_do_not_raise_the_query_rate() {
    let queries = Arc::new(Mutex::new(0_u32));
    let counter = Arc::clone(&queries);
    let poller = Poller::new(
        TOY,
        id(),
        Arc::new(crate::time::SystemClock),
        Duration::from_millis(900),
        Duration::from_secs(300),
        move || {
            *counter.lock().expect("no panic before") += 1;
            async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                pending()
            }
        },
    )
    .wake_on_each(|| async { Wake::Query });
    assert_eq!(poller.await.expect_err("never ready").kind(), ErrorKind::Timeout);
    let queries = *queries.lock().expect("no panic before");
    assert!((3..=9).contains(&queries), "{queries} queries");
}

#[tokio::test]
async fn the_longest_timeout_does_not_overflow() {
    let clock: Arc<dyn Clock> = Arc::new(crate::time::SystemClock);
    let poller =
        Poller::new(TOY, id(), clock, Duration::MAX, Duration::MAX, || async { Ok(Submission::Ready(7)) });
    assert_eq!(poller.await.expect("ready"), 7);
}
