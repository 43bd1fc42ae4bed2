//! The clock and the deadline of a call. No other file reads the system clock.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;

use super::Timestamp;

/// The source of time, and of waiting. It is injected through every client builder, so that a test or the sandbox can control
/// the time of a client.
///
/// Token lifetimes, pauses, polling and rate limits use this clock. The timeouts of attempts and calls use real time, because
/// they limit network operations.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// Returns the current instant, for comparison with dates such as the expiry of a token.
    fn now(&self) -> Timestamp;
    /// Returns the time since a fixed moment, for measuring durations. It is monotonic, even if the date is changed.
    fn elapsed(&self) -> Duration;
    /// Waits until `duration` has passed on this clock.
    async fn sleep(&self, duration: Duration);
}

#[async_trait]
impl<T: Clock + ?Sized> Clock for Arc<T> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        (**self).sleep(duration).await;
    }
}

/// The system clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "no other file reads the system clock")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now())
    }

    #[expect(clippy::disallowed_methods, reason = "no other file reads the system clock")]
    fn elapsed(&self) -> Duration {
        static START: LazyLock<tokio::time::Instant> = LazyLock::new(tokio::time::Instant::now);
        START.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The deadline of a call in real time, independent of the [`Clock`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(tokio::time::Instant);

impl Deadline {
    /// A longer timeout, which the system may be unable to represent, is replaced by this one: a year.
    pub(crate) const MAX: Duration = Duration::from_secs(365 * 24 * 3600);

    #[expect(clippy::disallowed_methods, reason = "no other file reads the system clock")]
    pub(crate) fn after(limit: Duration) -> Self {
        let now = tokio::time::Instant::now();
        Self(now + limit.min(Self::MAX))
    }

    #[expect(clippy::disallowed_methods, reason = "no other file reads the system clock")]
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(tokio::time::Instant::now())
    }

    /// Returns the output of the future, or `None` if the deadline passes first.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.0, work).await.ok()
    }
}
