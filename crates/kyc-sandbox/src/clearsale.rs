//! The stand-in for ClearSale Facematch.

mod facematch;
mod login;
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
use crate::webhooks::{BearerToken, Delivery, DeliveryPolicy, PAUSES, WebhookSender};
use facematch::Transaction;

/// The first segment of every path, so that one port can carry more vendors.
pub(crate) const PREFIX: &str = "/clearsale";
pub(crate) const VENDOR: &str = "clearsale";
pub(crate) const CLIENT_ID: &str = "sandbox-client";
pub(crate) const CLIENT_SECRET: &str = "sandbox-secret";

/// The vendor's page says "200": any other success is a failure. The pauses are not documented.
pub(crate) const DELIVERY: DeliveryPolicy =
    DeliveryPolicy { vendor: VENDOR, accepts: |status| status == 200, pauses: PAUSES };

operations! {
    /// What can be asked of ClearSale Facematch.
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
    /// What a fault cuts in half when the request itself is not performed.
    fn sample(self) -> &'static str {
        match self {
            Self::Login => documented::LOGIN_200.body,
            Self::Match => documented::MATCH_200.body,
            Self::Query => documented::QUERY_200.body,
        }
    }
}

/// What the builder settles for this vendor.
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

/// ClearSale in the sandbox: what it counted, and what it shall do next.
///
/// Comes from [`Sandbox::clearsale`](crate::Sandbox::clearsale). All of it is on the control routes too.
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
    /// Whether the next POST for the CPF that fails every other time is one that works.
    flaky_works_next: bool,
}

impl ClearsaleControl {
    pub(crate) fn new(
        settings: Settings,
        clock: VirtualClock,
        tasks: Arc<Tasks>,
        sender: Arc<WebhookSender>,
    ) -> Self {
        Self {
            settings,
            clock,
            tasks,
            sender,
            counters: Counters::new(VENDOR, Operation::NAMES),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    counter_methods! {
        /// How many comparisons were started: each of them the real vendor would charge for.
        paid_calls
    }

    /// How many tokens were given out.
    #[must_use]
    pub fn logins(&self) -> u64 {
        self.lock().logins
    }

    /// Makes every token invalid at once.
    pub fn expire_tokens(&self) {
        self.lock().tokens.clear();
    }

    /// Sends webhooks from now on to `url`, with `Authorization: Bearer {token}`. A later call replaces an earlier one.
    ///
    /// # Errors
    /// Not an `http` URL, not on this machine (unless the builder allowed that), or a token that fits no header.
    pub fn register_webhook(&self, url: &str, token: &str) -> Result<(), ValidationError> {
        self.sender.register(url, BearerToken::new(token)?)
    }

    /// Every webhook so far, on its way or arrived, in the order of the events.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.sender.deliveries()
    }

    /// Whether each event goes out twice, as vendors that deliver at least once may do.
    pub fn duplicate_webhooks(&self, duplicate: bool) {
        self.sender.set_duplicate(duplicate);
    }

    /// Takes back every fault that has not struck yet, duplicate webhooks included.
    pub fn clear_faults(&self) {
        self.counters.faults.clear();
        self.sender.set_duplicate(false);
    }

    /// Where webhooks go, and whether twice.
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
    /// Settings and sums: the state holds tokens and CPFs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClearsaleControl")
            .field("settings", &self.settings)
            .field("paid_calls", &self.paid_calls())
            .finish_non_exhaustive()
    }
}

pub(crate) fn routes(vendor: Arc<ClearsaleControl>) -> Router {
    let submit = post(submit).layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    let vendor_routes = Router::new()
        .route("/api/authentication/login", post(login))
        .route("/api/v2/Facematch/faces/match2d-2d", submit)
        .route("/api/v2/Facematch/faces/match2d-2d/{transaction_id}", get(query))
        // The vendor's page prints a 404 without a body.
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

/// The fields of a JSON body. What is not a JSON object, or does not say that it is JSON, has none: then every
/// required field is missing, and the answer is the one that the vendor documents for that.
fn fields(headers: &HeaderMap, body: &[u8]) -> Map<String, Value> {
    if headers::is(headers, "application/json") {
        serde_json::from_slice(body).unwrap_or_default()
    } else {
        Map::new()
    }
}
