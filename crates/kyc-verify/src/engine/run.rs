//! Runs a case, one thing after another, until it is decided or waits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use kyc_core::{Charge, Part, StepRecord, StepState};

use super::pace::{Key, Pace};
use super::{Options, Read, Result, StepNotice, Verification, VerifyError};
use crate::case::{CaseId, Record, Sealed};
use crate::decide::decide;
use crate::ledger::LedgerError;
use crate::model::Decision;
use crate::plan::{Action, Case, Plan, Vendor};
use crate::report::decision;
use crate::state::{State, Step};
use crate::steps::{LookedUp, Steps, ToSend};

/// The shortest pause between two looks at a vendor or the store.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// The longest one, so that a change by another process is noticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The pause while another case of the person has a call to the same vendor under way.
const BUSY_PAUSE: Duration = Duration::from_secs(1);

/// How long a step is looked for of which it is not known whether it was sent.
const LOOKED_FOR: Duration = Duration::from_secs(15 * 60);

/// What came of a round.
#[derive(Clone, Copy, PartialEq)]
enum Round {
    /// Something changed.
    Changed,
    /// Nothing changed.
    Waits,
    /// Nothing changed, since another case of the person is in the way.
    Busy,
}

/// A step that is sent now.
struct Due<'a> {
    vendor: usize,
    send: ToSend<'a>,
    records: Vec<StepRecord>,
}

impl Verification {
    pub(super) async fn drive(&self, case: CaseId, steps: &mut Steps, options: Options) -> Result<()> {
        let started = self.clock.elapsed();
        let running = self.wakers.run(case);
        let (mut pace, mut has_looked) = (Pace::default(), false);
        let mut read = self.read(case).await?;
        self.check_environment(case, &read.state)?;
        // A person has to decide, but a vendor that was down may be there again.
        read.forgives = if read.state.decided.is_some() { read.state.last } else { 0 };
        loop {
            let woken = running.woken.notified();
            if self.is_stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            steps.keep().await?;
            self.refresh(case, &mut read, &mut pace).await?;
            if read.state.is_forgotten || read.state.reviewed.is_some() {
                return Ok(());
            }
            if !has_looked {
                match self.look_first(steps, &read, options).await {
                    Err(VerifyError::Ledger(LedgerError::Conflict)) => continue,
                    asked => has_looked = asked.map(|_| true)?,
                }
                continue;
            }
            let waits_since = read.state.waits_since.unwrap_or_else(|| self.clock.now());
            let is_over = self.clock.now().since(waits_since) >= read.policy.limits.wait;
            let round = match self.round(steps, &read, &mut pace, options, is_over).await {
                Ok(round) => round,
                Err(VerifyError::Ledger(LedgerError::Conflict)) => Round::Changed,
                Err(error) => return Err(error),
            };
            if round == Round::Changed {
                continue;
            }
            let plan = self.of(&read, options.repeats_uncertain).plan();
            // Only what waits is over: what can still be sent is sent first.
            if plan.actions.is_empty() || is_over {
                match self.decide(steps, &read, &plan).await {
                    Err(VerifyError::Ledger(LedgerError::Conflict)) => continue,
                    decided => return decided,
                }
            }
            let left = options.wait.saturating_sub(self.clock.elapsed().saturating_sub(started));
            let waits_alone = plan.actions.iter().all(|action| matches!(action, Action::Retake { .. }));
            if left.is_zero() || waits_alone {
                return Ok(());
            }
            let pause = self.pause(&read, &plan, &pace, round).min(left);
            tokio::select! {
                () = self.clock.sleep(pause) => {}
                () = woken => {}
            }
        }
    }

    /// Reads what was written meanwhile. The pictures are read again only when the person handed something in.
    async fn refresh(&self, case: CaseId, read: &mut Read, pace: &mut Pace) -> Result<()> {
        let entries = self.ledger.records(case).await?;
        let state = State::of(&entries);
        let has_news = state.news.iter().any(|of| !read.state.news.contains(of));
        if has_news || state.retakes.len() != read.state.retakes.len() {
            pace.hurry();
        }
        if state.retakes.len() == read.state.retakes.len() {
            (read.state, read.entries) = (state, entries);
        } else {
            *read = Read { forgives: read.forgives, ..self.read(case).await? };
        }
        Ok(())
    }

    /// Does what can be done now.
    async fn round(
        &self,
        steps: &mut Steps,
        read: &Read,
        pace: &mut Pace,
        options: Options,
        is_over: bool,
    ) -> Result<Round> {
        if self.settle(steps, read, pace, is_over).await? || self.look_at_news(steps, read, pace).await? {
            return Ok(Round::Changed);
        }
        let known = self.of(read, options.repeats_uncertain);
        let plan = known.plan();
        let sent = self.send_next(steps, read, &known, &plan, options.side_by_side).await?;
        if sent == Round::Changed {
            return Ok(sent);
        }
        let mut round = sent;
        for action in &plan.actions {
            if self.look(steps, read, &plan, pace, action).await? {
                round = Round::Changed;
            }
        }
        Ok(round)
    }

    /// Finds out what became of steps whose end is not known. Those that are uncertain are looked for once more in each run, since
    /// that costs nothing. Returns whether something is known now.
    async fn settle(&self, steps: &mut Steps, read: &Read, pace: &mut Pace, is_over: bool) -> Result<bool> {
        let is_unknown = |step: &&Step| match step.record.state {
            StepState::Intended => true,
            StepState::Uncertain(_) => !step.record.is_superseded,
            _ => false,
        };
        for step in read.state.steps.iter().filter(is_unknown) {
            let Some(vendor) = self.vendors.iter().find(|vendor| vendor.key == step.vendor) else { continue };
            let key = (vendor.key.clone(), step.seq);
            if !pace.left(&key, &*self.clock).is_zero() {
                continue;
            }
            let records = read.state.part(&vendor.key);
            let checks: Vec<_> = vendor.verifier.offers().iter().map(|offer| offer.check).collect();
            let part = Part { applicant: &read.applicant, checks: &checks, steps: &records };
            let gives_up = is_over || self.clock.now().since(step.record.intent.at) >= LOOKED_FOR;
            match steps.look_up(&*vendor.verifier, &part, step, read.state.last, gives_up).await? {
                LookedUp::Written => return Ok(true),
                LookedUp::NotYet => pace.looked_in_vain(key, &*self.clock),
                LookedUp::Never => pace.looked(key, Duration::MAX, &*self.clock),
            }
        }
        Ok(false)
    }

    /// Sends the first step that can be sent now, or one of each vendor, if they are asked side by side.
    async fn send_next(
        &self,
        steps: &mut Steps,
        read: &Read,
        known: &Case<'_>,
        plan: &Plan,
        side_by_side: bool,
    ) -> Result<Round> {
        let due: Vec<_> = plan.actions.iter().filter_map(|action| self.due(read, action)).collect();
        let mut paid_calls = read.policy.limits.paid_calls.saturating_sub(read.state.paid().0);
        let (mut after, mut round) = (read.state.last, Round::Waits);
        let mut begun = Vec::new();
        let mut outcome = Ok(());
        for Due { vendor, send, records } in &due {
            if send.charge == Charge::Paid && paid_calls == 0 || !begun.is_empty() && !side_by_side {
                break;
            }
            let part = Part { applicant: known.applicant, checks: &plan.wanted[*vendor], steps: records };
            self.tell(steps, send, false);
            let intended = steps.intend(send, &part, after).await;
            if !matches!(intended, Ok((Some(_), _))) {
                self.tell(steps, send, true);
            }
            match intended {
                Ok((intent, newest)) => {
                    (after, round) = (newest, Round::Changed);
                    begun.extend(intent.map(|(of, intent)| (send, part, of, intent)));
                    paid_calls -= u32::from(send.charge == Charge::Paid);
                }
                // Another vendor may still be asked.
                Err(LedgerError::PersonBusy) if round == Round::Waits => round = Round::Busy,
                Err(LedgerError::PersonBusy) => {}
                Err(error) => {
                    outcome = Err(error.into());
                    break;
                }
            }
            if round == Round::Changed && !side_by_side {
                break;
            }
        }
        // Also after a conflict: what is intended is sent.
        let sent = steps.send(&begun).await;
        begun.iter().for_each(|(send, ..)| self.tell(steps, send, true));
        sent.and(outcome).map(|()| round)
    }

    /// Returns what is sent now for an action, and the records that it is made from.
    fn due<'a>(&'a self, read: &Read, action: &Action) -> Option<Due<'a>> {
        let Action::Send { vendor, step, charge, repeats, not_before } = action else { return None };
        if not_before.is_some_and(|time| time > self.clock.now()) {
            return None;
        }
        let Vendor { key, verifier } = &self.vendors[*vendor];
        let mut records = read.state.part(key);
        if let Some(repeated) = repeats.and_then(|seq| read.state.steps.iter().find(|step| step.seq == seq)) {
            let reference = &repeated.record.intent.reference;
            let same = records.iter_mut().filter(|record| record.intent.reference == *reference);
            same.for_each(|record| record.is_superseded = true);
        }
        let send = ToSend { vendor: key, verifier: &**verifier, step, charge: *charge, repeats: *repeats };
        Some(Due { vendor: *vendor, send, records })
    }

    /// Queries what waits, if it is due. Returns whether something changed.
    async fn look(
        &self,
        steps: &mut Steps,
        read: &Read,
        plan: &Plan,
        pace: &mut Pace,
        action: &Action,
    ) -> Result<bool> {
        let (Action::Query { vendor, step } | Action::Capture { vendor, step, .. }) = action else {
            return Ok(false);
        };
        let Vendor { key, verifier } = &self.vendors[*vendor];
        if let Action::Capture { kit, .. } = action {
            let is_known = |(_, of, expires): &(u64, String, _)| *of == *key && *expires == kit.expires;
            if !read.state.captures.iter().any(is_known) {
                let private = kit.operation.clone().map(Sealed::new).unwrap_or_default();
                let record = Record::CaptureOpened { vendor: key.clone(), expires: kit.expires, private };
                steps.note(&record).await?;
                return Ok(true);
            }
        }
        let looked_at = self.key(read, action);
        if !looked_at.as_ref().is_some_and(|key| pace.left(key, &*self.clock).is_zero()) {
            return Ok(false);
        }
        let records = read.state.part(key);
        let part = Part { applicant: &read.applicant, checks: &plan.wanted[*vendor], steps: &records };
        let has_changed = match read.state.newest(key, step) {
            Some(pending) if matches!(action, Action::Query { .. }) => {
                steps.query(&**verifier, &part, step, pending.seq).await?
            }
            _ => steps.query_capture(key, &**verifier, &part, step).await?,
        };
        if let Some(key) = looked_at {
            pace.looked(key, verifier.poll_interval(), &*self.clock);
        }
        Ok(has_changed)
    }

    /// Returns what an action looks at; `None` if it looks at nothing.
    fn key(&self, read: &Read, action: &Action) -> Option<Key> {
        match action {
            Action::Query { vendor, step } => {
                let key = &self.vendors[*vendor].key;
                let seq = read.state.newest(key, step).map_or(0, |step| step.seq);
                Some((key.clone(), seq))
            }
            Action::Capture { vendor, .. } => Some((self.vendors[*vendor].key.clone(), 0)),
            _ => None,
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
    fn pause(&self, read: &Read, plan: &Plan, pace: &Pace, round: Round) -> Duration {
        let now = self.clock.now();
        let open = read.state.open().map(|step| pace.left(&(step.vendor.clone(), step.seq), &*self.clock));
        let waits = plan.actions.iter().filter_map(|action| match action {
            Action::Send { not_before: Some(time), .. } if *time > now => Some(time.since(now)),
            Action::Send { .. } if round == Round::Busy => Some(BUSY_PAUSE),
            Action::Send { .. } => Some(SHORTEST_PAUSE),
            _ => self.key(read, action).map(|key| pace.left(&key, &*self.clock)),
        });
        let next = waits.chain(open).min().unwrap_or(LONGEST_PAUSE);
        next.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
    }

    fn tell(&self, steps: &Steps, ToSend { vendor, step, .. }: &ToSend<'_>, has_ended: bool) {
        if let Some(observer) = &self.observer {
            observer(&StepNotice { case: steps.lease.case, vendor, step, has_ended });
        }
    }
}
