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

#[cfg(all(test, feature = "metrics"))]
mod tests {
    use std::sync::Mutex;

    use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

    use super::*;
    use crate::event::EventId;

    /// Remembers what is registered.
    #[derive(Default)]
    struct Names(Mutex<Vec<String>>);

    impl Names {
        fn add(&self, key: &Key) {
            let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
            self.0.lock().expect("no panic").push(key.name().to_owned() + &labels.collect::<String>());
        }
    }

    impl Recorder for Names {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            self.add(key);
            Counter::noop()
        }

        fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
            self.add(key);
            Gauge::noop()
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    #[test]
    fn the_names_that_alerts_rely_on_stay() {
        let names = Names::default();
        metrics::with_local_recorder(&names, || {
            stored("toy", Put::Unexpected(EventId::random()));
            attempted("toy", EventState::Dead);
            counted(&Stats::default());
        });
        let expected = [
            "kyc_webhook_stored_total source=toy outcome=unexpected",
            "kyc_inbox_attempts_total source=toy outcome=dead",
            "kyc_inbox_oldest_due_seconds",
            "kyc_inbox_dead",
            "kyc_inbox_due",
        ];
        assert_eq!(*names.0.lock().expect("no panic"), expected);
    }
}
