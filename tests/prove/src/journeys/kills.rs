//! Kills the program at random while it verifies many persons at the same time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin};
use tokio::time::{sleep, timeout};

use super::case::{Kind, Place, Summary};
use super::search::{Found, Needles};
use super::site::{Paid, Site};
use super::worker::{CONCURRENCY, done, subjects};
use super::{files, place, program};
use crate::part::Part;

const PATIENCE: Duration = Duration::from_secs(60);
/// How long the last program may take, and each part between two kills.
const LONG: Duration = Duration::from_secs(1800);
const GLANCE: Duration = Duration::from_millis(5);
/// How long after that the program is killed, in milliseconds.
const LATER: std::ops::Range<u64> = 0..150;
/// The cases of the store in plain text, which is searched, too.
const CONTROL: [u32; 3] = [3, 2, 2];

pub(super) async fn prove(kills: u32, counts: [u32; 3]) -> Result<Vec<Part>> {
    let mut site = Site::start_slow().await?;
    let (_folder, place) = place(&site)?;
    let list = place.folder.join("done");
    let all: u32 = counts.iter().sum();
    let mut killed = 0;
    for number in 1..=kills {
        let mut running = Running::start(&place, &counts, &list).await?;
        let enough = usize::try_from(all * number / (kills + 1))?;
        if running.is_over_after(&list, enough).await? {
            break;
        }
        sleep(Duration::from_millis(fastrand::u64(LATER))).await;
        running.process.kill().await?;
        killed += 1;
    }
    // With what the last kill left beside the store.
    let mut needles = needles(&counts, &site).await?;
    let after_kill = files(&place.folder)?;
    let found_after_kill = needles.search(&after_kill)?;
    Running::start(&place, &counts, &list).await?.end().await?;
    for key in site.appkeys().await? {
        needles.add("appkey", key);
    }
    let found_at_the_end = needles.search(&files(&place.folder)?)?;

    let (summaries, paid) = (done(&list)?, site.paid().await?);
    let totals = judge(kills, killed, &counts, &summaries, &paid);
    let vendors = by_vendor(&summaries, &paid);
    let searched = searched(&needles, &after_kill, &found_after_kill, &found_at_the_end).await?;
    Ok(vec![totals, vendors, searched])
}

/// A program at work.
struct Running {
    process: Child,
    _stdin: ChildStdin,
}

impl Running {
    async fn start(place: &Place, counts: &[u32], list: &Path) -> Result<Self> {
        let mut command = program(place)?;
        command.arg("--done").arg(list).arg("--counts").args(counts.iter().map(u32::to_string));
        let mut process = command.spawn().context("cannot start the program")?;
        let stdin = process.stdin.take().context("no input")?;
        let mut output = BufReader::new(process.stdout.take().context("no output")?);
        let mut line = String::new();
        timeout(PATIENCE, output.read_line(&mut line)).await.context("the program does not start")??;
        ensure!(line.trim() == "ready", "the program did not start");
        Ok(Self { process, _stdin: stdin })
    }

    /// Waits until so many cases are decided. Returns whether the program has ended before.
    async fn is_over_after(&mut self, list: &Path, enough: usize) -> Result<bool> {
        let waiting = async {
            loop {
                if let Some(status) = self.process.try_wait()? {
                    ensure!(status.success(), "the program ended by {status}");
                    return Ok(true);
                }
                let text = std::fs::read(list).unwrap_or_default();
                if text.iter().filter(|byte| **byte == b'\n').count() >= enough {
                    return Ok(false);
                }
                sleep(GLANCE).await;
            }
        };
        timeout(LONG, waiting).await.context("the program does not go on")?
    }

    async fn end(mut self) -> Result<()> {
        let status = timeout(LONG, async {
            // To wait would close the standard input.
            loop {
                if let Some(status) = self.process.try_wait()? {
                    return anyhow::Ok(status);
                }
                sleep(GLANCE).await;
            }
        });
        let status = status.await.context("the program does not come to an end")??;
        ensure!(status.success(), "the program ended by {status}");
        Ok(())
    }
}

fn judge(kills: u32, killed: u32, counts: &[u32], summaries: &[Summary], paid: &Paid) -> Part {
    let mut part = Part::new(
        "SIGKILL at random while 8 cases run at the same time; each program resumes what the one before left",
        [
            "kills",
            "cases",
            "decided",
            "approved",
            "review",
            "paid calls",
            "own count",
            "uncertain",
            "sent twice",
        ],
    );
    let with = |state: &str| summaries.iter().filter(|summary| summary.state == state).count();
    let decided = summaries.iter().filter(|summary| summary.is_decided()).count();
    let at_vendors: u32 = paid.by_person().values().sum();
    let own: u32 = summaries.iter().map(|summary| summary.paid).sum();
    let uncertain: u32 = summaries.iter().map(|summary| summary.uncertain).sum();
    let twice = summaries.iter().map(|summary| sent_twice(summary, paid)).sum::<u32>();
    let cases: u32 = counts.iter().sum();
    part.row([
        killed.to_string(),
        cases.to_string(),
        decided.to_string(),
        with("approved").to_string(),
        with("review").to_string(),
        at_vendors.to_string(),
        own.to_string(),
        uncertain.to_string(),
        twice.to_string(),
    ]);
    part.check(killed == kills, format!("all cases were decided after {killed} kills"));
    part.check(twice == 0, format!("{twice} calls were sent twice"));
    let expected = usize::try_from(cases).unwrap_or(usize::MAX);
    part.check(decided == expected, format!("{decided} of {cases} cases are decided"));
    let limit = killed.saturating_mul(u32::try_from(CONCURRENCY).unwrap_or(u32::MAX));
    part.check(uncertain <= limit, format!("{uncertain} calls are uncertain, at most {limit} expected"));
    part.check(
        at_vendors <= own && own <= at_vendors + uncertain,
        format!("{own} paid calls by its own count, {at_vendors} at the vendors, {uncertain} uncertain"),
    );
    let refused = with("refused");
    part.check(refused == 0, format!("{refused} persons are refused"));
    let unclear = |summary: &&Summary| (summary.state == "approved") != (summary.uncertain == 0);
    let unclear: Vec<_> = summaries.iter().filter(unclear).collect();
    let first =
        unclear.first().map(|Summary { subject, state, calls, .. }| format!("{subject:?} {state} {calls:?}"));
    part.check(
        unclear.is_empty(),
        format!(
            "{} cases are approved with an uncertain call, or not without one, such as {}",
            unclear.len(),
            first.unwrap_or_default()
        ),
    );
    part
}

/// Returns how many calls of a case were paid for more than once, or sent again though they may have been.
fn sent_twice(summary: &Summary, paid: &Paid) -> u32 {
    let cpf = summary.subject.cpf();
    let at = |vendor: &&str| {
        let mut steps = BTreeMap::<_, u32>::new();
        for call in summary.paid_at(vendor) {
            *steps.entry(&call.step).or_default() += 1;
        }
        let intended_twice: u32 = steps.values().map(|count| count - 1).sum();
        let distinct = u32::try_from(steps.len()).unwrap_or(u32::MAX);
        intended_twice.max(paid.of(vendor, &cpf).saturating_sub(distinct))
    };
    summary.subject.kind.vendors().iter().map(at).sum()
}

/// What became of the calls whose end was not known.
fn by_vendor(summaries: &[Summary], paid: &Paid) -> Part {
    let mut part = Part::new(
        "What the look-ups found of calls whose end was not known",
        [
            "vendor",
            "cases",
            "paid calls",
            "cut off",
            "found",
            "never received",
            "nothing can tell",
            "uncertain",
            "of these paid",
        ],
    );
    for (kind, vendor) in
        Kind::ALL.into_iter().flat_map(|kind| kind.vendors().iter().map(move |vendor| (kind, *vendor)))
    {
        let cases: Vec<_> = summaries.iter().filter(|summary| summary.subject.kind == kind).collect();
        let calls: Vec<_> = cases.iter().flat_map(|summary| &summary.calls).collect();
        let calls: Vec<_> = calls.into_iter().filter(|call| call.is_paid && call.vendor == vendor).collect();
        let found = |names: &[&str]| {
            calls
                .iter()
                .filter(|call| call.found.as_deref().is_some_and(|found| names.contains(&found)))
                .count()
        };
        let uncertain = calls.iter().filter(|call| call.end == "uncertain").count();
        let at_vendor: usize =
            cases.iter().map(|summary| paid.of(vendor, &summary.subject.cpf()) as usize).sum();
        let known: usize =
            cases.iter().map(|summary| summary.paid_at(vendor).count()).sum::<usize>() - uncertain;
        let paid_uncertain = at_vendor.saturating_sub(known);
        part.row([
            vendor.to_owned(),
            cases.len().to_string(),
            at_vendor.to_string(),
            calls.iter().filter(|call| call.found.is_some()).count().to_string(),
            found(&["answered", "pending"]).to_string(),
            found(&["not_received"]).to_string(),
            found(&["unknowable", "not_yet_known"]).to_string(),
            uncertain.to_string(),
            paid_uncertain.to_string(),
        ]);
        part.check(
            at_vendor >= known,
            format!("{vendor}: {known} calls are known to be paid, and {at_vendor} are"),
        );
        match vendor {
            "clearsale" | "cellere" => {
                let told = found(&["answered", "pending", "not_received", "not_yet_known"]);
                part.check(told == 0, format!("{vendor}: a look-up told something"));
            }
            _ => part.check(
                paid_uncertain == 0,
                format!("{vendor}: {paid_uncertain} calls that landed were not found"),
            ),
        }
    }
    part
}

async fn needles(counts: &[u32], site: &Site) -> Result<Needles> {
    let mut needles = Needles::default();
    for subject in subjects(counts) {
        let cpf = subject.cpf();
        needles.add("CPF", format!("{}.{}.{}-{}", &cpf[..3], &cpf[3..6], &cpf[6..9], &cpf[9..]));
        needles.add("CPF", cpf);
        needles.add("reference", subject.reference());
        if subject.kind != Kind::Calls || subject.number == 0 {
            needles.add("name", subject.name());
        }
    }
    for key in site.appkeys().await? {
        needles.add("appkey", key);
    }
    Ok(needles)
}

/// Also searches a store in plain text, where everything has to be found.
async fn searched(
    needles: &Needles,
    after_kill: &[PathBuf],
    found_after_kill: &Found,
    found_at_the_end: &Found,
) -> Result<Part> {
    let mut part = Part::new(
        "The files searched for each CPF, name, reference and appkey, and their SHA-256 (bytes, hex, base64)",
        ["files", "searched for", "found"],
    );
    let has_log = after_kill.iter().any(|path| path.to_string_lossy().ends_with("-wal"));
    part.check(has_log, "the last kill left no write-ahead log");
    for (name, found) in
        [("after the last kill, with -wal", found_after_kill), ("at the end", found_at_the_end)]
    {
        let hits: usize = found.values().sum();
        part.row([name.to_owned(), format!("{} values in 6 forms", needles.len()), hits.to_string()]);
        part.check(hits == 0, format!("{name}: {found:?}"));
    }
    let site = Site::start().await?;
    let (_folder, mut place) = place(&site)?;
    place.is_plain = true;
    Running::start(&place, &CONTROL, &place.folder.join("done")).await?.end().await?;
    let needles = self::needles(&CONTROL, &site).await?;
    let found = needles.search(&files(&place.folder)?)?;
    for what in ["CPF", "name", "reference", "appkey"] {
        let hits = found.get(&(what, "itself")).copied().unwrap_or_default();
        let count = needles.count(what);
        part.row([format!("in plain text (the control): {what}"), count.to_string(), hits.to_string()]);
        // A CPF stands there in one of its two spellings.
        let expected = if what == "CPF" { count / 2 } else { count };
        part.check(
            hits >= expected && hits > 0,
            format!("the search finds {hits} of {count} in plain text: {what}"),
        );
    }
    Ok(part)
}
