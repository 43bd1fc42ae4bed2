//! `kyc certiface result`: queries the result of a journey.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use certiface::{Appkey, Journey, JourneyResult, VENDOR};
use kyc_core::Media;
use serde::Serialize;

use super::images::photos;
use super::report::Report;
use super::stored::Stored;
use super::{Common, VENDOR_NAME, call, connect};
use crate::failure::Failure;
use crate::files;
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::place::{Place, SIMULATED};
use crate::{input, private};

const NONE: &str = "Certiface does not know the key, or no liveness check was made with it";

const MORE: &str = "--show-personal-data prints the values, --photos DIR writes the photos";

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Wait up to this many seconds for the end of the journey; by default the result is queried once
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait: Option<u64>,
    /// Query at this interval while waiting, in seconds; by default 30
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: Option<u64>,
    /// Read the appkey from standard input instead of the journey's file
    #[arg(long, conflicts_with = "path")]
    appkey_stdin: bool,
    /// Print the values read from the documents; with --json the whole result, including the photos
    #[arg(long)]
    show_personal_data: bool,
    /// Write the photos to this folder, which must be new or empty
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
}

/// A missing result in `--json`.
#[derive(Serialize)]
struct Nothing {
    vendor: &'static str,
    environment: &'static str,
    passed: bool,
    status: Option<String>,
    is_final: bool,
    simulated: bool,
}

pub(super) async fn run(args: &Args) -> Result<Outcome, Failure> {
    if let Some(folder) = &args.photos {
        check_empty(folder)?;
    }
    let (journey, place) = open(args)?;
    let Some(result) = query(&journey, args).await? else {
        return nothing(&place, args.common.json);
    };
    if let Some(folder) = &args.photos {
        write(folder, &photos(&result))?;
    }
    let report = Report::of(&result, &place, args.show_personal_data);
    let more = match &args.photos {
        Some(folder) => Some(format!("photos written to {} (delete them afterwards)", files::shown(folder))),
        None if args.show_personal_data => None,
        None => Some(MORE.to_owned()),
    };
    report.print(args.common.json, more.as_deref())?;
    Ok(report.outcome())
}

fn open(args: &Args) -> Result<(Journey, Place), Failure> {
    if !args.appkey_stdin {
        let stored = Stored::open_to_wait(&args.common, args.interval)?;
        return Ok((stored.journey, stored.place));
    }
    let is_key = |key: &str| !key.is_empty() && !key.contains(char::is_whitespace);
    let Some(key) = input::stdin_text().ok().filter(|text| is_key(text.expose())) else {
        let what = "--appkey-stdin: standard input must contain exactly one appkey";
        return Err(Failure::Input(what.to_owned()));
    };
    private::add(key.expose());
    let appkey = Appkey::new(key.expose().as_str());
    let (client, place) = connect(&args.common.source, args.interval)?;
    Ok((Journey::from_appkey(&client, appkey), place))
}

async fn query(journey: &Journey, args: &Args) -> Result<Option<JourneyResult>, Failure> {
    let json = args.common.json;
    let Some(seconds) = args.wait else {
        let querying = Box::pin(journey.result());
        return Ok(call("querying the result", json, None, querying).await?.into_inner());
    };
    let wait = journey.wait(Duration::from_secs(seconds)).map_err(Failure::client)?;
    match call("waiting for the end of the journey", json, None, wait.into_future()).await {
        Err(Failure::Client { error, .. }) if error.kind() == kyc_core::ErrorKind::NotFound => Ok(None),
        waited => waited.map(Some),
    }
}

fn nothing(place: &Place, as_json: bool) -> Result<Outcome, Failure> {
    let nothing = Nothing {
        vendor: VENDOR.name(),
        environment: place.environment,
        passed: false,
        status: None,
        is_final: false,
        simulated: place.simulated,
    };
    if as_json {
        output::json(Outcome::NotYet, &nothing)?;
    } else {
        let vendor = format!("{VENDOR_NAME} ({})", place.label);
        Rows::default()
            .row("NO RESULT", NONE)
            .row("vendor", vendor)
            .simulated(place.simulated.then_some(SIMULATED))
            .print()?;
    }
    Ok(Outcome::NotYet)
}

fn check_empty(folder: &Path) -> Result<(), Failure> {
    let what = match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Ok(false) => "must be new or empty, so that photos of two people are not mixed".to_owned(),
        Err(error) => format!("cannot be used: {}", error.kind()),
    };
    Err(Failure::Input(format!("--photos ({}): {what}", files::shown(folder))))
}

fn write(folder: &Path, photos: &[(String, Media)]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| files::cannot_write(folder, &error))?;
    photos.iter().try_for_each(|(name, photo)| files::write_private(&folder.join(name), photo.bytes()))
}
