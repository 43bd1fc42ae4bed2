//! From what vendors say to a decision.

use kyc_core::{CheckKind, Evidence, Finding, PersonStatus, Timestamp};

use crate::model::{CheckResult, CheckState, Decision, Outcome, VendorCheck};
use crate::policy::{Ask, CheckRule, OnFail, OnUncertain, Policy};
use crate::reason::{Reason, Rule};

/// Combines what vendors say of a check.
///
/// A vendor abstains that was not asked, does not offer the check as the policy wants it, or gives no measure that the
/// policy accepts; with `ask = "all"`, one whose call failed or was too many, or that is not configured, does not abstain, since its answer
/// was wanted for comparison; with `uncertain = "repeat"`, an uncertain call abstains once another vendor answered. Among the others the first of
/// these decides: vendors that disagree (unclear), retake, pending, uncertain, failed, unclear, passed. So a single no
/// waits for the answers that could dispute it.
#[must_use]
pub fn combine(policy: &Policy, check: CheckKind, vendors: &[VendorCheck]) -> CheckResult {
    let vendors: Vec<_> = vendors.iter().filter(|vendor| vendor.check == check).cloned().collect();
    let counted: Vec<_> = vendors
        .iter()
        .filter(|vendor| !abstains(policy, vendor, &vendors))
        .map(|vendor| vendor.state)
        .collect();
    let has = |state| counted.contains(&state);
    let is_disputed = has(CheckState::Passed) && has(CheckState::Failed);
    let state = if is_disputed {
        CheckState::Unclear
    } else if counted.is_empty() {
        of_abstaining(&vendors)
    } else {
        let order = [CheckState::Retake, CheckState::Pending, CheckState::Uncertain, CheckState::Failed];
        let is_clear = counted.iter().all(|state| *state == CheckState::Passed);
        let good = if is_clear { CheckState::Passed } else { CheckState::Unclear };
        order.into_iter().find(|state| has(*state)).unwrap_or(good)
    };
    let is_required = policy.check(check).is_some_and(|wanted| wanted.is_required);
    CheckResult { check, is_required, state, vendors, is_disputed }
}

fn abstains(policy: &Policy, vendor: &VendorCheck, all: &[VendorCheck]) -> bool {
    let has_answer =
        || all.iter().any(|other| matches!(other.state, CheckState::Passed | CheckState::Failed));
    let may_repeat =
        || policy.check(vendor.check).is_some_and(|wanted| wanted.uncertain == OnUncertain::Repeat);
    match (vendor.state, vendor.reason) {
        (CheckState::NotAsked, Reason::CallFailed | Reason::PaidCallsUsedUp | Reason::NotConfigured) => {
            policy.ask == Ask::First
        }
        (CheckState::NotAsked | CheckState::NotOffered, _) | (CheckState::Unclear, Reason::NoMeasure) => true,
        (CheckState::Uncertain, _) => may_repeat() && has_answer(),
        _ => false,
    }
}

fn of_abstaining(vendors: &[VendorCheck]) -> CheckState {
    let has = |state| vendors.iter().any(|vendor| vendor.state == state);
    let has_failed_call = vendors.iter().any(|vendor| vendor.reason == Reason::CallFailed);
    if has(CheckState::Unclear) || has_failed_call {
        CheckState::Unclear
    } else if has(CheckState::NotAsked) {
        CheckState::NotAsked
    } else {
        CheckState::NotOffered
    }
}

/// Decides a case. The same input gives the same decision; the rules and their order are those of [`Rule`].
///
/// A machine refuses only where the policy's author wrote it. Everything else that is not all passed goes to a person. Of
/// the checks that the policy does not require, only those pass unmade that no vendor offers: `results` has to hold every
/// check of the policy.
#[must_use]
pub fn decide(policy: &Policy, results: &[CheckResult], at: Timestamp) -> Decision {
    let (outcome, rule, decisive) = first_rule(policy, results);
    Decision {
        outcome,
        rule,
        decisive,
        policy_version: policy.version.clone(),
        policy_sha256: policy.sha256(),
        at,
    }
}

fn first_rule(policy: &Policy, results: &[CheckResult]) -> (Outcome, Rule, Vec<CheckKind>) {
    let is_required = |check| policy.check(check).is_some_and(|wanted| wanted.is_required);
    let those = |wanted: &dyn Fn(&CheckResult) -> bool| -> Vec<CheckKind> {
        results.iter().filter(|result| wanted(result)).map(|result| result.check).collect()
    };
    let in_state = |state| move |result: &CheckResult| result.state == state;
    let failed = in_state(CheckState::Failed);
    let refuses = policy.on_fail == OnFail::Refuse;
    let is_answered = |check| {
        let mut of_check = results.iter().filter(|result| result.check == check);
        of_check.next().is_some_and(|result| result.state != CheckState::NotAsked)
            && of_check.all(|result| result.state != CheckState::NotAsked)
    };
    let wanted = policy.checks().iter().map(|wanted| wanted.check);
    let not_asked = wanted.filter(|check| !is_answered(*check)).collect();
    let rules = [
        (Rule::RegistrationRefused, those(&|result| failed(result) && is_refused(policy, result))),
        (Rule::FailRefused, those(&|result| refuses && failed(result) && is_required(result.check))),
        (Rule::Disputed, those(&|result| result.is_disputed)),
        (Rule::FailReviewed, those(&failed)),
        (Rule::Uncertain, those(&in_state(CheckState::Uncertain))),
        (Rule::Unclear, those(&in_state(CheckState::Unclear))),
        (Rule::Retake, those(&in_state(CheckState::Retake))),
        (Rule::Pending, those(&in_state(CheckState::Pending))),
        (
            Rule::NotOffered,
            those(&|result| result.state == CheckState::NotOffered && is_required(result.check)),
        ),
        (Rule::NotAsked, not_asked),
    ];
    let Some((rule, decisive)) = rules.into_iter().find(|(_, checks)| !checks.is_empty()) else {
        return (Outcome::Approved, Rule::AllPassed, those(&in_state(CheckState::Passed)));
    };
    let outcome = match rule {
        Rule::RegistrationRefused | Rule::FailRefused => Outcome::Refused,
        _ => Outcome::Review,
    };
    (outcome, rule, decisive)
}

/// Whether a vendor found a status that the policy's author refuses.
fn is_refused(policy: &Policy, result: &CheckResult) -> bool {
    let Some(CheckRule::Registration { refuse, .. }) = policy.check(result.check).map(|wanted| &wanted.rule)
    else {
        return false;
    };
    result.vendors.iter().filter(|vendor| vendor.state == CheckState::Failed).any(|vendor| {
        let Some(Evidence::Registration { status, deceased, .. }) = &vendor.evidence else { return false };
        let is_dead = *deceased == Finding::Yes && refuse.contains(&PersonStatus::Deceased);
        is_dead || status.as_ref().is_some_and(|status| refuse.contains(status))
    })
}

/// Returns the checks that are worse after than before: no longer passed, failed since, or not passed for something else. For a
/// case that was approved, each is bad news.
#[must_use]
pub fn worsened(before: &[CheckResult], after: &[CheckResult]) -> Vec<CheckKind> {
    let is_worse = |after: &&CheckResult| {
        let Some(before) = before.iter().find(|result| result.check == after.check) else { return false };
        let (was, is) = (badness(before.state), badness(after.state));
        let says = |result: &CheckResult| -> Vec<_> {
            result.vendors.iter().map(|vendor| (vendor.vendor.clone(), vendor.evidence.clone())).collect()
        };
        is > was || is == was && is > 0 && says(before) != says(after)
    };
    after.iter().filter(is_worse).map(|result| result.check).collect()
}

fn badness(state: CheckState) -> u8 {
    match state {
        CheckState::Passed => 0,
        CheckState::Failed => 2,
        _ => 1,
    }
}
