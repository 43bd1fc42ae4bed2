//! The options of a client, which are the same for every vendor.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::certificate::ClientCertificate;
use crate::limiter::Limiter;
use crate::secret::Secret;
use crate::time::{Clock, SystemClock, Timestamp};
use crate::token::TokenStore;
use crate::transport::Transport;
use crate::unknown_fields::{UnknownField, UnknownFieldHook};

/// The options of a client: transport, timeouts, retries and limits. Every client builder accepts them.
///
/// | setting | default |
/// | --- | --- |
/// | [`attempt_timeout`](Self::attempt_timeout) | 30 s |
/// | [`overall_timeout`](Self::overall_timeout) | 90 s |
/// | [`max_attempts`](Self::max_attempts) | 3 |
/// | [`max_response_bytes`](Self::max_response_bytes) | 32 MiB |
/// | [`transport`](Self::transport) | reqwest: no redirects, idle connections closed after 20 s, connect timeout 10 s |
#[derive(Clone)]
#[must_use]
pub struct ClientOptions {
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) certificate: Option<ClientCertificate>,
    pub(crate) proxy: Option<Secret<String>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) attempt_timeout: Duration,
    pub(crate) overall_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_response_bytes: usize,
    pub(crate) keep_raw_bodies: bool,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) token_store: Option<Arc<dyn TokenStore>>,
    pub(crate) on_unknown_field: Option<UnknownFieldHook>,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            transport: None,
            certificate: None,
            proxy: None,
            clock: Arc::new(SystemClock),
            attempt_timeout: Duration::from_secs(30),
            overall_timeout: Duration::from_secs(90),
            max_attempts: 3,
            max_response_bytes: 32 * 1024 * 1024,
            keep_raw_bodies: false,
            limiter: None,
            token_store: None,
            on_unknown_field: None,
        }
    }
}

impl ClientOptions {
    /// Creates the default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the HTTP transport: another HTTP stack, or a custom `reqwest::Client` in a
    /// [`ReqwestTransport`](crate::ReqwestTransport).
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the clock for token lifetimes, pauses, polling and rate limits. The timeouts of attempts and calls always use real
    /// time.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the timeout of an attempt, from connecting to the last byte of the response.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the timeout of a call, including all attempts, pauses and a login.
    pub fn overall_timeout(mut self, timeout: Duration) -> Self {
        self.overall_timeout = timeout;
        self
    }

    /// Sets the maximum number of attempts; zero counts as one. A paid call is sent again only if it had no effect. The single
    /// repetition after a 401 and a new login is not counted.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Sets the maximum size of a response in bytes.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = bytes;
        self
    }

    /// Sets whether raw response bodies are kept in [`ResponseMeta::raw_body`](crate::ResponseMeta::raw_body), for audits.
    pub fn keep_raw_bodies(mut self, keep: bool) -> Self {
        self.keep_raw_bodies = keep;
        self
    }

    /// Sets a rate limiter that each attempt waits for. Clients that share a limit use clones of one limiter.
    pub fn limiter(mut self, limiter: Limiter) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// Sets a rate limiter unless one is set already, for vendors with a known limit.
    pub fn limiter_or(mut self, default: impl FnOnce() -> Limiter) -> Self {
        self.limiter.get_or_insert_with(default);
        self
    }

    /// Sets a client certificate (mutual TLS) for the built-in transport. It cannot be combined with a custom
    /// [`transport`](Self::transport), which has its own certificate.
    pub fn certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Sets the address of a proxy for the built-in transport, in place of those that the environment names. It may hold a user
    /// and a password. Loopback addresses are called without a proxy.
    pub fn proxy(mut self, address: impl Into<Secret<String>>) -> Self {
        self.proxy = Some(address.into());
        self
    }

    /// Returns `true` if a client certificate is set, or a custom transport, which may hold one.
    #[must_use]
    pub fn has_identity(&self) -> bool {
        self.certificate.is_some() || self.transport.is_some()
    }

    /// Returns the time of the clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sets a store through which tokens are shared with other machines.
    pub fn token_store(mut self, store: impl TokenStore + 'static) -> Self {
        self.token_store = Some(Arc::new(store));
        self
    }

    /// Sets a function that is called once for each path in a response that this release does not know.
    pub fn on_unknown_field(mut self, hook: impl Fn(&UnknownField) + Send + Sync + 'static) -> Self {
        self.on_unknown_field = Some(Arc::new(hook));
        self
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions")
            .field("transport", &self.transport)
            .field("clock", &self.clock)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("overall_timeout", &self.overall_timeout)
            .field("max_attempts", &self.max_attempts)
            .finish_non_exhaustive()
    }
}
