//! `PUT /document-analysis/{documentNumber}` and two variants: uploads an image or a company's document. (Our page:
//! "Upload"; on neither of the vendor's two pages.)

use http::Method;
use http::header::LOCATION;
use kyc_core::{
    Body, Cnpj, Cpf, Error, ErrorKind, Media, MediaFormat, MediaRules, Operation, OperationClass, Pii,
    RawResponse, Response, ValidationError, response,
};

use crate::VENDOR;
use crate::client::Client;
use crate::model::path::analysis_path;
use crate::model::{CompanyDocument, DocumentSide, DocumentType, ImageToken};

/// Bankly analyses each upload, also a repeated one.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "upload", OperationClass::Paid);
static DEEPFACE: Operation = Operation::new(VENDOR, "upload-deepface", OperationClass::Paid);
static COMPANY: Operation = Operation::new(VENDOR, "upload-company", OperationClass::Paid);

/// At most 1 MB, here 1 000 000 bytes, and at least VGA in either orientation. (Our page: "Upload".)
const IMAGE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png],
    max_bytes: Some(1_000_000),
    min_pixels: Some((480, 480)),
};

const PDF: MediaRules =
    MediaRules { formats: &[MediaFormat::Pdf], max_bytes: Some(8_500_000), min_pixels: None };

/// The longer side of VGA: 640 by 480 pixels, in either orientation.
const LONG_SIDE: u32 = 640;

response! {
    /// The response of an upload.
    pub struct UploadResponse {
        /// The token of the image, from the body or from the header `Location`. The methods of [`Client`] return no response
        /// without it.
        pub token: Option<ImageToken>,
    }
}

/// An image to upload: a selfie or a side of a document.
#[derive(Clone, Debug)]
pub struct Upload {
    pub(crate) document_type: DocumentType,
    pub(crate) document_side: DocumentSide,
    image: Media,
    /// From Unico's capture SDK, for a selfie by the deepface variant.
    provider_metadata: Option<Pii<String>>,
}

impl Upload {
    /// Creates the upload of a selfie. Bankly requires a side and ignores it: `FRONT` is sent.
    #[must_use]
    pub fn selfie(image: Media) -> Self {
        Self::of(DocumentType::Selfie, DocumentSide::Front, image)
    }

    /// Creates the upload of a side of a document.
    #[must_use]
    pub fn document(document_type: DocumentType, side: DocumentSide, image: Media) -> Self {
        Self::of(document_type, side, image)
    }

    fn of(document_type: DocumentType, document_side: DocumentSide, image: Media) -> Self {
        Self { document_type, document_side, image, provider_metadata: None }
    }

    /// Adds the encrypted data of Unico's capture SDK for the selfie, for [`Client::upload_deepface`].
    #[must_use]
    pub fn with_unico(mut self, encrypted: impl Into<String>) -> Self {
        self.provider_metadata = Some(Pii::new(encrypted.into()));
        self
    }

    /// Validates the image against the documented limits, as [`Client::upload`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput` with the field and the rule: not JPEG or PNG, over 1 MB, smaller than VGA, truncated, or a type
    /// or side that this release does not know.
    pub fn check(&self) -> Result<(), Error> {
        let refused = |field, rule: &ValidationError| Err(OPERATION.invalid_input(field, rule));
        if matches!(self.document_type, DocumentType::Unknown(_)) {
            return refused("document_type", &ValidationError::new("must be a type that this release knows"));
        }
        if matches!(self.document_side, DocumentSide::Unknown(_)) {
            return refused("document_side", &ValidationError::new("must be front or back"));
        }
        check_image(&self.image).map_err(|rule| OPERATION.invalid_input("image", &rule))
    }

    fn body(&self, is_deepface: bool) -> Result<Body, Error> {
        let mut body = Body::multipart()
            .text("documentType", self.document_type.as_str())
            .text("documentSide", self.document_side.as_str());
        if is_deepface {
            let is_selfie = self.document_type == DocumentType::Selfie;
            body = body.text("provider", if is_selfie { "UNICO_CHECK" } else { "BANKLY" });
            if let (true, Some(encrypted)) = (is_selfie, &self.provider_metadata) {
                let metadata = serde_json::json!({ "isLastDocument": true, "encrypted": encrypted.expose() });
                body = body.text("providerMetadata", &metadata.to_string());
            }
        }
        body.file("image", &self.image).build().map_err(|rule| OPERATION.invalid_input("image", &rule))
    }
}

/// Checks an image of a person or a document.
pub(crate) fn check_image(image: &Media) -> Result<(), ValidationError> {
    image.check(&IMAGE)?;
    match image.dimensions() {
        Some((width, height)) if width.max(height) < LONG_SIDE => {
            Err(ValidationError::new("must be at least 640 by 480 pixels, in either orientation"))
        }
        _ => Ok(()),
    }
}

impl Client {
    /// Uploads a selfie or a side of a document. The selfie comes first, and each further image only after the previous
    /// one was found valid: [`Onboarding`](crate::Onboarding) enforces that order. (Our page: "Upload".)
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use bankly_kyc::kyc_core::{Cpf, Media};
    /// use bankly_kyc::{Client, Credentials, Upload, Verdict};
    /// use kyc_sandbox::{Sandbox, samples};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().bankly_analysis_delay(Duration::from_millis(200)).start().await?;
    /// let credentials = Credentials::by_secret(Sandbox::BANKLY_CLIENT_ID, Sandbox::BANKLY_CLIENT_SECRET);
    /// let client = Client::builder(credentials)
    ///     .base_url(&sandbox.bankly_url())
    ///     .auth_url(&sandbox.bankly_url())
    ///     .build()?;
    ///
    /// let cpf = Cpf::parse("529.982.247-25")?;
    /// let uploaded = client.upload(&cpf, &Upload::selfie(Media::new(samples::A_2025)?)).await?;
    /// let id = uploaded.into_inner().token.ok_or("no token")?.operation_id(&cpf);
    /// let analysis = client.wait(&id, Duration::from_secs(60))?.every(Duration::from_millis(100)).await?;
    /// assert_eq!(analysis.verdict(), Verdict::Valid);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; see [`Upload::check`]. `Decode` if the response has no usable token: Bankly may
    /// have the image nevertheless.
    pub async fn upload(&self, cpf: &Cpf, upload: &Upload) -> Result<Response<UploadResponse>, Error> {
        upload.check()?;
        let address = self.address(&analysis_path(cpf))?;
        let answer = self.call(&OPERATION, Method::PUT, address, upload.body(false)?).await?;
        self.read_upload(answer)
    }

    /// Uploads an image by the variant with Unico's capture SDK ("ID One"). A person may review the images, which takes
    /// up to 35 minutes. (Our page: "Upload with ID One".)
    ///
    /// ```no_run
    /// # use bankly_kyc::kyc_core::{Cpf, Media};
    /// # use bankly_kyc::{Client, Upload};
    /// # async fn example(client: Client, encrypted: String) -> Result<(), Box<dyn std::error::Error>> {
    /// let selfie = Upload::selfie(Media::read("selfie.jpg")?).with_unico(encrypted);
    /// let uploaded = client.upload_deepface(&Cpf::parse("529.982.247-25")?, &selfie).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`upload`](Self::upload), and `InvalidInput` for a selfie without the data of Unico's SDK.
    pub async fn upload_deepface(
        &self,
        cpf: &Cpf,
        upload: &Upload,
    ) -> Result<Response<UploadResponse>, Error> {
        upload.check().map_err(|error| error.in_operation(DEEPFACE.name()))?;
        let is_empty = |metadata: &Pii<String>| metadata.expose().is_empty();
        if upload.document_type == DocumentType::Selfie
            && upload.provider_metadata.as_ref().is_none_or(is_empty)
        {
            let rule = ValidationError::new("must be set for a selfie: Unico's capture SDK returns it");
            return Err(DEEPFACE.invalid_input("unico", &rule));
        }
        let address = self.address(&format!("{}/deepface", analysis_path(cpf)))?;
        let answer = self.call(&DEEPFACE, Method::POST, address, upload.body(true)?).await?;
        self.read_upload(answer)
    }

    /// Uploads a document of a company: a PDF of at most 8.5 MB. (Our page: "Company documents".)
    ///
    /// ```no_run
    /// # use bankly_kyc::kyc_core::{Cnpj, Media};
    /// # use bankly_kyc::{Client, CompanyDocument};
    /// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let cnpj = Cnpj::parse("11.222.333/0001-81")?;
    /// let file = Media::read("balance-sheet.pdf")?;
    /// client.upload_company(&cnpj, &CompanyDocument::BalanceSheet, &file).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent: not a PDF, over 8.5 MB, or a type that this release does not know.
    pub async fn upload_company(
        &self,
        cnpj: &Cnpj,
        document: &CompanyDocument,
        file: &Media,
    ) -> Result<Response<UploadResponse>, Error> {
        if matches!(document, CompanyDocument::Unknown(_)) {
            let rule = ValidationError::new("must be a type that this release knows");
            return Err(COMPANY.invalid_input("document", &rule));
        }
        file.check(&PDF).map_err(|rule| COMPANY.invalid_input("file", &rule))?;
        let body = Body::multipart().text("documentType", document.as_str()).file("file", file).build();
        let body = body.map_err(|rule| COMPANY.invalid_input("file", &rule))?;
        let address = self.address(&format!("/document-analysis/{}/corporation-business", cnpj.as_str()))?;
        let answer = self.call(&COMPANY, Method::PUT, address, body).await?;
        self.read_upload(answer)
    }

    /// Reads the token from the body or from the end of `Location`: some responses have no body. A response without a token is
    /// an error after which the upload may have been accepted and paid for.
    fn read_upload(&self, answer: RawResponse) -> Result<Response<UploadResponse>, Error> {
        let located = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).and_then(token_in);
        let read = if answer.body().trim_ascii().is_empty() {
            Ok(self.pipeline.reply(answer.clone(), UploadResponse::default()))
        } else {
            self.pipeline.decode(answer.clone())
        };
        let reply: Response<UploadResponse> = match (read, &located) {
            (Ok(reply), _) => reply,
            (Err(_), Some(_)) => self.pipeline.reply(answer.clone(), UploadResponse::default()),
            (Err(error), None) => return Err(error),
        };
        let token = reply.value().token.clone().filter(ImageToken::is_usable).or(located);
        if token.is_none() {
            let what = "the response has no usable token in its body or in Location: look the image up";
            return Err(answer.error(ErrorKind::Decode, what));
        }
        Ok(reply.map(|_| UploadResponse { token }))
    }
}

/// Finds the token in `…?token=T` or `…/T`.
fn token_in(location: &str) -> Option<ImageToken> {
    let token = match location.split_once("token=") {
        Some((_, query)) => query.split(['&', '#']).next(),
        None => location.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()),
    };
    // A path that ends like that of the request has no token.
    let is_token = |token: &&str| {
        !matches!(*token, "" | "deepface" | "corporation-business")
            && Cpf::parse(token).is_err()
            && Cnpj::parse(token).is_err()
    };
    token.filter(is_token).map(ImageToken::new).filter(ImageToken::is_usable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_in_a_location() {
        for (location, wanted) in [
            ("https://api/document-analysis/52998224725?token=T-1&resultLevel=DETAILED", Some("T-1")),
            ("/document-analysis/52998224725/T.1_x", Some("T.1_x")),
            ("/document-analysis/52998224725", None),
            ("/document-analysis/52998224725/deepface", None),
            ("/document-analysis/11222333000181/corporation-business", None),
            ("/document-analysis/11222333000181", None),
            ("", None),
        ] {
            let token = token_in(location);
            assert_eq!(token.as_ref().map(ImageToken::as_str), wanted, "{location}");
        }
    }
}
