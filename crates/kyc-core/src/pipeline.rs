//! The call pipeline, the only code that sends requests: token, rate limit, attempt, error check, retry.

use std::sync::{Arc, PoisonError, RwLock};

use serde::de::DeserializeOwned;

use crate::certificate::ClientCertificate;
use crate::client_options::ClientOptions;
use crate::error::{Delivery, Error, ErrorKind};
use crate::json::JsonText;
use crate::operation::{OperationClass, Vendor};
use crate::response::{RawResponse, ReadError, Response};
use crate::retry::{Decision, decide, pauses};
use crate::secret::{RawBody, Secret};
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

/// The properties of a vendor's HTTP API that the pipeline needs.
#[derive(Clone, Copy, Debug)]
pub struct Protocol {
    vendor: Vendor,
    read_error: ReadError,
    request_id_header: Option<&'static str>,
    sent_id_header: Option<&'static str>,
}

impl Protocol {
    /// Creates a protocol. `read_error` returns the error in a response of the vendor.
    #[must_use]
    pub const fn new(vendor: Vendor, read_error: ReadError) -> Self {
        Self { vendor, read_error, request_id_header: None, sent_id_header: None }
    }

    /// Sets the headers that hold the id of a request: `received` in the vendor's response, and `sent` in the request, which is
    /// used if there is no response.
    #[must_use]
    pub const fn with_request_id(mut self, received: &'static str, sent: Option<&'static str>) -> Self {
        self.request_id_header = Some(received);
        self.sent_id_header = sent;
        self
    }
}

/// Sends the calls of one client. Clones share their state.
#[derive(Clone, Debug)]
pub struct Pipeline(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    protocol: Protocol,
    /// Replaced when the certificate is renewed.
    transport: RwLock<Arc<dyn Transport>>,
    options: ClientOptions,
    unknown_fields: UnknownFieldReporter,
}

impl Pipeline {
    /// Creates a pipeline.
    ///
    /// # Errors
    /// `Config` if no transport is set and this build has none, if its TLS library cannot be initialised, or if both a transport
    /// and a certificate or a proxy are set.
    pub fn new(protocol: Protocol, options: ClientOptions) -> Result<Self, Error> {
        let transport = match &options.transport {
            Some(_) if options.certificate.is_some() => {
                let what = "a custom transport brings its own certificate: set either the transport or the certificate";
                return Err(Error::config(protocol.vendor, what));
            }
            Some(_) if options.proxy.is_some() => {
                let what = "a custom transport brings its own proxy: set either the transport or the proxy";
                return Err(Error::config(protocol.vendor, what));
            }
            Some(transport) => Arc::clone(transport),
            None => default_transport(protocol.vendor, options.certificate.as_ref(), options.proxy.as_ref())?,
        };
        let transport = RwLock::new(transport);
        let unknown_fields = UnknownFieldReporter::new(protocol.vendor, options.on_unknown_field.clone());
        Ok(Self(Arc::new(Inner { protocol, transport, options, unknown_fields })))
    }

    /// Replaces the client certificate in all clones. Calls in progress complete with the old one.
    ///
    /// # Errors
    /// `Config` if the certificate cannot be used, or if the client has a custom transport.
    pub fn renew_certificate(&self, certificate: &ClientCertificate) -> Result<(), Error> {
        if self.0.options.transport.is_some() {
            let what = "the client uses a custom transport, which holds the certificate";
            return Err(Error::config(self.vendor(), what));
        }
        let transport = default_transport(self.vendor(), Some(certificate), self.0.options.proxy.as_ref())?;
        *self.0.transport.write().unwrap_or_else(PoisonError::into_inner) = transport;
        Ok(())
    }

    fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.0.transport.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the vendor.
    #[must_use]
    pub fn vendor(&self) -> Vendor {
        self.0.protocol.vendor
    }

    /// Returns the clock that calls use.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.0.options.clock)
    }

    /// Returns the store through which tokens are shared, if there is one.
    #[must_use]
    pub fn token_store(&self) -> Option<Arc<dyn TokenStore>> {
        self.0.options.token_store.clone()
    }

    /// Sends a call, with retries as its operation class permits, until there is a response, a permanent failure or a timeout.
    ///
    /// # Errors
    /// The vendor's error, or the reason why there is no response; [`Error::delivery`] tells them apart.
    pub async fn send(&self, call: &Call<'_>) -> Result<RawResponse, Error> {
        let metric = PaidCallMetric::new(self.vendor(), call.operation);
        let outcome = self.attempts(call).await.map_err(|error| {
            let error = error.in_operation(call.operation.name()).known_as(call.paid_id());
            if call.operation.class() == OperationClass::Paid { error.of_paid_call() } else { error }
        });
        metric.finish(&outcome);
        outcome
    }

    /// Combines a value with the metadata of its response, for bodies that are empty or not plain JSON.
    pub fn reply<T>(&self, response: RawResponse, value: T) -> Response<T> {
        Response::new(value, response.into_meta(self.0.options.keep_raw_bodies))
    }

    /// Decodes the body of a response as JSON, in the charset that it declares, and reports fields that the type does not know.
    ///
    /// # Errors
    /// `Decode`, with the JSON path; the error keeps the body.
    pub fn decode<T: DeserializeOwned>(&self, response: RawResponse) -> Result<Response<T>, Error> {
        let value = self.decode_text(&response, &response.json(), response.body())?;
        Ok(self.reply(response, value))
    }

    /// Decodes JSON that was extracted from a response, such as the plain text of an encrypted body.
    ///
    /// # Errors
    /// As for [`decode`](Self::decode); the error keeps this JSON instead of the body.
    pub fn decode_bytes<T: DeserializeOwned>(&self, response: &RawResponse, json: &[u8]) -> Result<T, Error> {
        self.decode_text(response, &JsonText::new(json, None), json)
    }

    fn decode_text<T: DeserializeOwned>(
        &self,
        response: &RawResponse,
        json: &JsonText<'_>,
        body: &[u8],
    ) -> Result<T, Error> {
        let decoded = json.decode().map_err(|failure| {
            response
                .error(ErrorKind::Decode, "the response does not match the vendor's documentation")
                .with_body(RawBody::capped(body))
                .caused_by(format!("expected {}", failure.expected))
                .with_json_path(failure.path)
        })?;
        Ok(self.0.unknown_fields.observe(response.operation.name(), decoded))
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
        // Created on the first failure.
        let mut backoff = None;
        loop {
            let (error, token) = match self.one_attempt(call, &mut state).await {
                Ok(response) => return Ok(response),
                Err(AttemptError::NotStarted(error)) => return Err(state.final_error(error)),
                Err(AttemptError::Failed(error, token)) => (state.attempt_error(error), token),
            };
            match decide(&error, call.operation.class()) {
                Decision::LogIn if !state.logged_in_again => {
                    let (Some(tokens), Some(token)) = (call.tokens, &token) else { return Err(error) };
                    state.logged_in_again = true;
                    // `invalidate` waits for a login in progress; the deadline limits this wait, too.
                    if state.deadline.within(tokens.invalidate(token)).await.is_none() {
                        return Err(error);
                    }
                }
                Decision::Retry if state.sent < options.max_attempts => {
                    let pause = backoff
                        .get_or_insert_with(pauses)
                        .next()
                        .unwrap_or_default()
                        .max(error.retry_after().unwrap_or_default());
                    if pause >= state.deadline.left() {
                        return Err(error);
                    }
                    tracing::debug!(vendor = %self.vendor(), operation = call.operation.name(), ?pause, "retrying");
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
        let token = self.token(call, state.deadline).await.map_err(AttemptError::NotStarted)?;
        let request = (call.build)(token.as_ref()).map_err(AttemptError::NotStarted)?;
        self.wait_for_limiter(state.deadline).await.map_err(AttemptError::NotStarted)?;
        if !self.has_time_to_send(call, state.deadline) {
            return Err(AttemptError::NotStarted(self.deadline_passed("before the request was sent")));
        }
        state.sent += 1;
        let outcome = self.exchange(call, request, state.deadline, state.sent, state.started).await;
        outcome.map_err(|error| {
            if let (Some(limiter), Some(wait)) = (&self.0.options.limiter, error.retry_after()) {
                limiter.pause(&*self.0.options.clock, wait);
            }
            AttemptError::Failed(error, token)
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
            .ok_or_else(|| self.deadline_passed("while waiting for a token"))?;
        // Whether or not the login was sent, this call was not.
        token.map(Some).map_err(|error| Error::login_failed(&error))
    }

    async fn wait_for_limiter(&self, deadline: Deadline) -> Result<(), Error> {
        let (Some(limiter), clock) = (&self.0.options.limiter, &*self.0.options.clock) else {
            return Ok(());
        };
        let paused = limiter.pause_left(clock);
        if paused >= deadline.left() {
            let what = "the pause requested by the vendor is not over";
            let error = Error::new(self.vendor(), ErrorKind::RateLimited, Delivery::NotSent, what);
            return Err(error.with_retry_after(Some(paused)));
        }
        let admitted = deadline.within(limiter.acquire(clock)).await;
        admitted.ok_or_else(|| self.deadline_passed("while waiting for the rate limit"))
    }

    /// Returns `false` for a paid call with too little time left to complete: it would time out with an unknown outcome.
    fn has_time_to_send(&self, call: &Call<'_>, deadline: Deadline) -> bool {
        let options = &self.0.options;
        let least = options.attempt_timeout.min(options.overall_timeout).min(Deadline::MAX) / 3;
        call.operation.class() != OperationClass::Paid || deadline.left() >= least
    }

    fn deadline_passed(&self, when: &str) -> Error {
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
    proxy: Option<&Secret<String>>,
) -> Result<Arc<dyn Transport>, Error> {
    use crate::transport::ReqwestTransport;
    match ReqwestTransport::with_settings(certificate.cloned(), proxy) {
        Ok(transport) => Ok(Arc::new(transport)),
        Err(failure) => {
            Err(Error::config(vendor, "the HTTP client cannot start").caused_by(failure.to_string()))
        }
    }
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(
    vendor: Vendor,
    _: Option<&ClientCertificate>,
    _: Option<&Secret<String>>,
) -> Result<Arc<dyn Transport>, Error> {
    Err(Error::config(vendor, "this build has no HTTP client: enable a TLS feature or set a transport"))
}

#[cfg(test)]
mod tests;
