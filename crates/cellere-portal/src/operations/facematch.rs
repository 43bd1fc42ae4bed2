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

/// What the vendor's page accepts here.
const PICTURE: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png, MediaFormat::Bmp, MediaFormat::Pdf],
    max_bytes: None,
    min_pixels: None,
};

/// Two pictures to compare: a document with a photograph, and the photograph to be certified.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FaceMatchRequest {
    image1: Media,
    image2: Media,
}

impl FaceMatchRequest {
    /// Two pictures.
    #[must_use]
    pub fn new(image1: Media, image2: Media) -> Self {
        Self { image1, image2 }
    }

    /// Holds the pictures against what the page accepts, as [`Client::facematch`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput`: neither JPEG, PNG, BMP nor PDF, or truncated.
    pub fn check(&self) -> Result<(), Error> {
        for (field, picture) in [("image1", &self.image1), ("image2", &self.image2)] {
            picture.check(&PICTURE).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
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

/// How two faces compare. In some answers the figures stand at the top with the verdict as `result`, in others under
/// `result` without one: [`is_match`](Self::is_match) and [`confidence`](Self::confidence) look everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FaceMatchResponse {
    /// How sure the portal is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confiability: Option<Lenient<Confidence>>,
    /// How far apart the faces are; the scale is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance: Option<Lenient<FiniteF64>>,
    /// How many faces were found, with scores, in a shape that no source tells.
    #[serde(rename = "img_stats", skip_serializing_if = "Option::is_none")]
    pub img_stats: Option<Json>,
    /// The verdict, or the fields one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Block<Self, Lenient<bool>>>,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_milliseconds: Option<Lenient<FiniteF64>>,
    /// What became of the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What became of the call, or the fields one level deeper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Block<Self>>,
    /// The code of a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Lenient<i64>>,
    /// The words of a block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
}

impl FaceMatchResponse {
    /// The portal's verdict, wherever it stands; `None` if the answer has none.
    #[must_use]
    pub fn is_match(&self) -> Option<bool> {
        self.find(&|level| level.result.as_ref()?.word()?.get().copied())
    }

    /// How sure the portal is, wherever it says so.
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
    /// Compares two faces. No match is an answer, not an error.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `QuotaExhausted` without credits. A call that may have landed is never
    /// repeated: each costs credits.
    pub async fn facematch(&self, request: &FaceMatchRequest) -> Result<Response<FaceMatchResponse>, Error> {
        let answer = self.send_faces(request).await?;
        self.pipeline.decode(answer)
    }

    /// The answer as it came: what is wrong with it may show only later.
    pub(crate) async fn send_faces(&self, request: &FaceMatchRequest) -> Result<RawResponse, Error> {
        request.check()?;
        let endpoints = &self.options.endpoints;
        let address = self.address(&OPERATION, &endpoints.facematch)?;
        let body = request.body(endpoints)?;
        self.call(&OPERATION, Method::POST, address, body).await
    }
}
