//! The comparisons of faces in a result. (Our page: "The document".)

use kyc_core::{FiniteF64, Lenient, RedactedText};
use serde::{Deserialize, Serialize};

use super::codes::BiometricCode;

/// The comparisons of a document with other images. (Vendor: `biometriaDocumento`; our page: "The document".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentBiometrics {
    /// The vendor's transaction number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocolo: Option<RedactedText>,
    /// The comparison of the document's photograph with the selfie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facematch: Option<BiometricCheck>,
    /// The comparison with the image that Serpro holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serpro: Option<BiometricCheck>,
}

/// One comparison of faces. (Vendor: `facematch` and `serpro`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BiometricCheck {
    /// The outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codigo: Option<BiometricCode>,
    /// The outcome as a message of the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causa: Option<RedactedText>,
    /// The similarity of the faces, from 0 to 1. Present only if they were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Lenient<FiniteF64>>,
}

impl BiometricCheck {
    /// Returns whether the faces belong to one person; `None` if they were not compared.
    #[must_use]
    pub fn is_match(&self) -> Option<bool> {
        self.codigo.as_ref()?.is_match()
    }
}
