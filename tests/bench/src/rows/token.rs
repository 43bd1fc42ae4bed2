//! The cost per call of a cached token.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use clearsale_facematch::kyc_core::{
    Clock as _, Error, Secret, SystemClock, Token, TokenCache, TokenProvider,
};

use super::Comparison;
use crate::meter::{now, on_one_thread};
use crate::page::{Row, Unit};
use crate::samples::Samples;
use crate::stage::{Binary, Part, Stage};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "token",
    method: "\
`TokenCache::get` with the system's clock and a token that is valid for two more hours: 50 turns of 100 000 calls after one
login. The bound applies to each turn.",
    builds: false,
    conduct,
    parts: &[("time", time)],
};

const TURNS: usize = 50;
const CALLS: u32 = 100_000;

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let samples = stage.part("time", Binary::Plain, None)?;
    let ours = samples.series("ours.wall")?;
    let row = Row::alone("token", "A fresh token from the cache: wall time of a call", Unit::Seconds, ours)?;
    Ok(vec![row.each_at_most(Unit::Seconds, ours, 1e-6)])
}

fn time(_: &Part) -> Result<Samples> {
    on_one_thread(async {
        let cache = TokenCache::new(OneLogin, "bench".into(), Duration::ZERO, Arc::new(SystemClock), None);
        cache.get().await?;
        let mut samples = Samples::default();
        for _ in 0..TURNS {
            let started = now();
            for _ in 0..CALLS {
                std::hint::black_box(cache.get().await?);
            }
            samples.push("ours.wall", started.elapsed().as_secs_f64() / f64::from(CALLS));
        }
        Ok(samples)
    })
}

#[derive(Debug)]
struct OneLogin;

#[async_trait]
impl TokenProvider for OneLogin {
    async fn fetch_token(&self) -> Result<Token, Error> {
        let obtained = SystemClock.now();
        let token = Secret::new("a token".to_owned());
        Ok(Token::new(token, obtained, obtained.saturating_add(Duration::from_secs(7_200))))
    }
}
