//! An image of 1 MB by multipart, from bytes in memory to the vendor's response, without TLS and with mutual TLS.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use bankly_kyc::kyc_core::{ClientCertificate, ClientOptions, Cpf, Limiter, Media};
use bankly_kyc::{Client, Credentials, Upload};
use bytes::Bytes;
use reqwest::multipart::{Form, Part as FormPart};
use serde::Deserialize;

use super::Comparison;
use super::upload::{CPF, PATIENCE};
use crate::meter::{heap_in_turns, in_turns, on_one_thread};
use crate::page::{Row, Unit};
use crate::pictures::jpeg;
use crate::samples::Samples;
use crate::stage::{Binary, Part, Stage};
use crate::{by_hand, certificates};

pub(crate) const COMPARISON: Comparison = Comparison {
    name: "upload-multipart",
    method: "\
A JPEG of 999 999 bytes, from bytes in memory to the decoded response of `PUT /document-analysis/{cpf}`: 500 turns of each
side, each side first in every other pair; once without TLS and once with mutual TLS, where the server requires a certificate
of an authority created for the run. Both sides use HTTP/1.1 and the same TLS: `rustls`, version 1.3, AES-256-GCM of aws-lc;
both present the same certificate and verify the server's. *Ours* is `Media::new`, `Upload::selfie` and `Client::upload` of
`bankly-kyc`, with all checks of the image, a token from the cache, a new id for the request and a limiter that is never
full. *By hand* uses the cheapest way, `reqwest`'s own `multipart::Form` with a file that shares the image's bytes instead of
copying them; its bearer token is a prepared string. Both send the same body except for the boundary. The heap is counted as
for `upload`, in a pass of its own with 500 turns of each side; its bound, 256 KiB, applies to each upload. Memory that
aws-lc allocates from the C library is not counted.",
    builds: false,
    conduct,
    parts: &[("time", time), ("heap", heap)],
};

/// The vendor's limit is a million bytes.
const PICTURE: usize = 999_999;
const TURNS: usize = 500;
const WARM_UP: usize = 10;
const MAX_HEAP_BYTES: f64 = 256.0 * 1024.0;
const MAX_TIME_RATIO: f64 = 1.15;

fn conduct(stage: &Stage<'_>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (name, how) in [("plain", "without TLS"), ("mtls", "with mutual TLS")] {
        let server = if name == "mtls" { stage.server_by_certificate()? } else { stage.server(0)? };
        let mut samples = stage.part("time", Binary::Plain, Some(&server))?;
        samples.merge(stage.part("heap", Binary::Counting, Some(&server))?);
        let series = |side: &str, quantity: &str| samples.series(&format!("{side}.{quantity}"));
        let (ours, by_hand) = (series("ours", "heap")?, series("by hand", "heap")?);
        let what = format!("Upload of a 1 MB image {how}: peak heap above the input, vs. by hand");
        let row = Row::compared(&format!("multipart-{name}-heap"), &what, Unit::Bytes, ours, by_hand)?;
        rows.push(row.each_at_most(Unit::Bytes, ours, MAX_HEAP_BYTES));
        rows.push(Row::ratio(
            &format!("multipart-{name}-cpu"),
            "The same: user + system, vs. by hand",
            Unit::Seconds,
            series("ours", "cpu")?,
            series("by hand", "cpu")?,
            MAX_TIME_RATIO,
        )?);
        rows.push(Row::compared(
            &format!("multipart-{name}-wall"),
            "The same: wall time, vs. by hand",
            Unit::Seconds,
            series("ours", "wall")?,
            series("by hand", "wall")?,
        )?);
    }
    Ok(rows)
}

fn time(part: &Part) -> Result<Samples> {
    on_one_thread(async {
        let picture = jpeg(PICTURE, 1);
        let ours = our_client(part.server()?, part.certificates.as_deref())?;
        let by_hand = ByHand::fetch_token(part.server()?, part.certificates.as_deref()).await?;
        let ours = async || upload(&ours, &picture).await;
        let by_hand = async || by_hand.upload(&picture).await;
        in_turns((WARM_UP, TURNS), ("ours", ours), ("by hand", by_hand)).await
    })
}

fn heap(part: &Part) -> Result<Samples> {
    let heap = part.heap()?;
    on_one_thread(async {
        let picture = jpeg(PICTURE, 1);
        let ours = our_client(part.server()?, part.certificates.as_deref())?;
        let by_hand = ByHand::fetch_token(part.server()?, part.certificates.as_deref()).await?;
        let ours = async || upload(&ours, &picture).await;
        let by_hand = async || by_hand.upload(&picture).await;
        heap_in_turns((heap, TURNS), ("ours", ours), ("by hand", by_hand)).await
    })
}

fn our_client(server: &str, certificates: Option<&Path>) -> Result<Client> {
    let credentials = match certificates {
        Some(_) => Credentials::by_certificate("client-id".to_owned()),
        None => Credentials::by_secret("client-id".to_owned(), "client-secret".to_owned()),
    };
    // The vendor's rate limit would make the benchmark wait.
    let limiter = Limiter::new(1_000_000, Duration::from_secs(1));
    let mut builder = Client::builder(credentials)
        .base_url(server)
        .auth_url(server)
        .options(ClientOptions::new().limiter(limiter));
    if let Some(folder) = certificates {
        let found = certificates::client(folder)?;
        let certificate = ClientCertificate::from_pem(found.certificate, found.key)?;
        builder = builder.certificate(certificate.with_authority(found.authority)?);
    }
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
    async fn fetch_token(base: &str, certificates: Option<&Path>) -> Result<Self> {
        let mut http = by_hand::http(PATIENCE);
        if let Some(folder) = certificates {
            let found = certificates::client(folder)?;
            let both = format!("{}\n{}", found.key, found.certificate);
            http = http
                .identity(reqwest::Identity::from_pem(both.as_bytes())?)
                .tls_certs_merge([reqwest::Certificate::from_pem(found.authority.as_bytes())?]);
        }
        let http = http.build()?;
        let response = http
            .post(format!("{base}/oauth2/token"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials&client_id=client-id&scope=kyc.document.write")
            .send()
            .await?;
        let answer: LoginResponse = by_hand::read(response).await?;
        Ok(Self { http, base: base.to_owned(), token: answer.access_token })
    }

    async fn upload(&self, picture: &Bytes) -> Result<()> {
        let image = FormPart::stream(picture.clone()).file_name("image.jpeg").mime_str("image/jpeg")?;
        let form =
            Form::new().text("documentType", "SELFIE").text("documentSide", "FRONT").part("image", image);
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
    use tokio::net::TcpListener;

    use super::*;
    use crate::recorder::recorder;
    use crate::server::listen;

    #[tokio::test]
    async fn both_sides_send_the_same_body() {
        let token = r#"{"access_token":"t","expires_in":60}"#;
        let (address, bodies) = recorder(token, r#"{"token":"T"}"#).await;
        let picture = jpeg(100_000, 1);
        upload(&our_client(&address, None).unwrap(), &picture).await.unwrap();
        ByHand::fetch_token(&address, None).await.unwrap().upload(&picture).await.unwrap();
        let bodies = bodies.lock().unwrap();
        assert!(bodies[0].contains("\r\n\r\nSELFIE\r\n--B\r\n"));
        assert_eq!(bodies[0], bodies[1]);
    }

    #[tokio::test]
    async fn only_a_client_with_a_certificate_is_served() {
        let folder = tempfile::tempdir().unwrap();
        certificates::make(folder.path()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("https://{}", listener.local_addr().unwrap());
        let path = folder.path().to_owned();
        tokio::spawn(async move { listen(listener, 0, Some(&path)).await });
        let picture = jpeg(PICTURE, 1);
        upload(&our_client(&address, Some(folder.path())).unwrap(), &picture).await.unwrap();
        ByHand::fetch_token(&address, Some(folder.path())).await.unwrap().upload(&picture).await.unwrap();
        let authority = certificates::client(folder.path()).unwrap().authority;
        let trusted = reqwest::Certificate::from_pem(authority.as_bytes()).unwrap();
        let stranger = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
        stranger.post(format!("{address}/oauth2/token")).send().await.unwrap_err();
    }
}
