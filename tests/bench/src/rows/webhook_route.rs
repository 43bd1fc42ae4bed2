//! The whole way of a webhook, from a socket to the disk, against the same way with an inbox that stores nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use async_trait::async_trait;
use clearsale_facematch::kyc_core::{Cpf, OperationId, Timestamp};
use kyc_webhook::{
    Arrival, EventId, EventInfo, Filter, Forgotten, Inbox, InboxError, NewEvent, Purged, Put, Receiver,
    Server, Stats, StoredEvent, router,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::webhook_inbox::{SECRET, SENDERS, body, folder, on_two_threads, open};
use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, Turn, compare_turns};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "webhook-route",
    method: "\
64 senders send 40 events of 1 kB each, one after another, over a warm connection each, in this process on two threads: 30
turns of each side, by elapsed time. *Ours* is `Server` with the router of a `Receiver` over a `SqliteInbox`: it authenticates
the sender, reads the event, encrypts and stores it, and answers after the commit. The reference is the same route over an
inbox that stores nothing. The bound of 3.33 is 0.3 times as many events a second. P50 and p99 are those of one request.",
    rows: &[
        Row {
            what: "2 560 webhooks of 64 senders over HTTP: time, vs. the same route that stores nothing",
            quantity: Quantity::Time,
            bound: Bound::Ratio(1.0 / 0.3),
        },
        Row { what: "The same: p50 of a request", quantity: Quantity::P50, bound: Bound::Shown },
        Row { what: "The same: p99 of a request", quantity: Quantity::P99, bound: Bound::Shown },
    ],
    measure,
};

const EVENTS: usize = 40;
const TURNS: usize = 30;

fn measure(part: &Part) -> Result<Pairs> {
    on_two_threads(async {
        let folder = folder()?;
        let ours = Senders::of(Arc::new(open(folder.path())?)).await?;
        let theirs = Senders::of(Arc::new(Nowhere)).await?;
        let (mut turn_of_ours, mut turn_of_theirs) = (0, 0);
        let ours = async || {
            turn_of_ours += 1;
            ours.send(turn_of_ours).await
        };
        let theirs = async || {
            turn_of_theirs += 1;
            theirs.send(turn_of_theirs).await
        };
        compare_turns(part, TURNS, ours, theirs).await
    })
}

const PATH: &str = "/webhooks/clearsale";

/// A server, and a connection to it for each sender.
struct Senders(Arc<Vec<Mutex<TcpStream>>>);

impl Senders {
    async fn of(inbox: Arc<dyn Inbox>) -> Result<Self> {
        let source = Arc::new(clearsale_facematch::Webhook::new(SECRET.to_owned())?);
        let router = router(Receiver::builder(inbox).source(source).build()?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address: SocketAddr = listener.local_addr()?;
        // It ends with the runtime.
        tokio::spawn(Server::new(listener).serve(router, CancellationToken::new()));
        let mut connections = Vec::new();
        for _ in 0..SENDERS {
            let connection = TcpStream::connect(address).await?;
            connection.set_nodelay(true)?;
            connections.push(Mutex::new(connection));
        }
        Ok(Self(Arc::new(connections)))
    }

    async fn send(&self, turn: usize) -> Result<Turn> {
        let connections = Arc::clone(&self.0);
        Turn::of(SENDERS, EVENTS, move |sender, number| {
            let connections = Arc::clone(&connections);
            async move {
                let request = request(&format!("{turn}-{}", sender * EVENTS + number));
                exchange(&mut *connections[sender].lock().await, &request).await
            }
        })
        .await
    }
}

fn request(reference: &str) -> String {
    let body = body(reference);
    let length = body.len();
    format!(
        "POST {PATH} HTTP/1.1\r\nhost: hooks.example.com\r\nauthorization: Bearer {SECRET}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

/// Sends a request and reads the response, which has no body. A real client would cost as much as the server.
async fn exchange(connection: &mut TcpStream, request: &str) -> Result<()> {
    connection.write_all(request.as_bytes()).await?;
    let (mut response, mut length) = ([0; 1024], 0);
    while !response[..length].ends_with(b"\r\n\r\n") {
        match connection.read(&mut response[length..]).await? {
            0 => bail!("the connection was closed"),
            more => length += more,
        }
    }
    ensure!(response.starts_with(b"HTTP/1.1 200 "), "the request was refused");
    Ok(())
}

/// An inbox that stores nothing.
#[derive(Debug)]
struct Nowhere;

fn nowhere<T>() -> Result<T, InboxError> {
    Err(InboxError::Failed("nothing is stored".to_owned()))
}

#[async_trait]
impl Inbox for Nowhere {
    async fn put(&self, events: Vec<NewEvent>) -> Result<Vec<Put>, InboxError> {
        Ok(events.iter().map(|_| Put::New(EventId::random())).collect())
    }

    async fn expect(&self, _: &OperationId, _: Timestamp) -> Result<(), InboxError> {
        nowhere()
    }

    async fn arrival(&self, _: &OperationId, _: u64) -> Result<Arrival, InboxError> {
        nowhere()
    }

    async fn get(&self, _: EventId) -> Result<Option<StoredEvent>, InboxError> {
        nowhere()
    }

    async fn list(&self, _: &Filter, _: Option<EventId>, _: u32) -> Result<Vec<EventInfo>, InboxError> {
        nowhere()
    }

    async fn replay(&self, _: &Filter) -> Result<u64, InboxError> {
        nowhere()
    }

    async fn purge(&self, _: Timestamp) -> Result<Purged, InboxError> {
        nowhere()
    }

    async fn forget(&self, _: &Cpf) -> Result<Forgotten, InboxError> {
        nowhere()
    }

    async fn cite(&self, _: EventId, _: &str) -> Result<(), InboxError> {
        nowhere()
    }

    async fn release(&self, _: &str) -> Result<u64, InboxError> {
        nowhere()
    }

    async fn stats(&self) -> Result<Stats, InboxError> {
        nowhere()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_ours_stores_what_both_accept() {
        let folder = folder().unwrap();
        let ours = Arc::new(open(folder.path()).unwrap());
        for inbox in [Arc::clone(&ours) as Arc<dyn Inbox>, Arc::new(Nowhere)] {
            Senders::of(inbox).await.unwrap().send(1).await.unwrap();
        }
        assert_eq!(ours.stats().await.unwrap().new, 2_560);
    }
}
