//! What can happen with a person's images, and with the responses about them.

use std::time::Duration;

use super::analysis::Kind::{self, Back, Front, Selfie};
use super::analysis::{End, Finding, MANY_FACES, NO_FACE, NO_FACE_MESSAGE, Shown};
use super::test_cpfs::{TestOutcome, outcome_of};
use super::{BanklyControl, FACTS, Operation};
use crate::outcomes::{self, Outcome, Row};
use crate::scenario::{Applied, Effect};

const SLOW: Duration = Duration::from_secs(600);

/// What happens in one respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Course {
    Analysis(Kind, End),
    Accepted(Acceptance),
    /// Whether the status of a single image is an object instead of an array.
    SingleObject(bool),
    TokenLife(TokenLife),
}

/// The response to an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acceptance {
    Token,
    /// The response has no body: the token is in `Location` only.
    LocationOnly,
    Lost,
}

/// The form of `expires_in`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenLife {
    Seconds,
    Text,
    Date,
}

pub(super) const ACCEPTED: &str = "accepted";
pub(super) const SINGLE_OBJECT: &str = "single-object";
pub(super) const TOKEN_LIFE: &str = "token-life";

impl Kind {
    pub(super) fn aspect(self) -> &'static str {
        match self {
            Selfie => "selfie",
            Front => "front",
            Back => "back",
        }
    }
}

impl Effect for Course {
    fn aspect(self) -> &'static str {
        match self {
            Self::Analysis(kind, _) => kind.aspect(),
            Self::Accepted(_) => ACCEPTED,
            Self::SingleObject(_) => SINGLE_OBJECT,
            Self::TokenLife(_) => TOKEN_LIFE,
        }
    }
}

const fn analysis(kind: Kind, finding: Finding) -> Course {
    Course::Analysis(kind, End::With(finding))
}

const VALID: Finding = Finding::VALID;
const WITHOUT_FACE: Finding = Finding { liveness: NO_FACE, message: Some(NO_FACE_MESSAGE), ..VALID };
const NO_INFO: Finding = Finding { document: "NO_INFO_FOUND", ..VALID };
const INJECTED: Finding = Finding { message: Some("Traces of image injection detected."), ..VALID };
const ANOTHER_TYPE: Finding = Finding { shown: Shown::AnotherType, ..VALID };
const THE_OTHER_SIDE: Finding = Finding { shown: Shown::TheOtherSide, ..VALID };
const ANOTHER_PERSON: Finding = Finding { shown: Shown::AnotherPerson, ..VALID };

const SELFIE_NO_LIVENESS: Course = analysis(Selfie, Finding::NO_LIVENESS);
const SELFIE_WITHOUT_FACE: Course = analysis(Selfie, WITHOUT_FACE);
const SELFIE_MANY_FACES: Course = analysis(Selfie, Finding { face: MANY_FACES, ..VALID });
const SELFIE_NO_FACE: Course = analysis(Selfie, Finding { face: NO_FACE, ..VALID });
const SELFIE_ERROR: Course = analysis(Selfie, Finding::FAILED);
const SELFIE_AT_FIRST: Course = Course::Analysis(Selfie, End::InvalidAtFirst);
const FRONT_UNMATCHED: Course = analysis(Front, Finding::UNMATCHED);
const FRONT_MANY_FACES: Course = analysis(Front, Finding { face_match: MANY_FACES, ..VALID });
const FRONT_NO_DOCUMENT: Course = analysis(Front, Finding::NO_DOCUMENT);
const FRONT_NO_INFO: Course = analysis(Front, NO_INFO);
const FRONT_ERROR: Course = analysis(Front, Finding::FAILED);
const FRONT_AT_FIRST: Course = Course::Analysis(Front, End::InvalidAtFirst);
const BACK_NO_DOCUMENT: Course = analysis(Back, Finding::NO_DOCUMENT);
const BACK_NO_INFO: Course = analysis(Back, NO_INFO);
const BACK_ERROR: Course = analysis(Back, Finding::FAILED);
const BACK_AT_FIRST: Course = Course::Analysis(Back, End::InvalidAtFirst);
const LOCATION_ONLY: Course = Course::Accepted(Acceptance::LocationOnly);

const UPLOAD: &[&str] = &["upload", "upload-deepface"];
const STATUS: &[&str] = &["status"];
const TOKEN: &[&str] = &["token", "legacy-token"];

#[rustfmt::skip]
pub(super) const OUTCOMES: &[Row<Course>] = &[
    Row::new(UPLOAD, "selfie-ok", analysis(Selfie, VALID), "a selfie is valid"),
    Row::new(UPLOAD, "selfie-no-liveness", SELFIE_NO_LIVENESS, "a selfie: liveness NO_LIVENESS").with_reason(),
    Row::new(UPLOAD, "selfie-liveness-without-face", SELFIE_WITHOUT_FACE, "a selfie: liveness COULD_NOT_DETECT_FACE")
        .with_reason(),
    Row::new(UPLOAD, "selfie-many-faces", SELFIE_MANY_FACES, "a selfie: faceDetails MANY_FACES_DETECTED"),
    Row::new(UPLOAD, "selfie-no-face", SELFIE_NO_FACE, "a selfie: faceDetails COULD_NOT_DETECT_FACE"),
    Row::new(UPLOAD, "selfie-doubted", analysis(Selfie, INJECTED), "a selfie: liveness LIVENESS_FOUND, with a refusal in the event")
        .with_reason(),
    Row::new(UPLOAD, "selfie-error", SELFIE_ERROR, "the analysis of a selfie ends in UNEXPECTED_ERROR"),
    Row::new(UPLOAD, "selfie-at-first", SELFIE_AT_FIRST, "the first selfie: liveness NO_LIVENESS; the following ones are valid"),
    Row::new(UPLOAD, "front-ok", analysis(Front, VALID), "a selfie, then a front: both are valid"),
    Row::new(UPLOAD, "front-unmatched", FRONT_UNMATCHED, "a selfie, then a front: faceMatch UNMATCHED_DOCUMENT"),
    Row::new(UPLOAD, "front-many-faces", FRONT_MANY_FACES, "a selfie, then a front: faceMatch MANY_FACES_DETECTED"),
    Row::new(UPLOAD, "front-no-document", FRONT_NO_DOCUMENT, "a selfie, then a front: documentDetails NO_DOCUMENT_FOUND"),
    Row::new(UPLOAD, "front-no-info", FRONT_NO_INFO, "a selfie, then a front: documentDetails NO_INFO_FOUND"),
    Row::new(UPLOAD, "front-error", FRONT_ERROR, "a selfie, then a front that ends in UNEXPECTED_ERROR"),
    Row::new(UPLOAD, "front-at-first", FRONT_AT_FIRST, "the first front: faceMatch UNMATCHED_DOCUMENT; the following ones are valid"),
    Row::new(UPLOAD, "front-other-type", analysis(Front, ANOTHER_TYPE), "a selfie, then a front: another type of document is identified"),
    Row::new(UPLOAD, "front-other-side", analysis(Front, THE_OTHER_SIDE), "a selfie, then a front: the event says that it is the back"),
    Row::new(UPLOAD, "front-other-person", analysis(Front, ANOTHER_PERSON), "a selfie, then a front with another CPF"),
    Row::new(UPLOAD, "back-ok", analysis(Back, VALID), "a selfie, then a back: both are valid"),
    Row::new(UPLOAD, "back-no-document", BACK_NO_DOCUMENT, "a selfie, then a back: documentDetails NO_DOCUMENT_FOUND"),
    Row::new(UPLOAD, "back-no-info", BACK_NO_INFO, "a selfie, then a back: documentDetails NO_INFO_FOUND"),
    Row::new(UPLOAD, "back-error", BACK_ERROR, "a selfie, then a back that ends in UNEXPECTED_ERROR"),
    Row::new(UPLOAD, "back-at-first", BACK_AT_FIRST, "the first back: documentDetails NO_DOCUMENT_FOUND; the following ones are valid"),
    Row::new(UPLOAD, "back-other-type", analysis(Back, ANOTHER_TYPE), "a selfie, then a back: another type of document is identified"),
    Row::new(UPLOAD, "back-other-side", analysis(Back, THE_OTHER_SIDE), "a selfie, then a back: the event says that it is the front"),
    Row::new(UPLOAD, "back-other-person", analysis(Back, ANOTHER_PERSON), "a selfie, then a back with another CPF"),
    Row::new(UPLOAD, "token-in-body", Course::Accepted(Acceptance::Token), "the response to an upload has the token").for_scenarios_only(),
    Row::new(UPLOAD, "location-only", LOCATION_ONLY, "the response to an upload has no body, only Location").for_scenarios_only(),
    Row::new(STATUS, "status-array", Course::SingleObject(false), "the status is an array").for_scenarios_only(),
    Row::new(STATUS, "status-object", Course::SingleObject(true), "the status of a single image is an object").for_scenarios_only(),
    Row::new(TOKEN, "life-in-seconds", Course::TokenLife(TokenLife::Seconds), "expires_in is a number of seconds").for_scenarios_only(),
    Row::new(TOKEN, "life-as-text", Course::TokenLife(TokenLife::Text), "expires_in is a text of digits").for_scenarios_only(),
    Row::new(TOKEN, "life-as-date", Course::TokenLife(TokenLife::Date), "expires_in is the date of the end").for_scenarios_only(),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

impl TestOutcome {
    /// What differs from the usual course.
    pub(super) fn courses(self) -> &'static [Course] {
        match self {
            Self::Approved | Self::Slow => &[],
            Self::NoLiveness => &[SELFIE_NO_LIVENESS],
            Self::LivenessWithoutFace => &[SELFIE_WITHOUT_FACE],
            Self::ManyFaces => &[SELFIE_MANY_FACES],
            Self::NoFace => &[SELFIE_NO_FACE],
            Self::Unmatched => &[FRONT_UNMATCHED],
            Self::ManyFacesOnDocument => &[FRONT_MANY_FACES],
            Self::NoDocument => &[FRONT_NO_DOCUMENT],
            Self::NoInfo => &[FRONT_NO_INFO],
            Self::NoDocumentOnBack => &[BACK_NO_DOCUMENT],
            Self::NoInfoOnBack => &[BACK_NO_INFO],
            Self::Failed => &[SELFIE_ERROR, FRONT_ERROR, BACK_ERROR],
            Self::ValidOnSecondTry => &[SELFIE_AT_FIRST, FRONT_AT_FIRST, BACK_AT_FIRST],
            Self::SingleObject => &[Course::SingleObject(true)],
            Self::LocationOnly => &[LOCATION_ONLY],
            Self::ResponseLost => &[Course::Accepted(Acceptance::Lost)],
        }
    }
}

impl BanklyControl {
    /// What applies to a person's requests in one respect: a scenario, or else the outcome of a test CPF.
    pub(super) fn course(&self, operation: Operation, cpf: &str, aspect: &str) -> Option<Applied<Course>> {
        self.scenarios.effect_on(operation.name(), Some(cpf), aspect).or_else(|| {
            let mut courses = outcome_of(cpf).courses().iter();
            let effect = *courses.find(|course| course.aspect() == aspect)?;
            Some(Applied { effect, reason: None, delay: None })
        })
    }

    /// How long the analysis of a person's image takes unless something else is said.
    pub(super) fn usual_delay(cpf: &str, set: Duration) -> Duration {
        if outcome_of(cpf) == TestOutcome::Slow { SLOW } else { set }
    }
}
