//! The stand-in for Cellere's API portal.

mod answers;
mod background;
mod document;
mod facematch;
mod meter;
mod operation;
mod request;
mod test_inputs;
mod token;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, on};
use bytes::Bytes;

pub use operation::Operation;
pub use test_inputs::{
    CnpjOutcome, CpfOutcome, TEST_CNPJS, TEST_CPFS, TestCnpj, TestCpf, test_cnpj, test_cpf,
};

use crate::answer::Answer;
use crate::faults::{Fault, FaultQueue};
use operation::{ROUTES, Route};
use request::Request;
pub(crate) use token::TOKEN;

/// The first segment of every path.
pub(crate) const PREFIX: &str = "/cellere";
pub(crate) const VENDOR: &str = "cellere-portal";

/// Two pictures of 24 MB each, in base64.
const LARGEST: usize = 64 * 1024 * 1024;

/// What the builder settles for this vendor.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) credits: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { credits: 1000 }
    }
}

/// Cellere in the sandbox: what it counted, and what it shall do next.
///
/// Comes from [`Sandbox::cellere`](crate::Sandbox::cellere). All of it is on the control routes too.
#[derive(Debug)]
pub struct CellereControl {
    faults: FaultQueue<Operation>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    credits: u64,
    requests: BTreeMap<Operation, u64>,
    paid: BTreeMap<Operation, u64>,
}

impl CellereControl {
    pub(crate) fn new(settings: &Settings) -> Self {
        let state = State { credits: settings.credits, requests: BTreeMap::new(), paid: BTreeMap::new() };
        Self { faults: FaultQueue::new(), state: Mutex::new(state) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests were answered for a credit: each of them the real vendor would charge for.
    #[must_use]
    pub fn paid_calls(&self) -> u64 {
        self.lock().paid.values().sum()
    }

    /// The same of one operation.
    #[must_use]
    pub fn paid_calls_of(&self, operation: Operation) -> u64 {
        self.lock().paid.get(&operation).copied().unwrap_or(0)
    }

    /// How many requests of an operation arrived, whatever their answer.
    #[must_use]
    pub fn requests(&self, operation: Operation) -> u64 {
        self.lock().requests.get(&operation).copied().unwrap_or(0)
    }

    /// How many credits are left.
    #[must_use]
    pub fn credits(&self) -> u64 {
        self.lock().credits
    }

    /// Sets how many credits are left; at zero, paid calls are refused with HTTP 403.
    pub fn set_credits(&self, credits: u64) {
        self.lock().credits = credits;
    }

    /// Orders a fault. Faults wait in line: each request takes the first one that is meant for its operation.
    pub fn fault(&self, fault: Fault<Operation>) {
        self.faults.push(fault);
    }

    /// Takes back every fault that has not struck yet.
    pub fn clear_faults(&self) {
        self.faults.clear();
    }

    /// How many requests the waiting faults will still spoil.
    #[must_use]
    pub fn waiting_faults(&self) -> u64 {
        self.faults.waiting()
    }

    /// Answers one request of any operation: counts it, and lets a waiting fault have its way.
    async fn serve(self: Arc<Self>, request: Request) -> Response {
        let Route { operation, answer, .. } = *request.route;
        *self.lock().requests.entry(operation).or_default() += 1;
        let fault = self.faults.take(operation);
        tracing::debug!(vendor = VENDOR, operation = operation.name(), spoilt = fault.is_some(), "request");
        let perform = || self.perform(&request).unwrap_or_else(|refused| refused);
        match fault {
            None => perform().into_response(),
            Some(fault) => fault.spoil(perform, answer.body, answers::from_status).await,
        }
    }

    /// Does what is asked; an `Err` is a refusal.
    fn perform(&self, request: &Request) -> Result<Answer, Answer> {
        token::check(&request.headers)?;
        let operation = request.route.operation;
        let body = match operation {
            Operation::Document => document::answer(request)?,
            Operation::Cpf => background::cpf(request)?,
            Operation::Cnpj => background::cnpj(request)?,
            Operation::Meter => meter::answer(request)?,
            Operation::FaceMatch => facematch::answer(request)?,
            Operation::Balance => {
                let mut body = request.usual_answer();
                body["amount"] = self.credits().into();
                return Ok(Answer::json(StatusCode::OK, &body));
            }
        };
        self.pay(operation)?;
        Ok(Answer::json(StatusCode::OK, &body))
    }

    /// A credit for an answer.
    fn pay(&self, operation: Operation) -> Result<(), Answer> {
        let mut state = self.lock();
        state.credits = state.credits.checked_sub(1).ok_or_else(answers::no_credits)?;
        *state.paid.entry(operation).or_default() += 1;
        Ok(())
    }
}

pub(crate) fn routes(vendor: &Arc<CellereControl>) -> Router {
    let unknown = || async { answers::unknown_url() };
    let all: Router<Arc<CellereControl>> = ROUTES
        .iter()
        .fold(Router::new(), |router, route| router.route(route.path, handler(route)))
        .layer(DefaultBodyLimit::max(LARGEST))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown);
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
