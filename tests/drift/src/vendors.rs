//! One file for each vendor.

mod bankly_kyc;
mod certiface;
mod clearsale_facematch;

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kyc_core::{WebhookEvent, WebhookRequest, WebhookSource};
use wiremock::{MockServer, Request};

use crate::vendor::Vendor;

/// Every vendor whose crate is run.
pub(crate) fn all() -> Vec<Box<dyn Vendor>> {
    vec![
        Box::new(bankly_kyc::Bankly),
        Box::new(certiface::Certiface),
        Box::new(clearsale_facematch::Clearsale),
    ]
}

/// Everything that a server was asked, in order.
async fn requests(server: &MockServer) -> Result<Vec<Request>> {
    server.received_requests().await.context("requests are recorded by default")
}

/// Waits for what the sandbox sends to that path: it does so on its own time.
async fn arrived(server: &MockServer, path: &str) -> Result<Option<Request>> {
    for _ in 0..200 {
        if let Some(request) = requests(server).await?.into_iter().find(|request| request.url.path() == path)
        {
            return Ok(Some(request));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(None)
}

/// The method by which the sandbox sent what this receiver takes; `None` if there is no such thing.
async fn received(
    customer: &MockServer,
    path: &str,
    webhook: &dyn WebhookSource,
    is_read: impl Fn(&WebhookEvent) -> bool,
) -> Result<Option<String>> {
    let Some(request) = arrived(customer, path).await? else { return Ok(None) };
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let hook = WebhookRequest::new(headers, request.body.clone())
        .from_peer(Ipv4Addr::LOCALHOST.into())
        .at_url(format!("{}{path}", customer.uri()));
    let is_taken = webhook.receive(&hook).is_ok_and(|events| events.iter().any(is_read));
    Ok(is_taken.then(|| request.method.to_string()))
}
