//! `POST /contextus/{document}`: reads the fields of a document. (Our page: "Documents".)

use http::Method;
use kyc_core::{
    Base64Bytes, Body, Error, FiniteF64, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass,
    RawJson, RedactedText, Response, ValidationError, response,
};
use serde::Serialize;

use crate::VENDOR;
use crate::client::Client;
use crate::config::Form;
use crate::model::codes::DocumentType;
use crate::model::{Block, Confidence, Nested, Status};

/// Each reading costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "document", OperationClass::Paid);

/// The vendor's page names no formats, so every known format is accepted.
pub(crate) const IMAGE: MediaRules = MediaRules {
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

/// A request to read an image of a document.
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
    /// Creates a request with an image of a document of this type.
    #[must_use]
    pub fn new(document: DocumentType, image: Media) -> Self {
        Self { document, image, deskew_image: false }
    }

    /// Requests the straightened image with the response.
    #[must_use]
    pub fn with_deskewed_image(mut self) -> Self {
        self.deskew_image = true;
        self
    }

    /// Validates the image, as [`Client::document`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput` if the format is unknown or the file is truncated.
    pub fn check(&self) -> Result<(), Error> {
        self.image.check(&IMAGE).map_err(|rule| OPERATION.invalid_input("image", &rule))
    }

    fn body(&self, form: Form) -> Result<Body, Error> {
        let body = match form {
            Form::Json => {
                let deskew = self.deskew_image.then_some(&true);
                Body::json().image("image", &self.image).optional("deskewImage", deskew).build()
            }
            Form::Multipart => {
                let body = Body::multipart().file("image", &self.image);
                if self.deskew_image { body.text("deskewImage", "true") } else { body }.build()
            }
        };
        body.map_err(|rule| OPERATION.invalid_input("image", &rule))
    }
}

response! {
    /// The reading of a document. The vendor's page places the fields in a block `response`, a public client reads them from a
    /// list under `result`, and they may be at the top level: [`documents`](Self::documents) searches every level.
    #[serde(rename_all = "camelCase")]
    pub struct DocumentResponse {
        /// The portal's id of the reading.
        pub query_id: Option<RedactedText>,
        /// The fields that were read.
        pub fields: Option<Block<Field>>,
        /// The recognised type of the document.
        pub doc_type: Option<DocumentType>,
        /// The quality of the image, on an unknown scale.
        pub doc_quality_score: Option<Lenient<FiniteF64>>,
        /// The number of pages, according to the vendor's page; by its name, the index of the page.
        pub page_index: Option<Lenient<i64>>,
        /// Marks on the document, in an unknown structure.
        pub tags: Option<RawJson>,
        /// The straightened image, if it was requested.
        pub deskew_image: Option<Base64Bytes>,
        /// The fields of the response, one level deeper.
        pub result: Option<Block<Self>>,
        /// The outcome of the call, or the fields of the response one level deeper.
        pub response: Option<Block<Self>>,
        /// The outcome of the call.
        pub status: Option<Status>,
        /// The code, in a nested `response`.
        pub code: Option<Lenient<i64>>,
        /// The message, in a nested `response`.
        pub message: Option<RedactedText>,
    }
}

response! {
    /// A field of a document.
    pub struct Field {
        /// The name of the field.
        pub name: Option<RedactedText>,
        /// The value of the field.
        pub value: Option<RawJson>,
        /// The portal's confidence in the value.
        pub score: Option<Lenient<Confidence>>,
    }
}

impl DocumentResponse {
    /// Returns each document that was read, in order: every level of the response with fields or a type.
    #[must_use]
    pub fn documents(&self) -> Vec<&Self> {
        let here = (self.fields.is_some() || self.doc_type.is_some()).then_some(self);
        here.into_iter().chain(self.deeper().flat_map(Self::documents)).collect()
    }

    /// Returns the portal's id of the reading.
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
    /// Reads the fields of a document. Each reading costs credits. (Our page: "Documents".)
    ///
    /// ```
    /// use cellere_portal::kyc_core::Media;
    /// use cellere_portal::{Client, Credentials, DocumentRequest, DocumentType};
    /// use kyc_sandbox::{Sandbox, samples};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client =
    ///     Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;
    ///
    /// let request = DocumentRequest::new(DocumentType::Cnh, Media::new(samples::A_2025)?);
    /// let response = client.document(&request).await?;
    /// assert_eq!(response.value().documents()[0].doc_type, Some(DocumentType::Cnh));
    /// # Ok(())
    /// # }
    /// ```
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
