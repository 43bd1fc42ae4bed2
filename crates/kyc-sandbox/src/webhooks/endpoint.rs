//! Where a webhook is sent, and with which proof of origin.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use kyc_core::{Timestamp, ValidationError};
use url::{Host, Url};

/// What a route calls the URL of a receiver.
pub(super) const URL: &str = "url";

/// An event to send.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// See [`super::Delivery::reference`].
    pub(crate) reference: String,
    /// See [`super::Delivery::event`].
    pub(crate) name: &'static str,
    pub(crate) body: Bytes,
}

/// How a vendor authenticates its webhooks.
pub(crate) trait Authenticator: Send + Sync {
    /// Returns the headers for one attempt; called again for each. `None` makes the attempt fail without a request.
    fn headers(&self, event: &Event, now: Timestamp) -> Option<HeaderMap>;
}

/// For vendors whose webhooks carry no proof of origin.
pub(crate) struct NoAuthentication;

impl Authenticator for NoAuthentication {
    fn headers(&self, _event: &Event, _now: Timestamp) -> Option<HeaderMap> {
        Some(HeaderMap::new())
    }
}

/// `Authorization: Bearer …`, with a token that the receiver's owner chose.
pub(crate) struct BearerToken(HeaderValue);

impl BearerToken {
    pub(crate) fn new(token: &str) -> Result<Self, ValidationError> {
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| ValidationError::new("\"token\" is not a valid header value"))?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl Authenticator for BearerToken {
    fn headers(&self, _event: &Event, _now: Timestamp) -> Option<HeaderMap> {
        Some(HeaderMap::from_iter([(AUTHORIZATION, self.0.clone())]))
    }
}

/// A webhook receiver.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// As it was registered.
    pub(crate) uri: String,
    /// `None` if the sandbox does not send there: every attempt fails.
    pub(super) url: Option<Url>,
    pub(super) authenticator: Arc<dyn Authenticator>,
}

impl Endpoint {
    /// An endpoint for any URI. Attempts fail if it is not one that the sandbox sends to.
    pub(crate) fn new(uri: &str, loopback_only: bool, authenticator: Arc<dyn Authenticator>) -> Self {
        Self { uri: uri.to_owned(), url: parse_url(URL, uri, loopback_only).ok(), authenticator }
    }
}

/// Parses a URL that the sandbox may send webhooks to. `field` is what an error calls it.
pub(crate) fn parse_url(field: &str, url: &str, loopback_only: bool) -> Result<Url, ValidationError> {
    let wrong = |rule: &str| ValidationError::new(format!("\"{field}\" {rule}"));
    let url = Url::parse(url).map_err(|_| wrong("is not a valid URL"))?;
    if url.scheme() != "http" {
        return Err(wrong("must be an http URL: the sandbox sends webhooks without TLS"));
    }
    if loopback_only && !is_loopback(&url) {
        return Err(wrong(
            "must have a loopback host, since the sandbox was started without --allow-non-loopback",
        ));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
