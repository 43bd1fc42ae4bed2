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
use crate::failure::{Failure, io_words};
use crate::files;
use crate::messages::{Said, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::place::Place;
use crate::{input, private, wakes};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400), help = text().certiface_help.wait)]
    wait: Option<u64>,
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = clap::value_parser!(u64).range(1..=86_400), help = text().certiface_help.interval)]
    interval: Option<u64>,
    #[arg(long, conflicts_with = "path", help = text().certiface_help.appkey_stdin)]
    appkey_stdin: bool,
    #[arg(long, help = text().certiface_help.show_personal_data)]
    show_personal_data: bool,
    #[arg(long, value_name = "DIR", help = text().certiface_help.photos)]
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
    let t = &text().certiface;
    let more = match &args.photos {
        Some(folder) => Some((t.photos_written)(&files::shown(folder))),
        None if args.show_personal_data => None,
        None => Some(t.see_more.to_owned()),
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
        return Err(Failure::input(|t| t.certiface.one_appkey.to_owned()));
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
        return Ok(call(text().certiface.querying, json, None, querying).await?.into_inner());
    };
    let timeout = Duration::from_secs(seconds);
    let wait = journey.wait(timeout).map_err(Failure::client)?;
    let id = journey.appkey().operation_id();
    let wait = wakes::by_events(wait, &args.common.source, &id, timeout).await;
    match call(text().certiface.waiting, json, None, wait.into_future()).await {
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
        let t = text();
        Rows::default()
            .headline(Outcome::NotYet, t.certiface.no_result, t.certiface.no_result_why)
            .row(t.rows.vendor, format!("{VENDOR_NAME} ({})", place.label))
            .simulated(place.simulated.then_some(t.place.simulated))
            .print()?;
    }
    Ok(Outcome::NotYet)
}

fn check_empty(folder: &Path) -> Result<(), Failure> {
    let rule = match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Ok(false) => Said::new(|t| t.certiface.not_empty.to_owned()),
        Err(error) => Said::new(|t| (t.certiface.unusable)(&io_words(t, error.kind()))),
    };
    Err(Failure::refused(|_| format!("--photos ({})", files::shown(folder)), rule))
}

fn write(folder: &Path, photos: &[(String, Media)]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| files::cannot_write(folder, &error))?;
    photos.iter().try_for_each(|(name, photo)| files::write_private(&folder.join(name), photo.bytes()))
}
