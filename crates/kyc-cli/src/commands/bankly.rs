//! `kyc bankly`: submits a person's selfie and document, as a whole onboarding on a sandbox or image by image.

mod report;
mod status;
mod stored;
mod upload;
mod whole;

use std::path::PathBuf;
use std::time::Duration;

use bankly_kyc::{Client, Config, INTEGRATION, Place as Slot};
use clap::Subcommand;
use kyc_core::ClientCertificate;

use crate::call::call;
use crate::config::Source;
use crate::failure::Failure;
use crate::files;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::own::Own;
use crate::place::{self, Place, SANDBOX_INTERVAL};
use crate::session::Session;
use crate::token_files;

const VENDOR_NAME: &str = INTEGRATION.title();

pub(crate) static OWN: Own = Own {
    key: INTEGRATION.key(),
    resume: Some(|t| t.next.images),
    reference: None,
    certificate: Some(|table| {
        let config: Config = table.read().ok()?;
        let certificate = ClientCertificate::read(&config.certificate?, &config.key?).ok()?;
        bankly_kyc::certificate_expires(&certificate)
    }),
    registration: |t, _| Some(t.registration.bankly),
    least_similarity: Some(0.95),
    simulated: |t| t.place.simulated,
};

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
    let Some(table) = source.table(&INTEGRATION)? else {
        return Err(place::no_credentials_for_steps(&INTEGRATION, "kyc bankly"));
    };
    let config: Config = table.read().map_err(Failure::client)?;
    check_files(&config)?;
    // Also checks the certificate.
    let place = Session::of(&INTEGRATION, &table)?.place;
    place.check_sandbox_request(source)?;
    let mut builder = Client::builder_from(&config).options(token_files::client_options());
    let usual = place.simulated.then_some(SANDBOX_INTERVAL);
    if let Some(interval) = interval.map(Duration::from_secs).or(usual) {
        builder = builder.poll_interval(interval);
    }
    Ok((builder.build().map_err(Failure::client)?, place))
}

/// Refuses files whose reading could block or not end, and an authority without a certificate, which would not be used.
fn check_files(config: &Config) -> Result<(), Failure> {
    let named =
        [("certificate", &config.certificate), ("key", &config.key), ("authority", &config.authority)];
    if config.authority.is_some() && config.certificate.is_none() && config.key.is_none() {
        return Err(Failure::setup(|t| (t.setup.authority_alone)(VENDOR_NAME)));
    }
    for (name, path) in named.into_iter().filter_map(|(name, path)| Some((name, path.as_deref()?))) {
        files::check_text(path).map_err(|rule| {
            let shown = files::shown(path);
            Failure::setup(|t| (t.setup.certificate_file)(VENDOR_NAME, name, &shown, rule.of(t)))
        })?;
    }
    Ok(())
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
