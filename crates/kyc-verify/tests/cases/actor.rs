//! Vendors of every shape, which do what a test says and note what they get.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kyc_verify::kyc_core::{
    Answer, Capability, CaptureKit, Charge, CheckKind, Clock, Delivery, DocumentKind, Error, ErrorKind,
    Evidence, FalseAcceptRate, Finding, Genuineness, Intent, LivenessMethod, LookUp, Media, Next, Offer,
    OperationId, Part, PersonStatus, Pii, Retake, RetakeCause, RetakeItem, Sent, StepState, Timestamp,
    ValidationError, Vendor, Verdict, Verifier, VirtualClock,
};
use kyc_verify::{CaseId, CaseReport, Environment, Options, Policy, Verification, VerificationBuilder};
use serde_json::json;

use crate::toy::{CPF, NAME, Place, Tells, applicant};

/// What a vendor offers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// One comparison of faces.
    Single,
    /// One comparison of faces, of pictures that have to be handed in.
    Needy,
    /// Three calls that depend on nothing: registration, document, faces.
    Three,
    /// Three uploads, one after the other: liveness by a still picture, faces, document.
    Bundle,
    /// A key, a capture by a kit, then the document.
    Kit,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Does {
    Answers,
    /// It is pending until a query finds it answered.
    Waits,
    /// The vendor refuses it: another attempt is in vain.
    Refuses,
    /// It is not sent: another attempt may succeed.
    Breaks,
    LosesRequest,
    LosesAnswer,
}

#[derive(Debug, Default)]
pub(crate) struct Stage {
    pub(crate) does: HashMap<&'static str, Does>,
    /// What its answers say: `good` by default, `bad`, `unclear`, `retake`.
    pub(crate) says: HashMap<&'static str, &'static str>,
    /// The steps that landed, in order.
    pub(crate) landed: Vec<String>,
    /// The references of the intents that landed.
    pub(crate) references: Vec<String>,
    pub(crate) queries: usize,
    pub(crate) look_ups: usize,
    pub(crate) tells: Tells,
    /// What the capture ended with.
    pub(crate) captured: Option<&'static str>,
    pub(crate) kits: usize,
    /// How long the vendor does not answer queries.
    pub(crate) is_silent: bool,
    /// Where its calls wait for those of others.
    pub(crate) meets: Option<Arc<tokio::sync::Barrier>>,
    /// The size of its answers.
    pub(crate) padding: usize,
    /// The picture that it takes in no form.
    pub(crate) refuses: Option<RetakeItem>,
}

#[derive(Clone, Debug)]
pub(crate) struct Actor {
    name: &'static str,
    shape: Shape,
    stage: Arc<Mutex<Stage>>,
    clock: VirtualClock,
}

impl Actor {
    pub(crate) fn new(name: &'static str, shape: Shape, place: &Place) -> Self {
        Self { name, shape, stage: Arc::default(), clock: place.clock.clone() }
    }

    pub(crate) fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn does(&self, step: &'static str, does: Does) -> &Self {
        self.stage().does.insert(step, does);
        self
    }

    pub(crate) fn says(&self, step: &'static str, says: &'static str) -> &Self {
        self.stage().says.insert(step, says);
        self
    }

    pub(crate) fn landed(&self) -> Vec<String> {
        self.stage().landed.clone()
    }

    pub(crate) fn operation(&self, id: &str) -> OperationId {
        OperationId::by_id(self.vendor(), "step", id)
    }

    /// The steps of the wanted checks, in order.
    fn steps(&self, part: &Part<'_>) -> Vec<(&'static str, CheckKind)> {
        use CheckKind::{Document, FaceDocument, Liveness, Registration};
        match self.shape {
            Shape::Single | Shape::Needy => vec![("compare", FaceDocument)],
            Shape::Three => {
                let steps = [("cpf", Registration), ("document", Document), ("face", FaceDocument)];
                steps.into_iter().filter(|(_, check)| part.wants(*check)).collect()
            }
            Shape::Bundle => {
                let steps = [("selfie", Liveness), ("front", FaceDocument), ("back", Document)];
                let last = steps.iter().rposition(|(_, check)| part.wants(*check));
                steps[..last.map_or(0, |last| last + 1)].to_vec()
            }
            Shape::Kit => vec![("capture", Liveness), ("document", Document)],
        }
    }

    fn answer(&self, step: &str) -> Answer {
        let stage = self.stage();
        let padding = "x".repeat(stage.padding);
        Answer::new(json!({ "says": stage.says.get(step).copied().unwrap_or("good"), "padding": padding }))
    }

    fn error(&self, kind: ErrorKind, delivery: Delivery) -> Error {
        Error::new(self.vendor(), kind, delivery, "it did not work")
    }

    fn next_of_kit(&self, part: &Part<'_>) -> Next {
        let key = Next::Step { step: "appkey", charge: Charge::Free };
        let Some(answer) = part.answer("appkey") else { return key };
        let newest = |step: &str| part.steps.iter().rposition(|record| record.step == step);
        let captured = part.answer("capture").filter(|_| newest("appkey") < newest("capture"));
        match captured.and_then(|answer| answer.expose()["says"].as_str()) {
            None => {
                let value = answer.expose()["key"].as_str().unwrap_or_default();
                let expires = answer.expose()["expires"].as_i64().and_then(Timestamp::from_unix_millis);
                let kit = CaptureKit::new("appkey", Pii::new(value.to_owned()), expires);
                Next::Capture { step: "capture", kit: kit.known_as(self.operation(value)) }
            }
            Some("expired") => key,
            Some("retake") => Next::Retake(Retake::new(RetakeItem::Capture, RetakeCause::NoLiveness)),
            Some("good") if part.wants(CheckKind::Document) => {
                part.due("document", Charge::Paid).unwrap_or(Next::Done)
            }
            Some(_) => Next::Done,
        }
    }
}

pub(crate) fn good(check: CheckKind, method: LivenessMethod) -> Evidence {
    match check {
        CheckKind::Registration => Evidence::Registration {
            status: Some(PersonStatus::Regular),
            deceased: Finding::No,
            name: Some(Pii::new(NAME.to_owned())),
        },
        CheckKind::Document => Evidence::Document {
            kind: None,
            cpf: Some(Pii::new(CPF.to_owned())),
            name: Some(Pii::new(NAME.to_owned())),
            birth_date: None,
            genuine: Some(Genuineness::Likelihood(0.95)),
        },
        CheckKind::Liveness => Evidence::Liveness { live: Finding::Yes, method },
        _ => face(Verdict::Match),
    }
}

/// A document that agrees, of a kind that was recognized.
fn read_as(recognized: DocumentKind) -> Evidence {
    match good(CheckKind::Document, LivenessMethod::Still) {
        Evidence::Document { cpf, name, birth_date, genuine, .. } => {
            Evidence::Document { kind: Some(recognized), cpf, name, birth_date, genuine }
        }
        other => other,
    }
}

fn face(verdict: Verdict) -> Evidence {
    Evidence::Face { verdict, score: None, false_accept_rate: FalseAcceptRate::one_in(100_000) }
}

fn bad(check: CheckKind, method: LivenessMethod) -> Evidence {
    match check {
        CheckKind::Registration => Evidence::Registration {
            status: Some(PersonStatus::Cancelled),
            deceased: Finding::No,
            name: None,
        },
        CheckKind::Document => Evidence::Document {
            kind: None,
            cpf: Some(Pii::new("12345678909".to_owned())),
            name: None,
            birth_date: None,
            genuine: None,
        },
        CheckKind::Liveness => Evidence::Liveness { live: Finding::No, method },
        _ => face(Verdict::NoMatch),
    }
}

impl Capability for Actor {
    fn vendor(&self) -> Vendor {
        Vendor::new(self.name)
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.clock.clone())
    }

    /// Long, so that what is noticed sooner was told.
    fn poll_interval(&self) -> Duration {
        Duration::from_secs(60)
    }
}

#[async_trait]
impl Verifier for Actor {
    fn offers(&self) -> &'static [Offer] {
        const SINGLE: &[Offer] = &[Offer::new(CheckKind::FaceDocument, 1)];
        const NEEDY: &[Offer] =
            &[Offer::new(CheckKind::FaceDocument, 1).needing(&[RetakeItem::Selfie, RetakeItem::Front])];
        const THREE: &[Offer] = &[
            Offer::new(CheckKind::Registration, 1),
            Offer::new(CheckKind::Document, 1),
            Offer::new(CheckKind::FaceDocument, 1),
        ];
        const BUNDLE: &[Offer] = &[
            Offer::liveness(LivenessMethod::Still, 1),
            Offer::new(CheckKind::FaceDocument, 2),
            Offer::new(CheckKind::Document, 3),
        ];
        const KIT: &[Offer] =
            &[Offer::liveness(LivenessMethod::Capture, 1), Offer::new(CheckKind::Document, 2)];
        match self.shape {
            Shape::Single => SINGLE,
            Shape::Needy => NEEDY,
            Shape::Three => THREE,
            Shape::Bundle => BUNDLE,
            Shape::Kit => KIT,
        }
    }

    fn uses(&self, step: &str) -> &'static [RetakeItem] {
        match (self.shape, step) {
            (Shape::Kit, "document") => &[RetakeItem::Front, RetakeItem::Capture],
            (Shape::Kit, _) => &[RetakeItem::Capture],
            (_, "cpf") => &[],
            (_, "back") => &[RetakeItem::Back],
            (_, "document") => &[RetakeItem::Front],
            _ => &[RetakeItem::Selfie],
        }
    }

    fn check_picture(&self, _: CheckKind, item: RetakeItem, _: &Media) -> Result<(), ValidationError> {
        match self.stage().refuses {
            Some(refused) if refused == item => Err(ValidationError::new("must be larger")),
            _ => Ok(()),
        }
    }

    fn next(&self, part: &Part<'_>) -> Next {
        if self.shape == Shape::Kit {
            return self.next_of_kit(part);
        }
        for (step, _) in self.steps(part) {
            if let Some(next) = part.due(step, Charge::Paid) {
                return next;
            }
            match part.answer(step).and_then(|answer| answer.expose()["says"].as_str()) {
                Some("retake") => {
                    return Next::Retake(Retake::new(self.uses(step)[0], RetakeCause::Other));
                }
                Some("good") => {}
                _ if self.shape == Shape::Bundle => return Next::Done,
                _ => {}
            }
        }
        Next::Done
    }

    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)> {
        let method = if self.shape == Shape::Kit { LivenessMethod::Capture } else { LivenessMethod::Still };
        let shown = |(step, check): (&'static str, CheckKind)| {
            let says = part.answer(step)?.expose()["says"].as_str()?;
            Some((
                check,
                match says {
                    "good" => good(check, method),
                    "bad" => bad(check, method),
                    "cnh" => read_as(DocumentKind::Cnh),
                    "retake" => Evidence::Retake(Retake::new(self.uses(step)[0], RetakeCause::Other)),
                    "expired" => return None,
                    _ => Evidence::Unclear("the toy mumbles"),
                },
            ))
        };
        self.steps(part).into_iter().filter(|(_, check)| part.wants(*check)).filter_map(shown).collect()
    }

    async fn send(&self, step: &str, _: &Part<'_>, intent: &Intent) -> Result<Sent, Error> {
        let meets = self.stage().meets.clone();
        if let Some(meets) = meets {
            meets.wait().await;
        }
        let does = self.stage().does.get(step).copied().unwrap_or(Does::Answers);
        match does {
            Does::Refuses => return Err(self.error(ErrorKind::Rejected, Delivery::Answered)),
            Does::Breaks => return Err(self.error(ErrorKind::Unavailable, Delivery::NotSent)),
            Does::LosesRequest => return Err(self.error(ErrorKind::Transport, Delivery::Unknown)),
            _ => {}
        }
        {
            let mut stage = self.stage();
            stage.landed.push(step.to_owned());
            stage.references.push(intent.reference.clone());
            if step == "appkey" {
                stage.kits += 1;
                let expires = self.clock.now().saturating_add(Duration::from_secs(300)).unix_millis();
                let key = format!("key-{}", stage.kits);
                return Ok(Sent::Answered(Answer::new(json!({ "key": key, "expires": expires }))));
            }
        }
        Ok(match does {
            Does::LosesAnswer => return Err(self.error(ErrorKind::Transport, Delivery::Unknown)),
            Does::Waits => Sent::Pending(self.operation(&format!("{step}-1"))),
            _ => Sent::Answered(self.answer(step)),
        })
    }

    async fn look_up(&self, step: &str, _: &Part<'_>, intent: &Intent) -> Result<LookUp, Error> {
        let (tells, has_landed) = {
            let mut stage = self.stage();
            stage.look_ups += 1;
            (stage.tells, stage.references.contains(&intent.reference))
        };
        Ok(match (tells, has_landed) {
            (Tells::Truth, true) => LookUp::Answered(self.answer(step)),
            (Tells::Truth, false) => LookUp::NotReceived,
            (Tells::NotYet, _) => LookUp::NotYetKnown,
            (Tells::Nothing, _) => LookUp::Unknowable,
        })
    }

    async fn query(&self, step: &str, part: &Part<'_>) -> Result<Option<Answer>, Error> {
        let captured = {
            let mut stage = self.stage();
            stage.queries += 1;
            if stage.is_silent {
                return Err(self.error(ErrorKind::Unavailable, Delivery::Unknown));
            }
            stage.captured
        };
        if step == "capture" {
            return Ok(captured.map(|says| Answer::new(json!({ "says": says }))));
        }
        let is_pending = matches!(part.newest(step).map(|record| &record.state), Some(StepState::Pending(_)));
        let waits = self.stage().does.get(step) == Some(&Does::Waits);
        Ok((!is_pending || !waits).then(|| self.answer(step)))
    }

    fn watches_for(&self) -> Option<Duration> {
        Some(Duration::from_secs(10 * 24 * 3600))
    }
}

/// Returns a verification by these vendors under a policy, whose version need not be written.
pub(crate) fn cast(place: &Place, policy: &str, actors: &[&Actor]) -> Verification {
    cast_builder(place, policy, actors).build()
}

pub(crate) fn cast_builder(place: &Place, policy: &str, actors: &[&Actor]) -> VerificationBuilder {
    let policy = Policy::from_toml(&format!("version = \"1\"\n{policy}")).expect("a policy");
    let builder = Verification::builder(place.open(), Environment::Simulated).policy(policy);
    let vendors = actors.iter().map(|&actor| (actor.name, Arc::new(actor.clone()) as Arc<dyn Verifier>));
    builder.vendors(vendors).clock(place.clock.clone())
}

/// Runs a case while the clock is advanced.
pub(crate) async fn play(place: &Place, verification: &Verification, case: CaseId) -> CaseReport {
    play_with(place, verification, case, Options::default()).await
}

pub(crate) async fn play_with(
    place: &Place,
    verification: &Verification,
    case: CaseId,
    options: Options,
) -> CaseReport {
    let verification = verification.clone();
    let running = tokio::spawn(async move { verification.resume(case, options).await });
    while !running.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        place.clock.advance(Duration::from_secs(5));
    }
    running.await.expect("no panic").expect("a report")
}

/// Begins a case and runs it.
pub(crate) async fn perform(place: &Place, verification: &Verification) -> CaseReport {
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    play(place, verification, case).await
}
