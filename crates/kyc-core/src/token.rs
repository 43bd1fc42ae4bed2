//! Access tokens: fetched once, shared by all callers, renewed when they expire.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use tokio::sync::Mutex;

use crate::error::Error;
use crate::secret::{Secret, constant_time_eq};
use crate::time::{Clock, DateTime, Timestamp};

/// An access token and its lifetime. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Token(Arc<TokenInner>);

#[derive(Debug)]
struct TokenInner {
    value: Secret<String>,
    obtained: Timestamp,
    expires: Timestamp,
    /// Built once, since each call sends it.
    bearer: OnceLock<Option<HeaderValue>>,
}

impl Token {
    /// Creates a token that was obtained and expires at the given instants.
    #[must_use]
    pub fn new(value: Secret<String>, obtained: Timestamp, expires: Timestamp) -> Self {
        Self(Arc::new(TokenInner { value, obtained, expires, bearer: OnceLock::new() }))
    }

    /// Creates a token of unknown lifetime: it is used until the vendor refuses it.
    #[must_use]
    pub fn until_refused(value: Secret<String>, obtained: Timestamp) -> Self {
        Self::new(value, obtained, obtained.saturating_add(Duration::MAX))
    }

    /// Creates a token with the lifetime or expiry that the vendor stated, in any form of [`parse_expiry`]. If it is missing or
    /// cannot be read, the token is used until the vendor refuses it: that must not cause a login before it has expired.
    #[must_use]
    pub fn with_stated_expiry(value: Secret<String>, obtained: Timestamp, stated: Option<&str>) -> Self {
        match stated.and_then(|stated| parse_expiry(stated, obtained)) {
            Some(expires) => Self::new(value, obtained, expires),
            None => Self::until_refused(value, obtained),
        }
    }

    /// Returns the token itself. It is a secret: keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.value.expose()
    }

    /// Returns when the token was obtained.
    #[must_use]
    pub fn obtained(&self) -> Timestamp {
        self.0.obtained
    }

    /// Returns when the token expires.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.0.expires
    }

    /// Returns the value of an `Authorization` header, marked as sensitive; `None` if the token is not a valid header value.
    #[must_use]
    pub fn bearer(&self) -> Option<HeaderValue> {
        self.0.bearer.get_or_init(|| self.0.value.header_value("Bearer ")).clone()
    }
}

/// Parses a token's expiry in any form that vendors write: seconds (`3600`, `"3600"`, `3600.0`), `hh:mm:ss` with or
/// without days and fractions (`1.00:00:00`, `01:00:00.0000000`), or an instant, which is UTC if it names no zone.
///
/// Returns `None` for anything else, and for an expiry that is not after `obtained`.
#[must_use]
pub fn parse_expiry(text: &str, obtained: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let end = seconds(text)
        .or_else(|| time_span(text))
        .map(|life| obtained.saturating_add(life))
        .or_else(|| Some(DateTime::parse(text).ok()?.assume_utc()))?;
    (end > obtained).then_some(end)
}

/// Parses a number of seconds, with or without a fraction, such as a lifetime or a `Retry-After`.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !is_plain {
        return None;
    }
    match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Duration::try_from_secs_f64(text.parse().ok()?).ok(),
    }
}

/// Parses `[d.]hh:mm:ss[.fffffff]`.
fn time_span(text: &str) -> Option<Duration> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days.parse::<u64>().ok()?, clock),
        _ => (0, text),
    };
    let mut parts = clock.split(':');
    let (hours, minutes, last) = (parts.next()?, parts.next()?, parts.next()?);
    let number =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<u64>().ok())?;
    let whole =
        days.checked_mul(24)?.checked_add(number(hours)?)?.checked_mul(60)?.checked_add(number(minutes)?)?;
    let whole = Duration::from_secs(whole.checked_mul(60)?);
    if parts.next().is_some() { None } else { whole.checked_add(seconds(last)?) }
}

/// Fetches tokens from a vendor.
#[async_trait]
pub trait TokenProvider: fmt::Debug + Send + Sync {
    /// Logs in once and returns the token.
    ///
    /// # Errors
    /// The failure of the login call.
    async fn fetch_token(&self) -> Result<Token, Error>;
}

/// Shares a token between machines. Without a store, each process keeps its own token.
///
/// A store handles its own failures: it returns `None`, and a login follows.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Returns the token stored under the key, if there is one.
    async fn load(&self, key: &str) -> Option<Token>;
    /// Stores a token.
    async fn save(&self, key: &str, token: &Token);
}

#[async_trait]
impl<T: TokenStore + ?Sized> TokenStore for Arc<T> {
    async fn load(&self, key: &str) -> Option<Token> {
        (**self).load(key).await
    }

    async fn save(&self, key: &str, token: &Token) {
        (**self).save(key, token).await;
    }
}

/// How long a failed login is returned to later callers instead of another attempt.
const FAILURE_SHARED: Duration = Duration::from_secs(1);

/// The token of one account: any number of callers share one login.
pub struct TokenCache {
    login: Arc<dyn TokenProvider>,
    store: Option<Arc<dyn TokenStore>>,
    /// The key in the store: vendor, address and account.
    key: String,
    clock: Arc<dyn Clock>,
    /// How long before its expiry a token is renewed, at most 10 % of its lifetime.
    refresh_margin: Duration,
    current: RwLock<Option<Token>>,
    gate: Mutex<Gate>,
}

type LoginInProgress = Pin<Box<dyn Future<Output = Result<Token, Error>> + Send>>;

/// The state that a caller locks while it logs in.
#[derive(Default)]
struct Gate {
    /// A login in progress. If its caller is dropped, the next caller continues it.
    in_progress: Option<LoginInProgress>,
    failed: Option<(Duration, Error)>,
    /// A token that the vendor refused. The store may still hold it.
    refused: Option<Token>,
}

/// A login that is being awaited. If the caller is dropped, the login returns to its slot and the next caller continues it.
/// After a panic in the login it is discarded, and the next caller logs in again.
struct Resumable<'a> {
    slot: &'a mut Option<LoginInProgress>,
    login: Option<LoginInProgress>,
}

impl Resumable<'_> {
    async fn run(mut self) -> Option<Result<Token, Error>> {
        let outcome = self.login.as_mut()?.await;
        self.login = None;
        Some(outcome)
    }
}

impl Drop for Resumable<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            *self.slot = self.login.take();
        }
    }
}

impl TokenCache {
    /// Creates an empty cache. Pass a `refresh_margin` of zero for vendors that want a new token only after the old one expired.
    ///
    /// `key` identifies the token in a shared store; it may name the account.
    #[must_use]
    pub fn new(
        login: impl TokenProvider + 'static,
        key: String,
        refresh_margin: Duration,
        clock: Arc<dyn Clock>,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Self {
        Self {
            login: Arc::new(login),
            store,
            key,
            clock,
            refresh_margin,
            current: RwLock::default(),
            gate: Mutex::default(),
        }
    }

    /// Returns the current token, or fetches one.
    ///
    /// # Errors
    /// The failure of the login. It is returned to later callers for one second, so that a thousand waiters do not cause a
    /// thousand logins.
    pub async fn get(&self) -> Result<Token, Error> {
        if let Some(token) = self.current() {
            return Ok(token);
        }
        // tokio's lock is fair: callers are served in order.
        let mut gate = self.gate.lock().await;
        if let Some(token) = self.current() {
            return Ok(token);
        }
        if let Some((when, error)) = &gate.failed
            && self.clock.elapsed().saturating_sub(*when) < FAILURE_SHARED
        {
            return Err(error.clone());
        }
        if let Some(token) = self.stored(gate.refused.clone()).await {
            self.set(Some(token.clone()));
            return Ok(token);
        }
        let outcome = self.fetch_token(&mut gate).await;
        match &outcome {
            Ok(token) => {
                gate.failed = None;
                self.set(Some(token.clone()));
                if let Some(store) = &self.store {
                    store.save(&self.key, token).await;
                }
            }
            Err(error) => gate.failed = Some((self.clock.elapsed(), error.clone())),
        }
        outcome
    }

    /// Continues the login that a dropped caller began, or begins one.
    async fn fetch_token(&self, gate: &mut Gate) -> Result<Token, Error> {
        if let Some(login) = gate.in_progress.take() {
            match (Resumable { slot: &mut gate.in_progress, login: Some(login) }).run().await {
                Some(Ok(token)) if self.is_fresh(&token) => return Ok(token),
                // It was not polled for too long: its timeout passed, or its token expired.
                _ => {}
            }
        }
        let login = Arc::clone(&self.login);
        let login: LoginInProgress = Box::pin(async move { login.fetch_token().await });
        let outcome = Resumable { slot: &mut gate.in_progress, login: Some(login) }.run().await;
        match outcome {
            Some(outcome) => outcome,
            None => self.login.fetch_token().await,
        }
    }

    /// Discards a token that the vendor refused, unless it was replaced already.
    pub async fn invalidate(&self, token: &Token) {
        let mut gate = self.gate.lock().await;
        // Compares identity, not text: a vendor may issue the same text again.
        let is_current = self.read().as_ref().is_some_and(|current| Arc::ptr_eq(&current.0, &token.0));
        if is_current {
            self.set(None);
            gate.refused = Some(token.clone());
        }
    }

    async fn stored(&self, refused: Option<Token>) -> Option<Token> {
        let token = self.store.as_ref()?.load(&self.key).await?;
        let is_same =
            |refused: &Token| constant_time_eq(refused.expose().as_bytes(), token.expose().as_bytes());
        let is_refused = refused.as_ref().is_some_and(is_same);
        (self.is_fresh(&token) && !is_refused).then_some(token)
    }

    /// Returns the current token, if it may still be used.
    pub(crate) fn current(&self) -> Option<Token> {
        self.read().as_ref().filter(|token| self.is_fresh(token)).cloned()
    }

    fn is_fresh(&self, token: &Token) -> bool {
        let life = token.expires().since(token.obtained());
        self.clock.now().saturating_add(self.refresh_margin.min(life / 10)) < token.expires()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Option<Token>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, token: Option<Token>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

impl fmt::Debug for TokenCache {
    /// Omits the key, which names the account.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("login", &self.login)
            .field("refresh_margin", &self.refresh_margin)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
