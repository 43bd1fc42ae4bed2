//! A query on a warm connection.

use anyhow::{Result, ensure};
use clearsale_facematch::{Client, Credentials, TransactionId};

use super::Comparison;
use super::upload::PATIENCE;
use crate::by_hand::ByHand;
use crate::meter::{in_turns, on_one_thread};
use crate::page::{Row, Unit};
use crate::samples::Samples;
use crate::server::TRANSACTION;
use crate::stage::{Binary, Part, Stage};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "query",
    method: "\
`GET` of a transaction with a bearer token on an open connection, and its decoding: 400 turns of each side with 50 calls
each, so 20 000 calls a side, each side first in every other pair. Figures are for 50 calls, so that background work of a
call hardly reaches the other side's turn.",
    builds: false,
    conduct,
    parts: &[("time", time)],
};

const TURNS: usize = 400;
const WARM_UP: usize = 10;
const CALLS: usize = 50;

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let server = stage.server(0)?;
    let samples = stage.part("time", Binary::Plain, Some(&server))?;
    let series = |name| samples.series(name);
    Ok(vec![
        Row::ratio(
            "query-cpu",
            "50 queries on a warm connection: user + system, vs. by hand",
            Unit::Seconds,
            series("ours.cpu")?,
            series("by hand.cpu")?,
            1.10,
        )?,
        Row::compared(
            "query-wall",
            "The same: wall time, vs. by hand",
            Unit::Seconds,
            series("ours.wall")?,
            series("by hand.wall")?,
        )?,
    ])
}

fn time(part: &Part) -> Result<Samples> {
    on_one_thread(async {
        let ours = Client::builder(Credentials::new("user".to_owned(), "password".to_owned()))
            .base_url(part.server()?)
            .build()?;
        let by_hand = ByHand::fetch_token(part.server()?, PATIENCE).await?;
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
        let ours = async || call(true).await;
        let by_hand = async || call(false).await;
        in_turns((WARM_UP, TURNS), ("ours", ours), ("by hand", by_hand)).await
    })
}
