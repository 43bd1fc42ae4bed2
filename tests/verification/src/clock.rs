//! The clock of the program under test.

use std::time::Duration;

use kyc_core::{Clock, Timestamp, VirtualClock};

/// The pause between two renewals of the right to run a case.
const RENEWAL: Duration = Duration::from_secs(20);

/// The sandbox's clock, advanced by each pause of a program that has nothing else to do.
///
/// The pause between two renewals is not skipped: a call is under way meanwhile, and would take hours.
#[derive(Clone, Debug)]
pub struct IdleClock(pub VirtualClock);

#[async_trait::async_trait]
impl Clock for IdleClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        if duration == RENEWAL {
            return self.0.sleep(duration).await;
        }
        self.0.advance(duration);
        // What the sandbox does at that time comes first.
        tokio::task::yield_now().await;
    }
}
