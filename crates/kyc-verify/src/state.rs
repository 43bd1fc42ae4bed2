//! The state of a case, which follows from its records alone.

use kyc_core::{Answer, Failure, Intent, Notes, Retake, RetakeItem, StepRecord, StepState, Timestamp};

use crate::case::{Asked, Entry, Environment, Record};
use crate::model::Outcome;

/// How often a step is tried that was not sent or was refused.
pub(crate) const MAX_TRIES: usize = 3;

/// A step of a vendor.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The position of its intent.
    pub(crate) seq: u64,
    pub(crate) vendor: String,
    pub(crate) is_paid: bool,
    /// Whether it was sent although an earlier one may have been paid.
    pub(crate) is_repeat: bool,
    /// Whether it may have been paid, though nothing tells what became of it.
    pub(crate) is_uncertain: bool,
    pub(crate) record: StepRecord,
    /// When its state changed last.
    pub(crate) changed: Timestamp,
}

/// What the records of a case say.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) started: Option<(Timestamp, Environment, String, String)>,
    pub(crate) steps: Vec<Step>,
    /// The newest decision, by the policy or a person, with its position.
    pub(crate) decided: Option<(u64, Timestamp, Record)>,
    /// The outcome of a person's review.
    pub(crate) reviewed: Option<String>,
    /// Since when the person waits for the review that they asked for.
    pub(crate) review_requested: Option<Timestamp>,
    pub(crate) is_alert: bool,
    /// The events that brought an alert.
    pub(crate) alerting: Vec<String>,
    pub(crate) is_forgotten: bool,
    /// What was handed in anew.
    pub(crate) retakes: Vec<String>,
    /// What the person is asked for before anything is sent; `None` as long as they were not asked.
    pub(crate) asked: Option<Vec<Retake>>,
    /// Of that, what the person has not handed in anew yet.
    excused: Vec<String>,
    /// Of that, what they have: it uses up no attempt.
    free: Vec<String>,
    /// The captures that were opened since the person captured last: where, by which vendor, and until when.
    pub(crate) captures: Vec<(u64, String, Option<Timestamp>)>,
    /// What events are about that nobody has looked at.
    pub(crate) news: Vec<u64>,
    /// The types of the events about each intent or capture since something became of it.
    pub(crate) events: Vec<(u64, String)>,
    /// Since when the case waits for what it waits for: its beginning, the newest call that was paid, capture that was opened, or
    /// thing that was handed in.
    pub(crate) waits_since: Option<Timestamp>,
    /// The position of the newest record.
    pub(crate) last: u64,
}

/// Returns what stands for an intent where there is none.
fn no_intent(at: Timestamp) -> Intent {
    Intent::new(String::new(), at, Notes::default())
}

impl State {
    /// Reads the records, in time proportional to their number and that of the steps.
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut state = Self::default();
        for entry in entries {
            state.apply(entry);
            state.last = entry.seq;
        }
        state
    }

    fn apply(&mut self, Entry { seq, at, record }: &Entry) {
        match record {
            Record::Started { policy_version, policy_sha256, environment, .. } => {
                let policy = (policy_version.clone(), policy_sha256.clone());
                self.started.get_or_insert((*at, *environment, policy.0, policy.1));
                self.waits_since = Some(*at);
            }
            Record::Intended { vendor, step, is_paid, repeats, private } => {
                if let Some(repeated) = repeats {
                    self.change(*repeated, |step| step.record.is_superseded = true);
                }
                if *is_paid {
                    self.waits_since = Some(*at);
                }
                // Of a case that is forgotten it still counts that a call was paid.
                let intent = private.expose().cloned().unwrap_or_else(|| no_intent(*at));
                let record = StepRecord::new(step.clone(), intent, StepState::Intended);
                self.add(*seq, *at, vendor, record);
                self.change(*seq, |step| (step.is_paid, step.is_repeat) = (*is_paid, repeats.is_some()));
            }
            Record::Answered { of, private } => {
                let answer = private.expose().cloned().unwrap_or_default();
                self.end(*of, *at, StepState::Answered(answer));
            }
            Record::Captured { vendor, step, private } => {
                let answer = StepState::Answered(private.expose().cloned().unwrap_or_default());
                self.add(*seq, *at, vendor, StepRecord::new(step.clone(), no_intent(*at), answer));
                let opened: Vec<_> = self.captures.iter().filter(|known| known.1 == *vendor).collect();
                let seen: Vec<_> = opened.into_iter().map(|known| known.0).collect();
                self.news.retain(|of| !seen.contains(of));
            }
            Record::Pending { of, private } => match private.expose() {
                Some(id) => self.end(*of, *at, StepState::Pending(id.clone())),
                None => self.end(*of, *at, StepState::Answered(Answer::default())),
            },
            Record::Failed { of, failure } => self.end(*of, *at, StepState::Failed(failure.clone())),
            Record::Uncertain { of, failure } => self.end(*of, *at, StepState::Uncertain(failure.clone())),
            Record::Superseded { item, of } => {
                of.iter().for_each(|of| self.change(*of, |step| step.record.is_superseded = true));
                self.retakes.push(item.clone());
                // One retake, whatever it shows: then the case goes on.
                self.asked = self.asked.take().map(|_| Vec::new());
                if let Some(at) = self.excused.iter().position(|excused| excused == item) {
                    self.free.push(self.excused.swap_remove(at));
                }
                self.waits_since = Some(*at);
                if item == RetakeItem::Capture.as_str() {
                    self.captures.clear();
                }
            }
            Record::Advised { retakes } => {
                self.excused = retakes.iter().map(|asked| asked.item.clone()).collect();
                self.asked = Some(retakes.iter().filter_map(Asked::retake).collect());
                self.waits_since = Some(*at);
            }
            Record::CaptureOpened { vendor, expires, .. } => {
                // A key that expired and is replaced does not prolong the wait.
                if self.captures.iter().all(|(_, known, _)| known != vendor) {
                    self.waits_since = Some(*at);
                }
                self.captures.push((*seq, vendor.clone(), *expires));
            }
            Record::Event { of, event_type, private } => {
                self.events.push((*of, event_type.clone()));
                if let Some(told) = private.expose() {
                    self.change(*of, |step| step.record.told.push(told.clone()));
                }
                if !self.news.contains(of) {
                    self.news.push(*of);
                }
            }
            Record::LookedUp { of, .. } => self.seen(*of),
            Record::Decided { .. } => self.decided = Some((*seq, *at, record.clone())),
            Record::Reviewed { outcome, .. } => {
                self.reviewed = Some(outcome.clone());
                if outcome != Outcome::Review.as_str() {
                    self.review_requested = None;
                }
                // A person has seen what is known.
                self.is_alert = false;
            }
            Record::Alert { private, .. } => {
                self.is_alert = true;
                self.alerting.extend(private.expose().cloned());
            }
            Record::Forgotten => self.is_forgotten = true,
            Record::ReviewRequested { .. } => {
                self.review_requested.get_or_insert(*at);
            }
            Record::Held { .. } => {}
        }
    }

    fn add(&mut self, seq: u64, at: Timestamp, vendor: &str, record: StepRecord) {
        self.steps.push(Step {
            seq,
            vendor: vendor.to_owned(),
            is_paid: false,
            is_repeat: false,
            is_uncertain: false,
            record,
            changed: at,
        });
    }

    fn seen(&mut self, of: u64) {
        self.news.retain(|other| *other != of);
        self.events.retain(|(other, _)| *other != of);
    }

    fn change(&mut self, of: u64, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.iter_mut().rfind(|step| step.seq == of) {
            change(step);
        }
    }

    /// A newer answer stands for an older one, and an answer for everything else. That nothing was sent counts only while nothing
    /// tells otherwise.
    fn end(&mut self, of: u64, at: Timestamp, state: StepState) {
        if matches!(state, StepState::Answered(_)) {
            self.seen(of);
        }
        self.change(of, |step| {
            let applies = match (&step.record.state, &state) {
                (_, StepState::Answered(_)) => true,
                (StepState::Answered(_), _) => false,
                (StepState::Pending(_), StepState::Failed(_)) => false,
                (known, StepState::Uncertain(_)) => matches!(known, StepState::Intended),
                _ => true,
            };
            if applies {
                step.is_uncertain = matches!(state, StepState::Uncertain(_));
                step.record.state = state;
                step.changed = at;
            }
        });
    }

    /// Returns how often a vendor had the person hand something in anew.
    pub(crate) fn attempts(&self, item: RetakeItem) -> usize {
        let count = |items: &[String]| items.iter().filter(|known| *known == item.as_str()).count();
        count(&self.retakes).saturating_sub(count(&self.free))
    }

    /// Whether nothing was sent, opened, handed in anew or decided yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.steps.is_empty()
            && self.captures.is_empty()
            && self.retakes.is_empty()
            && self.decided.is_none()
            && self.asked.is_none()
    }

    /// Returns a vendor's steps, oldest first.
    pub(crate) fn part(&self, vendor: &str) -> Vec<StepRecord> {
        if self.is_forgotten {
            return Vec::new();
        }
        self.of_vendor(vendor).map(|step| step.record.clone()).collect()
    }

    pub(crate) fn of_vendor(&self, vendor: &str) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.vendor == vendor)
    }

    /// Returns the vendor that an intent or a capture belongs to.
    pub(crate) fn vendor_of(&self, of: u64) -> Option<&str> {
        let step = self.steps.iter().find(|step| step.seq == of).map(|step| step.vendor.as_str());
        step.or_else(|| self.captures.iter().find(|known| known.0 == of).map(|known| known.1.as_str()))
    }

    /// Returns a vendor's answers that count.
    pub(crate) fn answered(&self, vendor: &str) -> impl Iterator<Item = &Step> {
        self.of_vendor(vendor)
            .filter(|step| matches!(step.record.state, StepState::Answered(_)) && !step.record.is_superseded)
    }

    /// Returns what events are about that concern an answer: its own intent, or a capture by the same vendor.
    pub(crate) fn news_of(&self, step: &Step) -> Vec<u64> {
        let is_capture =
            |of: u64| self.captures.iter().any(|(seq, vendor, _)| *seq == of && *vendor == step.vendor);
        self.news.iter().copied().filter(|of| *of == step.seq || is_capture(*of)).collect()
    }

    /// Returns the newest attempt at a step, unless it is superseded.
    pub(crate) fn newest(&self, vendor: &str, step: &str) -> Option<&Step> {
        self.of_vendor(vendor)
            .rfind(|known| known.record.step == step)
            .filter(|known| !known.record.is_superseded)
    }

    /// Returns the steps of which it is not known whether they were sent.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| matches!(step.record.state, StepState::Intended))
    }

    /// Returns how many calls were or may have been paid, and how many of them are uncertain.
    pub(crate) fn paid(&self) -> (u32, u32) {
        let may_cost = |step: &&Step| step.is_paid && !matches!(step.record.state, StepState::Failed(_));
        let paid = self.steps.iter().filter(may_cost);
        let uncertain = paid.clone().filter(|step| step.is_uncertain);
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (count(paid.count()), count(uncertain.count()))
    }

    /// Returns how often a step was made since the person handed something in last.
    pub(crate) fn times(&self, vendor: &str, step: &str) -> usize {
        let made = |known: &&Step| known.record.step == step && !known.record.is_superseded;
        self.of_vendor(vendor).filter(made).count()
    }

    /// Returns why the vendor's newest call failed, if it did.
    pub(crate) fn failure(&self, vendor: &str) -> Option<&Failure> {
        self.of_vendor(vendor).rev().find_map(|step| match &step.record.state {
            StepState::Failed(failure) => Some(failure),
            _ => None,
        })
    }

    /// Returns how often a step failed since the person handed something in last, and after a position.
    pub(crate) fn failures(&self, vendor: &str, step: &str, after: u64) -> usize {
        let attempts = self.of_vendor(vendor).filter(|known| known.record.step == step);
        let current = attempts.rev().take_while(|known| !known.record.is_superseded);
        let is_failed = |known: &&Step| matches!(known.record.state, StepState::Failed(_));
        current.filter(is_failed).filter(|known| known.seq > after).count()
    }
}
