//! `kyc verify`: verifies one person, with the vendors that a policy names, and decides.

mod acting;
mod applicant;
mod batch;
mod connect;
mod failures;
mod page;
mod place;
mod policies;
mod reading;
mod run;
mod screen;

pub(super) use applicant::kinds;
pub(super) use screen::language;

use clap::Subcommand;
use kyc_core::{Secret, ValidationError};
use kyc_verify::{CaseId, StoreKey};

use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: run::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = text().verify_help.ls)]
    Ls(reading::ListArgs),
    #[command(about = text().verify_help.show)]
    Show(reading::ShowArgs),
    #[command(about = text().verify_help.export)]
    Export(reading::ExportArgs),
    #[command(about = text().verify_help.review)]
    Review(reading::OneArgs),
    #[command(about = text().verify_help.decide)]
    Decide(acting::DecideArgs),
    #[command(about = text().verify_help.hold)]
    Hold(acting::HoldArgs),
    #[command(about = text().verify_help.forget)]
    Forget(reading::OneArgs),
    #[command(about = text().verify_help.retain)]
    Retain(reading::Common),
    #[command(about = text().verify_help.watch)]
    Watch(run::WatchArgs),
    #[command(about = text().verify_help.check)]
    Check(acting::CheckArgs),
    #[command(about = text().verify_help.policy_about, subcommand_value_name = "COMMAND")]
    Policy(policies::Args),
    #[command(about = text().verify_help.key)]
    Key,
}

impl Args {
    pub(crate) fn as_json(&self) -> bool {
        match &self.command {
            None => self.run.json,
            Some(Command::Ls(args)) => args.common.json,
            Some(Command::Show(args)) => args.one.common.json,
            Some(Command::Review(args) | Command::Forget(args)) => args.common.json,
            Some(Command::Decide(args)) => args.common.json,
            Some(Command::Export(args)) => args.one.common.json,
            Some(Command::Retain(common)) => common.json,
            Some(Command::Watch(args)) => args.json,
            Some(Command::Hold(args)) => args.common.json,
            Some(Command::Check(args)) => args.common.json,
            Some(Command::Policy(args)) => args.as_json(),
            Some(Command::Key) => false,
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.command {
        None => Box::pin(verify(&args.run)).await,
        Some(Command::Ls(args)) => reading::list(args).await,
        Some(Command::Show(args)) => Box::pin(reading::show(args)).await,
        Some(Command::Review(args)) => Box::pin(reading::review(args)).await,
        Some(Command::Decide(args)) => Box::pin(acting::decide(args)).await,
        Some(Command::Hold(args)) => acting::hold(args).await,
        Some(Command::Forget(args)) => Box::pin(acting::forget(args)).await,
        Some(Command::Export(args)) => Box::pin(reading::export(args)).await,
        Some(Command::Retain(common)) => acting::retain(common).await,
        Some(Command::Watch(args)) => Box::pin(run::watch(args)).await,
        Some(Command::Check(args)) => acting::check(args).await,
        Some(Command::Policy(args)) => policies::run(args).await,
        Some(Command::Key) => new_key(),
    }
}

async fn verify(args: &run::Args) -> Result<Outcome, Failure> {
    match (&args.batch, args.resume) {
        (Some(path), _) => Box::pin(batch::run(args, path)).await,
        (None, Some(case)) => Box::pin(run::resume(args, case)).await,
        (None, None) => Box::pin(run::start(args)).await,
    }
}

/// Prints a new key.
fn new_key() -> Result<Outcome, Failure> {
    let key = StoreKey::generate().map_err(|error| failures::of_ledger(&error.into()))?.to_base64();
    let line = Secret::new(format!("{}\n", key.expose()));
    output::result(line.expose())?;
    output::note(text().verify.keep_key);
    Ok(Outcome::Yes)
}

/// Parses the id of a case.
fn id(text: &str) -> Result<CaseId, ValidationError> {
    text.parse().map_err(|error: ValidationError| ValidationError::new(error.rule().to_owned()))
}
