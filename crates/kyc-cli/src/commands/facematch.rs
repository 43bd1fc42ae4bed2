//! `kyc facematch`: compares the faces in two images, with any vendor.

mod job;
mod session;
mod verdict;

use std::path::PathBuf;

use kyc_core::{Clock as _, FalseAcceptRate, Integration, SystemClock};

use super::vendor;
use crate::config::Source;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output;

use job::Job;
use session::Comparison;
use verdict::Verdict;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(value_name = "A", requires = "second", help = text().facematch_help.first)]
    first: Option<PathBuf>,
    #[arg(value_name = "B", help = text().facematch_help.second)]
    second: Option<PathBuf>,
    #[arg(long, value_parser = vendor::with(|able| able.face_match.is_some()), help = text().help.vendor)]
    vendor: Option<&'static Integration>,
    #[arg(long, help = text().facematch_help.cpf)]
    cpf: Option<String>,
    #[arg(long, value_name = "1/N", value_parser = rate, help = text().facematch_help.rate)]
    max_false_accept_rate: Option<FalseAcceptRate>,
    #[arg(long, value_name = "TEXT", help = text().facematch_help.reference)]
    reference: Option<String>,
    #[arg(
        long,
        value_name = "TOKEN",
        conflicts_with_all = ["first", "cpf", "max_false_accept_rate", "reference"],
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

/// Reads `1/10000`.
fn rate(value: &str) -> Result<FalseAcceptRate, &'static str> {
    let comparisons = value.trim().strip_prefix("1/").and_then(|number| number.parse().ok());
    comparisons.and_then(FalseAcceptRate::one_in).ok_or(text().usage.rate)
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let job = Job::read(&args)?;
    let comparison = Comparison::open(&args, &job).await?;
    let started = SystemClock.now();
    let found = comparison.perform(&job, &args).await;
    let mut found = found.inspect_err(|_| comparison.say_what_was_seen(args.json))?;
    if let Job::Compare { pair, .. } = &job {
        found.verdict = found.verdict.require_rate(pair.max_false_accept_rate);
    }
    let verdict = Verdict::of(&found, &comparison, SystemClock.now().since(started));
    let written =
        if args.json { output::json(verdict.outcome(), &verdict) } else { verdict.print(&job, &comparison) };
    written.map_err(|error| comparison.unwritten(&job, &found, &error))?;
    Ok(verdict.outcome())
}
