//! The one place that sends: token, limit, attempt, vendor's verdict, retry.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::body::Body;
use crate::decode::{Decoded, DriftLog, decode};
use crate::error::{Delivery, Error, Kind};
use crate::operation::{Operation, OperationClass, OperationId, Vendor};
use crate::reply::{Answer, Reply};
use crate::retry::{Decision, decide, pauses};
use crate::settings::Settings;
use crate::time::{Clock, Deadline, Timestamp};
use crate::token::{Token, TokenCache, TokenStore};
use crate::transport::{Stage, Transport, TransportError};

/// What is peculiar to a vendor's HTTP, as far as the pipeline is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    /// The vendor.
    pub vendor: Vendor,
    /// The header in which the vendor names its request, if it documents one.
    pub request_id_header: Option<&'static str>,
    /// Reads an answer of any status: the error in it, or `None` if it holds a value for this operation.
    pub read_error: fn(&Answer) -> Option<Error>,
}

/// One call: what is sent, how it is authorised, and what it is known by if its answer is lost.
pub struct Call<'a> {
    operation: &'static Operation,
    tokens: Option<&'a TokenCache>,
    reference: Option<&'a str>,
    build: &'a BuildRequest<'a>,
}

type BuildRequest<'a> = dyn Fn(Option<&Token>) -> Result<http::Request<Body>, Error> + Send + Sync + 'a;

impl<'a> Call<'a> {
    /// A call whose request `build` makes afresh for each attempt.
    #[must_use]
    pub fn new(operation: &'static Operation, build: &'a BuildRequest<'a>) -> Self {
        Self { operation, tokens: None, reference: None, build }
    }

    /// Hands `build` a token of that cache, and renews it once if it is turned away.
    #[must_use]
    pub fn with_tokens(mut self, tokens: &'a TokenCache) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Names the reference that the request carries: an error after which it may have landed then has an
    /// [`Error::operation_id`].
    #[must_use]
    pub fn with_reference(mut self, reference: &'a str) -> Self {
        self.reference = Some(reference);
        self
    }
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation.name).finish_non_exhaustive()
    }
}

/// Sends the calls of one client. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Pipeline(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    protocol: Protocol,
    transport: Arc<dyn Transport>,
    settings: Settings,
    drift: DriftLog,
}

impl Pipeline {
    /// A pipeline to one vendor.
    ///
    /// # Errors
    /// `Config`: no transport was given and this build has none, or its TLS cannot start.
    pub fn new(protocol: Protocol, settings: Settings) -> Result<Self, Error> {
        let transport = match &settings.transport {
            Some(transport) => Arc::clone(transport),
            None => default_transport(protocol.vendor)?,
        };
        let drift = DriftLog::new(protocol.vendor, settings.on_drift.clone());
        Ok(Self(Arc::new(Inner { protocol, transport, settings, drift })))
    }

    /// The vendor.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.0.protocol.vendor
    }

    /// The clock that calls go by.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.settings.clock)
    }

    /// The store that tokens are shared through, if any.
    #[must_use]
    pub fn token_store(&self) -> Option<Arc<dyn TokenStore>> {
        self.0.settings.token_store.clone()
    }

    /// Sends a call until it is answered, refused for good or out of time.
    ///
    /// # Errors
    /// The vendor's verdict, or what kept the answer away. [`Error::delivery`] says which.
    pub async fn send(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let outcome = self.attempts(call).await.map_err(|error| self.name(call, error));
        count(self.vendor(), call.operation, &outcome);
        outcome
    }

    /// Reads the body of an answer as JSON, and reports what the type ignores.
    ///
    /// # Errors
    /// `Decode`, with the JSON path; the error keeps the body.
    pub fn decode<T: DeserializeOwned>(&self, answer: Answer) -> Result<Reply<T>, Error> {
        let value = self.decode_bytes(&answer, answer.body())?;
        Ok(Reply::new(value, answer.into_meta(self.0.settings.keep_raw_bodies)))
    }

    /// Reads JSON that stood in an answer, such as what an encrypted body held.
    ///
    /// # Errors
    /// As [`decode`](Self::decode).
    pub fn decode_bytes<T: DeserializeOwned>(&self, answer: &Answer, json: &[u8]) -> Result<T, Error> {
        let Decoded { value, ignored } = decode(json).map_err(|failure| {
            answer
                .error(Kind::Decode, "the answer is not what the vendor documents")
                .with_json_path(failure.path)
                .caused_by(format!("expected {}", failure.expected))
        })?;
        if !ignored.is_empty() {
            self.0.drift.report(answer.operation.name, ignored);
        }
        Ok(value)
    }

    async fn attempts(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let settings = &self.0.settings;
        let started = settings.clock.now();
        let deadline = Deadline::after(settings.overall_timeout);
        let mut pauses = pauses();
        let mut logged_in_again = false;
        let mut sent = 0;
        loop {
            let token = self.token(call, deadline).await?;
            let request = (call.build)(token.as_ref())?;
            self.wait_for_room(deadline).await?;
            sent += 1;
            let error = match self.attempt(call, request, deadline, sent, started).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error.with_attempts(sent),
            };
            if let (Some(limiter), Some(wait)) = (&settings.limiter, error.retry_after()) {
                limiter.pause(&*settings.clock, wait);
            }
            match decide(&error, call.operation.class) {
                Decision::LogIn if !logged_in_again => {
                    let (Some(tokens), Some(token)) = (call.tokens, &token) else { return Err(error) };
                    logged_in_again = true;
                    tokens.invalidate(token).await;
                }
                Decision::Again if sent < settings.max_attempts => {
                    let pause = error.retry_after().or_else(|| pauses.next()).unwrap_or_default();
                    if pause >= deadline.left() {
                        return Err(error);
                    }
                    tracing::debug!(vendor = %self.vendor(), operation = call.operation.name, ?pause, "trying again");
                    if deadline.within(settings.clock.sleep(pause)).await.is_none() {
                        return Err(error);
                    }
                }
                _ => return Err(error),
            }
        }
    }

    async fn token(&self, call: &Call<'_>, deadline: Deadline) -> Result<Option<Token>, Error> {
        let Some(tokens) = call.tokens else { return Ok(None) };
        let token =
            deadline.within(tokens.get()).await.ok_or_else(|| self.out_of_time("waiting for a token"))?;
        // Nothing of *this* call was sent, whatever became of the login's request.
        token.map(Some).map_err(|error| Error::not_sent_because_of(&error))
    }

    async fn wait_for_room(&self, deadline: Deadline) -> Result<(), Error> {
        let Some(limiter) = &self.0.settings.limiter else { return Ok(()) };
        let room = deadline.within(limiter.acquire(&*self.0.settings.clock)).await;
        room.ok_or_else(|| self.out_of_time("waiting for room under the rate limit"))
    }

    fn out_of_time(&self, doing: &str) -> Error {
        Error::new(
            self.vendor(),
            Kind::Timeout,
            Delivery::NotSent,
            format!("the overall deadline passed while {doing}"),
        )
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        request: http::Request<Body>,
        deadline: Deadline,
        number: u32,
        started: Timestamp,
    ) -> Result<Answer, Error> {
        let settings = &self.0.settings;
        let (parts, body) = request.into_parts();
        let has_body = !body.is_empty();
        let (body, body_started) = body.for_attempt();
        let request = http::Request::from_parts(parts, body);
        let limit = deadline.left().min(settings.attempt_timeout);
        let sending = self.0.transport.send(request, settings.max_answer_bytes);
        let unsent = || has_body && !body_started.load(Ordering::Relaxed);
        let answer = match Deadline::after(limit).within(sending).await {
            Some(Ok(answer)) => self.answer(call, answer, number, started),
            Some(Err(failure)) => return Err(self.failed(&failure, unsent())),
            None => return Err(self.timed_out(limit, unsent())),
        };
        tracing::debug!(
            vendor = %self.vendor(),
            operation = call.operation.name,
            attempt = number,
            status = answer.status.as_u16(),
            elapsed = ?answer.elapsed,
            "answered"
        );
        match (self.0.protocol.read_error)(&answer) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    fn answer(
        &self,
        call: &Call<'_>,
        answer: http::Response<bytes::Bytes>,
        attempts: u32,
        started: Timestamp,
    ) -> Answer {
        let now = self.0.settings.clock.now();
        let (parts, body) = answer.into_parts();
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        Answer {
            vendor: self.vendor(),
            operation: call.operation,
            status: parts.status,
            request_id: self.0.protocol.request_id_header.and_then(text).map(str::to_owned),
            retry_after: text("retry-after").and_then(|wait| retry_after(wait, now)),
            body,
            attempts,
            elapsed: now.since(started),
            headers: parts.headers,
        }
    }

    fn failed(&self, failure: &TransportError, unsent: bool) -> Error {
        let (kind, delivery, what) = match failure.stage() {
            Stage::Setup => (Kind::Config, Delivery::NotSent, "the request cannot be made"),
            Stage::Connect => (Kind::Transport, Delivery::NotSent, "no connection"),
            Stage::Exchange if unsent => (Kind::Transport, Delivery::NotSent, "no connection"),
            Stage::Exchange => (Kind::Transport, Delivery::Unknown, "the connection broke before an answer"),
            Stage::Answer => {
                (Kind::Transport, Delivery::Unknown, "the connection broke in the middle of the answer")
            }
            Stage::TooLarge => (Kind::Decode, Delivery::Answered, "the answer is larger than allowed"),
        };
        Error::new(self.vendor(), kind, delivery, what)
            .with_status(failure.status())
            .caused_by(failure.to_string())
    }

    fn timed_out(&self, limit: Duration, unsent: bool) -> Error {
        let delivery = if unsent { Delivery::NotSent } else { Delivery::Unknown };
        Error::new(self.vendor(), Kind::Timeout, delivery, format!("no answer within {limit:?}"))
    }

    fn name(&self, call: &Call<'_>, error: Error) -> Error {
        let error = error.in_operation(call.operation.name);
        match call.reference {
            Some(reference) if error.may_have_landed() => {
                let id = OperationId::by_reference(self.vendor(), call.operation.name, reference);
                error.with_operation_id(id)
            }
            _ => error,
        }
    }
}

/// `Retry-After`: seconds, or a date as HTTP writes it.
fn retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Timestamp::parse_http_date(text).map(|until| until.since(now)),
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(vendor: Vendor) -> Result<Arc<dyn Transport>, Error> {
    match crate::transport::ReqwestTransport::new() {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(failure) => {
            Err(Error::config(vendor, "the HTTP client cannot start").caused_by(failure.to_string()))
        }
    }
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(vendor: Vendor) -> Result<Arc<dyn Transport>, Error> {
    Err(Error::config(vendor, "this build has no HTTP client: enable a TLS feature or set a transport"))
}

/// Counts paid calls by what became of them, where the build has the `metrics` feature.
fn count(vendor: Vendor, operation: &'static Operation, outcome: &Result<Answer, Error>) {
    if operation.class != OperationClass::Paid {
        return;
    }
    let outcome = match outcome {
        Ok(_) => "answered",
        Err(error) if error.may_have_landed() => "unknown",
        Err(error) if error.delivery() == Delivery::Answered => "rejected",
        Err(_) => "not_charged",
    };
    #[cfg(feature = "metrics")]
    metrics::counter!("kyc_paid_calls_total", "vendor" => vendor.name(), "operation" => operation.name, "outcome" => outcome)
        .increment(1);
    tracing::debug!(%vendor, operation = operation.name, outcome, "paid call");
}
