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
use crate::outcome::Outcome;
use crate::output;

use job::Job;
use session::Session;
use verdict::Verdict;

#[derive(Debug, clap::Args)]
#[command(after_help = output::help())]
pub(crate) struct Args {
    /// The first image, JPEG or PNG, or - for standard input; without images two samples of one person are compared on the sandbox
    #[arg(value_name = "A", requires = "second")]
    first: Option<PathBuf>,
    /// The second image, or - for standard input
    #[arg(value_name = "B")]
    second: Option<PathBuf>,
    /// The vendor that compares
    #[arg(long, value_enum, default_value_t = VendorName::Clearsale)]
    vendor: VendorName,
    /// ClearSale: the CPF of the person, or - to read it from standard input; on the sandbox a test CPF determines the result
    #[arg(long)]
    cpf: Option<String>,
    /// ClearSale: the lowest level that counts as a match, 1 to 6
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    min_level: Option<String>,
    /// ClearSale: your reference for the comparison; random by default
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// ClearSale: also submit formats other than JPEG and PNG, and images less than 150 pixels wide
    #[arg(long)]
    any_image: bool,
    /// ClearSale: query the result of an earlier comparison by the token that it printed
    #[arg(
        long,
        value_name = "TOKEN",
        conflicts_with_all = ["first", "cpf", "min_level", "reference", "any_image"]
    )]
    resume: Option<String>,
    /// The time to wait for the result, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    #[command(flatten)]
    source: Source,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VendorName {
    /// ClearSale Facematch: returns a level from 0 to 6, each with a false accept rate
    Clearsale,
    /// Cellere's portal: returns a similarity, and also accepts PDF and BMP
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
    written.map_err(|_| session.unwritten(&job, &found))?;
    Ok(verdict.outcome())
}
