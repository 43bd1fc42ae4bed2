//! `kyc inbox ls` and `kyc inbox dead`.

use kyc_webhook::{EventInfo, EventState, Inbox as _};
use serde::Serialize;

use super::Common;
use super::select::{Which, state};
use crate::failure::Failure;
use crate::forward::trust;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, printable, scrub};
use crate::store;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long = "state", value_name = "STATE", value_parser = state(), help = text().inbox_help.state)]
    states: Vec<EventState>,
    #[command(flatten)]
    which: Which,
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000),
          help = text().inbox_help.limit)]
    limit: u32,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct DeadArgs {
    #[command(flatten)]
    which: Which,
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000),
          help = text().inbox_help.limit)]
    limit: u32,
    #[command(flatten)]
    pub(super) common: Common,
}

/// The events in `--json`.
#[derive(Serialize)]
struct Report<'a> {
    events: Vec<Event<'a>>,
    /// Whether there are older ones, which the limit leaves out.
    more: bool,
}

/// What is known of an event without its content.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    id: String,
    source: &'a str,
    vendor: &'a str,
    r#type: &'a str,
    trust: &'static str,
    r#final: bool,
    received_at: String,
    state: EventState,
    generation: u32,
    attempts: u32,
    due_at: Option<String>,
    reason: Option<String>,
}

impl<'a> Event<'a> {
    pub(super) fn of(info: &'a EventInfo) -> Self {
        Self {
            id: info.id.to_string(),
            source: &info.source,
            vendor: &info.vendor,
            r#type: &info.event_type,
            trust: trust(info.trust),
            r#final: info.is_final,
            received_at: info.received_at.to_rfc3339(),
            state: info.state,
            generation: info.generation,
            attempts: info.attempts,
            due_at: info.due_at.map(|due| due.to_rfc3339()),
            reason: info.reason.as_deref().map(scrub),
        }
    }
}

pub(super) async fn run(args: Args) -> Result<Outcome, Failure> {
    print(args.states, &args.which, args.limit, &args.common, false).await
}

pub(super) async fn run_dead(args: DeadArgs) -> Result<Outcome, Failure> {
    print(vec![EventState::Dead], &args.which, args.limit, &args.common, true).await
}

async fn print(
    states: Vec<EventState>,
    which: &Which,
    limit: u32,
    common: &Common,
    with_reasons: bool,
) -> Result<Outcome, Failure> {
    let inbox = common.open()?;
    let events = inbox.list(&which.filter(states), None, limit + 1).await;
    let mut events = events.map_err(store::failed)?;
    let more = events.len() > limit as usize;
    events.truncate(limit as usize);
    if common.json {
        let report = Report { events: events.iter().map(Event::of).collect(), more };
        output::json(Outcome::Yes, &report)?;
        return Ok(Outcome::Yes);
    }
    let t = &text().inbox;
    let width = events.iter().map(|info| name(info).chars().count()).max().unwrap_or_default();
    let cells = |info| cells(info, width);
    let rows = match (events.is_empty(), with_reasons) {
        (true, _) => Rows::default().line(t.none, ""),
        (false, false) => Rows::default().table(&events.iter().map(cells).collect::<Vec<_>>()),
        (false, true) => events.iter().fold(Rows::default(), |rows, info| {
            let reason = info.reason.as_deref().map_or_else(|| t.no_reason.to_owned(), scrub);
            rows.table(&[cells(info)]).detail(&(t.attempts)(info.attempts, &reason))
        }),
    };
    rows.print()?;
    if more {
        output::note(&(t.more)(limit));
    }
    Ok(Outcome::Yes)
}

/// Returns the columns of an event. The id comes last, since it breaks well.
fn cells(info: &EventInfo, width: usize) -> [String; 4] {
    let time: String = info.received_at.to_rfc3339().chars().take(19).collect();
    let state = super::stats::state_words(info.state).to_owned();
    [time + "Z", state, format!("{:<width$}", name(info)), info.id.to_string()]
}

fn name(info: &EventInfo) -> String {
    format!("{} {}", printable(&info.source), printable(&info.event_type))
}
