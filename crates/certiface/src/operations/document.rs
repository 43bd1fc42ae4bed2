//! `POST …/document`: pictures of a document, or of the code on a digital licence. (Vendor page: "5. Document"; our
//! page: "Document".)

use kyc_core::{
    Body, Error, Media, MediaFormat, MediaRules, Operation, OperationClass, RawResponse, RedactedText,
    Response, ValidationError, decode,
};
use serde::{Deserialize, Serialize};

use super::service;
use crate::VENDOR;
use crate::client::Client;
use crate::error::ErrorBody;
use crate::operations::appkey::Appkey;

/// Each set of pictures is read and judged anew.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "document", OperationClass::Paid);

/// The same path with a code's picture. (Not in the vendor's guide; our page: "Beyond the guide".)
pub(crate) static QR_CODE: Operation = Operation::new(VENDOR, "document-qrcode", OperationClass::Paid);

const PATH: &str = service!("/document");

/// A digital licence may be a PDF.
const RULES: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

/// What `document` answers to pictures that it took.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct DocumentResponse {
    /// The key, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appkey: Option<Appkey>,
    /// An id of the vendor's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RedactedText>,
}

/// What became of a document's pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentOutcome {
    /// Taken. The result tells what was read.
    Accepted(DocumentResponse),
    /// No document was seen: take other pictures and send them with the same key.
    Retake(Retake),
}

/// Why the pictures must be taken again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retake {
    /// The vendor's words, if it had any.
    pub reason: Option<RedactedText>,
}

impl Client {
    /// Sends one or two pictures of a document.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent: none or more than two files, another format than JPEG, PNG or PDF, a
    /// truncated file. `Expired` when the key has ended.
    pub async fn document(
        &self,
        appkey: &Appkey,
        images: &[Media],
    ) -> Result<Response<DocumentOutcome>, Error> {
        if !(1..=2).contains(&images.len()) {
            return Err(OPERATION.invalid_input("images", &ValidationError::new("must be one or two files")));
        }
        images
            .iter()
            .try_for_each(|image| image.check(&RULES))
            .map_err(|rule| OPERATION.invalid_input("images", &rule))?;
        let body = Body::json().field("appkey", appkey.expose()).pictures("images", images).build();
        let body = body.map_err(|rule| OPERATION.invalid_input("images", &rule))?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        self.read_document(answer)
    }

    /// Sends a picture or PDF of the code on a digital driver's licence.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    pub async fn document_qr_code(
        &self,
        appkey: &Appkey,
        code: &Media,
    ) -> Result<Response<DocumentOutcome>, Error> {
        code.check(&RULES).map_err(|rule| QR_CODE.invalid_input("code", &rule))?;
        let body = Body::json().field("appkey", appkey.expose()).picture("qrcode", code).build();
        let body = body.map_err(|rule| QR_CODE.invalid_input("code", &rule))?;
        let answer = self.post(&QR_CODE, PATH, appkey, body).await?;
        self.read_document(answer)
    }

    fn read_document(&self, answer: RawResponse) -> Result<Response<DocumentOutcome>, Error> {
        if answer.status().is_success() {
            return Ok(self.pipeline.decode::<DocumentResponse>(answer)?.map(DocumentOutcome::Accepted));
        }
        let reason = decode::<ErrorBody>(answer.body()).ok().and_then(|decoded| decoded.value.error);
        Ok(self.pipeline.reply(answer, DocumentOutcome::Retake(Retake { reason })))
    }
}
