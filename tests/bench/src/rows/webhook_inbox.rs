//! The inbox of webhooks against one commit for each event.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use clearsale_facematch::kyc_core::{Clock as _, RawBody, SystemClock, WebhookRequest, WebhookSource as _};
use kyc_webhook::{Content, Inbox as _, InboxKey, KeyRing, NewEvent, Put, SqliteInbox};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, Turn, compare_turns};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "webhook-inbox",
    method: "\
64 senders store 25 events of 1 kB each, one after another, in a file on the disk of the target folder: 12 turns of each side,
on two threads, by elapsed time. *Ours* is `SqliteInbox::put`, encrypted, with events that are read already. *By hand* inserts
the body into a table with a unique id, one commit for each event, over one `rusqlite` connection behind a mutex, in plain
text, from `spawn_blocking`. Both have a write-ahead log and `synchronous=FULL`. The bound of 0.2 is five times as many events
a second. P50 and p99 are those of one event, from call to commit.",
    rows: &[
        Row {
            what: "1 600 durable events of 64 senders: time, vs. a commit for each",
            quantity: Quantity::Time,
            bound: Bound::Ratio(0.2),
        },
        Row { what: "The same: p50 of an event", quantity: Quantity::P50, bound: Bound::Shown },
        Row { what: "The same: p99 of an event", quantity: Quantity::P99, bound: Bound::Shown },
    ],
    measure,
};

pub(super) const SENDERS: usize = 64;
pub(super) const SECRET: &str = "the secret that was agreed on";
const EVENTS: usize = 25;
const TURNS: usize = 12;

fn measure(part: &Part) -> Result<Pairs> {
    on_two_threads(async {
        let folder = folder()?;
        let inbox = open(folder.path())?;
        let by_hand = ByHand::open(folder.path())?;
        let (mut turn_of_ours, mut turn_of_theirs) = (0, 0);
        let ours = async || {
            turn_of_ours += 1;
            store(&inbox, turn_of_ours).await
        };
        let theirs = async || {
            turn_of_theirs += 1;
            store_by_hand(&by_hand, turn_of_theirs).await
        };
        compare_turns(part, TURNS, ours, theirs).await
    })
}

/// Runs a comparison on two threads, since the senders must not wait for each other.
pub(super) fn on_two_threads<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(work)
}

/// Returns a folder beside this program: the temporary folder may be in memory.
pub(super) fn folder() -> Result<TempDir> {
    let program = std::env::current_exe()?;
    Ok(tempfile::tempdir_in(program.parent().context("this program has no folder")?)?)
}

pub(super) fn open(folder: &Path) -> Result<SqliteInbox> {
    let keys = KeyRing::new(InboxKey::generate()?);
    Ok(SqliteInbox::builder(folder.join("inbox.db")).keys(keys).open()?)
}

/// Returns a body of 1 kB with a reference of its own.
pub(super) fn body(reference: &str) -> String {
    let (start, end) =
        (r#"{"clientId":"bench","cPF":"52998224725","confiability":6,"isMatch":true,"#, r#"""#);
    let start = format!(r#"{start}"transactionStatus":"Success","transactionId":"{reference}","message":""#);
    let filler = 1_000 - start.len() - end.len() - 1;
    format!("{start}{}{end}}}", "x".repeat(filler))
}

fn new_event(reference: &str) -> Result<NewEvent> {
    let webhook = clearsale_facematch::Webhook::new(SECRET.to_owned())?;
    let headers = [("authorization", format!("Bearer {SECRET}"))];
    let request = WebhookRequest::new(headers, body(reference));
    let event = webhook.receive(&request)?.pop().context("no event")?;
    let content = Content { body: RawBody::new(request.body().clone()), content_type: None, query: None };
    Ok(NewEvent { source: webhook.name(), event, content, received_at: SystemClock.now() })
}

async fn store(inbox: &SqliteInbox, turn: usize) -> Result<Turn> {
    let events: Result<Vec<_>> =
        (0..SENDERS * EVENTS).map(|number| new_event(&format!("{turn}-{number}"))).collect();
    let (events, inbox) = (Arc::new(events?), inbox.clone());
    Turn::of(SENDERS, EVENTS, move |sender, number| {
        let (event, inbox) = (events[sender * EVENTS + number].clone(), inbox.clone());
        async move {
            let puts = inbox.put(vec![event]).await?;
            ensure!(matches!(puts[..], [Put::New(_)]), "an event was not new");
            Ok(())
        }
    })
    .await
}

/// A table, as it is written by hand in an afternoon.
#[derive(Clone)]
struct ByHand(Arc<Mutex<Connection>>);

impl ByHand {
    fn open(folder: &Path) -> Result<Self> {
        let connection = Connection::open(folder.join("by-hand.db"))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             CREATE TABLE events (id TEXT PRIMARY KEY, received_at INTEGER NOT NULL, body BLOB NOT NULL);",
        )?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    async fn put(&self, id: String, body: String) -> Result<()> {
        let (this, now) = (self.clone(), SystemClock.now().unix_millis());
        tokio::task::spawn_blocking(move || {
            let connection = this.0.lock().unwrap_or_else(PoisonError::into_inner);
            let mut insert = connection
                .prepare_cached("INSERT INTO events VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING")?;
            ensure!(insert.execute((id, now, body.as_bytes()))? == 1, "an event was not new");
            Ok(())
        })
        .await?
    }
}

async fn store_by_hand(by_hand: &ByHand, turn: usize) -> Result<Turn> {
    let by_hand = by_hand.clone();
    Turn::of(SENDERS, EVENTS, move |sender, number| {
        let (by_hand, id) = (by_hand.clone(), format!("{turn}-{}", sender * EVENTS + number));
        async move { by_hand.put(id.clone(), body(&id)).await }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_sides_store_every_event() {
        let folder = folder().unwrap();
        let (inbox, by_hand) = (open(folder.path()).unwrap(), ByHand::open(folder.path()).unwrap());
        store(&inbox, 1).await.unwrap();
        store_by_hand(&by_hand, 1).await.unwrap();
        assert_eq!(inbox.stats().await.unwrap().new, 1_600);
        let connection = by_hand.0.lock().unwrap();
        let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM events WHERE length(body) = 1000"), 1_600);
        assert_eq!(count("PRAGMA synchronous"), 2);
    }
}
