//! A clock for tests and for the sandbox.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{Clock, SystemClock, Timestamp};

/// A clock that is advanced manually. Clones share their time.
///
/// ```
/// use std::time::Duration;
/// use kyc_core::{Clock, VirtualClock};
/// let clock = VirtualClock::frozen();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(before), Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct VirtualClock(Arc<VirtualState>);

#[derive(Debug)]
struct VirtualState {
    /// The instant at which the clock is frozen; `None` if it runs with the system clock.
    frozen_at: Option<Timestamp>,
    ahead: Mutex<Duration>,
    moved: tokio::sync::Notify,
}

impl VirtualClock {
    /// Creates a clock that is frozen until it is advanced.
    #[must_use]
    pub fn frozen() -> Self {
        Self::starting(Some(SystemClock.now()))
    }

    /// Creates a clock that runs with the system clock and can be advanced ahead of it.
    #[must_use]
    pub fn running() -> Self {
        Self::starting(None)
    }

    /// Returns whether the clock is frozen until it is advanced.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.0.frozen_at.is_some()
    }

    fn starting(frozen_at: Option<Timestamp>) -> Self {
        Self(Arc::new(VirtualState { frozen_at, ahead: Mutex::default(), moved: tokio::sync::Notify::new() }))
    }

    /// Advances the clock and wakes every sleeper whose time has come.
    pub fn advance(&self, duration: Duration) {
        {
            let mut ahead = self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner);
            *ahead = ahead.saturating_add(duration);
        }
        self.0.moved.notify_waiters();
    }

    /// Waits until this clock reaches `until`; returns immediately if it already has.
    pub async fn sleep_until(&self, until: Timestamp) {
        loop {
            // Registers before reading the clock: otherwise an advance in between would be missed.
            let moved = self.0.moved.notified();
            tokio::pin!(moved);
            moved.as_mut().enable();
            let left = until.since(self.now());
            if left.is_zero() {
                return;
            }
            if self.0.frozen_at.is_some() {
                moved.await;
            } else {
                // Waits for the timer or an advance. Either way the loop reads the clock again.
                let _ = tokio::time::timeout(left, moved).await;
            }
        }
    }

    fn ahead(&self) -> Duration {
        *self.0.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.0.frozen_at.unwrap_or_else(|| SystemClock.now()).saturating_add(self.ahead())
    }

    fn elapsed(&self) -> Duration {
        let real = if self.0.frozen_at.is_some() { Duration::ZERO } else { SystemClock.elapsed() };
        real.saturating_add(self.ahead())
    }

    async fn sleep(&self, duration: Duration) {
        self.sleep_until(self.now().saturating_add(duration)).await;
    }
}
