//! Images, and the findings of their analysis.

use kyc_core::Timestamp;

use crate::faces::{Comparison, Defect};
use crate::webhooks::FirstAttempt;

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
    /// Counted over all persons.
    pub(super) number: u64,
    pub(super) token: String,
    /// The name of the operation that it was uploaded with.
    pub(super) operation: &'static str,
    pub(super) kind: Kind,
    pub(super) document_type: &'static str,
    pub(super) received: Timestamp,
    pub(super) ends: Timestamp,
    pub(super) finding: Finding,
    /// What the picture shows, if that decided.
    pub(super) seen: Option<Comparison>,
    /// In place of the usual message of the finding.
    pub(super) reason: Option<String>,
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
        self.kind == Kind::Selfie && self.finding == Finding::VALID
    }

    /// `status`, in responses and events.
    pub(super) fn status(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Analyzing => "ANALYZING",
            Stage::PartiallyAnalyzed => "PARTIALLY_ANALYZED",
            Stage::Ended if self.finding.failed => "UNEXPECTED_ERROR",
            Stage::Ended => "ANALYSIS_COMPLETED",
        }
    }

    /// The reason for failed liveness, in the events.
    pub(super) fn message(&self) -> Option<&str> {
        self.reason.as_deref().or(self.finding.message)
    }
}

/// How the analysis of an image ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    With(Finding),
    /// The person's first image of a kind is not valid, the following ones are.
    InvalidAtFirst,
}

/// The findings of an analysis. Which of the four are reported depends on the kind of image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) failed: bool,
    pub(super) liveness: &'static str,
    /// The usual reason for failed liveness.
    pub(super) message: Option<&'static str>,
    pub(super) face: &'static str,
    pub(super) face_match: &'static str,
    pub(super) document: &'static str,
    pub(super) shown: Shown,
}

/// What a document that was read is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    AsDeclared,
    AnotherType,
    TheOtherSide,
    AnotherPerson,
}

pub(super) const LIVENESS_FOUND: &str = "LIVENESS_FOUND";
pub(super) const DETECTED_FACE: &str = "DETECTED_FACE";
pub(super) const MANY_FACES: &str = "MANY_FACES_DETECTED";
pub(super) const NO_FACE: &str = "COULD_NOT_DETECT_FACE";
pub(super) const HAS_FACE_MATCH: &str = "HAS_FACE_MATCH";
pub(super) const UNMATCHED: &str = "UNMATCHED_DOCUMENT";
pub(super) const DETECTED_DOCUMENT: &str = "DETECTED_DOCUMENT";
pub(super) const NO_FACE_MESSAGE: &str = "Could not detect a face. Try another image.";

impl Finding {
    /// The findings of a valid image.
    pub(super) const VALID: Self = Self {
        failed: false,
        liveness: LIVENESS_FOUND,
        message: None,
        face: DETECTED_FACE,
        face_match: HAS_FACE_MATCH,
        document: DETECTED_DOCUMENT,
        shown: Shown::AsDeclared,
    };
    pub(super) const FAILED: Self = Self { failed: true, ..Self::VALID };
    pub(super) const NO_LIVENESS: Self =
        Self { liveness: "NO_LIVENESS", message: Some("The face is too far."), ..Self::VALID };
    pub(super) const UNMATCHED: Self = Self { face_match: UNMATCHED, ..Self::VALID };
    pub(super) const NO_DOCUMENT: Self = Self { document: "NO_DOCUMENT_FOUND", ..Self::VALID };

    /// The findings of a picture that was looked at. Liveness is never read off a picture: only a missing face speaks against it.
    pub(super) fn seen(self, seen: Option<Comparison>, kind: Kind) -> Self {
        let Some(seen) = seen else { return self };
        let defect = seen.defect().map(|(_, defect)| defect);
        match (kind, defect) {
            (Kind::Selfie, Some(Defect::ManyFaces)) => Self { face: MANY_FACES, ..self },
            (Kind::Selfie, Some(Defect::Unreadable)) => Self::FAILED,
            (Kind::Selfie, Some(Defect::NoFace | Defect::Turned)) => {
                Self { liveness: NO_FACE, message: Some(NO_FACE_MESSAGE), face: NO_FACE, ..self }
            }
            (Kind::Front, Some(Defect::ManyFaces)) => Self { face_match: MANY_FACES, ..self },
            (Kind::Front, Some(_)) => Self { face_match: UNMATCHED, ..self },
            (Kind::Front, None) if seen.is_match() != Some(true) => Self { face_match: UNMATCHED, ..self },
            _ => self,
        }
    }

    /// The findings for an image of that kind, which end as usual without an `end`. `earlier` are the person's earlier
    /// images.
    pub(super) fn new(end: Option<End>, kind: Kind, earlier: &[Image]) -> Self {
        let is_first = !earlier.iter().any(|image| image.kind == kind);
        let selfie = earlier.iter().rfind(|image| image.kind == Kind::Selfie);
        match (end, kind) {
            (Some(End::With(finding)), _) => finding,
            (Some(End::InvalidAtFirst), Kind::Selfie) if is_first => Self::NO_LIVENESS,
            (Some(End::InvalidAtFirst), Kind::Front) if is_first => Self::UNMATCHED,
            (Some(End::InvalidAtFirst), Kind::Back) if is_first => Self::NO_DOCUMENT,
            (_, Kind::Front) if !selfie.is_some_and(Image::is_valid_selfie) => Self::UNMATCHED,
            _ => Self::VALID,
        }
    }
}
