//! Events on their way: to each webhook that wants them, signed, tried four times, and again on request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use bytes::Bytes;
use kyc_core::{Clock as _, Timestamp, VirtualClock};
use tokio::sync::oneshot;
use url::Url;
use uuid::Uuid;

use super::VENDOR;
use super::management::Webhook;
use super::signature::{KeyReading, Signed};
use crate::answer::JSON;
use crate::tasks::Tasks;
use crate::webhooks::{Attempt, Delivery, DeliveryState, FIRST_PAUSE, Turn, reachable};

/// The first and the three that the vendor's page speaks of.
const ATTEMPTS: u32 = 4;

/// What is sent.
pub(super) struct Event {
    pub(super) key: String,
    pub(super) name: &'static str,
    pub(super) body: Bytes,
}

/// One event for one webhook.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) event: &'static str,
    /// As registered: that is what is signed.
    pub(super) uri: String,
    /// `None`: the sandbox does not send there, so that every attempt fails.
    target: Option<Url>,
    public_key: String,
    private_key: String,
    body: Bytes,
    pub(super) duplicate: bool,
    pub(super) created: Timestamp,
    pub(super) state: DeliveryState,
    pub(super) attempts: Vec<Attempt>,
}

impl Message {
    fn delivery(&self) -> Delivery {
        Delivery {
            vendor: VENDOR,
            reference: self.key.clone(),
            event: self.event,
            duplicate: self.duplicate,
            state: self.state,
            attempts: self.attempts.clone(),
        }
    }
}

#[derive(Default)]
pub(super) struct Post {
    pub(super) webhooks: Vec<Webhook>,
    pub(super) messages: Vec<Message>,
    pub(super) duplicate: bool,
    pub(super) key_reading: KeyReading,
}

pub(crate) struct Courier {
    clock: VirtualClock,
    tasks: Arc<Tasks>,
    client: reqwest::Client,
    pub(super) loopback_only: bool,
    post: Mutex<Post>,
}

impl Courier {
    pub(crate) fn new(
        clock: VirtualClock,
        tasks: Arc<Tasks>,
        client: reqwest::Client,
        loopback_only: bool,
    ) -> Self {
        Self { clock, tasks, client, loopback_only, post: Mutex::default() }
    }

    /// Whoever holds the vendor's state may lock this, but not the other way round.
    pub(super) fn lock(&self) -> MutexGuard<'_, Post> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        self.lock().messages.iter().map(Message::delivery).collect()
    }

    /// Sends an event in the background, after its turn has come. Where no webhook wants it nothing happens.
    pub(super) fn send(self: &Arc<Self>, event: &Event, mut after: Turn) -> Turn {
        let mut post = self.lock();
        let copies: &[bool] = if post.duplicate { &[false, true] } else { &[false] };
        let wanted: Vec<_> =
            post.webhooks.iter().filter(|webhook| webhook.wants(event.name)).cloned().collect();
        for webhook in &wanted {
            for &duplicate in copies {
                let place = post.messages.len();
                post.messages.push(self.message(event, webhook, duplicate));
                after = Some(self.start(place, after));
            }
        }
        after
    }

    /// Sends the event of that key again, and returns its messages as they stand then.
    pub(super) fn send_again(self: &Arc<Self>, key: &str) -> Vec<Message> {
        let mut post = self.lock();
        let mut again = Vec::new();
        for (place, message) in post.messages.iter_mut().enumerate() {
            if message.key == key && !message.duplicate {
                message.state = DeliveryState::Pending;
                again.push(message.clone());
                drop(self.start(place, None));
            }
        }
        again
    }

    fn message(&self, event: &Event, webhook: &Webhook, duplicate: bool) -> Message {
        Message {
            id: Uuid::new_v4().to_string(),
            key: event.key.clone(),
            event: event.name,
            uri: webhook.uri.clone(),
            target: reachable(&webhook.uri, self.loopback_only).ok(),
            public_key: webhook.public_key.clone(),
            private_key: webhook.private_key.clone(),
            body: event.body.clone(),
            duplicate,
            created: self.clock.now(),
            state: DeliveryState::Pending,
            attempts: Vec::new(),
        }
    }

    fn start(self: &Arc<Self>, place: usize, after: Turn) -> oneshot::Receiver<()> {
        let (tried, next) = oneshot::channel();
        self.tasks.spawn(Arc::clone(self).deliver(place, after, tried));
        next
    }

    async fn deliver(self: Arc<Self>, place: usize, turn: Turn, tried: oneshot::Sender<()>) {
        if let Some(turn) = turn {
            // An error means that the event before is over in another way: the turn has come all the same.
            let _ = turn.await;
        }
        let mut tried = Some(tried);
        for attempt in 1..=ATTEMPTS {
            let http_status = self.try_once(place).await;
            let again = self.record(place, attempt, http_status);
            drop(tried.take());
            let Some(again) = again else { return };
            self.clock.sleep_until(again).await;
        }
    }

    async fn try_once(&self, place: usize) -> Option<u16> {
        let sending = {
            let post = self.lock();
            self.signed(post.messages.get(place)?, post.key_reading)?.send()
        };
        sending.await.ok().map(|response| response.status().as_u16())
    }

    /// Nonce, time and signature are made for each attempt.
    fn signed(&self, message: &Message, reading: KeyReading) -> Option<reqwest::RequestBuilder> {
        let (time, nonce) = (self.clock.now().unix_seconds(), Uuid::new_v4().simple().to_string());
        let signed = Signed {
            public_key: &message.public_key,
            url: &message.uri,
            time,
            nonce: &nonce,
            body: &message.body,
        };
        let authorization = signed.authorization(&message.private_key, reading)?;
        let request = self
            .client
            .post(message.target.clone()?)
            .header(CONTENT_TYPE, JSON)
            .header(AUTHORIZATION, authorization)
            .header("publicKey", &message.public_key)
            .header("nonce", nonce)
            .header("requestTimestamp", time)
            .header("idempotency-Key", &message.key);
        Some(request.body(message.body.clone()))
    }

    /// Notes what came of an attempt, and says when to try again.
    fn record(&self, place: usize, attempt: u32, http_status: Option<u16>) -> Option<Timestamp> {
        let now = self.clock.now();
        let (state, again) = match http_status {
            // Which answer the vendor wants is not documented: any success will do.
            Some(200..300) => (DeliveryState::Delivered, None),
            _ if attempt == ATTEMPTS => (DeliveryState::GivenUp, None),
            _ => (DeliveryState::Pending, Some(now.saturating_add(FIRST_PAUSE * 2u32.pow(attempt - 1)))),
        };
        tracing::debug!(vendor = VENDOR, attempt, http_status, state = state.name(), "webhook tried");
        if let Some(message) = self.lock().messages.get_mut(place) {
            message.attempts.push(Attempt { at: now, http_status });
            message.state = state;
        }
        again
    }
}
