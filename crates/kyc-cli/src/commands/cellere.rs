//! `kyc cellere`: what only Cellere's portal has.

mod background;
mod document;
mod meter;

use std::sync::Arc;

use cellere_portal::{Client, INTEGRATION};
use clap::Subcommand;

use crate::config::Source;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::own::Own;
use crate::place::Input;
use crate::session::Session;

const VENDOR_NAME: &str = INTEGRATION.title();

pub(crate) static OWN: Own = Own {
    key: INTEGRATION.key(),
    resume: None,
    reference: None,
    certificate: None,
    registration: |_, _| None,
    least_similarity: Some(0.90),
    simulated: |t| t.facematch.simulated_by_image,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(about = text().cellere_help.background)]
    Background(background::Args),
    #[command(about = text().cellere_help.document)]
    Document(document::Args),
    #[command(about = text().cellere_help.meter)]
    Meter(meter::Args),
}

impl Args {
    pub(crate) fn as_json(&self) -> bool {
        match &self.command {
            Command::Background(args) => args.json,
            Command::Document(args) => args.json,
            Command::Meter(args) => args.json,
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.command {
        Command::Background(args) => Box::pin(background::run(args)).await,
        Command::Document(args) => Box::pin(document::run(args)).await,
        Command::Meter(args) => Box::pin(meter::run(args)).await,
    }
}

/// Returns a session, and the portal's own client.
async fn open(source: &Source, input: Input) -> Result<(Session, Arc<Client>), Failure> {
    let session = Session::open(&INTEGRATION, source, input).await?;
    let client = Arc::clone(&session.client).downcast::<Client>();
    let client = client.ok_or_else(|| {
        let what = "the client is of another type";
        Failure::client(kyc_core::Error::config(INTEGRATION.vendor(), what))
    })?;
    Ok((session, client))
}
