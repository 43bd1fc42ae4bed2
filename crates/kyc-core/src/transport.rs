//! The HTTP transport: a trait, and its implementation by reqwest.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::body::Body;

#[cfg(feature = "reqwest")]
mod reqwest;

#[cfg(feature = "reqwest")]
pub use self::reqwest::ReqwestTransport;

/// Sends one request and returns one complete response. The [`Pipeline`](crate::Pipeline) adds tokens, timeouts and retries.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends the request once, without redirects or retries. A response of any status is `Ok`.
    ///
    /// # Errors
    /// There is no complete response; the kind tells whether the request may have reached the server. A response longer than
    /// `max_bytes` is an error.
    async fn send(
        &self,
        request: http::Request<Body>,
        max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

/// The stage at which a request without a complete response failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// The request could not be built: the URL has no host, or a scheme that this build does not support.
    Setup,
    /// There was no connection: DNS, the network or the TLS handshake failed.
    Connect,
    /// The server rejected the client certificate or requires one. It did not read the request.
    CertificateRefused,
    /// The connection failed after it was established.
    Exchange,
    /// The response is incomplete.
    Response,
    /// The response is longer than allowed.
    TooLarge,
}

/// Describes why there is no complete response. The text must not contain anything of the request, its URL or the response.
#[derive(Clone, thiserror::Error)]
#[error("{text}")]
pub struct TransportError {
    kind: TransportErrorKind,
    /// Status and headers of an incomplete response. The headers may hold the vendor's id of the request.
    head: Option<Box<(http::StatusCode, http::HeaderMap)>>,
    text: String,
}

impl TransportError {
    /// Creates an error. `text` must not contain any value of the request or response.
    #[must_use]
    pub fn new(kind: TransportErrorKind, text: impl Into<String>) -> Self {
        Self { kind, head: None, text: text.into() }
    }

    /// Sets the status and headers of an incomplete response.
    #[must_use]
    pub fn with_head(mut self, status: http::StatusCode, headers: http::HeaderMap) -> Self {
        self.head = Some(Box::new((status, headers)));
        self
    }

    /// Returns the stage at which the request failed.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Returns status and headers, if at least the head of a response arrived.
    #[must_use]
    pub fn head(&self) -> Option<(http::StatusCode, &http::HeaderMap)> {
        self.head.as_deref().map(|(status, headers)| (*status, headers))
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
    /// Omits the headers: a peer may put anything into them, even the secrets that it was sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("kind", &self.kind)
            .field("http_status", &self.head().map(|(status, _)| status.as_u16()))
            .field("text", &self.text)
            .finish_non_exhaustive()
    }
}
