//! The sandbox of Bankly's document analysis.

mod analysis;
mod calls;
mod control;
mod courses;
mod dates;
mod encrypted_key;
mod errors;
mod events;
mod findings;
mod images;
mod limits;
mod management;
mod messages;
mod multipart;
mod operation;
mod registration;
mod request;
mod sandbox;
mod signature;
mod status;
mod test_cpfs;
mod tls;
mod token;
mod transactions;
mod trigger;
mod upload;
mod webhook;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, on};
use bytes::Bytes;
use indexmap::IndexMap;
use kyc_core::{Clock as _, ValidationError, VirtualClock};

pub use operation::Operation;
pub use signature::KeyReading;
pub use test_cpfs::{TEST_CPFS, TestCpf, TestOutcome, test_cpf};
pub use tls::{BanklyTls, ClientPem};

use crate::api;
use crate::counters::{Counters, counter_methods};
use crate::faces::{Comparison, Eyes};
use crate::ids::Ids;
use crate::reply::Reply;
use crate::scenario::{Scenarios, Subject};
use crate::tasks::Tasks;
use crate::vendor::{SharedContext, VendorFacts};
use crate::webhooks::{Delivery, DeliveryPolicy, WebhookSender};
use analysis::Image;
use courses::Course;
use limits::Window;
use request::Request;
use tls::{Authority, TlsListener};
use token::Grant;
use webhook::Webhook;

/// The first segment of every path.
const PREFIX: &str = "/bankly";
pub(crate) const FACTS: VendorFacts = VendorFacts {
    key: "bankly",
    id: "bankly-kyc",
    title: "Bankly",
    client_config: control::client_config,
    test_inputs: control::test_inputs,
    outcomes: courses::outcomes,
    openapi: include_str!("../../openapi/bankly-kyc.json"),
    calls: calls::calls,
};
const CLIENT_ID: &str = "5b0e1a52-7c1d-4f7e-9a3c-2d1f6e8b9c00";
const CLIENT_SECRET: &str = "sandbox-secret";
const COMPANY_KEY: &str = "SANDBOX_CO";

const CORRELATION: HeaderName = HeaderName::from_static("x-bkly-correlation-id");

/// The vendor's page speaks of three retries. Which responses it accepts and how long it waits is not documented.
const DELIVERY: DeliveryPolicy = DeliveryPolicy {
    vendor: FACTS.key,
    accepts: |status| matches!(status, 200..300),
    pauses: &[Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)],
};

/// The base URL of a client, below the root URL of the sandbox.
fn base_url(root: &str) -> String {
    format!("{root}{PREFIX}")
}

/// This vendor's settings in the builder.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) token_life: Duration,
    pub(crate) analysis_delay: Duration,
    pub(crate) mutual_tls: bool,
    /// Where the certificates are written; implies mutual TLS.
    pub(crate) tls_directory: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_life: Duration::from_secs(3600),
            analysis_delay: Duration::from_secs(3),
            mutual_tls: false,
            tls_directory: None,
        }
    }
}

/// Counters, faults, settings and webhooks of Bankly in the sandbox.
///
/// Returned by [`Sandbox::bankly`](crate::Sandbox::bankly). The control routes offer the same.
pub struct BanklyControl {
    settings: Settings,
    clock: VirtualClock,
    tasks: Arc<Tasks>,
    tls: Option<BanklyTls>,
    authority: Arc<Authority>,
    sender: Arc<WebhookSender>,
    key_reading: Arc<Mutex<KeyReading>>,
    pub(crate) counters: Counters,
    scenarios: Scenarios<Course>,
    eyes: Eyes,
    ids: Arc<Ids>,
    state: Mutex<State>,
}

struct State {
    /// By token.
    grants: IndexMap<String, Grant>,
    /// Scopes of registered clients, by client id.
    clients: IndexMap<String, Vec<String>>,
    certificates: usize,
    /// By CPF, oldest first.
    images: IndexMap<String, Vec<Image>>,
    /// The newest selfie of each of the last persons, by CPF, if the sandbox looks at pictures.
    selfies: IndexMap<String, Bytes>,
    /// The number of images so far.
    uploads: u64,
    /// The number of events so far. Every other event is sent in an array.
    events: u64,
    webhooks: Vec<Webhook>,
    reorder: bool,
    analysis_delay: Duration,
    window: Window,
    logins: u64,
}

impl State {
    fn new(settings: &Settings) -> Self {
        Self {
            grants: IndexMap::new(),
            clients: IndexMap::new(),
            certificates: 0,
            images: IndexMap::new(),
            selfies: IndexMap::new(),
            uploads: 0,
            events: 0,
            webhooks: Vec::new(),
            reorder: false,
            analysis_delay: settings.analysis_delay,
            window: Window::default(),
            logins: 0,
        }
    }
}

/// What the requests of each operation are about.
fn operations() -> Vec<(&'static str, Subject)> {
    let subject = |operation: &Operation| match operation {
        Operation::Upload | Operation::UploadDeepface | Operation::Status => Subject::Person,
        Operation::UploadCompany => Subject::Company,
        _ => Subject::Nobody,
    };
    Operation::ALL.iter().map(|operation| (operation.name(), subject(operation))).collect()
}

impl BanklyControl {
    fn start_with(settings: Settings, shared: &SharedContext) -> io::Result<Arc<Self>> {
        let authority = Arc::new(Authority::new("Authority of a kyc-sandbox")?);
        let (listener, tls) = match settings.mutual_tls || settings.tls_directory.is_some() {
            true => TlsListener::open(shared.bind, &authority, &shared.clock)
                .map(|(listener, handle)| (Some(listener), Some(handle)))?,
            false => (None, None),
        };
        if let (Some(tls), Some(directory)) = (&tls, &settings.tls_directory) {
            tls.write_files(directory)?;
        }
        let vendor = Arc::new(Self::new(settings, shared, authority, tls));
        if let Some(listener) = listener {
            let api = shared.requests.record(FACTS.key, routes(&vendor));
            shared.tasks.spawn(listener.serve(api));
        }
        Ok(vendor)
    }

    fn new(
        settings: Settings,
        shared: &SharedContext,
        authority: Arc<Authority>,
        tls: Option<BanklyTls>,
    ) -> Self {
        Self {
            state: Mutex::new(State::new(&settings)),
            settings,
            clock: shared.clock.clone(),
            tasks: Arc::clone(&shared.tasks),
            tls,
            authority,
            sender: shared.webhook_sender(DELIVERY),
            key_reading: Arc::default(),
            counters: Counters::new(&FACTS, Operation::SECTIONS),
            scenarios: Scenarios::new(FACTS.key, courses::OUTCOMES, operations),
            eyes: shared.eyes.clone(),
            ids: Arc::clone(&shared.ids),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    counter_methods! {
        /// Returns the number of images and documents accepted. The vendor may charge for each of them.
        paid_calls
    }

    /// Returns the number of tokens issued, by certificate or by secret.
    #[must_use]
    pub fn logins(&self) -> u64 {
        self.lock().logins
    }

    /// Returns the number of status requests, whatever the response.
    #[must_use]
    pub fn status_requests(&self) -> u64 {
        self.requests(Operation::Status)
    }

    /// Returns the largest number of requests within any ten seconds so far, on the sandbox's clock and over all
    /// operations. If it is above 180, some of them were refused with HTTP 429.
    #[must_use]
    pub fn fullest_window(&self) -> usize {
        self.lock().window.fullest()
    }

    /// Sets whether requests beyond 180 in ten seconds are refused with HTTP 429. On by default.
    pub fn rate_limit(&self, enforced: bool) {
        self.lock().window.enforce(enforced);
    }

    /// Invalidates every token.
    pub fn expire_tokens(&self) {
        self.lock().grants.clear();
    }

    /// Sets how long the analysis of images uploaded from now on takes, on the sandbox's clock: they are `ANALYZING`
    /// for the first half and `PARTIALLY_ANALYZED` for the second.
    pub fn analysis_delay(&self, delay: Duration) {
        self.lock().analysis_delay = delay;
    }

    /// Sends every event to `url` from now on, signed with that private key. Replaces an earlier call; webhooks created
    /// through the vendor's API stay.
    ///
    /// # Errors
    /// The URL is not `http` or its host is not loopback (unless the builder allowed that), the private key is not
    /// valid base64, or the public key is not a valid header value.
    pub fn register_webhook(
        &self,
        url: &str,
        private_key_base64: &str,
        public_key: &str,
    ) -> Result<(), ValidationError> {
        self.register_directly(url, private_key_base64, public_key)
    }

    /// Sets how private keys are read when events are signed from now on. By default as base64.
    pub fn sign_with(&self, reading: KeyReading) {
        *self.key_reading.lock().unwrap_or_else(PoisonError::into_inner) = reading;
    }

    pub(crate) fn key_reading(&self) -> KeyReading {
        *self.key_reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns every event so far, once per URL, pending or completed. A resend adds to its attempts.
    /// The reference is the idempotency key, which a resend takes; the event is its name.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.sender.deliveries()
    }

    /// Sets whether each event is sent twice, as vendors with at-least-once delivery may do.
    pub fn duplicate_webhooks(&self, duplicate: bool) {
        self.sender.set_duplicate(duplicate);
    }

    /// Sets whether `DOCUMENT_WAS_PROCESSED` is sent before `DOCUMENT_WAS_RECEIVED`, for images uploaded from now on.
    pub fn reorder_webhooks(&self, reorder: bool) {
        self.lock().reorder = reorder;
    }

    /// Resends the event with that idempotency key to every URL that it was sent to.
    ///
    /// # Errors
    /// There is no such event.
    pub fn resend(&self, idempotency_key: &str) -> Result<(), ValidationError> {
        match self.sender.resend(idempotency_key).is_empty() {
            true => Err(ValidationError::new("\"idempotency_key\" does not belong to an event")),
            false => Ok(()),
        }
    }

    /// Removes every queued fault, and stops duplicate and reordered webhooks.
    pub fn clear_faults(&self) {
        self.counters.faults.clear();
        self.duplicate_webhooks(false);
        self.reorder_webhooks(false);
    }

    /// The webhook URLs, whether each event is sent twice, and whether events are sent in reverse order.
    pub(crate) fn webhooks(&self) -> (Vec<String>, bool, bool) {
        let reorder = self.lock().reorder;
        (self.webhook_urls(), self.sender.duplicates(), reorder)
    }

    /// Serves one request of any operation, if it is within the rate limit.
    async fn serve(self: Arc<Self>, request: Request) -> Response {
        let operation = request.operation;
        let admitted = self.lock().window.admits(self.clock.now());
        let mut response = if admitted {
            let seen = self.see(&request).await;
            let perform = || self.perform(&request, seen);
            self.counters.serve(operation.name(), perform, operation.sample(), errors::documented).await
        } else {
            self.counters.arrived(operation.name());
            let reason = "more than 180 requests in 10 seconds";
            let refusal = errors::refusal(StatusCode::TOO_MANY_REQUESTS, reason);
            FACTS.refer(refusal.into_response(), "#limits")
        };
        response.headers_mut().insert(CORRELATION, self.correlation_of(&request.headers));
        response
    }

    /// Performs a request. An `Err` is an error response of the vendor.
    fn perform(self: &Arc<Self>, request: &Request, seen: Option<Comparison>) -> Result<Reply, Reply> {
        if let Some(scope) = request.operation.scope() {
            self.check_token(&request.headers, scope)?;
            request.check_version()?;
        }
        let error = |status| errors::of_operation(request.operation, status);
        let (name, subject) = (request.operation.name(), request.subject());
        self.scenarios.answered(name, subject.as_deref(), error, || self.dispatch(request, seen))
    }

    fn dispatch(self: &Arc<Self>, request: &Request, seen: Option<Comparison>) -> Result<Reply, Reply> {
        match request.operation {
            Operation::Token => self.token(request),
            Operation::LegacyToken => self.legacy_token(request),
            Operation::Certificate => self.certificate(request),
            Operation::Register => self.register(request),
            Operation::Upload => self.upload(request, seen),
            Operation::UploadDeepface => self.upload_deepface(request, seen),
            Operation::UploadCompany => self.upload_company(request),
            Operation::Status => self.status(request),
            Operation::WebhookCreate => self.create_webhook(request),
            Operation::WebhookList => self.list_webhooks(request),
            Operation::WebhookGet => self.get_webhook(request),
            Operation::WebhookUpdate => self.update_webhook(request),
            Operation::WebhookEnable => self.switch_webhook(request, true),
            Operation::WebhookDisable => self.switch_webhook(request, false),
            Operation::WebhookDelete => self.delete_webhook(request),
            Operation::Messages => self.messages(request),
            Operation::MessageResend => self.resend_message(request),
        }
    }

    /// The id that the client sent, or a new one.
    fn correlation_of(&self, headers: &HeaderMap) -> HeaderValue {
        headers.get("x-correlation-id").cloned().unwrap_or_else(|| {
            HeaderValue::try_from(self.ids.uuid().to_string()).unwrap_or(HeaderValue::from_static("none"))
        })
    }
}

impl fmt::Debug for BanklyControl {
    /// Prints settings and totals only, since the state holds tokens, keys and CPFs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BanklyControl")
            .field("settings", &self.settings)
            .field("paid_calls", &self.paid_calls())
            .finish_non_exhaustive()
    }
}

fn routes(vendor: &Arc<BanklyControl>) -> Router {
    let all: Router<Arc<BanklyControl>> = Operation::ALL
        .iter()
        .fold(Router::new(), |router, &operation| router.route(operation.path(), route(operation)));
    let all = api::complete(all, &FACTS, errors::refusal);
    Router::new().nest(PREFIX, all.with_state(Arc::clone(vendor)))
}

fn route(operation: Operation) -> MethodRouter<Arc<BanklyControl>> {
    // `Option`, because not every path has a variable.
    let handler = async move |Shared(vendor): Shared<Arc<BanklyControl>>,
                              id: Option<Path<String>>,
                              RawQuery(query): RawQuery,
                              headers: HeaderMap,
                              body: Bytes| {
        let id = id.map(|Path(id)| id).unwrap_or_default();
        vendor.serve(Request::new(operation, id, query.as_deref(), headers, body)).await
    };
    on(operation.method(), handler)
}
