//! What a vendor contributes to the verification of a person: an order of steps, and what their answers show.
//!
//! A vendor's crate implements [`Verifier`]. It keeps no state: what to do next and what was found follow from the
//! [`Part`] alone, so that a program can stop anywhere and continue with another process. Only [`Verifier::send`]
//! may cost anything.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::background::PersonStatus;
use crate::capability::Capability;
use crate::document::DocumentKind;
use crate::error::Error;
use crate::face::{FaceMatch, FaceScore, FalseAcceptRate};
use crate::media::Media;
use crate::operation::OperationId;
use crate::secret::Pii;
use crate::tax_id::Cpf;
use crate::time::{Date, Timestamp};
use crate::validation::ValidationError;
use crate::verdict::{Finding, Verdict};
use crate::webhook::WebhookEvent;

/// What is checked about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum CheckKind {
    /// The registration of the CPF at the Receita Federal.
    Registration,
    /// A document: that it could be read, and what it says.
    Document,
    /// The person's face against the face on the document. It proves nothing about the CPF.
    FaceDocument,
    /// The person's face against a register that the applicant has no influence on.
    FaceRegister,
    /// That a living person was in front of the camera.
    Liveness,
    /// The vendor's assessment of the risk of fraud.
    Risk,
}

crate::named!(
    CheckKind,
    "check",
    Registration = "registration",
    Document = "document",
    FaceDocument = "face_document",
    FaceRegister = "face_register",
    Liveness = "liveness",
    Risk = "risk"
);

impl CheckKind {
    /// Every check, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Registration,
        Self::Document,
        Self::FaceDocument,
        Self::FaceRegister,
        Self::Liveness,
        Self::Risk,
    ];
}

/// How liveness is proved. A still picture is never passed off as a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LivenessMethod {
    /// By the vendor's kit on the person's device, during the capture.
    Capture,
    /// From a picture that was uploaded.
    Still,
}

crate::named!(LivenessMethod, "method", Capture = "capture", Still = "still");

/// The person who wants to be verified, and what they handed in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Applicant {
    /// The CPF.
    pub cpf: Cpf,
    /// The full name, as the person states it.
    pub name: Option<Pii<String>>,
    /// The date of birth, as the person states it.
    pub birth_date: Option<Pii<Date>>,
    /// A picture of the person's face.
    pub selfie: Option<Media>,
    /// The identity document.
    pub document: Option<IdentityDocument>,
    /// The frames of a capture that the caller made with a user interface of its own, for vendors that take frames.
    pub capture: Vec<Media>,
}

/// Pictures of an identity document.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IdentityDocument {
    /// The kind of document.
    pub kind: DocumentKind,
    /// The side with the face.
    pub front: Media,
    /// The other side, if there is one.
    pub back: Option<Media>,
}

impl Applicant {
    /// Creates an applicant who handed in nothing but the CPF.
    #[must_use]
    pub fn new(cpf: Cpf) -> Self {
        Self { cpf, name: None, birth_date: None, selfie: None, document: None, capture: Vec::new() }
    }
}

impl Applicant {
    /// Returns whether the person handed this in. A capture by a vendor's kit is made later.
    #[must_use]
    pub fn has(&self, item: RetakeItem) -> bool {
        match item {
            RetakeItem::Selfie => self.selfie.is_some(),
            RetakeItem::Front => self.document.is_some(),
            RetakeItem::Back => self.document.as_ref().is_some_and(|document| document.back.is_some()),
            RetakeItem::Capture => true,
        }
    }
}

impl IdentityDocument {
    /// Creates a document of one side.
    #[must_use]
    pub fn new(kind: DocumentKind, front: Media) -> Self {
        Self { kind, front, back: None }
    }

    /// Adds the other side.
    #[must_use]
    pub fn with_back(mut self, back: Media) -> Self {
        self.back = Some(back);
        self
    }
}

/// A check that a vendor can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// The check.
    pub check: CheckKind,
    /// For liveness: how it is proved.
    pub method: Option<LivenessMethod>,
    /// The largest number of paid calls that it takes alone, without retakes. Checks of one bundle share calls.
    pub paid_calls: u32,
    /// For faces: whether the answer may state a rate of false accepts.
    pub has_rate: bool,
    /// What the person has to hand in first.
    pub needs: &'static [RetakeItem],
}

impl Offer {
    /// Creates an offer.
    #[must_use]
    pub const fn new(check: CheckKind, paid_calls: u32) -> Self {
        Self { check, method: None, paid_calls, has_rate: true, needs: &[] }
    }

    /// Says what the person has to hand in first.
    #[must_use]
    pub const fn needing(mut self, items: &'static [RetakeItem]) -> Self {
        self.needs = items;
        self
    }

    /// Says that no answer states a rate of false accepts, so that a policy needs a similarity for this vendor.
    #[must_use]
    pub const fn without_rate(mut self) -> Self {
        self.has_rate = false;
        self
    }

    /// Creates an offer of liveness.
    #[must_use]
    pub const fn liveness(method: LivenessMethod, paid_calls: u32) -> Self {
        Self { method: Some(method), ..Self::new(CheckKind::Liveness, paid_calls) }
    }
}

/// Whether a step may cost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Charge {
    /// It costs nothing and changes nothing, so it may be repeated.
    Free,
    /// The vendor may charge for it: it is sent at most once for each intent.
    Paid,
}

/// A vendor's part of a case, as far as it has come.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The person.
    pub applicant: &'a Applicant,
    /// The checks that are wanted of this vendor.
    pub checks: &'a [CheckKind],
    /// The steps that were begun, oldest first.
    pub steps: &'a [StepRecord],
}

impl<'a> Part<'a> {
    /// Returns the newest record of a step, unless it is superseded.
    #[must_use]
    pub fn newest(&self, step: &str) -> Option<&'a StepRecord> {
        self.steps.iter().rfind(|record| record.step == step).filter(|record| !record.is_superseded)
    }

    /// Returns the newest answer of a step.
    #[must_use]
    pub fn answer(&self, step: &str) -> Option<&'a Answer> {
        match &self.newest(step)?.state {
            StepState::Answered(answer) => Some(answer),
            _ => None,
        }
    }

    /// Returns what is to be done for a step that is sent once and queried until it is answered; `None` if there is
    /// nothing to be done for it now.
    #[must_use]
    pub fn due(&self, step: &'static str, charge: Charge) -> Option<Next> {
        match self.newest(step).map(|record| &record.state) {
            None | Some(StepState::Failed(_)) => Some(Next::Step { step, charge }),
            Some(StepState::Pending(_)) => Some(Next::Query { step }),
            Some(StepState::Intended | StepState::Answered(_) | StepState::Uncertain(_)) => None,
        }
    }

    /// Whether a check is wanted.
    #[must_use]
    pub fn wants(&self, check: CheckKind) -> bool {
        self.checks.contains(&check)
    }
}

/// A step that was begun.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StepRecord {
    /// The name of the step within the vendor's part.
    pub step: String,
    /// What was committed before the step was sent.
    pub intent: Intent,
    /// What became of it.
    pub state: StepState,
    /// Whether the person has handed in anew what it used, so that it no longer counts.
    pub is_superseded: bool,
    /// What authenticated events told of it, from [`Verifier::told`]. It may speak against the answer, never for it.
    pub told: Vec<Answer>,
}

impl StepRecord {
    /// Creates a record that counts.
    #[must_use]
    pub fn new(step: impl Into<String>, intent: Intent, state: StepState) -> Self {
        Self { step: step.into(), intent, state, is_superseded: false, told: Vec::new() }
    }
}

/// What is committed before a step is sent, so that it can be found again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Intent {
    /// A random reference, one for each attempt. Vendors that take a reference get this one.
    pub reference: String,
    /// When it was made.
    pub at: Timestamp,
    /// What the vendor's look-up needs, from [`Verifier::prepare`].
    pub notes: Notes,
}

impl Intent {
    /// Creates an intent.
    #[must_use]
    pub fn new(reference: impl Into<String>, at: Timestamp, notes: Notes) -> Self {
        Self { reference: reference.into(), at, notes }
    }
}

/// JSON that a vendor's crate wrote for itself. It may hold data of the person: it is never printed, and it is stored
/// encrypted.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Notes(Value);

impl Notes {
    /// Creates notes.
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self(value)
    }

    /// Creates notes of a value of the vendor's crate. One that cannot be serialized leaves them empty, and so unclear.
    #[must_use]
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::to_value(value).unwrap_or_default())
    }

    /// Reads a value of the vendor's crate; `None` if the notes do not hold one.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.0).ok()
    }

    /// Returns the JSON.
    #[must_use]
    pub fn expose(&self) -> &Value {
        &self.0
    }
}

impl fmt::Debug for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notes([redacted])")
    }
}

/// What became of a step.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StepState {
    /// It was intended. Whether it was sent is not known yet: the program may have stopped.
    Intended,
    /// The vendor decides later, and the operation is queried by this id.
    Pending(OperationId),
    /// It was answered.
    Answered(Answer),
    /// It was not sent, or the vendor refused it: nothing was paid, and it may be sent anew with another intent.
    Failed(Failure),
    /// It may have been paid, and no look-up can tell. It is never sent again unless the policy or a person says so.
    Uncertain(Failure),
}

/// Why a step failed, without anything of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// The name of the [`ErrorKind`](crate::ErrorKind), such as `unavailable`.
    pub kind: String,
    /// Whether the vendor is at fault rather than the request, so that another attempt may succeed.
    pub is_transient: bool,
    /// How long the vendor asks to wait.
    pub retry_after: Option<Duration>,
    /// What happened, whether the request was sent, and what to do, in the words of the error.
    #[serde(default)]
    pub message: String,
}

impl Failure {
    /// Creates a failure from an error.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        Self {
            kind: error.kind().name().to_owned(),
            is_transient: error.is_transient(),
            retry_after: error.retry_after(),
            message: error.to_string(),
        }
    }
}

/// A vendor's answer as its crate keeps it: JSON that decodes into the crate's own type. It holds data of the person:
/// it is never printed, and it is stored encrypted.
pub type Answer = Notes;

/// What is to be done next in a vendor's part.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Next {
    /// Send this step.
    Step {
        /// Its name.
        step: &'static str,
        /// Whether it may cost something.
        charge: Charge,
    },
    /// Query the newest record of this step, whose operation is pending.
    Query {
        /// Its name.
        step: &'static str,
    },
    /// The person has to do something with the vendor's kit; then query this step, which tells whether it is done.
    Capture {
        /// The step to query.
        step: &'static str,
        /// What the kit needs.
        kit: CaptureKit,
    },
    /// The person has to hand in something again.
    Retake(Retake),
    /// There is nothing left to do.
    Done,
}

/// What a vendor's kit on the person's device needs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CaptureKit {
    /// What the kit calls it, such as `appkey`.
    pub name: &'static str,
    /// The value.
    pub value: Pii<String>,
    /// When it expires, if that is known.
    pub expires: Option<Timestamp>,
    /// The id by which the vendor's webhooks name the capture, if they do.
    pub operation: Option<OperationId>,
}

impl CaptureKit {
    /// Creates what a kit needs.
    #[must_use]
    pub fn new(name: &'static str, value: Pii<String>, expires: Option<Timestamp>) -> Self {
        Self { name, value, expires, operation: None }
    }

    /// Adds the id by which the vendor's webhooks name the capture.
    #[must_use]
    pub fn known_as(mut self, operation: OperationId) -> Self {
        self.operation = Some(operation);
        self
    }
}

/// What the person has to hand in again, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Retake {
    /// The picture.
    pub item: RetakeItem,
    /// Why.
    pub cause: RetakeCause,
}

impl Retake {
    /// Creates a retake.
    #[must_use]
    pub const fn new(item: RetakeItem, cause: RetakeCause) -> Self {
        Self { item, cause }
    }
}

/// What the person hands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetakeItem {
    /// The picture of the face.
    Selfie,
    /// The side of the document with the face.
    Front,
    /// The other side of the document.
    Back,
    /// The capture by the vendor's kit.
    Capture,
}

crate::named!(RetakeItem, "item", Selfie = "selfie", Front = "front", Back = "back", Capture = "capture");

/// Why something has to be handed in again. None of these speaks of fraud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetakeCause {
    /// No face was found.
    NoFace,
    /// There is more than one face.
    ManyFaces,
    /// No document was found.
    NoDocument,
    /// The document could not be read.
    Unreadable,
    /// The vendor could not tell that the person was there.
    NoLiveness,
    /// The faces differ, or are too unlike.
    FacesDiffer,
    /// The face is too small.
    SmallFace,
    /// The head or the page is turned or tilted.
    Turned,
    /// The face goes beyond the edge of the picture.
    CutOff,
    /// The picture is blurred.
    Blurred,
    /// The picture is too dark.
    TooDark,
    /// The picture is too bright.
    TooBright,
    /// It is the same picture as another that was handed in.
    SamePicture,
    /// The file is damaged or moves, so that it cannot be looked at.
    Unviewable,
    /// The vendor did not say why, or in words that this crate does not know.
    Other,
}

crate::named!(
    RetakeCause,
    "cause",
    NoFace = "no_face",
    ManyFaces = "many_faces",
    NoDocument = "no_document",
    Unreadable = "unreadable",
    NoLiveness = "no_liveness",
    FacesDiffer = "faces_differ",
    SmallFace = "small_face",
    Turned = "turned",
    CutOff = "cut_off",
    Blurred = "blurred",
    TooDark = "too_dark",
    TooBright = "too_bright",
    SamePicture = "same_picture",
    Unviewable = "unviewable",
    Other = "other"
);

/// What a vendor says of whether a document is genuine.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Genuineness {
    /// A statement.
    Stated(Finding),
    /// A likelihood from 0 to 1, without a bound: the policy has it.
    Likelihood(f64),
}

/// What a vendor's answers show for one check, before any policy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Evidence {
    /// The registration of the CPF.
    Registration {
        /// The status; `None` if there was none.
        status: Option<PersonStatus>,
        /// Whether the person has died.
        deceased: Finding,
        /// The name in the register.
        name: Option<Pii<String>>,
    },
    /// What was read from the document.
    Document {
        /// The kind of document that was recognized.
        kind: Option<DocumentKind>,
        /// The CPF, as it was read.
        cpf: Option<Pii<String>>,
        /// The name, as it was read.
        name: Option<Pii<String>>,
        /// The date of birth, as it was read.
        birth_date: Option<Pii<Date>>,
        /// What the vendor says of whether the document is genuine; `None` if its product makes no such statement. A
        /// statement that is missing from the answer is unclear.
        genuine: Option<Genuineness>,
    },
    /// A comparison of faces, with the document or with a register.
    Face {
        /// The vendor's verdict.
        verdict: Verdict,
        /// The score.
        score: Option<FaceScore>,
        /// The rate of false accepts at that score, if the vendor states one.
        false_accept_rate: Option<FalseAcceptRate>,
    },
    /// Liveness.
    Liveness {
        /// Whether a living person was there.
        live: Finding,
        /// How it was proved.
        method: LivenessMethod,
    },
    /// The risk of fraud.
    Risk {
        /// Whether the vendor sees no more than a low risk.
        low: Finding,
        /// The vendor's number, on a scale of its own.
        score: Option<u32>,
    },
    /// The vendor could not make the check, and asks for something again.
    Retake(Retake),
    /// The answer is missing, cannot be parsed, is unknown or contradicts itself.
    Unclear(&'static str),
}

impl From<FaceMatch> for Evidence {
    /// Converts a comparison. An inconclusive one is unclear.
    fn from(found: FaceMatch) -> Self {
        let FaceMatch { verdict, reason, score, false_accept_rate, .. } = found;
        match verdict {
            Verdict::Match | Verdict::NoMatch => Self::Face { verdict, score, false_accept_rate },
            Verdict::Inconclusive => Self::Unclear(reason.unwrap_or("the comparison is inconclusive")),
        }
    }
}

/// What a look-up tells of a step of which it is not known whether it was sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LookUp {
    /// It landed, and this is its answer.
    Answered(Answer),
    /// It landed, and is queried by this id.
    Pending(OperationId),
    /// The vendor never got it: it may be sent anew.
    NotReceived,
    /// Not known yet: look again.
    NotYetKnown,
    /// No look-up can tell. For some vendors a webhook still can.
    Unknowable,
}

/// The answer to a step.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Sent {
    /// The vendor answered.
    Answered(Answer),
    /// The vendor decides later.
    Pending(OperationId),
}

/// A vendor's part of a verification.
///
/// [`next`](Self::next) and [`evidence`](Self::evidence) are pure: the same part gives the same result in every process.
#[async_trait]
pub trait Verifier: Capability {
    /// Returns the checks that the vendor offers.
    fn offers(&self) -> &'static [Offer];

    /// Returns what of the person a step uses. When the person hands one of these in anew, the step is superseded.
    fn uses(&self, step: &str) -> &'static [RetakeItem];

    /// Checks a picture against the documented limits that the vendor has for a check, as its steps do before they send it. What
    /// a check does not use is accepted. By default nothing is refused.
    ///
    /// # Errors
    /// The first rule that is broken.
    fn check_picture(
        &self,
        _check: CheckKind,
        _item: RetakeItem,
        _picture: &Media,
    ) -> Result<(), ValidationError> {
        Ok(())
    }

    /// Returns what is to be done next. It is not called while a step is intended. One that is uncertain is not returned
    /// again, nor what depends on it. A step that failed is returned again; the caller decides whether it is worth another
    /// attempt.
    fn next(&self, part: &Part<'_>) -> Next;

    /// Returns what the answers so far show, for each check that is wanted and answered.
    fn evidence(&self, part: &Part<'_>) -> Vec<(CheckKind, Evidence)>;

    /// Collects what a look-up will need, before the intent is committed. It costs nothing. By default nothing.
    ///
    /// # Errors
    /// Any failure of a call. Then the step is not sent.
    async fn prepare(&self, _step: &str, _part: &Part<'_>) -> Result<Notes, Error> {
        Ok(Notes::default())
    }

    /// Sends a step whose intent is committed.
    ///
    /// # Errors
    /// Any failure of the call. [`Error::may_have_landed`] decides whether a look-up follows.
    async fn send(&self, step: &str, part: &Part<'_>, intent: &Intent) -> Result<Sent, Error>;

    /// Looks for a step that may have been sent. By default nothing can tell.
    ///
    /// # Errors
    /// Any failure of a call. Then it is still unknown.
    async fn look_up(&self, _step: &str, _part: &Part<'_>, _intent: &Intent) -> Result<LookUp, Error> {
        Ok(LookUp::Unknowable)
    }

    /// Queries a step that is pending, or a capture. `Ok(None)`: not yet.
    ///
    /// A step that is answered is queried again when its vendor may have news. Then `Ok(None)` is: nothing but the answer that is
    /// known.
    ///
    /// # Errors
    /// Any failure of the call.
    async fn query(&self, step: &str, part: &Part<'_>) -> Result<Option<Answer>, Error>;

    /// Returns what an event states of the operation that it names, if it may tell more than a query. It is asked only of events
    /// whose sender is authenticated, and [`evidence`](Self::evidence) never takes it in the applicant's favour. By default nothing.
    fn told(&self, _event: &WebhookEvent) -> Option<Answer> {
        None
    }

    /// Returns the person whom an event is about that names no operation. By default the one that the event states.
    fn person_of(&self, event: &WebhookEvent) -> Option<Cpf> {
        event.person.clone()
    }

    /// Returns the checks that such an event speaks against, if it is about this part: a suspicion that arose after the
    /// answers. It never speaks for the person. By default none.
    fn news(&self, _part: &Part<'_>, _event: &WebhookEvent) -> &'static [CheckKind] {
        &[]
    }

    /// Returns whether bad news may still come after the answer, and for how long.
    fn watches_for(&self) -> Option<Duration> {
        None
    }
}
