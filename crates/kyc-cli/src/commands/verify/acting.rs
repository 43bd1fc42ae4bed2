//! `kyc verify decide`, `hold`, `forget` and `check`: what people do with cases.

use clap::ValueEnum;
use kyc_verify::{CaseFilter, CaseId, Ledger as _, Outcome as Decided, SqliteStore, Statement, Vault as _};
use serde::Serialize;

use super::reading::{Common, OneArgs};
use super::screen::Screen;
use super::{failures, id};
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};

/// Who acts, as they claim, and why.
#[derive(Debug, clap::Args)]
struct By {
    #[arg(long, required = true, help = text().verify_help.who)]
    who: String,
    #[arg(long, required = true, help = text().verify_help.why)]
    why: String,
}

impl By {
    fn statement(&self) -> Result<Statement, Failure> {
        let given = |option: &'static str, said: &str| {
            let said = said.trim();
            let is_there = !said.is_empty();
            let missing = || Failure::input(|t| (t.errors.subject)(option, t.verify.empty));
            is_there.then(|| said.to_owned()).ok_or_else(missing)
        };
        Ok(Statement { who: given("--who", &self.who)?, why: given("--why", &self.why)? })
    }
}

/// What a person decides.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Verdict {
    #[value(help = text().verify_help.approve)]
    Approve,
    #[value(help = text().verify_help.refuse)]
    Refuse,
}

#[derive(Debug, clap::Args)]
pub(super) struct DecideArgs {
    #[arg(value_name = "CASE", value_parser = id, help = text().verify_help.id)]
    case: CaseId,
    #[arg(value_enum, help = text().verify_help.verdict)]
    verdict: Verdict,
    #[command(flatten)]
    by: By,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct HoldArgs {
    #[arg(value_name = "CASE", value_parser = id, help = text().verify_help.id)]
    case: CaseId,
    #[arg(long, help = text().verify_help.release)]
    release: bool,
    #[command(flatten)]
    by: By,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[arg(value_name = "CASE", value_parser = id, help = text().verify_help.checked)]
    case: Option<CaseId>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// Writes a person's decision, and prints the case.
pub(super) async fn decide(args: DecideArgs) -> Result<Outcome, Failure> {
    let statement = args.by.statement()?;
    let (store, place) = args.common.open()?;
    let verification = args.common.reader(&store, args.case).await?;
    let decided = match args.verdict {
        Verdict::Approve => Decided::Approved,
        Verdict::Refuse => Decided::Refused,
    };
    let report = verification.review(args.case, decided, statement).await;
    let report = report.map_err(failures::of_verification)?;
    let screen = Screen::of(&report, &place, &[]);
    if args.common.json {
        output::json(Outcome::Yes, &screen.json())?;
    } else {
        screen.print(false)?;
    }
    // The decision was asked for and is written, whichever it is.
    Ok(Outcome::Yes)
}

/// A hold in `--json`.
#[derive(Serialize)]
struct Held {
    case: String,
    held: bool,
}

pub(super) async fn hold(args: HoldArgs) -> Result<Outcome, Failure> {
    let statement = args.by.statement()?;
    let (store, _) = args.common.open()?;
    let held = !args.release;
    store.hold(args.case, held, statement).await.map_err(|error| failures::of_ledger(&error))?;
    let case = args.case.to_string();
    if args.common.json {
        output::json(Outcome::Yes, &Held { case, held })?;
        return Ok(Outcome::Yes);
    }
    let t = &text().verify;
    let (word, what) = if held { (t.held, t.held_what) } else { (t.released, t.released_what) };
    Rows::default().headline(Outcome::Yes, word, what).row(t.row_case, case).print()?;
    Ok(Outcome::Yes)
}

/// What was forgotten, in `--json`.
#[derive(Serialize)]
struct Forgotten {
    case: String,
    deleted_pictures: u64,
    deleted_records: u64,
    kept_records: u64,
}

/// Deletes what is personal of a case, and says what stays and why.
pub(super) async fn forget(args: OneArgs) -> Result<Outcome, Failure> {
    let (store, _) = args.common.open()?;
    let failed = |error| failures::of_ledger(&error);
    let deleted = store.forget(args.case).await.map_err(failed)?;
    let kept = store.info(args.case).await.map_err(failed)?.records;
    let report = Forgotten {
        case: args.case.to_string(),
        deleted_pictures: deleted.blobs,
        deleted_records: deleted.records,
        kept_records: kept,
    };
    if args.common.json {
        output::json(Outcome::Yes, &report)?;
        return Ok(Outcome::Yes);
    }
    let t = &text().verify;
    Rows::default()
        .headline(Outcome::Yes, t.deleted, (t.deleted_what)(deleted.blobs, deleted.records))
        .row(t.row_kept, (t.kept_what)(kept))
        .row(t.row_elsewhere, t.elsewhere)
        .print()?;
    Ok(Outcome::Yes)
}

/// A check of the hashes in `--json`.
#[derive(Serialize)]
struct Checked {
    cases: u64,
    /// The hash of the newest record of one case.
    hash: Option<String>,
}

/// How many cases are read at a time.
const PAGE: u32 = 200;

/// Checks the hashes of a case, or of all cases.
pub(super) async fn check(args: CheckArgs) -> Result<Outcome, Failure> {
    let (store, _) = args.common.open()?;
    let report = match args.case {
        Some(case) => {
            let hash = store.verify(case).await.map_err(|error| failures::of_ledger(&error))?;
            let hash = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            Checked { cases: 1, hash: Some(hash) }
        }
        None => Checked { cases: check_all(&store).await?, hash: None },
    };
    if args.common.json {
        output::json(Outcome::Yes, &report)?;
        return Ok(Outcome::Yes);
    }
    let t = &text().verify;
    let rows = Rows::default().headline(Outcome::Yes, t.sound, (t.sound_what)(report.cases));
    rows.optional(t.row_hash, report.hash).print()?;
    Ok(Outcome::Yes)
}

async fn check_all(store: &SqliteStore) -> Result<u64, Failure> {
    let failed = |error| failures::of_ledger(&error);
    let (mut count, mut filter) = (0, CaseFilter::default());
    loop {
        let cases = store.list(&filter, PAGE).await.map_err(failed)?;
        for case in &cases {
            store.verify(case.id).await.map_err(failed)?;
            count += 1;
        }
        match cases.last() {
            Some(last) if cases.len() == PAGE as usize => filter.before = Some(last.id),
            _ => return Ok(count),
        }
    }
}
