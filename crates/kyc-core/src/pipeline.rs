//! The one place that sends: token, limit, attempt, vendor's verdict, retry.

use std::sync::{Arc, PoisonError, RwLock};

use serde::de::DeserializeOwned;

use crate::certificate::ClientCertificate;
use crate::client_options::ClientOptions;
use crate::error::{Delivery, Error, ErrorKind};
use crate::json::JsonText;
use crate::operation::{OperationClass, Vendor};
use crate::response::{RawResponse, ReadError, Response};
use crate::retry::{Decision, decide, pauses};
use crate::secret::RawBody;
use crate::time::{Clock, Deadline};
use crate::token::{Token, TokenStore};
use crate::transport::Transport;
use crate::unknown_fields::UnknownFieldReporter;

mod attempt;
mod call;
mod metric;

use attempt::{AttemptError, RetryState};
pub use call::{Call, authorised, request};
use metric::PaidCallMetric;

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

/// Sends the calls of one client. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Pipeline(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    protocol: Protocol,
    /// Changed when a certificate is renewed.
    transport: RwLock<Arc<dyn Transport>>,
    options: ClientOptions,
    unknown_fields: UnknownFieldReporter,
}

impl Pipeline {
    /// Creates a pipeline to one vendor.
    ///
    /// # Errors
    /// `Config`: no transport was given and this build has none, or its TLS cannot start.
    pub fn new(protocol: Protocol, options: ClientOptions) -> Result<Self, Error> {
        let transport = match (&options.transport, &options.certificate) {
            (Some(_), Some(_)) => {
                let what = "a custom transport brings its own certificate: set either the transport or the certificate";
                return Err(Error::config(protocol.vendor, what));
            }
            (Some(transport), None) => Arc::clone(transport),
            (None, certificate) => default_transport(protocol.vendor, certificate.as_ref())?,
        };
        let transport = RwLock::new(transport);
        let unknown_fields = UnknownFieldReporter::new(protocol.vendor, options.on_unknown_field.clone());
        Ok(Self(Arc::new(Inner { protocol, transport, options, unknown_fields })))
    }

    /// Shows another certificate from now on, to all clones; calls that are under way end with the old one.
    ///
    /// # Errors
    /// `Config`: the certificate cannot be used, or the client sends by a transport of the user's.
    pub fn renew_certificate(&self, certificate: &ClientCertificate) -> Result<(), Error> {
        if self.0.options.transport.is_some() {
            let what = "the client uses a custom transport, which holds the certificate";
            return Err(Error::config(self.vendor(), what));
        }
        let transport = default_transport(self.vendor(), Some(certificate))?;
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

    /// Decodes the body of a response as JSON, in the charset that it declares, and reports what the type ignores.
    ///
    /// # Errors
    /// `Decode`, with the JSON path; the error keeps the body.
    pub fn decode<T: DeserializeOwned>(&self, answer: RawResponse) -> Result<Response<T>, Error> {
        let value = self.decode_text(&answer, &answer.json(), answer.body())?;
        Ok(self.reply(answer, value))
    }

    /// Decodes JSON that stood in a response, such as the plain text of an encrypted body.
    ///
    /// # Errors
    /// As [`decode`](Self::decode); the error keeps this JSON.
    pub fn decode_bytes<T: DeserializeOwned>(&self, answer: &RawResponse, json: &[u8]) -> Result<T, Error> {
        self.decode_text(answer, &JsonText::new(json, None), json)
    }

    fn decode_text<T: DeserializeOwned>(
        &self,
        answer: &RawResponse,
        json: &JsonText<'_>,
        body: &[u8],
    ) -> Result<T, Error> {
        let decoded = json.decode().map_err(|failure| {
            answer
                .error(ErrorKind::Decode, "the response does not match the vendor's documentation")
                .with_body(RawBody::capped(body))
                .caused_by(format!("expected {}", failure.expected))
                .with_json_path(failure.path)
        })?;
        Ok(self.0.unknown_fields.observe(answer.operation.name(), decoded))
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
        token.map(Some).map_err(|error| Error::login_failed(&error))
    }

    async fn wait_for_room(&self, deadline: Deadline) -> Result<(), Error> {
        let (Some(limiter), clock) = (&self.0.options.limiter, &*self.0.options.clock) else {
            return Ok(());
        };
        let paused = limiter.pause_left(clock);
        if paused >= deadline.left() {
            let what = "the pause that the vendor asked for is not over";
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
}

#[cfg(feature = "reqwest")]
fn default_transport(
    vendor: Vendor,
    certificate: Option<&ClientCertificate>,
) -> Result<Arc<dyn Transport>, Error> {
    use crate::transport::ReqwestTransport;
    let transport = match certificate {
        Some(certificate) => ReqwestTransport::with_certificate(certificate),
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
fn default_transport(vendor: Vendor, _: Option<&ClientCertificate>) -> Result<Arc<dyn Transport>, Error> {
    Err(Error::config(vendor, "this build has no HTTP client: enable a TLS feature or set a transport"))
}

#[cfg(test)]
mod tests;
