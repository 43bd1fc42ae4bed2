//! The webhook that ClearSale calls on every change of a transaction's status. (Our page: "Webhook".)

use std::sync::Arc;

use bytes::Bytes;
use kyc_core::{
    Cpf, DecodeFailure, Error, Lenient, OperationId, RawBody, RedactedText, Secret, Trust, UnknownField,
    UnknownFieldReporter, Vendor, Wake, WebhookError, WebhookEvent, WebhookRequest, WebhookSource,
    constant_time_eq, decode, response,
};

use crate::VENDOR;
use crate::config::KEY;
use crate::error::Errors;
use crate::model::{MatchLevel, TransactionId, TransactionStatus};
use crate::operations::match2d_2d;
use crate::operations::match2d_2d_query::Transaction;

const OPERATION: &str = "webhook";
const EVENT_TYPE: &str = "transaction";

response! {
    /// The body of a webhook.
    #[serde(rename_all = "camelCase")]
    pub struct Notification {
        /// The client id of the customer whose transaction it is.
        pub client_id: Option<RedactedText>,
        /// Your reference, as you sent it.
        #[serde(alias = "IdentifierID", alias = "IdentifierId")]
        pub identifier_id: Option<RedactedText>,
        /// The CPF, as you sent it.
        #[serde(rename = "cPF", alias = "cpf", alias = "CPF")]
        pub cpf: Option<Lenient<Cpf>>,
        /// The match level, 0 to 6.
        #[serde(alias = "Confiability")]
        pub confiability: Option<MatchLevel>,
        /// Whether the images show the same person, according to ClearSale.
        #[serde(alias = "IsMatch")]
        pub is_match: Option<Lenient<bool>>,
        /// The id of the transaction; here the vendor prints it without dashes.
        #[serde(alias = "TransactionId")]
        pub transaction_id: Option<TransactionId>,
        /// The status of the transaction.
        #[serde(alias = "TransactionStatus")]
        pub transaction_status: Option<TransactionStatus>,
        /// The vendor's message in case of an error.
        #[serde(alias = "Message")]
        pub message: Option<RedactedText>,
        /// Why the images were not compared. It is in the vendor's dictionary but in no example.
        #[serde(alias = "Errors")]
        pub errors: Option<Errors>,
    }
}

impl Notification {
    /// Converts the notification into the transaction that it reports.
    #[must_use]
    pub fn into_transaction(self) -> Transaction {
        Transaction {
            identifier_id: self.identifier_id,
            cpf: self.cpf,
            confiability: self.confiability,
            is_match: self.is_match,
            transaction_id: self.transaction_id,
            transaction_status: self.transaction_status,
            message: self.message,
            errors: self.errors,
        }
    }

    /// Returns the wake for [`Poller::wake_on`](kyc_core::Poller::wake_on) if this notification is the final one of the
    /// operation. Notifications of other operations and of progress return `None`.
    #[must_use]
    pub fn wake(self, id: &OperationId) -> Option<Wake<Transaction>> {
        (self.is_final() && self.operations().contains(id)).then(|| Wake::Result(self.into_transaction()))
    }

    /// Names the operation by the vendor's id and by the reference: a waiter has either of them.
    fn operations(&self) -> Vec<OperationId> {
        let operation = match2d_2d::OPERATION.name();
        let by_id = self.id().map(|id| OperationId::by_id(VENDOR, operation, id));
        let by_reference =
            self.reference().map(|reference| OperationId::by_reference(VENDOR, operation, reference));
        by_id.into_iter().chain(by_reference).collect()
    }

    /// Returns what the notification is about: the transaction. Only the customer's reference tells it if the id is missing; the
    /// prefix keeps a reference that looks like an id apart.
    fn subject(&self) -> Option<String> {
        self.id().or_else(|| self.reference().map(|reference| format!("reference:{reference}")))
    }

    fn id(&self) -> Option<String> {
        let id = self.transaction_id.as_ref().filter(|id| !id.as_str().is_empty());
        id.map(TransactionId::canonical)
    }

    fn reference(&self) -> Option<&str> {
        self.identifier_id.as_ref().map(RedactedText::as_str).filter(|reference| !reference.trim().is_empty())
    }

    fn is_final(&self) -> bool {
        self.transaction_status.as_ref().is_some_and(TransactionStatus::is_final)
    }
}

impl TryFrom<&RawBody> for Notification {
    type Error = DecodeFailure;

    /// Decodes the payload of an event, whether it was just received or stored.
    fn try_from(payload: &RawBody) -> Result<Self, DecodeFailure> {
        decode(payload.expose()).map(|decoded| decoded.value)
    }
}

/// The receiver of ClearSale's webhooks: verifies the bearer secret and reads the event. Respond with exactly 200 after
/// the event is stored: after any other status ClearSale sends it again. (Our page: "Webhook".)
///
/// ```
/// use clearsale_facematch::{Notification, Webhook};
/// use clearsale_facematch::kyc_core::{WebhookRequest, WebhookSource};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let webhook = Webhook::new("the secret that you agreed on with ClearSale")?;
/// let request = WebhookRequest::new(
///     [("Authorization", "Bearer the secret that you agreed on with ClearSale")],
///     kyc_fixtures::clearsale_facematch::WEBHOOK.body,
/// );
/// for event in webhook.receive(&request)? {
///     let notification = Notification::try_from(&event.payload)?;
///     assert!(event.is_final);
///     assert_eq!(notification.confiability, Some(clearsale_facematch::MatchLevel::Six));
/// }
/// assert_eq!(webhook.accepted_status(), 200);
/// # Ok(())
/// # }
/// ```
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

    /// Calls `hook` once for each JSON path in a webhook that this release does not know.
    #[must_use]
    pub fn on_unknown_field(mut self, hook: impl Fn(&UnknownField) + Send + Sync + 'static) -> Self {
        self.unknown_fields = UnknownFieldReporter::new(VENDOR, Some(Arc::new(hook)));
        self
    }

    fn read(&self, request: &WebhookRequest) -> WebhookEvent {
        let json = request.json();
        let unreadable = || WebhookEvent::unreadable(VENDOR, self.trust(), request.body().clone());
        let Ok(decoded) = json.decode::<Notification>() else { return unreadable() };
        let notification = self.unknown_fields.observe(OPERATION, decoded);
        let subject = notification.subject();
        let mut event = if subject.is_some() {
            // As UTF-8, because the stored payload has no headers that name its charset.
            let payload = Bytes::from(json.as_str().to_owned());
            WebhookEvent::new(VENDOR, EVENT_TYPE, self.trust(), payload)
        } else {
            unreadable()
        };
        event.is_final = subject.is_some() && notification.is_final();
        event.subject = subject;
        event.operations = notification.operations();
        event.person = notification.cpf.as_ref().and_then(Lenient::get).cloned();
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
