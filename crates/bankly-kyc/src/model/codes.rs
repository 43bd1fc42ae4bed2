//! The vendor's lists of words.

use kyc_core::{DocumentKind, open_enum};

open_enum! {
    /// How far the analysis of a picture is. (Vendor page: "Status da análise da imagem".)
    pub enum AnalysisStatus: text {
        /// Being worked on.
        Analyzing = "ANALYZING",
        /// Being worked on; some of it is done.
        PartiallyAnalyzed = "PARTIALLY_ANALYZED",
        /// Done. Whether the picture is valid is another question.
        AnalysisCompleted = "ANALYSIS_COMPLETED",
        /// Went wrong, and will not go on: another picture is wanted.
        UnexpectedError = "UNEXPECTED_ERROR",
    }
}

impl AnalysisStatus {
    /// Whether nothing more will happen. A status that this release does not know is taken as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::AnalysisCompleted | Self::UnexpectedError)
    }
}

open_enum! {
    /// What a picture shows.
    pub enum DocumentType: text {
        /// The person.
        Selfie = "SELFIE",
        /// Identity card of a state.
        Rg = "RG",
        /// Driving licence.
        Cnh = "CNH",
        /// Foreigner's card of the older model.
        Rne = "RNE",
        /// Migrant's card.
        Crnm = "CRNM",
        /// National identity document.
        Dni = "DNI",
    }
}

impl DocumentType {
    /// Returns the document in the words of kyc-core; `None` for a selfie.
    #[must_use]
    pub fn kind(&self) -> Option<DocumentKind> {
        Some(match self {
            Self::Selfie => return None,
            Self::Rg => DocumentKind::Rg,
            Self::Cnh => DocumentKind::Cnh,
            Self::Rne => DocumentKind::Rne,
            Self::Crnm => DocumentKind::Crnm,
            Self::Dni => DocumentKind::Dni,
            other => DocumentKind::from(other.as_str()),
        })
    }
}

impl From<&DocumentKind> for DocumentType {
    /// A kind that Bankly does not list goes as the word it was made from.
    fn from(kind: &DocumentKind) -> Self {
        match kind {
            DocumentKind::Rg => Self::Rg,
            DocumentKind::Cnh => Self::Cnh,
            DocumentKind::Rne => Self::Rne,
            DocumentKind::Crnm => Self::Crnm,
            DocumentKind::Dni => Self::Dni,
            other => Self::from(other.as_str()),
        }
    }
}

open_enum! {
    /// Which side of a document a picture shows.
    pub enum DocumentSide: text {
        /// The front.
        Front = "FRONT",
        /// The back.
        Back = "BACK",
    }
}

open_enum! {
    /// What a company's PDF is.
    pub enum CompanyDocument: text {
        /// Articles of incorporation.
        ArticlesOfIncorporation = "ARTICLES_OF_INCORPORATION",
        /// The last change of the articles.
        LastContractChange = "LAST_CONTRACT_CHANGE",
        /// Balance sheet.
        BalanceSheet = "BALANCE_SHEET",
        /// Power of attorney.
        PowerOfAttorney = "POWER_OF_ATTORNEY",
    }
}

open_enum! {
    /// Whether a living person was in front of the camera. (Vendor page: "Status da análise de prova de vida".)
    pub enum LivenessStatus: text {
        /// Yes.
        LivenessFound = "LIVENESS_FOUND",
        /// No.
        NoLiveness = "NO_LIVENESS",
        /// Somebody, but no face was seen.
        CouldNotDetectFace = "COULD_NOT_DETECT_FACE",
    }
}

open_enum! {
    /// Whether there is one face. (Vendor page: "Status da análise de características faciais".)
    pub enum FaceStatus: text {
        /// One.
        DetectedFace = "DETECTED_FACE",
        /// More than one.
        ManyFacesDetected = "MANY_FACES_DETECTED",
        /// None.
        CouldNotDetectFace = "COULD_NOT_DETECT_FACE",
    }
}

open_enum! {
    /// Whether the face on the document is that of the selfie. (Vendor page: "Status da análise de comparação facial".)
    pub enum FaceMatchStatus: text {
        /// Yes.
        HasFaceMatch = "HAS_FACE_MATCH",
        /// No, or not to be said: one of the vendor's pages speaks of another face, the other of a picture smaller than
        /// VGA or a selfie that is not valid.
        UnmatchedDocument = "UNMATCHED_DOCUMENT",
        /// More than one face was seen.
        ManyFacesDetected = "MANY_FACES_DETECTED",
    }
}

open_enum! {
    /// Whether a document was seen. (Vendor page: "Status da extração de textos (OCR)".)
    pub enum DocumentStatus: text {
        /// Yes, and it was read.
        DetectedDocument = "DETECTED_DOCUMENT",
        /// No.
        NoDocumentFound = "NO_DOCUMENT_FOUND",
        /// Yes, and nothing could be read.
        NoInfoFound = "NO_INFO_FOUND",
    }
}

open_enum! {
    /// An expression of a face.
    pub enum Emotion: text {
        /// Calm.
        Calm = "CALM",
        /// Sad.
        Sad = "SAD",
        /// Confused.
        Confused = "CONFUSED",
        /// Angry.
        Angry = "ANGRY",
        /// Surprised.
        Surprised = "SURPRISED",
        /// Afraid.
        Fear = "FEAR",
        /// Happy.
        Happy = "HAPPY",
        /// Disgusted.
        Disgusted = "DISGUSTED",
    }
}
