//! What is known of a check, and what is decided about a case.

use std::fmt;

use kyc_core::{CheckKind, Evidence, FalseAcceptRate, LivenessMethod, Timestamp};

/// The state of a check at one vendor, or over all vendors. Only [`Passed`](Self::Passed) counts in the person's favour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum CheckState {
    /// The vendor's answer meets the policy.
    Passed,
    /// The vendor's answer says no.
    Failed,
    /// The answer is missing, cannot be parsed, contradicts itself, or is neither good nor bad enough.
    Unclear,
    /// The person has to hand something in again.
    Retake,
    /// The answer is not there yet.
    Pending,
    /// A paid call may have landed, and nothing tells what became of it.
    Uncertain,
    /// No configured vendor offers the check as the policy wants it.
    NotOffered,
    /// The vendor was not asked.
    NotAsked,
}

kyc_core::named!(
    CheckState,
    "state",
    Passed = "passed",
    Failed = "failed",
    Unclear = "unclear",
    Retake = "retake",
    Pending = "pending",
    Uncertain = "uncertain",
    NotOffered = "not_offered",
    NotAsked = "not_asked",
);

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
    /// For liveness: how it was or would be proved.
    pub method: Option<LivenessMethod>,
    /// For faces: the largest rate of false accepts that the policy allows.
    pub asked: Option<FalseAcceptRate>,
}

/// Why, for those who decide. It never reaches the person: for that there is `MessageToPerson`.
///
/// It holds words of this crate only, never a value of a person or a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reason(&'static str);

impl Reason {
    /// Creates a reason.
    #[must_use]
    pub const fn new(words: &'static str) -> Self {
        Self(words)
    }

    /// Returns the words, in English.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
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
    /// What each vendor says, in the order of the policy.
    pub vendors: Vec<VendorCheck>,
    /// Whether vendors disagree.
    pub is_disputed: bool,
}

/// What is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Outcome {
    /// Every required check passed.
    Approved,
    /// A rule of the policy that its author wrote refuses.
    Refused,
    /// A person has to decide.
    Review,
}

kyc_core::named!(Outcome, "outcome", Approved = "approved", Refused = "refused", Review = "review");

/// A decision, and everything that explains it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// What is decided.
    pub outcome: Outcome,
    /// The rule of the policy that decided, such as `check.registration.refuse`.
    pub rule: String,
    /// The checks that the rule looked at.
    pub decisive: Vec<CheckKind>,
    /// The version of the policy.
    pub policy_version: String,
    /// The SHA-256 of the policy's text.
    pub policy_sha256: [u8; 32],
    /// When it was decided.
    pub at: Timestamp,
}
