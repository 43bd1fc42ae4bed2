use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::error::{Delivery, ErrorKind};
use crate::operation::Vendor;
use crate::time::{SystemClock, VirtualClock};

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

async fn call_concurrently(cache: &Arc<TokenCache>, size: usize) -> usize {
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
async fn ten_thousand_callers_share_one_login() {
    let (cache, logins, _) = cache(0, false, None);
    assert_eq!(call_concurrently(&cache, 10_000).await, 10_000);
    assert_eq!(logins.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_shared_for_a_second() {
    let (cache, logins, clock) = cache(0, true, None);
    assert_eq!(call_concurrently(&cache, 1_000).await, 0);
    assert_eq!(logins.load(Ordering::SeqCst), 1);
    clock.advance(FAILURE_SHARED);
    assert!(cache.get().await.is_err());
    assert_eq!(logins.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_dropped_caller_does_not_stop_the_login() {
    let (cache, logins, _) = cache(0, false, None);
    {
        let mut dropped = std::pin::pin!(cache.get());
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(dropped.as_mut().poll(context)));
        assert!(polled.await.is_pending(), "the login is in progress");
    }
    assert_eq!(cache.get().await.expect("the same login").expose(), "token-0");
    assert_eq!(logins.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_refresh_margin_is_at_most_a_tenth_of_the_lifetime() {
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
async fn a_refused_token_is_discarded_once() {
    let store: Arc<dyn TokenStore> = Arc::new(Shared::default());
    let (cache, logins, _) = cache(0, false, Some(store));
    let first = cache.get().await.expect("a token");
    cache.invalidate(&first).await;
    let second = cache.get().await.expect("not the stored one, which was refused");
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

#[derive(Debug, Default)]
struct PanicsOnce(AtomicU32);

#[async_trait]
impl TokenProvider for PanicsOnce {
    async fn fetch_token(&self) -> Result<Token, Error> {
        tokio::task::yield_now().await;
        assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "a user's hook panics");
        let now = SystemClock.now();
        Ok(Token::until_refused(Secret::new("token".into()), now))
    }
}

#[tokio::test]
async fn after_a_panic_the_next_caller_logs_in_again() {
    let login = PanicsOnce::default();
    let cache = TokenCache::new(login, "toy".into(), Duration::ZERO, Arc::new(SystemClock), None);
    let cache = Arc::new(cache);
    let first = Arc::clone(&cache);
    assert!(tokio::spawn(async move { first.get().await }).await.is_err(), "it panicked");
    assert_eq!(cache.get().await.expect("a new login").expose(), "token");
    assert_eq!(cache.get().await.expect("kept").expose(), "token");
}

#[test]
fn expiry_formats() {
    let now = Timestamp::parse("2026-01-01T00:00:00Z").expect("an instant");
    let after = |seconds| Some(now.saturating_add(Duration::from_secs(seconds)));
    assert_eq!(parse_expiry("7200", now), after(7200));
    assert_eq!(parse_expiry(" 02:00:01 ", now), after(7201));
    assert_eq!(parse_expiry("3600.0", now), after(3600));
    assert_eq!(parse_expiry("01:00:00.0000000", now), after(3600));
    assert_eq!(parse_expiry("1.00:00:00", now), after(24 * 3600));
    assert_eq!(parse_expiry("2026-01-01T01:00:00", now), after(3600), "UTC without a zone");
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
