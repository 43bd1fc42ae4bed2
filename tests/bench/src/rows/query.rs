//! A query on a warm connection.

use anyhow::{Result, ensure};
use clearsale_facematch::TransactionId;

use super::upload::{PATIENCE, our_client};
use super::{Bound, Comparison, Part, Quantity, Row};
use crate::by_hand::ByHand;
use crate::meter::{Pairs, compare, on_one_thread};
use crate::server::TRANSACTION;

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "query",
    method: "\
`GET` of a transaction with a bearer token on an open connection, and its decoding: 400 turns of each side with 50 calls
each, so 20 000 calls a side. Figures are for 50 calls, so that background work of a call hardly reaches the other side's
turn. *Ours* takes its token from the cache for each call.",
    rows: &[Row {
        what: "50 queries on a warm connection: user + system, vs. by hand",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.10),
    }],
    measure,
};

const TURNS: usize = 400;
const CALLS: usize = 50;

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let ours = our_client(&part.server)?;
        let by_hand = ByHand::fetch_token(&part.server, PATIENCE).await?;
        let id = TransactionId::new(TRANSACTION);
        let call = async |is_ours: bool| {
            for _ in 0..CALLS {
                let has_verdict = if is_ours {
                    std::hint::black_box(&ours.transaction(&id).await?).value().is_match.is_some()
                } else {
                    std::hint::black_box(&by_hand.transaction(TRANSACTION).await?).is_match.is_some()
                };
                ensure!(has_verdict, "the response has no verdict");
            }
            Ok(())
        };
        compare(part, TURNS, async || call(true).await, async || call(false).await).await
    })
}
