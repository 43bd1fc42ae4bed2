//! A clock for tests of retries.

use std::time::Duration;

use kyc_core::{Clock, Timestamp, VirtualClock};

/// A clock that advances by each pause instead of waiting for it.
#[derive(Clone, Debug)]
pub struct SkippingClock(VirtualClock);

impl SkippingClock {
    /// Creates a clock that otherwise runs in real time.
    pub fn running() -> Self {
        Self(VirtualClock::running())
    }
}

impl From<VirtualClock> for SkippingClock {
    /// Skips the pauses of a clock that others share, such as the sandbox's.
    fn from(clock: VirtualClock) -> Self {
        Self(clock)
    }
}

#[async_trait::async_trait]
impl Clock for SkippingClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.advance(duration);
        // What the sandbox does at that time comes first.
        tokio::task::yield_now().await;
    }
}
