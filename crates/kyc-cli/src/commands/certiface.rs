//! `kyc certiface`: a person's journey at Certiface, as a whole on a sandbox or step by step.

mod appkey;
mod captcha;
mod challenge;
mod document;
mod images;
mod liveness;
mod report;
mod result;
mod stored;
mod whole;

use std::path::PathBuf;
use std::time::Duration;

use certiface::{Client, Config, Environment};
use clap::Subcommand;
use kyc_core::{Delivery, ErrorKind};
use kyc_sandbox::Sandbox;

use crate::call::call;
use crate::config::{self, Source};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::output;
use crate::place::{self, Place, SANDBOX_INTERVAL};
use crate::token_files;

const VENDOR_NAME: &str = "Certiface";

/// The variables of the credentials.
const VARIABLES: &str = "KYC_CERTIFACE_LOGIN and KYC_CERTIFACE_PASSWORD";

const SPENT: &str = "the key is used up: a liveness check was made with it; start a new journey with `kyc certiface appkey --force`";

#[derive(Debug, clap::Args)]
#[command(after_help = output::help(), args_conflicts_with_subcommands = true, subcommand_value_name = "STEP", subcommand_help_heading = "Steps")]
pub(crate) struct Args {
    #[command(subcommand)]
    step: Option<Step>,
    #[command(flatten)]
    whole: whole::Args,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// 1. Requests the key of a person's journey
    Appkey(appkey::Args),
    /// 2. Requests the faces that the person must make
    Challenge(challenge::Args),
    /// 3. Submits the frames of these faces for the liveness verdict
    Captcha(captcha::Args),
    /// 2, in 3D: starts a session and prints its provider, FaceTec or iProov
    Session(liveness::SessionArgs),
    /// 3, in 3D: queries iProov's verdict
    Liveness(liveness::LivenessArgs),
    /// 4. Submits images of a document
    Document(document::Args),
    /// 5. Queries the result of the journey
    Result(result::Args),
}

/// The options of every step.
#[derive(Debug, clap::Args)]
struct Common {
    /// The file that stores the journey between the steps; it contains the appkey, which contains the person's data
    #[arg(long = "journey", value_name = "FILE", default_value = "kyc-certiface-journey.json")]
    path: PathBuf,
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(crate) fn as_json(&self) -> bool {
        match &self.step {
            None => self.whole.json,
            Some(Step::Appkey(args)) => args.common.json,
            Some(Step::Challenge(args)) => args.common.json,
            Some(Step::Captcha(args)) => args.common.json,
            Some(Step::Session(args)) => args.common.json,
            Some(Step::Liveness(args)) => args.common.json,
            Some(Step::Document(args)) => args.common.json,
            Some(Step::Result(args)) => args.common.json,
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    match args.step {
        None => Box::pin(whole::run(&args.whole)).await,
        Some(Step::Appkey(args)) => Box::pin(appkey::run(&args)).await,
        Some(Step::Challenge(args)) => Box::pin(challenge::run(&args)).await,
        Some(Step::Captcha(args)) => Box::pin(captcha::run(&args)).await,
        Some(Step::Session(args)) => Box::pin(liveness::begin(&args)).await,
        Some(Step::Liveness(args)) => Box::pin(liveness::verdict(&args)).await,
        Some(Step::Document(args)) => Box::pin(document::run(&args)).await,
        Some(Step::Result(args)) => Box::pin(result::run(&args)).await,
    }
}

/// Builds a client from the configuration. Steps cannot use the embedded sandbox, because it would lose the journey at the
/// end of the command. `interval` is the polling interval in seconds, if the user chose one.
fn connect(source: &Source, interval: Option<u64>) -> Result<(Client, Place), Failure> {
    let Some(config) = config::certiface(source)? else {
        return Err(place::no_credentials_for_steps("Certiface", VARIABLES, "kyc certiface"));
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
    // The sandbox's user is public and belongs to no customer.
    let is_sandbox = config.login.expose() == Sandbox::CERTIFACE_USER;
    Place::of(config.base_url.as_deref(), is_production, is_sandbox)
}

/// Replaces the client's refusal of a step whose key is used up, or whose previous step is missing, by `next`.
fn out_of_turn(failure: Failure, next: &str) -> Failure {
    match failure {
        Failure::Client { error, .. }
            if error.kind() == ErrorKind::Expired && error.delivery() == Delivery::NotSent =>
        {
            Failure::Input(next.to_owned())
        }
        other => other,
    }
}
