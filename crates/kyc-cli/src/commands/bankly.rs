//! `kyc bankly`: submits a person's selfie and document, as a whole onboarding on a sandbox or image by image.

mod report;
mod status;
mod stored;
mod upload;
mod whole;

use std::path::PathBuf;
use std::time::Duration;

use bankly_kyc::{Client, Config, Environment, Place as Slot};
use clap::Subcommand;
use kyc_sandbox::Sandbox;

use crate::call::call;
use crate::config::{self, Source};
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::place::{self, Place, SANDBOX_INTERVAL};
use crate::token_files;

const VENDOR_NAME: &str = "Bankly";

/// The variables of the credentials.
const VARIABLES: &str = "KYC_BANKLY_CLIENT_ID, KYC_BANKLY_CERTIFICATE and KYC_BANKLY_KEY";

/// In the order that Bankly requires.
const SLOTS: [Slot; 3] = [Slot::Selfie, Slot::Front, Slot::Back];

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_value_name = "STEP", subcommand_help_heading = text().usage.steps)]
pub(crate) struct Args {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    whole: whole::Args,
}

#[derive(Debug, Subcommand)]
enum Step {
    #[command(about = text().bankly_help.upload)]
    Upload(upload::Args),
    #[command(about = text().bankly_help.status)]
    Status(status::Args),
}

/// The options of every step.
#[derive(Debug, clap::Args)]
struct Common {
    #[arg(long = "onboarding", value_name = "FILE", default_value = "kyc-bankly-onboarding.json", help = text().bankly_help.onboarding)]
    path: PathBuf,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    json: bool,
}

impl Args {
    pub(crate) fn as_json(&self) -> bool {
        match &self.step {
            None => self.whole.json,
            Some(Step::Upload(args)) => args.common.json,
            Some(Step::Status(args)) => args.common.json,
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.step {
        None => Box::pin(whole::run(&args.whole)).await,
        Some(Step::Upload(args)) => Box::pin(upload::run(&args)).await,
        Some(Step::Status(args)) => Box::pin(status::run(&args)).await,
    }
}

/// Builds a client from the configuration. Steps cannot use the embedded sandbox, because it would lose the images at the
/// end of the command. `interval` is the polling interval in seconds, if the user chose one.
fn connect(source: &Source, interval: Option<u64>) -> Result<(Client, Place), Failure> {
    let Some(config) = config::bankly(source)? else {
        return Err(place::no_credentials_for_steps("Bankly", VARIABLES, "kyc bankly"));
    };
    let place = place_of(&config);
    place.check_sandbox_request(source)?;
    let mut builder = Client::builder_from(&config).options(token_files::client_options());
    let usual = place.simulated.then_some(SANDBOX_INTERVAL);
    if let Some(interval) = interval.map(Duration::from_secs).or(usual) {
        builder = builder.poll_interval(interval);
    }
    Ok((builder.build().map_err(Failure::client)?, place))
}

fn place_of(config: &Config) -> Place {
    let is_production = config.environment == Environment::Production;
    // The sandbox's client id is public and belongs to no customer.
    let is_sandbox = config.client_id.expose() == Sandbox::BANKLY_CLIENT_ID;
    Place::of(config.base_url.as_deref(), is_production, is_sandbox)
}

/// Returns the name of the image in arguments and in `--json`.
fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::Selfie => "selfie",
        Slot::Back => "back",
        _ => "front",
    }
}

/// Returns the name of the image in the output for people.
fn shown(slot: Slot) -> &'static str {
    let t = &text().bankly;
    match slot {
        Slot::Selfie => t.selfie,
        Slot::Back => t.back,
        _ => t.front,
    }
}

/// Returns the command that submits the image.
fn how_to_upload(slot: Slot) -> String {
    let what_it_is = if slot == Slot::Selfie { "" } else { " --type TYPE" };
    format!("`kyc bankly upload --{} FILE{what_it_is}`", name(slot))
}
