//! `kyc inbox stats`: how many events there are, by state.

use kyc_webhook::{EventState, Inbox as _};
use serde::Serialize;

use super::Common;
use crate::failure::Failure;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows};
use crate::store;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) common: Common,
}

/// The numbers in `--json`.
#[derive(Serialize)]
struct Report {
    new: u64,
    retrying: u64,
    done: u64,
    dead: u64,
    unexpected: u64,
    oldest_due_seconds: Option<u64>,
}

pub(super) async fn run(args: Args) -> Result<Outcome, Failure> {
    let stats = args.common.open()?.stats().await.map_err(store::failed)?;
    if args.common.json {
        let report = Report {
            new: stats.new,
            retrying: stats.retrying,
            done: stats.done,
            dead: stats.dead,
            unexpected: stats.unexpected,
            oldest_due_seconds: stats.oldest_due.map(|due| due.as_secs()),
        };
        output::json(Outcome::Yes, &report)?;
        return Ok(Outcome::Yes);
    }
    let t = &text().inbox;
    let numbers = [
        (EventState::New, stats.new),
        (EventState::Retrying, stats.retrying),
        (EventState::Done, stats.done),
        (EventState::Dead, stats.dead),
        (EventState::Unexpected, stats.unexpected),
    ];
    let rows = numbers
        .iter()
        .fold(Rows::default(), |rows, (state, number)| rows.row(state_words(*state), number.to_string()));
    rows.optional(t.row_oldest, stats.oldest_due.map(|due| (t.oldest)(due.as_secs()))).print()?;
    Ok(Outcome::Yes)
}

pub(super) fn state_words(state: EventState) -> &'static str {
    let t = &text().inbox;
    match state {
        EventState::New => t.state_new,
        EventState::Retrying => t.state_retrying,
        EventState::Done => t.state_done,
        EventState::Dead => t.state_dead,
        EventState::Unexpected => t.state_unexpected,
        other => other.as_str(),
    }
}
