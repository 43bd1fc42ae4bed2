//! What is known of a case's checks, and what is to be done next: a pure function of the policy, the vendors and the records.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::{
    Applicant, CaptureKit, Charge, CheckKind, ErrorKind, Evidence, Next, Part, Retake, RetakeItem, StepState,
    Timestamp, Verifier,
};

use crate::decide::{combine, decide};
use crate::judge::{Progress, judge};
use crate::model::{CheckResult, Outcome, VendorCheck};
use crate::policy::{Ask, CheckPolicy, OnUncertain, Policy};
use crate::state::{MAX_TRIES, State};

/// A vendor that is configured.
#[derive(Clone, Debug)]
pub(crate) struct Vendor {
    pub(crate) key: String,
    pub(crate) verifier: Arc<dyn Verifier>,
}

/// A case, as far as it is known.
pub(crate) struct Case<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) vendors: &'a [Vendor],
    pub(crate) state: &'a State,
    pub(crate) applicant: &'a Applicant,
    /// Whether a person wants uncertain calls to be sent once more.
    pub(crate) repeats: bool,
    /// The position up to which failures no longer count: that where a run of a decided case begins. They cost nothing, and whoever resumes the
    /// case wants to know whether the vendor is there again.
    pub(crate) forgives: u64,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Send a step, not before that time.
    Send {
        vendor: usize,
        step: &'static str,
        charge: Charge,
        repeats: Option<u64>,
        not_before: Option<Timestamp>,
    },
    /// Find out what became of a step whose end is not known.
    LookUp,
    /// Query a step.
    Query { vendor: usize, step: &'static str },
    /// The person captures; then query the step.
    Capture { vendor: usize, step: &'static str, kit: CaptureKit },
    /// The person hands something in again.
    Retake { retake: Retake },
}

/// What is known, and what is to be done.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) results: Vec<CheckResult>,
    pub(crate) actions: Vec<Action>,
    /// The checks that are wanted of each vendor.
    pub(crate) wanted: Vec<Vec<CheckKind>>,
}

/// Why a vendor goes no further.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stop {
    Failed,
    OverLimit,
    Uncertain,
    OutOfAttempts,
    Done,
}

impl Action {
    /// Whether only a vendor is waited for.
    pub(crate) fn waits_for_vendor(&self) -> bool {
        match self {
            Self::LookUp | Self::Query { .. } => true,
            Self::Send { not_before, .. } => not_before.is_some(),
            Self::Capture { .. } | Self::Retake { .. } => false,
        }
    }
}

/// How far a vendor is.
struct Standing {
    evidence: Vec<(CheckKind, Evidence)>,
    has_begun: bool,
    next: Result<Action, Stop>,
    /// The checks that go no further, though others of the same vendor may.
    stopped: Vec<(CheckKind, Stop)>,
}

impl Standing {
    fn progress(&self, check: CheckKind) -> Progress {
        let evidence = self.evidence.iter().find(|(of, _)| *of == check);
        let stopped = self.stopped.iter().find(|(of, _)| *of == check).map(|(_, stop)| *stop);
        match (evidence, stopped.or(self.next.as_ref().err().copied())) {
            (Some((_, Evidence::Retake(_))), Some(Stop::OutOfAttempts)) => Progress::OutOfAttempts,
            (Some(_), _) => Progress::Answered,
            (None, Some(Stop::Failed)) => Progress::CallFailed,
            (None, Some(Stop::OverLimit)) => Progress::OverLimit,
            (None, Some(Stop::Uncertain)) => Progress::Uncertain,
            (None, Some(Stop::OutOfAttempts)) => Progress::OutOfAttempts,
            (None, Some(Stop::Done)) if !self.has_begun => Progress::NotAsked,
            (None, Some(Stop::Done)) => Progress::Answered,
            // Also before the first call: what others say is not all that will be said.
            (None, None) => Progress::Pending,
        }
    }

    /// Returns how far a check is if nothing more is sent.
    fn progress_so_far(&self, check: CheckKind) -> Progress {
        match (self.progress(check), &self.next) {
            (Progress::Pending, Ok(Action::Send { .. })) | (Progress::OverLimit, _) => Progress::NotAsked,
            (progress, _) => progress,
        }
    }
}

impl Case<'_> {
    /// Plans. A vendor is added to a check when the one before it was not asked or refused, and the loop ends when none is.
    pub(crate) fn plan(&self) -> Plan {
        let mut wanted = vec![Vec::new(); self.vendors.len()];
        loop {
            let standing: Vec<_> =
                (0..wanted.len()).map(|vendor| self.standing(vendor, &wanted[vendor])).collect();
            let more: Vec<_> = self
                .policy
                .checks()
                .iter()
                .filter_map(|check| self.wants_next(check, &wanted, &standing))
                .collect();
            if more.is_empty() {
                return self.finish(wanted, standing);
            }
            for (vendor, check) in more {
                wanted[vendor].push(check);
            }
        }
    }

    /// Judges what every vendor answered that was asked, whatever the policy would have asked first.
    pub(crate) fn rejudge(&self) -> Vec<CheckResult> {
        let judged = |check: CheckKind| -> Vec<VendorCheck> {
            let vendors = self.vendors.iter().enumerate();
            let named = vendors.filter(|(_, vendor)| {
                self.policy.check(check).is_some_and(|policy| policy.names(&vendor.key))
            });
            let of_vendor = |(at, vendor): (usize, &Vendor)| {
                // Each check alone: what another one of the vendor's waits for is no matter.
                let standing = self.standing(at, &[check]);
                let progress =
                    self.obstacle(vendor, check).unwrap_or_else(|| standing.progress_so_far(check));
                let evidence = standing.evidence.first().map(|(_, found)| found);
                judge(self.policy, &vendor.key, check, evidence, progress, self.applicant)
            };
            self.with_absent(check, named.map(of_vendor).collect())
        };
        let checks = self.policy.checks().iter().map(|policy| policy.check);
        checks.map(|check| combine(self.policy, check, &judged(check))).collect()
    }

    fn finish(&self, wanted: Vec<Vec<CheckKind>>, standing: Vec<Standing>) -> Plan {
        let results = |is_over: bool| -> Vec<CheckResult> {
            let checks = self.policy.checks().iter();
            checks.map(|check| self.result(check.check, &wanted, &standing, is_over)).collect()
        };
        let now = Timestamp::from_unix_millis(0);
        let is_refused =
            now.is_some_and(|now| decide(self.policy, &results(false), now).outcome == Outcome::Refused);
        let results = results(is_refused);
        let begun = standing.into_iter().zip(&wanted).filter(|(_, checks)| !checks.is_empty());
        let mut actions: Vec<_> = begun.filter_map(|(standing, _)| standing.next.ok()).collect();
        if let Some(asked) = self.state.asked.as_ref().filter(|asked| !asked.is_empty()) {
            actions = asked.iter().map(|retake| Action::Retake { retake: *retake }).collect();
        }
        if is_refused {
            // Nothing could change it, so nothing more is paid or asked of the person.
            actions.retain(|action| matches!(action, Action::Query { .. } | Action::LookUp));
        }
        Plan { results, actions, wanted }
    }

    fn result(
        &self,
        check: CheckKind,
        wanted: &[Vec<CheckKind>],
        standing: &[Standing],
        is_over: bool,
    ) -> CheckResult {
        let judged: Vec<_> = self
            .vendors
            .iter()
            .enumerate()
            .filter(|(_, vendor)| self.policy.check(check).is_some_and(|policy| policy.names(&vendor.key)))
            .map(|(at, vendor)| {
                let progress = match self.obstacle(vendor, check) {
                    Some(obstacle) => obstacle,
                    None if !wanted[at].contains(&check) => Progress::NotAsked,
                    None if is_over => standing[at].progress_so_far(check),
                    None => standing[at].progress(check),
                };
                let evidence =
                    standing[at].evidence.iter().find(|(of, _)| *of == check).map(|(_, found)| found);
                let mut judged = judge(self.policy, &vendor.key, check, evidence, progress, self.applicant);
                if progress == Progress::CallFailed {
                    judged.failure = self.state.failure(&vendor.key).cloned();
                }
                judged
            })
            .collect();
        combine(self.policy, check, &self.with_absent(check, judged))
    }

    /// Adds the vendors whose answers the policy wants to compare, though they are not configured.
    fn with_absent(&self, check: CheckKind, mut judged: Vec<VendorCheck>) -> Vec<VendorCheck> {
        let Some(policy) = self.policy.check(check) else { return judged };
        if self.policy.ask == Ask::All && !judged.is_empty() {
            let is_absent = |key: &&String| self.vendors.iter().all(|vendor| vendor.key != **key);
            let judge =
                |key: &String| judge(self.policy, key, check, None, Progress::NotConfigured, self.applicant);
            judged.extend(policy.by.iter().filter(is_absent).map(judge));
        }
        judged
    }

    /// Returns why a vendor is not asked for a check, however far the case is. With `ask = "all"` also the no of one whose yes could
    /// not count is wanted.
    fn obstacle(&self, vendor: &Vendor, check: CheckKind) -> Option<Progress> {
        let policy = self.policy.check(check)?;
        let Some(offer) = vendor.verifier.offers().iter().find(|offer| policy.wants(offer)) else {
            return Some(Progress::NotOffered);
        };
        let is_useful = self.policy.ask == Ask::All || policy.can_measure(&vendor.key, offer);
        (!is_useful).then_some(Progress::NoMeasure)
    }

    /// Returns the vendors that may make a check, in the order of the policy.
    pub(crate) fn candidates(&self, policy: &CheckPolicy) -> Vec<usize> {
        let place = |vendor: &Vendor| policy.by.iter().position(|key| *key == vendor.key).unwrap_or_default();
        let mut found: Vec<_> = (0..self.vendors.len())
            .filter(|at| {
                let vendor = &self.vendors[*at];
                policy.names(&vendor.key) && self.obstacle(vendor, policy.check).is_none()
            })
            .collect();
        found.sort_by_key(|at| place(&self.vendors[*at]));
        found
    }

    /// Returns a vendor that is to be added to a check.
    fn wants_next(
        &self,
        policy: &CheckPolicy,
        wanted: &[Vec<CheckKind>],
        standing: &[Standing],
    ) -> Option<(usize, CheckKind)> {
        let check = policy.check;
        for (place, vendor) in self.candidates(policy).into_iter().enumerate() {
            if !wanted[vendor].contains(&check) {
                let mut offers = self.vendors[vendor].verifier.offers().iter();
                // A bundle is not begun to replace one call, unless the policy names it there.
                let is_bundle = offers.any(|offer| offer.check == check && offer.paid_calls > 1);
                let may_replace = !policy.by.is_empty() || !is_bundle || !wanted[vendor].is_empty();
                if place == 0 || self.policy.ask == Ask::All || may_replace {
                    return Some((vendor, check));
                }
            } else if self.policy.ask == Ask::First {
                let is_passed_over = match standing[vendor].progress(check) {
                    Progress::CallFailed => true,
                    Progress::Uncertain => policy.uncertain == OnUncertain::Repeat,
                    _ => false,
                };
                if !is_passed_over {
                    return None;
                }
            }
        }
        None
    }

    fn standing(&self, at: usize, checks: &[CheckKind]) -> Standing {
        let Vendor { key, verifier } = &self.vendors[at];
        let mut steps = self.state.part(key);
        let has_begun = !steps.is_empty();
        if checks.is_empty() {
            let next = Err(Stop::Done);
            return Standing { evidence: Vec::new(), has_begun, next, stopped: Vec::new() };
        }
        let is_open = self.state.open().any(|step| step.vendor == *key);
        let uncertain = self
            .state
            .of_vendor(key)
            .find(|step| !step.record.is_superseded && matches!(step.record.state, StepState::Uncertain(_)));
        let mut repeats = None;
        if let Some(step) = uncertain.filter(|step| self.may_repeat(key, &step.record.step, checks)) {
            repeats = Some(step.seq);
            let repeated =
                steps.iter_mut().filter(|known| known.intent.reference == step.record.intent.reference);
            repeated.for_each(|known| known.is_superseded = true);
        }
        let part = Part { applicant: self.applicant, checks, steps: &steps };
        let mut evidence = verifier.evidence(&part);
        evidence.retain(|(check, _)| checks.contains(check));
        if is_open {
            return Standing { evidence, has_begun, next: Ok(Action::LookUp), stopped: Vec::new() };
        }
        let next = match uncertain {
            Some(_) if repeats.is_none() => Err(Stop::Uncertain),
            _ => self.next(at, verifier.next(&part), repeats),
        };
        let (next, stopped) = match (next, checks) {
            // What stops one check need not stop the others of the vendor.
            (Err(stop @ (Stop::Failed | Stop::Uncertain)), [_, _, ..]) => {
                self.others(at, &part, stop, repeats)
            }
            (next, _) => (next, Vec::new()),
        };
        Standing { evidence, has_begun, next, stopped }
    }

    /// Returns what is to be done for checks that a stop does not concern, and why the others go no further.
    fn others(
        &self,
        at: usize,
        part: &Part<'_>,
        stop: Stop,
        repeats: Option<u64>,
    ) -> (Result<Action, Stop>, Vec<(CheckKind, Stop)>) {
        let (mut next, mut stopped) = (Err(stop), Vec::new());
        for check in part.checks {
            let alone = Part { checks: std::slice::from_ref(check), ..*part };
            match self.next(at, self.vendors[at].verifier.next(&alone), repeats) {
                Err(Stop::Done) => stopped.push((*check, stop)),
                Err(other) => stopped.push((*check, other)),
                going if next.is_err() => next = going,
                Ok(_) => {}
            }
        }
        (next, stopped)
    }

    fn may_repeat(&self, key: &str, step: &str, checks: &[CheckKind]) -> bool {
        let is_repeated = self.state.of_vendor(key).any(|known| known.record.step == step && known.is_repeat);
        let policy = |check: &CheckKind| self.policy.check(*check);
        let says = checks.iter().filter_map(policy).all(|policy| policy.uncertain == OnUncertain::Repeat);
        (says || self.repeats) && !is_repeated
    }

    fn next(&self, vendor: usize, next: Next, repeats: Option<u64>) -> Result<Action, Stop> {
        match next {
            Next::Step { step, charge } => self.send(vendor, step, charge, repeats),
            Next::Query { step } => Ok(Action::Query { vendor, step }),
            Next::Capture { step, kit } => Ok(Action::Capture { vendor, step, kit }),
            Next::Retake(retake) => {
                if self.is_last_attempt(retake.item) {
                    Err(Stop::OutOfAttempts)
                } else {
                    Ok(Action::Retake { retake })
                }
            }
            _ => Err(Stop::Done),
        }
    }

    /// Whether the person may not hand something in again.
    pub(crate) fn is_last_attempt(&self, item: RetakeItem) -> bool {
        let attempts = usize::try_from(self.policy.limits.attempts).unwrap_or(usize::MAX);
        self.state.attempts(item) + 1 >= attempts
    }

    fn send(
        &self,
        vendor: usize,
        step: &'static str,
        charge: Charge,
        repeats: Option<u64>,
    ) -> Result<Action, Stop> {
        let key = &self.vendors[vendor].key;
        let newest = self.state.newest(key, step);
        // What the vendor wants first is no repetition of the step that is uncertain.
        let is_same =
            |of: &u64| self.state.steps.iter().any(|known| known.seq == *of && known.record.step == step);
        let repeats = repeats.filter(is_same);
        if repeats.is_none()
            && newest.is_some_and(|known| matches!(known.record.state, StepState::Uncertain(_)))
        {
            return Err(Stop::Uncertain);
        }
        if charge == Charge::Paid && self.state.paid().0 >= self.policy.limits.paid_calls {
            return Err(Stop::OverLimit);
        }
        let pause = match newest.map(|last| &last.record.state) {
            Some(StepState::Failed(_)) if newest.is_some_and(|last| last.seq <= self.forgives) => None,
            Some(StepState::Failed(failure)) => {
                let failures = self.state.failures(key, step, self.forgives);
                // With a new key, which the vendor asks for itself, what an expired one could not do may succeed.
                let may_succeed = failure.is_transient || failure.kind == ErrorKind::Expired.name();
                if failures >= MAX_TRIES || !may_succeed {
                    return Err(Stop::Failed);
                }
                let pause = Duration::from_secs(1 << failures.min(6));
                Some(failure.retry_after.unwrap_or_default().max(pause))
            }
            // Such as a key that seems to expire at once, where a clock is wrong.
            Some(StepState::Answered(_)) if charge == Charge::Free => {
                Some(Duration::from_secs(1 << self.state.times(key, step).min(8)))
            }
            _ => None,
        };
        let not_before = newest.zip(pause).map(|(last, pause)| last.changed.saturating_add(pause));
        Ok(Action::Send { vendor, step, charge, repeats, not_before })
    }
}
