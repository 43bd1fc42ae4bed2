//! `POST /facematch`: compares two faces. (Our page: "Face match".)

use http::Method;
use kyc_core::{
    Body, Error, Finding, FiniteF64, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass,
    RawJson, RawResponse, RedactedText, Response, Verdict, response,
};
use serde::Serialize;

use crate::VENDOR;
use crate::client::Client;
use crate::config::{Endpoints, Form};
use crate::model::{Block, Confidence, Nested, Status};

/// Each comparison costs credits.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "facematch", OperationClass::Paid);

/// The formats that the vendor's page accepts here.
pub(crate) const IMAGE: MediaRules = MediaRules {
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
            Form::Json => Body::json().image(first, &self.image1).image(second, &self.image2).build(),
            Form::Multipart => Body::multipart().file(first, &self.image1).file(second, &self.image2).build(),
        };
        body.map_err(|rule| OPERATION.invalid_input("request", &rule))
    }
}

response! {
    /// The comparison of two faces. In some responses the scores are at the top level and the verdict is `result`, in others
    /// the scores are under `result` and there is no verdict: [`is_match`](Self::is_match) and
    /// [`confidence`](Self::confidence) search every level.
    #[serde(rename_all = "camelCase")]
    pub struct FaceMatchResponse {
        /// The portal's confidence, from 0 to 1.
        pub confiability: Option<Lenient<Confidence>>,
        /// The distance between the faces, on an unknown scale.
        pub distance: Option<Lenient<FiniteF64>>,
        /// The faces that were found, with scores, in an unknown structure.
        #[serde(rename = "img_stats")]
        pub img_stats: Option<RawJson>,
        /// The verdict, or the fields of the response one level deeper.
        pub result: Option<Block<Self, Lenient<bool>>>,
        /// The duration of the comparison, in milliseconds.
        pub elapsed_milliseconds: Option<Lenient<FiniteF64>>,
        /// The outcome of the call.
        pub status: Option<Status>,
        /// The outcome of the call, or the fields of the response one level deeper.
        pub response: Option<Block<Self>>,
        /// The code, in a nested `response`.
        pub code: Option<Lenient<i64>>,
        /// The message, in a nested `response`.
        pub message: Option<RedactedText>,
    }
}

impl FaceMatchResponse {
    /// Returns the portal's verdict as it is stated: unclear if there is none, if it cannot be read, or if two places
    /// disagree. [`verdict`](Self::verdict) also considers the confidence.
    pub fn is_match(&self) -> Finding {
        Finding::agreed(self.words().into_iter().map(|word| Finding::of(Some(word))))
    }

    /// Whether the response states a verdict, readable or not.
    #[must_use]
    pub fn has_verdict(&self) -> bool {
        !self.words().is_empty()
    }

    /// Returns the portal's confidence: `None` if the response states none, if it cannot be read, or if two places disagree.
    #[must_use]
    pub fn confidence(&self) -> Option<Confidence> {
        let stated =
            self.collect(&|level| level.confiability.iter().map(|leaf| leaf.get().copied()).collect());
        let first = stated.first().copied().flatten()?;
        stated.iter().all(|other| *other == Some(first)).then_some(first)
    }

    /// Returns the verdict, and the reason if it is inconclusive. A match needs a readable verdict and a readable confidence
    /// above 0 that is not below `least_confiability`. Without a stated verdict the confidence alone decides, if there is a
    /// `least_confiability`.
    ///
    /// ```
    /// use cellere_portal::FaceMatchResponse;
    /// use cellere_portal::kyc_core::{Verdict, decode};
    ///
    /// let read = |json: &str| decode::<FaceMatchResponse>(json.as_bytes()).map(|decoded| decoded.value);
    /// assert_eq!(read(r#"{"result": "Sim", "confiability": 0.97}"#)?.verdict(None), (Verdict::Match, None));
    /// assert_eq!(read(r#"{"result": "talvez", "confiability": 0.97}"#)?.verdict(Some(0.9)).0, Verdict::Inconclusive);
    /// # Ok::<(), cellere_portal::kyc_core::DecodeFailure>(())
    /// ```
    pub fn verdict(&self, least_confiability: Option<f64>) -> (Verdict, Option<&'static str>) {
        let inconclusive = |reason| (Verdict::Inconclusive, Some(reason));
        let confidence = self.confidence().map(Confidence::get);
        match (self.is_match(), confidence, least_confiability) {
            (Finding::No, ..) => (Verdict::NoMatch, None),
            (Finding::Yes, None, _) => inconclusive("the confidence is missing, unreadable or contradictory"),
            (Finding::Yes, Some(found), _) if found <= 0.0 => {
                inconclusive("the result is a match, but the confidence is 0")
            }
            (Finding::Yes, Some(found), Some(least)) if found < least => {
                inconclusive("the result is a match, but the confidence is below least_confiability")
            }
            (Finding::Yes, Some(_), _) => (Verdict::Match, None),
            _ if self.has_verdict() => inconclusive("the result cannot be read, or is contradictory"),
            (_, Some(found), Some(least)) if found >= least => (Verdict::Match, None),
            (_, Some(_), Some(_)) => (Verdict::NoMatch, None),
            _ => inconclusive("the response has no result"),
        }
    }

    fn words(&self) -> Vec<&Lenient<bool>> {
        self.collect(&|level| level.result.iter().flat_map(Block::words).collect())
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
    /// assert!(response.value().is_match().is_yes());
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
