//! Sends webhooks, retries them on the sandbox's clock, and records every attempt.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use kyc_core::{Clock as _, Timestamp, ValidationError, VirtualClock};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::endpoint::{Authenticator, Endpoint, Event, parse_url};
use super::{Attempt, Delivery, DeliveryState};
use crate::reply::JSON;
use crate::tasks::Tasks;

/// The timeout of one attempt, in real time.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The pauses of vendors that document none.
pub(crate) const PAUSES: &[Duration] =
    &[Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8), Duration::from_secs(16)];

/// How a vendor delivers its webhooks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeliveryPolicy {
    pub(crate) vendor: &'static str,
    /// Whether a response with this HTTP status counts as delivered.
    pub(crate) accepts: fn(u16) -> bool,
    /// The pauses before the second and each further attempt; there is one attempt more than pauses.
    pub(crate) pauses: &'static [Duration],
}

/// One event for one endpoint.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) id: Uuid,
    pub(crate) event: Event,
    pub(crate) endpoint: Endpoint,
    pub(crate) duplicate: bool,
    pub(crate) created: Timestamp,
    pub(crate) state: DeliveryState,
    pub(crate) attempts: Vec<Attempt>,
}

/// Resolves when the first attempt of an event is over. The next event of the same transaction waits for it, so that
/// it does not arrive earlier. Retries do not hold the next event up: with any vendor a receiver must expect those to
/// arrive late.
pub(crate) type FirstAttempt = Option<oneshot::Receiver<()>>;

#[derive(Default)]
struct State {
    registered: Option<Endpoint>,
    duplicate: bool,
    records: Vec<Record>,
}

/// The webhooks of one vendor, or of one kind if each kind has a URL of its own.
///
/// A caller may hold the lock of its vendor's state during any call: the sender never takes that lock.
pub(crate) struct WebhookSender {
    policy: DeliveryPolicy,
    clock: VirtualClock,
    tasks: Arc<Tasks>,
    client: reqwest::Client,
    loopback_only: bool,
    state: Mutex<State>,
}

impl WebhookSender {
    pub(crate) fn new(
        policy: DeliveryPolicy,
        clock: VirtualClock,
        tasks: Arc<Tasks>,
        client: reqwest::Client,
        loopback_only: bool,
    ) -> Self {
        Self { policy, clock, tasks, client, loopback_only, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that the sandbox sends webhooks to `url`.
    pub(crate) fn check_url(&self, url: &str) -> Result<(), ValidationError> {
        parse_url(url, self.loopback_only).map(drop)
    }

    /// An endpoint for [`send_to`](Self::send_to), whatever its URI.
    pub(crate) fn endpoint(&self, uri: &str, authenticator: Arc<dyn Authenticator>) -> Endpoint {
        Endpoint::new(uri, self.loopback_only, authenticator)
    }

    /// Sends the events of [`send`](Self::send) to `url` from now on.
    pub(crate) fn register(
        &self,
        url: &str,
        authenticator: impl Authenticator + 'static,
    ) -> Result<(), ValidationError> {
        let url = parse_url(url, self.loopback_only)?;
        self.lock().registered = Some(self.endpoint(url.as_str(), Arc::new(authenticator)));
        Ok(())
    }

    /// The registered URL.
    pub(crate) fn url(&self) -> Option<String> {
        self.lock().registered.as_ref().map(|endpoint| endpoint.uri.clone())
    }

    pub(crate) fn set_duplicate(&self, duplicate: bool) {
        self.lock().duplicate = duplicate;
    }

    pub(crate) fn duplicates(&self) -> bool {
        self.lock().duplicate
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        let state = self.lock();
        let delivery = |record: &Record| Delivery {
            vendor: self.policy.vendor,
            reference: record.event.reference.clone(),
            event: record.event.name,
            duplicate: record.duplicate,
            state: record.state,
            attempts: record.attempts.clone(),
        };
        state.records.iter().map(delivery).collect()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.lock().records.clone()
    }

    /// Sends an event to the registered URL, if there is one.
    pub(crate) fn send(self: &Arc<Self>, event: &Event, after: FirstAttempt) -> FirstAttempt {
        let registered = self.lock().registered.clone();
        self.send_to(registered, event, after)
    }

    /// Sends an event to each endpoint in the background, once `after` has resolved.
    pub(crate) fn send_to(
        self: &Arc<Self>,
        endpoints: impl IntoIterator<Item = Endpoint>,
        event: &Event,
        mut after: FirstAttempt,
    ) -> FirstAttempt {
        let mut state = self.lock();
        let copies: &[bool] = if state.duplicate { &[false, true] } else { &[false] };
        for endpoint in endpoints {
            for &duplicate in copies {
                let index = state.records.len();
                state.records.push(Record {
                    id: Uuid::new_v4(),
                    event: event.clone(),
                    endpoint: endpoint.clone(),
                    duplicate,
                    created: self.clock.now(),
                    state: DeliveryState::Pending,
                    attempts: Vec::new(),
                });
                after = Some(self.start(index, after));
            }
        }
        after
    }

    /// Sends every event of that reference again, duplicates excepted, and returns their records as they are now.
    pub(crate) fn resend(self: &Arc<Self>, reference: &str) -> Vec<Record> {
        let mut state = self.lock();
        let mut resent = Vec::new();
        for (index, record) in state.records.iter_mut().enumerate() {
            if record.event.reference == reference && !record.duplicate {
                record.state = DeliveryState::Pending;
                resent.push(record.clone());
                drop(self.start(index, None));
            }
        }
        resent
    }

    fn start(self: &Arc<Self>, index: usize, after: FirstAttempt) -> oneshot::Receiver<()> {
        let (attempted, first_attempt) = oneshot::channel();
        self.tasks.spawn(Arc::clone(self).deliver(index, after, attempted));
        first_attempt
    }

    async fn deliver(self: Arc<Self>, index: usize, after: FirstAttempt, attempted: oneshot::Sender<()>) {
        if let Some(after) = after {
            // Always an error, since the sender is dropped rather than used: that is the signal.
            let _ = after.await;
        }
        let mut attempted = Some(attempted);
        let pauses = self.policy.pauses.iter().copied().map(Some).chain([None]);
        for (attempt, pause) in (1_u32..).zip(pauses) {
            let http_status = self.post(index).await;
            let (state, retry_at) = self.record(index, http_status, pause);
            let (vendor, state) = (self.policy.vendor, state.as_str());
            // Absent on the first attempt, as OpenTelemetry has it.
            let resend = (attempt > 1).then(|| attempt - 1);
            tracing::debug!(
                vendor,
                http.request.resend_count = resend,
                http.response.status_code = http_status,
                state,
                "webhook attempted"
            );
            drop(attempted.take());
            let Some(retry_at) = retry_at else { return };
            self.clock.sleep_until(retry_at).await;
        }
    }

    async fn post(&self, index: usize) -> Option<u16> {
        let response = {
            let state = self.lock();
            let Record { event, endpoint, .. } = state.records.get(index)?;
            let authentication = endpoint.authenticator.headers(event, self.clock.now())?;
            let request = self.client.post(endpoint.url.clone()?).header(CONTENT_TYPE, JSON);
            request.headers(authentication).body(event.body.clone()).send()
        };
        response.await.ok().map(|response| response.status().as_u16())
    }

    /// Records an attempt, and returns the new state and when to retry. `pause` is `None` for the last attempt.
    fn record(
        &self,
        index: usize,
        http_status: Option<u16>,
        pause: Option<Duration>,
    ) -> (DeliveryState, Option<Timestamp>) {
        let now = self.clock.now();
        let (state, retry_at) = match (http_status, pause) {
            (Some(status), _) if (self.policy.accepts)(status) => (DeliveryState::Delivered, None),
            (_, None) => (DeliveryState::GivenUp, None),
            (_, Some(pause)) => (DeliveryState::Pending, Some(now.saturating_add(pause))),
        };
        if let Some(record) = self.lock().records.get_mut(index) {
            record.attempts.push(Attempt { at: now, http_status });
            record.state = state;
        }
        (state, retry_at)
    }
}

/// The HTTP client for webhooks.
pub(crate) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // No proxy and no redirects: either could carry an event off this machine.
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT).build()
}
