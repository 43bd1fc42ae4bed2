//! A receiver of webhooks.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(10);

/// Accepts every webhook of ClearSale, and counts them.
pub(crate) struct Receiver {
    root: String,
    received: Arc<Semaphore>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let received = Arc::new(Semaphore::new(0));
        let count = Arc::clone(&received);
        let accept = async move || {
            count.add_permits(1);
            StatusCode::OK
        };
        let router = Router::new().route("/webhooks/clearsale", post(accept));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let root = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { root, received }
    }

    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// Waits for one more webhook.
    pub(crate) async fn next(&self) {
        let received = timeout(LIMIT, self.received.acquire()).await.expect("a webhook in time");
        received.expect("it is never closed").forget();
    }

    /// Whether a webhook came that nobody waited for.
    pub(crate) fn has_more(&self) -> bool {
        self.received.available_permits() > 0
    }
}
