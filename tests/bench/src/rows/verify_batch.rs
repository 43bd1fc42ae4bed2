//! Many persons through a verification, against a loop of the same calls that records nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use clearsale_facematch::Client;
use kyc_verify::Verification;

use super::verify_step::{applicant, client, request, verification, verify};
use super::webhook_inbox::{folder, on_two_threads};
use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, Turn, compare_turns};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "verify-batch",
    method: "\
16 callers verify 12 persons each, one after another, with ClearSale's comparison of two JPEGs of 50 kB: 12 turns of each side, on
two threads, by elapsed time. *Ours* is `Verification::verify` over a `SqliteStore` on the disk of the target folder, encrypted: it
keeps the pictures, intents, answers and decisions. *By hand* uploads and queries with the same client, and keeps nothing. P50 is
that of one person.",
    rows: &[
        Row {
            what: "192 persons by 16 callers, durable: time, vs. a loop that keeps nothing",
            quantity: Quantity::Time,
            bound: Bound::Shown,
        },
        Row { what: "The same: p50 of a person", quantity: Quantity::P50, bound: Bound::Shown },
    ],
    measure,
};

const CALLERS: usize = 16;
const PERSONS: usize = 12;
const TURNS: usize = 12;

fn measure(part: &Part) -> Result<Pairs> {
    on_two_threads(async {
        let folder = folder()?;
        let verification = verification(&part.server, folder.path())?.build();
        let client = Arc::new(client(&part.server)?);
        let next = Arc::new(AtomicUsize::new(0));
        let ours = async || ours(&verification, &next).await;
        let theirs = async || by_hand(&client).await;
        compare_turns(part, TURNS, ours, theirs).await
    })
}

async fn ours(verification: &Verification, next: &Arc<AtomicUsize>) -> Result<Turn> {
    let (verification, next) = (verification.clone(), Arc::clone(next));
    Turn::of(CALLERS, PERSONS, move |_, _| {
        let (verification, number) = (verification.clone(), next.fetch_add(1, Ordering::Relaxed));
        async move { verify(&verification, number).await }
    })
    .await
}

async fn by_hand(client: &Arc<Client>) -> Result<Turn> {
    let client = Arc::clone(client);
    Turn::of(CALLERS, PERSONS, move |caller, number| {
        let client = Arc::clone(&client);
        async move {
            let applicant = applicant(caller * PERSONS + number)?;
            let started = client.match2d_2d(&request(&applicant)?).await?.into_inner();
            let transaction = client.transaction(&started.transaction_id).await?;
            ensure!(transaction.value().is_match.is_some(), "the response has no verdict");
            Ok(())
        }
    })
    .await
}
