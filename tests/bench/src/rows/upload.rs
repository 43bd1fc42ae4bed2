//! Two images of 4 MB each, from bytes in memory to the vendor's response.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use bytes::Bytes;
use clearsale_facematch::kyc_core::{Cpf, Media};
use clearsale_facematch::{Client, Credentials, MatchRequest};

use super::Comparison;
use crate::by_hand::ByHand;
use crate::meter::{heap_in_turns, on_one_thread, timed};
use crate::page::{Row, Unit};
use crate::pictures::jpeg;
use crate::samples::Samples;
use crate::stage::{Binary, Part, Stage};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "upload",
    method: "\
Two JPEGs of 4 MB each (a JPEG's headers and end around noise), from bytes in memory to the decoded response: 99 turns of
each of three sides, each side first in every third. *Ours* is `Media::new`, `MatchRequest::new` and
`Client::match2d_2d`, with all checks of the images. *By hand* encodes both into strings, serialises and sends. *Floor*
encodes both images one after the other into one reused buffer, as large as one encoded image, with the engine that we use
(`base64::engine::Simd`), and sends a body of the same length prepared before the clock starts. The heap is counted in a
pass of its own by a counting allocator: the peak during a call above the bytes allocated before it, which include images,
client and connection; its bound applies to each of 20 calls.",
    builds: false,
    conduct,
    parts: &[("time", time), ("heap", heap)],
};

const PICTURE: usize = 4_000_000;
const TURNS: usize = 99;
const HEAP_TURNS: usize = 20;
const WARM_UP: usize = 5;

pub(super) const REFERENCE: &str = "order-2026-000017";
pub(super) const CPF: &str = "52998224725";
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let server = stage.server(0)?;
    let mut samples = stage.part("time", Binary::Plain, Some(&server))?;
    samples.merge(stage.part("heap", Binary::Counting, Some(&server))?);
    let series = |side: &str, quantity: &str| samples.series(&format!("{side}.{quantity}"));
    let mut rows = Vec::new();
    let (ours, by_hand) = (series("ours", "heap")?, series("by hand", "heap")?);
    let what = "Upload of two 4 MB images: peak heap above the input, vs. by hand";
    let row = Row::compared("upload-heap", what, Unit::Bytes, ours, by_hand)?;
    rows.push(row.each_at_most(Unit::Bytes, ours, 1e6));
    for (side, bound) in [("by hand", 0.35), ("floor", 1.15)] {
        for (clock, label) in [("wall", "wall time"), ("cpu", "user + system")] {
            rows.push(Row::ratio(
                &format!("upload-{clock}-{}", side.replace(' ', "-")),
                &format!("The same: {label}, vs. {side}"),
                Unit::Seconds,
                series("ours", clock)?,
                series(side, clock)?,
                bound,
            )?);
        }
    }
    Ok(rows)
}

fn time(part: &Part) -> Result<Samples> {
    on_one_thread(async {
        let pictures = [jpeg(PICTURE, 1), jpeg(PICTURE, 3)];
        let ours = our_client(part.server()?)?;
        let by_hand = ByHand::fetch_token(part.server()?, PATIENCE).await?;
        let mut floor = Floor::new(by_hand.clone(), &pictures);
        let mut samples = Samples::default();
        for turn in 0..WARM_UP + TURNS {
            if turn == WARM_UP {
                samples = Samples::default();
            }
            for place in 0..3 {
                match (turn + place) % 3 {
                    0 => timed(&mut samples, "ours", upload(&ours, &pictures)).await?,
                    1 => timed(&mut samples, "by hand", upload_by_hand(&by_hand, &pictures)).await?,
                    _ => timed(&mut samples, "floor", floor.upload(&pictures)).await?,
                }
            }
        }
        Ok(samples)
    })
}

fn heap(part: &Part) -> Result<Samples> {
    let heap = part.heap()?;
    on_one_thread(async {
        let pictures = [jpeg(PICTURE, 1), jpeg(PICTURE, 3)];
        let ours = our_client(part.server()?)?;
        let by_hand = ByHand::fetch_token(part.server()?, PATIENCE).await?;
        let ours = async || upload(&ours, &pictures).await;
        let by_hand = async || upload_by_hand(&by_hand, &pictures).await;
        heap_in_turns((heap, HEAP_TURNS), ("ours", ours), ("by hand", by_hand)).await
    })
}

fn our_client(server: &str) -> Result<Client> {
    Ok(Client::builder(Credentials::new("user".to_owned(), "password".to_owned()))
        .base_url(server)
        .build()?)
}

pub(super) async fn upload(client: &Client, pictures: &[Bytes; 2]) -> Result<()> {
    let [first, second] = pictures.clone();
    let request = MatchRequest::new(Media::new(first)?, Media::new(second)?)
        .with_identifier_id(REFERENCE)
        .with_cpf(Cpf::parse(CPF)?);
    let reply = client.match2d_2d(&request).await?;
    ensure!(!reply.value().transaction_id.as_str().is_empty(), "the response has no id");
    Ok(())
}

pub(super) async fn upload_by_hand(client: &ByHand, [first, second]: &[Bytes; 2]) -> Result<()> {
    let answer = client.match2d_2d(REFERENCE, CPF, first, second).await?;
    ensure!(!answer.transaction_id.is_empty(), "the response has no id");
    Ok(())
}

/// The lower bound of the cost of an upload over the same HTTP client.
struct Floor {
    client: ByHand,
    ready: Bytes,
    encoded: Vec<u8>,
}

impl Floor {
    fn new(client: ByHand, pictures: &[Bytes; 2]) -> Self {
        let around =
            format!(r#"{{"identifierId":"{REFERENCE}","cpf":"{CPF}","image0":"","image1":""}}"#).len();
        let encoded: usize = pictures.iter().map(encoded_length).sum();
        let longest = pictures.iter().map(encoded_length).max().unwrap_or(0);
        Self { client, ready: vec![b'A'; around + encoded].into(), encoded: vec![0; longest] }
    }

    async fn upload(&mut self, pictures: &[Bytes; 2]) -> Result<()> {
        for picture in pictures {
            let written =
                engine().encode_slice(picture, &mut self.encoded).context("the buffer is too small")?;
            ensure!(written == encoded_length(std::hint::black_box(picture)), "not all was encoded");
            std::hint::black_box(&self.encoded);
        }
        self.client.upload(self.ready.clone()).await?;
        Ok(())
    }
}

fn encoded_length(picture: &Bytes) -> usize {
    picture.len().div_ceil(3) * 4
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn engine() -> impl base64::Engine {
    base64::engine::Simd::standard(base64::engine::general_purpose::PAD)
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn engine() -> impl base64::Engine {
    base64::engine::general_purpose::STANDARD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::recorder;

    #[tokio::test]
    async fn both_sides_send_the_same_body() {
        let token = r#"{"access_token":"t","expires_in":"60"}"#;
        let answer = r#"{"transactionId":"c2a6b5c4-7650-4676-8322-b85c5e0357c1"}"#;
        let (address, bodies) = recorder(token, answer).await;
        let pictures = [jpeg(100_000, 1), jpeg(100_001, 3)];
        upload(&our_client(&address).unwrap(), &pictures).await.unwrap();
        let by_hand = ByHand::fetch_token(&address, PATIENCE).await.unwrap();
        upload_by_hand(&by_hand, &pictures).await.unwrap();
        Floor::new(by_hand, &pictures).upload(&pictures).await.unwrap();
        let bodies = bodies.lock().unwrap();
        assert_eq!(bodies[0], bodies[1]);
        assert_eq!(bodies[1].len(), bodies[2].len());
    }
}
