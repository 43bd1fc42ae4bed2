//! `kyc trigger`: has a sandbox that runs already make an outcome, whose webhooks it sends as the vendor does.

use std::time::Duration;

use kyc_core::{Clock as _, Cpf, SystemClock, ValidationError, nearest_name};
use kyc_sandbox::{Outcome as Simulated, Sandbox};
use reqwest::{Client, Method, Url, redirect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::call;
use crate::failure::Failure;
use crate::input;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, printable, scrub};
use crate::{vendors, web};

const TIMEOUT: Duration = Duration::from_secs(15);
/// How long to wait for the webhooks, and how often to ask.
const DELIVERY: Duration = Duration::from_secs(10);
const INTERVAL: Duration = Duration::from_millis(100);
/// How long nothing must change until it is over. A sandbox without a receiver sends nothing at all.
const QUIET: Duration = Duration::from_millis(500);
/// The state of a webhook that is still to be sent.
const PENDING: &str = "pending";
/// The largest answer that is read.
const MAX_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(display_order = 1, help = text().trigger_help.vendor)]
    vendor: Option<String>,
    #[arg(display_order = 2, help = text().trigger_help.outcome)]
    outcome: Option<String>,
    #[command(flatten)]
    details: Details,
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8750", help = text().trigger_help.sandbox_url)]
    sandbox_url: String,
    #[arg(long, help = text().trigger_help.allow_other_hosts)]
    allow_other_hosts: bool,
    #[arg(long, help = text().help.json)]
    pub(crate) json: bool,
}

/// What is said about the outcome. Only with one.
#[derive(Debug, clap::Args)]
struct Details {
    #[arg(long, requires = "outcome", help = text().trigger_help.cpf)]
    cpf: Option<String>,
    #[arg(long, value_name = "NAME", requires = "outcome", help = text().trigger_help.operation)]
    operation: Option<String>,
    #[arg(long, value_name = "TEXT", requires = "outcome", help = text().trigger_help.reason)]
    reason: Option<String>,
    #[arg(long, value_name = "SECONDS", requires = "outcome", help = text().trigger_help.delay)]
    delay: Option<u32>,
}

impl Details {
    /// Returns the body of the request to the sandbox.
    fn request(self, chosen: &Simulated) -> Result<Value, Failure> {
        let cpf = self.cpf.map(|cpf| input::cpf("--cpf", &cpf)).transpose()?;
        Ok(json!({
            "vendor": chosen.vendor,
            "outcome": chosen.name,
            "cpf": cpf.as_ref().map(Cpf::digits),
            "operation": self.operation,
            "reason": self.reason,
            "delay_seconds": self.delay,
        }))
    }
}

pub(crate) async fn run(args: Args) -> Result<Outcome, Failure> {
    let mut all = Sandbox::outcomes();
    all.retain(|outcome| outcome.can_be_triggered);
    match (&args.vendor, &args.outcome) {
        (Some(vendor), Some(outcome)) => {
            let chosen = chosen(&all, vendor, outcome)?;
            let control = Control::new(&args)?;
            let request = args.details.request(&chosen)?;
            Box::pin(trigger(&control, &chosen, &request, args.json)).await
        }
        (vendor, _) => {
            if let Some(vendor) = vendor {
                check_vendor(&all, vendor)?;
            }
            let is_listed = |one: &&Simulated| vendor.as_deref().is_none_or(|vendor| vendor == one.vendor);
            list(&all.iter().filter(is_listed).collect::<Vec<_>>(), args.json)
        }
    }
}

/// An outcome in `--json`.
#[derive(Serialize)]
struct Listed {
    vendor: &'static str,
    outcome: &'static str,
    what: &'static str,
}

#[derive(Serialize)]
struct List {
    outcomes: Vec<Listed>,
}

fn list(outcomes: &[&Simulated], as_json: bool) -> Result<Outcome, Failure> {
    if as_json {
        let listed = |one: &&Simulated| Listed { vendor: one.vendor, outcome: one.name, what: one.what };
        output::json(Outcome::Yes, &List { outcomes: outcomes.iter().map(listed).collect() })?;
        return Ok(Outcome::Yes);
    }
    let cells = |one: &&Simulated| [format!("{} {}", one.vendor, one.name), one.what.to_owned()];
    let lines: Vec<_> = outcomes.iter().map(cells).collect();
    Rows::default().line(text().trigger.usage, "").table(&lines).print()?;
    Ok(Outcome::Yes)
}

fn check_vendor(all: &[Simulated], vendor: &str) -> Result<(), Failure> {
    let known: Vec<_> = all.iter().map(|one| one.vendor).collect();
    check("VENDOR", vendor, known)
}

fn chosen(all: &[Simulated], vendor: &str, outcome: &str) -> Result<Simulated, Failure> {
    check_vendor(all, vendor)?;
    let of_vendor = || all.iter().filter(|one| one.vendor == vendor);
    check("OUTCOME", outcome, of_vendor().map(|one| one.name).collect())?;
    let found = of_vendor().find(|one| one.name == outcome).copied();
    found.ok_or_else(|| Failure::refused(|_| "OUTCOME".to_owned(), ValidationError::new("is not known")))
}

/// Refuses a name that is not known, and says which one may be meant.
fn check(argument: &str, name: &str, mut known: Vec<&'static str>) -> Result<(), Failure> {
    known.dedup();
    if known.contains(&name) {
        return Ok(());
    }
    let meant = nearest_name(name, known.iter().copied());
    let known = known.join(", ");
    Err(Failure::local(Outcome::BadInput, |t| {
        let similar = meant.map(|meant| format!("; {}", (t.usage.similar)(meant))).unwrap_or_default();
        (t.errors.subject)(argument, &(t.usage.values)(&known)) + &similar
    }))
}

/// The result in `--json`.
#[derive(Serialize)]
struct Report {
    vendor: &'static str,
    triggered: &'static str,
    what: &'static str,
    /// The vendor's id of the operation, where it tells nothing of the person.
    reference: Option<String>,
    webhooks: Vec<Webhook>,
    simulated: bool,
}

#[derive(Serialize)]
struct Webhook {
    event: String,
    /// `delivered`, `pending` or `given_up`.
    state: String,
    attempts: usize,
    http_status: Option<u16>,
}

async fn trigger(
    control: &Control,
    chosen: &Simulated,
    request: &Value,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let doing = text().trigger.triggering;
    let work = async { Ok(Box::pin(control.trigger(chosen, request)).await) };
    let report = call(doing, as_json, None, work).await??;
    if as_json {
        output::json(Outcome::Yes, &report)?;
    } else {
        report.print()?;
    }
    Ok(Outcome::Yes)
}

impl Report {
    fn print(&self) -> std::io::Result<()> {
        let t = text();
        let title = vendors::by_key(self.vendor).map_or(self.vendor, |integration| integration.title());
        let cells = |webhook: &Webhook| {
            let state = match webhook.state.as_str() {
                "delivered" => t.trigger.delivered,
                "given_up" => t.trigger.given_up,
                _ => t.trigger.pending,
            };
            let status = webhook.http_status.map(|status| (t.listen.answered)(status));
            [printable(&webhook.event), state.to_owned(), status.unwrap_or_default()]
        };
        let webhooks: Vec<_> = self.webhooks.iter().map(cells).collect();
        let count = match webhooks.len() {
            0 => t.trigger.no_webhook.to_owned(),
            count => (t.trigger.webhooks)(count),
        };
        Rows::default()
            .headline(Outcome::Yes, t.trigger.triggered, self.what)
            .row(t.rows.vendor, title)
            .optional(t.rows.transaction, self.reference.as_deref().map(printable))
            .row(t.trigger.row_webhooks, count)
            .table(&webhooks)
            .simulated(Some(t.trigger.simulated))
            .print()
    }
}

/// The control routes of a sandbox.
struct Control {
    client: Client,
    root: Url,
}

#[derive(Deserialize)]
struct Triggered {
    reference: String,
}

#[derive(Deserialize)]
struct Deliveries {
    deliveries: Vec<Delivery>,
}

#[derive(Deserialize)]
struct Delivery {
    vendor: String,
    reference: Option<String>,
    event: String,
    state: String,
    attempts: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    http_status: Option<u16>,
}

/// Returns the deliveries that were not there before. They have no ids, so that equal ones are counted.
fn without(mut deliveries: Vec<Delivery>, before: &[Delivery]) -> Vec<Delivery> {
    let mut old: Vec<_> = before.iter().map(|one| (&one.reference, &one.event)).collect();
    let mut is_new = |one: &Delivery| match old.iter().position(|old| *old == (&one.reference, &one.event)) {
        Some(place) => {
            old.swap_remove(place);
            false
        }
        None => true,
    };
    deliveries.retain(|one| is_new(one));
    deliveries
}

impl Webhook {
    fn of(delivery: &Delivery) -> Self {
        Self {
            event: delivery.event.clone(),
            state: delivery.state.clone(),
            attempts: delivery.attempts.len(),
            http_status: delivery.attempts.last().and_then(|attempt| attempt.http_status),
        }
    }
}

impl Control {
    fn new(args: &Args) -> Result<Self, Failure> {
        let named = |rule| Failure::refused(|_| "--sandbox-url".to_owned(), rule);
        let root = web::parse(&args.sandbox_url, true).map_err(named)?;
        let is_local = web::is_loopback(&root);
        if !is_local && !args.allow_other_hosts {
            return Err(Failure::local(Outcome::BadInput, |t| t.trigger.not_local.to_owned()));
        }
        let builder = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none());
        let builder = if is_local { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|error| Failure::setup(|_| web::cause(&error)))?;
        Ok(Self { client, root })
    }

    async fn trigger(&self, chosen: &Simulated, request: &Value) -> Result<Report, Failure> {
        let before = self.deliveries(chosen.vendor).await?;
        let Triggered { reference } = self.ask(Method::POST, "trigger", Some(request)).await?;
        let sent = self.sent_since(chosen.vendor, &before).await?;
        let is_public = vendors::by_key(chosen.vendor).is_some_and(vendors::has_public_ids);
        Ok(Report {
            vendor: chosen.vendor,
            triggered: chosen.name,
            what: chosen.what,
            reference: Some(reference).filter(|_| is_public),
            webhooks: sent.iter().map(Webhook::of).collect(),
            simulated: true,
        })
    }

    /// Waits until the webhooks that were not there before are delivered, and no more come.
    async fn sent_since(&self, vendor: &str, before: &[Delivery]) -> Result<Vec<Delivery>, Failure> {
        let end = SystemClock.elapsed() + DELIVERY;
        let (mut quiet_since, mut count) = (SystemClock.elapsed(), 0);
        loop {
            let sent = without(self.deliveries(vendor).await?, before);
            let (now, is_pending) = (SystemClock.elapsed(), sent.iter().any(|one| one.state == PENDING));
            if is_pending || sent.len() != count {
                (quiet_since, count) = (now, sent.len());
            }
            if now > end || now.saturating_sub(quiet_since) > QUIET {
                return Ok(sent);
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    async fn deliveries(&self, vendor: &str) -> Result<Vec<Delivery>, Failure> {
        let Deliveries { mut deliveries } = self.ask(Method::GET, "webhooks", None).await?;
        deliveries.retain(|one| one.vendor == vendor);
        Ok(deliveries)
    }

    async fn ask<T: for<'de> Deserialize<'de>>(
        &self,
        method: Method,
        route: &str,
        body: Option<&Value>,
    ) -> Result<T, Failure> {
        let lost = |error: reqwest::Error| {
            let (url, why) = (web::shown(&self.root), web::cause(&error));
            Failure::local(Outcome::Unavailable, |t| (t.trigger.unreachable)(&url, &why))
        };
        let url = format!("{}/_sandbox/{route}", self.root.as_str().trim_end_matches('/'));
        let request = self.client.request(method, url);
        let request = match body {
            Some(body) => {
                request.header(reqwest::header::CONTENT_TYPE, "application/json").body(body.to_string())
            }
            None => request,
        };
        let mut response = request.send().await.map_err(lost)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_BYTES {
                return Err(self.no_sandbox());
            }
        }
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| self.no_sandbox());
        }
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        match answer["error"].as_str() {
            Some(why) => {
                let why = scrub(why);
                Err(Failure::local(Outcome::Refused, |t| (t.trigger.refused)(&why)))
            }
            None => Err(self.no_sandbox()),
        }
    }

    fn no_sandbox(&self) -> Failure {
        let url = web::shown(&self.root);
        Failure::local(Outcome::Undecodable, |t| (t.trigger.no_sandbox)(&url))
    }
}
