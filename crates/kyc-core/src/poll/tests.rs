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
    let (outcome, asked, seconds) = wait(vec![pending(), pending(), Ok(Submission::Ready(7))], None, 0).await;
    assert_eq!((outcome.expect("ready"), asked, seconds), (7, 3, 20));
}

#[tokio::test]
async fn ends_at_its_deadline_with_the_id() {
    let (outcome, asked, seconds) = wait(vec![], None, 0).await;
    let error = outcome.expect_err("too late");
    assert_eq!(
        (error.kind(), error.operation_id(), asked, seconds),
        (ErrorKind::Timeout, Some(&id()), 7, 60)
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
    assert_eq!((outcome.expect("ready"), asked), (7, 3));
    assert!((13..=14).contains(&seconds), "{seconds}: the hint, and at most the shortest interval");
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
    assert_eq!(*asked.lock().expect("no panic before"), 2, "no hint cuts a question short: at 0 and 20 s");
}

#[tokio::test]
async fn a_transient_failure_does_not_end_it_another_does() {
    let (outcome, asked, _) =
        wait(vec![failure(ErrorKind::Unavailable), Ok(Submission::Ready(7))], None, 0).await;
    assert_eq!((outcome.expect("ready"), asked), (7, 2));
    let (outcome, asked, _) = wait(vec![failure(ErrorKind::NotFound)], None, 0).await;
    assert_eq!((outcome.expect_err("final").kind(), asked), (ErrorKind::NotFound, 1));
}

/// A wait of 10 s where the vendor suggests a question every 300 s, and the answer is there after 3 s.
#[tokio::test]
async fn a_last_question_finds_what_became_ready_meanwhile() {
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
    assert_eq!((clock.elapsed() - start).as_secs(), 9, "a tenth of the time before its end");
}

/// Hints that never end neither starve the question nor ask more often than the floor.
#[tokio::test]
async fn forged_hints_change_nothing() {
    let asked = Arc::new(Mutex::new(0_u32));
    let counter = Arc::clone(&asked);
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
    .wake_on_each(|| async { Wake::Ask });
    assert_eq!(poller.await.expect_err("never ready").kind(), ErrorKind::Timeout);
    let asked = *asked.lock().expect("no panic before");
    assert!((3..=9).contains(&asked), "{asked} questions");
}

#[tokio::test]
async fn the_longest_wait_is_no_overflow() {
    let clock: Arc<dyn Clock> = Arc::new(crate::time::SystemClock);
    let poller =
        Poller::new(TOY, id(), clock, Duration::MAX, Duration::MAX, || async { Ok(Submission::Ready(7)) });
    assert_eq!(poller.await.expect("ready"), 7);
}
