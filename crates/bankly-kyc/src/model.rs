//! The analysis of an image, in responses and in events, and other types that operations share.

mod advice;
mod codes;
mod image_token;
pub(crate) mod listing;
pub(crate) mod onboarding_state;
pub(crate) mod path;
mod refusal;

pub use advice::{Advice, Reason, Verdict};
pub use codes::{
    AnalysisStatus, CompanyDocument, DocumentSide, DocumentStatus, DocumentType, Emotion, FaceMatchStatus,
    FaceStatus, Gender, LicenceCategory, LivenessStatus, PrintedSide,
};
pub use image_token::ImageToken;
pub use listing::Listing;
pub use onboarding_state::{OnboardingState, Place};
pub use refusal::{RefusalDetail, RefusalMessage};

use kyc_core::{Cpf, Date, DateTime, FiniteF64, Lenient, OneOrMany, RedactedText, response};

response! {
    /// The analysis of one image. (Vendor page: "Resposta"; our page: "Status".)
    #[serde(rename_all = "camelCase")]
    pub struct Analysis {
        /// The token of the image.
        #[serde(default, deserialize_with = "image_token::not_blank")]
        pub token: Option<ImageToken>,
        /// The document type that was sent with the image.
        #[serde(alias = "`documentType`")]
        pub document_type: Option<DocumentType>,
        /// The side of the document; absent in events of a selfie.
        #[serde(alias = "`documentSide`")]
        pub document_side: Option<DocumentSide>,
        /// The status of the analysis. A completed analysis may have an invalid image: see [`verdict`](Self::verdict).
        pub status: Option<AnalysisStatus>,
        /// When the image was analysed.
        pub analyzed_at: Option<Lenient<DateTime>>,
        /// For a selfie: whether a living person was in front of the camera.
        pub liveness: Option<Liveness>,
        /// For a selfie: the facial attributes.
        pub face_details: Option<FaceDetails>,
        /// For the front of a document: whether its face matches the selfie.
        pub face_match: Option<FaceMatchResult>,
        /// For a document: the data that was read.
        pub document_details: Option<DocumentDetails>,
    }
}

impl Analysis {
    /// Returns whether the analysis has ended. A status that this release does not know counts as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.status.as_ref().is_some_and(AnalysisStatus::is_final)
    }
}

response! {
    /// The liveness check: whether a living person was in front of the camera.
    #[serde(rename_all = "camelCase")]
    pub struct Liveness {
        /// The result of the check.
        pub status: Option<LivenessStatus>,
        /// The confidence. It is in the vendor's schema but on no page.
        pub confidence: Option<Lenient<FiniteF64>>,
        /// Why the selfie was refused, worded for the person. The texts change: do not base decisions on them.
        pub analysis_details: Option<OneOrMany<RefusalDetail>>,
    }
}

impl Liveness {
    /// Returns the vendor's messages about a refused selfie.
    pub fn messages(&self) -> impl Iterator<Item = &RedactedText> {
        self.analysis_details.iter().flat_map(OneOrMany::iter).filter_map(|detail| detail.message.as_ref())
    }
}

response! {
    /// Facial attributes.
    #[serde(rename_all = "camelCase")]
    pub struct FaceDetails {
        /// Whether there is exactly one face.
        pub status: Option<FaceStatus>,
        /// The confidence, in percent.
        pub confidence: Option<Lenient<FiniteF64>>,
        /// The estimated age range.
        pub age_range: Option<AgeRange>,
        /// The estimated gender.
        pub gender: Option<GenderGuess>,
        /// Whether the person wears sunglasses.
        pub sunglasses: Option<Trait>,
        /// Whether the eyes are open.
        pub eyes_open: Option<Trait>,
        /// The estimated expressions, each with its confidence.
        pub emotions: Option<Vec<EmotionGuess>>,
    }
}

response! {
    /// An age range, in years.
    pub struct AgeRange {
        /// The lowest age.
        pub low: Option<Lenient<i64>>,
        /// The highest age.
        pub high: Option<Lenient<i64>>,
    }
}

response! {
    /// A facial attribute that is true or false.
    pub struct Trait {
        /// Whether the person has the attribute.
        pub value: Option<Lenient<bool>>,
        /// The confidence, in percent.
        pub confidence: Option<Lenient<FiniteF64>>,
    }
}

response! {
    /// The estimated gender.
    pub struct GenderGuess {
        /// The gender.
        pub value: Option<Gender>,
        /// The confidence, in percent.
        pub confidence: Option<Lenient<FiniteF64>>,
    }
}

response! {
    /// An estimated expression.
    pub struct EmotionGuess {
        /// The expression.
        pub value: Option<Emotion>,
        /// The confidence, in percent.
        pub confidence: Option<Lenient<FiniteF64>>,
    }
}

response! {
    /// The comparison of the face on the document with the selfie.
    pub struct FaceMatchResult {
        /// The result of the comparison.
        pub status: Option<FaceMatchStatus>,
        /// The similarity of the faces, in percent.
        pub similarity: Option<Lenient<FiniteF64>>,
        /// The confidence, in percent.
        pub confidence: Option<Lenient<FiniteF64>>,
    }
}

response! {
    /// The data that was read from a document. The field aliases are spellings of the vendor's tables that no example has.
    #[serde(rename_all = "camelCase")]
    pub struct DocumentDetails {
        /// Whether a document was found.
        pub status: Option<DocumentStatus>,
        /// The identified type of the document.
        #[serde(alias = "identifiedocumentType", alias = "identified`documentType`")]
        pub identified_document_type: Option<DocumentType>,
        /// The number of the document.
        #[serde(alias = "idnumber")]
        pub id_number: Option<RedactedText>,
        /// The CPF.
        pub cpf_number: Option<Lenient<Cpf>>,
        /// The date of birth: `yyyy-mm-dd` in responses, `dd/mm/yyyy` in events.
        pub birth_date: Option<Lenient<Date>>,
        /// The father's name.
        pub father_name: Option<RedactedText>,
        /// The mother's name.
        pub mother_name: Option<RedactedText>,
        /// The holder's name.
        pub register_name: Option<RedactedText>,
        /// The last day of validity.
        #[serde(alias = "valideDate", alias = "validate")]
        pub valid_date: Option<Lenient<Date>>,
        /// The category of a driving licence.
        pub drive_license_category: Option<LicenceCategory>,
        /// The number of a driving licence.
        #[serde(alias = "driveLicensenumber")]
        pub drive_license_number: Option<RedactedText>,
        /// The date of the first driving licence.
        pub drive_license_first_qualifying_date: Option<Lenient<Date>>,
        /// The state that issued the document: two letters, or its name.
        pub federative_unit: Option<RedactedText>,
        /// The authority that issued the document.
        pub issued_by: Option<RedactedText>,
        /// The place of issue.
        #[serde(alias = "issuedPlace")]
        pub issue_place: Option<RedactedText>,
        /// The date of issue.
        #[serde(alias = "issuedDate")]
        pub issue_date: Option<Lenient<Date>>,
        /// In events: the side that the image shows.
        pub side: Option<PrintedSide>,
        /// In events: the holder's place of birth.
        pub place_of_birth: Option<RedactedText>,
        /// In events: the category of a driving licence, printed in addition to `driveLicenseCategory`.
        pub category: Option<LicenceCategory>,
    }
}
