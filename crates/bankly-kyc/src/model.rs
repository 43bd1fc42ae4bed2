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

use kyc_core::{Cpf, Date, DateTime, FiniteF64, Lenient, OneOrMany, RedactedText};
use serde::{Deserialize, Serialize};

/// The analysis of one image. (Vendor page: "Resposta"; our page: "Status".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Analysis {
    /// The token of the image.
    #[serde(default, deserialize_with = "image_token::not_blank", skip_serializing_if = "Option::is_none")]
    pub token: Option<ImageToken>,
    /// The document type that was sent with the image.
    #[serde(alias = "`documentType`", skip_serializing_if = "Option::is_none")]
    pub document_type: Option<DocumentType>,
    /// The side of the document; absent in events of a selfie.
    #[serde(alias = "`documentSide`", skip_serializing_if = "Option::is_none")]
    pub document_side: Option<DocumentSide>,
    /// The status of the analysis. A completed analysis may have an invalid image: see [`verdict`](Self::verdict).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<AnalysisStatus>,
    /// When the image was analysed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analyzed_at: Option<Lenient<DateTime>>,
    /// For a selfie: whether a living person was in front of the camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Liveness>,
    /// For a selfie: the facial attributes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face_details: Option<FaceDetails>,
    /// For the front of a document: whether its face matches the selfie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face_match: Option<FaceMatchResult>,
    /// For a document: the data that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_details: Option<DocumentDetails>,
}

impl Analysis {
    /// Returns whether the analysis has ended. A status that this release does not know counts as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.status.as_ref().is_some_and(AnalysisStatus::is_final)
    }
}

/// The liveness check: whether a living person was in front of the camera.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Liveness {
    /// The result of the check.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<LivenessStatus>,
    /// The confidence. It is in the vendor's schema but on no page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
    /// Why the selfie was refused, worded for the person. The texts change: do not base decisions on them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis_details: Option<OneOrMany<RefusalDetail>>,
}

impl Liveness {
    /// Returns the vendor's messages about a refused selfie.
    pub fn messages(&self) -> impl Iterator<Item = &RedactedText> {
        self.analysis_details.iter().flat_map(OneOrMany::iter).filter_map(|detail| detail.message.as_ref())
    }
}

/// Facial attributes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceDetails {
    /// Whether there is exactly one face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<FaceStatus>,
    /// The confidence, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
    /// The estimated age range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_range: Option<AgeRange>,
    /// The estimated gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<GenderGuess>,
    /// Whether the person wears sunglasses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunglasses: Option<Trait>,
    /// Whether the eyes are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eyes_open: Option<Trait>,
    /// The estimated expressions, each with its confidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emotions: Option<Vec<EmotionGuess>>,
}

/// An age range, in years.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AgeRange {
    /// The lowest age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Lenient<i64>>,
    /// The highest age.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Lenient<i64>>,
}

/// A facial attribute that is true or false.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Trait {
    /// Whether the person has the attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Lenient<bool>>,
    /// The confidence, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
}

/// The estimated gender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct GenderGuess {
    /// The gender.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Gender>,
    /// The confidence, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
}

/// An estimated expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EmotionGuess {
    /// The expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Emotion>,
    /// The confidence, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
}

/// The comparison of the face on the document with the selfie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceMatchResult {
    /// The result of the comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<FaceMatchStatus>,
    /// The similarity of the faces, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<Lenient<FiniteF64>>,
    /// The confidence, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
}

/// The data that was read from a document. The field aliases are spellings of the vendor's tables that no example has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentDetails {
    /// Whether a document was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DocumentStatus>,
    /// The identified type of the document.
    #[serde(
        alias = "identifiedocumentType",
        alias = "identified`documentType`",
        skip_serializing_if = "Option::is_none"
    )]
    pub identified_document_type: Option<DocumentType>,
    /// The number of the document.
    #[serde(alias = "idnumber", skip_serializing_if = "Option::is_none")]
    pub id_number: Option<RedactedText>,
    /// The CPF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf_number: Option<Lenient<Cpf>>,
    /// The date of birth: `yyyy-mm-dd` in responses, `dd/mm/yyyy` in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Lenient<Date>>,
    /// The father's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub father_name: Option<RedactedText>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mother_name: Option<RedactedText>,
    /// The holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register_name: Option<RedactedText>,
    /// The last day of validity.
    #[serde(alias = "valideDate", alias = "validate", skip_serializing_if = "Option::is_none")]
    pub valid_date: Option<Lenient<Date>>,
    /// The category of a driving licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drive_license_category: Option<LicenceCategory>,
    /// The number of a driving licence.
    #[serde(alias = "driveLicensenumber", skip_serializing_if = "Option::is_none")]
    pub drive_license_number: Option<RedactedText>,
    /// The date of the first driving licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drive_license_first_qualifying_date: Option<Lenient<Date>>,
    /// The state that issued the document: two letters, or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub federative_unit: Option<RedactedText>,
    /// The authority that issued the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_by: Option<RedactedText>,
    /// The place of issue.
    #[serde(alias = "issuedPlace", skip_serializing_if = "Option::is_none")]
    pub issue_place: Option<RedactedText>,
    /// The date of issue.
    #[serde(alias = "issuedDate", skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Lenient<Date>>,
    /// In events: the side that the image shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<PrintedSide>,
    /// In events: the holder's place of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_of_birth: Option<RedactedText>,
    /// In events: the category of a driving licence, printed in addition to `driveLicenseCategory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<LicenceCategory>,
}
