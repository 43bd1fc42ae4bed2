//! Receiving webhooks: authenticate, parse, deduplicate, respond.

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;

use crate::json::JsonText;
use crate::mask::mask;
use crate::operation::{OperationId, Vendor};
use crate::secret::RawBody;
use crate::tax_id::Cpf;

/// The degree to which an event is authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Trust {
    /// Anyone may have sent the event. It is a reason to query the vendor, not a result.
    Hint,
    /// The sender's address is on an allow-list. An address is no signature: the event is a reason to query or to look, not
    /// a result.
    KnownPeer,
    /// The sender knows a shared secret. Only TLS protects the content from changes.
    SharedSecret,
    /// The content is signed.
    Signed,
}

impl Trust {
    /// Returns the size of the largest body that a receiver reads: 64 KiB from senders without a secret, 4 MiB from those
    /// with one.
    #[must_use]
    pub fn max_body_bytes(self) -> usize {
        if self.is_authenticated() { 4 * 1024 * 1024 } else { 64 * 1024 }
    }

    /// Returns `true` if the sender proved that it knows a secret. Only then may an event be a result; any other event is a
    /// reason to query the vendor.
    #[must_use]
    pub fn is_authenticated(self) -> bool {
        match self {
            Self::Hint | Self::KnownPeer => false,
            Self::SharedSecret | Self::Signed => true,
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
    /// What happened, by the name that the vendor's crate gives it, such as `completion`: one of
    /// [`WebhookSource::event_types`].
    pub event_type: &'static str,
    /// The degree of authentication.
    pub trust: Trust,
    /// The vendor's id of the event: the same for every delivery of the event, different for different events. `None` where
    /// the vendor gives none; then the content tells a repeated delivery.
    pub event_id: Option<String>,
    /// What the event is about, such as the id of a transaction. Events about one subject are handled one after another, and
    /// content is compared with that of the latest one: a state that returns is a new event. It may hold personal data.
    pub subject: Option<String>,
    /// The person, if the vendor names one.
    pub person: Option<Cpf>,
    /// The operations that the event is about, by the vendor's id, by the submitted reference, or both.
    pub operations: Vec<OperationId>,
    /// Whether the operation is complete. A progress event wakes no poller.
    pub is_final: bool,
    /// The event as UTF-8: one JSON object, to be decoded into the vendor crate's type.
    pub payload: RawBody,
}

impl WebhookEvent {
    /// The [`event_type`](Self::event_type) of an event whose payload does not match the vendor's documentation.
    pub const UNREADABLE: &'static str = "unreadable";

    /// Creates an event that is not final. `payload` is the JSON of this event alone, extracted from the list if there was one.
    #[must_use]
    pub fn new(vendor: Vendor, event_type: &'static str, trust: Trust, payload: Bytes) -> Self {
        Self {
            vendor,
            event_type,
            trust,
            event_id: None,
            subject: None,
            person: None,
            operations: Vec::new(),
            is_final: false,
            payload: RawBody::new(payload),
        }
    }

    /// Creates an event for an accepted payload that does not match the vendor's documentation. It keeps the payload and wakes
    /// no poller.
    #[must_use]
    pub fn unreadable(vendor: Vendor, trust: Trust, payload: Bytes) -> Self {
        Self::new(vendor, Self::UNREADABLE, trust, payload)
    }

    /// Returns `true` if the event is about that operation.
    #[must_use]
    pub fn concerns(&self, id: &OperationId) -> bool {
        self.operations.contains(id)
    }
}

impl fmt::Debug for WebhookEvent {
    /// Omits the ids, which the vendor chooses and which may hold anything, and the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("vendor", &self.vendor)
            .field("event_type", &self.event_type)
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

    /// Returns the reason in one word, for counters.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::MissingHeader(_) => "missing_header",
            Self::NoUrl => "no_url",
            Self::NoPeer => "no_peer",
            Self::TimestampOutOfTolerance => "timestamp",
            Self::WrongSignature => "signature",
            Self::WrongSecret => "secret",
            Self::PeerNotAllowed => "peer",
            Self::TooLarge => "too_large",
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

    /// Returns the name of the webhook: the vendor's key, or its key and which one, such as `certiface-completion`. It is unique
    /// among all webhooks of all vendors, and part of the URL that [`kyc-webhook`](https://docs.rs/kyc-webhook) serves.
    fn name(&self) -> &'static str;

    /// Returns the types of its events, without [`WebhookEvent::UNREADABLE`].
    fn event_types(&self) -> &'static [&'static str];

    /// Returns the degree to which its events are authenticated.
    fn trust(&self) -> Trust;

    /// Checks what is known of the sender before the body is read: a secret in a header or in the path, the sender's address.
    /// Receivers call it with the head of a request alone. [`receive`](Self::receive) checks the same again.
    ///
    /// # Errors
    /// The request is not authenticated, whatever its body is.
    fn check_sender(&self, head: &WebhookRequest) -> Result<(), WebhookError>;

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
