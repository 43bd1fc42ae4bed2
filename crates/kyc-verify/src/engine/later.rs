//! What happens to a case from outside: events, pictures that are handed in again, reviews, bad news.

use kyc_core::{Answer, Media, Part, RetakeItem, StepState, WebhookEvent};

use super::pace::Pace;
use super::{Read, Result, Verification, VerifyError};
use crate::case::{CaseId, Entry, Record, Sealed, Statement};
use crate::decide::worsened;
use crate::ledger::{Append, LedgerError};
use crate::model::Outcome;
use crate::plan::{Case, Vendor};
use crate::report::{CaseReport, decision};
use crate::state::{State, Step};
use crate::steps::Steps;
use crate::vault;

/// How many different statements of events are kept for one intent. Any further event is still a reason to look.
const MAX_TOLD: usize = 16;

/// How often it is tried to write what depends on everything that is written before.
const WRITES: u32 = 20;

impl Verification {
    /// Takes an event of a vendor, and returns the case that it belongs to: resume it, also if it is decided.
    ///
    /// An event is never an answer: it is a reason to ask the vendor. Only one whose sender is
    /// [authenticated](kyc_core::Trust::is_authenticated) tells more: a step of which it was not known whether it was sent is then
    /// pending by the event's own id, and what the event states may speak against the answer. An event that is repeated before
    /// anybody has looked is not written again.
    ///
    /// # Errors
    /// The case belongs to the other environment, or the store failed.
    pub async fn event(&self, event: &WebhookEvent) -> Result<Option<CaseId>> {
        for operation in &event.operations {
            let Some((case, of)) = self.ledger.find(operation).await? else { continue };
            let state = State::of(&self.ledger.records(case).await?);
            let key = state.vendor_of(of);
            let vendor = self.vendors.iter().find(|vendor| key == Some(vendor.key.as_str()));
            let Some(vendor) = vendor.filter(|vendor| vendor.verifier.vendor() == event.vendor) else {
                continue;
            };
            self.check_environment(case, &state)?;
            let told = event.trust.is_authenticated().then(|| vendor.verifier.told(event)).flatten();
            self.take(case, of, &state, event, told).await?;
            self.wakers.wake(case);
            return Ok(Some(case));
        }
        self.take_news(event).await
    }

    async fn take(
        &self,
        case: CaseId,
        of: u64,
        state: &State,
        event: &WebhookEvent,
        told: Option<Answer>,
    ) -> Result<()> {
        let step = state.steps.iter().find(|step| step.seq == of).map(|step| &step.record);
        let known = step.map_or(&[][..], |record| &record.told[..]);
        let told = told.filter(|told| known.len() < MAX_TOLD && !known.contains(told));
        let is_known = state.events.iter().any(|(about, known)| *about == of && known == event.event_type);
        if told.is_some() || !is_known {
            let private = told.map(Sealed::new).unwrap_or_default();
            let record = Record::Event { of, event_type: event.event_type.to_owned(), private };
            self.ledger.append(case, Append::Fact, &record).await?;
        }
        let step = step.map(|record| &record.state);
        let own_id = event.operations.iter().find(|id| !id.is_reference());
        if let (Some(StepState::Intended | StepState::Uncertain(_)), Some(id), true) =
            (step, own_id, event.trust.is_authenticated())
        {
            let record = Record::Pending { of, private: Sealed::new(id.clone()) };
            self.ledger.append(case, Append::Fact, &record).await?;
        }
        Ok(())
    }

    /// Takes what the person handed in again: one picture, or all frames of a capture; for a capture by a vendor's kit there is
    /// nothing to hand in. Resume the case then.
    ///
    /// # Errors
    /// `Closed`, `OutOfAttempts`, or the store failed.
    pub async fn submit_again(
        &self,
        case: CaseId,
        item: RetakeItem,
        media: impl IntoIterator<Item = Media>,
    ) -> Result<()> {
        let media: Vec<_> = media.into_iter().collect();
        let read = self.read(case).await?;
        if read.state.is_forgotten || !self.ledger.info(case).await?.is_open {
            return Err(VerifyError::Closed(case));
        }
        // What the person is asked for before anything is sent uses up no attempt.
        let is_asked = read.state.asked.iter().flatten().any(|retake| retake.item == item);
        if !is_asked && self.of(&read, false).is_last_attempt(item) {
            return Err(VerifyError::OutOfAttempts);
        }
        vault::put_again(&*self.vault, case, read.applicant, item, media).await?;
        self.supersede(case, item).await?;
        self.wakers.wake(case);
        Ok(())
    }

    /// Writes that something was handed in anew, and which steps used the one before. Those have to be all of them: a step that another
    /// process begins meanwhile makes it look again.
    async fn supersede(&self, case: CaseId, item: RetakeItem) -> Result<()> {
        let uses = |step: &&Step| {
            let vendor = self.vendors.iter().find(|vendor| vendor.key == step.vendor);
            !step.record.is_superseded
                && vendor.is_some_and(|vendor| vendor.verifier.uses(&step.record.step).contains(&item))
        };
        let mut attempt = 1;
        loop {
            let state = State::of(&self.ledger.records(case).await?);
            let of = state.steps.iter().filter(uses).map(|step| step.seq).collect();
            let by = Append::FactAfter(state.last);
            match self.ledger.append(case, by, &Record::superseded(item, of)).await {
                Err(LedgerError::Conflict) if attempt < WRITES => attempt += 1,
                appended => return Ok(appended.map(drop)?),
            }
        }
    }

    /// Writes what a person decided, who they claim to be, and why.
    ///
    /// # Errors
    /// The case is forgotten or incomplete, there is none, or the store failed.
    pub async fn review(&self, case: CaseId, outcome: Outcome, statement: Statement) -> Result<CaseReport> {
        let record =
            Record::Reviewed { outcome: outcome.as_str().to_owned(), private: Sealed::new(statement) };
        self.ledger.append(case, Append::Fact, &record).await?;
        self.wakers.wake(case);
        self.show(case).await
    }

    /// Writes that the person asked for a person to review a decision, which the law grants them where a machine decided alone (LGPD,
    /// art. 20), and what they said.
    ///
    /// It decides nothing, and the case keeps its state: a refused one stays refused, and nothing is sent or paid again. But lists and
    /// reports tell that somebody [has to look](CaseReport::review_requested), and its pictures are kept, until a person
    /// [approves or refuses](Self::review) the case. A request that is repeated meanwhile is written, and waits since the first one.
    ///
    /// # Errors
    /// The case is forgotten, there is none, or the store failed.
    pub async fn request_review(&self, case: CaseId, statement: Statement) -> Result<()> {
        let record = Record::ReviewRequested { private: Sealed::new(statement) };
        self.ledger.append(case, Append::Fact, &record).await?;
        Ok(())
    }

    /// Asks again, after the decision, the vendors who may still report bad news, and writes an alert if there is some. Good news
    /// lifts no alert; a person's review does.
    ///
    /// # Errors
    /// A vendor could not be asked, another process runs the case, it belongs to the other environment, or the store failed.
    pub async fn watch(&self, case: CaseId) -> Result<CaseReport> {
        self.look_back(case, |vendor, has_news| has_news || vendor.verifier.watches_for().is_some()).await
    }

    /// Asks again for what events are about, after the decision.
    pub(super) async fn look_at_late_events(&self, case: CaseId) -> Result<CaseReport> {
        self.look_back(case, |_, has_news| has_news).await
    }

    /// Asks again for the answers that the choice picks: by the vendor, and whether an event is about them.
    async fn look_back(&self, case: CaseId, picks: impl Fn(&Vendor, bool) -> bool) -> Result<CaseReport> {
        let mut steps = self.steps(case).await?;
        let looked = async {
            let read = self.read(case).await?;
            self.check_environment(case, &read.state)?;
            let silent = self.ask_again(&mut steps, &read, picks).await?;
            let read = self.read(case).await?;
            if let Some(record) = self.bad_news(&read) {
                steps.note(&record).await?;
            }
            silent.map_or(Ok(()), |vendor| Err(VerifyError::Silent(vendor)))
        };
        let outcome = looked.await;
        self.ledger.end_lease(&steps.lease, None).await?;
        outcome?;
        self.show(case).await
    }

    /// Returns a vendor that could not be asked.
    async fn ask_again(
        &self,
        steps: &mut Steps,
        read: &Read,
        picks: impl Fn(&Vendor, bool) -> bool,
    ) -> Result<Option<String>> {
        let unknown = |step: &&Step| self.vendors.iter().all(|vendor| vendor.key != step.vendor);
        let mut silent = read.state.steps.iter().find(unknown).map(|step| step.vendor.clone());
        for vendor in self.vendors.iter() {
            for step in read.state.answered(&vendor.key) {
                let news = read.state.news_of(step);
                if picks(vendor, !news.is_empty()) && !self.ask_anew(steps, read, vendor, step, &news).await?
                {
                    silent = Some(vendor.key.clone());
                }
            }
        }
        Ok(silent)
    }

    /// Looks at the events about steps that are answered, while the case is open. Returns whether one was looked at.
    pub(super) async fn look_at_news(&self, steps: &mut Steps, read: &Read, pace: &mut Pace) -> Result<bool> {
        let mut has_looked = false;
        for vendor in self.vendors.iter() {
            for step in read.state.answered(&vendor.key) {
                let news = read.state.news_of(step);
                let key = (vendor.key.clone(), step.seq);
                if news.is_empty() || !pace.left(&key, &*self.clock).is_zero() {
                    continue;
                }
                pace.looked_in_vain(key, &*self.clock);
                has_looked |= self.ask_anew(steps, read, vendor, step, &news).await?;
            }
        }
        Ok(has_looked)
    }

    /// Asks again for an answer. Returns whether the vendor told something.
    async fn ask_anew(
        &self,
        steps: &mut Steps,
        read: &Read,
        vendor: &Vendor,
        step: &Step,
        news: &[u64],
    ) -> Result<bool> {
        let records = read.state.part(&vendor.key);
        let checks: Vec<_> = vendor.verifier.offers().iter().map(|offer| offer.check).collect();
        let part = Part { applicant: &read.applicant, checks: &checks, steps: &records };
        steps.query_anew(&*vendor.verifier, &part, step, news).await
    }

    /// Returns the record of an alert, if a case that was approved is no longer as good as it was then. It follows from the
    /// records alone, so that no crash loses it.
    fn bad_news(&self, read: &Read) -> Option<Record> {
        let is_decision =
            |entry: &Entry| matches!(entry.record, Record::Decided { .. } | Record::Reviewed { .. });
        let at = read.entries.iter().rposition(is_decision)?;
        let decided = decision(&read.state, &read.policy)?;
        let outcome = read.state.reviewed.as_ref().map_or(Some(decided.outcome), |known| known.parse().ok());
        let is_late = self.clock.now().since(read.entries[at].at) > read.policy.limits.watch;
        if read.state.is_alert || is_late || outcome != Some(Outcome::Approved) {
            return None;
        }
        let then = State::of(&read.entries[..=at]);
        let then = Case { state: &then, ..self.of(read, false) };
        let checks = worsened(&then.plan().results, &self.of(read, false).plan().results);
        (!checks.is_empty()).then(|| Record::alert(&checks, None))
    }

    pub(super) fn check_environment(&self, case: CaseId, state: &State) -> Result<()> {
        match &state.started {
            Some((_, environment, ..)) if *environment != self.environment => {
                Err(VerifyError::OtherEnvironment(case))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn steps(&self, case: CaseId) -> std::result::Result<Steps, LedgerError> {
        let (ledger, clock) = (std::sync::Arc::clone(&self.ledger), std::sync::Arc::clone(&self.clock));
        Steps::new(ledger, clock, self.points.clone(), case).await
    }
}
