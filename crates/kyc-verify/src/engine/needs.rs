//! What an applicant has to hand in before a case begins.

use kyc_core::{Applicant, RetakeItem};

use super::Verification;
use crate::plan::Case;
use crate::policy::{Agreement, CheckPolicy, CheckRule};
use crate::state::State;

impl Verification {
    /// Returns what the applicant lacks without which a check that the policy requires cannot pass, whichever vendor is asked:
    /// `selfie`, `front`, `back`, `name` or `birth_date`. [`begin`](Self::begin) refuses such an applicant, so that nothing is paid
    /// for a case that cannot be approved.
    #[must_use]
    pub fn missing(&self, applicant: &Applicant) -> Vec<&'static str> {
        let state = State::default();
        let case = self.unbegun(&state, applicant);
        let required = self.policy.checks().iter().filter(|check| check.is_required);
        let mut missing = Vec::new();
        for item in required.flat_map(|check| said(check, applicant).into_iter().chain(handed(&case, check)))
        {
            if !missing.contains(&item) {
                missing.push(item);
            }
        }
        missing
    }

    /// A case of which nothing is known but the applicant.
    pub(super) fn unbegun<'a>(&'a self, state: &'a State, applicant: &'a Applicant) -> Case<'a> {
        let (policy, vendors) = (&self.policy, &self.vendors);
        Case { policy, vendors, state, applicant, repeats: false, forgives: 0 }
    }
}

/// Returns what the person has not said, though it is to be compared.
fn said(check: &CheckPolicy, applicant: &Applicant) -> Vec<&'static str> {
    let (needs_name, needs_birth_date) = match &check.rule {
        CheckRule::Registration { needs_name, .. } => (*needs_name, false),
        CheckRule::Document { agrees, .. } => {
            (agrees.contains(&Agreement::Name), agrees.contains(&Agreement::BirthDate))
        }
        _ => (false, false),
    };
    let name = (needs_name && applicant.name.is_none()).then_some("name");
    let birth_date = (needs_birth_date && applicant.birth_date.is_none()).then_some("birth_date");
    name.into_iter().chain(birth_date).collect()
}

/// Returns what no vendor can do without; nothing if one can.
fn handed(case: &Case<'_>, check: &CheckPolicy) -> Vec<&'static str> {
    let lacks = |vendor: usize| -> Vec<&'static str> {
        let offers = case.vendors[vendor].verifier.offers();
        let needs = offers.iter().filter(|offer| offer.check == check.check).flat_map(|offer| offer.needs);
        needs.copied().filter(|item| !case.applicant.has(*item)).map(RetakeItem::as_str).collect()
    };
    let lacking: Vec<_> = case.candidates(check).into_iter().map(lacks).collect();
    if lacking.iter().any(Vec::is_empty) {
        Vec::new()
    } else {
        lacking.into_iter().next().unwrap_or_default()
    }
}
