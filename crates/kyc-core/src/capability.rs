//! The base trait of the capability traits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::operation::Vendor;
use crate::time::{Clock, SystemClock};

/// The supertrait of [`FaceMatcher`](crate::FaceMatcher), [`DocumentReader`](crate::DocumentReader) and
/// [`BackgroundChecker`](crate::BackgroundChecker). A client implements it once for all of them.
pub trait Capability: fmt::Debug + Send + Sync {
    /// Returns the vendor.
    fn vendor(&self) -> Vendor;

    /// Returns the clock that waits use.
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    /// Returns the interval between two queries of a pending submission: 2 s by default.
    fn poll_interval(&self) -> Duration {
        Duration::from_secs(2)
    }
}
