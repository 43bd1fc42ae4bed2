//! The receiver as an axum router.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::answer::Answer;
use crate::receiver::{Receiver, Refusal, RequestHead};

/// Returns a router that serves the receiver at `/webhooks/` and its [health](Receiver::health) at `/health`.
///
/// It may be merged into another router that has none of these paths, or nested under a prefix. The receiver's public URL then
/// ends with the prefix: it is what stands before `/webhooks/` in the URLs that are registered with vendors.
///
/// It reads a body only after the head was checked, and stores events even if the sender disconnects meanwhile. It takes the
/// sender's address from [`ConnectInfo`], which `Server` and axum's `into_make_service_with_connect_info` provide; without
/// one, sources with an allow-list refuse every request. A layer that logs URLs logs secret paths.
pub fn router(receiver: Receiver) -> Router {
    let bytes = receiver.limits().buffered_bytes.min(Semaphore::MAX_PERMITS);
    let served = Served { receiver, free_bytes: Arc::new(Semaphore::new(bytes)) };
    Router::new()
        .route("/webhooks", any(webhook))
        .route("/webhooks/", any(webhook))
        .route("/webhooks/{*path}", any(webhook))
        .route("/health", get(health))
        .with_state(served)
}

#[derive(Clone)]
struct Served {
    receiver: Receiver,
    /// A permit for each byte that may be held in memory.
    free_bytes: Arc<Semaphore>,
}

async fn health(State(served): State<Served>) -> Response {
    response(&served.receiver.health().await)
}

async fn webhook(State(served): State<Served>, request: Request) -> Response {
    response(&served.answer(request).await)
}

impl Served {
    async fn answer(self, request: Request) -> Answer {
        let (parts, body) = request.into_parts();
        let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let mut head = RequestHead::new(parts.method.as_str(), target, &parts.headers);
        if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() {
            head = head.from_peer(peer.ip());
        }
        drop(parts);
        let max_bytes = match self.receiver.check_head(&head) {
            Ok(bytes) => bytes,
            Err(answer) => return answer,
        };
        let read = timeout(self.receiver.limits().body_timeout, self.read(&head, body, max_bytes)).await;
        match read.unwrap_or(Err(Refusal::Slow)) {
            Ok((body, held_bytes)) => self.receive(head, body, held_bytes).await,
            Err(refusal) => self.receiver.refuse(&head, refusal),
        }
    }

    /// Reads a body. Permits are taken for what has arrived, so that those who declare much and send nothing hold none.
    async fn read(
        &self,
        head: &RequestHead,
        mut body: Body,
        max_bytes: usize,
    ) -> Result<(Bytes, OwnedSemaphorePermit), Refusal> {
        let mut held_bytes = self.hold(head.bytes())?;
        let mut bytes = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Refusal::Incomplete)?;
            let Ok(chunk) = frame.into_data() else { continue };
            if chunk.len() > max_bytes - bytes.len() {
                return Err(Refusal::TooLarge);
            }
            held_bytes.merge(self.hold(chunk.len())?);
            // Copied, since a chunk of one byte keeps the whole buffer that it was read into.
            bytes.extend_from_slice(&chunk);
        }
        Ok((bytes.freeze(), held_bytes))
    }

    fn hold(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let permits = u32::try_from(bytes).map_err(|_| Refusal::Busy)?;
        Arc::clone(&self.free_bytes).try_acquire_many_owned(permits).map_err(|_| Refusal::Busy)
    }

    /// Receives a request in a task of its own, which ends as it must even if the sender disconnects.
    async fn receive(self, head: RequestHead, body: Bytes, held_bytes: OwnedSemaphorePermit) -> Answer {
        let task = tokio::spawn(async move {
            let answer = self.receiver.receive(&head, body).await;
            drop(held_bytes);
            answer
        });
        task.await.unwrap_or_else(|_| {
            // The panic's text is not repeated: it may hold content.
            tracing::error!("a webhook was refused, because its source, the inbox or the hook panicked");
            Answer::refused(&Refusal::StoreSlow)
        })
    }
}

fn response(answer: &Answer) -> Response {
    let body = if answer.is_success() { Body::empty() } else { Body::from(answer.reason) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !answer.is_success() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    for (name, value) in answer.headers() {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
