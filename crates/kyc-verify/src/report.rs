//! What is told of a case. It is made from the store alone, so that a case looks the same while it runs and after.

use kyc_core::{CaptureKit, CheckKind, Retake, Timestamp};

use crate::case::{CaseId, Entry, Environment, Record};
use crate::decide::is_alert;
use crate::engine::CaseState;
use crate::model::{CheckResult, Decision, Outcome};
use crate::plan::{Action, Case, Plan};
use crate::policy::Policy;
use crate::state::State;

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
    /// What the person has to do.
    pub handouts: Vec<Handout>,
    /// How many calls were or may have been paid.
    pub paid_calls: u32,
    /// How many of them are uncertain: they may have been paid, and nothing tells what became of them.
    pub uncertain_calls: u32,
    /// What happened, oldest first.
    pub timeline: Vec<Entry>,
}

impl CaseReport {
    pub(crate) fn new(id: CaseId, case: &Case<'_>, plan: &Plan, timeline: Vec<Entry>) -> Self {
        let (paid_calls, uncertain_calls) = case.state.paid();
        let decision = decision(case.state, case.policy);
        let handouts: Vec<_> = plan.actions.iter().filter_map(|action| handout(case, action)).collect();
        let reviewed = case.state.reviewed.as_ref().and_then(|outcome| outcome.parse().ok());
        Self {
            case: id,
            environment: case.state.started.as_ref().map(|(_, environment, ..)| *environment),
            policy: case.policy.clone(),
            state: state(case.state, decision.as_ref(), reviewed, plan, &handouts),
            checks: plan.results.clone(),
            decision,
            reviewed,
            handouts,
            paid_calls,
            uncertain_calls,
            timeline,
        }
    }
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
        (None, []) if plan.actions.iter().all(|action| matches!(action, Action::Query { .. })) => {
            CaseState::WaitsForVendor
        }
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

/// Returns the checks that are no longer as good as they were when the case was approved, if it is to be told.
pub(crate) fn bad_news(
    state: &State,
    policy: &Policy,
    plan: &Plan,
    now: Timestamp,
) -> Option<Vec<CheckKind>> {
    let decided = decision(state, policy)?;
    let is_reviewed = |outcome| state.reviewed.as_deref() == Some(Outcome::as_str(outcome));
    let decided = match decided.outcome {
        _ if is_reviewed(Outcome::Approved) => Decision { outcome: Outcome::Approved, ..decided },
        _ => decided,
    };
    let is_late = now.since(decided.at) > policy.limits.watch;
    let tells = !state.is_alert && !is_late && is_alert(policy, &decided, false, &plan.results);
    let not_passed = |result: &&CheckResult| result.state != crate::model::CheckState::Passed;
    tells.then(|| plan.results.iter().filter(not_passed).map(|result| result.check).collect())
}
