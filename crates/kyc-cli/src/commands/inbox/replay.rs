//! `kyc inbox replay`: makes events due again, or delivers them here and now.

use kyc_core::Secret;
use kyc_webhook::{EventId, EventState, Filter, Inbox, SqliteInbox};
use serde::Serialize;

use super::select::{Which, state};
use super::{Common, id, unknown};
use crate::failure::Failure;
use crate::forward::{Forwarder, Posted};
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, printable};
use crate::store;

/// How many events are read at a time.
const PAGE: u32 = 100;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(value_name = "ID", value_parser = id, help = text().inbox_help.ids)]
    ids: Vec<EventId>,
    #[arg(long = "state", value_name = "STATE", value_parser = state(), help = text().inbox_help.state)]
    states: Vec<EventState>,
    #[command(flatten)]
    which: Which,
    #[arg(long, value_name = "URL", help = text().inbox_help.forward_to)]
    forward_to: Option<Secret<String>>,
    #[arg(long, requires = "forward_to", help = text().listen_help.allow_plain_http)]
    allow_plain_http: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

/// A replay in `--json`.
#[derive(Serialize)]
struct Replayed {
    replayed: u64,
}

/// What was delivered, in `--json`.
#[derive(Serialize)]
struct Delivered {
    delivered: usize,
    failed: usize,
    events: Vec<Attempt>,
}

#[derive(Serialize)]
struct Attempt {
    id: String,
    delivered: bool,
    http_status: Option<u16>,
    #[serde(skip)]
    name: String,
    #[serde(skip)]
    words: String,
}

pub(super) async fn run(args: Args) -> Result<Outcome, Failure> {
    if args.ids.is_empty() && args.states.is_empty() && args.which.is_everything() {
        // Nobody replays everything by mistake.
        let which = "ID / --state / --source / --type / --since";
        return Err(Failure::local(Outcome::WrongUsage, |t| (t.errors.missing)(which)));
    }
    let forwarder =
        args.forward_to.as_ref().map(|url| Forwarder::new(url, args.allow_plain_http)).transpose();
    let forwarder = forwarder.map_err(|rule| Failure::refused(|_| "--forward-to".to_owned(), rule))?;
    let inbox = args.common.open()?;
    let mut filter = args.which.filter(args.states.clone());
    filter.ids = args.ids.clone();
    for id in &args.ids {
        // Otherwise a wrong id would look like an event that is left out.
        inbox.get(*id).await.map_err(store::failed)?.ok_or_else(|| unknown(*id))?;
    }
    match forwarder {
        Some(forwarder) => deliver(&inbox, &filter, &forwarder, args.common.json).await,
        None => replay(&inbox, &filter, args.common.json).await,
    }
}

async fn replay(inbox: &SqliteInbox, filter: &Filter, as_json: bool) -> Result<Outcome, Failure> {
    let replayed = inbox.replay(filter).await.map_err(store::failed)?;
    if as_json {
        output::json(Outcome::Yes, &Replayed { replayed })?;
    } else {
        let t = &text().inbox;
        Rows::default().headline(Outcome::Yes, t.replayed, (t.due_again)(replayed)).print()?;
    }
    Ok(Outcome::Yes)
}

/// Posts the events once, the oldest first. Nothing changes in the inbox.
async fn deliver(
    inbox: &SqliteInbox,
    filter: &Filter,
    forwarder: &Forwarder,
    as_json: bool,
) -> Result<Outcome, Failure> {
    let mut attempts = Vec::new();
    for id in ids(inbox, filter).await?.into_iter().rev() {
        // It may have been purged meanwhile.
        let Some(event) = inbox.get(id).await.map_err(store::failed)? else { continue };
        let posted = forwarder.post(&event).await;
        let name = format!("{} {}", printable(&event.info.source), printable(&event.info.event_type));
        attempts.push(Attempt::of(id, name, &posted));
    }
    let delivered = attempts.iter().filter(|attempt| attempt.delivered).count();
    let report = Delivered { delivered, failed: attempts.len() - delivered, events: attempts };
    let outcome = if report.failed == 0 { Outcome::Yes } else { Outcome::Unavailable };
    if as_json {
        output::json(outcome, &report)?;
    } else {
        report.print(outcome)?;
    }
    Ok(outcome)
}

async fn ids(inbox: &dyn Inbox, filter: &Filter) -> Result<Vec<EventId>, Failure> {
    let mut ids: Vec<EventId> = Vec::new();
    loop {
        let page = inbox.list(filter, ids.last().copied(), PAGE).await.map_err(store::failed)?;
        let is_last = page.len() < PAGE as usize;
        ids.extend(page.iter().map(|info| info.id));
        if is_last {
            return Ok(ids);
        }
    }
}

impl Attempt {
    fn of(id: EventId, name: String, posted: &Posted) -> Self {
        Self {
            id: id.to_string(),
            delivered: posted.is_done(),
            http_status: posted.http_status(),
            name,
            words: posted.words(text()),
        }
    }
}

impl Delivered {
    fn print(&self, outcome: Outcome) -> std::io::Result<()> {
        let t = &text().inbox;
        let cells = |attempt: &Attempt| [attempt.words.clone(), attempt.name.clone(), attempt.id.clone()];
        let lines: Vec<_> = self.events.iter().map(cells).collect();
        let headline = if self.failed == 0 { t.delivered } else { t.not_delivered };
        Rows::default()
            .headline(outcome, headline, (t.delivered_of)(self.delivered, self.events.len()))
            .table(&lines)
            .print()
    }
}
