//! The counter of paid calls.

use crate::error::{Delivery, Error};
use crate::operation::{Operation, OperationClass, Vendor};
use crate::response::RawResponse;

/// Counts a paid call by its outcome, if the feature `metrics` is enabled. A call that is dropped before it completes is
/// counted as `unknown`, since it may have been charged.
pub(super) struct PaidCallMetric {
    vendor: Vendor,
    operation: &'static Operation,
    outcome: &'static str,
}

impl PaidCallMetric {
    pub(super) fn new(vendor: Vendor, operation: &'static Operation) -> Self {
        Self { vendor, operation, outcome: "unknown" }
    }

    pub(super) fn finish(mut self, outcome: &Result<RawResponse, Error>) {
        self.outcome = match outcome {
            Ok(_) => "answered",
            Err(error) if error.may_have_landed() => "unknown",
            Err(error) if error.delivery() == Delivery::Answered => "rejected",
            Err(_) => "not_charged",
        };
    }
}

impl Drop for PaidCallMetric {
    fn drop(&mut self) {
        let Self { vendor, operation, outcome } = self;
        if operation.class() != OperationClass::Paid {
            return;
        }
        #[cfg(feature = "metrics")]
        metrics::counter!(
            "kyc_paid_calls_total",
            "vendor" => vendor.name(),
            "operation" => operation.name(),
            "outcome" => *outcome
        )
        .increment(1);
        tracing::debug!(%vendor, operation = operation.name(), outcome, "paid call");
    }
}
