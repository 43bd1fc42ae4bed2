//! The webhook that Bankly calls when it has received an image and when it has analysed one. (Our page: "Events".)

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kyc_core::{
    Clock, Cpf, DateTime, DecodeFailure, Decoded, Error, Lenient, OperationId, RawBody, RedactedText, Secret,
    SystemClock, Timestamp, Trust, UnknownField, UnknownFieldReporter, Vendor, Wake, WebhookError,
    WebhookEvent, WebhookRequest, WebhookSource, decode, open_enum, response,
};
use sha2::Sha256;

use crate::VENDOR;
use crate::config::{KEY, KeyReading};
use crate::model::{Analysis, AnalysisStatus, ImageToken, Verdict};
use crate::operations::status::parts;

/// How much an event's time may differ from the clock. The vendor states no limit.
const WINDOW: Duration = Duration::from_secs(5 * 60);

const RECEIVED: &str = "document-was-received";
const PROCESSED: &str = "document-was-processed";
/// Events of other names. Nothing that a sender writes becomes a type.
const OTHER: &str = "other";

open_enum! {
    /// The name of an event. (Our page: "Event names".)
    pub enum EventName: text {
        /// Bankly received an image, which may not be analysed yet.
        DocumentWasReceived = "DOCUMENT_WAS_RECEIVED",
        /// Bankly analysed an image.
        DocumentWasProcessed = "DOCUMENT_WAS_PROCESSED",
    }
}

response! {
    /// The body of an event. (Vendor page: "Envio de imagens para Onboarding"; our page: "Envelope".)
    #[serde(rename_all = "camelCase")]
    pub struct Event {
        /// The token of the image; one printed example differs from `data.token`.
        pub entity_id: Option<RedactedText>,
        /// The company key of the partner. A space may follow it.
        pub company_key: Option<RedactedText>,
        /// The idempotency key: the same in each delivery of the event.
        pub idempotency_key: Option<RedactedText>,
        /// The context: `Document`.
        pub context: Option<RedactedText>,
        /// The name of the event.
        pub name: Option<EventName>,
        /// When the event occurred.
        pub timestamp: Option<Lenient<DateTime>>,
        /// An id for enquiries to the vendor's support.
        pub correlation_id: Option<RedactedText>,
        /// The version of the event's form, in newer events.
        pub version: Option<RedactedText>,
        /// The person whose image it is.
        pub metadata: Option<EventMetadata>,
        /// The current state of the analysis.
        pub data: Option<Analysis>,
    }
}

response! {
    /// The person whose image an event is about.
    #[serde(rename_all = "camelCase")]
    pub struct EventMetadata {
        /// The person's CPF.
        pub customer_document: Option<Lenient<Cpf>>,
    }
}

impl Event {
    /// Returns the wake for [`Poller::wake_on`](kyc_core::Poller::wake_on) if this event ends the analysis of the
    /// image. Events of other images and of progress return `None`.
    ///
    /// The event itself is the result only if it is clear and names no other image. Otherwise Bankly is queried.
    #[must_use]
    pub fn wake(self, id: &OperationId) -> Option<Wake<Analysis>> {
        let (cpf, token) = parts(id).filter(|_| id.check_vendor(VENDOR).is_ok())?;
        let is_of_the_person = self.cpf().is_none_or(|named| *named == cpf);
        if !self.is_final() || !is_of_the_person || !self.tokens().contains(&token) {
            return None;
        }
        let is_certain = self.cpf().is_some() && self.tokens().len() == 1;
        let result = self
            .data
            .filter(|data| is_certain && matches!(data.verdict(), Verdict::Valid | Verdict::Invalid(_)));
        Some(result.map_or(Wake::Query, |data| Wake::Result(Analysis { token: Some(token), ..data })))
    }

    /// Returns the state of the one image that the event names, once its analysis has ended.
    pub(crate) fn told(self) -> Option<Analysis> {
        let is_certain = self.is_final() && self.cpf().is_some() && self.tokens().len() == 1;
        self.data.filter(|data| is_certain && data.verdict() != Verdict::Pending)
    }

    /// Without a readable status, the name states that the analysis has ended.
    fn is_final(&self) -> bool {
        let status = self.data.as_ref().and_then(|data| data.status.as_ref());
        match status {
            Some(AnalysisStatus::Analyzing | AnalysisStatus::PartiallyAnalyzed) => false,
            Some(status) if status.is_final() => true,
            _ => self.name == Some(EventName::DocumentWasProcessed),
        }
    }

    fn cpf(&self) -> Option<&Cpf> {
        self.metadata.as_ref().and_then(|metadata| metadata.customer_document.as_ref()?.get())
    }

    /// Returns the tokens that the event names: usually the same one in two places.
    fn tokens(&self) -> Vec<ImageToken> {
        let entity = self.entity_id.as_ref().map(|id| ImageToken::new(id.as_str()));
        let data = self.data.as_ref().and_then(|data| data.token.clone());
        let mut tokens: Vec<_> = data.into_iter().chain(entity).filter(ImageToken::is_usable).collect();
        tokens.dedup();
        tokens
    }

    fn operations(&self) -> Vec<OperationId> {
        let Some(cpf) = self.cpf() else { return Vec::new() };
        self.tokens().iter().map(|token| token.operation_id(cpf)).collect()
    }

    /// Returns the id that is the same in each delivery of this event. Another event of the same image has another id, even if
    /// it reports a state that was reported before.
    fn id(&self) -> Option<String> {
        let key = self.idempotency_key.as_ref()?.as_str().trim();
        (!key.is_empty()).then(|| key.to_owned())
    }

    fn event_type(&self) -> &'static str {
        match self.name {
            Some(EventName::DocumentWasReceived) => RECEIVED,
            Some(EventName::DocumentWasProcessed) => PROCESSED,
            None if self.tokens().is_empty() => WebhookEvent::UNREADABLE,
            _ => OTHER,
        }
    }
}

impl TryFrom<&RawBody> for Event {
    type Error = DecodeFailure;

    /// Decodes the payload of an event, whether it was just received or stored.
    fn try_from(payload: &RawBody) -> Result<Self, DecodeFailure> {
        decode(payload.expose()).map(|decoded| decoded.value)
    }
}

/// The receiver of Bankly's events: verifies the signature over the raw body, then reads one or several events. (Our
/// page: "Receiving".)
///
/// Pass the public URL of each request with [`WebhookRequest::at_url`], spelt as it was registered: the signature
/// covers the URL, so a proxy that changes it invalidates the signature. Deliveries of one event have the same id:
/// its idempotency key.
///
/// ```
/// use bankly_kyc::kyc_core::{WebhookRequest, WebhookSource};
/// use bankly_kyc::{Event, Webhook};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let webhook = Webhook::new("dGVzdGU=")?;
/// let forged = WebhookRequest::new([("authorization", "hmac AAAA")], "{}").at_url("https://hooks.example.com/bankly");
/// assert!(webhook.receive(&forged).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Webhook {
    keys: Vec<Secret<Vec<u8>>>,
    window: Duration,
    clock: Arc<dyn Clock>,
    unknown_fields: UnknownFieldReporter,
}

impl Webhook {
    /// Creates a receiver of events that are signed with this private key, in either reading.
    ///
    /// # Errors
    /// `Config` if the key is empty.
    pub fn new(private_key: impl Into<Secret<String>>) -> Result<Self, Error> {
        Self::with_reading(private_key, KeyReading::default())
    }

    /// Creates a receiver with one reading of the key.
    ///
    /// # Errors
    /// `Config` if the key is empty, or if it must be decoded and is not valid base64.
    pub fn with_reading(private_key: impl Into<Secret<String>>, reading: KeyReading) -> Result<Self, Error> {
        let key = private_key.into();
        let text = key.expose().trim();
        let decoded = STANDARD.decode(text).ok().filter(|key| !key.is_empty());
        if text.is_empty() {
            return Err(Error::config(VENDOR, "the webhook's private key is empty"));
        }
        let text = text.as_bytes().to_vec();
        let keys =
            match reading {
                KeyReading::Text => vec![text],
                KeyReading::Decoded => {
                    vec![decoded.ok_or_else(|| {
                        Error::config(VENDOR, "the webhook's private key is not valid base64")
                    })?]
                }
                KeyReading::Either => decoded.into_iter().chain([text]).collect(),
            };
        Ok(Self {
            keys: keys.into_iter().map(Secret::new).collect(),
            window: WINDOW,
            clock: Arc::new(SystemClock),
            unknown_fields: UnknownFieldReporter::new(VENDOR, None),
        })
    }

    /// Sets how much the time of an event may differ from the clock: five minutes by default.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Uses another clock than the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Calls `hook` once for each JSON path in an event that this release does not know.
    #[must_use]
    pub fn on_unknown_field(mut self, hook: impl Fn(&UnknownField) + Send + Sync + 'static) -> Self {
        self.unknown_fields = UnknownFieldReporter::new(VENDOR, Some(Arc::new(hook)));
        self
    }

    /// Reads the headers that authenticate a request, and checks all of them that can be checked without the body.
    fn head<'a>(&self, request: &'a WebhookRequest) -> Result<Head<'a>, WebhookError> {
        let header = |name| {
            let value = request.header(name).and_then(|value| std::str::from_utf8(value).ok());
            value.map(str::trim).ok_or(WebhookError::MissingHeader(name))
        };
        let (authorization, public_key) = (header("authorization")?, header("publickey")?);
        let (nonce, time) = (header("nonce")?, header("requesttimestamp")?);
        let url = request.url().ok_or(WebhookError::NoUrl)?;
        let signature = signature_in(authorization).ok_or(WebhookError::MissingHeader("authorization"))?;
        let sent = time.parse().ok().and_then(Timestamp::from_unix_seconds);
        if !self.is_timely(sent.ok_or(WebhookError::MissingHeader("requesttimestamp"))?) {
            return Err(WebhookError::TimestampOutOfTolerance);
        }
        Ok(Head { public_key, url, time, nonce, signature })
    }

    fn is_timely(&self, sent: Timestamp) -> bool {
        let now = self.clock.now();
        now.since(sent).max(sent.since(now)) <= self.window
    }

    fn read(&self, request: &WebhookRequest) -> Vec<WebhookEvent> {
        let json = request.json();
        // Each event keeps its own JSON text as payload, as UTF-8: a stored payload has no headers that name its charset.
        match json.elements() {
            Some(list) => {
                let one = |text: String| {
                    let decoded = decode::<Event>(text.as_bytes()).ok();
                    let payload = Bytes::from(text);
                    self.read_one(decoded, payload.clone(), payload)
                };
                list.into_iter().map(one).collect()
            }
            None => {
                let payload = Bytes::from(json.as_str().to_owned());
                vec![self.read_one(json.decode::<Event>().ok(), payload, request.body().clone())]
            }
        }
    }

    fn read_one(&self, decoded: Option<Decoded<Event>>, payload: Bytes, raw: Bytes) -> WebhookEvent {
        let Some(decoded) = decoded else { return WebhookEvent::unreadable(VENDOR, self.trust(), raw) };
        let event_type = decoded.value.event_type();
        let event = self.unknown_fields.observe(event_type, decoded);
        let mut read = WebhookEvent::new(VENDOR, event_type, self.trust(), payload);
        let token = event.tokens().into_iter().next();
        read.is_final = event.is_final() && token.is_some();
        read.event_id = event.id();
        read.subject = token.map(|token| token.as_str().to_owned());
        read.person = event.cpf().cloned();
        read.operations = event.operations();
        read
    }
}

impl WebhookSource for Webhook {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn name(&self) -> &'static str {
        KEY
    }

    fn event_types(&self) -> &'static [&'static str] {
        &[RECEIVED, PROCESSED, OTHER]
    }

    fn trust(&self) -> Trust {
        Trust::Signed
    }

    /// Checks everything but the signature, which covers the body: the form of the headers, and the time.
    fn check_sender(&self, head: &WebhookRequest) -> Result<(), WebhookError> {
        self.head(head).map(drop)
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError> {
        request.check_size(self.trust())?;
        let signed = self.head(request)?;
        let text = signed.text(request.body());
        let is_signed = self.keys.iter().any(|key| is_signature(key.expose(), &text, &signed.signature));
        if is_signed { Ok(self.read(request)) } else { Err(WebhookError::WrongSignature) }
    }
}

/// What authenticates a request, except the body.
struct Head<'a> {
    public_key: &'a str,
    url: &'a str,
    time: &'a str,
    nonce: &'a str,
    signature: Vec<u8>,
}

impl Head<'_> {
    /// Returns the signed text: the parts joined by `&`, the URL encoded and in lower case, the body as base64. (Our page:
    /// "Signature".)
    fn text(&self, body: &[u8]) -> String {
        let Self { public_key, url, time, nonce, .. } = self;
        let url = encoded(url).to_lowercase();
        format!("{public_key}&{url}&{time}&{nonce}&{}", STANDARD.encode(body))
    }
}

/// Decodes the signature of an `Authorization` header: `HMAC <base64>`.
fn signature_in(authorization: &str) -> Option<Vec<u8>> {
    let (scheme, signature) = authorization.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("hmac") { STANDARD.decode(signature.trim()).ok() } else { None }
}

/// Percent-encodes like `urlencode`: everything except letters, digits, `-`, `_` and `.`; a space becomes a plus.
fn encoded(url: &str) -> String {
    url.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'-' | b'_' | b'.' => text.push(char::from(byte)),
            b' ' => text.push('+'),
            _ if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(text, "%{byte:02x}")),
        }
        text
    })
}

/// Compares in constant time.
fn is_signature(key: &[u8], text: &str, signature: &[u8]) -> bool {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return false };
    mac.update(text.as_bytes());
    mac.verify_slice(signature).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC_KEY: &str = "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1";
    const NONCE: &str = "972004b06b6b443d8ed71630c9430048";
    const TIME: &str = "1615331979";
    const URL: &str = "https://hooks.example.com/bankly?x=1";
    const BODY: &str = r#"{"name":"DOCUMENT_WAS_RECEIVED"}"#;

    fn signed() -> String {
        let signature = Vec::new();
        Head { public_key: PUBLIC_KEY, url: URL, time: TIME, nonce: NONCE, signature }.text(BODY.as_bytes())
    }

    #[test]
    fn the_signed_text_has_the_documented_form() {
        let wanted = format!(
            "{PUBLIC_KEY}&https%3a%2f%2fhooks.example.com%2fbankly%3fx%3d1&{TIME}&{NONCE}&eyJuYW1lIjoiRE9DVU1FTlRfV0FTX1JFQ0VJVkVEIn0="
        );
        assert_eq!(signed(), wanted);
    }

    #[test]
    fn a_signature_matches_the_reading_of_its_key() {
        let is = |key: &[u8], signature: &str| {
            is_signature(key, &signed(), &STANDARD.decode(signature).expect("base64"))
        };
        assert!(is(b"teste", "YEQfoqbJlrco8VgsFvnP5mLsdH1+7ZfoErTa3pk0k+c="));
        assert!(is(b"dGVzdGU=", "iWau8AAMgONgHisSS3UEnf3B5zbPesQn0Cm427oft3s="));
        assert!(!is(b"dGVzdGU=", "YEQfoqbJlrco8VgsFvnP5mLsdH1+7ZfoErTa3pk0k+c="));
    }

    #[test]
    fn key_readings_are_printed_and_parsed_by_name() {
        for (name, reading) in KeyReading::NAMES {
            assert_eq!(name.parse(), Ok(reading));
            assert_eq!(reading.to_string(), name);
        }
        let error = "raw".parse::<KeyReading>().expect_err("not a name");
        assert_eq!(error.to_string(), "key reading: must be decoded or text or either");
    }
}
