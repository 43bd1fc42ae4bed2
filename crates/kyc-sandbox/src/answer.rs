//! What a vendor's module answers, before it becomes HTTP: in this form a fault can still spoil it.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Json(StatusCode, Bytes),
    /// The connection is closed and nothing is said.
    Nothing,
}

/// Marks a response that must never reach the wire: the server closes the connection instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unanswered;

impl Answer {
    /// A documented body, word for word.
    pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::Json(status, body.into())
    }

    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::Json(status, body.into()),
            Err(_) => Self::Json(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()),
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(status, body) => {
                let mut response = Response::new(Body::from(body));
                *response.status_mut() = status;
                response.headers_mut().insert(CONTENT_TYPE, JSON);
                response
            }
            Self::Nothing => {
                let mut response = Response::new(Body::empty());
                response.extensions_mut().insert(Unanswered);
                response
            }
        }
    }
}
