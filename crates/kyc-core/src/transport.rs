//! The seam to HTTP: one small trait, and reqwest behind it.

use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::body::Body;

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
pub enum Stage {
    /// The request could not be made at all: an address without a host, a scheme that the build lacks.
    Setup,
    /// No connection: name, network or TLS handshake.
    Connect,
    /// The connection broke after it was made.
    Exchange,
    /// The answer began and did not end.
    Answer,
    /// The answer is longer than allowed.
    TooLarge,
}

/// Why there is no whole answer. The text must hold nothing of the request or the answer, the URL included.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}")]
pub struct TransportError {
    stage: Stage,
    status: Option<u16>,
    text: String,
}

impl TransportError {
    /// A failure at that stage, in words without any value.
    #[must_use]
    pub fn new(stage: Stage, text: impl Into<String>) -> Self {
        Self { stage, status: None, text: text.into() }
    }

    /// Adds the status of an answer that began.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// How far the request came.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The status, if the answer began.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

#[cfg(feature = "reqwest")]
pub use over_reqwest::ReqwestTransport;

#[cfg(feature = "reqwest")]
mod over_reqwest {
    use std::error::Error as _;
    use std::time::Duration;

    use super::{Body, Bytes, Stage, Transport, TransportError, async_trait};

    /// HTTP by reqwest.
    #[derive(Clone, Debug)]
    pub struct ReqwestTransport(reqwest::Client);

    /// A connection that lay idle longer may be gone unnoticed, and a paid request lost on it is an unknown one.
    const IDLE: Duration = Duration::from_secs(20);
    const CONNECT: Duration = Duration::from_secs(10);

    impl ReqwestTransport {
        /// A client fit for paid calls: no redirects, no retries of its own, connections kept idle for at most 20 s,
        /// 10 s to connect.
        ///
        /// # Errors
        /// The TLS of the build cannot start: no root certificates, or no crypto provider.
        pub fn new() -> Result<Self, TransportError> {
            // reqwest panics here.
            #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
            if rustls::crypto::CryptoProvider::get_default().is_none() {
                return Err(TransportError::new(
                    Stage::Setup,
                    "install a rustls CryptoProvider before the first client",
                ));
            }
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .pool_idle_timeout(IDLE)
                .connect_timeout(CONNECT)
                .user_agent(concat!("kyc-br/", env!("CARGO_PKG_VERSION")))
                .build()
                .map(Self)
                .map_err(|error| TransportError::new(Stage::Setup, chain(&error.without_url())))
        }

        /// A client of yours, with your proxy, certificates and pool.
        ///
        /// Give it no redirects, no retries and a short idle time: see [`new`](Self::new) for why.
        #[must_use]
        pub fn from_client(client: reqwest::Client) -> Self {
            Self(client)
        }
    }

    #[async_trait]
    impl Transport for ReqwestTransport {
        async fn send(
            &self,
            request: http::Request<Body>,
            max_bytes: usize,
        ) -> Result<http::Response<Bytes>, TransportError> {
            let request = request.map(|body| reqwest::Body::wrap(body.stream()));
            let request = reqwest::Request::try_from(request)
                .map_err(|error| TransportError::new(Stage::Setup, chain(&error.without_url())))?;
            let answer = self.0.execute(request).await.map_err(|error| failed(error, None))?;
            collect(answer, max_bytes).await
        }
    }

    async fn collect(
        mut answer: reqwest::Response,
        max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let status = answer.status();
        let mut whole = http::Response::new(Bytes::new());
        *whole.status_mut() = status;
        *whole.headers_mut() = std::mem::take(answer.headers_mut());
        let too_large =
            || TransportError::new(Stage::TooLarge, "the answer is too large").with_status(status.as_u16());
        let mut pieces = Vec::new();
        let mut length = 0;
        while let Some(piece) = answer.chunk().await.map_err(|error| failed(error, Some(status.as_u16())))? {
            length += piece.len();
            if length > max_bytes {
                return Err(too_large());
            }
            pieces.push(piece);
        }
        // Most answers come in one piece: no copy then.
        *whole.body_mut() = if pieces.len() == 1 { pieces.swap_remove(0) } else { pieces.concat().into() };
        Ok(whole)
    }

    /// reqwest prints the URL, and its query may hold a CPF: it is taken off before anything is read from the error.
    fn failed(error: reqwest::Error, status: Option<u16>) -> TransportError {
        let error = error.without_url();
        let stage = match status {
            Some(_) => Stage::Answer,
            None if error.is_builder() => Stage::Setup,
            None if error.is_connect() => Stage::Connect,
            None => Stage::Exchange,
        };
        TransportError { stage, status, text: chain(&error) }
    }

    /// The innermost causes say the most: "connection refused" and not "error sending request".
    fn chain(error: &reqwest::Error) -> String {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let line = inner.to_string();
            if !text.ends_with(&line) {
                text.push_str(": ");
                text.push_str(&line);
            }
            cause = inner.source();
        }
        text
    }
}
