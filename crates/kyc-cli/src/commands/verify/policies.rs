//! Policies: which one decides, what it does, and what it would have decided.

use std::io;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use kyc_br::INTEGRATIONS;
use kyc_br::config::Section;
use kyc_verify::{
    CaseFilter, CaseState, Environment, Language, Policy, Sentence, Verification, VerifyError, explain,
};
use serde::Serialize;

use super::reading::Common;
use super::{connect, failures, place, screen};
use crate::config::Files;
use crate::failure::Failure;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows, printable};
use crate::{input, vendors};

/// The policy of the sample run, without the similarities, which belong to vendors.
const SAMPLE: &str = include_str!("sample.toml");

/// Returns the policy of new cases: that of the file, else that of the configuration, else the built-in one.
pub(super) fn chosen(file: Option<&Path>, files: &Files) -> Result<Policy, Failure> {
    if let Some(path) = file {
        return read(path);
    }
    let config = place::read(files.section(Section::VERIFY)?.as_ref())?;
    config.policy.as_deref().map_or_else(|| Ok(Policy::built_in()), read)
}

/// Reads a policy from a file.
pub(super) fn read(path: &Path) -> Result<Policy, Failure> {
    let named = |t: &Messages| input::shown(t, path);
    let text = input::private_text(path).map_err(|rule| Failure::refused(named, rule))?;
    let policy = Policy::from_toml(text.expose());
    policy.map_err(|error| Failure::input(|t| (t.errors.subject)(&named(t), &error.to_string())))
}

/// Returns the policy of the sample run: it asks every vendor and compares.
pub(super) fn sample() -> Result<Policy, Failure> {
    let text = sample_text();
    Policy::from_toml(&text).map_err(|error| Failure::setup(|_| error.to_string()))
}

pub(super) fn sample_text() -> String {
    let number = |own: &crate::own::Own| Some(format!("{} = {:.2}", own.key, own.least_similarity?));
    let numbers: Vec<_> = INTEGRATIONS.iter().filter_map(|known| number(vendors::own(known)?)).collect();
    SAMPLE.replace("{SIMILARITIES}", &numbers.join(", "))
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = text().verify_help.policy_show)]
    Show(ShowArgs),
    #[command(about = text().verify_help.policy_check)]
    Check(CheckArgs),
    #[command(about = text().verify_help.policy_test)]
    Test(TestArgs),
}

#[derive(Debug, clap::Args)]
struct ShowArgs {
    #[arg(long, help = text().verify_help.policy_sample)]
    sample: bool,
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, clap::Args)]
struct CheckArgs {
    #[arg(value_name = "FILE", help = text().verify_help.policy_file)]
    file: PathBuf,
    #[command(flatten)]
    files: Files,
    #[arg(long, help = text().help.json)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct TestArgs {
    #[arg(value_name = "FILE", help = text().verify_help.policy_file)]
    file: PathBuf,
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000),
          help = text().verify_help.tested)]
    limit: u32,
    #[command(flatten)]
    common: Common,
}

/// What a policy does, in `--json`.
#[derive(Serialize)]
struct Explained<'a> {
    version: &'a str,
    sha256: String,
    vendors: Vec<&'a str>,
    sentences: Vec<&'a str>,
}

impl Args {
    pub(super) fn as_json(&self) -> bool {
        match &self.command {
            Command::Show(_) => false,
            Command::Check(args) => args.json,
            Command::Test(args) => args.common.json,
        }
    }
}

pub(super) async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.command {
        Command::Show(args) => show(&args),
        Command::Check(args) => check(&args),
        Command::Test(args) => Box::pin(test(&args)).await,
    }
}

/// Prints the text of the policy that decides new cases.
fn show(args: &ShowArgs) -> Result<Outcome, Failure> {
    let policy = if args.sample { sample()? } else { chosen(None, &args.files)? };
    output::result(policy.text())?;
    Ok(Outcome::Yes)
}

/// Says what a policy does with the vendors that are configured, or with all vendors if none is.
fn check(args: &CheckArgs) -> Result<Outcome, Failure> {
    let policy = read(&args.file)?;
    let configured: Vec<_> = args.files.tables()?.iter().map(|(known, _)| known.key().to_owned()).collect();
    let all = || INTEGRATIONS.iter().map(|known| known.key().to_owned()).collect();
    let is_any = !configured.is_empty();
    let readers = connect::readers(&args.files, &if is_any { configured } else { all() })?;
    let offers: Vec<_> = readers.iter().map(|(key, verifier)| (*key, verifier.offers())).collect();
    let sentences = explain(&policy, &offers);
    let vendors: Vec<_> = offers.iter().map(|(key, _)| *key).collect();
    if args.json {
        let english = |sentence| Sentence::in_language(sentence, Language::English);
        let sentences = sentences.iter().map(english).collect();
        let explained =
            Explained { version: &policy.version, sha256: policy.sha256_hex(), vendors, sentences };
        output::json(Outcome::Yes, &explained)?;
        return Ok(Outcome::Yes);
    }
    let t = &text().verify;
    let list = vendors.join(", ");
    let whom = if is_any { list } else { (t.all_vendors)(&list) };
    let hash: String = policy.sha256_hex().chars().take(8).collect();
    let rows = Rows::default()
        .headline(Outcome::Yes, t.valid, (t.policy)(&printable(&policy.version), &hash))
        .row(t.row_vendors, whom)
        .text(String::new());
    let rows = sentences
        .iter()
        .fold(rows, |rows, sentence| rows.text(printable_line(sentence.in_language(screen::language()))));
    rows.print()?;
    Ok(Outcome::Yes)
}

/// What a policy would have decided, in `--json`.
#[derive(Serialize)]
struct Tested {
    tested: usize,
    changed: Vec<Changed>,
    /// Cases that are forgotten or incomplete.
    untested: usize,
}

#[derive(Serialize)]
struct Changed {
    case: String,
    was: &'static str,
    would_be: &'static str,
    rule: &'static str,
    never_asked: Vec<&'static str>,
}

/// Decides the stored cases anew. The answers are read, nobody is asked, and nothing is written.
async fn test(args: &TestArgs) -> Result<Outcome, Failure> {
    let policy = read(&args.file)?;
    let (store, _) = args.common.open()?;
    let keys: Vec<_> = INTEGRATIONS.iter().map(|known| known.key().to_owned()).collect();
    let readers = connect::readers(args.common.files(), &keys)?;
    let verification = Verification::builder(store, Environment::Simulated).vendors(readers).build();
    let cases = verification.list(&CaseFilter::default(), args.limit).await;
    let mut tested = Tested { tested: 0, changed: Vec::new(), untested: 0 };
    for info in cases.map_err(failures::of_verification)? {
        if info.is_forgotten {
            tested.untested += 1;
            continue;
        }
        let redecided = match verification.redecide(info.id, &policy).await {
            Ok(redecided) => redecided,
            Err(VerifyError::Incomplete(_)) => {
                tested.untested += 1;
                continue;
            }
            Err(error) => return Err(failures::of_verification(error)),
        };
        tested.tested += 1;
        let would_be = CaseState::of(redecided.decision.outcome);
        if would_be != info.state {
            tested.changed.push(Changed {
                case: info.id.to_string(),
                was: info.state.as_str(),
                would_be: would_be.as_str(),
                rule: redecided.decision.rule.as_str(),
                never_asked: redecided.never_asked.iter().map(|check| check.as_str()).collect(),
            });
        }
    }
    if args.common.json {
        output::json(Outcome::Yes, &tested)?;
    } else {
        tested.print()?;
    }
    Ok(Outcome::Yes)
}

impl Tested {
    fn print(&self) -> io::Result<()> {
        let t = &text().verify;
        let word = |name: &str| name.parse().map_or("", screen::state_words).to_lowercase();
        let cells = |changed: &Changed| {
            let change = (t.would_be)(&word(changed.was), &word(changed.would_be));
            [changed.case.clone(), change, changed.rule.to_owned()]
        };
        let lines: Vec<_> = self.changed.iter().map(cells).collect();
        Rows::default()
            .headline(Outcome::Yes, t.would, (t.would_what)(self.changed.len(), self.tested))
            .table(&lines)
            .optional(t.row_not_covered, (self.untested > 0).then(|| (t.untested)(self.untested)))
            .print()
    }
}

/// Returns a sentence as a line that starts with an upper-case letter.
fn printable_line(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    output::visible(&(first + letters.as_str()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_policy_of_the_sample_is_valid() {
        let policy = super::sample().expect("valid");
        assert_eq!(policy.text().matches("{ {").count(), 0, "{}", policy.text());
    }
}
