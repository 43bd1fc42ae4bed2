//! The images of a journey. (Our page: "The pictures".)

use kyc_core::{Base64Bytes, response};

use super::codes::PhotoKind;
use super::one_or_many;

response! {
    /// The images that were submitted. (Vendor: `fotos`; our page: "The pictures".)
    #[serde(rename_all = "camelCase")]
    pub struct Photos {
        /// The images of the face.
        pub facecaptcha: Option<FacePhotos>,
        /// The images of the document.
        #[serde(default, deserialize_with = "one_or_many")]
        pub documento: Option<Vec<DocumentPhoto>>,
    }
}

response! {
    /// Images of the face, from the liveness check. (Vendor: `fotos.facecaptcha`.)
    #[serde(rename_all = "camelCase")]
    pub struct FacePhotos {
        /// The face from the front.
        pub frontal: Option<Base64Bytes>,
    }
}

response! {
    /// One image of the document. (Vendor: an entry of `fotos.documento`.)
    #[serde(rename_all = "camelCase")]
    pub struct DocumentPhoto {
        /// What the image shows. The vendor's table spells the key with cedilla and tilde.
        #[serde(alias = "descrição")]
        pub descricao: Option<PhotoKind>,
        /// The image.
        pub imagem: Option<Base64Bytes>,
    }
}
