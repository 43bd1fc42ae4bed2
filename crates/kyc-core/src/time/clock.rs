//! The clock, and the real end of a call. The only file that reads the machine's clock.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;

use super::Timestamp;

/// What time it is, and waiting. Injected through every builder, so that a test or the sandbox can drive a client.
///
/// Token life, pauses, polling and limits go by this clock. The timeouts of an attempt and of a call do not: a socket
/// lives in real time.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant: for what has a date, such as the end of a token.
    fn now(&self) -> Timestamp;
    /// The time since some fixed moment: for durations. It never goes back, even when somebody sets the date.
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

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp(jiff::Timestamp::now())
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    fn elapsed(&self) -> Duration {
        static START: LazyLock<tokio::time::Instant> = LazyLock::new(tokio::time::Instant::now);
        START.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// The real end of a call's time. Sockets live in real time, so this does not go by a [`Clock`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(tokio::time::Instant);

impl Deadline {
    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    pub(crate) fn after(limit: Duration) -> Self {
        let now = tokio::time::Instant::now();
        // A limit beyond the machine's reckoning is as good as a year.
        Self(now.checked_add(limit).unwrap_or(now + Duration::from_secs(365 * 24 * 3600)))
    }

    #[expect(clippy::disallowed_methods, reason = "this is where the clock is read")]
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(tokio::time::Instant::now())
    }

    /// What the work brought, or nothing when time ran out.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.0, work).await.ok()
    }
}
