//! What a vendor's crate tells about itself, so that programs over several vendors need not name them.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use serde::de::DeserializeOwned;

use crate::address::BaseUrl;
use crate::background::BackgroundChecker;
use crate::client_options::ClientOptions;
use crate::config::{ConfigTable, known_names};
use crate::document::DocumentReader;
use crate::error::Error;
use crate::face::{FaceMatcher, FacePair};
use crate::media::{Media, MediaRules};
use crate::operation::{OperationId, Vendor};
use crate::validation::ValidationError;
use crate::verdict::VerdictRule;
use crate::verifier::{CheckKind, RetakeItem, Verifier};
use crate::webhook::WebhookSource;

/// Creates a vendor's client from its configuration.
pub type Connect = fn(&ConfigTable, ClientOptions) -> Result<Arc<dyn VendorClient>, Error>;

/// Creates the receivers of a vendor's webhooks from its configuration.
pub type ConnectWebhooks = fn(&ConfigTable) -> Result<Vec<Arc<dyn WebhookSource>>, Error>;

/// Checks a picture against a vendor's documented limits: for a check, and what it is of all that a person hands in.
pub type PictureCheck = fn(CheckKind, RetakeItem, &Media) -> Result<(), ValidationError>;

/// Returns how the JSON Schema of a type is made if the crate that calls it has its feature `schema` enabled, else `None`.
///
/// The feature of the vendor's crate counts, not that of kyc-core: the type implements `JsonSchema` only with the former.
#[macro_export]
macro_rules! config_schema {
    ($config:ty) => {{
        #[cfg(feature = "schema")]
        let schema: Option<fn() -> $crate::__private::serde_json::Value> =
            Some(|| schemars::schema_for!($config).to_value());
        #[cfg(not(feature = "schema"))]
        let schema: Option<fn() -> $crate::__private::serde_json::Value> = None;
        schema
    }};
}

/// The description of a vendor: one constant `INTEGRATION` in each vendor's crate.
///
/// A program lists the vendors that it was built with and finds the rest here: the names, the capabilities, how a client is
/// created from a configuration, and what to tell a person when a call fails.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Integration {
    vendor: Vendor,
    key: &'static str,
    title: &'static str,
    capabilities: Capabilities,
    config_keys: fn() -> &'static [&'static str],
    connect: Connect,
    webhooks: ConnectWebhooks,
    after_lost_response: fn(&OperationId) -> Advice,
    advice: fn(&Error) -> Option<Advice>,
    verdict_rules: &'static [VerdictRule],
    config_schema: Option<fn() -> serde_json::Value>,
    picture_check: PictureCheck,
}

impl Integration {
    /// Creates a description without capabilities and webhooks. `C` is the type that `connect` reads the configuration into.
    ///
    /// `key` is the vendor's short name: its table in `kyc.toml`, its variables `KYC_<KEY>_*`, its feature of the facade, its
    /// value of `--vendor`.
    #[must_use]
    pub const fn new<C: DeserializeOwned>(
        vendor: Vendor,
        key: &'static str,
        title: &'static str,
        connect: Connect,
    ) -> Self {
        Self {
            vendor,
            key,
            title,
            capabilities: Capabilities::none(),
            config_keys: known_names::<C>,
            connect,
            webhooks: |_| Ok(Vec::new()),
            after_lost_response: |_| Advice::CheckUsage,
            advice: |_| None,
            verdict_rules: &[],
            config_schema: None,
            picture_check: |_, _, _| Ok(()),
        }
    }

    /// Sets what the vendor refuses by its documented limits: the same as
    /// [`Verifier::check_picture`](crate::Verifier::check_picture), as far as it does not depend on a client's options.
    #[must_use]
    pub const fn with_picture_check(mut self, check: PictureCheck) -> Self {
        self.picture_check = check;
        self
    }

    /// Sets the capabilities of the vendor's client.
    #[must_use]
    pub const fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Sets how the receivers of the vendor's webhooks are created. They need no API credentials.
    #[must_use]
    pub const fn with_webhooks(mut self, webhooks: ConnectWebhooks) -> Self {
        self.webhooks = webhooks;
        self
    }

    /// Sets how a person finds out what became of a submission whose response is lost: by default in the vendor's usage report.
    #[must_use]
    pub const fn with_advice_after_lost_response(mut self, advice: fn(&OperationId) -> Advice) -> Self {
        self.after_lost_response = advice;
        self
    }

    /// Sets what a person can do about an error beyond what its kind says.
    #[must_use]
    pub const fn with_advice(mut self, advice: fn(&Error) -> Option<Advice>) -> Self {
        self.advice = advice;
        self
    }

    /// Sets the JSON Schema of the configuration: [`config_schema!`](crate::config_schema).
    #[must_use]
    pub const fn with_config_schema(mut self, schema: Option<fn() -> serde_json::Value>) -> Self {
        self.config_schema = schema;
        self
    }

    /// Sets how the vendor's responses are judged, by the leaves that decide.
    #[must_use]
    pub const fn with_verdict_rules(mut self, rules: &'static [VerdictRule]) -> Self {
        self.verdict_rules = rules;
        self
    }

    /// Returns the vendor, which is named as its crate.
    #[must_use]
    pub const fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// Returns the vendor's short name.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// Returns the name for people.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// Returns what the vendor's client can do.
    #[must_use]
    pub const fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// Returns the keys of the vendor's configuration.
    #[must_use]
    pub fn config_keys(&self) -> &'static [&'static str] {
        (self.config_keys)()
    }

    /// Returns the JSON Schema of the vendor's configuration, if the vendor's crate was built with its feature `schema`.
    /// Descriptions are those of the type.
    #[must_use]
    pub fn config_schema(&self) -> Option<serde_json::Value> {
        self.config_schema.map(|schema| schema())
    }

    /// Creates a client. Settings of the configuration take precedence over those of `options`. Nothing is sent.
    ///
    /// # Errors
    /// `Config` if the configuration cannot be used.
    pub fn connect(
        &self,
        config: &ConfigTable,
        options: ClientOptions,
    ) -> Result<Arc<dyn VendorClient>, Error> {
        (self.connect)(config, options)
    }

    /// Creates the receivers of the webhooks that are configured. There may be none.
    ///
    /// # Errors
    /// `Config` if the configuration cannot be used.
    pub fn webhooks(&self, config: &ConfigTable) -> Result<Vec<Arc<dyn WebhookSource>>, Error> {
        (self.webhooks)(config)
    }

    /// Returns how the vendor's responses are judged, by the leaves that decide. Proofs change each of them.
    #[must_use]
    pub const fn verdict_rules(&self) -> &'static [VerdictRule] {
        self.verdict_rules
    }

    /// Checks a picture against the documented limits that the vendor has for a check, without a client.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check_picture(
        &self,
        check: CheckKind,
        item: RetakeItem,
        picture: &Media,
    ) -> Result<(), ValidationError> {
        (self.picture_check)(check, item, picture)
    }

    /// Returns how a person finds out what became of a submission whose response is lost.
    #[must_use]
    pub fn after_lost_response(&self, id: &OperationId) -> Advice {
        (self.after_lost_response)(id)
    }

    /// Returns what a person can do about an error, if more is known than its kind says.
    #[must_use]
    pub fn advice(&self, error: &Error) -> Option<Advice> {
        (self.advice)(error)
    }
}

impl fmt::Debug for Integration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Integration")
            .field("vendor", &self.vendor)
            .field("key", &self.key)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

/// What a person can do after a failure. Programs word it in their language.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Query the result by the operation id. Do not submit again.
    Query,
    /// Wait for the vendor's webhook, which reports the result with the operation's reference. The vendor has no query by reference.
    AwaitWebhook,
    /// The vendor has no query: look into its usage report before submitting again.
    CheckUsage,
    /// The vendor has no query: compare the remaining credits in its portal before submitting again.
    CheckCredits,
    /// Continue the journey that the program keeps, whose state the vendor returns. Do not submit again.
    ResumeJourney,
    /// Set the client certificate and its key, by these keys of the configuration.
    SetCertificate {
        /// The keys.
        keys: &'static [&'static str],
    },
    /// Set the path that the vendor named to this customer, by this key of the configuration.
    SetPath {
        /// The key.
        key: String,
    },
}

/// The capabilities of a vendor's client, and what each can honour. They equal what [`VendorClient`] returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Compares faces.
    pub face_match: Option<FaceMatchSupport>,
    /// Reads documents in one step.
    pub document_reading: Option<DocumentSupport>,
    /// Looks up the registration of a person and a company.
    pub background_check: bool,
}

impl Capabilities {
    /// Creates an empty list.
    #[must_use]
    pub const fn none() -> Self {
        Self { face_match: None, document_reading: None, background_check: false }
    }

    /// Adds the comparison of faces.
    #[must_use]
    pub const fn with_face_match(mut self, support: FaceMatchSupport) -> Self {
        self.face_match = Some(support);
        self
    }

    /// Adds the reading of documents.
    #[must_use]
    pub const fn with_document_reading(mut self, support: DocumentSupport) -> Self {
        self.document_reading = Some(support);
        self
    }

    /// Adds the look-up of registrations.
    #[must_use]
    pub const fn with_background_check(mut self) -> Self {
        self.background_check = true;
        self
    }
}

/// The options of a comparison that a vendor can honour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaceMatchSupport {
    /// The images that the vendor accepts by default.
    pub images: MediaRules,
    /// The vendor takes the CPF of the person.
    pub cpf: bool,
    /// The vendor takes your reference and repeats it in its webhook.
    pub reference: bool,
    /// The vendor states false accept rates, so that a maximum can be required.
    pub max_false_accept_rate: bool,
    /// The result can be queried later.
    pub query: bool,
}

impl FaceMatchSupport {
    /// Creates a comparison of such images without options.
    #[must_use]
    pub const fn new(images: MediaRules) -> Self {
        Self { images, cpf: false, reference: false, max_false_accept_rate: false, query: false }
    }

    /// Adds the CPF.
    #[must_use]
    pub const fn with_cpf(mut self) -> Self {
        self.cpf = true;
        self
    }

    /// Adds the reference.
    #[must_use]
    pub const fn with_reference(mut self) -> Self {
        self.reference = true;
        self
    }

    /// Adds the maximum false accept rate.
    #[must_use]
    pub const fn with_max_false_accept_rate(mut self) -> Self {
        self.max_false_accept_rate = true;
        self
    }

    /// Adds the query.
    #[must_use]
    pub const fn with_query(mut self) -> Self {
        self.query = true;
        self
    }

    /// Refuses a pair with an option that the vendor cannot honour, before anything is sent. A reference is not refused,
    /// because every pair has one; it is left out where the vendor takes none.
    ///
    /// # Errors
    /// `Unsupported` with the first such option.
    pub fn check(&self, vendor: Vendor, pair: &FacePair) -> Result<(), Error> {
        let options = [
            ("cpf", pair.cpf.is_some(), self.cpf),
            ("max_false_accept_rate", pair.max_false_accept_rate.is_some(), self.max_false_accept_rate),
        ];
        match options.iter().find(|(_, is_set, is_supported)| *is_set && !is_supported) {
            Some((field, ..)) => Err(Error::unsupported(
                vendor,
                format!("{field} is not supported by this vendor: leave it out"),
            )),
            None => Ok(()),
        }
    }
}

/// The documents that a vendor can read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentSupport {
    /// The images that the vendor accepts by default.
    pub images: MediaRules,
}

impl DocumentSupport {
    /// Creates a reading of such images.
    #[must_use]
    pub const fn new(images: MediaRules) -> Self {
        Self { images }
    }
}

/// Where a client sends its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Destination {
    /// The address.
    pub address: BaseUrl,
    /// The vendor's environment that has this address; `None` for another address, such as a sandbox or a gateway.
    pub environment: Option<&'static str>,
    /// Whether real persons are verified there, as far as the address tells.
    pub is_production: bool,
}

impl Destination {
    /// Creates a destination. `environments` are the vendor's: the name of each, its address, and whether real persons are
    /// verified there.
    #[must_use]
    pub fn new(
        address: BaseUrl,
        environments: impl IntoIterator<Item = (&'static str, &'static str, bool)>,
    ) -> Self {
        let is_here = |base_url| BaseUrl::parse(base_url).is_ok_and(|known| known == address);
        let found = environments.into_iter().find(|(_, base_url, _)| is_here(base_url));
        Self {
            environment: found.map(|(name, ..)| name),
            is_production: found.is_some_and(|(.., is_production)| is_production),
            address,
        }
    }
}

/// A client of any vendor, as programs over several vendors hold it.
///
/// ```
/// # use std::sync::Arc;
/// # use kyc_core::VendorClient;
/// # fn example(client: Arc<dyn VendorClient>) {
/// if let Some(matcher) = client.face_matcher() {
///     println!("{} compares faces", matcher.vendor());
/// }
/// # }
/// ```
#[async_trait]
pub trait VendorClient: Any + fmt::Debug + Send + Sync {
    /// Returns the vendor.
    fn vendor(&self) -> Vendor;

    /// Returns where the client sends its requests.
    fn destination(&self) -> Destination;

    /// Checks the credentials by a call that costs nothing and changes nothing. A token that is still valid may be used.
    ///
    /// # Errors
    /// `Unauthenticated` or `Forbidden` if the vendor refuses the credentials; `Unsupported`, by default, if the vendor has no
    /// such call; any failure of the call.
    async fn check_login(&self) -> Result<(), Error> {
        Err(Error::unsupported(self.vendor(), "no call that costs nothing checks the credentials"))
    }

    /// Returns the client as a comparer of faces.
    fn face_matcher(self: Arc<Self>) -> Option<Arc<dyn FaceMatcher>> {
        None
    }

    /// Returns the client as a reader of documents.
    fn document_reader(self: Arc<Self>) -> Option<Arc<dyn DocumentReader>> {
        None
    }

    /// Returns the client as a part of the verification of a person.
    fn verifier(self: Arc<Self>) -> Option<Arc<dyn Verifier>> {
        None
    }

    /// Returns the client as a source of registrations.
    fn background_checker(self: Arc<Self>) -> Option<Arc<dyn BackgroundChecker>> {
        None
    }
}

impl dyn VendorClient {
    /// Returns the vendor's own client, or `None` if it is of another type.
    #[must_use]
    pub fn downcast<T: VendorClient>(self: Arc<Self>) -> Option<Arc<T>> {
        let any: Arc<dyn Any + Send + Sync> = self;
        any.downcast().ok()
    }
}
