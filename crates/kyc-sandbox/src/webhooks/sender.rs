//! Sends webhooks, retries them on the sandbox's clock, and records every attempt.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use kyc_core::{Clock as _, Timestamp, ValidationError, VirtualClock};
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use super::endpoint::{Authenticator, Endpoint, Event, URL, parse_url};
use super::{Attempt, Delivery, DeliveryState};
use crate::ids::Ids;
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
    /// When the next attempt is due; `None` while one is made, and after the last one.
    pub(crate) retry_at: Option<Timestamp>,
    /// How often the event was sent again. Only the newest round goes on.
    round: u32,
}

/// Resolves when the first attempt of an event is over. The next event of the same transaction waits for it, so that
/// it does not arrive earlier. Retries do not hold the next event up: with any vendor a receiver must expect those to
/// arrive late.
pub(crate) type FirstAttempt = Option<oneshot::Receiver<()>>;

/// How many of the newest records are kept.
const MAX_RECORDS: usize = 10_000;
/// How many of a record's newest attempts are kept: an event may be sent again any number of times.
const MAX_ATTEMPTS: usize = 50;

/// How many attempts of a vendor are under way at the same time. Without a limit, a receiver that does not answer would
/// hold a connection for every event of five seconds, until no file is left for clients.
const MAX_UNDER_WAY: usize = 64;

#[derive(Default)]
struct State {
    duplicate: bool,
    records: Records,
}

/// The newest records. Each has a number, which stays the same when older ones are dropped.
#[derive(Default)]
struct Records {
    kept: VecDeque<Record>,
    /// The number of the first record that is kept.
    first: usize,
}

impl Records {
    /// Adds a record and returns its number.
    fn push(&mut self, record: Record) -> usize {
        if self.kept.len() == MAX_RECORDS {
            self.kept.pop_front();
            self.first += 1;
        }
        self.kept.push_back(record);
        self.first + self.kept.len() - 1
    }

    /// `None` if the record was dropped, or if its event was sent again since.
    fn of_round(&mut self, number: usize, round: u32) -> Option<&mut Record> {
        let record = self.kept.get_mut(number.checked_sub(self.first)?)?;
        (record.round == round).then_some(record)
    }
}

/// The webhooks of one vendor. Where they go is part of the vendor's own state.
///
/// A caller may hold the lock of its vendor's state during any call: the sender never takes that lock.
pub(crate) struct WebhookSender {
    policy: DeliveryPolicy,
    clock: VirtualClock,
    tasks: Arc<Tasks>,
    client: reqwest::Client,
    ids: Arc<Ids>,
    loopback_only: bool,
    places: Semaphore,
    state: Mutex<State>,
}

impl WebhookSender {
    pub(crate) fn new(
        policy: DeliveryPolicy,
        clock: VirtualClock,
        tasks: Arc<Tasks>,
        client: reqwest::Client,
        ids: Arc<Ids>,
        loopback_only: bool,
    ) -> Self {
        let places = Semaphore::new(MAX_UNDER_WAY);
        Self { policy, clock, tasks, client, ids, loopback_only, places, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that the sandbox sends webhooks to `url`.
    pub(crate) fn check_url(&self, url: &str) -> Result<(), ValidationError> {
        parse_url(URL, url, self.loopback_only).map(drop)
    }

    /// An endpoint for [`send`](Self::send), whatever its URI.
    pub(crate) fn endpoint(&self, uri: &str, authenticator: Arc<dyn Authenticator>) -> Endpoint {
        Endpoint::new(uri, self.loopback_only, authenticator)
    }

    /// The same for a URL that the sandbox sends webhooks to.
    pub(crate) fn checked_endpoint(
        &self,
        url: &str,
        authenticator: impl Authenticator + 'static,
    ) -> Result<Endpoint, ValidationError> {
        let url = parse_url(URL, url, self.loopback_only)?;
        Ok(self.endpoint(url.as_str(), Arc::new(authenticator)))
    }

    pub(crate) fn set_duplicate(&self, duplicate: bool) {
        self.lock().duplicate = duplicate;
    }

    pub(crate) fn duplicates(&self) -> bool {
        self.lock().duplicate
    }

    /// Forgets every event, which ends its retries, and sends each event once from now on.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        state.duplicate = false;
        // The numbers go on, so that a delivery under way finds no other event under its number.
        state.records.first += state.records.kept.len();
        state.records.kept.clear();
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
        state.records.kept.iter().map(delivery).collect()
    }

    /// The newest records, newest first.
    pub(crate) fn newest(&self, most: usize) -> Vec<Record> {
        self.lock().records.kept.iter().rev().take(most).cloned().collect()
    }

    pub(crate) fn records(&self) -> Vec<Record> {
        self.lock().records.kept.iter().cloned().collect()
    }

    /// Sends an event to each endpoint in the background, once `after` has resolved.
    pub(crate) fn send(
        self: &Arc<Self>,
        endpoints: impl IntoIterator<Item = Endpoint>,
        event: &Event,
        mut after: FirstAttempt,
    ) -> FirstAttempt {
        let mut state = self.lock();
        let copies: &[bool] = if state.duplicate { &[false, true] } else { &[false] };
        for endpoint in endpoints {
            for &duplicate in copies {
                let number = state.records.push(Record {
                    id: self.ids.uuid(),
                    event: event.clone(),
                    endpoint: endpoint.clone(),
                    duplicate,
                    created: self.clock.now(),
                    state: DeliveryState::Pending,
                    attempts: Vec::new(),
                    retry_at: None,
                    round: 0,
                });
                after = Some(self.start(number, 0, after));
            }
        }
        after
    }

    /// Sends every event of that reference again, duplicates excepted, and returns their records as they are now.
    pub(crate) fn resend(self: &Arc<Self>, reference: &str) -> Vec<Record> {
        self.resend_each(|record| record.event.reference == reference && !record.duplicate)
    }

    /// Sends one event again at once, whatever its state; `false` if its record was dropped.
    pub(crate) fn resend_one(self: &Arc<Self>, id: Uuid) -> bool {
        !self.resend_each(|record| record.id == id).is_empty()
    }

    fn resend_each(self: &Arc<Self>, wanted: impl Fn(&Record) -> bool) -> Vec<Record> {
        let mut state = self.lock();
        let mut resent = Vec::new();
        let first = state.records.first;
        for (number, record) in (first..).zip(&mut state.records.kept) {
            if wanted(record) {
                record.state = DeliveryState::Pending;
                record.retry_at = None;
                record.round = record.round.wrapping_add(1);
                resent.push(record.clone());
                drop(self.start(number, record.round, None));
            }
        }
        resent
    }

    fn start(self: &Arc<Self>, number: usize, round: u32, after: FirstAttempt) -> oneshot::Receiver<()> {
        let (attempted, first_attempt) = oneshot::channel();
        self.tasks.spawn(Arc::clone(self).deliver(number, round, after, attempted));
        first_attempt
    }

    async fn deliver(
        self: Arc<Self>,
        number: usize,
        round: u32,
        after: FirstAttempt,
        attempted: oneshot::Sender<()>,
    ) {
        if let Some(after) = after {
            // Always an error, since the sender is dropped rather than used: that is the signal.
            let _ = after.await;
        }
        let mut attempted = Some(attempted);
        let pauses = self.policy.pauses.iter().copied().map(Some).chain([None]);
        for (attempt, pause) in (1_u32..).zip(pauses) {
            // The semaphore is never closed.
            let Ok(place) = self.places.acquire().await else { return };
            let Some(response) = self.post(number, round) else { return };
            let http_status = response.await;
            drop(place);
            let Some((state, retry_at)) = self.record(number, round, http_status, pause) else { return };
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

    /// Makes one attempt, which resolves to the status; `None` if the record has no such round any more.
    fn post(&self, number: usize, round: u32) -> Option<impl Future<Output = Option<u16>> + use<>> {
        let mut state = self.lock();
        let record = state.records.of_round(number, round)?;
        record.retry_at = None;
        let (event, endpoint) = (&record.event, &record.endpoint);
        let authentication = endpoint.authenticator.headers(event, self.clock.now());
        let response = authentication.zip(endpoint.url.clone()).map(|(authentication, url)| {
            let request = self.client.post(url).header(CONTENT_TYPE, JSON).headers(authentication);
            request.body(event.body.clone()).send()
        });
        Some(async move { response?.await.ok().map(|response| response.status().as_u16()) })
    }

    /// Records an attempt, and returns the new state and when to retry. `pause` is `None` for the last attempt. `None`
    /// if the record has no such round any more.
    fn record(
        &self,
        number: usize,
        round: u32,
        http_status: Option<u16>,
        pause: Option<Duration>,
    ) -> Option<(DeliveryState, Option<Timestamp>)> {
        let now = self.clock.now();
        let (state, retry_at) = match (http_status, pause) {
            (Some(status), _) if (self.policy.accepts)(status) => (DeliveryState::Delivered, None),
            (_, None) => (DeliveryState::GivenUp, None),
            (_, Some(pause)) => (DeliveryState::Pending, Some(now.saturating_add(pause))),
        };
        let mut all = self.lock();
        let record = all.records.of_round(number, round)?;
        if record.attempts.len() == MAX_ATTEMPTS {
            record.attempts.remove(0);
        }
        record.attempts.push(Attempt { at: now, http_status });
        record.state = state;
        record.retry_at = retry_at;
        Some((state, retry_at))
    }
}

/// The HTTP client for webhooks.
pub(crate) fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // No proxy and no redirects: either could carry an event off this machine.
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(TIMEOUT).build()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use kyc_core::VirtualClock;

    use super::super::NoAuthentication;
    use super::*;

    #[test]
    fn the_newest_records_are_kept() {
        let created = VirtualClock::frozen().now();
        let record = |name: usize| Record {
            id: Uuid::new_v4(),
            event: Event { reference: name.to_string(), name: "event", body: Bytes::new() },
            endpoint: Endpoint::new("http://127.0.0.1/", true, Arc::new(NoAuthentication)),
            duplicate: false,
            created,
            state: DeliveryState::Pending,
            attempts: Vec::new(),
            retry_at: None,
            round: 0,
        };
        let mut records = Records::default();
        for name in 0..MAX_RECORDS + 2 {
            assert_eq!(records.push(record(name)), name);
        }
        assert_eq!(records.kept.len(), MAX_RECORDS);
        assert!(records.of_round(1, 0).is_none() && records.of_round(MAX_RECORDS + 2, 0).is_none());
        for number in [2, MAX_RECORDS + 1] {
            let kept = records.of_round(number, 0).map(|record| record.event.reference.clone());
            assert_eq!(kept, Some(number.to_string()));
        }
    }
}
