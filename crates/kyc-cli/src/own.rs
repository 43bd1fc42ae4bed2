//! What the program may have for a single vendor, beyond what the vendor's integration says.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use kyc_core::{ConfigTable, OperationId, Timestamp, VendorClient};

use crate::messages::Messages;

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Reference = fn(Arc<dyn VendorClient>, OperationId) -> Boxed<Option<String>>;

/// A vendor's own commands and words. Each folder of a vendor has one.
pub(crate) struct Own {
    pub(crate) key: &'static str,
    /// How to continue a journey that a file stores.
    pub(crate) resume: Option<fn(&Messages) -> &'static str>,
    /// Returns the reference of an earlier operation, which the traits do not cover.
    pub(crate) reference: Option<Reference>,
    /// Returns the end of the client certificate.
    pub(crate) certificate: Option<fn(&ConfigTable) -> Option<Timestamp>>,
    /// How each of the vendor's webhooks is registered, by its name.
    pub(crate) registration: fn(&Messages, &str) -> Option<&'static str>,
    /// The similarity that the policy of the sample verification asks for, where the vendor states no rate of false accepts.
    pub(crate) least_similarity: Option<f64>,
    /// What determines a comparison of faces on the sandbox.
    pub(crate) simulated: fn(&Messages) -> &'static str,
}
