//! What is one event and what are several; and the event that kills its handler.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use kyc_webhook::{EventState, Inbox as _, SqliteInbox};
use tokio::time::timeout;

use super::child::{Args, POISON};
use super::requests::{CERTIFACE_PEER, Request, bankly, clearsale, status_update};
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
    let handled = outer.path().join("handled");
    let args = Args { handled: Some(handled.clone()), ..Args::new(&folder) };
    let mut receiver = Running::start(&args).await?;
    let inbox = store::open(&folder)?;
    let subject = Subject { inbox, handled, to: receiver.address };

    let peer = Sender::from_peer(CERTIFACE_PEER)?;
    let states = ["RES", "OK", "RES"].map(|status| status_update("202200998977", status));
    let again = [states[2].clone()];
    subject.send(&mut part, "RES, OK, RES of one transaction", &peer, (1, &states), 3).await?;
    subject.send(&mut part, "the last one again", &peer, (1, &again), 0).await?;
    let vendor = Sender::new()?;
    let copies = |request: Request| vec![request; 50];
    let clearsale = copies(clearsale("t", "Success", "duplicate-1"));
    subject
        .send(&mut part, "50 copies of an event of ClearSale at once", &vendor, (50, &clearsale), 1)
        .await?;
    let bankly = copies(bankly("t", "DOCUMENT_WAS_PROCESSED", "duplicate-2"));
    subject.send(&mut part, "50 copies of an event of Bankly at once", &vendor, (50, &bankly), 1).await?;
    receiver.stop().await?;
    poison(&mut part).await?;
    Ok(part)
}

/// The receiver that must tell events apart.
struct Subject {
    inbox: SqliteInbox,
    handled: PathBuf,
    to: SocketAddr,
}

impl Subject {
    /// Sends requests, so many at a time, and checks how many events they are.
    async fn send(
        &self,
        part: &mut Part,
        name: &str,
        vendor: &Sender,
        (at_a_time, requests): (usize, &[Request]),
        wanted: u64,
    ) -> Result<()> {
        let before = self.count().await?;
        let answers = many(requests.len(), at_a_time, |number| {
            let (vendor, to, request) = (vendor.clone(), self.to, requests[number].clone());
            async move { vendor.post(to, &request).await }
        });
        let answers = answers.await?;
        store::drained(&self.inbox).await?;
        let after = self.count().await?;
        let [stored, handled] = [after[0] - before[0], after[1] - before[1]];
        part.check(answers.is_only(&[ACCEPTED]), format!("{name}: {answers}"));
        let is_right = stored == wanted && handled == wanted;
        part.check(is_right, format!("{name}: {stored} stored and {handled} handled in place of {wanted}"));
        part.row([
            name.to_owned(),
            answers.to_string(),
            stored.to_string(),
            handled.to_string(),
            String::new(),
        ]);
        Ok(())
    }

    /// Returns how many events are stored and how many were handled.
    async fn count(&self) -> Result<[u64; 2]> {
        let handled = std::fs::read_to_string(&self.handled)?.lines().count() as u64;
        Ok([store::rows(&self.inbox.stats().await?), handled])
    }
}

/// An event that kills the process is given up after some attempts, and the others are handled, although they are at work
/// whenever the process ends.
async fn poison(part: &mut Part) -> Result<()> {
    let (outer, folder) = folders()?;
    let handled = outer.path().join("handled");
    let others = send_with_poison(&folder).await?;
    let args =
        Args { handled: Some(handled.clone()), max_attempts: ATTEMPTS, work: 50, ..Args::new(&folder) };
    let inbox = store::open(&folder)?;
    let starts = timeout(Duration::from_secs(120), restart_until_drained(&args, &inbox)).await;
    let starts = starts.context("the poisonous event never ends")??;
    let (stored, handled) = (Stored::read(&inbox).await?, HandledList::read(&handled)?);
    let info = stored.0.get(POISON).and_then(|events| events.first()).context("it is not stored")?;
    let reason = info.reason.clone().unwrap_or_default();
    let is_kept = |other: &&String| stored.is_done(other) && handled.once.contains(*other);
    let done = others.iter().filter(is_kept).count();
    let is_dead = info.state == EventState::Dead && !reason.is_empty();
    part.check(is_dead, format!("poison: it is {}, {reason:?}", info.state));
    part.check(info.attempts == ATTEMPTS, format!("poison: {} attempts", info.attempts));
    part.check(starts == ATTEMPTS + 1, format!("poison: {starts} starts"));
    part.check(done == others.len(), format!("poison: {done} of {} other events are done", others.len()));
    part.row([
        format!("one that aborts the process, among {} others", others.len()),
        format!("{ACCEPTED}: {}", others.len() + 1),
        stored.total().to_string(),
        handled.once.len().to_string(),
        format!(
            "it is {} after {} attempts and {starts} starts: {reason}; of the others {done} are done",
            info.state, info.attempts
        ),
    ]);
    Ok(())
}

/// Sends events while nothing is dispatched. Returns the references of the harmless ones.
async fn send_with_poison(folder: &Path) -> Result<Vec<String>> {
    let mut receiver = Running::start(&Args::new(folder)).await?;
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
