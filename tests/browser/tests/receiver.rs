//! A receiver of webhooks.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(10);
/// A test expects fewer; more would be refused.
const MAX_EVENTS: usize = 16;

/// Accepts the webhooks of ClearSale, and no others.
pub(crate) struct Receiver {
    root: String,
    events: mpsc::Receiver<Value>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let (sender, events) = mpsc::channel(MAX_EVENTS);
        let accept = async move |body: String| {
            let event = serde_json::from_str(&body).unwrap_or_default();
            sender.try_send(event).map_or(StatusCode::SERVICE_UNAVAILABLE, |()| StatusCode::OK)
        };
        let router = Router::new().route("/webhooks/clearsale", post(accept));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let root = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { root, events }
    }

    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// Waits for the next event.
    pub(crate) async fn next(&mut self) -> Value {
        let event = timeout(LIMIT, self.events.recv()).await.expect("an event in time");
        event.expect("the receiver runs")
    }

    /// Whether an event came that nobody waited for.
    pub(crate) fn has_more(&self) -> bool {
        !self.events.is_empty()
    }
}
