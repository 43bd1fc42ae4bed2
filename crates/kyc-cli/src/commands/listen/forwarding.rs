//! Forwards stored events, and says what became of each.

use std::time::Duration;

use async_trait::async_trait;
use kyc_webhook::{DispatchOptions, EventInfo, Handled, Handler, StoredEvent};

use super::events::{Line, What};
use super::printer::Lines;
use crate::forward::{Forwarder, Posted};

pub(super) struct Forwarding {
    forwarder: Forwarder,
    lines: Lines,
    options: DispatchOptions,
}

/// How long events that are being forwarded may take after a stop. Those that take longer are forwarded again at the next start.
const GRACE: Duration = Duration::from_secs(10);

pub(super) fn options() -> DispatchOptions {
    let mut options = DispatchOptions::default();
    options.shutdown_grace = GRACE;
    options
}

impl Forwarding {
    pub(super) fn new(forwarder: Forwarder, lines: Lines) -> Self {
        Self { forwarder, lines, options: options() }
    }

    /// Returns the pause before the next attempt; `None` if there is none.
    fn pause(&self, posted: &Posted, info: &EventInfo) -> Option<Duration> {
        let is_over = posted.is_final() || info.attempts >= self.options.max_attempts;
        (!is_over).then(|| self.options.pause_after(info.attempts))
    }
}

#[async_trait]
impl Handler for Forwarding {
    async fn handle(&self, event: StoredEvent) -> Handled {
        let posted = self.forwarder.post(&event).await;
        let why = posted.reason();
        let (what, handled) = if posted.is_done() {
            (What::Forwarded(posted), Handled::Done)
        } else if let Some(pause) = self.pause(&posted, &event.info) {
            (What::Retry(posted, pause), Handled::Retry { after: Some(pause), why: why.into() })
        } else if posted.is_final() {
            (What::Dead(posted), Handled::dead(why))
        } else {
            // The dispatcher knows that it was the last attempt.
            (What::Dead(posted), Handled::retry(why))
        };
        self.lines.say(Line::forwarded(&event.info, what));
        handled
    }
}
