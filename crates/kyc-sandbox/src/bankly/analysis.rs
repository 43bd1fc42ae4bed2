//! Images, and the findings of their analysis.

use std::time::Duration;

use kyc_core::Timestamp;

use super::test_cpfs::TestOutcome;
use crate::webhooks::FirstAttempt;

pub(super) const SLOW: Duration = Duration::from_secs(600);

/// What an image shows, which determines how it is analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Selfie,
    Front,
    Back,
}

/// The progress of an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Analyzing,
    PartiallyAnalyzed,
    Ended,
}

/// An uploaded image.
pub(super) struct Image {
    pub(super) token: String,
    pub(super) kind: Kind,
    pub(super) document_type: &'static str,
    pub(super) received: Timestamp,
    pub(super) ends: Timestamp,
    pub(super) finding: Finding,
    /// Whether `DOCUMENT_WAS_RECEIVED` was sent. With reordered webhooks it is sent last.
    pub(super) arrival_announced: bool,
    pub(super) end_announced: bool,
    /// The next event waits for this one.
    pub(super) last_event: FirstAttempt,
}

impl Image {
    pub(super) fn stage(&self, now: Timestamp) -> Stage {
        let half = self.ends.since(self.received) / 2;
        if now >= self.ends {
            Stage::Ended
        } else if now >= self.received.saturating_add(half) {
            Stage::PartiallyAnalyzed
        } else {
            Stage::Analyzing
        }
    }

    pub(super) fn is_valid_selfie(&self) -> bool {
        self.kind == Kind::Selfie && self.finding == Finding::default()
    }
}

/// The findings of an analysis. Which of the four are reported depends on the kind of image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) failed: bool,
    pub(super) liveness: &'static str,
    /// The reason for failed liveness, in the events.
    pub(super) message: Option<&'static str>,
    pub(super) face: &'static str,
    pub(super) face_match: &'static str,
    pub(super) document: &'static str,
}

pub(super) const LIVENESS_FOUND: &str = "LIVENESS_FOUND";
pub(super) const DETECTED_FACE: &str = "DETECTED_FACE";
pub(super) const MANY_FACES: &str = "MANY_FACES_DETECTED";
pub(super) const NO_FACE: &str = "COULD_NOT_DETECT_FACE";
pub(super) const HAS_FACE_MATCH: &str = "HAS_FACE_MATCH";
pub(super) const UNMATCHED: &str = "UNMATCHED_DOCUMENT";
pub(super) const DETECTED_DOCUMENT: &str = "DETECTED_DOCUMENT";
const NO_DOCUMENT: &str = "NO_DOCUMENT_FOUND";
const NO_INFO: &str = "NO_INFO_FOUND";

impl Default for Finding {
    /// The findings of a valid image.
    fn default() -> Self {
        Self {
            failed: false,
            liveness: LIVENESS_FOUND,
            message: None,
            face: DETECTED_FACE,
            face_match: HAS_FACE_MATCH,
            document: DETECTED_DOCUMENT,
        }
    }
}

impl Finding {
    /// The findings for an image of that kind. `earlier` are the person's earlier images.
    pub(super) fn new(outcome: TestOutcome, kind: Kind, earlier: &[Image]) -> Self {
        let selfie = earlier.iter().rfind(|image| image.kind == Kind::Selfie);
        if kind == Kind::Front
            && !selfie.is_some_and(Image::is_valid_selfie)
            && outcome != TestOutcome::Failed
        {
            return Self::unmatched();
        }
        let is_first = !earlier.iter().any(|image| image.kind == kind);
        match (outcome, kind) {
            (TestOutcome::Failed, _) => Self { failed: true, ..Self::default() },
            (TestOutcome::ValidOnSecondTry, Kind::Selfie) if is_first => Self::no_liveness(),
            (TestOutcome::ValidOnSecondTry, Kind::Front) if is_first => Self::unmatched(),
            (TestOutcome::ValidOnSecondTry, Kind::Back) if is_first => Self::document(NO_DOCUMENT),
            (TestOutcome::NoLiveness, Kind::Selfie) => Self::no_liveness(),
            (TestOutcome::LivenessWithoutFace, Kind::Selfie) => Self {
                liveness: NO_FACE,
                message: Some("Could not detect a face. Try another image."),
                ..Self::default()
            },
            (TestOutcome::ManyFaces, Kind::Selfie) => Self { face: MANY_FACES, ..Self::default() },
            (TestOutcome::NoFace, Kind::Selfie) => Self { face: NO_FACE, ..Self::default() },
            (TestOutcome::Unmatched, Kind::Front) => Self::unmatched(),
            (TestOutcome::ManyFacesOnDocument, Kind::Front) => {
                Self { face_match: MANY_FACES, ..Self::default() }
            }
            (TestOutcome::NoDocument, Kind::Front) | (TestOutcome::NoDocumentOnBack, Kind::Back) => {
                Self::document(NO_DOCUMENT)
            }
            (TestOutcome::NoInfo, Kind::Front) | (TestOutcome::NoInfoOnBack, Kind::Back) => {
                Self::document(NO_INFO)
            }
            _ => Self::default(),
        }
    }

    fn no_liveness() -> Self {
        Self { liveness: "NO_LIVENESS", message: Some("The face is too far."), ..Self::default() }
    }

    fn unmatched() -> Self {
        Self { face_match: UNMATCHED, ..Self::default() }
    }

    fn document(status: &'static str) -> Self {
        Self { document: status, ..Self::default() }
    }
}
