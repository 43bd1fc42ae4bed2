//! `kyc verify decide`, `hold`, `forget`, `retain` and `check`: what people do with cases.

use clap::ValueEnum;
use kyc_verify::{CaseId, KeptBecause, Ledger as _, Outcome as Decided, Statement, Vault as _};
use serde::Serialize;

use super::reading::{Common, OneArgs};
use super::screen::{self, Screen};
use super::{failures, id, reading};
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
struct Sound {
    cases: u64,
    records: u64,
    tampered: Vec<Wrong>,
    /// The hash of the newest record of one case.
    hash: Option<String>,
}

#[derive(Serialize)]
struct Wrong {
    case: String,
    position: u64,
}

/// Checks the hashes of a case, or of all cases.
pub(super) async fn check(args: CheckArgs) -> Result<Outcome, Failure> {
    let (store, _) = args.common.open()?;
    let checked = reading::of_no_vendor(&store).check(args.case).await;
    let checked = checked.map_err(failures::of_verification)?;
    let wrong = |(case, position): &(CaseId, u64)| Wrong { case: case.to_string(), position: *position };
    let report = Sound {
        cases: checked.cases,
        records: checked.records,
        tampered: checked.tampered.iter().map(wrong).collect(),
        hash: checked.head.map(|hash| hash.iter().map(|byte| format!("{byte:02x}")).collect()),
    };
    let outcome = if report.tampered.is_empty() { Outcome::Yes } else { Outcome::No };
    if args.common.json {
        output::json(outcome, &report)?;
        return Ok(outcome);
    }
    let t = &text().verify;
    let rows = if outcome == Outcome::Yes {
        Rows::default().headline(outcome, t.sound, (t.sound_what)(report.cases))
    } else {
        let at = |wrong: &Wrong| (t.tampered_at)(&wrong.case, wrong.position);
        let list: Vec<_> = report.tampered.iter().map(at).collect();
        Rows::default().headline(outcome, t.tampered, list.join(", "))
    };
    rows.optional(t.row_hash, report.hash).print()?;
    Ok(outcome)
}

/// A run of the retention in `--json`.
#[derive(Serialize)]
struct Retained {
    deleted: u64,
    kept: Vec<Kept>,
}

#[derive(Serialize)]
struct Kept {
    pictures: u64,
    reason: &'static str,
}

/// Deletes the pictures that policies no longer keep, and says which stay and why.
pub(super) async fn retain(common: Common) -> Result<Outcome, Failure> {
    let (store, _) = common.open()?;
    let retention = reading::of_no_vendor(&store).retain().await.map_err(failures::of_verification)?;
    if common.json {
        let kept = retention.kept.iter();
        let kept = kept.map(|(why, pictures)| Kept { pictures: *pictures, reason: why.as_str() }).collect();
        output::json(Outcome::Yes, &Retained { deleted: retention.deleted, kept })?;
        return Ok(Outcome::Yes);
    }
    let t = &text().verify;
    let rows = Rows::default().headline(Outcome::Yes, t.retained, (t.retained_what)(retention.deleted));
    let row = |rows: Rows, (why, pictures): (&KeptBecause, &u64)| {
        rows.row(t.row_kept, (t.kept_pictures)(*pictures, why.in_language(screen::language())))
    };
    retention.kept.iter().fold(rows, row).print()?;
    Ok(Outcome::Yes)
}
