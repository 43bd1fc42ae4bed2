//! Webhooks on their way out: who gets them, when they are tried again, and what became of each.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use bytes::Bytes;
use kyc_core::{Clock as _, Timestamp, ValidationError, VirtualClock};
use tokio::sync::oneshot;
use url::{Host, Url};

use crate::answer::JSON;
use crate::tasks::Tasks;

const ATTEMPTS: u32 = 5;
/// Before the second attempt; it doubles before each further one.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// For one attempt, in real time.
const PATIENCE: Duration = Duration::from_secs(5);

/// One event on its way to a webhook receiver, with every attempt so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The vendor in whose name it goes out.
    pub vendor: &'static str,
    /// What it is about: for ClearSale the transaction id, with dashes; for Certiface the protocol; for
    /// Bankly the event's idempotency key, which a resend takes.
    pub reference: String,
    /// What happened: for ClearSale the new status; for Certiface `Completo`, `Error` or `status-update`; for
    /// Bankly the event's name.
    pub event: &'static str,
    /// Whether it repeats the delivery before it, because duplicates were ordered.
    pub duplicate: bool,
    /// How it stands.
    pub state: DeliveryState,
    /// What was tried, in order.
    pub attempts: Vec<Attempt>,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryState {
    /// Not tried yet, or to be tried again.
    Pending,
    /// Answered as the vendor wants it.
    Delivered,
    /// Tried for the last time without success.
    GivenUp,
}

impl DeliveryState {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::GivenUp => "given_up",
        }
    }
}

/// One attempt to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// When it ended, on the sandbox's clock.
    pub at: Timestamp,
    /// The status of the answer; `None` when none came: refused, cut, or not within five seconds.
    pub http_status: Option<u16>,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) reference: String,
    pub(crate) name: &'static str,
    pub(crate) body: Bytes,
}

/// Where it is sent.
#[derive(Clone, Debug)]
struct Target {
    url: Url,
    /// `None`: the vendor proves nothing.
    authorization: Option<HeaderValue>,
}

/// Comes when the first attempt of an event is over, so that the next event of the same transaction does not
/// overtake it. A later attempt may be overtaken: a receiver must expect that of any vendor.
pub(crate) type Turn = Option<oneshot::Receiver<()>>;

#[derive(Debug, Default)]
struct State {
    target: Option<Target>,
    duplicate: bool,
    deliveries: Vec<Delivery>,
}

/// The webhooks of one vendor, or of one kind where each has a URL of its own.
#[derive(Debug)]
pub(crate) struct Outbox {
    vendor: &'static str,
    /// Which HTTP statuses the vendor takes for a success.
    taken: fn(u16) -> bool,
    clock: VirtualClock,
    tasks: Arc<Tasks>,
    client: reqwest::Client,
    loopback_only: bool,
    state: Mutex<State>,
}

impl Outbox {
    pub(crate) fn new(
        vendor: &'static str,
        taken: fn(u16) -> bool,
        clock: VirtualClock,
        tasks: Arc<Tasks>,
        client: reqwest::Client,
        loopback_only: bool,
    ) -> Self {
        Self { vendor, taken, clock, tasks, client, loopback_only, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn register(&self, url: &str, token: Option<&str>) -> Result<(), ValidationError> {
        let url = reachable(url, self.loopback_only)?;
        let authorization = token.map(bearer).transpose()?;
        self.lock().target = Some(Target { url, authorization });
        Ok(())
    }

    /// Where events go, if anywhere.
    pub(crate) fn url(&self) -> Option<String> {
        self.lock().target.as_ref().map(|target| target.url.to_string())
    }

    pub(crate) fn set_duplicate(&self, duplicate: bool) {
        self.lock().duplicate = duplicate;
    }

    pub(crate) fn duplicates(&self) -> bool {
        self.lock().duplicate
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.lock().deliveries.clone()
    }

    /// Sends an event in the background, after its turn has come. Without a registered URL nothing happens.
    pub(crate) fn send(self: &Arc<Self>, event: &Event, mut after: Turn) -> Turn {
        let mut state = self.lock();
        let Some(target) = state.target.clone() else { return after };
        let copies: &[bool] = if state.duplicate { &[false, true] } else { &[false] };
        for &duplicate in copies {
            let (tried, next) = oneshot::channel();
            let place = state.deliveries.len();
            state.deliveries.push(Delivery {
                vendor: self.vendor,
                reference: event.reference.clone(),
                event: event.name,
                duplicate,
                state: DeliveryState::Pending,
                attempts: Vec::new(),
            });
            let body = event.body.clone();
            self.tasks.spawn(Arc::clone(self).deliver(place, target.clone(), body, after, tried));
            after = Some(next);
        }
        after
    }

    async fn deliver(
        self: Arc<Self>,
        place: usize,
        target: Target,
        body: Bytes,
        turn: Turn,
        tried: oneshot::Sender<()>,
    ) {
        if let Some(turn) = turn {
            // An error means that the event before is over in another way: the turn has come all the same.
            let _ = turn.await;
        }
        let mut tried = Some(tried);
        for attempt in 1..=ATTEMPTS {
            let http_status = self.post(&target, body.clone()).await;
            let again = self.record(place, attempt, http_status);
            drop(tried.take());
            let Some(again) = again else { return };
            self.clock.sleep_until(again).await;
        }
    }

    async fn post(&self, target: &Target, body: Bytes) -> Option<u16> {
        let mut request = self.client.post(target.url.clone()).header(CONTENT_TYPE, JSON).body(body);
        if let Some(authorization) = &target.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        request.send().await.ok().map(|response| response.status().as_u16())
    }

    /// Notes what came of an attempt, and says when to try again.
    fn record(&self, place: usize, attempt: u32, http_status: Option<u16>) -> Option<Timestamp> {
        let now = self.clock.now();
        let (state, again) = match http_status {
            Some(status) if (self.taken)(status) => (DeliveryState::Delivered, None),
            _ if attempt == ATTEMPTS => (DeliveryState::GivenUp, None),
            _ => (DeliveryState::Pending, Some(now.saturating_add(FIRST_PAUSE * 2u32.pow(attempt - 1)))),
        };
        tracing::debug!(vendor = self.vendor, attempt, http_status, state = state.name(), "webhook tried");
        if let Some(delivery) = self.lock().deliveries.get_mut(place) {
            delivery.attempts.push(Attempt { at: now, http_status });
            delivery.state = state;
        }
        again
    }
}

/// What webhooks are sent with.
pub(crate) fn sender() -> Result<reqwest::Client, reqwest::Error> {
    // No proxy and no redirects: either could carry an event off this machine.
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
}

/// A URL that the sandbox sends webhooks to.
pub(crate) fn reachable(url: &str, loopback_only: bool) -> Result<Url, ValidationError> {
    let url = Url::parse(url).map_err(|_| ValidationError::new("\"url\" is not a URL"))?;
    if url.scheme() != "http" {
        return Err(ValidationError::new("\"url\" must be http: the sandbox sends without TLS"));
    }
    if loopback_only && !is_loopback(&url) {
        return Err(ValidationError::new(
            "\"url\" must be on this machine: the sandbox was not started with --allow-non-loopback",
        ));
    }
    Ok(url)
}

fn bearer(token: &str) -> Result<HeaderValue, ValidationError> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| ValidationError::new("\"token\" holds what no header can"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
