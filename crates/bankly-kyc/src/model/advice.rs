//! The verdict on an image: whether it is valid, why not, and what to tell the person.

use super::{
    Analysis, AnalysisStatus, DocumentSide, DocumentStatus, DocumentType, FaceMatchStatus, FaceStatus,
    LivenessStatus,
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
    /// The response lacks a value that the rule needs, or has one that this release does not know.
    Unclear,
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
            Self::AnalysisFailed | Self::Unclear => (
                "Não foi possível analisar a foto. Envie outra, por favor.",
                "The picture could not be analysed. Please send another one.",
            ),
        };
        Advice { pt, en }
    }
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
        let (first, second) = match (&self.document_type, &self.document_side) {
            (Some(DocumentType::Selfie), _) => (self.liveness_reason(), self.face_reason()),
            (Some(_), Some(DocumentSide::Back)) => (None, self.document_reason()),
            // Without a side the stricter rule applies.
            (Some(_), _) => (self.match_reason(), self.document_reason()),
            (None, _) => (Some(Reason::Unclear), None),
        };
        let mut reasons: Vec<_> = first.into_iter().chain(second).collect();
        reasons.dedup();
        if reasons.is_empty() { Verdict::Valid } else { Verdict::Invalid(reasons) }
    }

    fn has_findings(&self) -> bool {
        self.liveness.is_some()
            || self.face_details.is_some()
            || self.face_match.is_some()
            || self.document_details.is_some()
    }

    fn liveness_reason(&self) -> Option<Reason> {
        match self.liveness.as_ref().and_then(|liveness| liveness.status.as_ref()) {
            Some(LivenessStatus::LivenessFound) => None,
            Some(LivenessStatus::NoLiveness) => Some(Reason::NoLiveness),
            Some(LivenessStatus::CouldNotDetectFace) => Some(Reason::NoFace),
            Some(LivenessStatus::Unknown(_)) | None => Some(Reason::Unclear),
        }
    }

    fn face_reason(&self) -> Option<Reason> {
        match self.face_details.as_ref().and_then(|face| face.status.as_ref()) {
            Some(FaceStatus::DetectedFace) => None,
            Some(FaceStatus::ManyFacesDetected) => Some(Reason::ManyFaces),
            Some(FaceStatus::CouldNotDetectFace) => Some(Reason::NoFace),
            Some(FaceStatus::Unknown(_)) | None => Some(Reason::Unclear),
        }
    }

    fn match_reason(&self) -> Option<Reason> {
        match self.face_match.as_ref().and_then(|result| result.status.as_ref()) {
            Some(FaceMatchStatus::HasFaceMatch) => None,
            Some(FaceMatchStatus::UnmatchedDocument) => Some(Reason::UnmatchedDocument),
            Some(FaceMatchStatus::ManyFacesDetected) => Some(Reason::ManyFacesOnDocument),
            Some(FaceMatchStatus::Unknown(_)) | None => Some(Reason::Unclear),
        }
    }

    fn document_reason(&self) -> Option<Reason> {
        match self.document_details.as_ref().and_then(|details| details.status.as_ref()) {
            Some(DocumentStatus::DetectedDocument) => None,
            Some(DocumentStatus::NoDocumentFound) => Some(Reason::NoDocument),
            Some(DocumentStatus::NoInfoFound) => Some(Reason::UnreadableDocument),
            Some(DocumentStatus::Unknown(_)) | None => Some(Reason::Unclear),
        }
    }
}
