//! What the APIs of all vendors share: the limits of a body, and refusals of what no route serves.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::reply::Reply;
use crate::requests;
use crate::vendor::VendorFacts;

/// For a request with images: two of 24 MB each in base64, or one round of frames.
const MAX_BODY_BYTES: usize = 64 * MIB;
/// How much of a longer body is read, so that its sender sees the refusal rather than a closed connection.
const MAX_UNREAD_BYTES: usize = 4 * MAX_BODY_BYTES;
/// How long a whole body may take, in real time.
const BODY_TIMEOUT: Duration = Duration::from_secs(120);
const MIB: usize = 1024 * 1024;

/// The bodies in memory at the same time, in MiB; those below one MiB do not count.
static BODY_MEMORY: Semaphore = Semaphore::const_new(512);

/// Completes the routes of a vendor. `refuse` makes an error response in the vendor's form.
pub(crate) fn complete<S>(
    routes: Router<S>,
    vendor: &'static VendorFacts,
    refuse: fn(StatusCode, &str) -> Reply,
) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let refuse =
        move |status, reason: &str| vendor.refer(refuse(status, reason).because(reason).into_response(), "");
    limit_bodies(refuse_unknown(routes, refuse), refuse)
}

/// Refuses paths and methods that no route serves.
pub(crate) fn refuse_unknown<S, R>(routes: Router<S>, refuse: R) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    R: Fn(StatusCode, &str) -> Response + Clone + Send + Sync + 'static,
{
    let unknown = refuse.clone();
    routes
        .fallback(async move || unknown(StatusCode::NOT_FOUND, "there is no such path"))
        .method_not_allowed_fallback(async move || {
            refuse(StatusCode::METHOD_NOT_ALLOWED, "this path has other methods")
        })
}

/// Reads each body before the routes see it, within limits of size and time.
pub(crate) fn limit_bodies<S, R>(routes: Router<S>, refuse: R) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    R: Fn(StatusCode, &str) -> Response + Clone + Send + Sync + 'static,
{
    let read = move |request: Request, next: Next| {
        let refuse = refuse.clone();
        async move { serve_whole(request, next, refuse).await }
    };
    routes.layer(DefaultBodyLimit::disable()).layer(from_fn(read))
}

async fn serve_whole(
    request: Request,
    next: Next,
    refuse: impl Fn(StatusCode, &str) -> Response,
) -> Response {
    let (head, body) = request.into_parts();
    // Without a declared length any length must be expected.
    let declared = body.size_hint().upper().and_then(|length| usize::try_from(length).ok());
    let expected = declared.unwrap_or(MAX_BODY_BYTES).min(MAX_BODY_BYTES) / MIB;
    let read = async {
        let memory = BODY_MEMORY.acquire_many(u32::try_from(expected).unwrap_or(u32::MAX)).await;
        (read_body(body).await, memory)
    };
    match timeout(BODY_TIMEOUT, read).await {
        // The permit is held until the response is there.
        Ok((Ok(body), _memory)) => next.run(Request::from_parts(head, Body::from(body))).await,
        Ok((Err(Unreadable::TooLong), _)) => {
            refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 64 MiB")
        }
        Ok((Err(Unreadable::Broken), _)) => Reply::Close.into_response(),
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "the body did not arrive within two minutes"),
    }
}

enum Unreadable {
    TooLong,
    Broken,
}

async fn read_body(body: Body) -> Result<Bytes, Unreadable> {
    let mut chunks = body.into_data_stream();
    let (mut read, mut length) = (BytesMut::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Unreadable::Broken)?;
        length += chunk.len();
        requests::note_bytes(length);
        if length <= MAX_BODY_BYTES {
            read.extend_from_slice(&chunk);
        } else if length <= MAX_UNREAD_BYTES {
            read = BytesMut::new();
        } else {
            break;
        }
    }
    if length <= MAX_BODY_BYTES { Ok(read.freeze()) } else { Err(Unreadable::TooLong) }
}
