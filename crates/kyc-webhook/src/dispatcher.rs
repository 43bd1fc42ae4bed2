//! Gives due events to handlers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::handler::Handler;
use crate::inbox::InboxError;

/// Gives due events to a handler until it is told to stop. It owns claims, leases, retries and the dead letter; events about
/// one subject are handled one after another.
#[async_trait]
pub trait Dispatcher: fmt::Debug + Send + Sync {
    /// Dispatches until `stop` is cancelled, then waits for the handlers that are at work.
    async fn dispatch(
        &self,
        handler: Arc<dyn Handler>,
        options: DispatchOptions,
        stop: CancellationToken,
    ) -> Result<(), InboxError>;
}

/// How events are dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DispatchOptions {
    /// How many events are handled at a time: 16 by default.
    pub concurrency: usize,
    /// How often an event is tried before it is dead: 12 times by default. An attempt counts from its start, so that an event
    /// that kills the process ends dead, too.
    pub max_attempts: u32,
    /// How long a handler may take: one minute by default. Then its future is dropped and the attempt has failed.
    pub handler_timeout: Duration,
    /// The pause after the first failed attempt: one second by default. It doubles with each attempt.
    pub first_pause: Duration,
    /// The longest pause: one hour by default.
    pub longest_pause: Duration,
    /// How long handlers that are at work may take after a stop: 30 seconds by default. The events of those that take longer are
    /// due again.
    pub shutdown_grace: Duration,
}

impl Default for DispatchOptions {
    fn default() -> Self {
        Self {
            concurrency: 16,
            max_attempts: 12,
            handler_timeout: Duration::from_secs(60),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(60 * 60),
            shutdown_grace: Duration::from_secs(30),
        }
    }
}

impl DispatchOptions {
    /// Returns the pause after that many failed attempts.
    #[must_use]
    pub fn pause_after(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let options = DispatchOptions::default();
        let seconds = [1, 2, 3, 12, 13, 40, u32::MAX].map(|attempts| options.pause_after(attempts).as_secs());
        assert_eq!(seconds, [1, 2, 4, 2048, 3600, 3600, 3600]);
    }
}
