//! `/webhooks/configurations`: manages the addresses that Bankly sends events to. (Our page: "Webhook management"; on
//! neither of the vendor's two pages.)

use std::fmt;

use http::Method;
use http::header::LOCATION;
use kyc_core::{
    BaseUrl, Body, Error, ErrorKind, JsonBody, Lenient, Operation, OperationClass, RawResponse, RedactedText,
    Response, Secret, ValidationError, response,
};
use serde::de::DeserializeOwned;

use crate::VENDOR;
use crate::client::Client;
use crate::model::Listing;
use crate::model::listing::{MAX_PAGE_SIZE, Root};
use crate::model::path::check_segment;

/// Bankly refuses a second webhook of the same name.
static CREATE: Operation = Operation::new(VENDOR, "webhook-create", OperationClass::Paid);
static LIST: Operation = Operation::new(VENDOR, "webhook-list", OperationClass::Read);
static GET: Operation = Operation::new(VENDOR, "webhook-get", OperationClass::Read);
static UPDATE: Operation = Operation::new(VENDOR, "webhook-update", OperationClass::Idempotent);
static ENABLE: Operation = Operation::new(VENDOR, "webhook-enable", OperationClass::Idempotent);
static DISABLE: Operation = Operation::new(VENDOR, "webhook-disable", OperationClass::Idempotent);
static DELETE: Operation = Operation::new(VENDOR, "webhook-delete", OperationClass::Idempotent);

const PATH: &str = "/webhooks/configurations";

const NAME_MAX: usize = 50;
const EVENT_MAX: usize = 150;
const URI_MAX: usize = 500;
const PUBLIC_KEY_MAX: usize = 60;
const PRIVATE_KEY_MAX: usize = 64;

/// A webhook to register. (Our page: "Registering a webhook".)
#[derive(Clone, Debug)]
pub struct NewWebhook {
    name: String,
    event_name: String,
    target: WebhookTarget,
}

impl NewWebhook {
    /// Creates a webhook called `name` that sends events named `event_name`, such as `DOCUMENT_WAS_PROCESSED`, to
    /// `uri`. Bankly signs them with the private key, which is base64: give [`Webhook`](crate::Webhook) the same. The
    /// public key is sent with each event and identifies the private key.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        event_name: impl Into<String>,
        uri: impl Into<String>,
        public_key: impl Into<String>,
        private_key: impl Into<Secret<String>>,
    ) -> Self {
        Self {
            name: name.into(),
            event_name: event_name.into(),
            target: WebhookTarget::new(uri, public_key, private_key),
        }
    }

    fn check(&self) -> Result<(), Error> {
        check_length(&CREATE, "name", &self.name, NAME_MAX)?;
        check_length(&CREATE, "event_name", &self.event_name, EVENT_MAX)?;
        self.target.check(&CREATE)
    }
}

/// Where the events of a webhook are sent, and the keys that sign them: what can be changed. (Our page: "Changing a webhook".)
#[derive(Clone)]
pub struct WebhookTarget {
    uri: String,
    public_key: String,
    private_key: Secret<String>,
}

impl WebhookTarget {
    /// Creates a target. Bankly signs the events with the private key, which is base64.
    #[must_use]
    pub fn new(
        uri: impl Into<String>,
        public_key: impl Into<String>,
        private_key: impl Into<Secret<String>>,
    ) -> Self {
        Self { uri: uri.into(), public_key: public_key.into(), private_key: private_key.into() }
    }

    fn check(&self, operation: &Operation) -> Result<(), Error> {
        check_length(operation, "uri", &self.uri, URI_MAX)?;
        check_length(operation, "public_key", &self.public_key, PUBLIC_KEY_MAX)?;
        check_length(operation, "private_key", self.private_key.expose(), PRIVATE_KEY_MAX)?;
        // An event holds personal data: only https is accepted.
        let address = self.uri.split(['?', '#']).next().unwrap_or_default();
        BaseUrl::parse(address).map(drop).map_err(|rule| operation.invalid_input("uri", &rule))
    }

    fn add_to(&self, body: JsonBody) -> JsonBody {
        body.field("uri", &self.uri)
            .field("publicKey", &self.public_key)
            .field("privateKey", self.private_key.expose())
    }
}

impl fmt::Debug for WebhookTarget {
    /// Omits the address, too: it may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookTarget([redacted])")
    }
}

fn check_length(operation: &Operation, field: &'static str, text: &str, most: usize) -> Result<(), Error> {
    ValidationError::check_length(text, most).map_err(|rule| operation.invalid_input(field, &rule))
}

response! {
    /// A registered webhook.
    #[serde(rename_all = "camelCase")]
    pub struct WebhookConfiguration {
        /// The id of the webhook.
        pub id: Option<RedactedText>,
        /// The name of the webhook.
        pub name: Option<RedactedText>,
        /// The context of the events: `Document`.
        pub context: Option<RedactedText>,
        /// The name of the events.
        pub event_name: Option<RedactedText>,
        /// The address that events are sent to.
        pub uri: Option<RedactedText>,
        /// The public key, which identifies the private key that signs the events.
        pub public_key: Option<RedactedText>,
        /// Whether the webhook is enabled.
        pub status: Option<RedactedText>,
        /// When the webhook was registered.
        pub created_at: Option<Lenient<kyc_core::DateTime>>,
        /// When the webhook was last changed.
        pub updated_at: Option<Lenient<kyc_core::DateTime>>,
    }
}

impl Client {
    /// Registers a webhook for events of the context `Document`. The client needs the scope `webhook.write`. (Our page:
    /// "Registering a webhook".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, NewWebhook, kyc_core::Error};
    /// # async fn example(client: Client, private_key: String) -> Result<(), Error> {
    /// let webhook = NewWebhook::new(
    ///     "analysed images",
    ///     "DOCUMENT_WAS_PROCESSED",
    ///     "https://hooks.example.com/bankly",
    ///     "key-1",
    ///     private_key,
    /// );
    /// let created = client.create_webhook(&webhook).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent: a field that is empty or too long, or an address that is not https.
    pub async fn create_webhook(
        &self,
        webhook: &NewWebhook,
    ) -> Result<Response<WebhookConfiguration>, Error> {
        webhook.check()?;
        let body = Body::json()
            .field("name", &webhook.name)
            .field("context", "Document")
            .field("eventName", &webhook.event_name);
        let body =
            webhook.target.add_to(body).build().map_err(|rule| CREATE.invalid_input("webhook", &rule))?;
        let answer = self.call(&CREATE, Method::POST, self.address(PATH)?, body).await?;
        let located = id_in_location(&answer);
        let created: Response<Vec<WebhookConfiguration>> = self.read_page(answer)?;
        Ok(created.map(|created| {
            let mut created = created.into_iter().next().unwrap_or_default();
            created.id = created.id.filter(|id| !id.as_str().trim().is_empty()).or(located);
            created
        }))
    }

    /// Lists the webhooks. A page has at most 100; the first page is 1. (Our page: "Listing webhooks".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, kyc_core::Error};
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// for webhook in client.webhooks(1).await?.value() {
    ///     println!("{:?}", webhook.updated_at);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Only those of a call without a response to decode.
    pub async fn webhooks(&self, page: u32) -> Result<Response<Vec<WebhookConfiguration>>, Error> {
        let (page, size) = (page.max(1).to_string(), MAX_PAGE_SIZE.to_string());
        let address = self.address_with(PATH, &[("page", page.as_str()), ("pageSize", size.as_str())])?;
        let answer = self.call(&LIST, Method::GET, address, Body::empty()).await?;
        self.read_page(answer)
    }

    /// Queries one webhook. (Our page: "One webhook".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, kyc_core::Error};
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let webhook = client.webhook("018f6a1e-4b6c-7e21-9d6a-1d1e0c3f5a77").await?.into_inner();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the id is not 1 to 100 letters, digits, dashes and underscores;
    /// `NotFound` if Bankly does not know the id.
    pub async fn webhook(&self, id: &str) -> Result<Response<WebhookConfiguration>, Error> {
        let answer = self.call(&GET, Method::GET, self.one(&GET, id, "")?, Body::empty()).await?;
        let found: Response<Vec<WebhookConfiguration>> = self.read_page(answer.clone())?;
        match found.value().first().cloned() {
            Some(first) => Ok(found.map(|_| first)),
            None => Err(answer.error(ErrorKind::Decode, "the response contains no webhook")),
        }
    }

    /// Changes the address and the keys of a webhook. The client needs the scope `webhook.write`. (Our page: "Changing a
    /// webhook".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, WebhookTarget, kyc_core::Error};
    /// # async fn example(client: Client, id: &str, private_key: String) -> Result<(), Error> {
    /// let target = WebhookTarget::new("https://hooks.example.com/bankly-2", "key-2", private_key);
    /// client.update_webhook(id, &target).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent: an id that is not 1 to 100 letters, digits, dashes and underscores, a field
    /// that is empty or too long, or an address that is not https; `NotFound` if Bankly does not know the id.
    pub async fn update_webhook(&self, id: &str, target: &WebhookTarget) -> Result<Response<()>, Error> {
        target.check(&UPDATE)?;
        let address = self.one(&UPDATE, id, "")?;
        let body =
            target.add_to(Body::json()).build().map_err(|rule| UPDATE.invalid_input("target", &rule))?;
        let answer = self.call(&UPDATE, Method::PATCH, address, body).await?;
        Ok(self.pipeline.reply(answer, ()))
    }

    /// Enables a webhook. (Our page: "Enabling a webhook".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, kyc_core::Error};
    /// # async fn example(client: Client, id: &str) -> Result<(), Error> {
    /// client.enable_webhook(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the id is not 1 to 100 letters, digits, dashes and underscores;
    /// `NotFound` if Bankly does not know the id.
    pub async fn enable_webhook(&self, id: &str) -> Result<Response<()>, Error> {
        let answer =
            self.call(&ENABLE, Method::PATCH, self.one(&ENABLE, id, "/enable")?, Body::empty()).await?;
        Ok(self.pipeline.reply(answer, ()))
    }

    /// Disables a webhook: Bankly then holds its events back. (Our page: "Disabling a webhook".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, kyc_core::Error};
    /// # async fn example(client: Client, id: &str) -> Result<(), Error> {
    /// client.disable_webhook(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the id is not 1 to 100 letters, digits, dashes and underscores;
    /// `NotFound` if Bankly does not know the id.
    pub async fn disable_webhook(&self, id: &str) -> Result<Response<()>, Error> {
        let answer =
            self.call(&DISABLE, Method::PATCH, self.one(&DISABLE, id, "/disable")?, Body::empty()).await?;
        Ok(self.pipeline.reply(answer, ()))
    }

    /// Deletes a webhook. (Our page: "Deleting a webhook".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, kyc_core::Error};
    /// # async fn example(client: Client, id: &str) -> Result<(), Error> {
    /// client.delete_webhook(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the id is not 1 to 100 letters, digits, dashes and underscores;
    /// `NotFound` if Bankly does not know the id.
    pub async fn delete_webhook(&self, id: &str) -> Result<Response<()>, Error> {
        let answer = self.call(&DELETE, Method::DELETE, self.one(&DELETE, id, "")?, Body::empty()).await?;
        Ok(self.pipeline.reply(answer, ()))
    }

    fn one(&self, operation: &Operation, id: &str, rest: &str) -> Result<http::Uri, Error> {
        let id = id.trim();
        check_segment(id).map_err(|rule| operation.invalid_input("id", &rule))?;
        self.address(&format!("{PATH}/{id}{rest}"))
    }

    pub(super) fn read_page<T: DeserializeOwned>(
        &self,
        answer: RawResponse,
    ) -> Result<Response<Vec<T>>, Error> {
        // An empty list is a 204 for some lists and an empty array for others.
        if answer.body().trim_ascii().is_empty() {
            return Ok(self.pipeline.reply(answer, Vec::new()));
        }
        Ok(self.pipeline.decode::<Root<T, Listing<T>>>(answer)?.map(|root| match root {
            Root::List(items) => items,
            Root::Object(listing) => listing.into_items(),
        }))
    }
}

/// Finds the id of a registered webhook at the end of `Location`.
fn id_in_location(answer: &RawResponse) -> Option<RedactedText> {
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    let (_, rest) = location.split_once(PATH)?;
    let id = rest.strip_prefix('/')?;
    check_segment(id).ok().map(|()| id.into())
}
