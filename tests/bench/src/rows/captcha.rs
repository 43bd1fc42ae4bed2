//! The frames of a liveness check, from bytes in memory to the request body.

use std::sync::{Arc, Mutex, PoisonError};

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use certiface::kyc_core::{Body, Media, Transport, TransportError};
use certiface::{Appkey, Client, JourneyState, Liveness, LivenessResponse};
use url::form_urlencoded;

use super::{Bound, Comparison, Part, Quantity, Row};
use crate::meter::{Pairs, compare, on_one_thread};
use crate::pictures::jpeg;
use crate::stub::{Stub, certiface, documented, take};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "captcha",
    method: "\
Ten JPEGs of 150 kB, five for each of two challenges, from bytes in memory to the decoded verdict: 200 turns. There is no network: a transport in the same process reads the body to its end, counts
it and responds. *Ours* is `Client::resume` of a stored journey, `Media::new` and `Journey::captcha`, with all checks of the
frames. *Straightforward* builds the string of all records, encrypts it with `cbc` and `aes`, encodes it with the `base64`
crate's standard engine, escapes it with `str::replace` and once more, as a field of the form, with `url::form_urlencoded`; it
checks nothing. Before the clock starts both bodies are compared: they are equal byte for byte. Both sides use the AES of the
processor, where each block depends on the one before it: that part costs both the same.",
    rows: &[Row {
        what: "Captcha of ten 150 kB frames: user + system, vs. straightforward",
        quantity: Quantity::Cpu,
        bound: Bound::Ratio(1.0 / 3.0),
    }],
    measure,
};

const FRAME: usize = 150_000;
const CHALLENGES: usize = 2;
const FRAMES_OF_EACH: usize = 5;
const TURNS: usize = 200;

/// As long as the vendor's, with an invalid signature.
const APPKEY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UiLCJjcGYiOiI1Mjk5ODIyNDcyNSJ9.\
                      WdoUN2LA7Ved3DyrXL3NIT2J1Qq10A8enQeygiZPeek";

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let scene = Scene::new().await?;
        scene.check_that_both_sides_send_the_same_body().await?;
        let stub = Stub { answer: documented("captcha-approved-200")?.into() };
        let client = certiface(stub.clone())?;
        let ours = async || scene.send(&client).await;
        let straightforward = async || scene.send_straightforwardly(&stub).await;
        compare(part, TURNS, ours, straightforward).await
    })
}

/// The state before the clock starts.
struct Scene {
    frames: [Vec<Bytes>; CHALLENGES],
    /// A journey with a challenge that has no frames yet.
    journey: JourneyState,
    chkey: String,
    codes: Vec<String>,
}

impl Scene {
    async fn new() -> Result<Self> {
        let mut challenge: serde_json::Value = serde_json::from_str(documented("challenge-200")?)?;
        challenge["snapNumber"] = FRAMES_OF_EACH.into();
        let client = certiface(Stub { answer: challenge.to_string().into() })?;
        let mut journey = client.resume(JourneyState::from_appkey(Appkey::new(APPKEY)));
        journey.challenge().await?;
        let code = |place: usize| &challenge["challenges"][place]["tipoFace"]["codigo"];
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let frame = |place| jpeg(FRAME, 2 * place as u64 + 1);
        Ok(Self {
            frames: std::array::from_fn(|challenge| {
                (0..FRAMES_OF_EACH).map(|place| frame(challenge * FRAMES_OF_EACH + place)).collect()
            }),
            journey: journey.state().clone(),
            chkey: text(&challenge["chkey"]).context("no key in the challenge")?,
            codes: (0..CHALLENGES)
                .map(|place| text(code(place)).context("no code"))
                .collect::<Result<_>>()?,
        })
    }

    async fn send(&self, client: &Client) -> Result<()> {
        let media = |frames: &Vec<Bytes>| frames.iter().cloned().map(Media::new).collect();
        let frames: Vec<Vec<Media>> = self.frames.iter().map(media).collect::<Result<_, _>>()?;
        let verdict = client.resume(self.journey.clone()).captcha(&frames).await?;
        ensure!(verdict.value().outcome() == Liveness::Approved, "the verdict was not read");
        Ok(())
    }

    async fn send_straightforwardly(&self, transport: &impl Transport) -> Result<()> {
        let body = Body::full("application/x-www-form-urlencoded", self.form()?);
        let mut request = http::Request::new(body);
        *request.method_mut() = http::Method::POST;
        let answer = transport.send(request, usize::MAX).await?;
        let verdict: LivenessResponse = serde_json::from_slice(answer.body())?;
        ensure!(verdict.outcome() == Liveness::Approved, "the verdict was not read");
        Ok(())
    }

    fn form(&self) -> Result<String> {
        let mut images = String::new();
        for (code, frames) in self.codes.iter().zip(&self.frames) {
            for frame in frames {
                images.push_str("data:image/jpeg;base64,type:");
                images.push_str(code);
                images.push(',');
                images.push_str(&STANDARD.encode(frame));
            }
        }
        images.push_str(&" ".repeat(16 - images.len() % 16));
        let key = APPKEY.as_bytes().first_chunk::<16>().context("the key is too short")?;
        let mut iv = *APPKEY.as_bytes().last_chunk::<16>().context("the key is too short")?;
        iv.reverse();
        let encryptor = cbc::Encryptor::<aes::Aes128>::new(key.into(), &iv.into());
        let encrypted = encryptor.encrypt_padded_vec::<Pkcs7>(images.as_bytes());
        let encoded = STANDARD.encode(encrypted);
        let escaped = encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("appkey", APPKEY).append_pair("chkey", &self.chkey).append_pair("images", &escaped);
        Ok(form.finish())
    }

    async fn check_that_both_sides_send_the_same_body(&self) -> Result<()> {
        let recorder = Recorder::default();
        self.send(&certiface(recorder.clone())?).await?;
        self.send_straightforwardly(&recorder).await?;
        let bodies = recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(bodies.len() == 2 && bodies[0] == bodies[1], "the sides send different bodies");
        Ok(())
    }
}

/// Records every body.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<Vec<u8>>>>);

#[async_trait]
impl Transport for Recorder {
    async fn send(
        &self,
        request: http::Request<Body>,
        _: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let mut whole = Vec::new();
        take(request.into_body(), |piece| whole.extend_from_slice(piece)).await?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(whole);
        Ok(http::Response::new(Bytes::from_static(br#"{"valid":true,"codID":200.0}"#)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_sides_send_the_same_body() {
        Scene::new().await.unwrap().check_that_both_sides_send_the_same_body().await.unwrap();
    }
}
