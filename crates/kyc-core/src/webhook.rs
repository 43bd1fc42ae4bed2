//! Receiving webhooks: authenticate, parse, deduplicate, respond.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use crate::json::JsonText;
use crate::mask::mask;
use crate::operation::{OperationId, Vendor};

/// The degree to which an event is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Trust {
    /// Anyone may have sent the event. It is a reason to query the vendor, not a result.
    Hint,
    /// The sender knows a shared secret. Only TLS protects the content from changes.
    SharedSecret,
    /// The content is signed.
    Signed,
}

impl Trust {
    /// Returns the size of the largest body that a receiver reads: 64 KiB from unauthenticated senders, 4 MiB from
    /// authenticated ones.
    #[must_use]
    pub fn max_body_bytes(self) -> usize {
        match self {
            Self::Hint => 64 * 1024,
            Self::SharedSecret | Self::Signed => 4 * 1024 * 1024,
        }
    }
}

/// The HTTP request of a webhook, independent of any web framework.
///
/// ```
/// use kyc_core::WebhookRequest;
/// let headers = [("Authorization", "Bearer s3cret")];
/// let request = WebhookRequest::new(headers, r#"{"status": 1}"#);
/// assert_eq!(request.header("authorization"), Some(&b"Bearer s3cret"[..]));
/// assert!(!format!("{request:?}").contains("s3cret"));
/// ```
#[derive(Clone)]
pub struct WebhookRequest {
    headers: Vec<(String, Bytes)>,
    body: Bytes,
    url: Option<String>,
    peer: Option<IpAddr>,
}

impl WebhookRequest {
    /// Creates a request from the headers and the unparsed body.
    #[must_use]
    pub fn new<N, V>(headers: impl IntoIterator<Item = (N, V)>, body: impl Into<Bytes>) -> Self
    where
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let owned =
            |(name, value): (N, V)| (name.as_ref().to_owned(), Bytes::copy_from_slice(value.as_ref()));
        Self { headers: headers.into_iter().map(owned).collect(), body: body.into(), url: None, peer: None }
    }

    /// Sets the public URL that was called, for vendors that sign it.
    #[must_use]
    pub fn at_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Sets the address of the caller, for vendors that are identified by it.
    #[must_use]
    pub fn from_peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Returns a header by name, ignoring case; `None` if it is missing or repeated. A repeated header may be forged.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// Checks the size of the body against the limit for that trust. Receivers call it before they read the body.
    ///
    /// # Errors
    /// [`WebhookError::TooLarge`] if the body exceeds [`Trust::max_body_bytes`].
    pub fn check_size(&self, trust: Trust) -> Result<(), WebhookError> {
        if self.body.len() > trust.max_body_bytes() { Err(WebhookError::TooLarge) } else { Ok(()) }
    }

    /// Returns the unparsed body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as JSON text, in the charset that the headers declare.
    #[must_use]
    pub fn json(&self) -> JsonText<'_> {
        JsonText::new(&self.body, self.header("content-type"))
    }

    /// Returns the public URL that was called, if it was set.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Returns the address of the caller, if it was set.
    #[must_use]
    pub fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
}

impl fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| mask(name)).collect();
        f.debug_struct("WebhookRequest")
            .field("headers", &names)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// An event of a vendor, authenticated to the degree that [`Trust`] states.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The vendor.
    pub vendor: Vendor,
    /// The degree of authentication.
    pub trust: Trust,
    /// The same for every delivery of one event, different for different events. Contains no personal data.
    pub dedupe_key: String,
    /// The operations that the event is about, by the vendor's id, by the submitted reference, or both.
    pub operations: Vec<OperationId>,
    /// Whether the operation is complete. A progress event wakes no poller.
    pub is_final: bool,
    /// The unparsed event: one JSON object, to be decoded into the vendor crate's type.
    pub payload: crate::RawBody,
}

impl WebhookEvent {
    /// Creates an event that is not final. `payload` is the JSON of this event alone, extracted from the list if there was one.
    #[must_use]
    pub fn new(vendor: Vendor, trust: Trust, dedupe_key: String, payload: Bytes) -> Self {
        let payload = crate::RawBody::new(payload);
        Self { vendor, trust, dedupe_key, operations: Vec::new(), is_final: false, payload }
    }

    /// Creates an event for an authenticated payload that does not match the vendor's documentation. It keeps the payload and
    /// wakes no poller.
    #[must_use]
    pub fn unreadable(vendor: Vendor, trust: Trust, payload: Bytes) -> Self {
        let key = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &payload);
        Self::new(vendor, trust, format!("unreadable:{key}"), payload)
    }

    /// Returns `true` if the event is about that operation.
    #[must_use]
    pub fn concerns(&self, id: &OperationId) -> bool {
        self.operations.contains(id)
    }
}

impl fmt::Debug for WebhookEvent {
    /// Omits the dedupe key: it contains an id chosen by the vendor, which may hold anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("vendor", &self.vendor)
            .field("trust", &self.trust)
            .field("operations", &self.operations)
            .field("is_final", &self.is_final)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

/// The reason why a webhook was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header that authenticates the sender is missing, present twice or malformed.
    #[error("the webhook is not authenticated: the header {0} is missing, repeated or malformed")]
    MissingHeader(&'static str),
    /// The receiver did not pass the public URL, which the vendor signs: see [`WebhookRequest::at_url`].
    #[error("the webhook is not authenticated: the receiver did not pass its public URL")]
    NoUrl,
    /// The receiver did not pass the caller's address: see [`WebhookRequest::from_peer`].
    #[error("the webhook is not authenticated: the receiver did not pass the caller's address")]
    NoPeer,
    /// The timestamp of the request is too far from the receiver's clock.
    #[error("the webhook is not authenticated: its timestamp is out of tolerance")]
    TimestampOutOfTolerance,
    /// The signature matches none of the receiver's keys.
    #[error("the webhook is not authenticated: its signature matches no key")]
    WrongSignature,
    /// The shared secret (a bearer token or a secret path) is not the receiver's.
    #[error("the webhook is not authenticated: its shared secret is wrong")]
    WrongSecret,
    /// The caller's address is not on the allow-list.
    #[error("the webhook is not authenticated: its sender is not on the allow-list")]
    PeerNotAllowed,
    /// The body exceeds the limit for the receiver's trust: see [`Trust::max_body_bytes`].
    #[error("the webhook's body is too large")]
    TooLarge,
}

impl WebhookError {
    /// Returns the HTTP status to respond with.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            _ => 401,
        }
    }
}

/// Authenticates and parses the webhooks of a vendor. No implementation accepts requests by default.
///
/// Store the events, then respond with [`accepted_status`](Self::accepted_status). If you respond before you store an event,
/// it may be lost: the vendor does not send it again.
pub trait WebhookSource: fmt::Debug + Send + Sync {
    /// Returns the vendor.
    fn vendor(&self) -> Vendor;

    /// Returns the degree to which its events are authenticated.
    fn trust(&self) -> Trust;

    /// Authenticates the request and returns its events; some vendors send several in one request.
    ///
    /// An authenticated payload that cannot be parsed is returned as [`WebhookEvent::unreadable`]: if it were rejected, it
    /// would be lost as soon as the vendor stops resending it.
    ///
    /// # Errors
    /// The request is not authenticated, or its body is too large.
    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError>;

    /// Returns the HTTP status that confirms the receipt to the vendor: 200 by default.
    fn accepted_status(&self) -> u16 {
        200
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_header_is_ignored() {
        let request = WebhookRequest::new([("A", "1"), ("a", "2"), ("b", "3")], "");
        assert_eq!(request.header("a"), None);
        assert_eq!(request.header("B"), Some(&b"3"[..]));
    }
}
