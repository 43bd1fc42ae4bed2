//! `kyc inbox`: what is stored of the vendors' webhooks. It works while `kyc listen` runs.

mod keep;
mod list;
mod replay;
mod select;
mod show;
mod stats;

use clap::Subcommand;
use kyc_core::{Secret, ValidationError};
use kyc_webhook::{EventId, InboxKey, SqliteInbox};

use crate::config::Files;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output;
use crate::store::{self, Store};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = text().inbox_help.ls)]
    Ls(list::Args),
    #[command(about = text().inbox_help.show)]
    Show(show::Args),
    #[command(about = text().inbox_help.replay)]
    Replay(replay::Args),
    #[command(about = text().inbox_help.dead)]
    Dead(list::DeadArgs),
    #[command(about = text().inbox_help.purge)]
    Purge(keep::PurgeArgs),
    #[command(about = text().inbox_help.forget)]
    Forget(keep::ForgetArgs),
    #[command(about = text().inbox_help.stats)]
    Stats(stats::Args),
    #[command(about = text().inbox_help.key)]
    Key,
}

/// Which inbox, and how the result is printed.
#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    files: Files,
    #[arg(long, help = text().help.json)]
    json: bool,
}

impl Common {
    fn open(&self) -> Result<SqliteInbox, Failure> {
        self.store.open(&self.files)
    }
}

impl Args {
    pub(crate) fn as_json(&self) -> bool {
        match &self.command {
            Command::Ls(args) => args.common.json,
            Command::Show(args) => args.common.json,
            Command::Replay(args) => args.common.json,
            Command::Dead(args) => args.common.json,
            Command::Purge(args) => args.common.json,
            Command::Forget(args) => args.common.json,
            Command::Stats(args) => args.common.json,
            Command::Key => false,
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.command {
        Command::Ls(args) => list::run(args).await,
        Command::Show(args) => show::run(args).await,
        Command::Replay(args) => Box::pin(replay::run(args)).await,
        Command::Dead(args) => list::run_dead(args).await,
        Command::Purge(args) => keep::purge(args).await,
        Command::Forget(args) => keep::forget(args).await,
        Command::Stats(args) => stats::run(args).await,
        Command::Key => new_key(),
    }
}

/// Prints a new key. It is the one secret that this program prints.
fn new_key() -> Result<Outcome, Failure> {
    let key = InboxKey::generate().map_err(|error| store::failed(error.into()))?.to_base64();
    let line = Secret::new(format!("{}\n", key.expose()));
    output::result(line.expose())?;
    output::note(text().inbox.keep_key);
    Ok(Outcome::Yes)
}

/// Parses the id of an event.
fn id(text: &str) -> Result<EventId, ValidationError> {
    text.parse().map_err(|error: ValidationError| ValidationError::new(error.rule().to_owned()))
}

/// Returns the failure for an event that the inbox does not have.
fn unknown(id: EventId) -> Failure {
    Failure::local(Outcome::BadInput, |t| (t.inbox.unknown)(&id.to_string()))
}
