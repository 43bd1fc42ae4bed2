//! The webhooks: the end of a journey, and later suspicions of fraud. (Our page: "Completion webhook" and "Status
//! updater".)

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use ipnet::IpNet;
use kyc_core::{
    Cpf, DecodeFailure, Decoded, Error, JsonText, Lenient, OperationId, RawBody, RedactedText, Secret, Trust,
    UnknownField, UnknownFieldHook, UnknownFieldReporter, ValidationError, Vendor, Wake, WebhookError,
    WebhookEvent, WebhookRequest, WebhookSource, constant_time_eq, decode, response,
};

use crate::VENDOR;
use crate::model::{Appkey, FraudStatus, JourneyStatus, optional_appkey};

const COMPLETION: &str = "completion";
pub(crate) const STATUS_UPDATE: &str = "status-update";

response! {
    /// The body of the webhook for the end of a journey. (Vendor page: "6. Webhook"; our page: "Completion webhook".)
    #[serde(rename_all = "PascalCase")]
    pub struct Completion {
        /// The status at the end.
        #[serde(alias = "status")]
        pub status: Option<JourneyStatus>,
        /// The key of the journey.
        #[serde(default, alias = "appkey", deserialize_with = "optional_appkey")]
        pub appkey: Option<Appkey>,
    }
}

impl Completion {
    /// Returns a wake-up for [`Poller::wake_on`](kyc_core::Poller::wake_on) if the event is about that journey. It makes
    /// the wait poll at once, whatever status the event has.
    #[must_use]
    pub fn wake<T>(&self, id: &OperationId) -> Option<Wake<T>> {
        (self.appkey.as_ref()?.operation_id() == *id).then_some(Wake::Query)
    }
}

impl TryFrom<&RawBody> for Completion {
    type Error = DecodeFailure;

    /// Decodes the payload of an event, whether it was just received or stored.
    fn try_from(payload: &RawBody) -> Result<Self, DecodeFailure> {
        decode(payload.expose()).map(|decoded| decoded.value)
    }
}

response! {
    /// The body of a status update: a suspicion of fraud, up to 10 days after the transaction. (Vendor page: "8. Status
    /// Updater".)
    #[serde(rename_all = "camelCase")]
    pub struct StatusUpdate {
        /// The transaction number of the journey's liveness check.
        pub protocolo: Option<RedactedText>,
        /// The person's CPF. The page prints it as a bare number with leading zeros, which is not valid JSON but is accepted
        /// here.
        pub cpf: Option<Lenient<Cpf>>,
        /// The new status.
        pub novo_status: Option<FraudStatus>,
        /// The description of the new status.
        pub descricao: Option<RedactedText>,
    }
}

impl TryFrom<&RawBody> for StatusUpdate {
    type Error = DecodeFailure;

    /// Decodes the payload of an event, whether it was just received or stored.
    fn try_from(payload: &RawBody) -> Result<Self, DecodeFailure> {
        decode_update(&JsonText::new(payload.expose(), None)).map(|decoded| decoded.value)
    }
}

/// The receiver of completions. They are not authenticated: an event is a hint to request the result. (Our page:
/// "Completion webhook".)
///
/// ```
/// use certiface::{Completion, CompletionWebhook};
/// use certiface::kyc_core::{WebhookRequest, WebhookSource};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let webhook = CompletionWebhook::new();
/// let body = r#"{"Status": "Completo", "Appkey": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UifQ.c2ln"}"#;
/// for event in webhook.receive(&WebhookRequest::new([("content-type", "application/json")], body))? {
///     assert!(event.is_final);
///     let completion = Completion::try_from(&event.payload)?;
///     // Now request the result: client.result(&completion.appkey…)
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CompletionWebhook {
    secret_path: Option<Secret<String>>,
    unknown_fields: UnknownFieldReporter,
}

impl CompletionWebhook {
    /// Creates a receiver that accepts events from any sender, as hints.
    #[must_use]
    pub fn new() -> Self {
        Self { secret_path: None, unknown_fields: reporter(None) }
    }

    /// Accepts only requests to a URL whose path ends in that secret: the URL registered with Certiface. Pass the URL of a
    /// request by [`WebhookRequest::at_url`]. The events stay hints, since a URL is easily logged.
    ///
    /// # Errors
    /// `Config`: the secret is not one segment of a path in the form that URLs have it, so that no request could ever match: it is
    /// empty or holds a slash, a query, a fragment, a blank, a percent sign or another character that URLs escape.
    pub fn with_secret_path(mut self, secret: impl Into<Secret<String>>) -> Result<Self, Error> {
        let secret = Secret::new(secret.into().expose().trim().trim_matches('/').to_owned());
        check_segment(secret.expose()).map_err(|rule| invalid_config("secret_path", rule))?;
        self.secret_path = Some(secret);
        Ok(self)
    }

    /// Sets a hook that is called once for each JSON path in a webhook that this release does not know.
    #[must_use]
    pub fn on_unknown_field(mut self, hook: impl Fn(&UnknownField) + Send + Sync + 'static) -> Self {
        self.unknown_fields = reporter(Some(Arc::new(hook)));
        self
    }

    fn read(&self, request: &WebhookRequest) -> WebhookEvent {
        let json = request.json();
        let unreadable = || WebhookEvent::unreadable(VENDOR, self.trust(), request.body().clone());
        let Ok(decoded) = json.decode::<Completion>() else { return unreadable() };
        let completion = self.unknown_fields.observe(COMPLETION, decoded);
        let Some(appkey) = completion.appkey else { return unreadable() };
        let mut event = WebhookEvent::new(VENDOR, COMPLETION, self.trust(), payload(request, &json));
        event.subject = Some(digest(&appkey).to_string());
        event.person = appkey.person();
        event.operations = vec![appkey.operation_id()];
        event.is_final = true;
        event
    }
}

impl Default for CompletionWebhook {
    fn default() -> Self {
        Self::new()
    }
}

impl WebhookSource for CompletionWebhook {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn name(&self) -> &'static str {
        "certiface-completion"
    }

    fn event_types(&self) -> &'static [&'static str] {
        &[COMPLETION]
    }

    fn trust(&self) -> Trust {
        Trust::Hint
    }

    /// Compares the end of the path with the secret, if there is one. Without one, it accepts everybody.
    fn check_sender(&self, head: &WebhookRequest) -> Result<(), WebhookError> {
        let Some(secret) = &self.secret_path else { return Ok(()) };
        let url = head.url().ok_or(WebhookError::NoUrl)?;
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let end = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let is_accepted = constant_time_eq(end.as_bytes(), secret.expose().as_bytes());
        if is_accepted { Ok(()) } else { Err(WebhookError::WrongSecret) }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError> {
        request.check_size(self.trust())?;
        self.check_sender(request)?;
        Ok(vec![self.read(request)])
    }
}

/// The receiver of status updates, which it accepts by the sender's IP address. Certiface publishes no addresses: request
/// them from the vendor.
///
/// A status may return: suspected, cleared, suspected again. The vendor gives no event id, so that an update is compared with
/// the latest one of the same transaction number: one that says something else than the latest is a new event, and one that says
/// the same is a repeated delivery.
///
/// Pass the sender's address by [`WebhookRequest::from_peer`]: the one of the connection or the one that your proxy reports,
/// never a header that anybody can set. (Our page: "Status updater".)
///
/// ```
/// use certiface::kyc_core::{WebhookRequest, WebhookSource};
/// use certiface::{StatusUpdate, StatusWebhook};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let webhook = StatusWebhook::new(["192.0.2.1", "198.51.100.0/24"])?;
/// let body = r#"{"protocolo": "202200998977", "cpf": 00011122233, "novoStatus": "RES"}"#;
/// let request = WebhookRequest::new([("content-type", "application/json")], body);
/// for event in webhook.receive(&request.from_peer("198.51.100.7".parse()?))? {
///     let update = StatusUpdate::try_from(&event.payload)?;
///     assert!(update.protocolo.is_some());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct StatusWebhook {
    peers: Vec<IpNet>,
    unknown_fields: UnknownFieldReporter,
}

impl StatusWebhook {
    /// Creates a receiver that accepts updates from these IP addresses or networks, such as `192.0.2.1` or
    /// `198.51.100.0/24`.
    ///
    /// # Errors
    /// `Config`, with the number of the entry: the list is empty; an entry is neither an IP address nor a network, can never match
    /// a sender (such as `::ffff:192.0.2.1`, since senders are compared as IPv4), or matches every sender, alone or together with
    /// others.
    pub fn new<P: AsRef<str>>(peers: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        let entries = peers.into_iter().zip(1..).map(|(peer, number)| {
            network(peer.as_ref())
                .map_err(|rule| invalid_config(format!("status_peers, entry {number}"), rule))
        });
        let peers = entries.collect::<Result<Vec<_>, _>>()?;
        check_list(&peers).map_err(|rule| invalid_config("status_peers", rule))?;
        Ok(Self { peers, unknown_fields: reporter(None) })
    }

    /// Sets a hook that is called once for each JSON path in a webhook that this release does not know.
    #[must_use]
    pub fn on_unknown_field(mut self, hook: impl Fn(&UnknownField) + Send + Sync + 'static) -> Self {
        self.unknown_fields = reporter(Some(Arc::new(hook)));
        self
    }

    fn read(&self, request: &WebhookRequest) -> WebhookEvent {
        let json = request.json();
        let unreadable = || WebhookEvent::unreadable(VENDOR, self.trust(), request.body().clone());
        let Ok(decoded) = decode_update(&json) else { return unreadable() };
        let update = self.unknown_fields.observe(STATUS_UPDATE, decoded);
        let number = update.protocolo.as_ref().map(|number| number.as_str().trim());
        let subject = number.filter(|number| !number.is_empty()).map(str::to_owned);
        let mut event = if subject.is_some() {
            WebhookEvent::new(VENDOR, STATUS_UPDATE, self.trust(), payload(request, &json))
        } else {
            unreadable()
        };
        event.is_final = subject.is_some();
        event.subject = subject;
        event.person = update.cpf.as_ref().and_then(Lenient::get).cloned();
        event
    }
}

impl WebhookSource for StatusWebhook {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    fn name(&self) -> &'static str {
        "certiface-status"
    }

    fn event_types(&self) -> &'static [&'static str] {
        &[STATUS_UPDATE]
    }

    fn trust(&self) -> Trust {
        Trust::KnownPeer
    }

    /// Compares the sender's address with the allow-list.
    fn check_sender(&self, head: &WebhookRequest) -> Result<(), WebhookError> {
        // A dual-stack socket reports an IPv4 address as an IPv4-mapped IPv6 address.
        let peer = head.peer().ok_or(WebhookError::NoPeer)?.to_canonical();
        let is_allowed = self.peers.iter().any(|network| network.contains(&peer));
        if is_allowed { Ok(()) } else { Err(WebhookError::PeerNotAllowed) }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError> {
        request.check_size(self.trust())?;
        self.check_sender(request)?;
        Ok(vec![self.read(request)])
    }
}

fn reporter(hook: Option<UnknownFieldHook>) -> UnknownFieldReporter {
    UnknownFieldReporter::new(VENDOR, hook).for_unauthenticated()
}

fn invalid_config(subject: impl Into<Cow<'static, str>>, rule: ValidationError) -> Error {
    Error::config(VENDOR, rule.about(subject).to_string())
}

/// Refuses what can never be the last segment of a URL's path.
fn check_segment(secret: &str) -> Result<(), ValidationError> {
    let is_literal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte);
    let rule = match secret {
        "" => "must not be empty",
        // Clients resolve them before they send.
        "." | ".." => "must not be a dot segment",
        _ if secret.contains('/') => "must be one segment of a path, without a slash",
        _ if !secret.bytes().all(is_literal) => {
            "must hold only letters, digits and -._~!$&'()*+,;=:@, which URLs do not escape"
        }
        _ => return Ok(()),
    };
    Err(ValidationError::new(rule))
}

fn network(text: &str) -> Result<IpNet, ValidationError> {
    let text = text.trim();
    let network: Option<IpNet> = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    let network = network.ok_or_else(|| ValidationError::new("must be an IP address or a network"))?;
    let address = network.network();
    let rule = if network.prefix_len() == 0 {
        "must not match every sender"
    } else if is_mapped(&network) {
        "can never match: write an IPv4-mapped address as IPv4"
    } else if address.is_multicast() || is_nobody(&network) {
        "can never match: it is not the address of a sender"
    } else {
        return Ok(network);
    };
    Err(ValidationError::new(rule))
}

/// Whether it is within `::ffff:0:0/96`. Senders are compared in their IPv4 form.
fn is_mapped(network: &IpNet) -> bool {
    matches!(network, IpNet::V6(v6) if v6.prefix_len() >= 96 && v6.network().to_ipv4_mapped().is_some())
}

/// Whether it is the unspecified address or the broadcast address alone.
fn is_nobody(network: &IpNet) -> bool {
    let address = network.addr();
    network.prefix_len() == network.max_prefix_len()
        && (address.is_unspecified() || address == IpAddr::V4(Ipv4Addr::BROADCAST))
}

fn check_list(peers: &[IpNet]) -> Result<(), ValidationError> {
    if peers.is_empty() {
        return Err(ValidationError::new("must not be empty"));
    }
    // Such as 0.0.0.0/1 and 128.0.0.0/1.
    if IpNet::aggregate(&peers.to_vec()).iter().any(|network| network.prefix_len() == 0) {
        return Err(ValidationError::new("must not match every sender: its entries do together"));
    }
    Ok(())
}

/// Returns the event as text in UTF-8, so that it can be decoded without the headers of its request.
fn payload(request: &WebhookRequest, json: &JsonText<'_>) -> Bytes {
    let text = json.as_str().as_bytes();
    if text == request.body().as_ref() { request.body().clone() } else { Bytes::copy_from_slice(text) }
}

/// Names a journey without its key, which is a secret. The key is long and random enough that the digest tells nothing.
fn digest(appkey: &Appkey) -> uuid::Uuid {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, appkey.expose().as_bytes())
}

fn decode_update(json: &JsonText<'_>) -> Result<Decoded<StatusUpdate>, DecodeFailure> {
    json.decode().or_else(|failure| match with_quoted_cpf(json.as_str()) {
        Some(repaired) => decode(repaired.as_bytes()),
        None => Err(failure),
    })
}

/// Returns the body with quotes around a `cpf` that is a bare number: JSON numbers have no leading zeros.
fn with_quoted_cpf(text: &str) -> Option<String> {
    let (before, rest) = text.split_once("\"cpf\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = value.split_at_checked(digits).filter(|(number, _)| !number.is_empty())?;
    Some(format!("{before}\"cpf\":\"{number}\"{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpf_without_quotes_keeps_its_zeros() {
        let body = b"{\"protocolo\": \"202200998977\",\n\"cpf\": 00011122233,\n\"novoStatus\": \"RES\"}";
        let update = decode_update(&JsonText::new(body, None)).expect("repaired").value;
        assert_eq!(update.cpf.as_ref().map(Lenient::text), Some("00011122233"));
        assert_eq!(update.novo_status, Some(FraudStatus::Suspected));
        for text in ["{\"cpf\":\"52998224725\"}", "{\"cpf\":52998224725}"] {
            let update = decode_update(&JsonText::new(text.as_bytes(), None)).expect("JSON").value;
            assert_eq!(update.cpf.as_ref().map(Lenient::text), Some("52998224725"), "{text}");
        }
        assert!(decode_update(&JsonText::new(b"{\"cpf\": x}", None)).is_err());
    }
}
