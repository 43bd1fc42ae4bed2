//! `POST …/document`: submits images of a document, or of the QR code on a digital
//! driving licence. (Vendor page: "5. Document"; our
//! page: "Document".)

use kyc_core::{
    Body, Error, Media, MediaFormat, MediaRules, Operation, OperationClass, RawResponse, RedactedText,
    Response, ValidationError, response,
};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::error::{ErrorBody, error_in_value};
use crate::model::{Appkey, optional_appkey};

/// Each set of images is read and analysed anew. A 400 means that no document was found.
pub(crate) static OPERATION: Operation =
    Operation::new(VENDOR, "document", OperationClass::Paid).answers_with(&[400]);

/// The same path with an image of a QR code. (Not in the vendor's guide; our page: "Beyond the guide".)
pub(crate) static QR_CODE: Operation =
    Operation::new(VENDOR, "document-qrcode", OperationClass::Paid).answers_with(&[400]);

const PATH: &str = service!("/document");

/// A digital driving licence may be a PDF.
pub(crate) const RULES: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

response! {
    /// The response of `document` to images that were accepted.
    pub struct DocumentResponse {
        /// The key, as it was sent.
        #[serde(default, deserialize_with = "optional_appkey")]
        pub appkey: Option<Appkey>,
        /// The vendor's id of the submission.
        pub id: Option<RedactedText>,
        /// Why the images were not accepted.
        pub error: Option<RedactedText>,
    }
}

/// The outcome of submitting images of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentOutcome {
    /// Accepted. The result holds what was read.
    Accepted(DocumentResponse),
    /// No document was found: capture new images and submit them with the same key.
    Retake(Retake),
    /// The response lacks the id of a submission, or holds an error message beside it: request the result to learn whether the
    /// images were accepted.
    Unclear(DocumentResponse),
}

/// Why the images must be captured again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retake {
    /// The vendor's message, if there is one.
    pub reason: Option<RedactedText>,
}

impl Connection {
    pub(crate) async fn document(
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
        let body = Body::json().field("appkey", appkey.expose()).images("images", images).build();
        let body = body.map_err(|rule| OPERATION.invalid_input("images", &rule))?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        self.read_document(answer)
    }

    pub(crate) async fn document_qr_code(
        &self,
        appkey: &Appkey,
        code: &Media,
    ) -> Result<Response<DocumentOutcome>, Error> {
        code.check(&RULES).map_err(|rule| QR_CODE.invalid_input("code", &rule))?;
        let body = Body::json().field("appkey", appkey.expose()).image("qrcode", code).build();
        let body = body.map_err(|rule| QR_CODE.invalid_input("code", &rule))?;
        let answer = self.post(&QR_CODE, PATH, appkey, body).await?;
        self.read_document(answer)
    }

    fn read_document(&self, answer: RawResponse) -> Result<Response<DocumentOutcome>, Error> {
        if answer.status().is_success() {
            return self.read_submission(answer);
        }
        let reason = answer.json().decode::<ErrorBody>().ok().and_then(|decoded| decoded.value.error);
        Ok(self.pipeline.reply(answer, DocumentOutcome::Retake(Retake { reason })))
    }

    fn read_submission(&self, answer: RawResponse) -> Result<Response<DocumentOutcome>, Error> {
        let submitted: DocumentResponse = self.decode(&answer)?;
        let has_id = submitted.id.as_ref().is_some_and(|id| !id.as_str().trim().is_empty());
        let outcome = match error_in_value(&answer, submitted.error.as_ref()) {
            Some(error) if !has_id => return Err(error),
            None if has_id => DocumentOutcome::Accepted(submitted),
            _ => DocumentOutcome::Unclear(submitted),
        };
        Ok(self.pipeline.reply(answer, outcome))
    }
}
