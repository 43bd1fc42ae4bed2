//! `kyc inbox purge` and `kyc inbox forget`: what is deleted, and what stays.

use std::time::Duration;

use kyc_webhook::Inbox as _;
use serde::Serialize;

use super::Common;
use super::select::{before_now, span};
use crate::failure::Failure;
use crate::input;
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{self, Rows, scrub};
use crate::store;

#[derive(Debug, clap::Args)]
pub(super) struct PurgeArgs {
    #[arg(long, value_name = "SPAN", required = true, value_parser = span, help = text().inbox_help.older_than)]
    older_than: Duration,
    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, clap::Args)]
pub(super) struct ForgetArgs {
    #[arg(long, required = true, help = text().inbox_help.cpf)]
    cpf: String,
    #[command(flatten)]
    pub(super) common: Common,
}

/// A purge in `--json`.
#[derive(Serialize)]
struct Purged {
    deleted: u64,
    kept_for_cases: u64,
    kept_open: u64,
}

/// What was forgotten, in `--json`.
#[derive(Serialize)]
struct Forgotten {
    deleted: u64,
    kept: Vec<Kept>,
}

#[derive(Serialize)]
struct Kept {
    id: String,
    case: String,
}

pub(super) async fn purge(args: PurgeArgs) -> Result<Outcome, Failure> {
    let inbox = args.common.open()?;
    let purged = inbox.purge(before_now(args.older_than)).await.map_err(store::failed)?;
    if args.common.json {
        let (deleted, kept_for_cases, kept_open) = (purged.events, purged.cited, purged.open);
        output::json(Outcome::Yes, &Purged { deleted, kept_for_cases, kept_open })?;
        return Ok(Outcome::Yes);
    }
    let t = &text().inbox;
    let kept = |number: u64, words: fn(u64) -> String| (number > 0).then(|| words(number));
    Rows::default()
        .headline(Outcome::Yes, t.deleted, (t.deleted_content)(purged.events))
        .optional(t.row_kept, kept(purged.cited, t.kept_for_cases))
        .optional(t.row_kept, kept(purged.open, t.kept_open))
        .print()?;
    Ok(Outcome::Yes)
}

pub(super) async fn forget(args: ForgetArgs) -> Result<Outcome, Failure> {
    let cpf = input::cpf("--cpf", &args.cpf)?;
    let inbox = args.common.open()?;
    let forgotten = inbox.forget(&cpf).await.map_err(store::failed)?;
    let kept = forgotten.kept_for.iter().map(|(id, case)| Kept { id: id.to_string(), case: scrub(case) });
    let report = Forgotten { deleted: forgotten.events, kept: kept.collect() };
    if args.common.json {
        output::json(Outcome::Yes, &report)?;
        return Ok(Outcome::Yes);
    }
    let t = &text().inbox;
    let rows = Rows::default().headline(Outcome::Yes, t.deleted, (t.deleted_content)(report.deleted));
    let row = |rows: Rows, kept: &Kept| rows.row(t.row_kept, (t.kept_for_case)(&kept.id, &kept.case));
    report.kept.iter().fold(rows, row).print()?;
    Ok(Outcome::Yes)
}
