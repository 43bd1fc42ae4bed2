//! What every capability trait shares.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::operation::Vendor;
use crate::time::{Clock, SystemClock};

/// What [`FaceMatcher`](crate::FaceMatcher), [`DocumentReader`](crate::DocumentReader) and
/// [`BackgroundChecker`](crate::BackgroundChecker) have in common. One client implements it once for all of them.
pub trait Capability: fmt::Debug + Send + Sync {
    /// Returns the vendor that answers.
    fn vendor(&self) -> Vendor;

    /// Returns the clock to wait by.
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// Returns how long to pause between two questions about a submission that is not decided yet.
    fn poll_interval(&self) -> Duration {
        Duration::from_secs(2)
    }
}
