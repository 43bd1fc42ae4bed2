//! What another policy would have decided.

use kyc_core::CheckKind;

use super::{Result, Verification};
use crate::case::CaseId;
use crate::decide::decide;
use crate::model::{CheckResult, CheckState, Decision};
use crate::plan::Case;
use crate::policy::Policy;

/// What another policy would have decided from the answers that are stored.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Redecided {
    /// The decision.
    pub decision: Decision,
    /// Every check of that policy.
    pub checks: Vec<CheckResult>,
    /// The checks that were never asked, so that the case cannot tell what the policy would have made of them.
    pub never_asked: Vec<CheckKind>,
}

impl Verification {
    /// Decides a case under another policy from the answers that are stored. Nothing is called, and nothing is written.
    ///
    /// # Errors
    /// There is no such case, it is incomplete, or the store failed.
    pub async fn redecide(&self, case: CaseId, policy: &Policy) -> Result<Redecided> {
        let read = self.read(case).await?;
        let known = Case { policy, ..self.of(&read, false) };
        let checks = known.rejudge();
        let never_asked = checks.iter().filter(|result| result.state == CheckState::NotAsked);
        let never_asked = never_asked.map(|result| result.check).collect();
        Ok(Redecided { decision: decide(policy, &checks, self.clock.now()), checks, never_asked })
    }
}
