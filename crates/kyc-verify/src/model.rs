//! What is known of a check, and what is decided about a case.

use kyc_core::{CheckKind, Evidence, Failure, FalseAcceptRate, LivenessMethod, Timestamp};

use crate::reason::{Reason, Rule};
use crate::words::{Language, Sentence, check_name, worded};

worded! {
    /// The state of a check at one vendor, or over all vendors. Only [`Passed`](Self::Passed) counts in the person's favour.
    #[must_use]
    pub enum CheckState: "state" {
        /// The vendor's answer meets the policy.
        Passed = "passed", "aprovado", "passed";
        /// The vendor's answer says no.
        Failed = "failed", "reprovado", "failed";
        /// The answer is missing, cannot be parsed, contradicts itself, or is neither good nor bad enough.
        Unclear = "unclear", "inconclusivo", "unclear";
        /// The person has to hand something in again.
        Retake = "retake", "reenvio", "retake";
        /// The answer is not there yet.
        Pending = "pending", "pendente", "pending";
        /// A paid call may have landed, and nothing tells what became of it.
        Uncertain = "uncertain", "incerto", "uncertain";
        /// No configured vendor offers the check as the policy wants it.
        NotOffered = "not_offered", "não oferecido", "not offered";
        /// The vendor was not asked.
        NotAsked = "not_asked", "não consultado", "not asked";
    }
}

/// What one vendor's answer means for one check under a policy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VendorCheck {
    /// The key of the vendor.
    pub vendor: String,
    /// The check.
    pub check: CheckKind,
    /// The state.
    pub state: CheckState,
    /// What the vendor's answers show; `None` while there is none.
    pub evidence: Option<Evidence>,
    /// Why the state is what it is.
    pub reason: Reason,
    /// For liveness: how it was proved, or how the policy wants it proved.
    pub method: Option<LivenessMethod>,
    /// For faces: the largest rate of false accepts that the policy allows.
    pub asked: Option<FalseAcceptRate>,
    /// Why the vendor's newest call was not sent or refused, if that is the reason.
    pub failure: Option<Failure>,
}

/// A check over all vendors that were asked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CheckResult {
    /// The check.
    pub check: CheckKind,
    /// Whether the policy requires it.
    pub is_required: bool,
    /// The state over all vendors.
    pub state: CheckState,
    /// What each vendor says, in the order in which they were given.
    pub vendors: Vec<VendorCheck>,
    /// Whether vendors disagree: one says yes, another no.
    pub is_disputed: bool,
}

worded! {
    /// What is decided.
    #[must_use]
    pub enum Outcome: "outcome" {
        /// Every required check passed.
        Approved = "approved", "aprovado", "approved";
        /// A rule of the policy that its author wrote refuses.
        Refused = "refused", "recusado", "refused";
        /// A person has to decide.
        Review = "review", "em análise", "review";
    }
}

/// A decision, and everything that explains it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// What is decided.
    pub outcome: Outcome,
    /// The rule that decided.
    pub rule: Rule,
    /// The checks that the rule looked at.
    pub decisive: Vec<CheckKind>,
    /// The version of the policy.
    pub policy_version: String,
    /// The SHA-256 of the policy's text.
    pub policy_sha256: [u8; 32],
    /// When it was decided.
    pub at: Timestamp,
}

impl Decision {
    /// Returns the sentence of the rule and the checks that it looked at, for those who decide.
    #[must_use]
    pub fn sentence(&self) -> Sentence {
        let written = |language| {
            let rule = self.rule.in_language(language);
            let names: Vec<_> = self.decisive.iter().map(|check| check_name(*check, language)).collect();
            if names.is_empty() { format!("{rule}.") } else { format!("{rule}: {}.", names.join(", ")) }
        };
        Sentence::new(written(Language::Portuguese), written(Language::English))
    }
}
