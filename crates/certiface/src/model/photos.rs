//! The images of a journey. (Our page: "The pictures".)

use kyc_core::Base64Bytes;
use serde::{Deserialize, Serialize};

use super::codes::PhotoKind;
use super::one_or_many;

/// The images that were submitted. (Vendor: `fotos`; our page: "The pictures".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Photos {
    /// The images of the face.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facecaptcha: Option<FacePhotos>,
    /// The images of the document.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Option::is_none")]
    pub documento: Option<Vec<DocumentPhoto>>,
}

/// Images of the face, from the liveness check. (Vendor: `fotos.facecaptcha`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FacePhotos {
    /// The face from the front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontal: Option<Base64Bytes>,
}

/// One image of the document. (Vendor: an entry of `fotos.documento`.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentPhoto {
    /// What the image shows. The vendor's table spells the key with cedilla and tilde.
    #[serde(alias = "descrição", skip_serializing_if = "Option::is_none")]
    pub descricao: Option<PhotoKind>,
    /// The image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imagem: Option<Base64Bytes>,
}
