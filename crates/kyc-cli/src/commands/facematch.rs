//! `kyc facematch`: compares the faces in two images, with any vendor.

mod job;
mod session;
mod verdict;

use std::path::PathBuf;

use clap::ValueEnum;
use kyc_core::{Clock as _, SystemClock};

use crate::cellere;
use crate::config::Source;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output;

use job::Job;
use session::Session;
use verdict::Verdict;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "A", requires = "second", help = text().facematch_help.first)]
    first: Option<PathBuf>,
    #[arg(value_name = "B", help = text().facematch_help.second)]
    second: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = VendorName::Clearsale, help = text().facematch_help.vendor)]
    vendor: VendorName,
    #[arg(long, help = text().facematch_help.cpf)]
    cpf: Option<String>,
    #[arg(long, value_name = "N", allow_negative_numbers = true, help = text().facematch_help.min_level)]
    min_level: Option<String>,
    #[arg(long, value_name = "TEXT", help = text().facematch_help.reference)]
    reference: Option<String>,
    #[arg(long, help = text().facematch_help.any_image)]
    any_image: bool,
    #[arg(
        long,
        value_name = "TOKEN",
        conflicts_with_all = ["first", "cpf", "min_level", "reference", "any_image"],
        help = text().facematch_help.resume
    )]
    resume: Option<String>,
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=86_400),
        help = text().facematch_help.timeout
    )]
    timeout: u64,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VendorName {
    #[value(help = text().facematch_help.clearsale)]
    Clearsale,
    #[value(help = text().facematch_help.cellere)]
    Cellere,
}

impl VendorName {
    fn shown(self) -> &'static str {
        match self {
            Self::Clearsale => "ClearSale Facematch",
            Self::Cellere => cellere::VENDOR_NAME,
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let job = Job::read(&args)?;
    let session = Session::open(&args, &job).await?;
    let started = SystemClock.now();
    let mut found = session.perform(&job, &args).await?;
    if let Job::Compare { pair, .. } = &job {
        found.verdict = found.verdict.require_rate(pair.max_false_accept_rate);
    }
    let verdict = Verdict::of(&found, &session, SystemClock.now().since(started));
    let written =
        if args.json { output::json(verdict.outcome(), &verdict) } else { verdict.print(&job, &session) };
    written.map_err(|error| session.unwritten(&job, &found, &error))?;
    Ok(verdict.outcome())
}
