//! `/webhooks/processed-messages`: lists the events that Bankly sent, and sends one again. (Our page: "Webhook
//! management"; on neither of the vendor's two pages.)

use http::Method;
use kyc_core::{
    Body, Date, DateTime, Error, Lenient, Operation, OperationClass, RedactedText, Response, ValidationError,
    open_enum, response,
};

use crate::VENDOR;
use crate::client::Client;
use crate::model::listing::MAX_PAGE_SIZE;
use crate::model::path::check_segment;

static LIST: Operation = Operation::new(VENDOR, "messages", OperationClass::Read);
/// The event arrives once more, with the same key.
static RESEND: Operation = Operation::new(VENDOR, "message-resend", OperationClass::Idempotent);

const PATH: &str = "/webhooks/processed-messages";

open_enum! {
    /// The delivery state of an event. (Our page: "Message state".)
    pub enum MessageState: text {
        /// The event was delivered.
        Success = "Success",
        /// The event was not delivered, after four attempts.
        Failed = "Failed",
        /// The event is held back.
        Hold = "Hold",
    }
}

response! {
    /// An event that Bankly sent or tried to send. (Our page: "Delivered messages".)
    #[serde(rename_all = "camelCase")]
    pub struct Message {
        /// The id of the message. No operation takes it.
        pub id: Option<RedactedText>,
        /// The idempotency key of the event, which [`Client::resend`] takes.
        pub idempotency_key: Option<RedactedText>,
        /// The delivery state.
        pub state: Option<MessageState>,
        /// The address that the event was sent to.
        pub destination: Option<RedactedText>,
        /// When the event was sent.
        pub sent_date: Option<Lenient<DateTime>>,
        /// The name of the event.
        pub event_name: Option<RedactedText>,
        /// The number of retries.
        pub retry_count: Option<Lenient<i64>>,
        /// The time from the event until it was sent.
        pub elapsed_event_capture: Option<RedactedText>,
        /// The duration of the HTTP call.
        pub elapsed_http_call: Option<RedactedText>,
        /// The context of the event.
        pub context: Option<RedactedText>,
    }
}

impl Client {
    /// Lists the events from the first to the last day in a delivery state. A page has at most 100; the first page is
    /// 1. Bankly keeps events for six months. (Our page: "Delivered messages".)
    ///
    /// ```no_run
    /// # use bankly_kyc::kyc_core::Date;
    /// # use bankly_kyc::{Client, MessageState};
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let (first, last) = (Date::parse("2026-01-01")?, Date::parse("2026-01-31")?);
    /// for message in client.messages(first, last, &MessageState::Failed, 1).await?.value() {
    ///     if let Some(key) = &message.idempotency_key {
    ///         client.resend(key.as_str()).await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the last day is before the first or the state is unknown to this
    /// release.
    pub async fn messages(
        &self,
        first: Date,
        last: Date,
        state: &MessageState,
        page: u32,
    ) -> Result<Response<Vec<Message>>, Error> {
        if last < first {
            return Err(LIST.invalid_input("last", &ValidationError::new("must not be before the first day")));
        }
        if matches!(state, MessageState::Unknown(_)) {
            return Err(
                LIST.invalid_input("state", &ValidationError::new("must be a state that this release knows"))
            );
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

    /// Requests that Bankly sends an event again, by its idempotency key. The response may be empty. (Our page: "Asking
    /// for a resend".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, kyc_core::Error};
    /// # async fn example(client: Client, idempotency_key: &str) -> Result<(), Error> {
    /// client.resend(idempotency_key).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the key is not 1 to 100 letters, digits, dashes and underscores;
    /// `NotFound` if Bankly does not know the key.
    pub async fn resend(&self, idempotency_key: &str) -> Result<Response<Vec<Message>>, Error> {
        let idempotency_key = idempotency_key.trim();
        check_segment(idempotency_key).map_err(|rule| RESEND.invalid_input("idempotency_key", &rule))?;
        let address = self.address(&format!("{PATH}/{idempotency_key}"))?;
        let answer = self.call(&RESEND, Method::POST, address, Body::empty()).await?;
        self.read_page(answer)
    }
}
