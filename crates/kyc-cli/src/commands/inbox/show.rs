//! `kyc inbox show`: one event.

use kyc_webhook::{EventId, Inbox as _, StoredEvent};
use serde::Serialize;

use super::list::Event;
use super::{Common, id, stats, unknown};
use crate::failure::Failure;
use crate::forward::trust;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, is_public, printable, scrub};
use crate::store;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(value_name = "ID", value_parser = id, help = text().inbox_help.id)]
    id: EventId,
    #[arg(long, help = text().inbox_help.body)]
    body: bool,
    #[command(flatten)]
    pub(super) common: Common,
}

/// The event in `--json`.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    event: Event<'a>,
    /// The vendor's id of the operation, where it tells nothing of the person.
    operation: Option<&'a str>,
    /// The size of what was received; null after a purge.
    bytes: Option<usize>,
    content_type: Option<&'a str>,
    query: Option<&'a str>,
    body: Option<String>,
}

pub(super) async fn run(args: Args) -> Result<Outcome, Failure> {
    let inbox = args.common.open()?;
    let event = inbox.get(args.id).await.map_err(store::failed)?.ok_or_else(|| unknown(args.id))?;
    let body = args.body.then(|| body(&event)).flatten();
    if args.common.json {
        let content = event.content.as_ref();
        let report = Report {
            event: Event::of(&event.info),
            operation: operation(&event),
            bytes: content.map(|content| content.body.expose().len()),
            content_type: content.and_then(|content| content.content_type.as_deref()),
            query: content.filter(|_| args.body).and_then(|content| content.query.as_deref()),
            body,
        };
        output::json(Outcome::Yes, &report)?;
    } else {
        print(&event, body)?;
    }
    Ok(Outcome::Yes)
}

fn print(event: &StoredEvent, body: Option<String>) -> std::io::Result<()> {
    let (t, info) = (&text().inbox, &event.info);
    let content = event.content.as_ref();
    let size = content.map(|content| (t.bytes)(content.body.expose().len(), body.is_some()));
    let query = content.and_then(|content| content.query.as_deref()).filter(|_| body.is_some());
    Rows::default()
        .row(t.row_event, info.id.to_string())
        .row(t.row_source, printable(&info.source))
        .row(t.row_type, printable(&info.event_type))
        .row(t.row_trust, trust(info.trust))
        .row(t.row_received, info.received_at.to_rfc3339())
        .row(t.row_state, stats::state_words(info.state))
        .row(t.row_attempts, (t.attempts_of)(info.attempts, info.generation))
        .optional(t.row_due, info.due_at.map(|due| due.to_rfc3339()))
        .optional(text().rows.reason, info.reason.as_deref().map(scrub))
        .optional(text().rows.transaction, operation(event).map(printable))
        .row(t.row_body, size.unwrap_or_else(|| t.purged.to_owned()))
        .optional(t.row_query, query.map(printable))
        .print()?;
    match body {
        Some(body) => output::result(&format!("\n{}\n", body.trim_end())),
        None => Ok(()),
    }
}

fn operation(event: &StoredEvent) -> Option<&str> {
    event.operations.iter().find(|id| is_public(id)).map(|id| id.value())
}

/// Returns what was received, without what would move the cursor of a terminal.
fn body(event: &StoredEvent) -> Option<String> {
    event.content.as_ref()?;
    let body = String::from_utf8_lossy(event.payload().expose()).into_owned();
    let lines: Vec<_> = body.lines().map(output::visible).collect();
    Some(lines.join("\n"))
}
