//! Strangers who forge, repeat, flood and dawdle, and what that costs the receiver.

mod strangers;
mod wire;

use std::time::Duration;

use anyhow::{Context as _, Result};
use kyc_webhook::{Inbox as _, SqliteInbox};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio::time::timeout;

use super::child::{self, Args};
use super::requests::clearsale;
use super::running::Running;
use super::sender::{ACCEPTED, Answer, Sender, Tally};
use super::store;
use super::{Part, folders};

const MAX_MEMORY_MIB: u64 = 256;
/// The server's limit of connections, and the files of the inbox, the runtime and the process.
const MAX_FILES: usize = 512 + 64;
/// The cap of rows of strangers, some events of vendors, and a log of at most 64 MiB and its restarts.
const MAX_SIZE_KIB: u64 = 192 * 1024;
const MAX_TIME: Duration = Duration::from_secs(600);

pub(super) async fn prove(short: bool) -> Result<Part> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, soft.max(hard), hard)?;
    let (_outer, folder) = folders()?;
    // With fewer hints the cap is lower, too: otherwise it would never be reached.
    let max_unexpected = if short { 2_000 } else { 10_000 };
    let args = Args { max_unexpected, ..Args::new(&folder) };
    let target = Running::start(&args).await?;
    let inbox = child::open(&folder, max_unexpected)?;
    let mut judge = Judge {
        part: Part::new(
            &format!(
                "Attacks, each followed by a vendor's event that must be accepted; at most {max_unexpected} unexpected rows; \
                 this process may open {hard} files"
            ),
            ["attack", "requests", "answers", "rows added", "peak memory", "files at most", "size"],
        ),
        target,
        inbox,
        args,
        vendor: Sender::new()?,
        vendors_events: 0,
    };
    strangers::forge(&mut judge).await?;
    strangers::overfill(&mut judge).await?;
    strangers::dawdle(&mut judge, short).await?;
    strangers::flood(&mut judge, short).await?;
    judge.target.stop().await?;
    let integrity = store::integrity(&folder)?;
    judge.part.check(integrity == "ok", format!("the file is damaged: {integrity}"));
    Ok(judge.part)
}

/// Measures attacks and compares them with the limits.
struct Judge {
    part: Part,
    target: Running,
    inbox: SqliteInbox,
    args: Args,
    vendor: Sender,
    vendors_events: usize,
}

impl Judge {
    /// One attack. It may add so many rows, and it must be answered so.
    async fn attack(
        &mut self,
        name: &str,
        allowed: &[Answer],
        max_rows: u64,
        attack: impl Future<Output = Result<Tally>>,
    ) -> Result<()> {
        self.target.forget_peak()?;
        let before = self.rows().await?;
        let (answers, files) = self.watch(attack).await.with_context(|| format!("in {name}"))?;
        let added = self.rows().await?.saturating_sub(before);
        let (peak, size) = (self.target.peak_mib()?, store::size_kib(&self.args.folder)?);
        self.part.row([
            name.to_owned(),
            answers.total().to_string(),
            answers.to_string(),
            added.to_string(),
            format!("{peak} MiB"),
            files.to_string(),
            format!("{size} KiB"),
        ]);
        self.part.check(answers.is_only(allowed), format!("{name}: {answers}"));
        self.part.check(added <= max_rows, format!("{name}: {added} rows in place of at most {max_rows}"));
        self.part.check(peak <= MAX_MEMORY_MIB, format!("{name}: {peak} MiB"));
        self.part.check(files <= MAX_FILES, format!("{name}: {files} open files"));
        self.part.check(size <= MAX_SIZE_KIB, format!("{name}: {size} KiB of store"));
        let answer = self.event_of_a_vendor().await;
        self.part
            .check(answer == ACCEPTED, format!("{name}: afterwards a vendor's event was answered: {answer}"));
        Ok(())
    }

    /// Counts the open files while the attack lasts.
    async fn watch(&self, attack: impl Future<Output = Result<Tally>>) -> Result<(Tally, usize)> {
        let (mut most, mut attack) = (0, std::pin::pin!(attack));
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        timeout(MAX_TIME, async {
            loop {
                tokio::select! {
                    answers = &mut attack => return Ok((answers?, most.max(self.target.open_files()?))),
                    _ = tick.tick() => most = most.max(self.target.open_files()?),
                }
            }
        })
        .await
        .context("the attack does not end")?
    }

    async fn rows(&self) -> Result<u64> {
        Ok(store::rows(&self.inbox.stats().await?))
    }

    async fn event_of_a_vendor(&mut self) -> Answer {
        self.vendors_events += 1;
        let reference = format!("vendor-{}", self.vendors_events);
        self.vendor.post(self.target.address, &clearsale(&reference, "Success", &reference)).await
    }
}
