//! Access tokens: fetched once, shared by all callers, renewed when they end.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use tokio::sync::Mutex;

use crate::error::Error;
use crate::secret::{Secret, constant_time_eq};
use crate::time::{Clock, Timestamp};

/// A token and its life. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Token(Arc<TokenInner>);

#[derive(Debug)]
struct TokenInner {
    value: Secret<String>,
    obtained: Timestamp,
    expires: Timestamp,
    /// Made once: each call sends it.
    bearer: OnceLock<Option<HeaderValue>>,
}

impl Token {
    /// A token obtained and expiring at those instants.
    #[must_use]
    pub fn new(value: Secret<String>, obtained: Timestamp, expires: Timestamp) -> Self {
        Self(Arc::new(TokenInner { value, obtained, expires, bearer: OnceLock::new() }))
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.value.expose()
    }

    /// When it was obtained.
    #[must_use]
    pub fn obtained(&self) -> Timestamp {
        self.0.obtained
    }

    /// When it ends.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.0.expires
    }

    /// The value of an `Authorization` header, marked as sensitive; `None` if the token is no header text.
    #[must_use]
    pub fn bearer(&self) -> Option<HeaderValue> {
        self.0.bearer.get_or_init(|| self.0.value.header_value("Bearer ")).clone()
    }
}

/// How a vendor writes the end of a token's life: seconds as a number or text, an instant, or `hh:mm:ss`.
///
/// `None` for anything else, and for a life that is over before it begins.
#[must_use]
pub fn parse_expiry(text: &str, obtained: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let end = text
        .parse::<u64>()
        .ok()
        .map(Duration::from_secs)
        .or_else(|| hours_minutes_seconds(text))
        .map(|life| obtained.saturating_add(life))
        .or_else(|| Timestamp::parse(text).ok())?;
    (end > obtained).then_some(end)
}

fn hours_minutes_seconds(text: &str) -> Option<Duration> {
    let mut parts = text.split(':').map(|part| {
        (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u64>().ok())
            .flatten()
    });
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    let whole = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?;
    parts.next().is_none().then(|| Duration::from_secs(whole))
}

/// Asks a vendor for a token.
#[async_trait]
pub trait TokenProvider: fmt::Debug + Send + Sync {
    /// One login.
    ///
    /// # Errors
    /// Whatever the call came to.
    async fn fetch_token(&self) -> Result<Token, Error>;
}

/// Where several machines share a token. Without one, each process keeps its own.
///
/// A failure of the store is the store's affair: it answers `None`, and a login follows.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// The token kept under that key, if any.
    async fn load(&self, key: &str) -> Option<Token>;
    /// Keeps a token.
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

/// How long a failed login answers for those who come after it.
const FAILURE_SHARED: Duration = Duration::from_secs(1);

/// The token of one account: any number of callers, one login.
pub struct TokenCache {
    login: Arc<dyn TokenProvider>,
    store: Option<Arc<dyn TokenStore>>,
    /// Under what the store keeps it: vendor, address and account.
    key: String,
    clock: Arc<dyn Clock>,
    /// How long before its end a token is renewed, at most 10 % of its life.
    refresh_margin: Duration,
    current: RwLock<Option<Token>>,
    gate: Mutex<Gate>,
}

type UnderWay = Pin<Box<dyn Future<Output = Result<Token, Error>> + Send>>;

/// Held during a login.
#[derive(Default)]
struct Gate {
    /// A login under way. It is kept here so that it goes on with the next caller when this one is dropped.
    under_way: Option<UnderWay>,
    failed: Option<(Duration, Error)>,
    /// A token that the vendor refused. The store may still hold it.
    turned_away: Option<Token>,
}

impl TokenCache {
    /// A cache without a token. `refresh_margin` zero: for vendors that ask for a new token only after the old one ended.
    ///
    /// `key` is what a shared store knows the token by; it may name the account.
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

    /// The present token, or a fresh one.
    ///
    /// # Errors
    /// The login's failure. It answers for one second, so that a thousand waiters do not become a thousand logins.
    pub async fn get(&self) -> Result<Token, Error> {
        if let Some(token) = self.current() {
            return Ok(token);
        }
        // First come first served.
        let mut gate = self.gate.lock().await;
        if let Some(token) = self.current() {
            return Ok(token);
        }
        if let Some((when, error)) = &gate.failed
            && self.clock.elapsed().saturating_sub(*when) < FAILURE_SHARED
        {
            return Err(error.clone());
        }
        if let Some(token) = self.stored(gate.turned_away.clone()).await {
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

    /// Goes on with the login that a dropped caller began, or begins one.
    async fn fetch_token(&self, gate: &mut Gate) -> Result<Token, Error> {
        if let Some(under_way) = &mut gate.under_way {
            let outcome = under_way.await;
            gate.under_way = None;
            match outcome {
                Ok(token) if self.is_fresh(&token) => return Ok(token),
                // It was left alone too long: its deadline passed, or its token's life.
                _ => {}
            }
        }
        let login = Arc::clone(&self.login);
        let begun = gate.under_way.insert(Box::pin(async move { login.fetch_token().await }));
        let outcome = begun.await;
        gate.under_way = None;
        outcome
    }

    /// Forgets a token that the vendor refused, unless another has replaced it.
    pub async fn invalidate(&self, token: &Token) {
        let mut gate = self.gate.lock().await;
        // The very token, not its text: a vendor may give the same text again.
        let is_current = self.read().as_ref().is_some_and(|current| Arc::ptr_eq(&current.0, &token.0));
        if is_current {
            self.set(None);
            gate.turned_away = Some(token.clone());
        }
    }

    async fn stored(&self, turned_away: Option<Token>) -> Option<Token> {
        let token = self.store.as_ref()?.load(&self.key).await?;
        let same = |bad: &Token| constant_time_eq(bad.expose().as_bytes(), token.expose().as_bytes());
        let is_bad = turned_away.as_ref().is_some_and(same);
        (self.is_fresh(&token) && !is_bad).then_some(token)
    }

    /// The present token, if it may still be used.
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
    /// Without the key: it names the account.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("login", &self.login)
            .field("refresh_margin", &self.refresh_margin)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::error::{Delivery, ErrorKind};
    use crate::operation::Vendor;
    use crate::time::VirtualClock;

    #[derive(Debug)]
    struct Counting {
        logins: Arc<AtomicU32>,
        clock: VirtualClock,
        failing: bool,
    }

    #[async_trait]
    impl TokenProvider for Counting {
        async fn fetch_token(&self) -> Result<Token, Error> {
            let number = self.logins.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            if self.failing {
                return Err(Error::new(Vendor::new("toy"), ErrorKind::Unavailable, Delivery::Answered, "no"));
            }
            let now = self.clock.now();
            Ok(Token::new(
                Secret::new(format!("token-{number}")),
                now,
                now.saturating_add(Duration::from_secs(100)),
            ))
        }
    }

    #[derive(Debug, Default)]
    struct Shared(std::sync::Mutex<Option<Token>>);

    #[async_trait]
    impl TokenStore for Shared {
        async fn load(&self, _: &str) -> Option<Token> {
            self.0.lock().expect("no panic before").clone()
        }
        async fn save(&self, _: &str, token: &Token) {
            *self.0.lock().expect("no panic before") = Some(token.clone());
        }
    }

    fn cache(
        refresh_margin: u64,
        failing: bool,
        store: Option<Arc<dyn TokenStore>>,
    ) -> (Arc<TokenCache>, Arc<AtomicU32>, VirtualClock) {
        let (logins, clock) = (Arc::new(AtomicU32::new(0)), VirtualClock::frozen());
        let login = Counting { logins: Arc::clone(&logins), clock: clock.clone(), failing };
        let cache = TokenCache::new(
            login,
            "toy".into(),
            Duration::from_secs(refresh_margin),
            Arc::new(clock.clone()),
            store,
        );
        (Arc::new(cache), logins, clock)
    }

    async fn crowd(cache: &Arc<TokenCache>, size: usize) -> usize {
        let callers: Vec<_> = (0..size)
            .map(|_| {
                tokio::spawn({
                    let cache = Arc::clone(cache);
                    async move { cache.get().await }
                })
            })
            .collect();
        let mut good = 0;
        for caller in callers {
            good += usize::from(caller.await.expect("no panic").is_ok());
        }
        good
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ten_thousand_callers_one_login() {
        let (cache, logins, _) = cache(0, false, None);
        assert_eq!(crowd(&cache, 10_000).await, 10_000);
        assert_eq!(logins.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_failure_answers_for_a_second() {
        let (cache, logins, clock) = cache(0, true, None);
        assert_eq!(crowd(&cache, 1_000).await, 0);
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        clock.advance(FAILURE_SHARED);
        assert!(cache.get().await.is_err());
        assert_eq!(logins.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_dropped_caller_does_not_stop_the_login() {
        let (cache, logins, _) = cache(0, false, None);
        {
            let mut impatient = std::pin::pin!(cache.get());
            let polled =
                std::future::poll_fn(|context| std::task::Poll::Ready(impatient.as_mut().poll(context)));
            assert!(polled.await.is_pending(), "the login is under way");
        }
        assert_eq!(cache.get().await.expect("the same login").expose(), "token-0");
        assert_eq!(logins.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn slack_is_at_most_a_tenth_of_the_life() {
        for (refresh_margin, renewed_after) in [(0, 100), (5, 95), (60, 90)] {
            let (cache, logins, clock) = cache(refresh_margin, false, None);
            cache.get().await.expect("a token");
            clock.advance(Duration::from_secs(renewed_after - 1));
            cache.get().await.expect("the same");
            assert_eq!(logins.load(Ordering::SeqCst), 1, "refresh_margin {refresh_margin}");
            clock.advance(Duration::from_secs(1));
            cache.get().await.expect("a new one");
            assert_eq!(logins.load(Ordering::SeqCst), 2, "refresh_margin {refresh_margin}");
        }
    }

    #[tokio::test]
    async fn a_token_turned_away_is_forgotten_once() {
        let store: Arc<dyn TokenStore> = Arc::new(Shared::default());
        let (cache, logins, _) = cache(0, false, Some(store));
        let first = cache.get().await.expect("a token");
        cache.invalidate(&first).await;
        let second = cache.get().await.expect("not the stored one: it was turned away");
        cache.invalidate(&first).await;
        assert_eq!(cache.get().await.expect("still the second").expose(), second.expose());
        assert_eq!(logins.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn machines_share_a_store() {
        let store: Arc<dyn TokenStore> = Arc::new(Shared::default());
        let (here, _, _) = cache(0, false, Some(Arc::clone(&store)));
        let (there, logins, _) = cache(0, false, Some(store));
        here.get().await.expect("logs in");
        there.get().await.expect("reads");
        assert_eq!(logins.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn lives_in_every_form() {
        let now = Timestamp::parse("2026-01-01T00:00:00Z").expect("an instant");
        let after = |seconds| Some(now.saturating_add(Duration::from_secs(seconds)));
        assert_eq!(parse_expiry("7200", now), after(7200));
        assert_eq!(parse_expiry(" 02:00:01 ", now), after(7201));
        assert_eq!(parse_expiry("2026-01-01T01:00:00+00:00", now), after(3600));
        for unread in [
            "{Tempo de Expiração do Token}",
            "",
            "0",
            "-5",
            "2025-01-01T00:00:00Z",
            "1:2",
            "1:2:3:4",
            "+1:0:0",
            "99999999999999999999",
        ] {
            assert_eq!(parse_expiry(unread, now), None, "{unread}");
        }
    }
}
