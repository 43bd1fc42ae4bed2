//! A clock that runs faster than the system's, and alike in every process of the proof: leases, look-ups and analyses take minutes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use kyc_core::{Clock, SystemClock, Timestamp, VirtualClock};

/// How many times faster it runs. The timeouts of calls use real time.
const PACE: u32 = 60;

/// How often the clock of the sandbox is set, in real time.
const TICK: Duration = Duration::from_millis(5);

/// It showed the system's time at this moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paced(Timestamp);

impl Paced {
    pub(super) fn start() -> Self {
        Self(SystemClock.now())
    }

    /// Keeps the sandbox's clock at the same time.
    pub(super) async fn keep(self, clock: VirtualClock) {
        loop {
            clock.advance(self.now().since(clock.now()));
            SystemClock.sleep(TICK).await;
        }
    }
}

#[async_trait]
impl Clock for Paced {
    fn now(&self) -> Timestamp {
        self.0.saturating_add(SystemClock.now().since(self.0) * PACE)
    }

    fn elapsed(&self) -> Duration {
        SystemClock.elapsed() * PACE
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration / PACE).await;
    }
}

impl fmt::Display for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.unix_millis())
    }
}

impl FromStr for Paced {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Timestamp::from_unix_millis(text.parse()?).map(Self).context("no time")
    }
}
