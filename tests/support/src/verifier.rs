//! A vendor's part of a verification, driven as a program does: intent, call, look-up, query.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::{
    Answer, Applicant, Charge, CheckKind, Clock as _, Cpf, Date, DocumentKind, Error, Evidence, Failure,
    IdentityDocument, Intent, LookUp, Media, Next, Notes, OperationId, Part, Pii, Sent, StepRecord,
    StepState, VendorClient, Verifier, VirtualClock,
};
use kyc_sandbox::samples;

/// The pause between two queries or look-ups. It is longer than the sandbox takes, except for its slow test inputs.
const PAUSE: Duration = Duration::from_secs(60);

/// How many calls a part may take. The slowest test input needs about ten queries for each of three images.
const MAX_ROUNDS: usize = 100;

/// Returns the person of the documented responses, with another CPF: it determines the outcome on the sandbox.
pub fn applicant(cpf: &str) -> Applicant {
    let picture = || Media::new(samples::A_2025).unwrap();
    let mut applicant = Applicant::new(Cpf::parse(cpf).unwrap());
    applicant.name = Some(Pii::new("MARIA EXEMPLO DA SILVA".to_owned()));
    applicant.birth_date = Some(Pii::new(Date::parse("1990-10-12").unwrap()));
    applicant.selfie = Some(picture());
    applicant.document = Some(IdentityDocument::new(DocumentKind::Rg, picture()).with_back(picture()));
    applicant
}

/// One vendor's part of a case.
#[derive(Debug)]
pub struct Case {
    verifier: Arc<dyn Verifier>,
    clock: VirtualClock,
    /// The person.
    pub applicant: Applicant,
    /// The checks that are wanted: at first all that the vendor offers.
    pub checks: Vec<CheckKind>,
    /// The steps so far.
    pub steps: Vec<StepRecord>,
}

impl Case {
    /// Begins the part. `clock` is the sandbox's.
    pub fn new<C: VendorClient>(client: C, clock: VirtualClock, applicant: Applicant) -> Self {
        let verifier = Arc::new(client).verifier().expect("the client is a verifier");
        let checks = verifier.offers().iter().map(|offer| offer.check).collect();
        Self { verifier, clock, applicant, checks, steps: Vec::new() }
    }

    /// Returns the part as the vendor's crate sees it.
    pub fn part(&self) -> Part<'_> {
        Part { applicant: &self.applicant, checks: &self.checks, steps: &self.steps }
    }

    /// Returns what is to be done next. Checks that it follows from what is stored, and that no private value is shown.
    pub fn next(&self) -> Next {
        let next = self.verifier.next(&self.part());
        assert_eq!(next, self.verifier.next(&Part { steps: &stored(&self.steps), ..self.part() }));
        self.assert_hidden(&next);
        next
    }

    /// Returns what the answers show. Checks the same as [`next`](Self::next).
    pub fn evidence(&self) -> Vec<(CheckKind, Evidence)> {
        let shown = self.verifier.evidence(&self.part());
        assert_eq!(shown, self.verifier.evidence(&Part { steps: &stored(&self.steps), ..self.part() }));
        self.assert_hidden(&shown);
        shown
    }

    /// Returns what the answers show for one check.
    pub fn shown(&self, check: CheckKind) -> Option<Evidence> {
        let mut shown = self.evidence().into_iter().filter(|(of, _)| *of == check);
        let first = shown.next().map(|(_, evidence)| evidence);
        assert!(shown.next().is_none(), "{check} is shown twice");
        first
    }

    /// Takes step after step until the person has something to do, a step failed, or nothing is left.
    pub async fn run(&mut self) -> Next {
        for _ in 0..MAX_ROUNDS {
            match self.next() {
                Next::Step { step, charge } => {
                    self.send(step).await;
                    if matches!(self.state(), StepState::Failed(_) | StepState::Uncertain(_)) {
                        return Next::Step { step, charge };
                    }
                }
                Next::Query { step } => self.query(step).await,
                other => return other,
            }
        }
        panic!("the part does not end");
    }

    /// Commits the intent of a step, sends it, and looks it up if its response is lost.
    pub async fn send(&mut self, step: &'static str) {
        let intent = self.intend(step).await;
        let sent = self.verifier.send(step, &self.part(), &intent).await;
        let state = match sent {
            Ok(Sent::Answered(answer)) => StepState::Answered(answer),
            Ok(Sent::Pending(id)) => StepState::Pending(id),
            Err(error) if !error.may_have_landed() => StepState::Failed(Failure::of(&error)),
            Err(error) => self.found(step, &intent, Failure::of(&error)).await,
            Ok(other) => panic!("{other:?}"),
        };
        self.steps.last_mut().unwrap().state = state;
    }

    /// Commits the intent of a step without sending it, as a program that stops before it sends.
    pub async fn intend(&mut self, step: &'static str) -> Intent {
        let notes = self.prepare(step).await.unwrap();
        let reference = format!("{step}-{}", self.steps.len());
        let intent = Intent::new(reference, self.clock.now(), notes);
        self.steps.push(StepRecord::new(step, intent.clone(), StepState::Intended));
        intent
    }

    /// Collects what the look-up of a step will need.
    pub async fn prepare(&self, step: &str) -> Result<Notes, Error> {
        self.verifier.prepare(step, &self.part()).await
    }

    /// Looks for the newest step, once.
    pub async fn look_up(&self) -> LookUp {
        let StepRecord { step, intent, .. } = self.steps.last().unwrap();
        self.verifier.look_up(step, &self.part(), intent).await.unwrap()
    }

    async fn found(&self, step: &str, intent: &Intent, failure: Failure) -> StepState {
        for _ in 0..MAX_ROUNDS {
            match self.verifier.look_up(step, &self.part(), intent).await.unwrap() {
                LookUp::Answered(answer) => return StepState::Answered(answer),
                LookUp::Pending(id) => return StepState::Pending(id),
                LookUp::NotReceived => return StepState::Failed(failure),
                LookUp::NotYetKnown => self.clock.advance(PAUSE),
                _ => return StepState::Uncertain(failure),
            }
        }
        panic!("the look-up does not end");
    }

    /// Queries a step once; time passes if it is not answered yet.
    pub async fn query(&mut self, step: &'static str) {
        match self.verifier.query(step, &self.part()).await.unwrap() {
            Some(answer) => {
                let record = self.steps.iter_mut().rfind(|record| record.step == step).unwrap();
                record.state = StepState::Answered(answer);
            }
            None => self.clock.advance(PAUSE),
        }
    }

    /// Queries whether the person has made a capture, and records the answer; time passes if not.
    pub async fn query_capture(&mut self, step: &'static str) {
        match self.verifier.query(step, &self.part()).await.unwrap() {
            Some(answer) => {
                let intent =
                    Intent::new(format!("{step}-{}", self.steps.len()), self.clock.now(), Notes::default());
                self.steps.push(StepRecord::new(step, intent, StepState::Answered(answer)));
            }
            None => self.clock.advance(PAUSE),
        }
    }

    /// Returns what became of the newest step.
    pub fn state(&self) -> &StepState {
        &self.steps.last().unwrap().state
    }

    /// Makes the person hand in something anew: the steps that used it no longer count.
    pub fn hand_in(&mut self, item: kyc_core::RetakeItem) {
        for record in &mut self.steps {
            record.is_superseded |= self.verifier.uses(&record.step).contains(&item);
        }
    }

    /// Returns whether a step costs something.
    pub fn is_paid(next: &Next) -> bool {
        matches!(next, Next::Step { charge: Charge::Paid, .. })
    }

    fn assert_hidden(&self, value: &impl std::fmt::Debug) {
        let shown = format!("{value:?} {:?} {:#?}", self.steps, self.applicant);
        // The year alone may be a part of an instant.
        let birth = ["1990-10", "10/1990"];
        let others = [self.applicant.cpf.digits(), "529.982", "52998224725", "MARIA", "Nísia", "eyJ"];
        for hidden in birth.into_iter().chain(others) {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
    }
}

/// Returns the records as a store gives them back: as JSON.
fn stored(steps: &[StepRecord]) -> Vec<StepRecord> {
    let again = |notes: &Notes| serde_json::from_str(&serde_json::to_string(notes).unwrap()).unwrap();
    let stored = |record: &StepRecord| {
        let mut stored = record.clone();
        stored.intent = serde_json::from_str(&serde_json::to_string(&record.intent).unwrap()).unwrap();
        stored.state = match &record.state {
            StepState::Answered(answer) => StepState::Answered(again(answer)),
            StepState::Pending(id) => StepState::Pending(OperationId::from_token(&id.to_token()).unwrap()),
            other => other.clone(),
        };
        stored.told = record.told.iter().map(again).collect();
        stored
    };
    steps.iter().map(stored).collect()
}

/// Returns an answer that no vendor's crate wrote.
pub fn foreign_answer() -> Answer {
    Answer::new(serde_json::json!(["not", "an", "answer"]))
}
