//! The verdict on an image: whether it is valid, why not, and what to tell the person.

use kyc_core::{Finding, Lenient};

use super::{
    Analysis, AnalysisStatus, DocumentSide, DocumentStatus, DocumentType, FaceMatchResult, FaceMatchStatus,
    FaceStatus, Liveness, LivenessStatus, PrintedSide,
};

/// Whether an image is valid for opening an account. (Our page: "Rules".)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The analysis has not ended, or the response has no findings, as with
    /// [`OnlyStatus`](crate::ResultLevel::OnlyStatus).
    Pending,
    /// The image is valid: the next image may be uploaded.
    Valid,
    /// The image is not valid: another image of the same side must be uploaded.
    Invalid(Vec<Reason>),
    /// The analysis has ended, but a value that the rule needs is missing, unreadable, unknown or contradictory, for the stated
    /// reason. Query again; if it stays unclear, upload another image.
    Unclear(&'static str),
}

/// Why an image is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// No living person in front of the camera.
    NoLiveness,
    /// No face in the selfie.
    NoFace,
    /// More than one face in the selfie.
    ManyFaces,
    /// The face on the document does not match the selfie, the image is too small, or the selfie is not valid: the
    /// vendor's two pages differ, and the response does not distinguish these cases.
    UnmatchedDocument,
    /// More than one face in the image of the document.
    ManyFacesOnDocument,
    /// No document in the image.
    NoDocument,
    /// The document cannot be read.
    UnreadableDocument,
    /// The analysis failed.
    AnalysisFailed,
}

/// What to tell the person, in Portuguese and English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Advice {
    /// The Portuguese text.
    pub pt: &'static str,
    /// The English text.
    pub en: &'static str,
}

impl Reason {
    /// Returns what to tell the person.
    #[must_use]
    pub fn advice(self) -> Advice {
        let (pt, en) = match self {
            Self::NoLiveness => (
                "Tire outra selfie na hora, com boa luz e o rosto à mostra: sem boné, óculos escuros ou foto de uma foto.",
                "Take a new selfie now, in good light and with your face uncovered: no cap, no sunglasses, no photo of a photo.",
            ),
            Self::NoFace => (
                "Não vimos um rosto. Tire outra selfie com o rosto inteiro no quadro e nada que o cubra.",
                "We saw no face. Take a new selfie with your whole face in the frame and nothing that covers it.",
            ),
            Self::ManyFaces => (
                "Vimos mais de um rosto. Tire outra selfie sem ninguém por perto.",
                "We saw more than one face. Take a new selfie with nobody near you.",
            ),
            Self::UnmatchedDocument => (
                "O rosto no documento não pôde ser confirmado com a sua selfie. Use o seu próprio documento e fotografe-o de perto, nítido e inteiro; se não resolver, refaça a selfie.",
                "The face on the document could not be confirmed by your selfie. Use your own document and photograph it close, sharp and whole; if that does not help, take the selfie again.",
            ),
            Self::ManyFacesOnDocument => (
                "Vimos mais de um rosto na foto. Fotografe só o documento; se não resolver, refaça a selfie.",
                "We saw more than one face in the picture. Photograph the document alone; if that does not help, take the selfie again.",
            ),
            Self::NoDocument => (
                "Não vimos um documento. Fotografe-o com boa luz, inteiro e dentro do quadro.",
                "We saw no document. Photograph it in good light, whole and inside the frame.",
            ),
            Self::UnreadableDocument => (
                "Não conseguimos ler o documento. Fotografe-o com boa luz e foco, nem perto demais nem tremido.",
                "We could not read the document. Photograph it in good light and in focus, neither too close nor shaken.",
            ),
            Self::AnalysisFailed => (
                "Não foi possível analisar a foto. Envie outra, por favor.",
                "The picture could not be analysed. Please send another one.",
            ),
        };
        Advice { pt, en }
    }
}

/// Whether a part of an analysis is in the person's favour; the error says why it is not.
type Judged = Result<(), Objection>;

enum Objection {
    No(Reason),
    Unclear(&'static str),
}

impl Analysis {
    /// Returns whether the image is valid: a selfie if exactly one face of a living person was found, the front of a
    /// document if it was read and its face matches the selfie, the back if it was read. (Our page: "Rules".)
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match &self.status {
            Some(AnalysisStatus::AnalysisCompleted) if self.has_findings() => {}
            Some(AnalysisStatus::UnexpectedError) => return Verdict::Invalid(vec![Reason::AnalysisFailed]),
            _ => return Verdict::Pending,
        }
        let parts = self.parts();
        let mut reasons: Vec<_> = parts.iter().filter_map(Objection::reason).collect();
        reasons.dedup();
        if !reasons.is_empty() {
            return Verdict::Invalid(reasons);
        }
        parts.iter().find_map(Objection::doubt).map_or(Verdict::Valid, Verdict::Unclear)
    }

    /// Judges the two parts that the kind of image requires.
    fn parts(&self) -> [Judged; 2] {
        let unclear = |what| [Err(Objection::Unclear(what)), Ok(())];
        match (&self.document_type, &self.document_side) {
            (Some(DocumentType::Selfie), _) => [self.judge_liveness(), self.judge_face()],
            (Some(DocumentType::Unknown(_)) | None, _) => {
                unclear("the type of the document is missing or unknown")
            }
            (Some(_), Some(DocumentSide::Front)) => [self.judge_match(), self.judge_document()],
            (Some(_), Some(DocumentSide::Back)) => [Ok(()), self.judge_document()],
            (Some(_), _) => unclear("the side of the document is missing or unknown"),
        }
    }

    fn has_findings(&self) -> bool {
        self.liveness.is_some()
            || self.face_details.is_some()
            || self.face_match.is_some()
            || self.document_details.is_some()
    }

    fn judge_liveness(&self) -> Judged {
        let liveness = self.liveness.as_ref();
        match liveness.and_then(|liveness| liveness.status.as_ref()) {
            Some(LivenessStatus::LivenessFound) if liveness.is_some_and(Liveness::is_refused) => {
                Err(Objection::Unclear("a living person was found, but the selfie was refused"))
            }
            Some(LivenessStatus::LivenessFound) => Ok(()),
            Some(LivenessStatus::NoLiveness) => Err(Objection::No(Reason::NoLiveness)),
            Some(LivenessStatus::CouldNotDetectFace) => Err(Objection::No(Reason::NoFace)),
            _ => Err(Objection::Unclear("the status of the liveness check is missing or unknown")),
        }
    }

    fn judge_face(&self) -> Judged {
        match self.face_details.as_ref().and_then(|face| face.status.as_ref()) {
            Some(FaceStatus::DetectedFace) => Ok(()),
            Some(FaceStatus::ManyFacesDetected) => Err(Objection::No(Reason::ManyFaces)),
            Some(FaceStatus::CouldNotDetectFace) => Err(Objection::No(Reason::NoFace)),
            _ => Err(Objection::Unclear("the status of the face details is missing or unknown")),
        }
    }

    fn judge_match(&self) -> Judged {
        let result = self.face_match.as_ref();
        match result.and_then(|result| result.status.as_ref()) {
            Some(FaceMatchStatus::HasFaceMatch) => match result.map(FaceMatchResult::verdict) {
                Some(kyc_core::Verdict::Match) => Ok(()),
                _ => Err(Objection::Unclear(
                    "the faces match, but their similarity is 0, missing or unreadable",
                )),
            },
            Some(FaceMatchStatus::UnmatchedDocument) => Err(Objection::No(Reason::UnmatchedDocument)),
            Some(FaceMatchStatus::ManyFacesDetected) => Err(Objection::No(Reason::ManyFacesOnDocument)),
            _ => Err(Objection::Unclear("the status of the face match is missing or unknown")),
        }
    }

    fn judge_document(&self) -> Judged {
        let details = self.document_details.as_ref();
        match details.and_then(|details| details.status.as_ref()) {
            Some(DocumentStatus::DetectedDocument) if self.is_of_another_type() => {
                Err(Objection::Unclear("another type of document was identified than was sent"))
            }
            Some(DocumentStatus::DetectedDocument) if self.shows_the_other_side() => {
                Err(Objection::Unclear("the image shows the other side of the document"))
            }
            Some(DocumentStatus::DetectedDocument) => Ok(()),
            Some(DocumentStatus::NoDocumentFound) => Err(Objection::No(Reason::NoDocument)),
            Some(DocumentStatus::NoInfoFound) => Err(Objection::No(Reason::UnreadableDocument)),
            _ => Err(Objection::Unclear("the status of the document details is missing or unknown")),
        }
    }

    /// The identified type does not decide by itself: many responses do not have it.
    fn is_of_another_type(&self) -> bool {
        let details = self.document_details.as_ref();
        let identified = details.and_then(|details| details.identified_document_type.as_ref());
        let known = identified.filter(|found| !matches!(found, DocumentType::Unknown(_)));
        known.is_some_and(|found| self.document_type.as_ref() != Some(found))
    }

    fn shows_the_other_side(&self) -> bool {
        let printed = self.document_details.as_ref().and_then(|details| details.side.as_ref());
        match printed {
            Some(PrintedSide::Front) => self.document_side == Some(DocumentSide::Back),
            Some(PrintedSide::Back) => self.document_side == Some(DocumentSide::Front),
            _ => false,
        }
    }
}

impl Objection {
    fn reason(judged: &Judged) -> Option<Reason> {
        match judged {
            Err(Self::No(reason)) => Some(*reason),
            _ => None,
        }
    }

    fn doubt(judged: &Judged) -> Option<&'static str> {
        match judged {
            Err(Self::Unclear(what)) => Some(what),
            _ => None,
        }
    }
}

impl Liveness {
    /// Returns whether a living person was in front of the camera. Unclear if the status is missing or unknown, or if the
    /// response has messages of a refusal beside it.
    pub fn finding(&self) -> Finding {
        match &self.status {
            Some(LivenessStatus::LivenessFound) if !self.is_refused() => Finding::Yes,
            Some(LivenessStatus::NoLiveness | LivenessStatus::CouldNotDetectFace) => Finding::No,
            _ => Finding::Unclear,
        }
    }

    /// The messages come with a refused selfie only.
    fn is_refused(&self) -> bool {
        self.messages().any(|message| !message.as_str().trim().is_empty())
    }
}

impl FaceMatchResult {
    /// Returns whether the face on the document matches the selfie. A match needs a readable similarity above 0 and up to 100.
    pub fn verdict(&self) -> kyc_core::Verdict {
        let similarity = self.similarity.as_ref().and_then(Lenient::get).map(|percent| percent.get());
        match &self.status {
            Some(FaceMatchStatus::HasFaceMatch)
                if similarity.is_some_and(|percent| percent > 0.0 && percent <= 100.0) =>
            {
                kyc_core::Verdict::Match
            }
            Some(FaceMatchStatus::UnmatchedDocument) => kyc_core::Verdict::NoMatch,
            _ => kyc_core::Verdict::Inconclusive,
        }
    }
}
