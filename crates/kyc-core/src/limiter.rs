//! A limit kept on our side: so many requests in a sliding window, first come first served.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::time::{Clock, Timestamp};

/// Lets through at most `count` requests in any `window`. Clones share the count.
#[derive(Clone, Debug)]
pub struct Limiter {
    count: usize,
    window: Duration,
    /// Held while waiting for room: tokio's lock is fair, so the queue at it is the order of service.
    gate: Arc<tokio::sync::Mutex<VecDeque<Timestamp>>>,
    paused_until: Arc<Mutex<Option<Timestamp>>>,
}

impl Limiter {
    /// At most `count` requests (at least one) in any `window`.
    #[must_use]
    pub fn new(count: usize, window: Duration) -> Self {
        Self { count: count.max(1), window, gate: Arc::default(), paused_until: Arc::default() }
    }

    /// Waits for room, then takes it.
    pub async fn acquire(&self, clock: &dyn Clock) {
        let mut sent = self.gate.lock().await;
        loop {
            let now = clock.now();
            while sent.front().is_some_and(|&oldest| now.since(oldest) >= self.window) {
                sent.pop_front();
            }
            let full = match sent.front() {
                Some(&oldest) if sent.len() >= self.count => self.window.saturating_sub(now.since(oldest)),
                _ => Duration::ZERO,
            };
            let wait = full.max(self.pause_left(now));
            if wait.is_zero() {
                sent.push_back(now);
                return;
            }
            clock.sleep(wait).await;
        }
    }

    /// Lets nobody through for that long: the vendor said so.
    pub fn pause(&self, clock: &dyn Clock, wait: Duration) {
        let until = clock.now().saturating_add(wait);
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = Some(paused.map_or(until, |before| before.max(until)));
    }

    fn pause_left(&self, now: Timestamp) -> Duration {
        let paused = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        paused.map_or(Duration::ZERO, |until| until.since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::VirtualClock;

    #[tokio::test]
    async fn the_window_never_overflows_and_order_holds() {
        let (limiter, clock) = (Limiter::new(3, Duration::from_secs(10)), VirtualClock::frozen());
        let start = clock.now();
        let log = Arc::new(Mutex::new(Vec::new()));
        let callers: Vec<_> = (0..10)
            .map(|number| {
                let (limiter, clock, log) = (limiter.clone(), clock.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    limiter.acquire(&clock).await;
                    log.lock().expect("no panic before").push((number, clock.now().since(start).as_secs()));
                })
            })
            .collect();
        for _ in 0..40 {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            clock.advance(Duration::from_secs(1));
        }
        for caller in callers {
            caller.await.expect("served");
        }
        let log = log.lock().expect("no panic before");
        let order: Vec<_> = log.iter().map(|(number, _)| *number).collect();
        assert_eq!(order, (0..10).collect::<Vec<_>>());
        for four in log.windows(4) {
            assert!(four[3].1 - four[0].1 >= 10, "{log:?}");
        }
    }

    #[tokio::test]
    async fn a_pause_stops_everyone() {
        let (limiter, clock) = (Limiter::new(100, Duration::from_secs(10)), VirtualClock::frozen());
        limiter.pause(&clock, Duration::from_secs(300));
        limiter.pause(&clock, Duration::from_secs(5));
        let waiting = tokio::spawn({
            let (limiter, clock) = (limiter.clone(), clock.clone());
            async move { limiter.acquire(&clock).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(299));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        waiting.await.expect("let through");
    }
}
