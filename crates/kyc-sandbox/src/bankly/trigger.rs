//! Uploads without a client.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::ValidationError;

use super::analysis::Kind::{self, Back, Front, Selfie};
use super::upload::{ImageType, SELFIE};
use super::{BanklyControl, FACTS, Operation, TestOutcome, test_cpf};
use crate::outcomes::{self, Outcome, Row, Triggered};
use crate::scenario::{Effect, Scenario};

/// The image that has the outcome, and the person's test CPF.
const UPLOAD: &[&str] = &["upload", "upload-deepface"];

pub(super) const OUTCOMES: &[Row<(Kind, TestOutcome)>] = &[
    Row::new(UPLOAD, "selfie-ok", (Selfie, TestOutcome::Approved), "a selfie is valid"),
    Row::new(
        UPLOAD,
        "selfie-no-liveness",
        (Selfie, TestOutcome::NoLiveness),
        "a selfie: liveness NO_LIVENESS",
    ),
    Row::new(
        UPLOAD,
        "selfie-liveness-without-face",
        (Selfie, TestOutcome::LivenessWithoutFace),
        "a selfie: liveness COULD_NOT_DETECT_FACE",
    ),
    Row::new(
        UPLOAD,
        "selfie-many-faces",
        (Selfie, TestOutcome::ManyFaces),
        "a selfie: faceDetails MANY_FACES_DETECTED",
    ),
    Row::new(
        UPLOAD,
        "selfie-no-face",
        (Selfie, TestOutcome::NoFace),
        "a selfie: faceDetails COULD_NOT_DETECT_FACE",
    ),
    Row::new(
        UPLOAD,
        "selfie-error",
        (Selfie, TestOutcome::Failed),
        "the analysis of a selfie ends in UNEXPECTED_ERROR",
    ),
    Row::new(UPLOAD, "front-ok", (Front, TestOutcome::Approved), "a selfie, then a front: both are valid"),
    Row::new(
        UPLOAD,
        "front-unmatched",
        (Front, TestOutcome::Unmatched),
        "a selfie, then a front: faceMatch UNMATCHED_DOCUMENT",
    ),
    Row::new(
        UPLOAD,
        "front-many-faces",
        (Front, TestOutcome::ManyFacesOnDocument),
        "a selfie, then a front: faceMatch MANY_FACES_DETECTED",
    ),
    Row::new(
        UPLOAD,
        "front-no-document",
        (Front, TestOutcome::NoDocument),
        "a selfie, then a front: documentDetails NO_DOCUMENT_FOUND",
    ),
    Row::new(
        UPLOAD,
        "front-no-info",
        (Front, TestOutcome::NoInfo),
        "a selfie, then a front: documentDetails NO_INFO_FOUND",
    ),
    Row::new(
        UPLOAD,
        "front-error",
        (Front, TestOutcome::Failed),
        "a selfie, then a front: both end in UNEXPECTED_ERROR",
    ),
    Row::new(UPLOAD, "back-ok", (Back, TestOutcome::Approved), "a selfie, then a back: both are valid"),
    Row::new(
        UPLOAD,
        "back-no-document",
        (Back, TestOutcome::NoDocumentOnBack),
        "a selfie, then a back: documentDetails NO_DOCUMENT_FOUND",
    ),
    Row::new(
        UPLOAD,
        "back-no-info",
        (Back, TestOutcome::NoInfoOnBack),
        "a selfie, then a back: documentDetails NO_INFO_FOUND",
    ),
    Row::new(
        UPLOAD,
        "back-error",
        (Back, TestOutcome::Failed),
        "a selfie, then a back: both end in UNEXPECTED_ERROR",
    ),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

impl BanklyControl {
    /// A document comes after a selfie, whose analysis ends at once.
    pub(super) fn trigger_outcome(
        self: &Arc<Self>,
        scenario: &Scenario,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let (kind, outcome) = outcomes::find(OUTCOMES, &scenario.outcome)?;
        let cpf = test_cpf(outcome).unwrap_or_default();
        if kind != Selfie {
            self.upload_without_client(cpf, Selfie, Some(Duration::ZERO))?;
        }
        self.upload_without_client(cpf, kind, delay)
    }

    fn upload_without_client(
        self: &Arc<Self>,
        cpf: &str,
        kind: Kind,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let image_type = ImageType { document_type: if kind == Selfie { SELFIE } else { "RG" }, kind };
        match self.analyse(Operation::Upload, cpf, image_type, delay) {
            Ok((reference, due_in)) => Ok(Triggered { reference, cpf: cpf.to_owned(), due_in }),
            // A document after a selfie is out of order for this reason only.
            Err(_) => {
                Err(ValidationError::new("the previous image of this test CPF is still being analysed"))
            }
        }
    }
}

impl Effect for (Kind, TestOutcome) {
    fn aspect(self) -> &'static str {
        match self.0 {
            Selfie => "selfie",
            Front => "front",
            Back => "back",
        }
    }
}
