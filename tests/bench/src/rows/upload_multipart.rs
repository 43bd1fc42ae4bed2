//! An image of 1 MB by multipart, from bytes in memory to the vendor's response.

use std::time::Duration;

use anyhow::{Result, ensure};
use bankly_kyc::kyc_core::{ClientOptions, Cpf, Limiter, Media};
use bankly_kyc::{Client, Credentials, Upload};
use bytes::Bytes;
use reqwest::multipart;
use serde::Deserialize;

use super::upload::{CPF, PATIENCE};
use super::{Bound, Comparison, Part, Quantity, Row};
use crate::by_hand;
use crate::meter::{Pairs, compare, on_one_thread};
use crate::pictures::jpeg;

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "upload-multipart",
    method: "\
A JPEG of 999 999 bytes, from bytes in memory to the decoded response of `PUT /document-analysis/{cpf}`: 500 turns. *Ours* is
`Media::new`, `Upload::selfie` and `Client::upload` of `bankly-kyc`, with all checks of the image, a token from the cache, a
new id for the request and a limiter that is never full. *By hand* uses the cheapest way, `reqwest`'s own `multipart::Form`
with a file that shares the image's bytes instead of copying them; its bearer token is a prepared string. Both send the same
body except for the boundary. The bound of the heap is 256 KiB: the image is never copied.",
    rows: &[
        Row {
            what: "Upload of a 1 MB image by multipart: peak heap above the input, vs. by hand",
            quantity: Quantity::Heap,
            bound: Bound::Each(256.0 * 1024.0),
        },
        Row { what: "The same: user + system, vs. by hand", quantity: Quantity::Cpu, bound: Bound::Ratio(1.15) },
    ],
    measure,
};

/// The vendor's limit is a million bytes.
const PICTURE: usize = 999_999;
const TURNS: usize = 500;

fn measure(part: &Part) -> Result<Pairs> {
    on_one_thread(async {
        let picture = jpeg(PICTURE, 1);
        let ours = our_client(&part.server)?;
        let by_hand = ByHand::fetch_token(&part.server).await?;
        let ours = async || upload(&ours, &picture).await;
        let by_hand = async || by_hand.upload(&picture).await;
        compare(part, TURNS, ours, by_hand).await
    })
}

fn our_client(server: &str) -> Result<Client> {
    // The vendor's rate limit would make the benchmark wait.
    let limiter = Limiter::new(1_000_000, Duration::from_secs(1));
    let builder = Client::builder(Credentials::by_secret("client-id".to_owned(), "client-secret".to_owned()))
        .base_url(server)
        .auth_url(server)
        .options(ClientOptions::new().limiter(limiter));
    Ok(builder.build()?)
}

async fn upload(client: &Client, picture: &Bytes) -> Result<()> {
    let upload = Upload::selfie(Media::new(picture.clone())?);
    let reply = client.upload(&Cpf::parse(CPF)?, &upload).await?;
    ensure!(reply.value().token.is_some(), "the response has no token");
    Ok(())
}

/// The client written by hand.
struct ByHand {
    http: reqwest::Client,
    base: String,
    token: String,
}

#[derive(Deserialize)]
struct LoginResponse {
    access_token: String,
}

#[derive(Deserialize)]
struct UploadResponse {
    token: String,
}

impl ByHand {
    async fn fetch_token(base: &str) -> Result<Self> {
        let http = by_hand::http(PATIENCE).build()?;
        let response = http
            .post(format!("{base}/connect/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials&client_id=client-id&scope=kyc.document.write")
            .send()
            .await?;
        let answer: LoginResponse = by_hand::read(response).await?;
        Ok(Self { http, base: base.to_owned(), token: answer.access_token })
    }

    async fn upload(&self, picture: &Bytes) -> Result<()> {
        let image =
            multipart::Part::stream(picture.clone()).file_name("image.jpeg").mime_str("image/jpeg")?;
        let form = multipart::Form::new()
            .text("documentType", "SELFIE")
            .text("documentSide", "FRONT")
            .part("image", image);
        let response = self
            .http
            .put(format!("{}/document-analysis/{CPF}", self.base))
            .bearer_auth(&self.token)
            .header("accept", "application/json")
            .header("api-version", "1")
            .multipart(form)
            .send()
            .await?;
        let answer: UploadResponse = by_hand::read(response).await?;
        ensure!(!answer.token.is_empty(), "the response has no token");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::bodies_sent;

    #[tokio::test]
    async fn both_sides_send_the_same_body() {
        let answer = r#"{"access_token":"t","expires_in":60,"token":"T"}"#;
        let [ours, theirs] = bodies_sent(answer, async |address| {
            let picture = jpeg(100_000, 1);
            upload(&our_client(&address).unwrap(), &picture).await.unwrap();
            ByHand::fetch_token(&address).await.unwrap().upload(&picture).await.unwrap();
        })
        .await;
        assert!(ours.contains("\r\n\r\nSELFIE\r\n--B\r\n"));
        assert_eq!(ours, theirs);
    }
}
