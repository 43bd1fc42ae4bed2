//! What an analysis of a picture found: the same in an answer and in an event.

mod advice;
mod codes;
mod image_token;
pub(crate) mod listing;
pub(crate) mod path;

pub use advice::{Advice, Reason, Verdict};
pub use codes::{
    AnalysisStatus, CompanyDocument, DocumentSide, DocumentStatus, DocumentType, Emotion, FaceMatchStatus,
    FaceStatus, LivenessStatus,
};
pub use image_token::ImageToken;
pub use listing::Listing;

use kyc_core::{Cpf, Date, DateTime, FiniteF64, Lenient, OneOrMany, RedactedText, RedactedTexts};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// The analysis of one picture. (Vendor page: "Resposta"; our page: "Status".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Analysis {
    /// The picture's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<ImageToken>,
    /// What the picture was said to show.
    #[serde(alias = "`documentType`", skip_serializing_if = "Option::is_none")]
    pub document_type: Option<DocumentType>,
    /// Which side; absent in events of a selfie.
    #[serde(alias = "`documentSide`", skip_serializing_if = "Option::is_none")]
    pub document_side: Option<DocumentSide>,
    /// How far the analysis is. Finished does not mean valid: see [`verdict`](Self::verdict).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<AnalysisStatus>,
    /// When it was analysed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analyzed_at: Option<Lenient<DateTime>>,
    /// A selfie: whether a living person was in front of the camera.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Liveness>,
    /// A selfie: what the face is like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face_details: Option<FaceDetails>,
    /// The front of a document: whether its face is that of the selfie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face_match: Option<FaceMatchResult>,
    /// A document: what was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_details: Option<DocumentDetails>,
}

impl Analysis {
    /// Whether nothing more will happen. A status that this release does not know is taken as unfinished.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.status.as_ref().is_some_and(AnalysisStatus::is_final)
    }
}

/// Whether a living person was in front of the camera.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Liveness {
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<LivenessStatus>,
    /// How sure that is: in the vendor's schema, in no page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
    /// Why the selfie was refused, for the person's eyes. The texts change: do not decide by them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub analysis_details: Option<OneOrMany<RefusalDetail>>,
}

impl Liveness {
    /// The vendor's words on a refused selfie.
    pub fn messages(&self) -> impl Iterator<Item = &RedactedText> {
        self.analysis_details.iter().flat_map(OneOrMany::iter).filter_map(|detail| detail.message.as_ref())
    }
}

/// Why a selfie was refused: an object in the vendor's example, a bare text in its table. Both are read, and an object is
/// written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RefusalDetail {
    /// The words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
}

impl<'de> Deserialize<'de> for RefusalDetail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Object {
            #[serde(alias = "messages")]
            message: Option<RedactedTexts>,
        }

        struct ObjectOrText;

        impl<'de> Visitor<'de> for ObjectOrText {
            type Value = RefusalDetail;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text or an object with a message")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<RefusalDetail, A::Error> {
                let object = Object::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(RefusalDetail { message: object.message.as_ref().and_then(joined) })
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<RefusalDetail, E> {
                Ok(RefusalDetail { message: Some(text.into()) })
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<RefusalDetail, E> {
                self.visit_str(if value { "true" } else { "false" })
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<RefusalDetail, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<RefusalDetail, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<RefusalDetail, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_unit<E: de::Error>(self) -> Result<RefusalDetail, E> {
                Ok(RefusalDetail::default())
            }
        }

        deserializer.deserialize_any(ObjectOrText)
    }
}

/// The table's plural may be one.
fn joined(texts: &RedactedTexts) -> Option<RedactedText> {
    let texts: Vec<_> = texts.iter().map(RedactedText::as_str).collect();
    (!texts.is_empty()).then(|| texts.join(" ").into())
}

/// What a face is like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceDetails {
    /// Whether there is one face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<FaceStatus>,
    /// How sure that is, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
    /// How old the person may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_range: Option<AgeRange>,
    /// The gender that was guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Trait>,
    /// Whether the person wears sunglasses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunglasses: Option<Trait>,
    /// Whether the eyes are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eyes_open: Option<Trait>,
    /// Expressions, by how sure they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emotions: Option<Vec<EmotionGuess>>,
}

/// From one age to another, in years.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AgeRange {
    /// The lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<Lenient<i64>>,
    /// The highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<Lenient<i64>>,
}

/// Something about a face: a word or yes and no, by the field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Trait {
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<TraitValue>,
    /// How sure that is, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
}

/// A word, or yes and no.
pub type TraitValue = Lenient<bool>;

/// A guess at an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct EmotionGuess {
    /// Which expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Emotion>,
    /// How sure that is, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
}

/// Whether the face on the document is that of the selfie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceMatchResult {
    /// What was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<FaceMatchStatus>,
    /// How alike the faces are, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<Lenient<FiniteF64>>,
    /// How sure that is, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Lenient<FiniteF64>>,
}

/// What was read from a document. Spellings of the vendor's tables that no example has are read as well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentDetails {
    /// Whether a document was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<DocumentStatus>,
    /// Which document it was taken for.
    #[serde(
        alias = "identifiedocumentType",
        alias = "identified`documentType`",
        skip_serializing_if = "Option::is_none"
    )]
    pub identified_document_type: Option<DocumentType>,
    /// The document's number.
    #[serde(alias = "idnumber", skip_serializing_if = "Option::is_none")]
    pub id_number: Option<RedactedText>,
    /// The CPF.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpf_number: Option<Lenient<Cpf>>,
    /// The day of birth: `yyyy-mm-dd` in answers, `dd/mm/yyyy` in events.
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
    /// The classes of a driving licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drive_license_category: Option<RedactedText>,
    /// The number of a driving licence.
    #[serde(alias = "driveLicensenumber", skip_serializing_if = "Option::is_none")]
    pub drive_license_number: Option<RedactedText>,
    /// The day of the first driving licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drive_license_first_qualifying_date: Option<Lenient<Date>>,
    /// The state that issued it: two letters, or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub federative_unit: Option<RedactedText>,
    /// The body that issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_by: Option<RedactedText>,
    /// Where it was issued.
    #[serde(alias = "issuedPlace", skip_serializing_if = "Option::is_none")]
    pub issue_place: Option<RedactedText>,
    /// When it was issued.
    #[serde(alias = "issuedDate", skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Lenient<Date>>,
    /// Events: the side, `A` (front) or `B` (back).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<RedactedText>,
    /// Events: where the holder was born.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place_of_birth: Option<RedactedText>,
    /// Events: the classes of a driving licence, printed beside `driveLicenseCategory`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<RedactedText>,
}
