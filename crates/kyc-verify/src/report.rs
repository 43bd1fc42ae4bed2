//! What is told of a case. It is made from the store alone, so that a case looks the same while it runs and after.

use kyc_core::{Applicant, CaptureKit, Retake, Timestamp};

use crate::case::{CaseId, Entry, Environment, Record, Sealed};
use crate::engine::CaseState;
use crate::message::{MessageToPerson, Waiting};
use crate::model::{CheckResult, Decision, Outcome};
use crate::plan::{Action, Case, Plan};
use crate::policy::Policy;
use crate::state::State;
use crate::vault::{BlobInfo, with_what_is_kept};

/// What the person has to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Handout {
    /// Take part in a capture by a vendor's kit.
    Capture {
        /// The key of the vendor.
        vendor: String,
        /// What the kit needs.
        kit: CaptureKit,
    },
    /// Hand something in again.
    Retake(Retake),
}

/// A case, as it stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaseReport {
    /// The id.
    pub case: CaseId,
    /// Whether the vendors' sandbox or the vendors were asked; `None` if the case is incomplete.
    pub environment: Option<Environment>,
    /// The caller's reference. It is gone once the case is forgotten.
    pub reference: Sealed<String>,
    /// What the applicant handed in last; `None` once the case is forgotten.
    pub applicant: Option<Applicant>,
    /// The policy under which the case began.
    pub policy: Policy,
    /// The state.
    pub state: CaseState,
    /// Every check of the policy.
    pub checks: Vec<CheckResult>,
    /// The newest decision of the policy.
    pub decision: Option<Decision>,
    /// What a person decided.
    pub reviewed: Option<Outcome>,
    /// Since when the person waits for a review that they asked for and that nobody has made.
    pub review_requested: Option<Timestamp>,
    /// What the person has to do.
    pub handouts: Vec<Handout>,
    /// How many calls were or may have been paid.
    pub paid_calls: u32,
    /// How many of them are uncertain: they may have been paid, and nothing tells what became of them.
    pub uncertain_calls: u32,
    /// What happened, oldest first.
    pub timeline: Vec<Entry>,
    /// What is stored of what the applicant handed in, oldest first.
    pub blobs: Vec<BlobInfo>,
}

impl CaseReport {
    pub(crate) fn new(
        id: CaseId,
        case: &Case<'_>,
        plan: &Plan,
        timeline: Vec<Entry>,
        blobs: Vec<BlobInfo>,
    ) -> Self {
        let (paid_calls, uncertain_calls) = case.state.paid();
        let decision = decision(case.state, case.policy);
        let handouts: Vec<_> = plan.actions.iter().filter_map(|action| handout(case, action)).collect();
        let reviewed = case.state.reviewed.as_ref().and_then(|outcome| outcome.parse().ok());
        Self {
            case: id,
            environment: case.state.started.as_ref().map(|(_, environment, ..)| *environment),
            reference: reference(&timeline),
            applicant: (!case.state.is_forgotten).then(|| with_what_is_kept(case.applicant.clone(), &blobs)),
            policy: case.policy.clone(),
            state: state(case.state, decision.as_ref(), reviewed, plan, &handouts),
            checks: plan.results.clone(),
            decision,
            reviewed,
            review_requested: case.state.review_requested.filter(|_| !case.state.is_forgotten),
            handouts,
            paid_calls,
            uncertain_calls,
            timeline,
            blobs,
        }
    }

    /// Returns what the person is told; `None` where nothing is to be told, as of an alert.
    #[must_use]
    pub fn message(&self) -> Option<MessageToPerson> {
        let retakes: Vec<_> = self.handouts.iter().filter_map(retake).collect();
        match self.state {
            CaseState::WaitsForPerson if retakes.is_empty() => {
                Some(MessageToPerson::waiting(Waiting::Capture))
            }
            CaseState::WaitsForPerson => Some(MessageToPerson::retake(&retakes)),
            CaseState::Running | CaseState::WaitsForVendor => Some(MessageToPerson::waiting(Waiting::Answer)),
            CaseState::Review => Some(MessageToPerson::outcome(Outcome::Review)),
            CaseState::Decided(outcome) => Some(MessageToPerson::outcome(outcome)),
            CaseState::Alert | CaseState::Forgotten => None,
        }
    }
}

fn retake(handout: &Handout) -> Option<Retake> {
    match handout {
        Handout::Retake(retake) => Some(*retake),
        Handout::Capture { .. } => None,
    }
}

fn reference(timeline: &[Entry]) -> Sealed<String> {
    let started = timeline.iter().find_map(|entry| match &entry.record {
        Record::Started { private, .. } => Some(private.clone()),
        _ => None,
    });
    started.unwrap_or_default()
}

fn handout(case: &Case<'_>, action: &Action) -> Option<Handout> {
    match action {
        Action::Capture { vendor, kit, .. } => {
            Some(Handout::Capture { vendor: case.vendors[*vendor].key.clone(), kit: kit.clone() })
        }
        Action::Retake { retake } => Some(Handout::Retake(*retake)),
        _ => None,
    }
}

fn state(
    known: &State,
    decision: Option<&Decision>,
    reviewed: Option<Outcome>,
    plan: &Plan,
    handouts: &[Handout],
) -> CaseState {
    if known.is_forgotten {
        return CaseState::Forgotten;
    }
    if known.is_alert {
        return CaseState::Alert;
    }
    match (reviewed.or(decision.map(|decision| decision.outcome)), handouts) {
        (Some(Outcome::Review), _) => CaseState::Review,
        (Some(outcome), _) => CaseState::Decided(outcome),
        (None, [_, ..]) => CaseState::WaitsForPerson,
        (None, []) if plan.actions.iter().all(Action::waits_for_vendor) => CaseState::WaitsForVendor,
        (None, []) => CaseState::Running,
    }
}

/// Returns the newest decision of the policy.
pub(crate) fn decision(state: &State, policy: &Policy) -> Option<Decision> {
    let (_, at, Record::Decided { outcome, rule, decisive }) = state.decided.as_ref()? else { return None };
    Some(Decision {
        // What a later release wrote and this one does not know counts in nobody's favour.
        outcome: outcome.parse().unwrap_or(Outcome::Review),
        rule: rule.parse().ok()?,
        decisive: decisive.iter().filter_map(|check| check.parse().ok()).collect(),
        policy_version: policy.version.clone(),
        policy_sha256: policy.sha256(),
        at: *at,
    })
}
