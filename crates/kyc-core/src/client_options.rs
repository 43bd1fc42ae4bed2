//! The options of a client, the same for every vendor.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::certificate::ClientCertificate;
use crate::limiter::Limiter;
use crate::time::{Clock, SystemClock};
use crate::token::TokenStore;
use crate::transport::Transport;
use crate::unknown_fields::{UnknownField, UnknownFieldHook};

/// How a client calls its vendor. Every client builder takes one.
///
/// | setting | default |
/// | --- | --- |
/// | [`attempt_timeout`](Self::attempt_timeout) | 30 s |
/// | [`overall_timeout`](Self::overall_timeout) | 90 s |
/// | [`max_attempts`](Self::max_attempts) | 3 |
/// | [`max_answer_bytes`](Self::max_answer_bytes) | 32 MiB |
/// | [`transport`](Self::transport) | reqwest: no redirects, idle connections closed after 20 s, 10 s to connect |
#[derive(Clone)]
#[must_use]
pub struct ClientOptions {
    pub(crate) transport: Option<Arc<dyn Transport>>,
    pub(crate) certificate: Option<ClientCertificate>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) attempt_timeout: Duration,
    pub(crate) overall_timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) max_answer_bytes: usize,
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
            clock: Arc::new(SystemClock),
            attempt_timeout: Duration::from_secs(30),
            overall_timeout: Duration::from_secs(90),
            max_attempts: 3,
            max_answer_bytes: 32 * 1024 * 1024,
            keep_raw_bodies: false,
            limiter: None,
            token_store: None,
            on_unknown_field: None,
        }
    }
}

impl ClientOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends by another HTTP stack, or by your own `reqwest::Client` in a
    /// [`ReqwestTransport`](crate::ReqwestTransport).
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Goes by another clock: token life, pauses, polling, limits. The timeout of an attempt stays real.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the answer.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a call may take with all its attempts, pauses and a login.
    pub fn overall_timeout(mut self, timeout: Duration) -> Self {
        self.overall_timeout = timeout;
        self
    }

    /// How often a call is sent at most; at least once. A paid call is sent again only if it had no effect. The one
    /// repetition after a 401 and a new login is not counted.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest answer that is taken into memory.
    pub fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// Keeps each answer as it came in [`ResponseMeta::raw_body`](crate::ResponseMeta::raw_body), for an audit.
    pub fn keep_raw_bodies(mut self, keep: bool) -> Self {
        self.keep_raw_bodies = keep;
        self
    }

    /// Waits for room before each attempt. Give clones of one limiter to clients that share an address.
    pub fn limiter(mut self, limiter: Limiter) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// The same unless a limiter is set already: for vendors whose limit is known.
    pub fn limiter_or(mut self, default: impl FnOnce() -> Limiter) -> Self {
        self.limiter.get_or_insert_with(default);
        self
    }

    /// Shows a certificate of yours to the vendor (mutual TLS), by the built-in HTTP client: not together with a
    /// [`transport`](Self::transport), which has certificates of its own.
    pub fn certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }

    /// Shares tokens with other machines.
    pub fn token_store(mut self, store: impl TokenStore + 'static) -> Self {
        self.token_store = Some(Arc::new(store));
        self
    }

    /// Is told once of each path in an answer that this release does not know.
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
