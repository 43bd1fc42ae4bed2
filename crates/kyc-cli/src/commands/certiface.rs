//! `kyc certiface`: a person's journey through Certiface, in one go on a sandbox or step by step.

mod appkey;
mod captcha;
mod challenge;
mod document;
mod kept;
mod liveness;
mod report;
mod result;
mod whole;

use std::path::PathBuf;

use certiface::{Client, Config, Environment};
use clap::Subcommand;
use kyc_core::{Base64Bytes, Delivery, ErrorKind, Media, MediaFormat};
use kyc_sandbox::Sandbox;

use crate::call::call;
use crate::config::{self, Source};
use crate::exit::{self, Failure};
use crate::place::{Place, SANDBOX_INTERVAL};

const VENDOR_NAME: &str = "Certiface";

const SPENT: &str =
    "a liveness check was made with this key: begin a new journey with `kyc certiface appkey --force`";

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
    /// 1. Makes the key of a person's journey
    Appkey(appkey::Args),
    /// 2. Asks which faces the person shall make
    Challenge(challenge::Args),
    /// 3. Sends the frames that show them, for a verdict on liveness
    Captcha(captcha::Args),
    /// 2, in 3D: starts a session, and prints whether FaceTec or iProov provides it
    Session(liveness::SessionArgs),
    /// 3, in 3D: queries iProov's verdict
    Liveness(liveness::LivenessArgs),
    /// 4. Sends pictures of a document
    Document(document::Args),
    /// 5. Asks what is known of the journey
    Result(result::Args),
}

/// What every step takes.
#[derive(Debug, clap::Args)]
struct Common {
    /// The file that keeps the journey from step to step: it holds the appkey, and in it the person's data
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

pub(crate) async fn run(args: Args) -> Result<u8, Failure> {
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

/// A client by what is configured. Steps have no sandbox to fall back on: one that ends with the command would forget
/// the journey.
fn connect(source: &Source) -> Result<(Client, Place), Failure> {
    let Some(config) = config::certiface(source)? else {
        let what = "no Certiface credentials (KYC_CERTIFACE_* or kyc.toml); to try the steps without any: \
                    `kyc sandbox` in another terminal; to see a whole journey: `kyc certiface`";
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
    // The sandbox's user is public and no customer's.
    let is_sandbox = config.login.expose() == Sandbox::CERTIFACE_USER;
    Place::of(config.base_url.as_deref(), is_production, is_sandbox)
}

/// What this machine refuses since the key is spent or something is missing: `next` says what to do.
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

/// A file of an answer, unless it is empty or was no base64.
fn media(encoded: &Base64Bytes) -> Option<Media> {
    Media::new(encoded.bytes()?.clone()).ok()
}

fn extension(file: &Media) -> &'static str {
    match file.format() {
        MediaFormat::Jpeg => "jpg",
        MediaFormat::Png => "png",
        MediaFormat::Gif => "gif",
        MediaFormat::Bmp => "bmp",
        MediaFormat::Webp => "webp",
        MediaFormat::Heic => "heic",
        MediaFormat::Pdf => "pdf",
        _ => "bin",
    }
}
