//! `kyc verify --batch`: the applicants of a CSV file, many at a time, with one result line for each.
//!
//! The reference of an applicant is the idempotency key: the same command after an interruption goes on, and pays nothing twice.

mod columns;
mod progress;
mod records;
mod results;
mod row;
mod work;

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kyc_core::{Clock as _, SystemClock, Timestamp};
use kyc_verify::{CaseId, CaseReport, CaseState, Ledger as _, SqliteStore, Verification};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval};

use self::columns::Columns;
use self::progress::{Counts, Ticker};
use self::records::{Bad, Records, Survey};
use self::results::{Format, References, Results};
use self::row::Row;
use self::work::{Desk, Done, failing_vendor};
use super::connect::Vendors;
use super::run::Args;
use super::{failures, policies};
use crate::failure::Failure;
use crate::messages::{Messages, Said, text};
use crate::outcome::Outcome;
use crate::place::Input;
use crate::{files, interrupt, output};

/// After as many cases in a row that a vendor's failing calls left to a person, the next ones would end in the same way.
const MAX_FAILURES: u32 = 10;

/// The most applicants who wait for another process that runs their cases.
const MAX_LATER: usize = 1000;

/// How often these are tried again.
const ROUNDS: usize = 3;

/// The longest wait for another process, which renews what it has.
const LONGEST_WAIT: Duration = Duration::from_secs(70);

/// The options of a batch.
#[derive(Debug, clap::Args)]
pub(super) struct Many {
    #[arg(long, value_name = "FILE", requires = "batch", help = text().batch_help.output)]
    output: Option<PathBuf>,
    #[arg(
        long,
        value_name = "N",
        requires = "batch",
        default_value_t = 16,
        value_parser = clap::value_parser!(u16).range(1..=256),
        help = text().batch_help.concurrency
    )]
    concurrency: u16,
}

pub(super) async fn run(args: &Args, path: &Path) -> Result<Outcome, Failure> {
    let refused = |rule: Said| Failure::refused(|_| files::shown(path), rule);
    let unread = |error: io::Error| refused(files::unreadable(&error));
    let mut file = records::open(path).map_err(refused)?;
    let survey = Survey::of(&mut file).map_err(unread)?;
    let mut records = survey.records(&mut file).map_err(unread)?;
    let columns = columns(&mut records).map_err(unread)?.map_err(refused)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().map_err(unread)?;

    let sources = args.source.files();
    let policy = policies::chosen(args.policy.as_deref(), sources)?;
    let place = args.store.place(sources)?;
    let vendors = Vendors::open(&args.source, &args.vendors, Input::Own).await?;
    let store = place.open()?;
    let (results, references, case) = open_results(args)?;
    check_store(&store, case).await?;
    let under_way = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&under_way);
    let builder = Verification::builder(store, vendors.environment)
        .vendors(vendors.list.iter().cloned())
        .policy(policy)
        .on_step(move |step| {
            if step.has_ended {
                counted.fetch_sub(1, Ordering::Relaxed);
            } else {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
    let verification = args.looking_first(builder)?.build();
    let batch = Batch {
        desk: Desk { verification, options: args.options(), folder: folder.into() },
        concurrency: usize::from(args.many.concurrency),
        began: SystemClock.now(),
        input: path,
        output: args.many.output.as_deref(),
        as_json: args.json,
        results,
        references,
        counts: Counts::default(),
        ticker: Ticker::new(!args.json, survey.records),
        ticks: ticks(),
        interrupted: Box::pin(interrupt::listen()?),
        running: JoinSet::new(),
        under_way,
        later: Vec::new(),
        failures: 0,
        halt: None,
    };
    Box::pin(batch.run(&columns, records)).await
}

fn columns(records: &mut Records<'_>) -> io::Result<Result<Columns, Said>> {
    let columns = match records.next()? {
        Some(Ok(headings)) => Columns::of(&headings.cells),
        Some(Err(bad)) => Err(bad.rule),
        None => Err(Said::new(|t| t.batch.empty.to_owned())),
    };
    if let Ok(columns) = &columns
        && !columns.unread.is_empty()
    {
        let numbers: Vec<_> = columns.unread.iter().map(usize::to_string).collect();
        output::note(&(text().batch.unread)(&numbers.join(", ")));
    }
    Ok(columns)
}

fn open_results(args: &Args) -> Result<(Results, References, Option<String>), Failure> {
    let format = if args.json { Format::JsonLines } else { Format::Csv };
    match &args.many.output {
        Some(path) => {
            files::check_place("--output", path)?;
            Results::to_file(path, format)
        }
        None => Ok((Results::to_stdout(format)?, References::default(), None)),
    }
}

/// Refuses results of another store: nothing would be known there of what was paid.
async fn check_store(store: &SqliteStore, case: Option<String>) -> Result<(), Failure> {
    let Some(case) = case else { return Ok(()) };
    let is_known = match case.parse::<CaseId>() {
        Ok(case) => store.info(case).await.is_ok(),
        Err(_) => false,
    };
    if is_known { Ok(()) } else { Err(Failure::input(|t| t.batch.other_store.to_owned())) }
}

fn ticks() -> Interval {
    let mut ticks = interval(Duration::from_millis(250));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Why no further applicant is begun.
enum Halt {
    Signal(Outcome),
    /// The calls of this vendor fail.
    Vendor(String),
    Broken(Failure),
}

/// A batch at work.
struct Batch<'a> {
    desk: Desk,
    concurrency: usize,
    began: Timestamp,
    input: &'a Path,
    output: Option<&'a Path>,
    as_json: bool,
    results: Results,
    /// Those that have a result, or whose lines were read.
    references: References,
    counts: Counts,
    ticker: Ticker,
    ticks: Interval,
    interrupted: Pin<Box<dyn Future<Output = Outcome> + 'a>>,
    running: JoinSet<(Row, Done)>,
    /// The number of calls that are under way.
    under_way: Arc<AtomicUsize>,
    /// Those whose cases another process runs, and until when.
    later: Vec<(Row, Timestamp)>,
    /// How many cases in a row a vendor's failing calls left to a person.
    failures: u32,
    halt: Option<Halt>,
}

impl Batch<'_> {
    async fn run(mut self, columns: &Columns, mut records: Records<'_>) -> Result<Outcome, Failure> {
        while self.halt.is_none() {
            match records.next() {
                Ok(None) => break,
                Ok(Some(record)) => match record.and_then(|record| Row::of(columns, &record)) {
                    Ok(row) => self.begin(row).await?,
                    Err(bad) => self.tell(&bad),
                },
                Err(error) => {
                    let (input, rule) = (self.input, files::unreadable(&error));
                    self.stop(Halt::Broken(Failure::refused(|_| files::shown(input), rule)));
                }
            }
        }
        self.drain().await?;
        self.finish_later().await?;
        self.conclude()
    }

    async fn begin(&mut self, row: Row) -> Result<(), Failure> {
        self.counts.cpfs_without_zeros += u64::from(row.has_lost_zeros);
        let is_known = !self.references.insert(&row.reference);
        if is_known {
            // The first line of a reference is the one that counts.
            self.drain().await?;
        }
        self.spawn(row, is_known).await
    }

    async fn spawn(&mut self, row: Row, is_known: bool) -> Result<(), Failure> {
        while self.running.len() >= self.concurrency {
            self.wait().await?;
        }
        if self.halt.is_none() {
            self.running.spawn(self.desk.clone().serve(row, is_known));
        }
        Ok(())
    }

    async fn drain(&mut self) -> Result<(), Failure> {
        while !self.running.is_empty() {
            self.wait().await?;
        }
        Ok(())
    }

    /// Waits until something happens, and takes it.
    async fn wait(&mut self) -> Result<(), Failure> {
        tokio::select! {
            Some(ended) = self.running.join_next() => match ended {
                Ok((row, done)) => self.take(row, done),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            },
            signal = &mut self.interrupted => {
                if matches!(self.halt, Some(Halt::Signal(_))) {
                    // Asked twice: what is under way may have been paid, and is looked up when the batch goes on.
                    self.running.abort_all();
                }
                self.stop(Halt::Signal(signal));
                self.interrupted = Box::pin(interrupt::listen()?);
            }
            _ = self.ticks.tick() => {
                self.ticker.tell(&self.counts);
                if self.halt.is_some() && self.under_way.load(Ordering::Relaxed) == 0 {
                    // What is left only waits.
                    self.running.abort_all();
                }
            }
        }
        Ok(())
    }

    fn stop(&mut self, halt: Halt) {
        self.desk.verification.stop();
        self.halt.get_or_insert(halt);
    }

    fn take(&mut self, row: Row, done: Done) {
        match done {
            Done::Answer(report) if self.halt.is_some() && is_unfinished(report.state) => {}
            Done::Answer(report) => {
                match self.results.write(row.line, &row.reference, &report) {
                    Ok(()) => self.counts.count(&report),
                    Err(error) => self.stop(Halt::Broken(self.unwritten(error))),
                }
                self.note_failure(&report);
            }
            Done::Known => self.counts.known += 1,
            Done::Bad(bad) => self.tell(&bad),
            Done::Unusable(bad) => {
                // A later line may have the reference.
                self.references.remove(&row.reference);
                self.tell(&bad);
            }
            Done::Leased(until) if self.later.len() < MAX_LATER => self.later.push((row, until)),
            Done::Leased(_) => self.tell(&Bad::new(row.line, |t| t.batch.runs_elsewhere)),
            Done::Broken(error) if work::is_passing(&error) && self.later.len() < MAX_LATER => {
                self.later.push((row, SystemClock.now()));
            }
            Done::Broken(error) => self.stop(Halt::Broken(failures::of_verification(*error))),
        }
    }

    fn note_failure(&mut self, report: &CaseReport) {
        // Those of an earlier run follow one another once the others have their results.
        let is_new = report.timeline.first().is_some_and(|entry| entry.at >= self.began);
        match failing_vendor(report) {
            None => self.failures = 0,
            Some(vendor) if is_new => {
                self.failures += 1;
                if self.failures >= MAX_FAILURES {
                    self.stop(Halt::Vendor(vendor.to_owned()));
                }
            }
            Some(_) => {}
        }
    }

    /// Runs the cases that another process ran, once it is done or dead.
    async fn finish_later(&mut self) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let later = std::mem::take(&mut self.later);
            let Some(until) = later.iter().map(|(_, until)| *until).max() else { return Ok(()) };
            let pause = until.since(SystemClock.now()).min(LONGEST_WAIT) + Duration::from_millis(100);
            let ready = SystemClock.elapsed() + pause;
            while self.halt.is_none() && SystemClock.elapsed() < ready {
                self.wait().await?;
            }
            for (row, _) in later {
                self.spawn(row, false).await?;
            }
            self.drain().await?;
        }
        for (row, _) in std::mem::take(&mut self.later) {
            self.tell(&Bad::new(row.line, |t| t.batch.runs_elsewhere));
        }
        Ok(())
    }

    /// Tells a line that cannot be used, without anything that stands in it.
    fn tell(&mut self, bad: &Bad) {
        self.counts.bad_lines += 1;
        if self.as_json {
            let Bad { line, field, rule } = bad;
            output::json_note(&BadLine { line: *line, field: *field, rule: rule.english() });
            return;
        }
        let rule = bad.rule.shown();
        let said = bad.field.map_or_else(|| rule.to_owned(), |field| format!("{field}: {rule}"));
        output::note(&(text().batch.line)(bad.line, &said));
    }

    fn unwritten(&self, error: io::Error) -> Failure {
        match self.output {
            Some(path) => files::cannot_write(path, &error),
            None => error.into(),
        }
    }

    fn conclude(self) -> Result<Outcome, Failure> {
        self.ticker.conclude(&self.counts);
        let failed = |outcome, words: &dyn Fn(&Messages) -> String| Err(Failure::local(outcome, words));
        match self.halt {
            None => Ok(self.counts.outcome()),
            Some(Halt::Broken(failure)) => Err(failure),
            Some(Halt::Signal(signal)) => failed(signal, &|t| t.batch.interrupted.to_owned()),
            Some(Halt::Vendor(vendor)) => {
                failed(Outcome::Unavailable, &|t| (t.batch.vendor_fails)(MAX_FAILURES, &vendor))
            }
        }
    }
}

/// Whether a case goes on by itself.
fn is_unfinished(state: CaseState) -> bool {
    matches!(state, CaseState::Running | CaseState::WaitsForVendor)
}

/// A line that cannot be used, with `--json`.
#[derive(Serialize)]
struct BadLine<'a> {
    line: u64,
    field: Option<&'static str>,
    rule: &'a str,
}
