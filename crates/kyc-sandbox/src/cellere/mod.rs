//! The sandbox of Cellere's API portal.

mod background;
mod calls;
mod control;
mod document;
mod errors;
mod facematch;
mod meter;
mod operation;
mod outcomes;
mod request;
mod sandbox;
mod test_cnpjs;
mod test_cpfs;
mod token;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{MethodRouter, on};
use bytes::Bytes;

pub use operation::Operation;
pub use test_cnpjs::{CnpjOutcome, TEST_CNPJS, TestCnpj, test_cnpj};
pub use test_cpfs::{CpfOutcome, TEST_CPFS, TestCpf, test_cpf};

use crate::api;
use crate::counters::{Counters, counter_methods};
use crate::faces::{Comparison, Eyes};
use crate::ids::Ids;
use crate::reply::Reply;
use crate::scenario::{SCENARIO, Scenarios, Subject};
use crate::vendor::{SharedContext, VendorFacts};
use operation::{ROUTES, Route};
use outcomes::{ANSWER, AnswerEffect, CONCILIATION};
use request::Request;
use token::TOKEN;

/// The first segment of every path.
const PREFIX: &str = "/cellere";
pub(crate) const FACTS: VendorFacts = VendorFacts {
    key: "cellere",
    id: "cellere-portal",
    title: "Cellere portal",
    client_config: control::client_config,
    test_inputs: control::test_inputs,
    outcomes: outcomes::outcomes,
    openapi: include_str!("../../openapi/cellere-portal.json"),
    calls: calls::calls,
};

/// The base URL of a client, below the root URL of the sandbox.
fn base_url(root: &str) -> String {
    format!("{root}{PREFIX}")
}

/// This vendor's settings in the builder.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) credits: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { credits: 1000 }
    }
}

/// Counters, faults and credits of Cellere in the sandbox.
///
/// Returned by [`Sandbox::cellere`](crate::Sandbox::cellere). The control routes offer the same.
#[derive(Debug)]
pub struct CellereControl {
    pub(crate) counters: Counters,
    scenarios: Scenarios<AnswerEffect>,
    eyes: Eyes,
    ids: Arc<Ids>,
    initial_credits: u64,
    credits: Mutex<u64>,
}

/// What the requests of each operation are about.
fn operations() -> Vec<(&'static str, Subject)> {
    let subject = |operation: &Operation| match operation {
        Operation::Cpf => Subject::Person,
        Operation::Cnpj => Subject::Company,
        _ => Subject::Nobody,
    };
    Operation::ALL.iter().map(|operation| (operation.name(), subject(operation))).collect()
}

impl CellereControl {
    fn new(settings: &Settings, shared: &SharedContext) -> Self {
        Self {
            counters: Counters::new(&FACTS, Operation::SECTIONS),
            scenarios: Scenarios::new(FACTS.key, outcomes::OUTCOMES, operations),
            eyes: shared.eyes.clone(),
            ids: Arc::clone(&shared.ids),
            initial_credits: settings.credits,
            credits: Mutex::new(settings.credits),
        }
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.credits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    counter_methods! {
        /// Returns the number of requests that cost a credit. The vendor would charge for each of them.
        paid_calls
    }

    /// Returns the number of credits left.
    #[must_use]
    pub fn credits(&self) -> u64 {
        *self.lock()
    }

    /// Sets the number of credits left. At zero, paid calls are refused with HTTP 403.
    pub fn set_credits(&self, credits: u64) {
        *self.lock() = credits;
    }

    /// Removes every queued fault.
    pub fn clear_faults(&self) {
        self.counters.faults.clear();
    }

    async fn serve(self: Arc<Self>, request: Request) -> Response {
        let Route { operation, reply, .. } = *request.route;
        let seen = self.see(&request).await;
        let perform = || self.perform(&request, seen);
        self.counters.serve(operation.name(), perform, reply.body, errors::from_status).await
    }

    /// What the pictures show, if that decides the answer.
    async fn see(&self, request: &Request) -> Option<Comparison> {
        let operation = request.route.operation;
        let is_decided = self.scenarios.effect_on(operation.name(), None, ANSWER).is_some();
        if operation != Operation::FaceMatch || is_decided || !self.eyes.are_open() {
            return None;
        }
        token::check(&request.headers).ok()?;
        let [first, second] = facematch::faces(request).ok()?;
        self.eyes.compare(first.bytes(), second.bytes()).await
    }

    /// Performs a request. An `Err` is an error response of the vendor.
    fn perform(&self, request: &Request, seen: Option<Comparison>) -> Result<Reply, Reply> {
        token::check(&request.headers)?;
        let operation = request.route.operation;
        let subject = background::subject(request)?;
        let subject = subject.as_deref();
        let applied = |aspect| self.scenarios.effect_on(operation.name(), subject, aspect);
        let (answer, conciliation) = (applied(ANSWER), applied(CONCILIATION));
        let delay = answer.iter().chain(&conciliation).filter_map(|applied| applied.delay).max();
        let effect = answer.map(|applied| applied.effect);
        let body = match operation {
            Operation::Document => Ok(document::reply(request, effect, self.ids.uuid())?),
            Operation::Cpf => {
                let usual = || test_cpfs::outcome_of(subject.unwrap_or_default());
                let set = effect.and_then(AnswerEffect::cpf);
                background::cpf(request, set.unwrap_or_else(usual))
            }
            Operation::Cnpj => {
                let usual = || test_cnpjs::outcome_of(subject.unwrap_or_default());
                let set = effect.and_then(AnswerEffect::cnpj);
                Ok(background::cnpj(request, set.unwrap_or_else(usual)))
            }
            Operation::Meter => {
                Ok(meter::reply(request, effect, conciliation.map(|applied| applied.effect))?)
            }
            Operation::FaceMatch => Ok(facematch::reply(request, effect, seen)?),
            Operation::Balance => {
                let mut body = request.documented_reply();
                body["amount"] = self.credits().into();
                Ok(body)
            }
        };
        let late = |reply: Reply| reply.late(delay.unwrap_or_default());
        self.scenarios.answered(operation.name(), subject, errors::of_status, || {
            let paid = match effect {
                Some(AnswerEffect::Error(error)) => Err(Reply::documented(error).because(SCENARIO)),
                _ => body.and_then(|body| {
                    self.pay(operation, subject).map(|()| Reply::json(StatusCode::OK, &body).simulated(seen))
                }),
            };
            paid.map(late).map_err(late)
        })
    }

    /// Takes a credit for a response. The balance costs nothing.
    fn pay(&self, operation: Operation, subject: Option<&str>) -> Result<(), Reply> {
        if operation == Operation::Balance {
            return Ok(());
        }
        let mut credits = self.lock();
        *credits = credits.checked_sub(1).ok_or_else(|| errors::no_credits("no credits are left"))?;
        self.counters.pay(operation.name(), subject);
        Ok(())
    }
}

fn routes(vendor: &Arc<CellereControl>) -> Router {
    let all: Router<Arc<CellereControl>> =
        ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, handler(route)));
    // The vendor answers to another method as to an unknown path.
    let refuse = |status, reason: &str| match status {
        StatusCode::METHOD_NOT_ALLOWED => errors::refusal(StatusCode::NOT_FOUND, reason),
        status => errors::refusal(status, reason),
    };
    let all = api::complete(all, &FACTS, refuse);
    Router::new().nest(PREFIX, all.with_state(Arc::clone(vendor)))
}

fn handler(route: &'static Route) -> MethodRouter<Arc<CellereControl>> {
    let handler = async move |Shared(vendor): Shared<Arc<CellereControl>>,
                              RawQuery(query): RawQuery,
                              headers: HeaderMap,
                              body: Bytes| {
        let query = query.unwrap_or_default();
        vendor.serve(Request { route, query, headers, body }).await
    };
    on(route.method, handler)
}
