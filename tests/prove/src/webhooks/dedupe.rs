//! What is one event and what are several; and the event that kills its handler.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kyc_webhook::{EventState, Inbox as _, SqliteInbox};
use tokio::time::timeout;

use super::child::{Args, POISON};
use super::requests::{CERTIFACE_PEER, bankly, clearsale, status_update};
use super::running::Running;
use super::sender::{ACCEPTED, Sender, many};
use super::store::{self, HandledList, Stored};
use super::{Part, folders};

const ATTEMPTS: u32 = 4;

pub(super) async fn prove() -> Result<Part> {
    let mut part = Part::new(
        "Deduplication, and an event that kills its handler",
        ["what was sent", "answers", "stored", "handled", "outcome"],
    );
    let (outer, folder) = folders()?;
    let args = Args { handled: Some(outer.path().join("handled")), ..Args::new(&folder) };
    let receiver = Running::start(&args).await?;
    let inbox = store::open(&folder)?;
    states_that_return(&mut part, &receiver, &inbox).await?;
    duplicates(&mut part, &receiver, &inbox).await?;
    store::drained(&inbox).await?;
    receiver.stop().await?;
    let handled = outer.path().join("handled");
    let lines = std::fs::read_to_string(handled)?.lines().count();
    part.check(lines == 5, format!("5 events were stored, but {lines} handled"));
    drop(inbox);
    poison(&mut part).await?;
    Ok(part)
}

async fn rows(inbox: &SqliteInbox) -> Result<u64> {
    Ok(store::rows(&inbox.stats().await?))
}

/// A suspicion, its end, and the suspicion again are three events; the last one again is none.
async fn states_that_return(part: &mut Part, receiver: &Running, inbox: &SqliteInbox) -> Result<()> {
    let vendor = Sender::from_peer(CERTIFACE_PEER)?;
    for (name, statuses, wanted) in [
        ("RES, OK, RES of one transaction", &["RES", "OK", "RES"][..], 3),
        ("the last one again", &["RES"], 0),
    ] {
        let before = rows(inbox).await?;
        let answers = many(statuses.len(), 1, |number| {
            let (vendor, address) = (vendor.clone(), receiver.address);
            let request = status_update("202200998977", statuses[number]);
            async move { vendor.post(address, &request).await }
        });
        let answers = answers.await?;
        let stored = rows(inbox).await? - before;
        part.check(answers.is_only(&[ACCEPTED]), format!("{name}: {answers}"));
        part.check(stored == wanted, format!("{name}: {stored} events in place of {wanted}"));
        part.row([
            name.to_owned(),
            answers.to_string(),
            stored.to_string(),
            stored.to_string(),
            String::new(),
        ]);
    }
    Ok(())
}

/// Fifty deliveries of one event at the same time, with and without an id.
async fn duplicates(part: &mut Part, receiver: &Running, inbox: &SqliteInbox) -> Result<()> {
    let vendor = Sender::new()?;
    let events = [
        ("50 × one event of ClearSale", clearsale("t", "Success", "duplicate-1")),
        ("50 × one event of Bankly", bankly("t", "DOCUMENT_WAS_PROCESSED", "duplicate-2")),
    ];
    for (name, request) in events {
        let before = rows(inbox).await?;
        let answers = many(50, 50, |_| {
            let (vendor, address, request) = (vendor.clone(), receiver.address, request.clone());
            async move { vendor.post(address, &request).await }
        });
        let answers = answers.await?;
        let stored = rows(inbox).await? - before;
        part.check(answers.is_only(&[ACCEPTED]), format!("{name}: {answers}"));
        part.check(stored == 1, format!("{name}: stored {stored} times"));
        part.row([name.to_owned(), answers.to_string(), stored.to_string(), "1".to_owned(), String::new()]);
    }
    Ok(())
}

/// An event that kills the process is given up after some attempts, and the others are handled.
async fn poison(part: &mut Part) -> Result<()> {
    let (outer, folder) = folders()?;
    let handled = outer.path().join("handled");
    let others = send_with_poison(&folder).await?;
    let args = Args { handled: Some(handled.clone()), max_attempts: ATTEMPTS, ..Args::new(&folder) };
    let inbox = store::open(&folder)?;
    let starts = timeout(Duration::from_secs(120), restart_until_drained(&args, &inbox)).await;
    let starts = starts.context("the poisonous event never ends")??;
    let (stored, handled) = (Stored::read(&inbox).await?, HandledList::read(&handled)?);
    let info = stored.0.get(POISON).and_then(|events| events.first()).context("it is not stored")?;
    let reason = info.reason.clone().unwrap_or_default();
    let all_done = others.iter().all(|other| stored.is_done(other) && handled.once.contains(other));
    let is_dead = info.state == EventState::Dead && !reason.is_empty();
    part.check(is_dead, format!("poison: it is {}, {reason:?}", info.state));
    part.check(info.attempts == ATTEMPTS, format!("poison: {} attempts", info.attempts));
    part.check(starts == ATTEMPTS + 1, format!("poison: {starts} starts"));
    part.check(all_done, "poison: the other events are not done");
    part.row([
        format!("one that aborts the process, among {} others", others.len()),
        format!("{ACCEPTED}: {}", others.len() + 1),
        stored.total().to_string(),
        handled.once.len().to_string(),
        format!("{} after {} attempts and {starts} starts: {reason}", info.state, info.attempts),
    ]);
    Ok(())
}

/// Sends events while nothing is dispatched. Returns the references of the harmless ones.
async fn send_with_poison(folder: &Path) -> Result<Vec<String>> {
    let receiver = Running::start(&Args::new(folder)).await?;
    let vendor = Sender::new()?;
    let others: Vec<_> = (0..20).map(|number| format!("harmless-{number}")).collect();
    for reference in
        others[..10].iter().map(String::as_str).chain([POISON]).chain(others[10..].iter().map(String::as_str))
    {
        let answer = vendor.post(receiver.address, &clearsale(reference, "Success", reference)).await;
        ensure!(answer == ACCEPTED, "an event was answered: {answer}");
    }
    receiver.stop().await?;
    Ok(others)
}

/// Restarts the receiver whenever it ends, as a supervisor does. Returns the number of starts.
async fn restart_until_drained(args: &Args, inbox: &SqliteInbox) -> Result<u32> {
    let mut starts = 0;
    loop {
        starts += 1;
        let mut receiver = Running::start(args).await?;
        tokio::select! {
            ended = receiver.ended() => drop(ended?),
            drained = store::drained(inbox) => {
                drained?;
                receiver.stop().await?;
                return Ok(starts);
            }
        }
    }
}
