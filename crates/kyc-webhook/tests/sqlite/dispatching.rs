//! The dispatcher.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kyc_webhook::kyc_core::{Clock, VirtualClock};
use kyc_webhook::{
    DispatchOptions, Dispatcher, EventId, EventInfo, EventState, Filter, Handled, Handler, Inbox, InboxError,
    InboxKey, KeyRing, SqliteInbox, StoredEvent,
};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Place, event, operation, put_new};

/// A dispatcher at work.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<Result<(), InboxError>>,
}

impl Running {
    fn start(inbox: &SqliteInbox, options: DispatchOptions, handler: impl Handler + 'static) -> Self {
        let (inbox, stop) = (inbox.clone(), CancellationToken::new());
        let (handler, until) = (Arc::new(handler), stop.clone());
        Self { stop, task: tokio::spawn(async move { inbox.dispatch(handler, options, until).await }) }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("no panic").expect("dispatched");
    }
}

fn options() -> DispatchOptions {
    let mut options = DispatchOptions::default();
    options.first_pause = Duration::from_millis(10);
    options
}

async fn info(inbox: &SqliteInbox, id: EventId) -> EventInfo {
    inbox.get(id).await.expect("read").expect("stored").info
}

/// Waits until the event is in that state.
async fn until_state(inbox: &SqliteInbox, id: EventId, state: EventState) -> EventInfo {
    let reached = async {
        loop {
            let info = info(inbox, id).await;
            if info.state == state {
                return info;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached).await.expect("the state is reached")
}

/// Waits for a notification, but not for ever.
async fn notified(notify: &Notify) {
    tokio::time::timeout(Duration::from_secs(20), notify.notified()).await.expect("notified");
}

#[tokio::test]
async fn events_are_handled_whether_they_came_before_or_after_the_start() {
    let place = Place::new();
    // The dispatcher wakes for the events alone: its sleep never ends.
    let clock = VirtualClock::frozen();
    let inbox = place.open_at(&clock);
    let before = put_new(&inbox, event("a", "1")).await;
    let running = Running::start(&inbox, options(), async |event: StoredEvent| {
        assert_eq!((event.info.attempts, event.payload().expose()), (1, &b"1"[..]));
        Handled::Done
    });
    let done = until_state(&inbox, before, EventState::Done).await;
    assert_eq!((done.attempts, done.due_at, done.reason), (1, None, None));
    let after = put_new(&inbox, event("b", "1")).await;
    until_state(&inbox, after, EventState::Done).await;
    // Of another process, as far as this one can tell.
    let theirs = put_new(&place.open_at(&clock), event("c", "1")).await;
    until_state(&inbox, theirs, EventState::Done).await;
    running.stop().await;
}

#[tokio::test]
async fn one_dispatches_at_a_time() {
    let place = Place::new();
    let (inbox, other) = (place.open(), place.open());
    let running = Running::start(&inbox, options(), async |_| Handled::Done);
    let id = put_new(&inbox, event("a", "1")).await;
    until_state(&inbox, id, EventState::Done).await;
    let refused =
        other.dispatch(Arc::new(async |_| Handled::Done), options(), CancellationToken::new()).await;
    assert_eq!(refused, Err(InboxError::AlreadyDispatched));
    running.stop().await;
    Running::start(&other, options(), async |_| Handled::Done).stop().await;
}

#[tokio::test]
async fn a_failed_event_is_tried_again_and_ends_dead_with_its_last_reason() {
    let place = Place::new();
    let inbox = place.open();
    let mut options = options();
    options.max_attempts = 3;
    let id = put_new(&inbox, event("a", "1")).await;
    let running = Running::start(&inbox, options, async |event: StoredEvent| {
        Handled::retry(format!("failed {} times", event.info.attempts))
    });
    let dead = until_state(&inbox, id, EventState::Dead).await;
    assert_eq!((dead.attempts, dead.reason.as_deref(), dead.due_at), (3, Some("failed 3 times"), None));
    let given_up = put_new(&inbox, event("b", "1")).await;
    until_state(&inbox, given_up, EventState::Dead).await;
    assert_eq!(inbox.stats().await.expect("counted").dead, 2);
    running.stop().await;
}

#[tokio::test]
async fn an_event_is_tried_again_when_its_handler_says_so() {
    let place = Place::new();
    let clock = VirtualClock::frozen();
    let inbox = place.open_at(&clock);
    let id = put_new(&inbox, event("a", "1")).await;
    let running = Running::start(&inbox, options(), async |event: StoredEvent| match event.info.attempts {
        1 => Handled::Retry { after: Some(Duration::from_secs(300)), why: "later".into() },
        2 => Handled::dead("for good"),
        _ => Handled::Done,
    });
    let retrying = until_state(&inbox, id, EventState::Retrying).await;
    assert_eq!(retrying.reason.as_deref(), Some("later"));
    let due_in = retrying.due_at.expect("due").since(clock.now());
    assert!(due_in > Duration::from_secs(299) && due_in <= Duration::from_secs(300), "{due_in:?}");
    clock.advance(Duration::from_secs(301));
    let dead = until_state(&inbox, id, EventState::Dead).await;
    assert_eq!((dead.attempts, dead.reason.as_deref()), (2, Some("for good")));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_panics_or_hangs_ends_dead_and_others_go_on() {
    let place = Place::new();
    let inbox = place.open();
    let mut options = options();
    options.max_attempts = 2;
    options.handler_timeout = Duration::from_millis(300);
    let panics = put_new(&inbox, event("a", "panics")).await;
    let hangs = put_new(&inbox, event("b", "hangs")).await;
    let works = put_new(&inbox, event("c", "works")).await;
    let running =
        Running::start(&inbox, options, async |event: StoredEvent| match event.payload().expose() {
            b"panics" => std::panic::resume_unwind(Box::new("a poison event")),
            b"hangs" => std::future::pending().await,
            _ => Handled::Done,
        });
    until_state(&inbox, works, EventState::Done).await;
    let dead = until_state(&inbox, panics, EventState::Dead).await;
    assert_eq!((dead.attempts, dead.reason.as_deref()), (2, Some("the handler panicked")));
    let dead = until_state(&inbox, hangs, EventState::Dead).await;
    assert_eq!((dead.attempts, dead.reason.as_deref()), (2, Some("the handler took too long")));
    running.stop().await;
}

/// Dispatches on a runtime of its own, which is dropped while a handler is at work, as if the process had died.
fn die_while_handling(place: &Place, max_attempts: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let started = Arc::new(Notify::new());
    let mut options = options();
    options.max_attempts = max_attempts;
    runtime.block_on(async {
        let begun = Arc::clone(&started);
        let handler = move |_| {
            begun.notify_one();
            std::future::pending::<Handled>()
        };
        let running = Running::start(&place.open(), options, handler);
        notified(&started).await;
        drop(running);
    });
    // The runtime ends the dispatcher's task, and with it the lock.
    drop(runtime);
}

#[test]
fn an_event_that_kills_the_process_ends_dead() {
    let place = Place::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let id = runtime.block_on(async { put_new(&place.open(), event("a", "1")).await });
    for _ in 0..2 {
        die_while_handling(&place, 2);
    }
    runtime.block_on(async {
        let inbox = place.open();
        let mut options = options();
        options.max_attempts = 2;
        let running = Running::start(&inbox, options, async |_| Handled::Done);
        let dead = until_state(&inbox, id, EventState::Dead).await;
        assert_eq!(dead.attempts, 2);
        assert_eq!(dead.reason.as_deref(), Some("the process ended while it handled the event"));
        running.stop().await;
    });
}

#[test]
fn an_event_that_kills_the_process_does_not_take_its_neighbours_with_it() {
    let place = Place::new();
    let new_runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let ids = new_runtime().block_on(async {
        let (inbox, mut ids) = (place.open(), Vec::new());
        for body in ["before", "poison", "after"] {
            ids.push(put_new(&inbox, event(body, body)).await);
        }
        ids
    });
    let mut options = options();
    options.max_attempts = 4;
    // The process dies twice with all three at work, then with the poison alone.
    for life in 0..4 {
        let runtime = new_runtime();
        runtime.block_on(async {
            let (at_work, poisoned) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
            let (counted, begun) = (Arc::clone(&at_work), Arc::clone(&poisoned));
            let handler = move |event: StoredEvent| {
                let (counted, begun) = (Arc::clone(&counted), Arc::clone(&begun));
                async move {
                    let before = counted.fetch_add(1, Ordering::SeqCst);
                    let is_poison = event.payload().expose() == b"poison";
                    match life {
                        0 | 1 if before == 2 => begun.notify_one(),
                        0 | 1 => {}
                        _ if is_poison => {
                            assert_eq!(before, 0, "it is at work alone");
                            begun.notify_one();
                        }
                        _ => {
                            tokio::time::sleep(Duration::from_millis(50)).await;
                            counted.fetch_sub(1, Ordering::SeqCst);
                            return Handled::Done;
                        }
                    }
                    std::future::pending().await
                }
            };
            let running = Running::start(&place.open(), options.clone(), handler);
            notified(&poisoned).await;
            drop(running);
        });
        drop(runtime);
    }
    new_runtime().block_on(async {
        let inbox = place.open();
        let running = Running::start(&inbox, options, async |_| Handled::Done);
        let states = [EventState::Done, EventState::Dead, EventState::Done];
        for ((id, state), attempts) in ids.into_iter().zip(states).zip([3, 4, 3]) {
            assert_eq!(until_state(&inbox, id, state).await.attempts, attempts);
        }
        running.stop().await;
    });
}

#[test]
fn an_event_that_was_at_work_when_the_process_ended_is_due_at_once() {
    let place = Place::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (id, next) = runtime.block_on(async {
        let inbox = place.open();
        (put_new(&inbox, event("a", "1")).await, put_new(&inbox, event("a", "2")).await)
    });
    die_while_handling(&place, 5);
    runtime.block_on(async {
        let inbox = place.open();
        let running = Running::start(&inbox, options(), async |_| Handled::Done);
        assert_eq!(until_state(&inbox, id, EventState::Done).await.attempts, 2);
        assert_eq!(until_state(&inbox, next, EventState::Done).await.attempts, 1);
        running.stop().await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_subject_are_handled_one_after_another_in_their_order() {
    let place = Place::new();
    let inbox = place.open();
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(put_new(&inbox, event(["a", "b"][number % 2], &number.to_string())).await);
    }
    let order = Arc::new(Mutex::new(Vec::<Vec<u8>>::new()));
    let at_work = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
    let (handled, busy) = (Arc::clone(&order), Arc::clone(&at_work));
    let handler = move |event: StoredEvent| {
        let (handled, busy) = (Arc::clone(&handled), Arc::clone(&busy));
        async move {
            let subject = usize::from(event.concerns(&operation("b")));
            assert_eq!(busy[subject].fetch_add(1, Ordering::SeqCst), 0, "two of one subject");
            handled.lock().expect("no panic").push(event.payload().expose().to_vec());
            tokio::time::sleep(Duration::from_millis(2)).await;
            busy[subject].fetch_sub(1, Ordering::SeqCst);
            Handled::Done
        }
    };
    let running = Running::start(&inbox, options(), handler);
    for id in ids {
        assert_eq!(until_state(&inbox, id, EventState::Done).await.attempts, 1);
    }
    running.stop().await;
    let order: Vec<usize> = order
        .lock()
        .expect("no panic")
        .iter()
        .map(|body| String::from_utf8_lossy(body).parse().expect("a number"))
        .collect();
    for subject in 0..2 {
        let of_one: Vec<_> = order.iter().copied().filter(|number| number % 2 == subject).collect();
        assert!(of_one.is_sorted(), "{of_one:?}");
    }
}

#[tokio::test]
async fn an_event_that_waits_for_another_attempt_does_not_hold_up_its_subject() {
    let place = Place::new();
    let inbox = place.open();
    let first = put_new(&inbox, event("a", "fails")).await;
    let second = put_new(&inbox, event("a", "works")).await;
    let running = Running::start(&inbox, options(), async |event: StoredEvent| {
        if event.payload().expose() == b"fails" {
            return Handled::Retry { after: Some(Duration::from_secs(3600)), why: "later".into() };
        }
        Handled::Done
    });
    until_state(&inbox, second, EventState::Done).await;
    assert_eq!(info(&inbox, first).await.state, EventState::Retrying);
    running.stop().await;
}

#[tokio::test]
async fn no_more_events_are_handled_at_a_time_than_asked_for() {
    let place = Place::new();
    let inbox = place.open();
    let mut ids = Vec::new();
    for number in 0..12 {
        ids.push(put_new(&inbox, event(&number.to_string(), "1")).await);
    }
    let (at_work, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (busy, highest) = (Arc::clone(&at_work), Arc::clone(&most));
    let handler = move |_| {
        let (busy, highest) = (Arc::clone(&busy), Arc::clone(&highest));
        async move {
            highest.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
            busy.fetch_sub(1, Ordering::SeqCst);
            Handled::Done
        }
    };
    let mut options = options();
    options.concurrency = 3;
    let running = Running::start(&inbox, options, handler);
    for id in ids {
        until_state(&inbox, id, EventState::Done).await;
    }
    running.stop().await;
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_stop_waits_for_handlers_and_gives_up_after_the_grace() {
    let place = Place::new();
    let inbox = place.open();
    let quick = put_new(&inbox, event("a", "quick")).await;
    let slow = put_new(&inbox, event("b", "slow")).await;
    let begun = Arc::new(Notify::new());
    let (started, finish) = (Arc::clone(&begun), Arc::new(Notify::new()));
    let go_on = Arc::clone(&finish);
    let handler = move |event: StoredEvent| {
        let (started, go_on) = (Arc::clone(&started), Arc::clone(&go_on));
        async move {
            started.notify_one();
            if event.payload().expose() == b"slow" {
                std::future::pending::<()>().await;
            }
            go_on.notified().await;
            Handled::Done
        }
    };
    let mut options = options();
    options.concurrency = 2;
    options.shutdown_grace = Duration::from_millis(300);
    let running = Running::start(&inbox, options, handler);
    notified(&begun).await;
    notified(&begun).await;
    let late = put_new(&inbox, event("c", "late")).await;
    running.stop.cancel();
    finish.notify_one();
    running.stop().await;
    assert_eq!(info(&inbox, quick).await.state, EventState::Done);
    let slow = info(&inbox, slow).await;
    assert_eq!((slow.state, slow.attempts), (EventState::Retrying, 1));
    assert!(slow.due_at.is_some());
    assert_eq!(info(&inbox, late).await.attempts, 0);
}

#[tokio::test]
async fn a_replay_makes_a_new_generation_even_while_the_event_is_at_work() {
    let place = Place::new();
    let inbox = place.open();
    let id = put_new(&inbox, event("a", "1")).await;
    let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (started, go_on) = (Arc::clone(&begun), Arc::clone(&finish));
    let handler = move |_| {
        let (started, go_on) = (Arc::clone(&started), Arc::clone(&go_on));
        async move {
            started.notify_one();
            go_on.notified().await;
            Handled::Done
        }
    };
    let running = Running::start(&inbox, options(), handler);
    notified(&begun).await;
    assert_eq!(inbox.replay(&Filter::id(id)).await, Ok(1));
    let replayed = info(&inbox, id).await;
    assert_eq!((replayed.state, replayed.generation, replayed.attempts), (EventState::New, 1, 0));
    finish.notify_one();
    // The new generation is handled after the old one.
    notified(&begun).await;
    finish.notify_one();
    let done = until_state(&inbox, id, EventState::Done).await;
    assert_eq!((done.generation, done.attempts), (1, 1));
    running.stop().await;
}

#[tokio::test]
async fn the_oldest_due_event_is_as_old_as_it_is_left_alone() {
    let place = Place::new();
    let clock = VirtualClock::frozen();
    let inbox = place.open_at(&clock);
    assert_eq!(inbox.stats().await.expect("counted").oldest_due, None);
    put_new(&inbox, event("a", "1")).await;
    clock.advance(Duration::from_secs(90));
    put_new(&inbox, event("b", "1")).await;
    let stats = inbox.stats().await.expect("counted");
    assert_eq!(stats.new, 2);
    assert!(stats.oldest_due.expect("due").abs_diff(Duration::from_secs(90)) < Duration::from_millis(2));
}

#[tokio::test]
async fn a_dispatcher_whose_key_was_changed_ends_and_leaves_the_events_to_the_next_one() {
    let place = Place::new();
    let old = place.open();
    let running = Running::start(&old, options(), async |_| Handled::Done);
    let before = put_new(&old, event("a", "1")).await;
    until_state(&old, before, EventState::Done).await;
    let ring = KeyRing::new(InboxKey::generate().expect("random bytes")).with_previous(place.key.clone());
    let rotated = SqliteInbox::builder(place.path()).keys(ring).open().expect("an inbox");
    let after = put_new(&rotated, event("b", "1")).await;
    let ended = tokio::time::timeout(Duration::from_secs(20), running.task).await.expect("it ends");
    assert!(matches!(ended.expect("no panic"), Err(InboxError::WrongKey(_))));
    let running = Running::start(&rotated, options(), async |_| Handled::Done);
    until_state(&rotated, after, EventState::Done).await;
    running.stop().await;
}

#[tokio::test]
async fn an_event_that_was_changed_in_the_file_ends_dead() {
    let place = Place::new();
    let inbox = place.open();
    let id = put_new(&inbox, event("a", "1")).await;
    let file = rusqlite::Connection::open(place.path()).expect("a file");
    // The data key's id stays.
    file.execute("UPDATE contents SET body = substr(body, 1, 4) || substr(query, 5)", []).expect("changed");
    let mut options = options();
    options.max_attempts = 2;
    let running = Running::start(&inbox, options, async |_| Handled::Done);
    let is_dead = async {
        while inbox.stats().await.expect("counted").dead == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), is_dead).await.expect("dead");
    running.stop().await;
    assert!(matches!(inbox.get(id).await, Err(InboxError::Damaged(_))));
    let infos = inbox.list(&Filter::default(), None, 1).await.expect("listed");
    let reason = infos[0].reason.as_deref().expect("a reason");
    assert!(reason.starts_with("the event is illegible"), "{reason}");
}
