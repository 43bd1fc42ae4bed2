//! Runs a case, one thing after another, until it is decided or waits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use kyc_core::{Part, RetakeItem};

use super::{Options, Read, Result, StepNotice, Verification, VerifyError};
use crate::case::{CaseId, Record};
use crate::decide::decide;
use crate::ledger::LedgerError;
use crate::model::Decision;
use crate::plan::{Action, Case, Plan, Vendor};
use crate::report::decision;
use crate::state::State;
use crate::steps::{Steps, ToSend};

/// The shortest pause between two looks at a vendor or the store.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// The longest one, so that a change by another process is noticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Verification {
    pub(super) async fn drive(&self, case: CaseId, steps: &mut Steps, options: Options) -> Result<()> {
        let started = self.clock.elapsed();
        let mut read = self.read(case).await?;
        if read.state.started.as_ref().is_some_and(|(_, environment, ..)| *environment != self.environment) {
            return Err(VerifyError::OtherEnvironment(case));
        }
        loop {
            let woken = self.woken.notified();
            if self.is_stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            steps.renew().await?;
            // The pictures are read again only when the person handed something in.
            let entries = self.ledger.records(case).await?;
            let state = State::of(&entries);
            if state.retakes.len() == read.state.retakes.len() {
                (read.state, read.entries) = (state, entries);
            } else {
                read = self.read(case).await?;
            }
            if read.state.is_forgotten || read.state.reviewed.is_some() {
                return Ok(());
            }
            if self.settle_open(steps, &read).await? {
                continue;
            }
            let known = self.of(&read, options.repeats_uncertain);
            let plan = known.plan();
            let left = options.wait.saturating_sub(self.clock.elapsed().saturating_sub(started));
            let is_over = read
                .state
                .waits_since
                .is_some_and(|since| self.clock.now().since(since) >= read.policy.limits.wait);
            match self.act(steps, &read, &known, &plan).await {
                Ok(true) | Err(VerifyError::Ledger(LedgerError::Conflict)) => continue,
                Ok(false) | Err(VerifyError::Ledger(LedgerError::PersonBusy)) => {}
                Err(error) => return Err(error),
            }
            // Only what waits is over: what can still be sent is sent first.
            if plan.actions.is_empty() || is_over {
                match self.decide(steps, &read, &plan).await {
                    Err(VerifyError::Ledger(LedgerError::Conflict)) => continue,
                    decided => return decided,
                }
            }
            let waits_alone = plan.actions.iter().all(|action| matches!(action, Action::Retake { .. }));
            if left.is_zero() || waits_alone {
                return Ok(());
            }
            let pause = self.pause(&plan).min(left);
            tokio::select! {
                () = self.clock.sleep(pause) => {}
                () = woken => {}
            }
        }
    }

    /// Finds out what became of a step whose end is not known. Returns whether there was one.
    async fn settle_open(&self, steps: &mut Steps, read: &Read) -> Result<bool> {
        for step in read.state.open() {
            let Some(vendor) = self.vendors.iter().find(|vendor| vendor.key == step.vendor) else { continue };
            let records = read.state.part(&vendor.key);
            let checks: Vec<_> = vendor.verifier.offers().iter().map(|offer| offer.check).collect();
            let part = Part { applicant: &read.applicant, checks: &checks, steps: &records };
            match steps.resolve(&*vendor.verifier, &part, step, read.state.last).await {
                Ok(()) | Err(VerifyError::Ledger(LedgerError::Conflict)) => return Ok(true),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Does what can be done now. Returns whether something changed.
    async fn act(&self, steps: &mut Steps, read: &Read, known: &Case<'_>, plan: &Plan) -> Result<bool> {
        let now = self.clock.now();
        for action in &plan.actions {
            let Action::Send { vendor, step, charge, repeats, not_before } = action else { continue };
            if not_before.is_some_and(|time| time > now) {
                continue;
            }
            let Vendor { key, verifier } = &self.vendors[*vendor];
            let mut records = read.state.part(key);
            if let Some(repeated) =
                repeats.and_then(|seq| read.state.steps.iter().find(|step| step.seq == seq))
            {
                let reference = &repeated.record.intent.reference;
                let same = records.iter_mut().filter(|record| record.intent.reference == *reference);
                same.for_each(|record| record.is_superseded = true);
            }
            let part = Part { applicant: known.applicant, checks: &plan.wanted[*vendor], steps: &records };
            let send = ToSend {
                vendor: key,
                verifier: &**verifier,
                step,
                charge: *charge,
                repeats: *repeats,
                after: read.state.last,
            };
            self.tell(steps, key, step, false);
            let ran = steps.run(&send, &part).await;
            self.tell(steps, key, step, true);
            return ran.map(|()| true);
        }
        let mut has_changed = false;
        for action in &plan.actions {
            has_changed |= self.look(steps, read, plan, action).await?;
        }
        Ok(has_changed)
    }

    /// Queries what waits. Returns whether something changed.
    async fn look(&self, steps: &mut Steps, read: &Read, plan: &Plan, action: &Action) -> Result<bool> {
        let (vendor, step) = match action {
            Action::Query { vendor, step } => (*vendor, *step),
            Action::Capture { vendor, step, kit } => {
                let key = &self.vendors[*vendor].key;
                let opened = read.state.captures.iter().filter(|known| *known == key).count();
                let kits =
                    read.state.retakes.iter().filter(|item| *item == RetakeItem::Capture.as_str()).count()
                        + 1;
                if opened < kits {
                    let record = Record::CaptureOpened { vendor: key.clone(), expires: kit.expires };
                    steps.note(&record).await?;
                    return Ok(true);
                }
                (*vendor, *step)
            }
            _ => return Ok(false),
        };
        let Vendor { key, verifier } = &self.vendors[vendor];
        let records = read.state.part(key);
        let part = Part { applicant: &read.applicant, checks: &plan.wanted[vendor], steps: &records };
        match read.state.newest(key, step).map(|step| step.seq) {
            Some(of) => steps.query(&**verifier, &part, step, of).await,
            // A capture's result belongs to no step that was sent: its answer gets one of its own.
            None => steps.query_alone(key, &**verifier, &part, step).await,
        }
    }

    async fn decide(&self, steps: &Steps, read: &Read, plan: &Plan) -> Result<()> {
        let new = decide(&read.policy, &plan.results, self.clock.now());
        let old = decision(&read.state, &read.policy);
        let is_same =
            |old: &Decision| (old.outcome, old.rule, &old.decisive) == (new.outcome, new.rule, &new.decisive);
        if old.as_ref().is_some_and(is_same) {
            return Ok(());
        }
        let record = Record::Decided {
            outcome: new.outcome.as_str().to_owned(),
            rule: new.rule.as_str().to_owned(),
            decisive: new.decisive.iter().map(|check| check.as_str().to_owned()).collect(),
        };
        steps.decide(read.state.last, &record).await?;
        Ok(())
    }

    /// Returns how long to wait before the next look.
    fn pause(&self, plan: &Plan) -> Duration {
        let now = self.clock.now();
        let waits = plan.actions.iter().map(|action| match action {
            Action::Send { not_before, .. } => not_before.map_or(SHORTEST_PAUSE, |time| time.since(now)),
            Action::Query { vendor, .. } | Action::Capture { vendor, .. } => {
                self.vendors[*vendor].verifier.poll_interval()
            }
            Action::Retake { .. } => LONGEST_PAUSE,
        });
        waits.min().unwrap_or(LONGEST_PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
    }

    fn tell(&self, steps: &Steps, vendor: &str, step: &str, has_ended: bool) {
        if let Some(observer) = &self.observer {
            observer(&StepNotice { case: steps.lease.case, vendor, step, has_ended });
        }
    }
}
