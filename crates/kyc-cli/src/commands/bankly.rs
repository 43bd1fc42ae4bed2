//! `kyc bankly`: a person's selfie and document, in one go on a sandbox or picture by picture.

mod kept;
mod report;
mod status;
mod upload;
mod whole;

use std::path::PathBuf;

use bankly_kyc::{Advice, Client, Config, Environment, Place as Slot};
use clap::{Subcommand, ValueEnum};
use kyc_sandbox::Sandbox;

use crate::call::call;
use crate::config::{self, Source};
use crate::exit::{self, Failure};
use crate::place::{Place, SANDBOX_INTERVAL};

const VENDOR_NAME: &str = "Bankly";

/// In the order that Bankly wants.
const SLOTS: [Slot; 3] = [Slot::Selfie, Slot::Front, Slot::Back];

#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP, args_conflicts_with_subcommands = true, subcommand_value_name = "STEP", subcommand_help_heading = "Steps")]
pub(crate) struct Args {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    whole: whole::Args,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Submits the next image: the selfie, then the two sides of a document, each once the one before it is valid
    Upload(upload::Args),
    /// Asks what was found in the pictures
    Status(status::Args),
}

/// What every step takes.
#[derive(Debug, clap::Args)]
struct Common {
    /// The file that keeps the onboarding from picture to picture: it holds the CPF and the pictures' tokens
    #[arg(long = "onboarding", value_name = "FILE", default_value = "kyc-bankly-onboarding.json")]
    path: PathBuf,
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The language of the advice to the person.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Lang {
    /// Portuguese
    Pt,
    /// English
    En,
}

impl Lang {
    /// That of the environment, unless one was named.
    fn or_usual(named: Option<Self>) -> Self {
        let is_portuguese = std::env::var("LANG").is_ok_and(|lang| lang.starts_with("pt"));
        named.unwrap_or(if is_portuguese { Self::Pt } else { Self::En })
    }

    fn of(self, advice: Advice) -> &'static str {
        match self {
            Self::Pt => advice.pt,
            Self::En => advice.en,
        }
    }
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

pub(crate) async fn run(args: Args) -> Result<u8, Failure> {
    match args.step {
        None => Box::pin(whole::run(&args.whole)).await,
        Some(Step::Upload(args)) => Box::pin(upload::run(&args)).await,
        Some(Step::Status(args)) => Box::pin(status::run(&args)).await,
    }
}

/// A client by what is configured. Steps have no sandbox to fall back on: one that ends with the command would forget
/// the pictures.
fn connect(source: &Source) -> Result<(Client, Place), Failure> {
    let Some(config) = config::bankly(source)? else {
        let what = "no Bankly credentials (KYC_BANKLY_* or kyc.toml); to try the steps without any: \
                    `kyc sandbox` in another terminal; to see a whole onboarding: `kyc bankly`";
        return Err(Failure::Setup(what.to_owned()));
    };
    let place = place_of(&config);
    let mut builder = Client::builder_from(&config);
    if place.simulated {
        builder = builder.poll_interval(SANDBOX_INTERVAL);
    }
    Ok((builder.build().map_err(Failure::client)?, place))
}

fn place_of(config: &Config) -> Place {
    let is_production = config.environment == Environment::Production;
    // The sandbox's client id is public and no customer's.
    let is_sandbox = config.client_id.expose() == Sandbox::BANKLY_CLIENT_ID;
    Place::of(config.base_url.as_deref(), is_production, is_sandbox)
}

/// The picture, as arguments and `--json` name it.
fn name(slot: Slot) -> &'static str {
    match slot {
        Slot::Selfie => "selfie",
        Slot::Back => "back",
        _ => "front",
    }
}

/// How to hand it in.
fn how_to_upload(slot: Slot) -> String {
    let what_it_is = if slot == Slot::Selfie { "" } else { " --type TYPE" };
    format!("kyc bankly upload --{} FILE{what_it_is}", name(slot))
}
