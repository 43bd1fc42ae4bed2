//! The sandbox of ClearSale Facematch.

mod control;
mod facematch;
mod login;
mod sandbox;
mod test_cpfs;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use kyc_core::{Timestamp, ValidationError, VirtualClock};
use kyc_fixtures::clearsale_facematch as documented;
use serde_json::{Map, Value};
use uuid::Uuid;

pub use login::ExpiresIn;
pub use test_cpfs::{TEST_CPFS, TestCpf, TestOutcome, test_cpf};

use crate::counters::{Counters, counter_methods, operations};
use crate::headers;
use crate::reply::Reply;
use crate::server::MAX_BODY_BYTES;
use crate::tasks::Tasks;
use crate::vendor::{SharedContext, VendorName};
use crate::webhooks::{BearerToken, Delivery, DeliveryPolicy, PAUSES, WebhookSender};
use facematch::Transaction;

/// The first segment of every path, since all vendors share one port.
const PREFIX: &str = "/clearsale";
const NAME: VendorName =
    VendorName { key: "clearsale", id: "clearsale-facematch", title: "ClearSale Facematch" };
const CLIENT_ID: &str = "sandbox-client";
const CLIENT_SECRET: &str = "sandbox-secret";

/// The vendor's page says "200": any other success is a failure. The pauses are not documented.
const DELIVERY: DeliveryPolicy =
    DeliveryPolicy { vendor: NAME.key, accepts: |status| status == 200, pauses: PAUSES };

/// The base URL of a client, below the root URL of the sandbox.
fn base_url(root: &str) -> String {
    format!("{root}{PREFIX}")
}

operations! {
    /// An operation of ClearSale Facematch.
    pub enum Operation {
        /// `POST /api/authentication/login`.
        Login = "login",
        /// `POST /api/v2/Facematch/faces/match2d-2d`.
        Match = "match2d-2d",
        /// `GET /api/v2/Facematch/faces/match2d-2d/{transactionId}`.
        Query = "match2d-2d-query",
    }
}

impl Operation {
    /// The body that a fault truncates if the request is not performed.
    fn sample(self) -> &'static str {
        match self {
            Self::Login => documented::LOGIN_200.body,
            Self::Match => documented::MATCH_200.body,
            Self::Query => documented::QUERY_200.body,
        }
    }
}

/// This vendor's settings in the builder.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) match_delay: Duration,
    pub(crate) token_life: Duration,
    pub(crate) expires_in: ExpiresIn,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            match_delay: Duration::from_millis(1500),
            token_life: Duration::from_secs(3600),
            expires_in: ExpiresIn::default(),
        }
    }
}

/// Counters, faults and webhooks of ClearSale in the sandbox.
///
/// Returned by [`Sandbox::clearsale`](crate::Sandbox::clearsale). The control routes offer the same.
pub struct ClearsaleControl {
    settings: Settings,
    clock: VirtualClock,
    tasks: Arc<Tasks>,
    sender: Arc<WebhookSender>,
    pub(crate) counters: Counters,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tokens: HashMap<String, Timestamp>,
    transactions: HashMap<Uuid, Transaction>,
    logins: u64,
    /// Whether the next POST succeeds for the CPF that fails every other time.
    flaky_works_next: bool,
}

impl ClearsaleControl {
    fn new(settings: Settings, shared: &SharedContext) -> Self {
        Self {
            settings,
            clock: shared.clock.clone(),
            tasks: Arc::clone(&shared.tasks),
            sender: shared.webhook_sender(DELIVERY),
            counters: Counters::new(NAME.key, Operation::NAMES),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    counter_methods! {
        /// Returns the number of comparisons started. The vendor would charge for each of them.
        paid_calls
    }

    /// Returns the number of tokens issued.
    #[must_use]
    pub fn logins(&self) -> u64 {
        self.lock().logins
    }

    /// Invalidates every token.
    pub fn expire_tokens(&self) {
        self.lock().tokens.clear();
    }

    /// Sends webhooks to `url` from now on, with `Authorization: Bearer {token}`. Replaces an earlier registration.
    ///
    /// # Errors
    /// The URL is not `http` or its host is not loopback (unless the builder allowed that), or the token is not a valid
    /// header value.
    pub fn register_webhook(&self, url: &str, token: &str) -> Result<(), ValidationError> {
        self.sender.register(url, BearerToken::new(token)?)
    }

    /// Returns every webhook so far, pending or completed, in the order of the events. The reference is the transaction id,
    /// with dashes; the event is the new status.
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
        self.sender.set_duplicate(false);
    }

    /// The webhook URL, and whether each event is sent twice.
    pub(crate) fn webhook(&self) -> (Option<String>, bool) {
        (self.sender.url(), self.sender.duplicates())
    }

    async fn serve(
        &self,
        operation: Operation,
        on_500: impl FnOnce() -> Reply,
        perform: impl FnOnce() -> Reply,
    ) -> Response {
        let error = |status: StatusCode| (status == StatusCode::INTERNAL_SERVER_ERROR).then(on_500);
        self.counters.serve(operation.name(), || Ok(perform()), operation.sample(), error).await
    }
}

impl fmt::Debug for ClearsaleControl {
    /// Prints settings and totals only, since the state holds tokens and CPFs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClearsaleControl")
            .field("settings", &self.settings)
            .field("paid_calls", &self.paid_calls())
            .finish_non_exhaustive()
    }
}

fn routes(vendor: Arc<ClearsaleControl>) -> Router {
    let submit = post(submit).layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    let vendor_routes = Router::new()
        .route("/api/authentication/login", post(login))
        .route("/api/v2/Facematch/faces/match2d-2d", submit)
        .route("/api/v2/Facematch/faces/match2d-2d/{transaction_id}", get(query))
        // The vendor documents a 404 without a body.
        .fallback(|| async { StatusCode::NOT_FOUND })
        .with_state(vendor);
    Router::new().nest(PREFIX, vendor_routes)
}

async fn login(Shared(vendor): Shared<Arc<ClearsaleControl>>, headers: HeaderMap, body: Bytes) -> Response {
    let on_500 = || Reply::documented(&documented::LOGIN_500);
    vendor.serve(Operation::Login, on_500, || vendor.log_in(&fields(&headers, &body))).await
}

async fn submit(Shared(vendor): Shared<Arc<ClearsaleControl>>, headers: HeaderMap, body: Bytes) -> Response {
    let on_500 = || Reply::documented(&documented::MATCH_500);
    vendor.serve(Operation::Match, on_500, || vendor.submit(&headers, &body)).await
}

async fn query(
    Shared(vendor): Shared<Arc<ClearsaleControl>>,
    Path(transaction_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let on_500 = || {
        let text = facematch::about(documented::QUERY_500.body, &transaction_id);
        Reply::text(StatusCode::INTERNAL_SERVER_ERROR, text)
    };
    vendor.serve(Operation::Query, on_500, || vendor.query(&headers, &transaction_id)).await
}

/// The fields of a JSON body. A body that is not a JSON object, or whose content type is not JSON, has none: every
/// required field is then missing, and the vendor documents a response for that.
fn fields(headers: &HeaderMap, body: &[u8]) -> Map<String, Value> {
    if headers::is(headers, "application/json") {
        serde_json::from_slice(body).unwrap_or_default()
    } else {
        Map::new()
    }
}
