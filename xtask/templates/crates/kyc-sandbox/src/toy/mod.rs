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
use uuid::Uuid;

use crate::counters::{Counters, counter_methods, operations};
use crate::reply::Reply;
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
    outcomes: Vec::new,
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

/// Counters, faults and webhooks of Toy Faces in the sandbox.
///
/// Returned by [`Sandbox::toy`](crate::Sandbox::toy). The control routes offer the same.
pub struct ToyControl {
    clock: VirtualClock,
    sender: Arc<WebhookSender>,
    pub(crate) counters: Counters,
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
            sender: shared.webhook_sender(DELIVERY),
            counters: Counters::new(&FACTS, Operation::SECTIONS),
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
        let token = Uuid::new_v4().simple().to_string();
        let life = TOKEN_LIFE.as_secs().to_string();
        let reply = Reply::json(StatusCode::OK, &json!({ "access_token": token, "expires_in": life }));
        let expiry = self.clock.now().saturating_add(TOKEN_LIFE);
        newest::insert(&mut self.lock().tokens, token, expiry);
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
        self.counters.pay(Operation::Compare.name());
        let (id, is_match) = (Uuid::new_v4().to_string(), text("reference") != Some(NO_MATCH));
        let body = json!({ "id": id, "reference": text("reference"), "isMatch": is_match });
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
