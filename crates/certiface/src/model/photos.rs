//! The pictures of a journey. (Our page: "The pictures".)

use kyc_core::Base64Bytes;
use serde::{Deserialize, Serialize};

use super::codes::PhotoKind;

/// The pictures that were handed in. (Vendor: `fotos`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Photos {
    /// Those of the face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facecaptcha: Option<FacePhotos>,
    /// Those of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documento: Option<Vec<DocumentPhoto>>,
}

/// Pictures of the face, from the proof of life. (Vendor: `fotos.facecaptcha`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FacePhotos {
    /// The face from the front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontal: Option<Base64Bytes>,
}

/// One picture of the document. (Vendor: an entry of `fotos.documento`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentPhoto {
    /// What it shows. The vendor's table spells the key with its cedilla and tilde.
    #[serde(alias = "descrição", skip_serializing_if = "Option::is_none")]
    pub descricao: Option<PhotoKind>,
    /// The picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imagem: Option<Base64Bytes>,
}
