//! `/webhooks/processed-messages`: events that were sent, and sending them again. (Our page: "Webhook management"; on
//! neither of the vendor's two pages.)

use http::Method;
use kyc_core::{
    Body, Date, DateTime, Error, Lenient, Operation, OperationClass, RedactedText, Response, open_enum,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::listing::MAX_PAGE_SIZE;
use crate::model::path::check_segment;

static LIST: Operation = Operation::new(VENDOR, "messages", OperationClass::Read);
/// It arrives once more, with the same key.
static RESEND: Operation = Operation::new(VENDOR, "message-resend", OperationClass::Idempotent);

const PATH: &str = "/webhooks/processed-messages";

open_enum! {
    /// What became of an event.
    pub enum MessageState: text {
        /// It arrived.
        Success = "Success",
        /// It did not, after four attempts.
        Failed = "Failed",
        /// It is held back.
        Hold = "Hold",
    }
}

/// An event that Bankly sent, or tried to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Message {
    /// Its own id, which nothing takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RedactedText>,
    /// The event's key: [`Client::resend`] takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<RedactedText>,
    /// What became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<MessageState>,
    /// Where it went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<RedactedText>,
    /// When it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_date: Option<Lenient<DateTime>>,
    /// The event's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_name: Option<RedactedText>,
    /// How often it was sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_count: Option<Lenient<i64>>,
    /// How long it took until it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_event_capture: Option<RedactedText>,
    /// How long the call took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_http_call: Option<RedactedText>,
    /// The event's context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<RedactedText>,
}

impl Client {
    /// Lists the events of those days in that state, at most a hundred a page; pages begin with 1. Bankly keeps six months.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent: the last day before the first, a state that is unknown.
    pub async fn messages(
        &self,
        first: Date,
        last: Date,
        state: &MessageState,
        page: u32,
    ) -> Result<Response<Vec<Message>>, Error> {
        if last < first {
            return Err(LIST
                .invalid_input("last", &kyc_core::ValidationError::new("must not be before the first day")));
        }
        if matches!(state, MessageState::Unknown(_)) {
            return Err(LIST.invalid_input(
                "state",
                &kyc_core::ValidationError::new("must be one that this release knows"),
            ));
        }
        let (first, last) = (first.to_iso8601(), last.to_iso8601());
        let (page, size) = (page.max(1).to_string(), MAX_PAGE_SIZE.to_string());
        let query = [
            ("startDate", first.as_str()),
            ("endDate", last.as_str()),
            ("state", state.as_str()),
            ("context", "Document"),
            ("page", page.as_str()),
            ("pageSize", size.as_str()),
        ];
        let address = self.address_with(PATH, &query)?;
        let answer = self.call(&LIST, Method::GET, address, Body::empty()).await?;
        self.read_page(answer)
    }

    /// Has an event sent again, by its key. What Bankly says of it may be nothing.
    ///
    /// # Errors
    /// `NotFound` if Bankly does not know the key.
    pub async fn resend(&self, idempotency_key: &str) -> Result<Response<Vec<Message>>, Error> {
        check_segment(idempotency_key).map_err(|rule| RESEND.invalid_input("idempotency_key", &rule))?;
        let address = self.address(&format!("{PATH}/{idempotency_key}"))?;
        let answer = self.call(&RESEND, Method::POST, address, Body::empty()).await?;
        self.read_page(answer)
    }
}
