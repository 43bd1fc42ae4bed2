//! ClearSale Facematch.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clearsale_facematch::kyc_core::{Cpf, Media, WebhookEvent};
use clearsale_facematch::{
    Client, Credentials, ErrorBody, LoginResponse, MatchLevel, MatchRequest, MatchResponse, Notification,
    Transaction, TransactionStatus, Webhook,
};
use kyc_fixtures::clearsale_facematch as documented;
use kyc_sandbox::clearsale::Operation;
use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};
use wiremock::{MockServer, Request, ResponseTemplate};

use super::{heard, received, requests, said, server};
use crate::reader::{Reader, listed_as};
use crate::schemas::{read, written};
use crate::vendor::{Body, Listed, Performed, Sent, Vendor};

pub(crate) struct Clearsale;

const CPF: &str = "52998224725";
const WEBHOOK_SECRET: &str = "agreed-webhook-secret";

#[async_trait]
impl Vendor for Clearsale {
    fn name(&self) -> &'static str {
        "clearsale-facematch"
    }

    fn reader(&self, body: &Body<'_>) -> Option<Reader> {
        Some(match body {
            Body::Answer("login", 200) => {
                Reader::only_read::<LoginResponse>("LoginResponse").needing("access_token", "token-1")
            }
            Body::Answer("match2d-2d", 200) => Reader::both::<MatchResponse>("MatchResponse")
                .needing("transactionId", "c2a6b5c4-7650-4676-8322-b85c5e0357c1"),
            Body::Answer("match2d-2d-query", 200) => Reader::both::<Transaction>("Transaction"),
            Body::Event("webhook") => Reader::both::<Notification>("Notification"),
            Body::Shared("Error bodies") | Body::Answer(_, 400..) => Reader::both::<ErrorBody>("ErrorBody"),
            _ => return None,
        })
    }

    async fn send(&self, operation: &str, field: &str) -> Result<Option<Sent>> {
        let plain = Order { first: samples::A_2014, second: samples::A_2014, ..Order::default() };
        let (order, expected) = match (operation, field) {
            ("login", "clientId") => (Order { client_id: "me", ..plain }, json!("me")),
            ("login", "clientSecret") => (Order { client_secret: "s3cret", ..plain }, json!("s3cret")),
            ("match2d-2d", "identifierId") => (Order { identifier_id: "order-2", ..plain }, json!("order-2")),
            ("match2d-2d", "cpf") => (Order { cpf: Some(CPF), ..plain }, json!(CPF)),
            ("match2d-2d", "minMatchLevel") => (Order { level: Some(MatchLevel::Six), ..plain }, json!("6")),
            ("match2d-2d", "image0") => {
                (Order { first: samples::A_2025, ..plain }, json!(STANDARD.encode(samples::A_2025)))
            }
            ("match2d-2d", "image1") => {
                (Order { second: samples::A_2025, ..plain }, json!(STANDARD.encode(samples::A_2025)))
            }
            _ => return Ok(None),
        };
        let plain = Order { first: samples::A_2014, second: samples::A_2014, ..Order::default() };
        Ok(Some(Sent {
            without: plain.sent(operation).await?,
            with: order.sent(operation).await?,
            expected,
            together: &[],
        }))
    }

    fn listed(&self, list: &str, value: &str) -> Listed {
        match list {
            "Transaction status" => listed_as!(TransactionStatus, value),
            "Match levels" => listed_as!(MatchLevel, value),
            _ => Listed::NoType,
        }
    }

    async fn perform(&self) -> Result<Performed> {
        let mut performed = Performed::default();
        let vendor = vendor().await;
        let client = Client::builder(Credentials::new("me", "s3cret")).base_url(&vendor.uri()).build()?;
        performed.failures.extend(journey(&client).await.err().map(|error| error.to_string()));
        performed.sent = heard(&vendor).await?;

        let customer = server(ResponseTemplate::new(200)).await;
        let sandbox = Sandbox::builder().start().await?;
        sandbox.clearsale().register_webhook(&format!("{}/hook", customer.uri()), WEBHOOK_SECRET)?;
        let client = Client::builder(credentials()).base_url(&sandbox.clearsale_url()).build()?;
        performed.failures.extend(journey(&client).await.err().map(|error| error.to_string()));
        for operation in Operation::ALL {
            if sandbox.clearsale().requests(*operation) > 0 {
                performed.served.insert(operation.name().to_owned());
            }
        }

        let is_read = |event: &WebhookEvent| {
            Notification::try_from(event).is_ok_and(|news| news.transaction_id.is_some())
        };
        let method = received(&customer, "/hook", &Webhook::new(WEBHOOK_SECRET)?, is_read).await?;
        performed.received.extend(method.map(|method| ("webhook".to_owned(), method)));
        Ok(performed)
    }

    fn schemas(&self) -> Vec<Value> {
        vec![
            written::<MatchRequest>(),
            written::<MatchResponse>(),
            written::<Transaction>(),
            written::<Notification>(),
            written::<ErrorBody>(),
            read::<LoginResponse>(),
        ]
    }

    async fn requests(&self) -> Result<BTreeMap<&'static str, Option<(&'static str, Value)>>> {
        let whole = Order { cpf: Some(CPF), level: Some(MatchLevel::Six), ..Order::default() };
        // A login consists of the credentials, and has no public type.
        Ok([("login", None), ("match2d-2d", Some(("MatchRequest", whole.sent("match2d-2d").await?)))].into())
    }
}

/// Performs every operation once; the client logs in by itself.
async fn journey(client: &Client) -> Result<()> {
    let submitted = client.match2d_2d(&Order::default().request()?).await?;
    client.transaction(&submitted.value().transaction_id).await?;
    Ok(())
}

fn credentials() -> Credentials {
    Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET)
}

/// A comparison and the credentials of the client.
#[derive(Clone)]
struct Order {
    client_id: &'static str,
    client_secret: &'static str,
    identifier_id: &'static str,
    cpf: Option<&'static str>,
    level: Option<MatchLevel>,
    first: &'static [u8],
    second: &'static [u8],
}

impl Default for Order {
    fn default() -> Self {
        Self {
            client_id: "somebody",
            client_secret: "something",
            identifier_id: "order-1",
            cpf: None,
            level: None,
            first: samples::A_2014,
            second: samples::A_2025,
        }
    }
}

impl Order {
    fn request(&self) -> Result<MatchRequest> {
        let mut request = MatchRequest::new(Media::new(self.first)?, Media::new(self.second)?)
            .with_identifier_id(self.identifier_id);
        if let Some(cpf) = self.cpf {
            request = request.with_cpf(Cpf::parse(cpf)?);
        }
        if let Some(level) = &self.level {
            request = request.with_min_match_level(level.clone());
        }
        Ok(request)
    }

    /// Returns the body of an operation as sent.
    async fn sent(&self, operation: &str) -> Result<Value> {
        let vendor = vendor().await;
        let credentials = Credentials::new(self.client_id, self.client_secret);
        let client = Client::builder(credentials).base_url(&vendor.uri()).build()?;
        client.match2d_2d(&self.request()?).await?;
        let is_it = |request: &Request| request.url.path().ends_with(operation);
        said(&requests(&vendor).await?.into_iter().find(is_it).context("nothing was sent")?)
    }
}

/// Answers every request as documented.
async fn vendor() -> MockServer {
    let answer = |request: &Request| {
        let body = match request.method.as_str() {
            "GET" => documented::QUERY_200.body,
            _ if request.headers.contains_key("authorization") => documented::MATCH_200.body,
            _ => documented::LOGIN_200.body,
        };
        // The page's token is a placeholder that is not a valid header value.
        let body = body.replace("{Valor do Token}", "token-1");
        ResponseTemplate::new(200).set_body_raw(body, "application/json")
    };
    server(answer).await
}
