//! The sandbox of Certiface.

mod appkey;
mod calls;
mod captcha;
mod challenge;
mod control;
mod courses;
mod credencial;
mod crypto;
mod dates;
mod document;
mod fields;
mod fortface;
mod images;
mod journey;
mod liveness;
mod ocr;
mod operation;
mod replies;
mod result;
mod rounds;
mod sandbox;
mod session;
mod test_cpfs;
mod transactions;
mod trigger;
mod verdict;
mod webhook;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use indexmap::IndexMap;
use kyc_core::{Timestamp, ValidationError, VirtualClock};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

pub use operation::Operation;
pub use session::Provider;
pub use test_cpfs::{TEST_CPFS, TestCpf, TestDocument, TestOutcome, test_cpf};
pub use webhook::{CpfForm, StatusUpdate};

use crate::api;
use crate::counters::{Counters, counter_methods};
use crate::faces::{Comparison, Eyes};
use crate::faults::plain_error;
use crate::ids::Ids;
use crate::reply::{REASON, Reply, SIMULATED};
use crate::scenario::{Scenarios, Subject};
use crate::tasks::Tasks;
use crate::vendor::{SharedContext, VendorFacts};
use crate::webhooks::{Delivery, DeliveryPolicy, Endpoint, NoAuthentication, PAUSES, WebhookSender};
use courses::Course;
use fields::Fields;
use journey::Journey;
use replies::refusal;

/// The first segment of every path except the result's.
const PREFIX: &str = "/certiface";
/// The vendor serves the result on another port than everything else, so it has a base URL of its own here.
const RESULT_PREFIX: &str = "/certiface-result";
pub(crate) const FACTS: VendorFacts = VendorFacts {
    key: "certiface",
    id: "certiface",
    title: "Certiface",
    client_config: control::client_config,
    test_inputs: control::test_inputs,
    outcomes: courses::outcomes,
    openapi: include_str!("../../openapi/certiface.json"),
    calls: calls::calls,
};
const USER: &str = "sandbox-operator";
const PASSWORD: &str = "sandbox-password";

/// Which responses the vendor accepts and how long it waits before a retry is not documented.
const DELIVERY: DeliveryPolicy =
    DeliveryPolicy { vendor: FACTS.key, accepts: |status| matches!(status, 200..300), pauses: PAUSES };

/// The base URL of a client, below the root URL of the sandbox.
fn base_url(root: &str) -> String {
    format!("{root}{PREFIX}")
}

/// The base URL for the result.
fn result_base_url(root: &str) -> String {
    format!("{root}{RESULT_PREFIX}")
}

/// The images of all journeys.
const MAX_IMAGE_BYTES: usize = 1024 * 1024 * 1024;

/// This vendor's settings in the builder.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) credential_life: Duration,
    pub(crate) appkey_life: Duration,
    pub(crate) document_delay: Duration,
    pub(crate) liveness_3d: Provider,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            credential_life: Duration::from_secs(3 * 3600),
            appkey_life: Duration::from_secs(5 * 60),
            document_delay: Duration::from_secs(3),
            liveness_3d: Provider::default(),
        }
    }
}

/// Counters, faults, settings and webhooks of Certiface in the sandbox.
///
/// Returned by [`Sandbox::certiface`](crate::Sandbox::certiface). The control routes offer the same.
pub struct CertifaceControl {
    settings: Settings,
    clock: VirtualClock,
    tasks: Arc<Tasks>,
    sender: Arc<WebhookSender>,
    pub(crate) counters: Counters,
    scenarios: Scenarios<Course>,
    eyes: Eyes,
    ids: Arc<Ids>,
    state: Mutex<State>,
}

struct State {
    /// By token.
    credentials: IndexMap<String, Timestamp>,
    /// By appkey, in the order in which they were issued.
    journeys: IndexMap<String, Journey>,
    liveness_3d: Provider,
    completion_webhook: Option<Endpoint>,
    status_webhook: Option<Endpoint>,
    logins: u64,
    protocols: u64,
    documents: u64,
}

impl State {
    fn new(liveness_3d: Provider) -> Self {
        Self {
            credentials: IndexMap::new(),
            journeys: IndexMap::new(),
            liveness_3d,
            completion_webhook: None,
            status_webhook: None,
            logins: 0,
            protocols: 0,
            documents: 0,
        }
    }

    /// Drops the oldest journeys if the images of all together are too large, and returns how many.
    fn forget_images(&mut self, max_bytes: usize) -> usize {
        let before = self.journeys.len();
        let mut bytes: usize = self.journeys.values().map(Journey::image_bytes).sum();
        while bytes > max_bytes
            && let Some((_, oldest)) = self.journeys.shift_remove_index(0)
        {
            bytes -= oldest.image_bytes();
        }
        before - self.journeys.len()
    }

    /// A new protocol number for a transaction: the year and eight digits.
    fn protocol(&mut self, now: Timestamp) -> String {
        self.protocols += 1;
        format!("{}{:08}", dates::year(now), 100_000 + self.protocols)
    }
}

/// What the requests of each operation are about: all but the login are about the person of the appkey.
fn operations() -> Vec<(&'static str, Subject)> {
    let subject = |operation: &Operation| match operation {
        Operation::Credencial => Subject::Nobody,
        _ => Subject::Person,
    };
    Operation::ALL.iter().map(|operation| (operation.name(), subject(operation))).collect()
}

impl CertifaceControl {
    fn new(settings: Settings, shared: &SharedContext) -> Self {
        Self {
            state: Mutex::new(State::new(settings.liveness_3d)),
            settings,
            clock: shared.clock.clone(),
            tasks: Arc::clone(&shared.tasks),
            sender: shared.webhook_sender(DELIVERY),
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
        /// Returns the number of liveness proofs and documents processed. The vendor may charge for each of them.
        paid_calls
    }

    /// Returns the number of credentials issued.
    #[must_use]
    pub fn logins(&self) -> u64 {
        self.lock().logins
    }

    /// Returns the appkeys so far, oldest first. An appkey contains the person's data unencrypted.
    #[must_use]
    pub fn appkeys(&self) -> Vec<String> {
        self.lock().journeys.keys().cloned().collect()
    }

    /// Invalidates every credential. Appkeys stay valid.
    pub fn expire_credentials(&self) {
        self.lock().credentials.clear();
    }

    /// Sets the provider of 3D liveness from now on. Some test CPFs override it.
    pub fn liveness_3d(&self, provider: Provider) {
        self.lock().liveness_3d = provider;
    }

    pub(crate) fn provider(&self) -> Provider {
        self.lock().liveness_3d
    }

    /// Sends a webhook to `url` from now on when a journey ends. Replaces an earlier registration.
    ///
    /// # Errors
    /// The URL is not `http`, or its host is not loopback (unless the builder allowed that).
    pub fn register_completion_webhook(&self, url: &str) -> Result<(), ValidationError> {
        let endpoint = self.sender.checked_endpoint(url, NoAuthentication)?;
        self.lock().completion_webhook = Some(endpoint);
        Ok(())
    }

    /// Sends status updates to `url` from now on. Replaces an earlier registration.
    ///
    /// # Errors
    /// The same as for [`register_completion_webhook`](Self::register_completion_webhook).
    pub fn register_status_webhook(&self, url: &str) -> Result<(), ValidationError> {
        let endpoint = self.sender.checked_endpoint(url, NoAuthentication)?;
        self.lock().status_webhook = Some(endpoint);
        Ok(())
    }

    /// Returns every webhook so far, pending or completed, in the order of the events.
    /// The reference is the protocol; the event is `Completo`, `Error` or `status-update`.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.sender.deliveries()
    }

    /// Sets whether each event is sent twice, as vendors with at-least-once delivery may do.
    pub fn duplicate_webhooks(&self, duplicate: bool) {
        self.sender.set_duplicate(duplicate);
    }

    /// Removes every queued fault, and stops duplicate webhooks.
    pub fn clear_faults(&self) {
        self.counters.faults.clear();
        self.duplicate_webhooks(false);
    }

    /// The URLs for completions and for status updates, and whether each event is sent twice.
    pub(crate) fn webhooks(&self) -> (Option<String>, Option<String>, bool) {
        let state = self.lock();
        let url = |webhook: &Option<Endpoint>| webhook.as_ref().map(|endpoint| endpoint.uri.clone());
        let (completion, status) = (url(&state.completion_webhook), url(&state.status_webhook));
        (completion, status, self.sender.duplicates())
    }

    async fn serve(self: Arc<Self>, operation: Operation, fields: Fields) -> Response {
        let seen = self.see(operation, &fields).await;
        let perform = || self.perform(operation, &fields, seen);
        let error = |status: StatusCode| {
            (status == StatusCode::INTERNAL_SERVER_ERROR).then(|| refusal(status, "Erro genérico."))
        };
        self.counters.serve(operation.name(), perform, operation.sample(), error).await
    }

    /// Performs a request. An `Err` is an error response of the vendor.
    fn perform(
        self: &Arc<Self>,
        operation: Operation,
        fields: &Fields,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        let cpf = match operation {
            Operation::Credencial => None,
            Operation::Appkey => fields.text("cpf").map(str::to_owned),
            _ => fields.text("appkey").and_then(|appkey| self.cpf_of(appkey)),
        };
        let error = |status| replies::of_operation(operation, status).unwrap_or_else(|| plain_error(status));
        let perform = || self.dispatch(operation, fields, seen);
        self.scenarios.answered(operation.name(), cpf.as_deref(), error, perform)
    }

    fn cpf_of(&self, appkey: &str) -> Option<String> {
        self.lock().journeys.get(appkey).map(|journey| journey.person.cpf.clone())
    }

    /// This many times 32 hexadecimal digits.
    fn random(&self, times: usize) -> String {
        (0..times).map(|_| self.ids.uuid().simple().to_string()).collect()
    }

    fn dispatch(
        self: &Arc<Self>,
        operation: Operation,
        fields: &Fields,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        match operation {
            Operation::Credencial => self.credencial(fields),
            Operation::Appkey => self.appkey(fields),
            Operation::Checkauth => self.checkauth(fields),
            Operation::Challenge => self.challenge(fields),
            Operation::Captcha => self.captcha(fields, seen),
            Operation::Initialize => self.initialize(fields),
            Operation::SessionToken => self.session_token(fields),
            Operation::Liveness => self.liveness(fields, seen),
            Operation::ProcessRequest => self.process_request(fields),
            Operation::FortfaceSessionToken => self.fortface_session_token(fields),
            Operation::FortfaceLiveness => self.fortface_liveness(fields),
            Operation::CaptchaResult => self.captcha_result(fields),
            Operation::Document => self.document(fields),
            Operation::DocumentQrcode => self.document_qrcode(fields),
            Operation::Result => self.result(fields),
        }
    }
}

impl fmt::Debug for CertifaceControl {
    /// Prints settings and totals only, since the state holds appkeys, CPFs and images.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertifaceControl")
            .field("settings", &self.settings)
            .field("paid_calls", &self.paid_calls())
            .finish_non_exhaustive()
    }
}

type Routes = Router<Arc<CertifaceControl>>;

fn routes(vendor: &Arc<CertifaceControl>) -> Router {
    let service: Routes = Router::new()
        .route("/credencial", form(Operation::Credencial))
        .route("/appkey", form(Operation::Appkey))
        .route("/checkauth", get(checkauth))
        .route("/challenge", form(Operation::Challenge))
        .route("/3d/initialize", json(Operation::Initialize))
        .route("/3d/session-token", json(Operation::SessionToken))
        .route("/3d/liveness", json(Operation::Liveness))
        .route("/3d/process-request", json(Operation::ProcessRequest))
        .route("/fortface/session-token", json(Operation::FortfaceSessionToken))
        .route("/fortface/liveness", json(Operation::FortfaceLiveness))
        .route("/result", form(Operation::CaptchaResult))
        .route("/document", post(document));
    let all: Routes = Router::new()
        .route("/facecaptcha/service/captcha", form(Operation::Captcha))
        .nest("/facecaptcha/service/captcha", service);
    let result: Routes =
        Router::new().route("/facecaptcha/service/captcha/document/result", form(Operation::Result));
    let served = |routes: Routes| {
        let refuse = |status, reason: &str| refusal(status, reason);
        api::complete(routes, &FACTS, refuse).layer(cors()).with_state(Arc::clone(vendor))
    };
    Router::new().nest(PREFIX, served(all)).nest(RESULT_PREFIX, served(result))
}

/// The vendor's browser kits call from the pages of its customers.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([REASON, SIMULATED])
}

fn form(operation: Operation) -> MethodRouter<Arc<CertifaceControl>> {
    post(move |Shared(vendor): Shared<Arc<CertifaceControl>>, headers: HeaderMap, body: Bytes| async move {
        vendor.serve(operation, Fields::form(&headers, &body)).await
    })
}

fn json(operation: Operation) -> MethodRouter<Arc<CertifaceControl>> {
    post(move |Shared(vendor): Shared<Arc<CertifaceControl>>, headers: HeaderMap, body: Bytes| async move {
        vendor.serve(operation, Fields::json(&headers, &body)).await
    })
}

async fn checkauth(Shared(vendor): Shared<Arc<CertifaceControl>>, RawQuery(query): RawQuery) -> Response {
    vendor.serve(Operation::Checkauth, Fields::query(query.as_deref())).await
}

/// Two operations share this path; the fields of the body distinguish them.
async fn document(
    Shared(vendor): Shared<Arc<CertifaceControl>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields = Fields::json(&headers, &body);
    let by_code = fields.has("qrcode") && !fields.has("images");
    let operation = if by_code { Operation::DocumentQrcode } else { Operation::Document };
    vendor.serve(operation, fields).await
}

#[cfg(test)]
mod tests {
    use kyc_core::Clock as _;

    use super::journey::{Liveness, Person};
    use super::verdict::{Judged, Verdict};
    use super::*;

    #[test]
    fn the_oldest_journeys_are_dropped_when_the_images_are_too_large() {
        let now = VirtualClock::frozen().now();
        let mut state = State::new(Provider::default());
        for appkey in ["a", "b", "c"] {
            let (cpf, nome, nascimento) = ("52998224725".to_owned(), String::new(), String::new());
            let person = Person { cpf, nome, nascimento, id_externo: None };
            let mut journey = Journey::new(person, now, now);
            let verdict = Verdict::of(None, false, Operation::Liveness);
            let judged = Judged { verdict, reason: None, protocol: String::new() };
            let frontal = Some(Bytes::from_static(&[0; 10]));
            journey.liveness = Some(Liveness { judged, bureau: None, frontal, seen: None });
            state.journeys.insert(appkey.to_owned(), journey);
        }
        assert_eq!(state.forget_images(30), 0);
        assert_eq!(state.journeys.len(), 3);
        assert_eq!(state.forget_images(29), 1);
        assert_eq!(state.journeys.keys().collect::<Vec<_>>(), ["b", "c"]);
    }
}
