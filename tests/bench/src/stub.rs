//! A vendor within this process, for measurements without a network.

use std::future::poll_fn;
use std::pin::pin;

use anyhow::{Context, Result};
use async_trait::async_trait;
use bytes::Bytes;
use certiface::kyc_core::{Body, ClientOptions, Transport, TransportError, TransportErrorKind};
use certiface::{Client, Credentials};
use http_body::Body as _;

/// Reads every body to its end, discards it, and returns one response.
#[derive(Clone, Debug)]
pub(crate) struct Stub {
    pub(crate) answer: Bytes,
}

#[async_trait]
impl Transport for Stub {
    async fn send(
        &self,
        request: http::Request<Body>,
        _: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let (length, mut sent) = (request.body().len(), 0);
        take(request.into_body(), |piece| sent += piece.len() as u64).await?;
        if sent == length {
            Ok(http::Response::new(self.answer.clone()))
        } else {
            Err(TransportError::new(
                TransportErrorKind::Exchange,
                "the body's length differs from its declared length",
            ))
        }
    }
}

/// Calls a function with each chunk of a body.
pub(crate) async fn take(body: Body, mut see: impl FnMut(&Bytes)) -> Result<(), TransportError> {
    let mut stream = pin!(body.stream());
    while let Some(frame) = poll_fn(|context| stream.as_mut().poll_frame(context)).await {
        let frame =
            frame.map_err(|gone| TransportError::new(TransportErrorKind::Exchange, gone.to_string()))?;
        if let Some(piece) = frame.data_ref() {
            see(piece);
        }
    }
    Ok(())
}

/// Creates a client of Certiface over this transport.
pub(crate) fn certiface(transport: impl Transport + 'static) -> Result<Client> {
    let credentials = Credentials::new("user".to_owned(), "password".to_owned());
    Ok(Client::builder(credentials).options(ClientOptions::new().transport(transport)).build()?)
}

/// Returns a payload of Certiface's documentation.
pub(crate) fn documented(name: &str) -> Result<&'static str> {
    let fixture = kyc_fixtures::find("certiface", name);
    Ok(fixture.with_context(|| format!("no fixture {name}"))?.body)
}
