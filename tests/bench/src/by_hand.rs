//! A client as an experienced engineer writes it by hand in an afternoon.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::CONTENT_TYPE;
use serde::{Deserialize, Serialize};

#[derive(Clone)]
pub(crate) struct ByHand {
    http: reqwest::Client,
    base: String,
    token: String,
}

#[derive(Deserialize)]
struct LoginResponse {
    access_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginRequest<'a> {
    client_id: &'a str,
    client_secret: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MatchRequest<'a> {
    identifier_id: &'a str,
    cpf: &'a str,
    image0: String,
    image1: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "decoded to measure the work")]
pub(crate) struct MatchResponse {
    pub(crate) created_date: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) transaction_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "decoded to measure the work")]
pub(crate) struct Transaction {
    pub(crate) identifier_id: Option<String>,
    pub(crate) cpf: Option<String>,
    pub(crate) confiability: Option<u8>,
    pub(crate) is_match: Option<bool>,
    pub(crate) transaction_id: Option<String>,
    pub(crate) transaction_status: Option<String>,
    pub(crate) message: Option<String>,
}

const MATCH: &str = "/api/v2/Facematch/faces/match2d-2d";

impl ByHand {
    pub(crate) async fn fetch_token(base: &str, timeout: Duration) -> Result<Self> {
        let http =
            reqwest::Client::builder().timeout(timeout).connect_timeout(Duration::from_secs(10)).no_proxy();
        let http = http.build()?;
        let login = LoginRequest { client_id: "user", client_secret: "password" };
        let response = http
            .post(format!("{base}/api/authentication/login"))
            .header(CONTENT_TYPE, "application/json")
            .body(serde_json::to_vec(&login)?)
            .send()
            .await?
            .error_for_status()?;
        let answer: LoginResponse = serde_json::from_slice(&response.bytes().await?)?;
        Ok(Self { http, base: base.to_owned(), token: answer.access_token })
    }

    pub(crate) async fn match2d_2d(
        &self,
        identifier_id: &str,
        cpf: &str,
        image0: &[u8],
        image1: &[u8],
    ) -> Result<MatchResponse> {
        let body = serde_json::to_vec(&MatchRequest {
            identifier_id,
            cpf,
            image0: STANDARD.encode(image0),
            image1: STANDARD.encode(image1),
        })?;
        let response = self
            .http
            .post(format!("{}{MATCH}", self.base))
            .bearer_auth(&self.token)
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await?;
        read(response).await
    }

    pub(crate) async fn transaction(&self, id: &str) -> Result<Transaction> {
        let response =
            self.http.get(format!("{}{MATCH}/{id}", self.base)).bearer_auth(&self.token).send().await?;
        read(response).await
    }
}

/// Returns the decoded response of a success.
async fn read<T: serde::de::DeserializeOwned>(response: reqwest::Response) -> Result<T> {
    let status = response.status();
    let body = response.bytes().await?;
    ensure!(status.is_success(), "the server responded with {status}");
    serde_json::from_slice(&body).context("cannot decode the response")
}
