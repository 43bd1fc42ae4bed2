//! The program that verifies persons, in a process of its own that may be killed.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use kyc_verify::{CaseState, FaultPoints, LedgerError, Options, Point, Verification, VerifyError};
use nix::sys::signal::{Signal, raise};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::case::{Kind, Place, Subject, Summary};
use super::pace::Paced;

/// Cases at the same time.
pub(super) const CONCURRENCY: usize = 8;

/// How long a case may wait for a vendor, on the clock of the proof.
const WAIT: Duration = Duration::from_secs(20 * 60);

/// How often a case is begun anew in vain before the worker gives up.
const ATTEMPTS: u32 = 300;
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder of the store.
    pub(super) folder: PathBuf,
    pub(super) clock: Paced,
    /// One case by its kind and number. Otherwise all of them.
    #[arg(long, num_args = 2, value_names = ["KIND", "NUMBER"])]
    pub(super) one: Option<Vec<String>>,
    /// Where that one ends the process.
    #[arg(long)]
    pub(super) end_at: Option<EndAt>,
    /// How many cases there are of each kind.
    #[arg(long, num_args = 3)]
    pub(super) counts: Vec<u32>,
    /// Appends a line about each case that is decided.
    #[arg(long)]
    pub(super) done: Option<PathBuf>,
    #[arg(long)]
    pub(super) plain_text: bool,
}

/// Ends the process at a point of a step, as a crash or a loss of power does.
#[derive(Clone, Debug)]
pub(crate) struct EndAt {
    pub(super) step: String,
    pub(super) point: Point,
}

impl EndAt {
    /// Returns the argument from which it is read again.
    pub(super) fn to_argument(&self) -> String {
        format!("{} {:?}", self.step, self.point)
    }
}

impl FromStr for EndAt {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (step, name) = text.split_once(' ').context("a step and a point")?;
        let point = Point::ALL.into_iter().find(|point| format!("{point:?}") == name);
        Ok(Self { step: step.to_owned(), point: point.context("no such point")? })
    }
}

impl FaultPoints for EndAt {
    fn reach(&self, _vendor: &str, step: &str, point: Point) {
        if (step, point) == (self.step.as_str(), self.point) {
            let _ = raise(Signal::SIGKILL);
            // The signal arrives at once, or nearly.
            loop {
                std::thread::park();
            }
        }
    }
}

pub(crate) fn work(args: &Args) -> Result<()> {
    end_with_the_parent();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let place = Place { is_plain: args.plain_text, ..Place::new(&args.folder, args.clock) };
    runtime.block_on(async {
        match args.one.as_deref() {
            Some([kind, number]) => one(&place, subject(kind, number)?, args.end_at.clone()).await,
            _ => all(&place, &args.counts, args.done.as_deref().context("no list")?).await,
        }
    })
}

/// So that it never outlives its parent process, which holds the standard input open.
fn end_with_the_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    });
}

fn subject(kind: &str, number: &str) -> Result<Subject> {
    let kind = Kind::ALL.into_iter().find(|known| known.name() == kind).context("no such kind")?;
    Ok(Subject { kind, number: number.parse()? })
}

async fn one(place: &Place, subject: Subject, end_at: Option<EndAt>) -> Result<()> {
    let mut builder = place.builder(place.store()?, subject.kind)?;
    if let Some(points) = end_at {
        builder = builder.fault_points(points);
    }
    let summary = verify(&builder.build(), subject).await?;
    println!("{}", serde_json::to_string(&summary)?);
    Ok(())
}

/// Verifies a person to the end, however often that has to be begun.
pub(super) async fn verify(verification: &Verification, subject: Subject) -> Result<Summary> {
    let (reference, applicant) = (subject.reference(), subject.applicant()?);
    let mut options = Options::default();
    options.wait = WAIT;
    for _ in 0..ATTEMPTS {
        match verification.verify(&reference, &applicant, options).await {
            Ok(report) if matches!(report.state, CaseState::Decided(_) | CaseState::Review) => {
                return Ok(Summary::new(subject, &report));
            }
            Ok(_) | Err(VerifyError::Ledger(LedgerError::Leased(_) | LedgerError::Store(_))) => {}
            Err(error) => return Err(error.into()),
        }
        sleep(PAUSE).await;
    }
    bail!("{subject:?} does not come to an end")
}

/// Verifies everybody who is not on the list yet.
async fn all(place: &Place, counts: &[u32], list: &Path) -> Result<()> {
    let known: BTreeSet<_> = done(list)?.into_iter().map(|summary| summary.subject).collect();
    let mut left: VecDeque<_> =
        subjects(counts).into_iter().filter(|subject| !known.contains(subject)).collect();
    let file = Arc::new(OpenOptions::new().create(true).append(true).open(list)?);
    let store = place.store()?;
    let verifications: Vec<_> = Kind::ALL
        .into_iter()
        .map(|kind| Ok(place.builder(store.clone(), kind)?.build()))
        .collect::<Result<_>>()?;
    println!("ready");
    std::io::stdout().flush()?;
    let mut running = JoinSet::new();
    while let Some(subject) = left.pop_front() {
        if running.len() == CONCURRENCY
            && let Some(ended) = running.join_next().await
        {
            ended??;
        }
        let (verification, file) = (verifications[subject.kind as usize].clone(), Arc::clone(&file));
        running.spawn(async move { note(&file, &verify(&verification, subject).await?) });
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

/// One write, which the kernel appends whole.
fn note(mut file: &File, summary: &Summary) -> Result<()> {
    Ok(file.write_all(format!("{}\n", serde_json::to_string(summary)?).as_bytes())?)
}

/// Returns all cases, those of the kinds mixed as evenly as their numbers allow.
pub(super) fn subjects(counts: &[u32]) -> Vec<Subject> {
    let mut all: Vec<_> = Kind::ALL
        .into_iter()
        .zip(counts)
        .flat_map(|(kind, count)| {
            (0..*count).map(move |number| {
                (u64::from(number) * 1_000_000 / u64::from(*count), Subject { kind, number })
            })
        })
        .collect();
    all.sort_unstable();
    all.into_iter().map(|(_, subject)| subject).collect()
}

/// Returns the newest summary of each case on the list.
pub(super) fn done(list: &Path) -> Result<Vec<Summary>> {
    let text = std::fs::read_to_string(list).unwrap_or_default();
    let summaries: Vec<Summary> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let newest: std::collections::BTreeMap<_, _> =
        summaries.into_iter().map(|summary| (summary.subject, summary)).collect();
    Ok(newest.into_values().collect())
}
