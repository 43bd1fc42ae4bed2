//! An image of 20 MB of a meter, from bytes in memory to its reading, as a file and as base64.

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cellere_portal::kyc_core::Media;
use cellere_portal::{Client, Credentials, MeterRequest, MeterService};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::multipart;
use serde::{Deserialize, Serialize};

use super::Comparison;
use super::upload::PATIENCE;
use crate::by_hand;
use crate::meter::{heap_in_turns, in_turns, on_one_thread};
use crate::page::{Row, Unit};
use crate::pictures::heic;
use crate::samples::Samples;
use crate::stage::{Binary, Part, Stage};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "meter-reading",
    method: "\
A HEIC of 20 MB (the headers with format and size, then noise), from bytes in memory to the decoded response of
`POST /autoleitura`: 100 turns of each side, each side first in every other pair; once as a file by multipart and once as
base64 in JSON. *Ours* is `Media::new`, `MeterRequest::file` or `MeterRequest::base64`, and `Client::meter` of
`cellere-portal`, with all checks of the image. *By hand* sends the file in the cheapest way, by `reqwest`'s own
`multipart::Form` with a file that shares the image's bytes instead of copying them; for base64 it encodes the image into a
string, serialises and sends. Both sides send the same body except for the boundary. The heap is counted as for `upload`, in
a pass of its own with 100 turns of each side; its bound applies to each reading. The time has no bound.",
    builds: false,
    conduct,
    parts: &[
        ("file-time", |part| time(part, Form::File)),
        ("file-heap", |part| heap(part, Form::File)),
        ("base64-time", |part| time(part, Form::Base64)),
        ("base64-heap", |part| heap(part, Form::Base64)),
    ],
};

const PICTURE: usize = 20_000_000;
const TURNS: usize = 100;
const WARM_UP: usize = 5;
const MAX_HEAP_BYTES: f64 = 1e6;
/// Three parts like a JWT, with an invalid signature.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.c2lnbmF0dXJl";

/// The form in which the image is sent.
#[derive(Clone, Copy, Debug)]
enum Form {
    File,
    Base64,
}

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (form, how) in [("file", "as a file"), ("base64", "as base64 in JSON")] {
        let server = stage.server(0)?;
        let mut samples = stage.part(&format!("{form}-time"), Binary::Plain, Some(&server))?;
        samples.merge(stage.part(&format!("{form}-heap"), Binary::Counting, Some(&server))?);
        let compared = |quantity, what: &str, unit| {
            let series = |side: &str| samples.series(&format!("{side}.{quantity}"));
            Row::compared(
                &format!("meter-{form}-{quantity}"),
                what,
                unit,
                series("ours")?,
                series("by hand")?,
            )
        };
        let what = format!("Meter reading from a 20 MB HEIC {how}: peak heap above the input, vs. by hand");
        let heap = compared("heap", &what, Unit::Bytes)?;
        rows.push(heap.each_at_most(Unit::Bytes, samples.series("ours.heap")?, MAX_HEAP_BYTES));
        rows.push(compared("cpu", "The same: user + system, vs. by hand", Unit::Seconds)?);
        rows.push(compared("wall", "The same: wall time, vs. by hand", Unit::Seconds)?);
    }
    Ok(rows)
}

fn time(part: &Part, form: Form) -> Result<Samples> {
    on_one_thread(async {
        let picture = heic(PICTURE, 1);
        let (ours, by_hand) = (our_client(part.server()?)?, ByHand::new(part.server()?)?);
        let ours = async || read(&ours, form, &picture).await;
        let by_hand = async || by_hand.read(form, &picture).await;
        in_turns((WARM_UP, TURNS), ("ours", ours), ("by hand", by_hand)).await
    })
}

fn heap(part: &Part, form: Form) -> Result<Samples> {
    let heap = part.heap()?;
    on_one_thread(async {
        let picture = heic(PICTURE, 1);
        let (ours, by_hand) = (our_client(part.server()?)?, ByHand::new(part.server()?)?);
        let ours = async || read(&ours, form, &picture).await;
        let by_hand = async || by_hand.read(form, &picture).await;
        heap_in_turns((heap, TURNS), ("ours", ours), ("by hand", by_hand)).await
    })
}

fn our_client(server: &str) -> Result<Client> {
    Ok(Client::builder(Credentials::new(TOKEN)).base_url(server).build()?)
}

async fn read(client: &Client, form: Form, picture: &Bytes) -> Result<()> {
    let media = Media::new(picture.clone())?;
    let request = match form {
        Form::File => MeterRequest::file(MeterService::Energy, media),
        Form::Base64 => MeterRequest::base64(MeterService::Energy, media),
    };
    let reply = client.meter(&request).await?;
    ensure!(reply.value().read_result.is_some(), "the response has no reading");
    Ok(())
}

/// The client written by hand.
struct ByHand {
    http: reqwest::Client,
    base: String,
}

#[derive(Serialize)]
struct MeterInBase64<'a> {
    service: &'a str,
    base64: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "decoded to measure the work")]
struct MeterReading {
    image: Option<String>,
    service: Option<String>,
    display_type: Option<String>,
    read_result: String,
    confidence_read: Option<f64>,
    read_id_result: Option<String>,
    id_confidence: Option<f64>,
    model_meter: Option<String>,
    meter_confidence: Option<f64>,
    power_code: Option<String>,
}

impl ByHand {
    fn new(base: &str) -> Result<Self> {
        Ok(Self { http: by_hand::http(PATIENCE).build()?, base: base.to_owned() })
    }

    async fn read(&self, form: Form, picture: &Bytes) -> Result<()> {
        let request = self
            .http
            .post(format!("{}/autoleitura", self.base))
            .bearer_auth(TOKEN)
            .header(ACCEPT, "application/json");
        let request = match form {
            Form::File => {
                let image = multipart::Part::stream(picture.clone());
                let image = image.file_name("image.heic").mime_str("image/heic")?;
                request.multipart(multipart::Form::new().text("service", "energia").part("image", image))
            }
            Form::Base64 => {
                let body = MeterInBase64 { service: "energia", base64: STANDARD.encode(picture) };
                request.header(CONTENT_TYPE, "application/json").body(serde_json::to_vec(&body)?)
            }
        };
        let answer: MeterReading = by_hand::read(request.send().await?).await?;
        ensure!(!answer.read_result.is_empty(), "the response has no reading");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kyc_fixtures::cellere_portal::METER_DIGITAL_200;

    use super::*;
    use crate::recorder::recorder;

    #[tokio::test]
    async fn both_sides_send_the_same_body() {
        let (address, bodies) = recorder("", METER_DIGITAL_200.body).await;
        let picture = heic(100_000, 1);
        for (form, piece) in [
            (Form::File, "filename=\"image.heic\"\r\nContent-Type: image/heic\r\n\r\n"),
            (Form::Base64, r#"{"service":"energia","base64":""#),
        ] {
            read(&our_client(&address).unwrap(), form, &picture).await.unwrap();
            ByHand::new(&address).unwrap().read(form, &picture).await.unwrap();
            let bodies = std::mem::take(&mut *bodies.lock().unwrap());
            assert!(bodies[0].contains(piece));
            assert_eq!(bodies[0], bodies[1]);
        }
    }
}
