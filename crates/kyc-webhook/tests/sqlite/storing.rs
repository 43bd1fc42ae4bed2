//! Storing events once each, and finding them.

use std::collections::HashSet;

use kyc_webhook::kyc_core::{Trust, VirtualClock};
use kyc_webhook::{EventId, EventState, Filter, Inbox, InboxError, Put, SqliteInbox};

use super::{Place, at, event, event_with_id, hint, operation, put, put_new};

#[tokio::test]
async fn an_event_id_is_stored_once_whatever_the_body_is() {
    let place = Place::new();
    let inbox = place.open();
    let id = put_new(&inbox, event_with_id("e1", "a")).await;
    let again = put(&inbox, event_with_id("e1", "a")).await;
    assert_eq!(again, Put::Duplicate { id, same_body: true });
    let reused = put(&inbox, event_with_id("e1", "b")).await;
    assert_eq!(reused, Put::Duplicate { id, same_body: false });
    let mut elsewhere = event_with_id("e1", "a");
    elsewhere.source = "other";
    put_new(&inbox, elsewhere).await;
}

#[tokio::test]
async fn a_state_that_returns_is_a_new_event() {
    let place = Place::new();
    let inbox = place.open();
    for body in ["RES", "OK", "RES"] {
        let id = put_new(&inbox, event("s", body)).await;
        let again = put(&inbox, event("s", body)).await;
        assert_eq!(again, Put::Duplicate { id, same_body: true });
    }
    assert_eq!(inbox.stats().await.expect("counted").new, 3);
    put_new(&inbox, event("another", "RES")).await;
    // A subject of another webhook is another subject.
    let mut elsewhere = event("s", "OK");
    elsewhere.source = "other";
    put_new(&inbox, elsewhere).await;
    assert!(matches!(put(&inbox, event("s", "RES")).await, Put::Duplicate { .. }));
}

#[tokio::test]
async fn events_without_a_subject_are_compared_with_those_of_their_type() {
    let place = Place::new();
    let inbox = place.open();
    let bare = |event_type, body| {
        let mut new = event("s", body);
        new.event.subject = None;
        new.event.event_type = event_type;
        new
    };
    put_new(&inbox, bare("a", "1")).await;
    put_new(&inbox, bare("b", "1")).await;
    assert!(matches!(put(&inbox, bare("a", "1")).await, Put::Duplicate { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_duplicates_at_once_one_is_stored() {
    let place = Place::new();
    // Two inboxes on one file, as two processes have them.
    let inboxes = [place.open(), place.open()];
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let inbox = inboxes[number % 2].clone();
            tokio::spawn(async move { put(&inbox, event_with_id("e1", "a")).await })
        })
        .collect();
    let mut stored = 0;
    for task in tasks {
        stored += usize::from(matches!(task.await.expect("no panic"), Put::New(_)));
    }
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn the_events_of_a_request_are_stored_together() {
    let place = Place::new();
    let inbox = place.open();
    let puts = inbox.put(vec![event("a", "1"), event("a", "1"), event("b", "1")]).await.expect("stored");
    let [Put::New(first), Put::Duplicate { id, same_body: true }, Put::New(_)] = puts[..] else {
        panic!("{puts:?}")
    };
    assert_eq!(first, id);
    assert_eq!(inbox.put(Vec::new()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_hint_is_handled_only_if_its_operation_is_expected() {
    let place = Place::new();
    let clock = VirtualClock::frozen();
    let inbox = place.open_at(&clock);
    let now = kyc_webhook::kyc_core::Clock::now(&clock);
    let Put::Unexpected(early) = put(&inbox, hint("ours")).await else { panic!("a hint came before") };
    let until = now.saturating_add(std::time::Duration::from_secs(60));
    inbox.expect(&operation("ours"), until).await.expect("expected");
    let state = |event: kyc_webhook::StoredEvent| event.info.state;
    assert_eq!(inbox.get(early).await.expect("read").map(state), Some(EventState::New));

    let mut other = hint("ours");
    other.content.body = kyc_webhook::kyc_core::RawBody::new("2".into());
    put_new(&inbox, other).await;
    assert!(matches!(put(&inbox, hint("not ours")).await, Put::Unexpected(_)));
    let mut about_nothing = hint("nothing");
    about_nothing.event.operations.clear();
    assert!(matches!(put(&inbox, about_nothing).await, Put::Unexpected(_)));
    let mut known_peer = hint("not ours either");
    known_peer.event.trust = Trust::KnownPeer;
    put_new(&inbox, known_peer).await;

    // A later end counts, an earlier one does not.
    let later = until.saturating_add(std::time::Duration::from_secs(60));
    for until in [until, later, until] {
        inbox.expect(&operation("longer"), until).await.expect("expected");
    }
    clock.advance(std::time::Duration::from_secs(61));
    put_new(&inbox, hint("longer")).await;
    let mut late = hint("ours");
    late.content.body = kyc_webhook::kyc_core::RawBody::new("3".into());
    assert!(matches!(put(&inbox, late).await, Put::Unexpected(_)));
}

#[tokio::test]
async fn the_oldest_unexpected_hints_are_deleted_whole() {
    let place = Place::new();
    let inbox = place.builder().max_unexpected(3).open().expect("an inbox");
    let mut ids = Vec::new();
    for number in 0..10 {
        let Put::Unexpected(id) = put(&inbox, hint(&format!("s{number}"))).await else {
            panic!("unexpected")
        };
        if number == 0 {
            inbox.cite(id, "case").await.expect("cited");
        }
        ids.push(id);
    }
    let kept: Vec<_> = listed(&inbox, &Filter::default()).await;
    assert_eq!(kept, [ids[9], ids[8], ids[0]]);
    assert_eq!(inbox.stats().await.expect("counted").unexpected, 3);
    // What told duplicates of it is deleted, too.
    assert!(matches!(put(&inbox, hint("s1")).await, Put::Unexpected(_)));
    let file = rusqlite::Connection::open(place.path()).expect("a file");
    for table in ["contents", "event_operations"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(file.query_row(&sql, [], |row| row.get::<_, i64>(0)), Ok(3), "{table}");
    }
}

async fn listed(inbox: &impl Inbox, filter: &Filter) -> Vec<EventId> {
    let infos = inbox.list(filter, None, 100).await.expect("listed");
    infos.into_iter().map(|info| info.id).collect()
}

#[tokio::test]
async fn a_list_is_filtered_and_goes_on_where_it_ended() {
    let place = Place::new();
    let inbox = place.open();
    let mut ids = Vec::new();
    for number in 0..5_i64 {
        let mut new = event(&format!("s{number}"), "{}");
        new.received_at = at(number * 10);
        if number == 4 {
            new.source = "other";
            new.event.event_type = "rare";
        }
        ids.push(put_new(&inbox, new).await);
    }
    let page = inbox.list(&Filter::default(), Some(ids[3]), 2).await.expect("listed");
    assert_eq!(page.iter().map(|info| info.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
    assert_eq!(listed(&inbox, &Filter::id(ids[2])).await, [ids[2]]);
    let mut filter = Filter::default();
    filter.received_from = Some(at(10));
    filter.received_before = Some(at(30));
    assert_eq!(listed(&inbox, &filter).await, [ids[2], ids[1]]);
    let mut filter = Filter::state(EventState::New);
    filter.source = Some("other".to_owned());
    assert_eq!(listed(&inbox, &filter).await, [ids[4]]);
    filter.event_type = Some("status".to_owned());
    assert!(listed(&inbox, &filter).await.is_empty());
    assert!(listed(&inbox, &Filter::state(EventState::Dead)).await.is_empty());
    assert!(inbox.list(&Filter::default(), Some(EventId::random()), 2).await.is_err());
    assert_eq!(inbox.get(EventId::random()).await.map(|event| event.is_none()), Ok(true));
}

#[tokio::test]
async fn more_events_than_an_inbox_takes_are_refused_at_once() {
    let place = Place::new();
    let inbox = SqliteInbox::builder(place.path()).plain_text().open().expect("an inbox");
    // Another process holds the file, so that everything waits.
    let file = rusqlite::Connection::open(place.path()).expect("a file");
    file.execute_batch("BEGIN IMMEDIATE").expect("held");
    let body = "x".repeat(4 * 1024 * 1024);
    let mut waiting = tokio::task::JoinSet::new();
    for number in 0..24 {
        let (inbox, new) = (inbox.clone(), event_with_id(&number.to_string(), &body));
        waiting.spawn(async move { inbox.put(vec![new]).await });
    }
    let first = waiting.join_next().await.expect("a task").expect("no panic");
    assert_eq!(first, Err(InboxError::Overloaded));
    file.execute_batch("ROLLBACK").expect("released");
    let rest: Vec<_> = waiting.join_all().await;
    let stored = rest.iter().filter(|put| put.is_ok()).count();
    let refused = rest.iter().filter(|put| **put == Err(InboxError::Overloaded)).count();
    assert_eq!(stored + refused, 23);
    assert!((8..=16).contains(&stored), "{stored}");
    let ids: HashSet<_> = listed(&inbox, &Filter::default()).await.into_iter().collect();
    assert_eq!(ids.len(), stored);
}

#[tokio::test]
async fn a_file_that_another_process_holds_is_busy_and_then_works_again() {
    let place = Place::new();
    let inbox = place.open();
    let file = rusqlite::Connection::open(place.path()).expect("a file");
    file.execute_batch("BEGIN IMMEDIATE").expect("held");
    assert_eq!(inbox.put(vec![event("s", "1")]).await, Err(InboxError::Busy));
    file.execute_batch("ROLLBACK").expect("released");
    put_new(&inbox, event("s", "1")).await;
}
