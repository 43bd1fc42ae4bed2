//! A receiver whose disk has a fault for a while.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Part;
use crate::webhooks::child::Args;
use crate::webhooks::requests::{Request, clearsale};
use crate::webhooks::running::Running;
use crate::webhooks::sender::{ACCEPTED, Answer, Sender, Tally, UNAVAILABLE};
use crate::webhooks::store::{self, HandledList, Stored};

const AT_A_TIME: usize = 16;

pub(super) struct Trial {
    name: &'static str,
    folder: PathBuf,
    handled: PathBuf,
    args: Args,
    receiver: Running,
    sender: Sender,
    sent: usize,
    acknowledged: Vec<String>,
    refused: Vec<String>,
    meanwhile: Tally,
}

impl Trial {
    /// Starts a receiver, and sends it some events before the fault.
    pub(super) async fn begin(name: &'static str, folder: &Path) -> Result<Self> {
        let handled = folder.with_extension("handled");
        let args = Args { handled: Some(handled.clone()), ..Args::new(folder) };
        let receiver = Running::start(&args).await?;
        let (folder, sender) = (folder.to_owned(), Sender::new()?);
        let (sent, acknowledged, refused, meanwhile) = Default::default();
        let mut trial =
            Self { name, folder, handled, args, receiver, sender, sent, acknowledged, refused, meanwhile };
        trial.send(AT_A_TIME).await?;
        ensure!(trial.refused.is_empty(), "{name}: events were refused before the fault");
        trial.meanwhile = Tally::default();
        Ok(trial)
    }

    /// Restarts the receiver, and does something while it is down.
    pub(super) async fn restart(&mut self, between: impl FnOnce() -> Result<()>) -> Result<()> {
        self.receiver.stop().await?;
        between()?;
        self.receiver = Running::start(&self.args).await?;
        Ok(())
    }

    /// Sends new events at the same time. Returns the answers.
    pub(super) async fn send(&mut self, count: usize) -> Result<Vec<Answer>> {
        let (mut running, mut answers) = (JoinSet::new(), Vec::new());
        for _ in 0..count {
            let reference = format!("{}-{}", self.name.replace(' ', "-"), self.sent);
            self.sent += 1;
            let (sender, address) = (self.sender.clone(), self.receiver.address);
            running.spawn(async move { (sender.post(address, &event(&reference)).await, reference) });
        }
        while let Some(ended) = running.join_next().await {
            let (answer, reference) = ended?;
            self.meanwhile.add(answer);
            answers.push(answer);
            let list = if answer == ACCEPTED { &mut self.acknowledged } else { &mut self.refused };
            list.push(reference);
        }
        Ok(answers)
    }

    /// Sends events until only 503 comes back. On a disk that has become full there is room for a few more.
    pub(super) async fn send_until_refused(&mut self) -> Result<()> {
        for _ in 0..200 {
            let answers = self.send(AT_A_TIME).await?;
            if answers.iter().all(|answer| *answer == UNAVAILABLE) {
                return Ok(());
            }
        }
        anyhow::bail!("{}: events are accepted in spite of the fault", self.name)
    }

    /// After the fault: sends again what was refused, and judges what is kept.
    pub(super) async fn conclude(mut self, part: &mut Part) -> Result<()> {
        let mut afterwards = Tally::default();
        for reference in std::mem::take(&mut self.refused) {
            if self.resend(&reference, &mut afterwards).await {
                self.acknowledged.push(reference);
            } else {
                part.check(false, format!("{}: refused although the fault has ended", self.name));
                return Ok(());
            }
        }
        let inbox = store::open(&self.folder)?;
        store::drained(&inbox).await?;
        self.receiver.stop().await?;
        let (stored, handled) = (Stored::read(&inbox).await?, HandledList::read(&self.handled)?);
        let kept = |reference: &String| {
            let is_handled = handled.once.contains(reference);
            stored.is_done(reference) && is_handled
        };
        let lost = self.acknowledged.iter().filter(|reference| !kept(reference)).count();
        part.row([
            self.name.to_owned(),
            self.meanwhile.to_string(),
            afterwards.to_string(),
            self.acknowledged.len().to_string(),
            lost.to_string(),
        ]);
        let name = self.name;
        part.check(self.meanwhile.is_only(&[ACCEPTED, UNAVAILABLE]), format!("{name}: {}", self.meanwhile));
        part.check(self.meanwhile.of(UNAVAILABLE) > 0, format!("{name}: nothing was refused"));
        part.check(lost == 0, format!("{name}: {lost} acknowledged events are lost"));
        part.check(stored.twice() == 0, format!("{name}: {} events are stored twice", stored.twice()));
        Ok(fs::remove_file(&self.handled)?)
    }

    /// Sends an event again until it is accepted, for half a minute.
    async fn resend(&self, reference: &str, answers: &mut Tally) -> bool {
        for _ in 0..300 {
            let answer = self.sender.post(self.receiver.address, &event(reference)).await;
            answers.add(answer);
            if answer == ACCEPTED {
                return true;
            }
            sleep(Duration::from_millis(100)).await;
        }
        false
    }

    /// Returns how many events were accepted since the fault began.
    pub(super) fn accepted_meanwhile(&self) -> usize {
        self.meanwhile.of(ACCEPTED)
    }
}

fn event(reference: &str) -> Request {
    clearsale(reference, "Success", reference)
}
