//! The vendor's closed lists of values.

use kyc_core::{DocumentKind, open_enum};

open_enum! {
    /// The status of an image's analysis. (Vendor page: "Status da análise da imagem".)
    pub enum AnalysisStatus: text {
        /// The analysis is in progress.
        Analyzing = "ANALYZING",
        /// The analysis is in progress; a part has ended.
        PartiallyAnalyzed = "PARTIALLY_ANALYZED",
        /// The analysis has ended. The status does not state whether the image is valid.
        AnalysisCompleted = "ANALYSIS_COMPLETED",
        /// The analysis failed permanently: another image is needed.
        UnexpectedError = "UNEXPECTED_ERROR",
    }
}

impl AnalysisStatus {
    /// Returns whether the status is final. A status that this release does not know counts as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::AnalysisCompleted | Self::UnexpectedError)
    }
}

open_enum! {
    /// The type of an image. (Our page: "Document types".)
    pub enum DocumentType: text {
        /// A selfie of the person.
        Selfie = "SELFIE",
        /// An identity card of a state.
        Rg = "RG",
        /// A driving licence.
        Cnh = "CNH",
        /// A foreigner's identity card of the older model.
        Rne = "RNE",
        /// A migrant's identity card.
        Crnm = "CRNM",
        /// A national identity document.
        Dni = "DNI",
    }
}

impl DocumentType {
    /// Returns the corresponding [`DocumentKind`], or `None` for a selfie.
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
    /// Converts a kind. One that Bankly does not list becomes `Unknown` with the kind's own text.
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
    /// The side of a document. (Our page: "Document sides".)
    pub enum DocumentSide: text {
        /// The front.
        Front = "FRONT",
        /// The back.
        Back = "BACK",
    }
}

open_enum! {
    /// The type of a company's document. (Our page: "Company document types".)
    pub enum CompanyDocument: text {
        /// Articles of incorporation.
        ArticlesOfIncorporation = "ARTICLES_OF_INCORPORATION",
        /// The last amendment of the articles.
        LastContractChange = "LAST_CONTRACT_CHANGE",
        /// A balance sheet.
        BalanceSheet = "BALANCE_SHEET",
        /// A power of attorney.
        PowerOfAttorney = "POWER_OF_ATTORNEY",
    }
}

open_enum! {
    /// The result of the liveness check. (Vendor page: "Status da análise de prova de vida".)
    pub enum LivenessStatus: text {
        /// A living person was in front of the camera.
        LivenessFound = "LIVENESS_FOUND",
        /// No living person was in front of the camera.
        NoLiveness = "NO_LIVENESS",
        /// No face was found.
        CouldNotDetectFace = "COULD_NOT_DETECT_FACE",
    }
}

open_enum! {
    /// Whether a selfie shows exactly one face. (Vendor page: "Status da análise de características faciais".)
    pub enum FaceStatus: text {
        /// One face.
        DetectedFace = "DETECTED_FACE",
        /// More than one face.
        ManyFacesDetected = "MANY_FACES_DETECTED",
        /// No face.
        CouldNotDetectFace = "COULD_NOT_DETECT_FACE",
    }
}

open_enum! {
    /// Whether the face on the document matches the selfie. (Vendor page: "Status da análise de comparação facial".)
    pub enum FaceMatchStatus: text {
        /// The faces match.
        HasFaceMatch = "HAS_FACE_MATCH",
        /// The faces do not match, or could not be compared: one of the vendor's pages names a different face as the
        /// cause, the other an image smaller than VGA or a selfie that is not valid.
        UnmatchedDocument = "UNMATCHED_DOCUMENT",
        /// More than one face was found.
        ManyFacesDetected = "MANY_FACES_DETECTED",
    }
}

open_enum! {
    /// Whether a document was found and read. (Vendor page: "Status da extração de textos (OCR)".)
    pub enum DocumentStatus: text {
        /// A document was found and read.
        DetectedDocument = "DETECTED_DOCUMENT",
        /// No document was found.
        NoDocumentFound = "NO_DOCUMENT_FOUND",
        /// A document was found, but nothing could be read.
        NoInfoFound = "NO_INFO_FOUND",
    }
}

open_enum! {
    /// A facial expression. (Our page: "Emotions".)
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

open_enum! {
    /// An estimated gender. The vendor's page prints the first value only and has no list.
    pub enum Gender: text {
        /// Male.
        Male = "Male",
        /// Female.
        Female = "Female",
    }
}

open_enum! {
    /// The side that an image shows, in events. (Our page: "Printed sides".)
    pub enum PrintedSide: text {
        /// The front.
        Front = "A",
        /// The back.
        Back = "B",
    }
}

open_enum! {
    /// The category of a driving licence. Other licences, such as `AB` or `D`, exist but are on no page. (Our page: "Licence
    /// categories".)
    pub enum LicenceCategory: text {
        /// Mopeds.
        Acc = "ACC",
        /// Motorcycles.
        A = "A",
        /// Cars.
        B = "B",
        /// Lorries.
        C = "C",
    }
}
