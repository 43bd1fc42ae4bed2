//! `kyc doctor`: checks the configuration and the way to each vendor. No call of it is paid.

use std::time::Duration;

use kyc_br::INTEGRATIONS;
use kyc_core::{Clock as _, ConfigTable, Delivery, Error, ErrorKind, Integration, SystemClock, Timestamp};
use serde::Serialize;

use super::vendor;
use crate::call::call;
use crate::config::Source;
use crate::failure::Failure;
use crate::messages::{library_error, text};
use crate::outcome::Outcome;
use crate::output::{self, Rows, scrub};
use crate::session::Session;
use crate::vendors;
use crate::web::cause;

/// A difference of the clocks that a login may tolerate, and one that it does not.
const SKEW_TO_WARN: Duration = Duration::from_secs(30);
const SKEW_TO_FAIL: Duration = Duration::from_secs(300);

/// The vendor needs time to issue a new certificate.
const END_TO_WARN: Duration = Duration::from_secs(30 * 24 * 3600);

const TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long, value_parser = vendor::with(|_| true), help = text().config_help.checked)]
    vendor: Option<&'static Integration>,
    #[command(flatten)]
    source: Source,
    #[arg(long, help = text().help.json)]
    pub(crate) json: bool,
}

/// The checks in `--json`.
#[derive(Serialize)]
struct Report {
    vendors: Vec<Checked>,
    #[serde(skip)]
    outcome: Outcome,
}

#[derive(Serialize)]
struct Checked {
    vendor: &'static str,
    environment: Option<&'static str>,
    checks: Vec<Check>,
    #[serde(skip)]
    title: &'static str,
}

#[derive(Serialize)]
struct Check {
    /// `configuration`, `address`, `tls`, `clock`, `certificate` or `login`.
    check: &'static str,
    /// `ok`, `warning` or `failed`.
    status: &'static str,
    /// What a failed check would mean as the exit code of another command.
    #[serde(skip)]
    outcome: Outcome,
    #[serde(skip)]
    name: &'static str,
    /// In the language of the user, so that it is not in the JSON.
    #[serde(skip)]
    words: String,
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let mut vendors = Vec::new();
    for integration in
        INTEGRATIONS.iter().filter(|known| args.vendor.is_none_or(|named| named.key() == known.key()))
    {
        let table = match args.source.table_if_any(integration) {
            Ok(Some(table)) => table,
            Ok(None) if args.vendor.is_none() => continue,
            Ok(None) => return Err(Failure::setup(|t| (t.doctor.none)(integration.title()))),
            Err(failure) => {
                vendors.push(Checked::unusable(integration, &failure));
                continue;
            }
        };
        let checking = Box::pin(Checked::of(integration, &table));
        let doing = (text().doctor.checking)(integration.title());
        vendors.push(call(&doing, args.json, None, async { Ok(checking.await) }).await?);
    }
    if vendors.is_empty() {
        return Err(Failure::setup(|t| (t.doctor.none)(t.doctor.any_vendor)));
    }
    let failed = vendors.iter().flat_map(|vendor| &vendor.checks).filter(|check| check.status == "failed");
    // The first of the causes: what comes later may only follow from it.
    let outcome = failed.map(|check| check.outcome).next().unwrap_or(Outcome::Yes);
    let report = Report { vendors, outcome };
    if args.json {
        output::json(report.outcome, &report)?;
    } else {
        report.print()?;
    }
    Ok(report.outcome)
}

impl Report {
    fn print(&self) -> std::io::Result<()> {
        let t = &text().doctor;
        let word = |status| match status {
            "ok" => (t.ok, Outcome::Yes),
            "warning" => (t.warning, Outcome::Unclear),
            _ => (t.failed, Outcome::No),
        };
        self.vendors
            .iter()
            .fold(Rows::default(), |rows, vendor| {
                let rows = rows.line(vendor.title, "");
                vendor.checks.iter().fold(rows, |rows, check| {
                    let (status, outcome) = word(check.status);
                    rows.check(outcome, status, check.name, &check.words)
                })
            })
            .print()
    }
}

impl Checked {
    fn unusable(integration: &'static Integration, failure: &Failure) -> Self {
        let t = &text().doctor;
        let words = output::message_for_people(failure);
        let check = Check::failed("configuration", t.configuration, Outcome::Configuration, words);
        Self {
            vendor: integration.vendor().name(),
            environment: None,
            checks: vec![check],
            title: integration.title(),
        }
    }

    async fn of(integration: &'static Integration, table: &ConfigTable) -> Self {
        let t = &text().doctor;
        let session = match Session::of(integration, table) {
            Ok(session) => session,
            Err(failure) => return Self::unusable(integration, &failure),
        };
        let own = vendors::own(integration);
        let mut checks = vec![Check::ok("configuration", t.configuration, output::visible(&table.place()))];
        let certificate = own.and_then(|own| own.certificate).and_then(|end| end(table));
        checks.extend(certificate.map(end_of_certificate));
        let address = session.client.destination().address;
        let asked = ask(address.as_str()).await;
        // With the stored token, if there is one: a vendor may allow a login only after the last token has expired.
        let logged_in = session.client.check_login().await;
        let is_reached = asked.is_ok() || has_answered(&logged_in);
        let mut shown = match &session.place.label {
            label if label.contains(address.as_str()) => label.clone(),
            label => format!("{} ({label})", address.as_str()),
        };
        if is_reached {
            checks.push(Check::ok("address", t.address, shown));
            let is_encrypted = address.as_str().starts_with("https:");
            let words = if is_encrypted { t.encrypted } else { t.not_encrypted };
            let tls = if is_encrypted || session.place.simulated { Check::ok } else { Check::warning };
            checks.push(tls("tls", "TLS", words.to_owned()));
        } else {
            let why = asked.as_ref().err().map(|why| scrub(why)).unwrap_or_default();
            shown.push_str(&format!(": {why}; {}", t.check_network));
            checks.push(Check::failed("address", t.address, Outcome::Unavailable, shown));
        }
        if let Ok(Some(skew)) = asked {
            checks.push(clock(skew));
        }
        if is_reached {
            checks.push(login(logged_in));
        }
        Self {
            vendor: integration.vendor().name(),
            environment: Some(session.place.environment),
            checks,
            title: integration.title(),
        }
    }
}

impl Check {
    fn ok(check: &'static str, name: &'static str, words: String) -> Self {
        Self { check, status: "ok", outcome: Outcome::Yes, name, words }
    }

    fn warning(check: &'static str, name: &'static str, words: String) -> Self {
        Self { check, status: "warning", outcome: Outcome::Yes, name, words }
    }

    fn failed(check: &'static str, name: &'static str, outcome: Outcome, words: String) -> Self {
        Self { check, status: "failed", outcome, name, words }
    }
}

fn has_answered(logged_in: &Result<(), Error>) -> bool {
    match logged_in {
        Ok(()) => true,
        Err(error) => error.http_status().is_some() || error.delivery() == Delivery::Answered,
    }
}

fn login(logged_in: Result<(), Error>) -> Check {
    let t = &text().doctor;
    match logged_in {
        Ok(()) => Check::ok("login", t.login, t.accepted.to_owned()),
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            Check::warning("login", t.login, t.not_checked.to_owned())
        }
        Err(error) => {
            let words = library_error(&error).unwrap_or_else(|| error.to_string());
            let outcome = match error.kind() {
                ErrorKind::Config => Outcome::Configuration,
                kind => kind.into(),
            };
            Check::failed("login", t.login, outcome, words)
        }
    }
}

/// A positive skew: this machine is ahead.
fn clock(skew: Skew) -> Check {
    let t = &text().doctor;
    let words = (t.skew)(skew.seconds.as_secs(), skew.is_ahead);
    match skew.seconds {
        seconds if seconds >= SKEW_TO_FAIL => {
            let words = format!("{words}; {}", t.set_clock);
            Check::failed("clock", t.clock, Outcome::Configuration, words)
        }
        seconds if seconds >= SKEW_TO_WARN => {
            Check::warning("clock", t.clock, format!("{words}; {}", t.set_clock))
        }
        _ => Check::ok("clock", t.clock, words),
    }
}

fn end_of_certificate(end: Timestamp) -> Check {
    let t = &text().doctor;
    let left = end.since(SystemClock.now());
    let words = (t.certificate_end)(&end.to_rfc3339());
    if end <= SystemClock.now() {
        return Check::failed("certificate", t.certificate, Outcome::Configuration, words);
    }
    if left < END_TO_WARN {
        return Check::warning("certificate", t.certificate, format!("{words}; {}", t.renew));
    }
    Check::ok("certificate", t.certificate, words)
}

/// The difference between this machine's clock and the server's.
#[derive(Clone, Copy)]
struct Skew {
    seconds: Duration,
    is_ahead: bool,
}

/// Asks for the head of a page, without credentials. Returns the difference of the clocks, if the server states its time.
async fn ask(address: &str) -> Result<Option<Skew>, String> {
    let mut builder = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
    if address.contains("://127.0.0.1") || address.contains("://localhost") {
        builder = builder.no_proxy();
    }
    let client = builder.build().map_err(|error| cause(&error))?;
    let response = client.head(address).send().await.map_err(|error| cause(&error))?;
    let date = response.headers().get(reqwest::header::DATE).and_then(|date| date.to_str().ok());
    let server = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    Ok(server.map(|server| {
        let difference = SystemClock.now().unix_seconds() - server.timestamp().as_second();
        Skew { seconds: Duration::from_secs(difference.unsigned_abs()), is_ahead: difference > 0 }
    }))
}
