//! Kills the receiver at random while vendors send.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::child::Args;
use super::requests::{Request, bankly, clearsale};
use super::running::Running;
use super::sender::{ACCEPTED, Answer, Sender, UNAVAILABLE};
use super::store::{self, HandledList, Stored};
use super::{Part, folders};

const SENDERS: usize = 16;
/// When the receiver is killed, in milliseconds after it is ready.
const LIFE: std::ops::Range<u64> = 20..400;

pub(super) async fn prove(kills: u32) -> Result<Part> {
    let (outer, folder) = folders()?;
    let handled = outer.path().join("handled");
    let args = Args { handled: Some(handled.clone()), ..Args::new(&folder) };

    let (tell, addresses) = watch::channel(None);
    let stop = CancellationToken::new();
    let mut vendors = JoinSet::new();
    for number in 0..SENDERS {
        vendors.spawn(send(number, addresses.clone(), stop.clone()));
    }
    for _ in 0..kills {
        let receiver = Running::start(&args).await?;
        tell.send_replace(Some(receiver.address));
        sleep(Duration::from_millis(fastrand::u64(LIFE))).await;
        receiver.kill().await?;
        tell.send_replace(None);
    }
    let mut receiver = Running::start(&args).await?;
    tell.send_replace(Some(receiver.address));
    stop.cancel();
    let mut sent = Sent::default();
    while let Some(more) = vendors.join_next().await {
        let more = more??;
        sent.acknowledged.extend(more.acknowledged);
        sent.requests += more.requests;
    }
    let inbox = store::open(&folder)?;
    store::drained(&inbox).await?;
    receiver.stop().await?;
    let stored = Stored::read(&inbox).await?;
    drop(inbox);
    judge(kills, &sent, &stored, &HandledList::read(&handled)?, &store::integrity(&folder)?)
}

/// What a vendor sent.
#[derive(Default)]
struct Sent {
    acknowledged: Vec<String>,
    requests: u64,
}

/// Sends one event after another, each until it is acknowledged, as vendors do.
async fn send(
    number: usize,
    mut addresses: watch::Receiver<Option<SocketAddr>>,
    stop: CancellationToken,
) -> Result<Sent> {
    let (sender, mut sent) = (Sender::new()?, Sent::default());
    let mut random = fastrand::Rng::new();
    for count in 0.. {
        if stop.is_cancelled() {
            break;
        }
        let reference = format!("{number}-{count}");
        loop {
            let known = *addresses.wait_for(Option::is_some).await?;
            let Some(address) = known else { continue };
            sent.requests += 1;
            match sender.post(address, &event(number, count, &reference)).await {
                ACCEPTED => break,
                UNAVAILABLE | Answer::Closed => sleep(Duration::from_millis(2)).await,
                other => bail!("a vendor's event was answered: {other}"),
            }
        }
        // Now and then a vendor sends again what was acknowledged.
        let known = *addresses.borrow();
        if let Some(address) = known.filter(|_| random.u8(..8) == 0) {
            sent.requests += 1;
            sender.post(address, &event(number, count, &reference)).await;
        }
        sent.acknowledged.push(reference);
        sleep(Duration::from_millis(random.u64(..10))).await;
    }
    Ok(sent)
}

/// Two events in a row are about one transaction or one image, and pairs of both vendors alternate.
fn event(number: usize, count: usize, reference: &str) -> Request {
    let (about, is_second) = (format!("{number}-{}", count / 2), count % 2 == 1);
    match (count / 2 % 2, is_second) {
        (0, false) => clearsale(&about, "Processing", reference),
        (0, true) => clearsale(&about, "Success", reference),
        (_, false) => bankly(&about, "DOCUMENT_WAS_RECEIVED", reference),
        (_, true) => bankly(&about, "DOCUMENT_WAS_PROCESSED", reference),
    }
}

fn judge(kills: u32, sent: &Sent, stored: &Stored, handled: &HandledList, integrity: &str) -> Result<Part> {
    let lost = |reference: &&String| {
        !stored.is_stored(reference) || !stored.is_done(reference) || !handled.once.contains(*reference)
    };
    let lost = sent.acknowledged.iter().filter(lost).count();
    let mut part = Part::new(
        "SIGKILL at random while 16 vendors send; each event until it is acknowledged, some once more",
        [
            "kills",
            "requests",
            "acknowledged",
            "stored",
            "handled",
            "handled twice (allowed)",
            "lost",
            "stored twice",
            "integrity",
        ],
    );
    part.row([
        kills.to_string(),
        sent.requests.to_string(),
        sent.acknowledged.len().to_string(),
        stored.total().to_string(),
        handled.once.len().to_string(),
        handled.twice.len().to_string(),
        lost.to_string(),
        stored.twice().to_string(),
        integrity.to_owned(),
    ]);
    part.check(lost == 0, format!("{lost} acknowledged events are lost"));
    part.check(stored.twice() == 0, format!("{} events are stored twice", stored.twice()));
    part.check(integrity == "ok", format!("the file is damaged: {integrity}"));
    // Otherwise the proof shows nothing.
    let enough = sent.acknowledged.len() >= SENDERS * 2 && sent.requests > sent.acknowledged.len() as u64;
    part.check(enough, "hardly anything was sent");
    Ok(part)
}
