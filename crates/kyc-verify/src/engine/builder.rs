//! What a verification is made of.

use std::fmt;
use std::sync::Arc;

use kyc_core::{Clock, Verifier};

use super::{Observer, Preflight, StepNotice, Verification};
use crate::case::Environment;
use crate::fault::FaultPoints;
use crate::ledger::Ledger;
use crate::plan::Vendor;
use crate::policy::Policy;
use crate::vault::Vault;

/// Creates a [`Verification`].
#[must_use]
pub struct VerificationBuilder {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) vault: Arc<dyn Vault>,
    pub(super) vendors: Vec<Vendor>,
    pub(super) policy: Policy,
    pub(super) environment: Environment,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Option<Observer>,
    pub(super) preflight: Option<Arc<dyn Preflight>>,
    pub(super) points: Option<Arc<dyn FaultPoints>>,
}

impl fmt::Debug for VerificationBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerificationBuilder").field("environment", &self.environment).finish_non_exhaustive()
    }
}

impl VerificationBuilder {
    /// Adds a vendor under the key by which policies name it. Without the policy's order, vendors are asked in the order in which
    /// they are added.
    pub fn vendor(mut self, key: impl Into<String>, verifier: Arc<dyn Verifier>) -> Self {
        self.vendors.push(Vendor { key: key.into(), verifier });
        self
    }

    /// Adds vendors, each under its key.
    pub fn vendors<K: Into<String>>(self, vendors: impl IntoIterator<Item = (K, Arc<dyn Verifier>)>) -> Self {
        vendors.into_iter().fold(self, |builder, (key, verifier)| builder.vendor(key, verifier))
    }

    /// Sets the policy of new cases: [`Policy::built_in`] by default. A case keeps the policy under which it began.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets the clock: the system's by default.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Calls a function when a vendor's step begins and when it ended.
    pub fn on_step(mut self, observer: impl Fn(&StepNotice<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Looks at the pictures of a case before anything is sent. The person is asked once for those that may be better, and nothing
    /// is paid meanwhile; then the case goes on whatever they look like. By default nothing looks at them.
    pub fn preflight(mut self, preflight: impl Preflight + 'static) -> Self {
        self.preflight = Some(Arc::new(preflight));
        self
    }

    /// Tells a test of each point of a step.
    #[doc(hidden)]
    pub fn fault_points(mut self, points: impl FaultPoints + 'static) -> Self {
        self.points = Some(Arc::new(points));
        self
    }

    /// Creates the verification.
    #[must_use]
    pub fn build(self) -> Verification {
        Verification {
            ledger: self.ledger,
            vault: self.vault,
            vendors: self.vendors.into(),
            policy: self.policy,
            environment: self.environment,
            clock: self.clock,
            observer: self.observer,
            preflight: self.preflight,
            notice: None,
            points: self.points,
            wakers: Arc::default(),
            is_stopped: Arc::default(),
        }
    }
}
