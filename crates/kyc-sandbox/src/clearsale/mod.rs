//! The sandbox of ClearSale Facematch.

mod calls;
mod control;
mod errors;
mod facematch;
mod login;
mod sandbox;
mod test_cpfs;
mod trigger;
mod verdict;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use bytes::Bytes;
use indexmap::IndexMap;
use kyc_core::{Clock as _, Timestamp, ValidationError, VirtualClock};
use kyc_fixtures::clearsale_facematch as documented;
use serde_json::{Map, Value};
use uuid::Uuid;

pub use login::ExpiresIn;
pub use test_cpfs::{TEST_CPFS, TestCpf, TestOutcome, test_cpf};

use crate::api;
use crate::counters::{Counters, counter_methods, operations};
use crate::faces::Eyes;
use crate::headers;
use crate::ids::Ids;
use crate::reply::Reply;
use crate::scenario::{Scenarios, Subject};
use crate::tasks::Tasks;
use crate::transaction;
use crate::vendor::{SharedContext, VendorFacts};
use crate::webhooks::{BearerToken, Delivery, DeliveryPolicy, Endpoint, PAUSES, WebhookSender};
use facematch::{Received, Transaction};
use trigger::MatchEffect;

/// The first segment of every path, since all vendors share one port.
const PREFIX: &str = "/clearsale";
pub(crate) const FACTS: VendorFacts = VendorFacts {
    key: "clearsale",
    id: "clearsale-facematch",
    title: "ClearSale Facematch",
    client_config: control::client_config,
    test_inputs: control::test_inputs,
    outcomes: trigger::outcomes,
    openapi: include_str!("../../openapi/clearsale-facematch.json"),
    calls: calls::calls,
};
const CLIENT_ID: &str = "sandbox-client";
const CLIENT_SECRET: &str = "sandbox-secret";

/// The vendor's page says "200": any other success is a failure. The pauses are not documented.
const DELIVERY: DeliveryPolicy =
    DeliveryPolicy { vendor: FACTS.key, accepts: |status| status == 200, pauses: PAUSES };

/// The base URL of a client, below the root URL of the sandbox.
fn base_url(root: &str) -> String {
    format!("{root}{PREFIX}")
}

operations! {
    /// An operation of ClearSale Facematch.
    pub enum Operation {
        /// `POST /api/authentication/login`.
        Login = "login" in "authentication",
        /// `POST /api/v2/Facematch/faces/match2d-2d`.
        Match = "match2d-2d" in "comparing-two-faces",
        /// `GET /api/v2/Facematch/faces/match2d-2d/{transactionId}`.
        Query = "match2d-2d-query" in "querying-a-transaction",
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
    ids: Arc<Ids>,
    scenarios: Scenarios<MatchEffect>,
    eyes: Eyes,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tokens: IndexMap<String, Timestamp>,
    transactions: IndexMap<Uuid, Transaction>,
    webhook: Option<Endpoint>,
    logins: u64,
    /// The CPFs that fail every other time and whose last POST failed.
    failed_last: IndexMap<String, ()>,
}

/// What the requests of each operation are about.
fn operations() -> Vec<(&'static str, Subject)> {
    let subject = |operation: &Operation| match operation {
        Operation::Login => Subject::Nobody,
        Operation::Match | Operation::Query => Subject::Person,
    };
    Operation::ALL.iter().map(|operation| (operation.name(), subject(operation))).collect()
}

impl ClearsaleControl {
    fn new(settings: Settings, shared: &SharedContext) -> Self {
        Self {
            settings,
            clock: shared.clock.clone(),
            tasks: Arc::clone(&shared.tasks),
            ids: Arc::clone(&shared.ids),
            sender: shared.webhook_sender(DELIVERY),
            counters: Counters::new(&FACTS, Operation::SECTIONS),
            scenarios: Scenarios::new(FACTS.key, trigger::OUTCOMES, operations),
            eyes: shared.eyes.clone(),
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
        let endpoint = self.sender.checked_endpoint(url, BearerToken::new(token)?)?;
        self.lock().webhook = Some(endpoint);
        Ok(())
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
        let url = self.lock().webhook.as_ref().map(|endpoint| endpoint.uri.clone());
        (url, self.sender.duplicates())
    }

    /// The newest transactions, at most that many.
    fn described(&self, most: usize) -> Vec<transaction::Transaction> {
        let now = self.clock.now();
        let state = self.lock();
        state.transactions.iter().rev().take(most).map(|(id, one)| one.describe(*id, now)).collect()
    }

    fn forget(&self) {
        // The sender is reset under the lock, so that no event of a forgotten transaction follows.
        let mut state = self.lock();
        *state = State::default();
        self.sender.reset();
    }

    async fn serve(
        &self,
        operation: Operation,
        documented: impl FnOnce(StatusCode) -> Reply,
        perform: impl FnOnce() -> Result<Reply, Reply>,
    ) -> Response {
        let documented = |status| Some(documented(status));
        self.counters.serve(operation.name(), perform, operation.sample(), documented).await
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
    let all = Router::new()
        .route("/api/authentication/login", post(login))
        .route("/api/v2/Facematch/faces/match2d-2d", post(submit))
        .route("/api/v2/Facematch/faces/match2d-2d/{transaction_id}", get(query));
    Router::new().nest(PREFIX, api::complete(all, &FACTS, errors::refusal).with_state(vendor))
}

async fn login(Shared(vendor): Shared<Arc<ClearsaleControl>>, headers: HeaderMap, body: Bytes) -> Response {
    let perform = || vendor.log_in(fields(&headers, &body));
    vendor.serve(Operation::Login, errors::of_login, perform).await
}

async fn submit(Shared(vendor): Shared<Arc<ClearsaleControl>>, headers: HeaderMap, body: Bytes) -> Response {
    let received = Received::read(&headers, &body);
    // Before anything is locked: it takes a while.
    let seen = vendor.see(&headers, &received).await;
    vendor.serve(Operation::Match, errors::of_match, || vendor.submit(&headers, received, seen)).await
}

async fn query(
    Shared(vendor): Shared<Arc<ClearsaleControl>>,
    Path(transaction_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let documented = |status| errors::of_query(status, &transaction_id);
    vendor.serve(Operation::Query, documented, || vendor.query(&headers, &transaction_id)).await
}

/// The fields of a JSON body, or why there are none.
fn fields(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, &'static str> {
    if !headers::is(headers, "application/json") {
        return Err("the Content-Type must be application/json");
    }
    serde_json::from_slice(body).map_err(|_| "the body must be a JSON object")
}
