//! Replay, purge, forgetting and citations.

use std::sync::Arc;

use kyc_webhook::kyc_core::Cpf;
use kyc_webhook::{
    DispatchOptions, Dispatcher, EventId, EventState, Filter, Handled, Inbox, Put, SqliteInbox, StoredEvent,
};
use tokio_util::sync::CancellationToken;

use super::{NewEvent, Place, at, event, event_with_id, hint, operation, put, put_new};

fn about(person: &str, subject: &str) -> NewEvent {
    let mut new = event(subject, &format!("{person} {subject}"));
    new.event.person = Some(cpf(person));
    new
}

fn cpf(digits: &str) -> Cpf {
    digits.parse().expect("a CPF")
}

const MARIA: &str = "52998224725";
const JOAO: &str = "11144477735";

/// Handles all events, so that they are done.
async fn handle_all(inbox: &SqliteInbox) {
    let stop = CancellationToken::new();
    let handler = Arc::new(async |_: StoredEvent| Handled::Done);
    let dispatched = inbox.dispatch(handler, DispatchOptions::default(), stop.clone());
    let stopped = async {
        while inbox.stats().await.expect("counted").new > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stop.cancel();
    };
    let (dispatched, ()) = tokio::join!(dispatched, stopped);
    dispatched.expect("dispatched");
}

async fn has_content(inbox: &SqliteInbox, id: EventId) -> bool {
    let event = inbox.get(id).await.expect("read").expect("stored");
    assert_eq!(event.content.is_none(), event.operations.is_empty());
    event.content.is_some()
}

#[tokio::test]
async fn a_purge_deletes_old_content_and_keeps_what_tells_duplicates() {
    let place = Place::new();
    let inbox = place.open();
    let old = put_new(&inbox, event_with_id("old", "1")).await;
    let without_id = put_new(&inbox, event("no id", "1")).await;
    let cited = put_new(&inbox, event("cited", "1")).await;
    inbox.cite(cited, "case").await.expect("cited");
    handle_all(&inbox).await;
    let Put::Unexpected(unexpected) = put(&inbox, hint("unexpected")).await else { panic!("unexpected") };
    let open = put_new(&inbox, event("open", "1")).await;
    let mut recent = event("recent", "1");
    recent.received_at = at(2_000);
    let recent = put_new(&inbox, recent).await;

    let purged = inbox.purge(at(1_500)).await.expect("purged");
    assert_eq!((purged.events, purged.cited, purged.open), (3, 1, 1));
    for (id, is_whole) in
        [(old, false), (without_id, false), (cited, true), (unexpected, false), (open, true), (recent, true)]
    {
        assert_eq!(has_content(&inbox, id).await, is_whole);
    }
    let again = put(&inbox, event_with_id("old", "1")).await;
    assert_eq!(again, Put::Duplicate { id: old, same_body: true });
    let again = put(&inbox, event("no id", "1")).await;
    assert_eq!(again, Put::Duplicate { id: without_id, same_body: true });

    assert_eq!(inbox.release("case").await, Ok(1));
    assert_eq!(inbox.release("case").await, Ok(0));
    assert_eq!(inbox.purge(at(1_500)).await.expect("purged").events, 1);
    let purged = inbox.purge(at(1_500)).await.expect("purged");
    assert_eq!((purged.events, purged.cited, purged.open), (0, 0, 1));
}

#[tokio::test]
async fn more_events_than_one_transaction_takes_are_purged_and_replayed() {
    let place = Place::new();
    let inbox = place.open();
    let events = (0..1_203).map(|number| event(&number.to_string(), "1")).collect();
    inbox.put(events).await.expect("stored");
    handle_all(&inbox).await;
    assert_eq!(inbox.replay(&Filter::default()).await, Ok(1_203));
    assert_eq!(inbox.stats().await.expect("counted").new, 1_203);
    handle_all(&inbox).await;
    assert_eq!(inbox.purge(at(9_999)).await.expect("purged").events, 1_203);
    assert_eq!(inbox.replay(&Filter::default()).await, Ok(0));
    assert_eq!(inbox.stats().await.expect("counted").done, 1_203);
}

#[tokio::test]
async fn a_replay_begins_anew() {
    let place = Place::new();
    let inbox = place.open();
    let (first, second) = (put_new(&inbox, event("a", "1")).await, put_new(&inbox, event("b", "1")).await);
    handle_all(&inbox).await;
    assert_eq!(inbox.replay(&Filter::id(first)).await, Ok(1));
    let info = |event: Option<StoredEvent>| event.expect("stored").info;
    let replayed = info(inbox.get(first).await.expect("read"));
    assert_eq!((replayed.state, replayed.generation, replayed.attempts), (EventState::New, 1, 0));
    assert!(replayed.due_at.is_some());
    let other = info(inbox.get(second).await.expect("read"));
    assert_eq!((other.state, other.generation), (EventState::Done, 0));
}

#[tokio::test]
async fn a_person_is_forgotten_except_in_what_cases_cite() {
    let place = Place::new();
    let inbox = place.open();
    let done = put_new(&inbox, about(MARIA, "done")).await;
    let cited = put_new(&inbox, about(MARIA, "cited")).await;
    let other = put_new(&inbox, about(JOAO, "other")).await;
    inbox.cite(cited, "case 1").await.expect("cited");
    inbox.cite(cited, "case 1").await.expect("cited again");
    inbox.cite(cited, "case 2").await.expect("cited");
    handle_all(&inbox).await;
    let open = put_new(&inbox, about(MARIA, "open")).await;

    let mut forgotten = inbox.forget(&cpf(MARIA)).await.expect("forgotten");
    forgotten.kept_for.sort_by(|left, right| left.1.cmp(&right.1));
    assert_eq!(forgotten.events, 2);
    assert_eq!(forgotten.kept_for, [(cited, "case 1".to_owned()), (cited, "case 2".to_owned())]);
    for (id, is_whole) in [(done, false), (cited, true), (other, true), (open, false)] {
        assert_eq!(has_content(&inbox, id).await, is_whole);
    }
    // Without its content it cannot be handled.
    let state = inbox.get(open).await.expect("read").expect("stored").info.state;
    assert_eq!(state, EventState::Dead);
    let again = inbox.forget(&cpf(MARIA)).await.expect("forgotten");
    assert_eq!((again.events, again.kept_for.len()), (0, 2));
    assert!(matches!(put(&inbox, about(MARIA, "done")).await, Put::Duplicate { .. }));
    assert_eq!(inbox.release("case 1").await, Ok(1));
    assert_eq!(inbox.release("case 2").await, Ok(1));
    assert_eq!(inbox.forget(&cpf(MARIA)).await.expect("forgotten").events, 1);
}

#[tokio::test]
async fn an_event_that_is_gone_cannot_be_cited() {
    let place = Place::new();
    let inbox = place.open();
    assert!(inbox.cite(EventId::random(), "case").await.is_err());
    let id = put_new(&inbox, about(MARIA, "a")).await;
    inbox.forget(&cpf(MARIA)).await.expect("forgotten");
    assert!(inbox.cite(id, "case").await.is_err());
    // Nobody waits for what is deleted.
    let waiting = std::time::Duration::from_millis(50);
    assert!(tokio::time::timeout(waiting, inbox.arrival(&operation("a"), 0)).await.is_err());
}
