//! The seam to HTTP: one small trait, and reqwest behind it.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::body::Body;

#[cfg(feature = "reqwest")]
mod reqwest;

#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;

/// Sends one request and brings one whole answer. Everything else (tokens, timeouts, retries) is done above it.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request once: no redirect, no retry. An answer of any status is `Ok`.
    ///
    /// # Errors
    /// What failed, and whether the request can have arrived. An answer longer than `max_bytes` is a failure.
    async fn send(
        &self,
        request: http::Request<Body>,
        max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

/// How far a request came that got no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request could not be made at all: an address without a host, a scheme that the build lacks.
    Setup,
    /// No connection: name, network or TLS handshake.
    Connect,
    /// The server made the connection and turned our certificate down, or the lack of one: it read no request.
    CertificateRefused,
    /// The connection broke after it was made.
    Exchange,
    /// The answer began and did not end.
    Answer,
    /// The answer is longer than allowed.
    TooLarge,
}

/// Why there is no whole answer. The text must hold nothing of the request or the answer, the URL included.
#[derive(Clone, thiserror::Error)]
#[error("{text}")]
pub struct TransportError {
    kind: TransportErrorKind,
    /// Of an answer that began: its status, and the headers in which the vendor names the request.
    began: Option<Box<(http::StatusCode, http::HeaderMap)>>,
    text: String,
}

impl TransportError {
    /// A failure at that kind, in words without any value.
    #[must_use]
    pub fn new(kind: TransportErrorKind, text: impl Into<String>) -> Self {
        Self { kind, began: None, text: text.into() }
    }

    /// Adds the head of an answer that began.
    #[must_use]
    pub fn with_head(mut self, status: http::StatusCode, headers: http::HeaderMap) -> Self {
        self.began = Some(Box::new((status, headers)));
        self
    }

    /// How far the request came.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Status and headers, if the answer began.
    #[must_use]
    pub fn head(&self) -> Option<(http::StatusCode, &http::HeaderMap)> {
        self.began.as_deref().map(|(status, headers)| (*status, headers))
    }
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for std::sync::Arc<T> {
    async fn send(
        &self,
        request: http::Request<Body>,
        max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (**self).send(request, max_bytes).await
    }
}

impl fmt::Debug for TransportError {
    /// Without the headers: a peer may put anything into them, our own secrets included.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("http_status", &self.head().map(|(status, _)| status.as_u16()))
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}
