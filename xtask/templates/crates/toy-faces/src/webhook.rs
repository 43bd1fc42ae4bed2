//! The webhook that the vendor calls after a comparison. (Our page: "Webhook".)

use bytes::Bytes;
use kyc_core::{
    DecodeFailure, Error, Finding, Lenient, OperationId, RawBody, RedactedText, Secret, Trust,
    UnknownFieldReporter, Vendor, WebhookError, WebhookEvent, WebhookRequest, WebhookSource,
    constant_time_eq, decode, response,
};

use crate::VENDOR;
use crate::config::KEY;
use crate::model::ComparisonId;
use crate::operations::compare;

const OPERATION: &str = "webhook";
const EVENT_TYPE: &str = "comparison";

response! {
    /// The body of a webhook.
    #[serde(rename_all = "camelCase")]
    pub struct Notification {
        /// The vendor's id.
        pub id: Option<ComparisonId>,
        /// Your reference, as you sent it.
        pub reference: Option<RedactedText>,
        /// Whether the images show the same person.
        pub is_match: Option<Lenient<bool>>,
    }
}

impl Notification {
    /// Returns whether the images show the same person.
    pub fn finding(&self) -> Finding {
        Finding::of(self.is_match.as_ref())
    }
}

impl TryFrom<&RawBody> for Notification {
    type Error = DecodeFailure;

    /// Decodes the payload of an event, whether it was just received or stored.
    fn try_from(payload: &RawBody) -> Result<Self, DecodeFailure> {
        decode(payload.expose()).map(|decoded| decoded.value)
    }
}

/// The receiver of the vendor's webhooks: verifies the bearer secret and reads the event. (Our page: "Webhook".)
#[derive(Clone, Debug)]
pub struct Webhook {
    token: Secret<String>,
    unknown_fields: UnknownFieldReporter,
}

impl Webhook {
    /// Creates a receiver that accepts this bearer secret. Whitespace around it is ignored.
    ///
    /// # Errors
    /// `Config` if the secret is empty.
    pub fn new(token: impl Into<Secret<String>>) -> Result<Self, Error> {
        // A file with a secret usually ends with a line break.
        let token = Secret::new(token.into().expose().trim().to_owned());
        if token.expose().is_empty() {
            return Err(Error::config(VENDOR, "the webhook's secret is empty"));
        }
        Ok(Self { token, unknown_fields: UnknownFieldReporter::new(VENDOR, None) })
    }

    fn read(&self, request: &WebhookRequest) -> WebhookEvent {
        let json = request.json();
        // As UTF-8, because the stored payload has no headers that name its charset.
        let payload = Bytes::from(json.as_str().to_owned());
        let unreadable = || WebhookEvent::unreadable(VENDOR, self.trust(), request.body().clone());
        let Ok(decoded) = json.decode::<Notification>() else { return unreadable() };
        let notification = self.unknown_fields.observe(OPERATION, decoded);
        let Some(id) = notification.id.as_ref().filter(|id| !id.as_str().is_empty()) else {
            return unreadable();
        };
        let mut event = WebhookEvent::new(VENDOR, EVENT_TYPE, self.trust(), payload);
        // The vendor gives no id of the event: its content tells a repeated delivery from a corrected verdict.
        event.subject = Some(id.as_str().to_owned());
        let operation = compare::OPERATION.name();
        let reference = notification.reference.as_ref().map(RedactedText::as_str);
        event.operations = reference
            .map(|reference| OperationId::by_reference(VENDOR, operation, reference))
            .into_iter()
            .collect();
        event.is_final = true;
        event
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
        &[EVENT_TYPE]
    }

    fn trust(&self) -> Trust {
        Trust::SharedSecret
    }

    /// Verifies the bearer secret.
    fn check_sender(&self, head: &WebhookRequest) -> Result<(), WebhookError> {
        let missing = WebhookError::MissingHeader("authorization");
        let header = head.header("authorization").ok_or(missing)?;
        let (scheme, token) = header.split_at_checked(7).ok_or(missing)?;
        if !scheme.eq_ignore_ascii_case(b"Bearer ") {
            return Err(missing);
        }
        let is_accepted = constant_time_eq(token.trim_ascii(), self.token.expose().as_bytes());
        if is_accepted { Ok(()) } else { Err(WebhookError::WrongSecret) }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError> {
        request.check_size(self.trust())?;
        self.check_sender(request)?;
        Ok(vec![self.read(request)])
    }
}
