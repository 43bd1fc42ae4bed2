//! Records requests as they are served.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use kyc_core::{Clock as _, SystemClock, VirtualClock};

use super::{RequestLog, RequestPath, RequestRecord};
use crate::reply::{CloseConnection, REASON, SIMULATED};

tokio::task_local! {
    /// The request that the current task serves. Not an extension of the response: a request whose client gives up has
    /// none, and it is just the one that somebody looks for.
    static SERVED: Arc<Notes>;
}

/// What the inner layers learn of a request.
#[derive(Debug)]
struct Notes {
    vendor: &'static str,
    on_paid: Option<PaidHook>,
    operation: OnceLock<&'static str>,
    faulty: AtomicBool,
    paid: AtomicBool,
    bytes: AtomicU64,
}

impl Notes {
    fn new(vendor: &'static str, on_paid: Option<PaidHook>) -> Self {
        let (operation, faulty, paid, bytes) = Default::default();
        Self { vendor, on_paid, operation, faulty, paid, bytes }
    }
}

/// Notes the operation of the request that the current task serves.
pub(crate) fn note_operation(operation: &'static str) {
    note(|notes| {
        let _ = notes.operation.set(operation);
    });
}

/// Notes that a fault is applied to it.
pub(crate) fn note_fault() {
    note(|notes| notes.faulty.store(true, Ordering::Relaxed));
}

/// Notes that the vendor would charge for it, and whom it is about.
pub(crate) fn note_paid(operation: &'static str, cpf: Option<&str>) {
    note(|notes| {
        notes.paid.store(true, Ordering::Relaxed);
        if let Some(PaidHook(hook)) = &notes.on_paid {
            hook(notes.vendor, operation, cpf);
        }
    });
}

/// Notes the length of its body so far.
pub(crate) fn note_bytes(bytes: usize) {
    note(|notes| notes.bytes.store(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed));
}

/// Does nothing outside of a recorded request, such as in one that was triggered.
fn note(what: impl FnOnce(&Notes)) {
    let _ = SERVED.try_with(|notes| what(notes));
}

/// Is given the vendor's key, the name of the operation and the digits of the CPF.
type OnPaid = dyn Fn(&str, &str, Option<&str>) + Send + Sync;

/// Called for each paid call.
#[derive(Clone)]
pub(crate) struct PaidHook(pub(crate) Arc<OnPaid>);

impl fmt::Debug for PaidHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PaidHook")
    }
}

/// Records the requests to the routes of a vendor.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    /// `None`: nothing is recorded.
    log: Option<RequestLog>,
    clock: VirtualClock,
    on_paid: Option<PaidHook>,
}

impl Recorder {
    pub(crate) fn new(log: Option<RequestLog>, clock: VirtualClock, on_paid: Option<PaidHook>) -> Self {
        Self { log, clock, on_paid }
    }

    /// Has every request to these routes recorded, unknown paths below them included.
    pub(crate) fn record(&self, vendor: &'static str, routes: Router) -> Router {
        let Some(log) = self.log.clone() else { return routes };
        let (clock, on_paid) = (self.clock.clone(), self.on_paid.clone());
        routes.layer(from_fn(move |request: Request, next: Next| {
            let notes = Notes::new(vendor, on_paid.clone());
            let served = Served::new(log.clone(), notes, &clock, &request);
            async move {
                let response = SERVED.scope(Arc::clone(&served.notes), next.run(request)).await;
                served.answered(&response);
                response
            }
        }))
    }
}

/// A request until its response. Dropped before, it is recorded as closed: the client gave up, or the sandbox ended.
struct Served {
    log: RequestLog,
    record: Option<RequestRecord>,
    /// On a clock of real time.
    started: Duration,
    notes: Arc<Notes>,
}

impl Served {
    fn new(log: RequestLog, notes: Notes, clock: &VirtualClock, request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>().cloned();
        let path = matched.map_or_else(|| RequestPath::redacted(request.uri().path()), RequestPath::matched);
        let started = SystemClock.elapsed();
        let record = RequestRecord {
            number: 0,
            at: clock.now(),
            vendor: notes.vendor,
            operation: None,
            method: method_of(request),
            path,
            status: None,
            reason: None,
            simulated: None,
            faulty: false,
            paid: false,
            took: Duration::ZERO,
            request_bytes: 0,
        };
        Self { log, record: Some(record), started, notes: Arc::new(notes) }
    }

    fn answered(mut self, response: &Response) {
        if let Some(record) = &mut self.record {
            let is_closed = response.extensions().get::<CloseConnection>().is_some();
            record.status = (!is_closed).then(|| response.status().as_u16());
            let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            record.reason = header(REASON).map(str::to_owned);
            record.simulated = header(SIMULATED).map(str::to_owned);
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take() {
            let Notes { operation, faulty, paid, bytes, .. } = &*self.notes;
            record.operation = operation.get().copied();
            record.faulty = faulty.load(Ordering::Relaxed);
            record.paid = paid.load(Ordering::Relaxed);
            record.request_bytes = bytes.load(Ordering::Relaxed);
            record.took = SystemClock.elapsed().saturating_sub(self.started);
            self.log.push(record);
        }
    }
}

/// A client chooses any other name freely, so it is not kept.
fn method_of(request: &Request) -> &'static str {
    const KNOWN: &[(Method, &str)] = &[
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::CONNECT, "CONNECT"),
        (Method::TRACE, "TRACE"),
    ];
    KNOWN.iter().find(|(method, _)| method == request.method()).map_or("OTHER", |(_, name)| name)
}
