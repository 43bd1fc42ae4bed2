//! Receives webhooks: decides who sent a request, stores its events, and answers.

mod builder;
mod head;
mod receipt;

use std::fmt;
use std::sync::{Arc, Once};
use std::time::Duration;

use bytes::Bytes;
use kyc_core::{Clock, RawBody, Timestamp, WebhookError, WebhookEvent, WebhookRequest, WebhookSource};
use tokio::time::timeout;

pub use self::builder::{ReceiverBuilder, ReceiverLimits};
pub use self::head::RequestHead;
pub use self::receipt::{Outcome, Receipt, ReceivedEvent, Refusal};
use crate::answer::Answer;
use crate::event::{Content, NewEvent};
use crate::inbox::{Inbox, InboxError};
use crate::proxies::Proxies;

/// Where webhooks are served.
const PREFIX: &str = "/webhooks/";
/// How long the inbox may take to count its events, and for how long the answer is used again, since anyone may ask.
const HEALTH_TIME: Duration = Duration::from_secs(1);

type Hook = Arc<dyn Fn(&Receipt) + Send + Sync>;

/// Receives the webhooks of any number of vendors, independent of any web framework. With the feature `axum`, `router` serves
/// it.
///
/// It answers that a request is accepted only after its events are committed, and with exactly the status that the vendor
/// wants; if they cannot be stored, the vendor is asked to send them again. A clone is the same receiver.
///
/// It needs the time driver of a tokio runtime.
///
/// ```
/// # use std::sync::Arc;
/// # use bytes::Bytes;
/// # use kyc_webhook::{Answer, Inbox, Receiver, RequestHead};
/// # use kyc_webhook::kyc_core::{ValidationError, WebhookSource};
/// # fn built(inbox: Arc<dyn Inbox>, source: Arc<dyn WebhookSource>) -> Result<Receiver, ValidationError> {
/// Receiver::builder(inbox).source(source).public_url("https://hooks.example.com")?.build()
/// # }
/// # struct Connection;
/// # impl Connection { async fn read_at_most(&self, _: usize) -> Bytes { Bytes::new() } }
/// # async fn example(receiver: Receiver, head: RequestHead, connection: Connection) -> Answer {
/// // For each request, and with a limit to the time that the body may take:
/// let max_body_bytes = match receiver.check_head(&head) {
///     Ok(bytes) => bytes,
///     Err(answer) => return answer,
/// };
/// let body = connection.read_at_most(max_body_bytes).await;
/// receiver.receive(&head, body).await
/// # }
/// ```
#[derive(Clone)]
pub struct Receiver(Arc<Shared>);

struct Shared {
    inbox: Arc<dyn Inbox>,
    sources: Vec<Arc<dyn WebhookSource>>,
    public_url: Option<String>,
    proxies: Proxies,
    hook: Option<Hook>,
    limits: ReceiverLimits,
    clock: Arc<dyn Clock>,
    /// When the health was found out last, and what it was.
    health: tokio::sync::Mutex<Option<(Duration, bool)>>,
    warned_of_url: Once,
    warned_of_peer: Once,
}

impl Receiver {
    /// Creates a receiver that stores events in an inbox.
    pub fn builder(inbox: Arc<dyn Inbox>) -> ReceiverBuilder {
        ReceiverBuilder::new(inbox)
    }

    /// Checks a request before its body is read: path, method, declared size, and what is known of the sender. Returns the size
    /// of the largest body that may be read.
    ///
    /// # Errors
    /// The request is refused, with that answer. The hook was called and the request counted: do not pass it to
    /// [`receive`](Self::receive).
    pub fn check_head(&self, head: &RequestHead) -> Result<usize, Answer> {
        let source = self.source(head);
        match self.check(source, head) {
            Ok(source) => Ok(source.trust().max_body_bytes()),
            Err(refusal) => Err(self.refuse(head, refusal)),
        }
    }

    /// Receives a request and returns the answer. It checks the head again, so that nothing depends on a call of
    /// [`check_head`](Self::check_head).
    ///
    /// Let it run to its end even if the sender disconnects, so that the hook is told what became of the request.
    pub async fn receive(&self, head: &RequestHead, body: Bytes) -> Answer {
        match self.accept(head, body).await {
            Ok((source, events)) => {
                let receipt = Receipt { source: Some(source.name()), outcome: Outcome::Accepted(events) };
                self.report(&receipt);
                Answer::accepted(source.accepted_status())
            }
            Err(refusal) => self.refuse(head, refusal),
        }
    }

    /// Returns the name of each source and the URL to register with its vendor: the path alone if no public URL is set. If the
    /// source has a secret path, append it: the receiver does not know it.
    #[must_use]
    pub fn urls(&self) -> Vec<(&'static str, String)> {
        let base = self.0.public_url.as_deref().unwrap_or_default();
        let url = |name: &'static str| (name, format!("{base}{PREFIX}{name}"));
        self.0.sources.iter().map(|source| url(source.name())).collect()
    }

    /// Tells whether events are stored and handled: 200 if the inbox answers within a second and its oldest due event is young
    /// enough, else 503. It shows nothing personal. The answer is up to a second old.
    pub async fn health(&self) -> Answer {
        // One request asks at a time; the others take over what it found.
        let is_healthy = timeout(2 * HEALTH_TIME, self.is_healthy()).await;
        Answer::health(is_healthy.unwrap_or(false))
    }

    async fn is_healthy(&self) -> bool {
        let mut last = self.0.health.lock().await;
        let now = self.0.clock.elapsed();
        match *last {
            Some((at, was_healthy)) if now.saturating_sub(at) < HEALTH_TIME => return was_healthy,
            _ => {}
        }
        let is_young = |age: Duration| age < self.0.limits.oldest_due;
        let is_healthy = match timeout(HEALTH_TIME, self.0.inbox.stats()).await {
            Ok(Ok(stats)) => stats.oldest_due.is_none_or(is_young),
            Ok(Err(_)) | Err(_) => false,
        };
        *last = Some((self.0.clock.elapsed(), is_healthy));
        is_healthy
    }

    fn source(&self, head: &RequestHead) -> Option<&dyn WebhookSource> {
        let name = head.path().strip_prefix(PREFIX)?.split('/').next()?;
        self.0.sources.iter().map(|source| &**source).find(|source| source.name() == name)
    }

    fn check<'a>(
        &self,
        source: Option<&'a dyn WebhookSource>,
        head: &RequestHead,
    ) -> Result<&'a dyn WebhookSource, Refusal> {
        let source = source.ok_or(Refusal::Route)?;
        if head.method != "POST" {
            return Err(Refusal::Method);
        }
        let request = self.request(head, Bytes::new());
        if declared_size(&request).is_some_and(|size| size > source.trust().max_body_bytes()) {
            return Err(Refusal::TooLarge);
        }
        source.check_sender(&request)?;
        Ok(source)
    }

    async fn accept(
        &self,
        head: &RequestHead,
        body: Bytes,
    ) -> Result<(&dyn WebhookSource, Vec<ReceivedEvent>), Refusal> {
        let source = self.check(self.source(head), head)?;
        if body.len() > source.trust().max_body_bytes() {
            return Err(Refusal::TooLarge);
        }
        let request = self.request(head, body);
        let events = source.receive(&request)?;
        let events = new_events(source.name(), events, &request, head, self.0.clock.now());
        Ok((source, self.put(events).await?))
    }

    /// Stores the events of a request. There is nothing to commit if there are none.
    async fn put(&self, events: Vec<NewEvent>) -> Result<Vec<ReceivedEvent>, Refusal> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let kept: Vec<_> = events.iter().map(|new| (new.event.event_type, new.event.is_final)).collect();
        let puts = timeout(self.0.limits.store_timeout, self.0.inbox.put(events)).await;
        let puts = puts.map_err(|_| Refusal::StoreSlow)??;
        if puts.len() != kept.len() {
            let error = "it did not say of each event what became of it";
            return Err(InboxError::Failed(error.to_owned()).into());
        }
        let received = kept.into_iter().zip(puts);
        Ok(received
            .map(|((event_type, is_final), put)| ReceivedEvent { event_type, put, is_final })
            .collect())
    }

    fn request(&self, head: &RequestHead, body: Bytes) -> WebhookRequest {
        let headers = head.headers.iter().map(|(name, value)| (name, value));
        let mut request = WebhookRequest::new(headers, body);
        if let Some(base) = &self.0.public_url {
            request = request.at_url(format!("{base}{}", head.target));
        }
        match self.0.proxies.sender(head.peer, head.values("x-forwarded-for")) {
            Some(sender) => request.from_peer(sender),
            None => request,
        }
    }

    /// Reports that a request is refused, and returns the answer.
    pub(crate) fn refuse(&self, head: &RequestHead, refusal: Refusal) -> Answer {
        let answer = Answer::refused(&refusal);
        let source = self.source(head).map(|source| source.name());
        self.warn_of_setup(source, &refusal);
        self.report(&Receipt { source, outcome: Outcome::Refused(refusal) });
        answer
    }

    #[cfg(feature = "axum")]
    pub(crate) fn limits(&self) -> &ReceiverLimits {
        &self.0.limits
    }

    /// Warns once that a source cannot accept any request, since the receiver is not set up for it.
    fn warn_of_setup(&self, source: Option<&'static str>, refusal: &Refusal) {
        let source = source.unwrap_or_default();
        match refusal {
            Refusal::Source(WebhookError::NoUrl) => self.0.warned_of_url.call_once(|| {
                tracing::warn!(source, "a webhook is refused, because its vendor signs the URL, or it is secret: set the public URL");
            }),
            Refusal::Source(WebhookError::NoPeer) => self.0.warned_of_peer.call_once(|| {
                tracing::warn!(
                    source,
                    "a webhook is refused, because its sender's address is unknown: the server does not pass \
                     it, or the trusted proxy does not send one X-Forwarded-For"
                );
            }),
            _ => {}
        }
    }

    fn report(&self, receipt: &Receipt) {
        let source = receipt.source.unwrap_or("none");
        #[cfg(feature = "metrics")]
        metrics::counter!("kyc_webhook_requests_total", "source" => source).increment(1);
        if let Outcome::Refused(refusal) = &receipt.outcome {
            let reason = refusal.reason();
            #[cfg(feature = "metrics")]
            metrics::counter!("kyc_webhook_refused_total", "source" => source, "reason" => reason)
                .increment(1);
            match refusal {
                Refusal::Store(_) | Refusal::StoreSlow => {
                    tracing::warn!(source, %refusal, "a webhook could not be stored");
                }
                _ => tracing::debug!(source, reason, "a webhook was refused"),
            }
        }
        if let Some(hook) = &self.0.hook {
            hook(receipt);
        }
    }
}

impl fmt::Debug for Receiver {
    /// Omits the public URL, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.sources.iter().map(|source| source.name()).collect();
        f.debug_struct("Receiver")
            .field("sources", &names)
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

fn declared_size(request: &WebhookRequest) -> Option<usize> {
    let digits = std::str::from_utf8(request.header("content-length")?).ok()?.trim();
    // A number that is out of range is too large.
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

fn new_events(
    source: &'static str,
    events: Vec<WebhookEvent>,
    request: &WebhookRequest,
    head: &RequestHead,
    received_at: Timestamp,
) -> Vec<NewEvent> {
    let query = head.query().filter(|query| !query.is_empty()).map(str::to_owned);
    let text = request.json();
    let content = |event: &WebhookEvent| {
        let payload = event.payload.expose();
        // Otherwise the event is one of a list, which may have no other.
        let is_whole = payload == text.as_str().as_bytes() || payload == request.body();
        let (body, content_type) = match is_whole {
            true => (RawBody::new(request.body().clone()), request.header("content-type").and_then(as_text)),
            false => (event.payload.clone(), None),
        };
        Content { body, content_type, query: query.clone() }
    };
    let new = |event| NewEvent { source, content: content(&event), event, received_at };
    events.into_iter().map(new).collect()
}

fn as_text(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}
