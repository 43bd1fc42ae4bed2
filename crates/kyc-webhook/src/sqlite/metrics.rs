//! Counts through the `metrics` facade, or not at all.

use crate::event::EventState;
use crate::inbox::{Put, Stats};

/// Whether anything is counted.
pub(super) const ENABLED: bool = cfg!(feature = "metrics");

/// Counts what became of an event that was received.
#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "nothing is counted"))]
pub(super) fn stored(source: &'static str, put: Put) {
    #[cfg(feature = "metrics")]
    {
        let outcome = match put {
            Put::New(_) => "new",
            Put::Duplicate { .. } => "duplicate",
            Put::Unexpected(_) => "unexpected",
        };
        metrics::counter!("kyc_webhook_stored_total", "source" => source, "outcome" => outcome).increment(1);
    }
}

/// Counts an attempt of a handler.
#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "nothing is counted"))]
pub(super) fn attempted(source: &str, state: EventState) {
    #[cfg(feature = "metrics")]
    metrics::counter!("kyc_inbox_attempts_total", "source" => source.to_owned(), "outcome" => state.as_str())
        .increment(1);
}

/// Sets the gauges.
#[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "nothing is counted"))]
pub(super) fn counted(stats: &Stats) {
    #[cfg(feature = "metrics")]
    {
        let oldest_due = stats.oldest_due.unwrap_or_default().as_secs_f64();
        metrics::gauge!("kyc_inbox_oldest_due_seconds").set(oldest_due);
        metrics::gauge!("kyc_inbox_dead").set(stats.dead as f64);
        metrics::gauge!("kyc_inbox_due").set((stats.new + stats.retrying) as f64);
    }
}
