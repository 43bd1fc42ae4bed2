//! `POST /facematch`: compares two faces. (Our page: "Face match".)

use http::Method;
use kyc_core::{
    Body, Error, FiniteF64, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass, RawResponse,
    RedactedText, Response,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::config::{Endpoints, Form};
use crate::model::{Block, Confidence, Json, Nested, Status};

/// Each comparison costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "facematch", OperationClass::Paid);

/// The formats that the vendor's page accepts here.
const IMAGE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Bmp, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

/// A request to compare two images: a document with a photograph, and the photograph to verify.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FaceMatchRequest {
    image1: Media,
    image2: Media,
}

impl FaceMatchRequest {
    /// Creates a request with two images.
    #[must_use]
    pub fn new(image1: Media, image2: Media) -> Self {
        Self { image1, image2 }
    }

    /// Validates the images against the documented formats, as [`Client::facematch`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput` if an image is not JPEG, PNG, BMP or PDF, or is truncated.
    pub fn check(&self) -> Result<(), Error> {
        for (field, image) in [("image1", &self.image1), ("image2", &self.image2)] {
            image.check(&IMAGE).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
        }
        Ok(())
    }

    fn body(&self, endpoints: &Endpoints) -> Result<Body, Error> {
        let [first, second] = endpoints.facematch_names();
        let body = match endpoints.facematch_form {
            Form::Json => Body::json().picture(first, &self.image1).picture(second, &self.image2).build(),
            Form::Multipart => Body::multipart().file(first, &self.image1).file(second, &self.image2).build(),
        };
        body.map_err(|rule| OPERATION.invalid_input("request", &rule))
    }
}

/// The comparison of two faces. In some responses the scores are at the top level and the verdict is `result`, in others
/// the scores are under `result` and there is no verdict: [`is_match`](Self::is_match) and
/// [`confidence`](Self::confidence) search every level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceMatchResponse {
    /// The portal's confidence, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confiability: Option<Lenient<Confidence>>,
    /// The distance between the faces, on an unknown scale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<Lenient<FiniteF64>>,
    /// The faces that were found, with scores, in an unknown structure.
    #[serde(rename = "img_stats", skip_serializing_if = "Option::is_none")]
    pub img_stats: Option<Json>,
    /// The verdict, or the fields of the response one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Block<Self, Lenient<bool>>>,
    /// The duration of the comparison, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_milliseconds: Option<Lenient<FiniteF64>>,
    /// The outcome of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The outcome of the call, or the fields of the response one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Block<Self>>,
    /// The code, in a nested `response`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Lenient<i64>>,
    /// The message, in a nested `response`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
}

impl FaceMatchResponse {
    /// Returns the portal's verdict, or `None` if the response has none.
    #[must_use]
    pub fn is_match(&self) -> Option<bool> {
        self.find(&|level| level.result.as_ref()?.word()?.get().copied())
    }

    /// Returns the portal's confidence, or `None` if the response states none.
    #[must_use]
    pub fn confidence(&self) -> Option<Confidence> {
        self.find(&|level| level.confiability.as_ref()?.get().copied())
    }
}

impl Nested for FaceMatchResponse {
    fn deeper(&self) -> impl Iterator<Item = &Self> {
        let result = self.result.iter().flat_map(Block::records);
        result.chain(self.response.iter().flat_map(Block::records))
    }
}

impl Client {
    /// Compares two faces. A mismatch is a value, not an error. Each comparison costs credits. (Our page: "Face match".)
    ///
    /// ```
    /// use cellere_portal::kyc_core::Media;
    /// use cellere_portal::{Client, Credentials, FaceMatchRequest};
    /// use kyc_sandbox::{Sandbox, samples};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client =
    ///     Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;
    ///
    /// let request = FaceMatchRequest::new(Media::new(samples::A_2014)?, Media::new(samples::A_2025)?);
    /// let response = client.facematch(&request).await?;
    /// assert_eq!(response.value().is_match(), Some(true));
    /// # Ok(())
    /// # }
    /// ```
    ///
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `QuotaExhausted` without credits. A call that may have landed is never
    /// repeated: each costs credits.
    pub async fn facematch(&self, request: &FaceMatchRequest) -> Result<Response<FaceMatchResponse>, Error> {
        let answer = self.send_faces(request).await?;
        self.pipeline.decode(answer)
    }

    /// Returns the raw response, for callers that may find a fault only after decoding.
    pub(crate) async fn send_faces(&self, request: &FaceMatchRequest) -> Result<RawResponse, Error> {
        request.check()?;
        let endpoints = &self.options.endpoints;
        let address = self.address(&OPERATION, &endpoints.facematch)?;
        let body = request.body(endpoints)?;
        self.call(&OPERATION, Method::POST, address, body).await
    }
}
