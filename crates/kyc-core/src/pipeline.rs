//! The one place that sends: token, limit, attempt, vendor's verdict, retry.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use crate::address::BaseUrl;
use crate::body::Body;
use crate::certificate::ClientCertificate;
use crate::client_options::ClientOptions;
use crate::decode::{Decoded, UnknownFieldReporter, decode};
use crate::error::{Delivery, Error, ErrorKind};
use crate::operation::{Operation, OperationClass, OperationId, Vendor};
use crate::response::{RawResponse, ReadError, Response};
use crate::retry::{Decision, decide, pauses};
use crate::secret::RawBody;
use crate::time::{Clock, Deadline, Timestamp};
use crate::token::{Token, TokenCache, TokenStore};
use crate::transport::{Transport, TransportError, TransportErrorKind};

/// What is peculiar to a vendor's HTTP, as far as the pipeline is concerned.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    vendor: Vendor,
    read_error: ReadError,
    request_id_header: Option<&'static str>,
    sent_id_header: Option<&'static str>,
}

impl Protocol {
    /// A vendor and how its errors are read.
    #[must_use]
    pub const fn new(vendor: Vendor, read_error: ReadError) -> Self {
        Self { vendor, read_error, request_id_header: None, sent_id_header: None }
    }

    /// Names the headers of a request's id: in the vendor's answer, and in our request for when no answer comes.
    #[must_use]
    pub const fn with_request_id(mut self, answered: &'static str, sent: Option<&'static str>) -> Self {
        self.request_id_header = Some(answered);
        self.sent_id_header = sent;
        self
    }
}

/// A request as every operation begins it. The pipeline adds what is the same for all.
#[must_use]
pub fn request(method: http::Method, address: http::Uri, body: Body) -> http::Request<Body> {
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = address;
    request
}

/// A request with a bearer token in its header.
///
/// # Errors
/// `Config`: the token is no text that a header can hold.
pub fn authorised(
    vendor: Vendor,
    mut request: http::Request<Body>,
    token: Option<&Token>,
) -> Result<http::Request<Body>, Error> {
    if let Some(token) = token {
        let bearer =
            token.bearer().ok_or_else(|| Error::config(vendor, "the vendor's token is no header text"))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    Ok(request)
}

/// One call: what is sent, how it is authorised, and what it is known by if its answer is lost.
pub struct Call<'a> {
    operation: &'static Operation,
    tokens: Option<&'a TokenCache>,
    known_as: Option<&'a OperationId>,
    build: &'a BuildRequest<'a>,
}

type BuildRequest<'a> = dyn Fn(Option<&Token>) -> Result<http::Request<Body>, Error> + Send + Sync + 'a;

impl<'a> Call<'a> {
    /// A call whose request `build` makes afresh for each attempt.
    #[must_use]
    pub fn new(operation: &'static Operation, build: &'a BuildRequest<'a>) -> Self {
        Self { operation, tokens: None, known_as: None, build }
    }

    /// Hands `build` a token of that cache, and renews it once if it is turned away.
    #[must_use]
    pub fn with_tokens(mut self, tokens: &'a TokenCache) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Names what the operation is known by: an error after which a paid call may have landed then has that
    /// [`Error::operation_id`]. What costs nothing is simply asked again.
    #[must_use]
    pub fn known_as(mut self, id: &'a OperationId) -> Self {
        self.known_as = Some(id);
        self
    }

    fn paid_id(&self) -> Option<&'a OperationId> {
        self.known_as.filter(|_| self.operation.class() == OperationClass::Paid)
    }
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation.name()).finish_non_exhaustive()
    }
}

/// Sends the calls of one client. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Pipeline(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    protocol: Protocol,
    /// Changed when a certificate is renewed.
    transport: RwLock<Arc<dyn Transport>>,
    /// Whether the usual address is on this machine.
    is_loopback: bool,
    options: ClientOptions,
    drift: UnknownFieldReporter,
}

impl Pipeline {
    /// A pipeline to one vendor. `base` is where it is reached as a rule: to this machine no proxy is used.
    ///
    /// # Errors
    /// `Config`: no transport was given and this build has none, or its TLS cannot start.
    pub fn new(protocol: Protocol, base: &BaseUrl, options: ClientOptions) -> Result<Self, Error> {
        let is_loopback = base.is_loopback();
        let transport = match (&options.transport, &options.certificate) {
            (Some(_), Some(_)) => {
                let what = "a transport of your own brings its own certificate: leave one of the two out";
                return Err(Error::config(protocol.vendor, what));
            }
            (Some(transport), None) => Arc::clone(transport),
            (None, certificate) => default_transport(protocol.vendor, is_loopback, certificate.as_ref())?,
        };
        let transport = RwLock::new(transport);
        let drift = UnknownFieldReporter::new(protocol.vendor, options.on_unknown_field.clone());
        Ok(Self(Arc::new(Inner { protocol, transport, is_loopback, options, drift })))
    }

    /// Shows another certificate from now on, to all clones; calls that are under way end with the old one.
    ///
    /// # Errors
    /// `Config`: the certificate cannot be used, or the client sends by a transport of the user's.
    pub fn renew_certificate(&self, certificate: &ClientCertificate) -> Result<(), Error> {
        if self.0.options.transport.is_some() {
            let what = "the client sends by a transport of your own, which has the certificate";
            return Err(Error::config(self.vendor(), what));
        }
        let transport = default_transport(self.vendor(), self.0.is_loopback, Some(certificate))?;
        *self.0.transport.write().unwrap_or_else(PoisonError::into_inner) = transport;
        Ok(())
    }

    fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.0.transport.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The vendor.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.0.protocol.vendor
    }

    /// The clock that calls go by.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.options.clock)
    }

    /// The store that tokens are shared through, if any.
    #[must_use]
    pub fn token_store(&self) -> Option<Arc<dyn TokenStore>> {
        self.0.options.token_store.clone()
    }

    /// Sends a call until it is answered, refused for good or out of time.
    ///
    /// # Errors
    /// The vendor's verdict, or what kept the answer away. [`Error::delivery`] says which.
    pub async fn send(&self, call: &Call<'_>) -> Result<RawResponse, Error> {
        let count = PaidCallMetric::new(self.vendor(), call.operation);
        let outcome = self.attempts(call).await.map_err(|error| {
            let error = error.in_operation(call.operation.name()).known_as(call.paid_id());
            if call.operation.class() == OperationClass::Paid { error.of_paid_call() } else { error }
        });
        count.settle(&outcome);
        outcome
    }

    /// A value with the facts of the answer that brought it: for bodies that are not plain JSON, and for none.
    pub fn reply<T>(&self, answer: RawResponse, value: T) -> Response<T> {
        Response::new(value, answer.into_meta(self.0.options.keep_raw_bodies))
    }

    /// Reads the body of an answer as JSON, and reports what the type ignores.
    ///
    /// # Errors
    /// `Decode`, with the JSON path; the error keeps the body.
    pub fn decode<T: DeserializeOwned>(&self, answer: RawResponse) -> Result<Response<T>, Error> {
        let value = self.decode_bytes(&answer, answer.body())?;
        Ok(self.reply(answer, value))
    }

    /// Reads JSON that stood in an answer, such as what an encrypted body held.
    ///
    /// # Errors
    /// As [`decode`](Self::decode); the error keeps this JSON.
    pub fn decode_bytes<T: DeserializeOwned>(&self, answer: &RawResponse, json: &[u8]) -> Result<T, Error> {
        let Decoded { value, ignored } = decode(json).map_err(|failure| {
            answer
                .error(ErrorKind::Decode, "the answer is not what the vendor documents")
                .with_body(RawBody::capped(json))
                .caused_by(format!("expected {}", failure.expected))
                .with_json_path(failure.path)
        })?;
        if !ignored.is_empty() {
            self.0.drift.report(answer.operation.name(), ignored);
        }
        Ok(value)
    }

    async fn attempts(&self, call: &Call<'_>) -> Result<RawResponse, Error> {
        let options = &self.0.options;
        let mut state = RetryState {
            started: options.clock.elapsed(),
            deadline: Deadline::after(options.overall_timeout.max(call.operation.timeout())),
            sent: 0,
            logged_in_again: false,
            last: None,
        };
        // Made only when something fails.
        let mut backoff = None;
        loop {
            let (error, token) = match self.one_attempt(call, &mut state).await {
                Ok(answer) => return Ok(answer),
                Err(AttemptError::Before(error)) => return Err(state.before(error)),
                Err(AttemptError::After(error, token)) => (state.after(error), token),
            };
            match decide(&error, call.operation.class()) {
                Decision::LogIn if !state.logged_in_again => {
                    let (Some(tokens), Some(token)) = (call.tokens, &token) else { return Err(error) };
                    state.logged_in_again = true;
                    // Another caller may be logging in meanwhile: that, too, is waited for only so long.
                    if state.deadline.within(tokens.invalidate(token)).await.is_none() {
                        return Err(error);
                    }
                }
                Decision::Again if state.sent < options.max_attempts => {
                    let pause = backoff
                        .get_or_insert_with(pauses)
                        .next()
                        .unwrap_or_default()
                        .max(error.retry_after().unwrap_or_default());
                    if pause >= state.deadline.left() {
                        return Err(error);
                    }
                    tracing::debug!(vendor = %self.vendor(), operation = call.operation.name(), ?pause, "trying again");
                    if state.deadline.within(options.clock.as_ref().sleep(pause)).await.is_none() {
                        return Err(error);
                    }
                }
                _ => return Err(error),
            }
            state.last = Some(error);
        }
    }

    async fn one_attempt(
        &self,
        call: &Call<'_>,
        state: &mut RetryState,
    ) -> Result<RawResponse, AttemptError> {
        let token = self.token(call, state.deadline).await.map_err(AttemptError::Before)?;
        let request = (call.build)(token.as_ref()).map_err(AttemptError::Before)?;
        self.wait_for_room(state.deadline).await.map_err(AttemptError::Before)?;
        if !self.is_worth_sending(call, state.deadline) {
            return Err(AttemptError::Before(self.out_of_time("before the request was sent")));
        }
        state.sent += 1;
        let outcome = self.exchange(call, request, state.deadline, state.sent, state.started).await;
        outcome.map_err(|error| {
            if let (Some(limiter), Some(wait)) = (&self.0.options.limiter, error.retry_after()) {
                limiter.pause(&*self.0.options.clock, wait);
            }
            AttemptError::After(error, token)
        })
    }

    async fn token(&self, call: &Call<'_>, deadline: Deadline) -> Result<Option<Token>, Error> {
        let Some(tokens) = call.tokens else { return Ok(None) };
        if let Some(token) = tokens.current() {
            return Ok(Some(token));
        }
        let token = deadline
            .within(tokens.get())
            .await
            .ok_or_else(|| self.out_of_time("while waiting for a token"))?;
        // Nothing of *this* call was sent, whatever became of the login's request.
        token.map(Some).map_err(|error| Error::not_sent_because_of(&error))
    }

    async fn wait_for_room(&self, deadline: Deadline) -> Result<(), Error> {
        let (Some(limiter), clock) = (&self.0.options.limiter, &*self.0.options.clock) else {
            return Ok(());
        };
        let paused = limiter.pause_left(clock);
        if paused >= deadline.left() {
            let what = "the vendor asked for a pause that is not over";
            let error = Error::new(self.vendor(), ErrorKind::RateLimited, Delivery::NotSent, what);
            return Err(error.with_retry_after(Some(paused)));
        }
        let room = deadline.within(limiter.acquire(clock)).await;
        room.ok_or_else(|| self.out_of_time("while waiting for room under the rate limit"))
    }

    /// A paid call that begins with no time to end would only become one that may have landed.
    fn is_worth_sending(&self, call: &Call<'_>, deadline: Deadline) -> bool {
        let options = &self.0.options;
        let least = options.attempt_timeout.min(options.overall_timeout) / 3;
        call.operation.class() != OperationClass::Paid || deadline.left() >= least
    }

    fn out_of_time(&self, when: &str) -> Error {
        Error::new(
            self.vendor(),
            ErrorKind::Timeout,
            Delivery::NotSent,
            format!("the overall deadline passed {when}"),
        )
    }

    /// One request and its answer.
    async fn exchange(
        &self,
        call: &Call<'_>,
        mut request: http::Request<Body>,
        deadline: Deadline,
        number: u32,
        started: Duration,
    ) -> Result<RawResponse, Error> {
        let options = &self.0.options;
        add_headers(&mut request);
        let sent_id = text_of(request.headers(), self.0.protocol.sent_id_header);
        let claim = request.body_mut().claim();
        let limit = deadline.left().min(options.attempt_timeout.max(call.operation.timeout()));
        let transport = self.transport();
        let sending = transport.as_ref().send(request, options.max_answer_bytes);
        let outcome = Deadline::after(limit).within(sending).await;
        let unsent = || claim.is_some_and(|claim| claim.give_up());
        let answer = match outcome {
            Some(Ok(answer)) => self.answer(call, answer, number, started),
            Some(Err(failure)) => return Err(self.failed(&failure, unsent(), sent_id)),
            None => return Err(self.timed_out(limit, unsent()).with_request_id(sent_id)),
        };
        tracing::debug!(
            vendor = %self.vendor(),
            operation = call.operation.name(),
            attempt = number,
            status = answer.status.as_u16(),
            elapsed = ?answer.elapsed,
            "answered"
        );
        let error = match call.operation.read_error() {
            Some(read_error) => read_error(&answer),
            None if answer.is_value() => None,
            None => (self.0.protocol.read_error)(&answer),
        };
        match error {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    fn answer(
        &self,
        call: &Call<'_>,
        answer: http::Response<bytes::Bytes>,
        attempts: u32,
        started: Duration,
    ) -> RawResponse {
        let clock = &self.0.options.clock;
        let (parts, body) = answer.into_parts();
        let wait =
            if parts.status.is_success() { None } else { text_of(&parts.headers, Some("retry-after")) };
        RawResponse {
            vendor: self.vendor(),
            operation: call.operation,
            status: parts.status,
            request_id: text_of(&parts.headers, self.0.protocol.request_id_header),
            retry_after: wait.and_then(|wait| retry_after(&wait, clock.now())),
            body,
            attempts,
            elapsed: clock.elapsed().saturating_sub(started),
            headers: parts.headers,
            known_as: call.paid_id().cloned(),
        }
    }

    fn failed(&self, failure: &TransportError, unsent: bool, sent_id: Option<String>) -> Error {
        let (kind, delivery, what) = match failure.kind() {
            TransportErrorKind::Setup => (ErrorKind::Config, Delivery::NotSent, "the request cannot be made"),
            TransportErrorKind::Connect => (ErrorKind::Transport, Delivery::NotSent, "no connection"),
            TransportErrorKind::CertificateRefused => (
                ErrorKind::Config,
                Delivery::Refused,
                "the server refuses the client certificate, or asks for one",
            ),
            TransportErrorKind::Exchange if unsent => {
                (ErrorKind::Transport, Delivery::NotSent, "no connection")
            }
            TransportErrorKind::Exchange => {
                (ErrorKind::Transport, Delivery::Unknown, "the connection broke before an answer")
            }
            TransportErrorKind::Answer => {
                (ErrorKind::Transport, Delivery::Unknown, "the connection broke in the middle of the answer")
            }
            TransportErrorKind::TooLarge => {
                (ErrorKind::Decode, Delivery::Answered, "the answer is larger than allowed")
            }
        };
        let (status, answered_id) = match failure.head() {
            Some((status, headers)) => {
                (Some(status.as_u16()), text_of(headers, self.0.protocol.request_id_header))
            }
            None => (None, None),
        };
        Error::new(self.vendor(), kind, delivery, what)
            .with_http_status(status)
            .with_request_id(answered_id.or(sent_id))
            .caused_by(failure.to_string())
    }

    fn timed_out(&self, limit: Duration, unsent: bool) -> Error {
        let delivery = if unsent { Delivery::NotSent } else { Delivery::Unknown };
        Error::new(self.vendor(), ErrorKind::Timeout, delivery, format!("no answer within {limit:.1?}"))
    }
}

/// Where a call stands between its attempts.
struct RetryState {
    started: Duration,
    deadline: Deadline,
    sent: u32,
    logged_in_again: bool,
    last: Option<Error>,
}

/// An attempt without an answer to return.
enum AttemptError {
    /// Nothing of it was sent.
    Before(Error),
    /// It was tried, with that token.
    After(Error, Option<Token>),
}

impl RetryState {
    /// Out of time, or no token: if there was an attempt before, its failure says more.
    fn before(&mut self, error: Error) -> Error {
        self.last.take().unwrap_or(error)
    }

    fn after(&self, error: Error) -> Error {
        let error = error.with_attempts(self.sent);
        if self.last.as_ref().is_some_and(Error::may_have_landed) {
            error.after_one_that_may_have_landed()
        } else {
            error
        }
    }
}

/// What every request has, unless the vendor's crate said otherwise.
fn add_headers(request: &mut http::Request<Body>) {
    let content_type = request.body().content_type().cloned();
    let headers = request.headers_mut();
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
    if let Some(content_type) = content_type {
        headers.entry(CONTENT_TYPE).or_insert(content_type);
    }
}

fn text_of(headers: &HeaderMap, name: Option<&str>) -> Option<String> {
    headers.get(name?)?.to_str().ok().map(str::to_owned)
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
fn default_transport(
    vendor: Vendor,
    is_loopback: bool,
    certificate: Option<&ClientCertificate>,
) -> Result<Arc<dyn Transport>, Error> {
    use crate::transport::ReqwestTransport;
    let transport = match certificate {
        Some(certificate) => ReqwestTransport::with_certificate(certificate, is_loopback),
        None if is_loopback => ReqwestTransport::direct(),
        None => ReqwestTransport::new(),
    };
    match transport {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(failure) => {
            Err(Error::config(vendor, "the HTTP client cannot start").caused_by(failure.to_string()))
        }
    }
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(
    vendor: Vendor,
    _: bool,
    _: Option<&ClientCertificate>,
) -> Result<Arc<dyn Transport>, Error> {
    Err(Error::config(vendor, "this build has no HTTP client: enable a TLS feature or set a transport"))
}

/// Counts a paid call by what became of it, where the build has the `metrics` feature. A call that is dropped before its
/// end counts, too: it may have been paid for.
struct PaidCallMetric {
    vendor: Vendor,
    operation: &'static Operation,
    outcome: &'static str,
}

impl PaidCallMetric {
    fn new(vendor: Vendor, operation: &'static Operation) -> Self {
        Self { vendor, operation, outcome: "unknown" }
    }

    fn settle(mut self, outcome: &Result<RawResponse, Error>) {
        self.outcome = match outcome {
            Ok(_) => "answered",
            Err(error) if error.may_have_landed() => "unknown",
            Err(error) if error.delivery() == Delivery::Answered => "rejected",
            Err(_) => "not_charged",
        };
    }
}

impl Drop for PaidCallMetric {
    fn drop(&mut self) {
        let Self { vendor, operation, outcome } = self;
        if operation.class() != OperationClass::Paid {
            return;
        }
        #[cfg(feature = "metrics")]
        metrics::counter!(
            "kyc_paid_calls_total",
            "vendor" => vendor.name(),
            "operation" => operation.name(),
            "outcome" => *outcome
        )
        .increment(1);
        tracing::debug!(%vendor, operation = operation.name(), outcome, "paid call");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use async_trait::async_trait;
    use bytes::Bytes;

    use super::*;
    use crate::limiter::Limiter;
    use crate::time::VirtualClock;

    const TOY: Vendor = Vendor::new("toy");
    static READ: Operation = Operation::new(TOY, "look", OperationClass::Read);
    static PAID: Operation = Operation::new(TOY, "buy", OperationClass::Paid);

    type Outcome = Result<http::Response<Bytes>, TransportError>;

    /// Plays a script, each line after a real pause, and keeps the headers it was sent.
    #[derive(Debug, Default)]
    struct Script {
        lines: Mutex<VecDeque<(u64, Outcome)>>,
        heard: Mutex<Vec<HeaderMap>>,
    }

    #[async_trait]
    impl Transport for Script {
        async fn send(&self, request: http::Request<Body>, _: usize) -> Outcome {
            self.heard.lock().expect("no panic before").push(request.headers().clone());
            let line = self.lines.lock().expect("no panic before").pop_front();
            let (wait, outcome) = line.expect("no more requests than lines");
            tokio::time::sleep(Duration::from_millis(wait)).await;
            outcome
        }
    }

    fn status(status: u16, headers: &[(&'static str, &'static str)]) -> Outcome {
        let mut answer = http::Response::new(Bytes::from_static(b"{}"));
        *answer.status_mut() = http::StatusCode::from_u16(status).expect("a status");
        for (name, value) in headers {
            answer.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        Ok(answer)
    }

    fn broken(kind: TransportErrorKind) -> Outcome {
        Err(TransportError::new(kind, "broken"))
    }

    fn pipeline(script: &Arc<Script>, options: ClientOptions) -> Pipeline {
        let protocol =
            Protocol::new(TOY, RawResponse::error_by_status).with_request_id("x-their-id", Some("x-our-id"));
        let base = BaseUrl::parse("https://toy.example").expect("an address");
        Pipeline::new(protocol, &base, options.transport(Arc::clone(script))).expect("a transport is given")
    }

    async fn call(pipeline: &Pipeline, operation: &'static Operation) -> Result<RawResponse, Error> {
        let build = |_: Option<&Token>| {
            let mut request = http::Request::new(Body::full("text/plain", "x"));
            request.headers_mut().insert("x-our-id", HeaderValue::from_static("ours"));
            Ok(request)
        };
        pipeline.send(&Call::new(operation, &build)).await
    }

    async fn play(
        lines: Vec<(u64, Outcome)>,
        options: ClientOptions,
        operation: &'static Operation,
    ) -> (Error, usize) {
        let script = Arc::new(Script { lines: Mutex::new(lines.into()), ..Script::default() });
        let error = call(&pipeline(&script, options), operation).await.expect_err("a failure");
        let heard = script.heard.lock().expect("no panic before").len();
        (error, heard)
    }

    #[tokio::test]
    async fn an_attempt_that_may_have_landed_is_not_forgotten() {
        let lines = vec![
            (0, broken(TransportErrorKind::Answer)),
            (0, broken(TransportErrorKind::Connect)),
            (0, broken(TransportErrorKind::Connect)),
        ];
        let (error, sent) = play(lines, ClientOptions::new(), &READ).await;
        assert_eq!((error.delivery(), error.attempts(), sent), (Delivery::Unknown, 3, 3));
    }

    #[tokio::test]
    async fn a_paid_call_does_not_begin_without_time_to_end() {
        let options = || {
            let options = ClientOptions::new().overall_timeout(Duration::from_millis(900));
            options.attempt_timeout(Duration::from_millis(900))
        };
        // After the first answer and the pause of at least 0.2 s less than a third of the time is left.
        let lines = || vec![(550, status(429, &[])), (0, status(200, &[]))];
        let (error, sent) = play(lines(), options(), &PAID).await;
        assert_eq!((error.kind(), error.delivery(), sent), (ErrorKind::RateLimited, Delivery::Refused, 1));
        let script = Arc::new(Script {
            lines: Mutex::new(vec![(0, status(429, &[])), (0, status(200, &[]))].into()),
            ..Script::default()
        });
        assert!(call(&pipeline(&script, options()), &PAID).await.is_ok(), "with time it goes again");
    }

    #[tokio::test]
    async fn a_pause_that_the_vendor_asked_for_is_told_at_once() {
        let clock = VirtualClock::frozen();
        let options =
            ClientOptions::new().clock(clock.clone()).limiter(Limiter::new(100, Duration::from_secs(10)));
        let lines = vec![(0, status(429, &[("retry-after", "300")])), (0, status(200, &[]))];
        let script = Arc::new(Script { lines: Mutex::new(lines.into()), ..Script::default() });
        let pipeline = pipeline(&script, options);
        let first = call(&pipeline, &READ).await.expect_err("throttled");
        assert_eq!(
            (first.delivery(), first.retry_after()),
            (Delivery::Refused, Some(Duration::from_secs(300)))
        );
        let second = call(&pipeline, &READ).await.expect_err("not even sent");
        assert_eq!((second.kind(), second.delivery()), (ErrorKind::RateLimited, Delivery::NotSent));
        assert_eq!(second.retry_after(), Some(Duration::from_secs(300)));
        clock.advance(Duration::from_secs(300));
        call(&pipeline, &READ).await.expect("the pause is over");
    }

    #[tokio::test]
    async fn a_request_is_named_even_without_an_answer() {
        let options = || ClientOptions::new().max_attempts(1);
        let (error, _) = play(vec![(0, broken(TransportErrorKind::Exchange))], options(), &READ).await;
        assert_eq!(error.request_id(), Some("ours"));
        let mut headers = HeaderMap::new();
        headers.insert("x-their-id", HeaderValue::from_static("theirs"));
        let cut =
            TransportError::new(TransportErrorKind::Answer, "cut").with_head(http::StatusCode::OK, headers);
        let (error, _) = play(vec![(0, Err(cut))], options(), &READ).await;
        assert_eq!((error.request_id(), error.http_status()), (Some("theirs"), Some(200)));
        let (error, _) = play(vec![(0, status(404, &[("x-their-id", "theirs")]))], options(), &READ).await;
        assert_eq!(error.request_id(), Some("theirs"));
    }

    /// The fake never asks for the body: so nothing was sent, whatever it says.
    #[tokio::test]
    async fn a_body_that_nobody_asked_for_was_not_sent() {
        let options = ClientOptions::new().attempt_timeout(Duration::from_millis(10)).max_attempts(2);
        let (error, sent) =
            play(vec![(1000, status(200, &[])), (0, broken(TransportErrorKind::Exchange))], options, &PAID)
                .await;
        assert_eq!((error.delivery(), sent), (Delivery::NotSent, 2));
    }

    #[tokio::test]
    async fn what_every_request_has() {
        let script =
            Arc::new(Script { lines: Mutex::new(vec![(0, status(200, &[]))].into()), ..Script::default() });
        call(&pipeline(&script, ClientOptions::new()), &READ).await.expect("an answer");
        let heard = script.heard.lock().expect("no panic before").remove(0);
        assert_eq!(heard.get(ACCEPT).expect("set"), "application/json");
        assert_eq!(heard.get(CONTENT_TYPE).expect("set"), "text/plain");
    }

    #[test]
    fn waits_in_both_forms() {
        let now = Timestamp::parse("2015-10-21T07:27:30Z").expect("an instant");
        assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", now), None);
    }
}
