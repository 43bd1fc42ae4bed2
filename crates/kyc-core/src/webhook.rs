//! What a vendor calls: authenticate, parse, deduplicate, answer.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use crate::error::mask;
use crate::json::JsonText;
use crate::operation::{OperationId, Vendor};

/// How far an event may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Trust {
    /// Anybody may have sent it: a reason to ask the vendor, never its answer.
    Hint,
    /// The sender knows a shared secret; what it sent may have been changed on the way only inside TLS.
    SharedSecret,
    /// The content is signed.
    Signed,
}

impl Trust {
    /// Returns the size of the largest body that a receiver reads: 64 KiB from anybody, 4 MiB from who proved to be the vendor.
    #[must_use]
    pub fn max_body_bytes(self) -> usize {
        match self {
            Self::Hint => 64 * 1024,
            Self::SharedSecret | Self::Signed => 4 * 1024 * 1024,
        }
    }
}

/// A webhook as it arrived, in a form that any web framework can give.
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
    /// The headers and the raw body, before any parsing.
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

    /// Adds the public URL that was called, for vendors that sign it.
    #[must_use]
    pub fn at_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Adds the address of the caller, for vendors that are told by it.
    #[must_use]
    pub fn from_peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }

    /// A header by name, without regard to case. None if it is there twice: two are as good as a forgery.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// Checks the size of the body against what a sender of that trust may send. Receivers do so before they read it.
    ///
    /// # Errors
    /// [`WebhookError::TooLarge`].
    pub fn check_size(&self, trust: Trust) -> Result<(), WebhookError> {
        if self.body.len() > trust.max_body_bytes() { Err(WebhookError::TooLarge) } else { Ok(()) }
    }

    /// The raw body.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as JSON text, in the charset that the headers declare.
    #[must_use]
    pub fn json(&self) -> JsonText<'_> {
        JsonText::new(&self.body, self.header("content-type"))
    }

    /// The public URL that was called.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The address of the caller.
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

/// Something that a vendor told, authenticated as far as [`Trust`] says.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// Who told it.
    pub vendor: Vendor,
    /// How far it may be believed.
    pub trust: Trust,
    /// The same for every delivery of one event, different for different events. Contains no personal data.
    pub dedupe_key: String,
    /// What the event is about: by the vendor's id, by our reference, or both.
    pub operations: Vec<OperationId>,
    /// Whether the vendor is done. An event of progress wakes nobody.
    pub is_final: bool,
    /// The event as it came: one object, for the vendor crate's own type.
    pub payload: crate::RawBody,
}

impl WebhookEvent {
    /// An event. `payload` is its own JSON, cut out of a list if it came in one.
    #[must_use]
    pub fn new(vendor: Vendor, trust: Trust, dedupe_key: String, payload: Bytes) -> Self {
        let payload = crate::RawBody::new(payload);
        Self { vendor, trust, dedupe_key, operations: Vec::new(), is_final: false, payload }
    }

    /// An event that is authentic and not what the vendor documents. It keeps its payload and wakes nobody.
    #[must_use]
    pub fn unreadable(vendor: Vendor, trust: Trust, payload: Bytes) -> Self {
        let key = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, &payload);
        Self::new(vendor, trust, format!("unreadable:{key}"), payload)
    }

    /// Whether the event is about that operation.
    #[must_use]
    pub fn concerns(&self, id: &OperationId) -> bool {
        self.operations.contains(id)
    }
}

impl fmt::Debug for WebhookEvent {
    /// Without the dedupe key: it holds an id of the vendor's making, which may be anything.
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

/// Why a webhook was not authenticated.
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
    /// The body is larger than a receiver takes from a sender of that trust: see [`Trust::max_body_bytes`].
    #[error("the webhook's body is too large")]
    TooLarge,
}

impl WebhookError {
    /// The HTTP status to answer with.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::TooLarge => 413,
            _ => 401,
        }
    }
}

/// A vendor's webhook: authenticates and reads it. There is no implementation that accepts by default.
///
/// Store the events, then answer [`accepted_status`](Self::accepted_status). What is answered before it is stored
/// may be lost: the vendor does not send it again.
pub trait WebhookSource: fmt::Debug + Send + Sync {
    /// Whose webhook.
    fn vendor(&self) -> Vendor;

    /// How far its events may be believed.
    fn trust(&self) -> Trust;

    /// Authenticates the raw request, then reads its events; some vendors send several at once.
    ///
    /// What is authentic and cannot be read is an event all the same ([`WebhookEvent::unreadable`]): to refuse it would
    /// be to lose it, once the vendor gives up.
    ///
    /// # Errors
    /// Not authenticated.
    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError>;

    /// The status by which the vendor knows that the event arrived.
    fn accepted_status(&self) -> u16 {
        200
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_given_twice_is_none() {
        let request = WebhookRequest::new([("A", "1"), ("a", "2"), ("b", "3")], "");
        assert_eq!(request.header("a"), None);
        assert_eq!(request.header("B"), Some(&b"3"[..]));
    }
}
