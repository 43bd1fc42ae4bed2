//! Many concurrent uploads.

use std::time::Duration;

use anyhow::Result;
use bytes::Bytes;
use clearsale_facematch::kyc_core::ClientOptions;
use clearsale_facematch::{Client, Credentials};
use tokio::task::JoinSet;

use super::Comparison;
use super::upload::{upload, upload_by_hand};
use crate::by_hand::ByHand;
use crate::meter::resident;
use crate::page::{Row, Unit};
use crate::pictures::jpeg;
use crate::samples::Samples;
use crate::stage::{Binary, Part, Stage};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "in-flight",
    method: "\
256 concurrent uploads of two 2 MB images each, all of the same two images in memory, on a runtime with a thread for each
core. Each side has a new process and a new server. The server reads no body before the heads of all 256 have arrived (it
waits 90 s at most, then the run fails): the network is slower than the client, as in production. Data in the sockets'
buffers belongs to the kernel and is not counted. The figure is `VmHWM` of the process, including the two images; three runs
of each side, in turns.",
    builds: false,
    conduct,
    parts: &[("ours", ours), ("by-hand", by_hand)],
};

const PICTURE: usize = 2_000_000;
const UPLOADS: usize = 256;
const RUNS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(120);

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let mut samples = Samples::default();
    for _ in 0..RUNS {
        for side in ["ours", "by-hand"] {
            let server = stage.server(UPLOADS)?;
            samples.merge(stage.part(side, Binary::Plain, Some(&server))?);
        }
    }
    Ok(vec![Row::compared(
        "in-flight",
        "256 uploads in flight of two 2 MB images: peak resident memory, vs. by hand",
        Unit::Bytes,
        samples.series("ours.resident")?,
        samples.series("by hand.resident")?,
    )?])
}

fn ours(part: &Part) -> Result<Samples> {
    let client = Client::builder(Credentials::new("user".to_owned(), "password".to_owned()))
        .base_url(part.server()?)
        .options(ClientOptions::new().attempt_timeout(PATIENCE).overall_timeout(PATIENCE))
        .build()?;
    on_all_cores(async {
        all(|pictures| {
            let client = client.clone();
            async move { upload(&client, &pictures).await }
        })
        .await
    })?;
    peak("ours.resident")
}

fn by_hand(part: &Part) -> Result<Samples> {
    on_all_cores(async {
        let client = ByHand::fetch_token(part.server()?, PATIENCE).await?;
        all(|pictures| {
            let client = client.clone();
            async move { upload_by_hand(&client, &pictures).await }
        })
        .await
    })?;
    peak("by hand.resident")
}

fn on_all_cores(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}

async fn all<F: Future<Output = Result<()>> + Send + 'static>(
    upload: impl Fn([Bytes; 2]) -> F,
) -> Result<()> {
    let pictures = [jpeg(PICTURE, 1), jpeg(PICTURE, 3)];
    let mut uploads: JoinSet<Result<()>> = (0..UPLOADS).map(|_| upload(pictures.clone())).collect();
    while let Some(outcome) = uploads.join_next().await {
        outcome??;
    }
    Ok(())
}

fn peak(series: &str) -> Result<Samples> {
    let mut samples = Samples::default();
    samples.push(series, resident()?);
    Ok(samples)
}
