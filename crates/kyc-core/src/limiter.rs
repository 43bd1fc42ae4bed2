//! A client-side rate limiter: a sliding window, served in order of arrival.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::time::Clock;

/// Admits at most `count` requests in any `window`. Clones share the count.
#[derive(Clone, Debug)]
pub struct Limiter {
    count: usize,
    window: Duration,
    /// The times of the last admissions, as [`Clock::elapsed`]. The lock is held while waiting: tokio's lock is fair, so callers
    /// are served in order of arrival.
    gate: Arc<tokio::sync::Mutex<VecDeque<Duration>>>,
    paused_until: Arc<Mutex<Duration>>,
}

/// The longest pause, so that a wrong `Retry-After` does not block all requests permanently.
const MAX_PAUSE: Duration = Duration::from_secs(3600);

impl Limiter {
    /// Creates a limiter of `count` requests in any `window`; a `count` of zero counts as one.
    #[must_use]
    pub fn new(count: usize, window: Duration) -> Self {
        Self { count: count.max(1), window, gate: Arc::default(), paused_until: Arc::default() }
    }

    /// Waits until a request is admitted, and counts it.
    pub async fn acquire(&self, clock: &dyn Clock) {
        let mut sent = self.gate.lock().await;
        loop {
            let now = clock.elapsed();
            while sent.front().is_some_and(|&oldest| now.saturating_sub(oldest) >= self.window) {
                sent.pop_front();
            }
            let full = match sent.front() {
                Some(&oldest) if sent.len() >= self.count => {
                    oldest.saturating_add(self.window).saturating_sub(now)
                }
                _ => Duration::ZERO,
            };
            let wait = full.max(self.pause_left(clock));
            if wait.is_zero() {
                sent.push_back(now);
                return;
            }
            clock.sleep(wait).await;
        }
    }

    /// Admits no request for that long, at most an hour: the vendor requested a pause.
    pub fn pause(&self, clock: &dyn Clock, wait: Duration) {
        let until = clock.elapsed().saturating_add(wait.min(MAX_PAUSE));
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = until.max(*paused);
    }

    /// Returns the rest of the pause; zero if there is none.
    #[must_use]
    pub fn pause_left(&self, clock: &dyn Clock) -> Duration {
        self.paused_until.lock().unwrap_or_else(PoisonError::into_inner).saturating_sub(clock.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::VirtualClock;

    #[tokio::test]
    async fn the_window_limit_and_the_order_of_arrival_hold() {
        let (limiter, clock) = (Limiter::new(3, Duration::from_secs(10)), VirtualClock::frozen());
        let start = clock.elapsed();
        let log = Arc::new(Mutex::new(Vec::new()));
        let callers: Vec<_> = (0..10)
            .map(|number| {
                let (limiter, clock, log) = (limiter.clone(), clock.clone(), Arc::clone(&log));
                tokio::spawn(async move {
                    limiter.acquire(&clock).await;
                    log.lock().expect("no panic before").push((number, (clock.elapsed() - start).as_secs()));
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
    async fn a_pause_applies_to_all_callers() {
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
        waiting.await.expect("admitted");
    }
}
