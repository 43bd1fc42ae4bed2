//! The sandbox of Toy Faces.

mod control;
mod sandbox;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use indexmap::IndexMap;
use kyc_core::{Clock as _, Timestamp, ValidationError, VirtualClock};
use kyc_fixtures::toy_faces as documented;
use serde_json::{Map, Value, json};

use crate::counters::{Counters, counter_methods, operations};
use crate::ids::Ids;
use crate::outcomes::{self, Row};
use crate::reply::Reply;
use crate::scenario::{Effect, Scenarios, Subject};
use crate::vendor::{SharedContext, VendorFacts};
use crate::webhooks::{BearerToken, Delivery, DeliveryPolicy, Endpoint, Event, PAUSES, WebhookSender};
use crate::{api, headers, newest};

/// The first segment of every path, since all vendors share one port.
const PREFIX: &str = "/toy";
pub(crate) const FACTS: VendorFacts = VendorFacts {
    key: "toy",
    id: "toy-faces",
    title: "Toy Faces",
    client_config: control::client_config,
    test_inputs: control::test_inputs,
    outcomes: || outcomes::described(FACTS.key, OUTCOMES),
    openapi: include_str!("../../openapi/toy-faces.json"),
    calls: |_| Vec::new(),
};
const CLIENT_ID: &str = "sandbox-client";
const CLIENT_SECRET: &str = "sandbox-secret";

const TOKEN_LIFE: Duration = Duration::from_secs(3600);

/// The reference of a comparison that is no match.
const NO_MATCH: &str = "no-match";

const DELIVERY: DeliveryPolicy =
    DeliveryPolicy { vendor: FACTS.key, accepts: |status| (200..300).contains(&status), pauses: PAUSES };

/// The base URL of a client, below the root URL of the sandbox.
fn base_url(root: &str) -> String {
    format!("{root}{PREFIX}")
}

operations! {
    /// An operation of Toy Faces.
    pub enum Operation {
        /// `POST /login`.
        Login = "login" in "authentication",
        /// `POST /faces`.
        Compare = "compare" in "comparing-two-faces",
    }
}

/// What a scenario decides: whether the faces match.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IsMatch(bool);

impl Effect for IsMatch {
    fn aspect(self) -> &'static str {
        VERDICT
    }
}

const VERDICT: &str = "verdict";

const OUTCOMES: &[Row<IsMatch>] = &[
    Row::new(&["compare"], "match", IsMatch(true), "the faces match").for_scenarios_only(),
    Row::new(&["compare"], "no-match", IsMatch(false), "the faces do not match").for_scenarios_only(),
];

/// What the requests of each operation are about.
fn operations() -> Vec<(&'static str, Subject)> {
    Operation::ALL.iter().map(|operation| (operation.name(), Subject::Nobody)).collect()
}

/// Counters, faults and webhooks of Toy Faces in the sandbox.
///
/// Returned by [`Sandbox::toy`](crate::Sandbox::toy). The control routes offer the same.
pub struct ToyControl {
    clock: VirtualClock,
    ids: Arc<Ids>,
    sender: Arc<WebhookSender>,
    pub(crate) counters: Counters,
    pub(crate) scenarios: Scenarios<IsMatch>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tokens: IndexMap<String, Timestamp>,
    webhook: Option<Endpoint>,
}

impl ToyControl {
    fn new(shared: &SharedContext) -> Self {
        Self {
            clock: shared.clock.clone(),
            ids: Arc::clone(&shared.ids),
            sender: shared.webhook_sender(DELIVERY),
            counters: Counters::new(&FACTS, Operation::SECTIONS),
            scenarios: Scenarios::new(FACTS.key, OUTCOMES, operations),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    counter_methods! {
        /// Returns the number of comparisons. The vendor would charge for each of them.
        paid_calls
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

    /// Returns every webhook so far, pending or completed, in the order of the events. The reference is the vendor's id.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.sender.deliveries()
    }

    fn log_in(&self, fields: &Map<String, Value>) -> Reply {
        let text = |name| fields.get(name).and_then(Value::as_str);
        if (text("clientId"), text("clientSecret")) != (Some(CLIENT_ID), Some(CLIENT_SECRET)) {
            return Reply::documented(&documented::LOGIN_401).because("clientId or clientSecret is wrong");
        }
        let token = self.ids.uuid().simple().to_string();
        let life = TOKEN_LIFE.as_secs().to_string();
        let reply = Reply::json(StatusCode::OK, &json!({ "access_token": token, "expires_in": life }));
        let expiry = self.clock.now().saturating_add(TOKEN_LIFE);
        newest::insert(&mut self.lock().tokens, token, expiry, &self.counters.dropped);
        reply
    }

    fn has_valid_token(&self, headers: &HeaderMap) -> bool {
        let now = self.clock.now();
        let expiry = headers::bearer(headers).and_then(|token| self.lock().tokens.get(token).copied());
        expiry.is_some_and(|expiry| now < expiry)
    }

    fn compare(&self, headers: &HeaderMap, fields: &Map<String, Value>) -> Reply {
        if !self.has_valid_token(headers) {
            return Reply::documented(&documented::LOGIN_401)
                .because("the bearer token is missing, unknown or expired");
        }
        let text = |name| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text("first").is_none() || text("second").is_none() {
            return Reply::documented(&documented::COMPARE_400).because("first and second are required");
        }
        let operation = Operation::Compare.name();
        let error = |status| refusal(status, "this error was requested");
        let reply = self.scenarios.answered(operation, None, error, || Ok(self.compared(text("reference"))));
        reply.unwrap_or_else(|refused| refused)
    }

    fn compared(&self, reference: Option<&str>) -> Reply {
        self.counters.pay(Operation::Compare.name(), None);
        let scenario = self.scenarios.effect(None, VERDICT);
        let IsMatch(is_match) =
            scenario.map_or(IsMatch(reference != Some(NO_MATCH)), |applied| applied.effect);
        let id = self.ids.uuid().to_string();
        let body = json!({ "id": id, "reference": reference, "isMatch": is_match });
        let event = Event { reference: id.clone(), name: "compared", body: body.to_string().into() };
        let endpoint = self.lock().webhook.clone();
        drop(self.sender.send(endpoint, &event, None));
        let similarity = if is_match { 0.98 } else { 0.02 };
        Reply::json(StatusCode::OK, &json!({ "id": id, "isMatch": is_match, "similarity": similarity }))
    }
}

impl fmt::Debug for ToyControl {
    /// Prints totals only, since the state holds tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToyControl").field("paid_calls", &self.paid_calls()).finish_non_exhaustive()
    }
}

fn routes(vendor: Arc<ToyControl>) -> Router {
    let all = Router::new().route("/login", post(login)).route("/faces", post(compare));
    Router::new().nest(PREFIX, api::complete(all, &FACTS, refusal).with_state(vendor))
}

/// An error in the vendor's form that its page does not print.
fn refusal(status: StatusCode, reason: &str) -> Reply {
    Reply::json(status, &json!({ "code": status.as_str(), "message": reason }))
}

async fn login(Shared(vendor): Shared<Arc<ToyControl>>, body: Bytes) -> Response {
    let perform = || Ok(vendor.log_in(&fields(&body)));
    vendor.counters.serve(Operation::Login.name(), perform, documented::LOGIN_200.body, |_| None).await
}

async fn compare(Shared(vendor): Shared<Arc<ToyControl>>, headers: HeaderMap, body: Bytes) -> Response {
    let perform = || Ok(vendor.compare(&headers, &fields(&body)));
    vendor.counters.serve(Operation::Compare.name(), perform, documented::COMPARE_200.body, |_| None).await
}

/// The fields of a JSON body. Without any, every required one is missing.
fn fields(body: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(body).unwrap_or_default()
}
