//! The webhooks: the end of a journey, and later suspicions of fraud. (Our page: "Completion webhook" and "Status
//! updater".)

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use ipnet::IpNet;
use kyc_core::{
    Cpf, DecodeFailure, Decoded, Error, Lenient, OperationId, RedactedText, Secret, Trust, UnknownField,
    UnknownFieldReporter, Vendor, Wake, WebhookError, WebhookEvent, WebhookRequest, WebhookSource,
    constant_time_eq, decode,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::model::{Appkey, JourneyStatus};

/// The body of the webhook for the end of a journey. (Vendor page: "6. Webhook"; our page: "Completion webhook".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Completion {
    /// The status at the end.
    #[serde(alias = "status", skip_serializing_if = "Option::is_none")]
    pub status: Option<JourneyStatus>,
    /// The key of the journey.
    #[serde(alias = "appkey", skip_serializing_if = "Option::is_none")]
    pub appkey: Option<Appkey>,
}

impl Completion {
    /// Returns a wake-up for [`Poller::wake_on`](kyc_core::Poller::wake_on) if the event is about that journey. It makes
    /// the wait poll at once, whatever status the event has.
    #[must_use]
    pub fn wake<T>(&self, id: &OperationId) -> Option<Wake<T>> {
        (self.appkey.as_ref()?.operation_id() == *id).then_some(Wake::Ask)
    }
}

impl TryFrom<&WebhookEvent> for Completion {
    type Error = DecodeFailure;

    /// Decodes the payload of an event, which may have been stored.
    fn try_from(event: &WebhookEvent) -> Result<Self, DecodeFailure> {
        decode(event.payload.expose()).map(|decoded| decoded.value)
    }
}

/// The body of a status update: a suspicion of fraud, up to 10 days after the transaction. (Vendor page: "8. Status
/// Updater".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct StatusUpdate {
    /// The transaction number of the journey's liveness check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocolo: Option<RedactedText>,
    /// The person's CPF. The page prints it as a bare number with leading zeros, which is not valid JSON but is accepted
    /// here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf: Option<Lenient<Cpf>>,
    /// The new status. The page prints `RES` and has no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub novo_status: Option<RedactedText>,
    /// The description of the new status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descricao: Option<RedactedText>,
}

impl TryFrom<&WebhookEvent> for StatusUpdate {
    type Error = DecodeFailure;

    /// Decodes the payload of an event, which may have been stored.
    fn try_from(event: &WebhookEvent) -> Result<Self, DecodeFailure> {
        decode_update(event.payload.expose()).map(|decoded| decoded.value)
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
///     let completion = Completion::try_from(&event)?;
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
        Self { secret_path: None, unknown_fields: UnknownFieldReporter::new(VENDOR, None) }
    }

    /// Accepts only requests to a URL whose path ends in that secret: the URL registered with Certiface. Pass the URL of a
    /// request by [`WebhookRequest::at_url`]. The events stay hints, since a URL is easily logged.
    ///
    /// # Errors
    /// `Config`: the secret is empty.
    pub fn with_secret_path(mut self, secret: impl Into<Secret<String>>) -> Result<Self, Error> {
        let secret = Secret::new(secret.into().expose().trim().trim_matches('/').to_owned());
        if secret.expose().is_empty() {
            return Err(Error::config(VENDOR, "the webhook's secret path is empty"));
        }
        self.secret_path = Some(secret);
        Ok(self)
    }

    /// Sets a hook that is called once for each JSON path in a webhook that this release does not know.
    #[must_use]
    pub fn on_unknown_field(mut self, hook: impl Fn(&UnknownField) + Send + Sync + 'static) -> Self {
        self.unknown_fields = UnknownFieldReporter::new(VENDOR, Some(Arc::new(hook)));
        self
    }

    fn is_at_its_path(&self, request: &WebhookRequest) -> bool {
        let Some(secret) = &self.secret_path else { return true };
        let path = request.url().and_then(|url| url.split(['?', '#']).next()).unwrap_or_default();
        let end = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        constant_time_eq(end.as_bytes(), secret.expose().as_bytes())
    }

    fn read(&self, body: &Bytes) -> WebhookEvent {
        let unreadable = || WebhookEvent::unreadable(VENDOR, self.trust(), body.clone());
        let Ok(decoded) = decode::<Completion>(body) else { return unreadable() };
        self.unknown_fields.report("completion", decoded.ignored);
        let Completion { status, appkey: Some(appkey) } = decoded.value else { return unreadable() };
        let status = status.as_ref().map_or("", JourneyStatus::as_str);
        let key = digest(&format!("{}:{status}", appkey.expose()));
        let mut event = WebhookEvent::new(VENDOR, self.trust(), format!("completion:{key}"), body.clone());
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

    fn trust(&self) -> Trust {
        Trust::Hint
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError> {
        if !self.is_at_its_path(request) {
            return Err(if request.url().is_some() {
                WebhookError::WrongSecret
            } else {
                WebhookError::NoUrl
            });
        }
        Ok(vec![self.read(request.body())])
    }
}

/// The receiver of status updates, which it accepts by the sender's IP address. Certiface publishes no addresses: request
/// them from the vendor. Pass the sender's address by [`WebhookRequest::from_peer`]: the one of the connection or the one
/// that your proxy reports, never a header that anybody can set. (Our page: "Status updater".)
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
///     let update = StatusUpdate::try_from(&event)?;
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
    /// `Config`: the list is empty, or an entry is neither an IP address nor a network.
    pub fn new<P: AsRef<str>>(peers: impl IntoIterator<Item = P>) -> Result<Self, Error> {
        let peers: Option<Vec<_>> = peers.into_iter().map(|peer| network(peer.as_ref())).collect();
        match peers {
            Some(peers) if !peers.is_empty() => {
                Ok(Self { peers, unknown_fields: UnknownFieldReporter::new(VENDOR, None) })
            }
            Some(_) => Err(Error::config(VENDOR, "the list of allowed senders of status updates is empty")),
            None => Err(Error::config(
                VENDOR,
                "an allowed sender of status updates is neither an IP address nor a network",
            )),
        }
    }

    /// Sets a hook that is called once for each JSON path in a webhook that this release does not know.
    #[must_use]
    pub fn on_unknown_field(mut self, hook: impl Fn(&UnknownField) + Send + Sync + 'static) -> Self {
        self.unknown_fields = UnknownFieldReporter::new(VENDOR, Some(Arc::new(hook)));
        self
    }

    fn read(&self, body: &Bytes) -> WebhookEvent {
        let unreadable = || WebhookEvent::unreadable(VENDOR, self.trust(), body.clone());
        let Ok(decoded) = decode_update(body) else { return unreadable() };
        self.unknown_fields.report("status-update", decoded.ignored);
        let update = decoded.value;
        let Some(protocol) = &update.protocolo else { return unreadable() };
        let status = update.novo_status.as_ref().map_or("", RedactedText::as_str);
        let description = update.descricao.as_ref().map_or("", RedactedText::as_str);
        let key = digest(&format!("{}:{status}:{description}", protocol.as_str()));
        let mut event = WebhookEvent::new(VENDOR, self.trust(), format!("status-update:{key}"), body.clone());
        event.is_final = true;
        event
    }
}

impl WebhookSource for StatusWebhook {
    fn vendor(&self) -> Vendor {
        VENDOR
    }

    /// The sender's address is not a signature.
    fn trust(&self) -> Trust {
        Trust::Hint
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError> {
        // A dual-stack socket reports an IPv4 address as an IPv4-mapped IPv6 address.
        let peer = request.peer().map(|peer| peer.to_canonical());
        if !peer.is_some_and(|peer| self.peers.iter().any(|network| network.contains(&peer))) {
            return Err(if peer.is_some() { WebhookError::PeerNotAllowed } else { WebhookError::NoPeer });
        }
        Ok(vec![self.read(request.body())])
    }
}

fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Hashes a deduplication key, so that it holds no personal data.
fn digest(text: &str) -> uuid::Uuid {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, text.as_bytes())
}

fn decode_update(body: &[u8]) -> Result<Decoded<StatusUpdate>, DecodeFailure> {
    decode(body).or_else(|failure| match with_quoted_cpf(body) {
        Some(repaired) => decode(&repaired),
        None => Err(failure),
    })
}

/// Returns the body with quotes around a `cpf` that is a bare number: JSON numbers have no leading zeros.
fn with_quoted_cpf(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let (before, rest) = text.split_once("\"cpf\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start();
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = value.split_at_checked(digits).filter(|(number, _)| !number.is_empty())?;
    Some(format!("{before}\"cpf\":\"{number}\"{after}").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpf_without_quotes_keeps_its_zeros() {
        let body = b"{\"protocolo\": \"202200998977\",\n\"cpf\": 00011122233,\n\"novoStatus\": \"RES\"}";
        let update = decode_update(body).expect("repaired").value;
        assert_eq!(update.cpf.as_ref().map(Lenient::text), Some("00011122233"));
        assert_eq!(update.novo_status.as_ref().map(RedactedText::as_str), Some("RES"));
        for text in ["{\"cpf\":\"52998224725\"}", "{\"cpf\":52998224725}"] {
            let update = decode_update(text.as_bytes()).expect("JSON").value;
            assert_eq!(update.cpf.as_ref().map(Lenient::text), Some("52998224725"), "{text}");
        }
        assert!(decode_update(b"{\"cpf\": x}").is_err());
    }
}
