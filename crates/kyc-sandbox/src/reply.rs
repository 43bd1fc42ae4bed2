//! The reply of a vendor's module before it becomes an HTTP response, so that a fault can still change it.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use kyc_fixtures::Fixture;
use serde::Serialize;

use crate::faces::Comparison;

/// The longest delay, in real time, so that a forgotten client does not keep a request open indefinitely.
pub(crate) const MAX_DELAY: Duration = Duration::from_secs(600);

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Says why the sandbox refuses a request, since the words of a vendor often do not.
pub(crate) const REASON: HeaderName = HeaderName::from_static("x-sandbox-reason");

/// Says where a verdict comes from that was computed from pictures.
pub(crate) const SIMULATED: HeaderName = HeaderName::from_static("x-sandbox-simulated");

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(StatusCode, Bytes),
    /// With additional headers. An empty body has no media type.
    Headed(StatusCode, Box<HeaderMap>, Bytes),
    /// The connection is closed without a response.
    Close,
    /// Another reply, after this much real time.
    Late(Duration, Box<Self>),
}

/// Marks a response that is never sent: the server closes the connection instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CloseConnection;

impl Reply {
    /// A documented response, verbatim.
    pub(crate) fn documented(reply: &'static Fixture) -> Self {
        let status = reply.status.and_then(|status| StatusCode::from_u16(status).ok());
        Self::text(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), reply.body)
    }

    /// A body that is already serialized.
    pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::Json(status, body.into())
    }

    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(body) => Self::Json(status, body.into()),
            Err(_) => Self::Json(StatusCode::INTERNAL_SERVER_ERROR, Bytes::new()),
        }
    }

    /// Without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self::Headed(status, Box::default(), Bytes::new())
    }

    /// Adds the reason of a refusal, in English. It holds nothing that the client sent.
    pub(crate) fn because(self, reason: &str) -> Self {
        match HeaderValue::try_from(reason) {
            Ok(reason) => self.with_header(REASON, reason),
            Err(_) => self,
        }
    }

    /// Says that the verdict was computed from pictures, and what they show.
    pub(crate) fn simulated(self, seen: Option<Comparison>) -> Self {
        match seen.and_then(|seen| HeaderValue::try_from(seen.to_string()).ok()) {
            Some(seen) => self.with_header(SIMULATED, seen),
            None => self,
        }
    }

    /// Delays the response, in real time, since timeouts of sockets do not use the virtual clock.
    pub(crate) fn late(self, by: Duration) -> Self {
        if by.is_zero() { self } else { Self::Late(by.min(MAX_DELAY), Box::new(self)) }
    }

    /// Waits for a late reply.
    pub(crate) async fn due(mut self) -> Self {
        while let Self::Late(by, reply) = self {
            tokio::time::sleep(by).await;
            self = *reply;
        }
        self
    }

    pub(crate) fn with_header(self, name: HeaderName, value: HeaderValue) -> Self {
        let (status, mut headers, body) = match self {
            Self::Json(status, body) => (status, Box::default(), body),
            Self::Headed(status, headers, body) => (status, headers, body),
            Self::Close => return Self::Close,
            Self::Late(by, reply) => return Self::Late(by, Box::new(reply.with_header(name, value))),
        };
        headers.insert(name, value);
        Self::Headed(status, headers, body)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Json(status, body) => {
                let mut response = Response::new(Body::from(body));
                *response.status_mut() = status;
                response.headers_mut().insert(CONTENT_TYPE, JSON);
                response
            }
            Self::Headed(status, mut headers, body) => {
                if !body.is_empty() {
                    headers.insert(CONTENT_TYPE, JSON);
                }
                (status, *headers, Body::from(body)).into_response()
            }
            // A late one is waited for before: see `due`.
            Self::Late(_, reply) => reply.into_response(),
            Self::Close => {
                let mut response = Response::new(Body::empty());
                response.extensions_mut().insert(CloseConnection);
                response
            }
        }
    }
}
