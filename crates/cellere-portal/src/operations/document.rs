//! `POST /contextus/{document}`: reads the fields off a document. (Our page: "Documents".)

use http::Method;
use kyc_core::{
    Base64Bytes, Body, Error, FiniteF64, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass,
    RedactedText, Response, ValidationError,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::config::Form;
use crate::model::codes::DocumentType;
use crate::model::{Block, Confidence, Json, Nested, Status};

/// Each reading costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "document", OperationClass::Paid);

/// The vendor's page names no formats: any that is known.
const PICTURE: MediaRules = MediaRules {
    formats: &[
        MediaFormat::Jpeg,
        MediaFormat::Png,
        MediaFormat::Gif,
        MediaFormat::Bmp,
        MediaFormat::Webp,
        MediaFormat::Heic,
        MediaFormat::Pdf,
    ],
    max_bytes: None,
    min_pixels: None,
};

/// A picture of a document to read.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DocumentRequest {
    #[serde(skip)]
    document: DocumentType,
    image: Media,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deskew_image: bool,
}

impl DocumentRequest {
    /// A picture of a document of that type.
    #[must_use]
    pub fn new(document: DocumentType, image: Media) -> Self {
        Self { document, image, deskew_image: false }
    }

    /// Asks for the picture, straightened, with the answer.
    #[must_use]
    pub fn with_deskewed_image(mut self) -> Self {
        self.deskew_image = true;
        self
    }

    /// Holds the picture against what is known, as [`Client::document`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput`: no known format, or truncated.
    pub fn check(&self) -> Result<(), Error> {
        self.image.check(&PICTURE).map_err(|rule| OPERATION.invalid_input("image", &rule))
    }

    fn body(&self, form: Form) -> Result<Body, Error> {
        let body = match form {
            Form::Json => {
                let deskew = self.deskew_image.then_some(&true);
                Body::json().picture("image", &self.image).optional("deskewImage", deskew).build()
            }
            Form::Multipart => {
                let body = Body::multipart().file("image", &self.image);
                if self.deskew_image { body.text("deskewImage", "true") } else { body }.build()
            }
        };
        body.map_err(|rule| OPERATION.invalid_input("image", &rule))
    }
}

/// What was read. The vendor's page puts the fields into a block `response`, a client finds them in a list under `result`,
/// and they may stand at the top: [`documents`](Self::documents) looks everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentResponse {
    /// The portal's id of the reading.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_id: Option<RedactedText>,
    /// What was read, field by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Block<Field>>,
    /// What the document was taken for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_type: Option<DocumentType>,
    /// How good the picture is; the scale is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc_quality_score: Option<Lenient<FiniteF64>>,
    /// How many pages there are, by the vendor's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_index: Option<Lenient<i64>>,
    /// Marks on the document, in a shape that no source tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Json>,
    /// The picture, straightened, if it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deskew_image: Option<Base64Bytes>,
    /// The fields one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Block<Self>>,
    /// What became of the call, or the fields one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Block<Self>>,
    /// What became of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The code of a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Lenient<i64>>,
    /// The words of a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
}

/// A field of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<RedactedText>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// How sure the portal is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Lenient<Confidence>>,
}

impl DocumentResponse {
    /// Each document that was read, in order: every level of the answer that has fields or a type.
    #[must_use]
    pub fn documents(&self) -> Vec<&Self> {
        let here = (self.fields.is_some() || self.doc_type.is_some()).then_some(self);
        here.into_iter().chain(self.deeper().flat_map(Self::documents)).collect()
    }

    /// The portal's id of the reading, wherever it stands.
    #[must_use]
    pub fn query_id(&self) -> Option<&str> {
        self.find(&|level| level.query_id.as_ref().map(RedactedText::as_str))
    }
}

impl Nested for DocumentResponse {
    fn deeper(&self) -> impl Iterator<Item = &Self> {
        [&self.result, &self.response].into_iter().flatten().flat_map(Block::records)
    }
}

impl Client {
    /// Reads the fields off a document.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Config` if the portal has no path for the type
    /// ([`Endpoints`](crate::Endpoints) sets another). A call that may have landed is never repeated: each costs credits.
    pub async fn document(&self, request: &DocumentRequest) -> Result<Response<DocumentResponse>, Error> {
        request.check()?;
        let endpoints = &self.options.endpoints;
        let segment = endpoints.segment(&request.document).ok_or_else(|| {
            let rule = ValidationError::new("must be 1 to 64 letters, digits, dashes, dots or underscores");
            OPERATION.invalid_input("document", &rule)
        })?;
        let address = self.address(&OPERATION, &endpoints.document.replace("{document}", segment))?;
        let body = request.body(endpoints.document_form)?;
        let answer = self.call(&OPERATION, Method::POST, address, body).await?;
        self.pipeline.decode(answer)
    }
}
