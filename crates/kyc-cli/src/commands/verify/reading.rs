//! `kyc verify ls`, `show` and `review`: what the store holds, without any call.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kyc_core::Cpf;
use kyc_verify::{
    CaseFilter, CaseId, CaseInfo, CaseReport, CaseState, CheckState, Entry, Environment, Ledger as _,
    Outcome as Decided, Personal, Record, SqliteStore, Verification,
};
use serde::Serialize;

use super::page::Shown;
use super::place::{Place, Store};
use super::screen::{self, Screen, check_words, objection};
use super::{connect, failures, id};
use crate::config::Files;
use crate::failure::Failure;
use crate::input;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};

/// Which store, and how the result is printed.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    files: Files,
    #[arg(long, help = text().help.json)]
    pub(super) json: bool,
}

/// A case, by its id.
#[derive(Debug, clap::Args)]
pub(super) struct OneArgs {
    #[arg(value_name = "CASE", value_parser = id, help = text().verify_help.id)]
    pub(super) case: CaseId,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    pub(super) one: OneArgs,
    #[command(flatten)]
    shown: Shown,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    #[command(flatten)]
    pub(super) one: OneArgs,
    #[arg(long, help = text().verify_help.reveal)]
    reveal: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    #[arg(long, help = text().verify_help.open_only)]
    open: bool,
    #[arg(long, value_name = "CPF", help = text().verify_help.cpf_of)]
    cpf: Option<String>,
    #[arg(long, value_name = "STATE", value_parser = state(), help = text().verify_help.state)]
    state: Option<CaseState>,
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000),
          help = text().verify_help.limit)]
    limit: u32,
    #[command(flatten)]
    pub(super) common: Common,
}

impl Common {
    pub(super) fn open(&self) -> Result<(SqliteStore, Place), Failure> {
        self.store.open(&self.files)
    }

    pub(super) fn files(&self) -> &Files {
        &self.files
    }

    /// Returns what reads a case, with the vendors that it asked.
    pub(super) async fn reader(&self, store: &SqliteStore, case: CaseId) -> Result<Verification, Failure> {
        reader(store, &self.files, case).await.map(|(verification, _)| verification)
    }
}

/// Returns the parser of the states of cases.
fn state() -> impl clap::builder::TypedValueParser<Value = CaseState> {
    let states = [
        CaseState::Running,
        CaseState::WaitsForPerson,
        CaseState::WaitsForVendor,
        CaseState::Review,
        CaseState::Decided(Decided::Approved),
        CaseState::Decided(Decided::Refused),
        CaseState::Alert,
        CaseState::Forgotten,
    ];
    PossibleValuesParser::new(states.map(CaseState::as_str)).try_map(|name| name.parse::<CaseState>())
}

type Readers = Vec<connect::Named>;

async fn reader(
    store: &SqliteStore,
    files: &Files,
    case: CaseId,
) -> Result<(Verification, Readers), Failure> {
    let entries = store.records(case).await.map_err(|error| failures::of_ledger(&error))?;
    let mut keys = asked(&entries);
    // Those that were offered, but not asked, look as they did when the case ran.
    keys.extend(files.tables()?.iter().map(|(known, _)| known.key().to_owned()));
    let readers = connect::readers(files, &keys)?;
    let builder = Verification::builder(store.clone(), Environment::Simulated);
    Ok((builder.vendors(readers.iter().cloned()).build(), readers))
}

/// Returns a verification for what needs no vendor.
pub(super) fn of_no_vendor(store: &SqliteStore) -> Verification {
    Verification::builder(store.clone(), Environment::Simulated).build()
}

/// Returns the keys of the vendors that a case asked.
fn asked(entries: &[Entry]) -> Vec<String> {
    let intended = entries.iter().filter_map(|entry| match &entry.record {
        Record::Intended { vendor, .. } => Some(vendor.clone()),
        _ => None,
    });
    let mut keys: Vec<_> = intended.collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// Prints a case as it stands.
pub(super) async fn show_case(
    store: &SqliteStore,
    place: &Place,
    files: &Files,
    case: CaseId,
    shown: &Shown,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let (verification, readers) = reader(store, files, case).await?;
    let report = verification.show(case).await.map_err(failures::of_verification)?;
    Screen::of(&report, place, &readers).with_kit(shown.show_kit).print(as_json)?;
    shown.report.write(&report, store, &readers).await?;
    Ok(screen::outcome(&report))
}

pub(super) async fn show(args: ShowArgs) -> Result<Outcome, Failure> {
    args.shown.report.check()?;
    let (store, place) = args.one.common.open()?;
    let OneArgs { case, common } = &args.one;
    show_case(&store, &place, &common.files, *case, &args.shown, common.json).await
}

/// Prints everything that is kept of a case, as JSON.
pub(super) async fn export(args: ExportArgs) -> Result<Outcome, Failure> {
    let OneArgs { case, common } = &args.one;
    let (store, _) = common.open()?;
    let verification = common.reader(&store, *case).await?;
    let personal = if args.reveal { Personal::InClear } else { Personal::Omitted };
    let export = verification.export(*case, personal).await.map_err(failures::of_verification)?;
    output::json(Outcome::Yes, &export)?;
    Ok(Outcome::Yes)
}

/// The cases in `--json`.
#[derive(Serialize)]
struct List {
    cases: Vec<Listed>,
    /// Whether there are older ones, which the limit leaves out.
    more: bool,
}

#[derive(Serialize)]
struct Listed {
    case: String,
    started_at: String,
    changed_at: String,
    records: u64,
    state: &'static str,
    open: bool,
    held: bool,
    review_requested: bool,
    forgotten: bool,
    #[serde(skip)]
    is_in: CaseState,
}

impl Listed {
    fn of(info: &CaseInfo) -> Self {
        Self {
            case: info.id.to_string(),
            started_at: info.started.to_rfc3339(),
            changed_at: info.changed.to_rfc3339(),
            records: info.records,
            state: info.state.as_str(),
            is_in: info.state,
            open: info.is_open,
            held: info.is_held,
            review_requested: info.is_review_requested,
            forgotten: info.is_forgotten,
        }
    }

    fn cells(&self) -> [String; 3] {
        let time = |text: &str| text.chars().take(19).collect::<String>() + "Z";
        let state = if self.forgotten { CaseState::Forgotten } else { self.is_in };
        let state = screen::state_words(state);
        let t = &text().verify;
        let held = if self.held { t.state_held } else { "" };
        let requested = if self.review_requested { t.state_requested } else { "" };
        [time(&self.started_at), format!("{state}{held}{requested}"), self.case.clone()]
    }
}

pub(super) async fn list(args: ListArgs) -> Result<Outcome, Failure> {
    let person: Option<Cpf> = args.cpf.as_deref().map(|cpf| input::cpf("--cpf", cpf)).transpose()?;
    let (store, _) = args.common.open()?;
    let mut filter = person.map_or_else(CaseFilter::default, CaseFilter::of);
    filter.is_open = args.open.then_some(true);
    filter.state = args.state;
    let mut cases = store.list(&filter, args.limit + 1).await.map_err(|error| failures::of_ledger(&error))?;
    let more = cases.len() > args.limit as usize;
    cases.truncate(args.limit as usize);
    let cases: Vec<_> = cases.iter().map(Listed::of).collect();
    if args.common.json {
        output::json(Outcome::Yes, &List { cases, more })?;
        return Ok(Outcome::Yes);
    }
    let t = &text().verify;
    let rows = match cases.is_empty() {
        true => Rows::default().line(t.none, ""),
        false => Rows::default().table(&cases.iter().map(Listed::cells).collect::<Vec<_>>()),
    };
    rows.print()?;
    if more {
        output::note(&(t.more)(args.limit));
    }
    Ok(Outcome::Yes)
}

/// What a person has to decide, in `--json`.
#[derive(Serialize)]
struct Questions {
    case: String,
    state: &'static str,
    rule: Option<&'static str>,
    questions: Vec<Question>,
}

/// A check that did not pass.
#[derive(Serialize)]
struct Question {
    check: &'static str,
    state: &'static str,
    reasons: Vec<Why>,
}

#[derive(Serialize)]
struct Why {
    vendor: String,
    reason: &'static str,
}

impl Questions {
    fn of(report: &CaseReport) -> Self {
        let open = report.checks.iter().filter(|check| check.state != CheckState::Passed);
        let question = |check: &kyc_verify::CheckResult| Question {
            check: check.check.as_str(),
            state: check.state.as_str(),
            reasons: check
                .vendors
                .iter()
                .filter(|vendor| objection(vendor).is_some())
                .map(|vendor| Why { vendor: vendor.vendor.clone(), reason: vendor.reason.as_str() })
                .collect(),
        };
        Self {
            case: report.case.to_string(),
            state: report.state.as_str(),
            rule: report.decision.as_ref().map(|decision| decision.rule.as_str()),
            questions: open.map(question).collect(),
        }
    }
}

/// Hands over what a person has to decide.
pub(super) async fn review(args: OneArgs) -> Result<Outcome, Failure> {
    let (store, place) = args.common.open()?;
    let verification = args.common.reader(&store, args.case).await?;
    let report = verification.show(args.case).await.map_err(failures::of_verification)?;
    let outcome = screen::outcome(&report);
    if args.common.json {
        output::json(outcome, &Questions::of(&report))?;
        return Ok(outcome);
    }
    let t = &text().verify;
    let sentence = report.decision.as_ref().map(|decision| decision.sentence());
    let sentence = sentence.as_ref().map(|sentence| sentence.in_language(screen::language()));
    let rows = Rows::default()
        .row(t.row_case, args.case.to_string())
        .optional(t.row_rule, sentence)
        .text(String::new());
    let open = report.checks.iter().filter(|check| check.state != CheckState::Passed);
    let rows = open.fold(rows, |rows, check| {
        let rows = rows.row(check_words(check.check), check.state.in_language(screen::language()));
        check.vendors.iter().filter_map(objection).fold(rows, |rows, why| rows.detail(&why))
    });
    let decide =
        |word: &str| format!("  kyc verify decide {} {word} --who WHO --why WHY{}", args.case, place.options);
    rows.text(String::new())
        .text(t.decide_by.to_owned())
        .text(decide("approve"))
        .text(decide("refuse"))
        .print()?;
    Ok(outcome)
}
