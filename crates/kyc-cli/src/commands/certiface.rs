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

use certiface::{Client, Config, INTEGRATION};
use clap::Subcommand;
use kyc_core::{Delivery, ErrorKind};

use crate::call::call;
use crate::config::Source;
use crate::failure::Failure;
use crate::messages::{Messages, text};
use crate::outcome::Outcome;
use crate::own::Own;
use crate::place::{self, Place, SANDBOX_INTERVAL};
use crate::session::Session;
use crate::token_files;

const VENDOR_NAME: &str = INTEGRATION.title();

pub(crate) static OWN: Own = Own {
    key: INTEGRATION.key(),
    resume: Some(|t| t.next.journey),
    reference: None,
    certificate: None,
    registration: |t, webhook| match webhook.strip_prefix(INTEGRATION.key()) {
        Some("-completion") => Some(t.registration.certiface_completion),
        Some("-status") => Some(t.registration.certiface_status),
        _ => None,
    },
    least_similarity: Some(0.90),
    simulated: |t| t.place.simulated,
};

/// The advice for a key that is used up.
const SPENT: fn(&Messages) -> &'static str = |t| t.certiface.spent;

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
    #[command(about = text().certiface_help.appkey)]
    Appkey(appkey::Args),
    #[command(about = text().certiface_help.challenge)]
    Challenge(challenge::Args),
    #[command(about = text().certiface_help.captcha)]
    Captcha(captcha::Args),
    #[command(about = text().certiface_help.session)]
    Session(liveness::SessionArgs),
    #[command(about = text().certiface_help.liveness)]
    Liveness(liveness::LivenessArgs),
    #[command(about = text().certiface_help.document)]
    Document(document::Args),
    #[command(about = text().certiface_help.result)]
    Result(result::Args),
}

/// The options of every step.
#[derive(Debug, clap::Args)]
struct Common {
    #[arg(long = "journey", value_name = "FILE", default_value = "kyc-certiface-journey.json", help = text().certiface_help.journey)]
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
    let Some(table) = source.table(&INTEGRATION)? else {
        return Err(place::no_credentials_for_steps(&INTEGRATION, "kyc certiface"));
    };
    let place = Session::of(&INTEGRATION, &table)?.place;
    place.check_sandbox_request(source)?;
    let config: Config = table.read().map_err(Failure::client)?;
    let mut builder = Client::builder_from(&config).options(token_files::client_options());
    let usual = place.simulated.then_some(SANDBOX_INTERVAL);
    if let Some(interval) = interval.map(Duration::from_secs).or(usual) {
        builder = builder.poll_interval(interval);
    }
    Ok((builder.build().map_err(Failure::client)?, place))
}

/// Replaces the client's refusal of a step whose key is used up, or whose previous step is missing, by `next`.
fn out_of_turn(failure: Failure, next: fn(&Messages) -> &'static str) -> Failure {
    match failure {
        Failure::Client { error, .. }
            if error.kind() == ErrorKind::Expired && error.delivery() == Delivery::NotSent =>
        {
            Failure::input(|t| next(t).to_owned())
        }
        other => other,
    }
}
