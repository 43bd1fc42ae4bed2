//! Waiting for the events about an operation.

use std::time::Duration;

use kyc_webhook::{Arrival, Inbox, SqliteInbox};
use tokio::task::JoinHandle;

use super::{Place, event, hint, operation, put, put_new};

fn wait(inbox: &SqliteInbox, id: &str, position: u64) -> JoinHandle<Arrival> {
    let (inbox, operation) = (inbox.clone(), operation(id));
    tokio::spawn(async move {
        let arrival = tokio::time::timeout(Duration::from_secs(20), inbox.arrival(&operation, position));
        arrival.await.expect("it arrives").expect("read")
    })
}

#[tokio::test]
async fn events_arrive_in_their_order_and_once_each() {
    let place = Place::new();
    let inbox = place.open();
    let first = put_new(&inbox, event("a", "1")).await;
    put_new(&inbox, event("b", "1")).await;
    let second = put_new(&inbox, event("a", "2")).await;
    let arrival = inbox.arrival(&operation("a"), 0).await.expect("read");
    assert_eq!(arrival.event.info.id, first);
    let arrival = inbox.arrival(&operation("a"), arrival.position).await.expect("read");
    assert_eq!(arrival.event.info.id, second);
    let operation = operation("a");
    let waiting =
        tokio::time::timeout(Duration::from_millis(100), inbox.arrival(&operation, arrival.position));
    assert!(waiting.await.is_err());
}

#[tokio::test]
async fn a_waiter_wakes_for_an_event_of_this_process_or_another() {
    let place = Place::new();
    let (inbox, other) = (place.open(), place.open());
    for (subject, writer) in [("a", &inbox), ("b", &other), ("c", &inbox)] {
        let waiter = wait(&inbox, subject, 0);
        // Long enough for the waiter to look and find nothing.
        tokio::time::sleep(Duration::from_millis(120)).await;
        assert!(!waiter.is_finished());
        let id = put_new(writer, event(subject, "1")).await;
        assert_eq!(waiter.await.expect("no panic").event.info.id, id);
    }
}

#[tokio::test]
async fn an_event_that_nobody_expects_wakes_a_waiter_too() {
    let place = Place::new();
    let inbox = place.open();
    let waiter = wait(&inbox, "a", 0);
    put(&inbox, hint("a")).await;
    assert!(waiter.await.expect("no panic").event.concerns(&operation("a")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_waiters_each_get_their_event() {
    let place = Place::new();
    let (inbox, other) = (place.open(), place.open());
    let waiters: Vec<_> = (0..1000).map(|number| wait(&inbox, &number.to_string(), 0)).collect();
    // A dropped waiter leaves the others alone.
    wait(&inbox, "0", 0).abort();
    let events =
        |numbers: std::ops::Range<u32>| numbers.map(|number| event(&number.to_string(), "1")).collect();
    inbox.put(events(0..500)).await.expect("stored");
    other.put(events(500..1000)).await.expect("stored");
    for (number, waiter) in waiters.into_iter().enumerate() {
        assert!(waiter.await.expect("no panic").event.concerns(&operation(&number.to_string())));
    }
}
