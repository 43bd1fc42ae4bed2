//! A receiver of the sandbox's webhooks that gives the events to a verification.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use kyc_br::config::ConfigLoader;
use kyc_core::{WebhookEvent, WebhookRequest, WebhookSource};
use kyc_sandbox::Sandbox;
use kyc_verify::{CaseId, Verification};

/// The events that arrived.
#[derive(Clone, Debug)]
pub struct Webhooks(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    url: String,
    sources: Vec<Arc<dyn WebhookSource>>,
    events: Mutex<Vec<WebhookEvent>>,
    arrived: tokio::sync::Notify,
}

impl Webhooks {
    /// Receives the webhooks of all vendors of the sandbox from now on.
    pub async fn of(sandbox: &Sandbox) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let tables = sandbox.send_webhooks_to(&url).unwrap();
        let tables: Vec<_> = tables.iter().map(|table| table.to_toml()).collect();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("kyc.toml"), tables.join("\n")).unwrap();
        let loader = ConfigLoader::new().file(folder.path().join("kyc.toml"));
        let sources = loader.webhook_sources().unwrap();
        let (events, arrived) = (Mutex::default(), tokio::sync::Notify::new());
        let webhooks = Self(Arc::new(Inner { url, sources, events, arrived }));
        let router = Router::new().fallback(receive).with_state(webhooks.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        webhooks
    }

    /// Returns the events that arrived since the last call.
    pub fn take(&self) -> Vec<WebhookEvent> {
        std::mem::take(&mut *self.0.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for the first event of that type and gives it to a verification. Earlier ones are dropped.
    pub async fn deliver(&self, verification: &Verification, event_type: &str) -> Option<CaseId> {
        let event = self.wait_for(event_type).await;
        verification.event(&event).await.unwrap()
    }

    /// Waits for the first event of that type. Earlier ones are dropped.
    pub async fn wait_for(&self, event_type: &str) -> WebhookEvent {
        let limit = std::time::Duration::from_secs(30);
        let found = async {
            loop {
                let arrived = self.0.arrived.notified();
                if let Some(event) = self.take().into_iter().find(|event| event.event_type == event_type) {
                    return event;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(limit, found).await.expect("the event arrives")
    }
}

async fn receive(
    State(webhooks): State<Webhooks>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let Webhooks(inner) = webhooks;
    let name = uri.path().trim_start_matches("/webhooks/").split('/').next().unwrap_or_default();
    let Some(source) = inner.sources.iter().find(|source| source.name() == name) else {
        return StatusCode::NOT_FOUND;
    };
    let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let request = WebhookRequest::new(headers, body).at_url(format!("{}{uri}", inner.url));
    match source.receive(&request.from_peer(peer.ip())) {
        Ok(events) => {
            inner.events.lock().unwrap_or_else(PoisonError::into_inner).extend(events);
            inner.arrived.notify_waiters();
            StatusCode::OK
        }
        Err(_) => StatusCode::UNAUTHORIZED,
    }
}
