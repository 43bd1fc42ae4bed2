//! One file for each vendor.

mod certiface;
mod clearsale_facematch;

use std::time::Duration;

use anyhow::{Context as _, Result};
use wiremock::{MockServer, Request};

use crate::vendor::Vendor;

/// Every vendor whose crate is run.
pub(crate) fn all() -> Vec<Box<dyn Vendor>> {
    vec![Box::new(certiface::Certiface), Box::new(clearsale_facematch::Clearsale)]
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
