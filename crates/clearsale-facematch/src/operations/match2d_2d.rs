//! `POST /api/v2/Facematch/faces/match2d-2d`: submits two images for comparison. (Our page: "Comparing two faces".)

use http::Method;
use kyc_core::{
    Body, Call, Cpf, Error, ErrorKind, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass,
    OperationId, Pii, Response, Timestamp, ValidationError, authorised, required_text,
};
use serde::{Deserialize, Deserializer, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::{MatchLevel, TransactionId, TransactionStatus};

/// Each call is a paid comparison.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "match2d-2d", OperationClass::Paid);

pub(crate) const PATH: &str = "/api/v2/Facematch/faces/match2d-2d";

const IDENTIFIER_MAX: usize = 100;

/// The vendor's recommendations, which
/// [`ClientBuilder::accept_any_image`](crate::ClientBuilder::accept_any_image) disables.
pub(crate) const RECOMMENDED: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png],
    max_bytes: None,
    min_pixels: Some((150, 1)),
};

/// A request to compare two images. Keep it for a later retry, so that the reference stays the same.
///
/// ```
/// use clearsale_facematch::kyc_core::{Cpf, Media};
/// use clearsale_facematch::{MatchLevel, MatchRequest};
/// use kyc_sandbox::samples;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let request = MatchRequest::new(Media::new(samples::A_2014)?, Media::new(samples::A_2025)?)
///     .with_identifier_id("order-1")
///     .with_cpf(Cpf::parse("529.982.247-25")?)
///     .with_min_match_level(MatchLevel::Four);
/// request.check(false)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatchRequest {
    identifier_id: Pii<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpf: Option<Cpf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min_match_level: Option<MatchLevel>,
    image0: Media,
    image1: Media,
}

impl MatchRequest {
    /// Creates a request with a random reference; [`with_identifier_id`](Self::with_identifier_id) sets yours.
    ///
    /// A reference is always sent: if the response is lost, only the reference identifies the comparison.
    #[must_use]
    pub fn new(image0: Media, image1: Media) -> Self {
        let identifier_id = Pii::new(uuid::Uuid::new_v4().to_string());
        Self { identifier_id, cpf: None, min_match_level: None, image0, image1 }
    }

    /// Sets your reference of 1 to 100 characters. Webhook and query repeat it. It is hidden in `Debug`, since it may name
    /// a customer.
    #[must_use]
    pub fn with_identifier_id(mut self, identifier_id: impl Into<String>) -> Self {
        self.identifier_id = Pii::new(identifier_id.into());
        self
    }

    /// Sets the CPF of the person.
    #[must_use]
    pub fn with_cpf(mut self, cpf: Cpf) -> Self {
        self.cpf = Some(cpf);
        self
    }

    /// Sets the minimum level of a match, from 1 to 6. (Our page: "Match levels".)
    #[must_use]
    pub fn with_min_match_level(mut self, level: MatchLevel) -> Self {
        self.min_match_level = Some(level);
        self
    }

    /// Returns the reference of the request.
    #[must_use]
    pub fn identifier_id(&self) -> &str {
        self.identifier_id.expose()
    }

    /// Returns the operation id by reference, for a request whose response is lost.
    #[must_use]
    pub fn operation_id(&self) -> OperationId {
        OperationId::by_reference(VENDOR, OPERATION.name(), self.identifier_id())
    }

    /// Validates the request against the documented limits, as [`Client::match2d_2d`] does before it sends anything.
    /// `any_image` is the value given to [`accept_any_image`](crate::ClientBuilder::accept_any_image).
    ///
    /// # Errors
    /// `InvalidInput` with the field and the rule.
    pub fn check(&self, any_image: bool) -> Result<(), Error> {
        ValidationError::check_length(self.identifier_id(), IDENTIFIER_MAX)
            .map_err(|rule| OPERATION.invalid_input("identifier_id", &rule))?;
        if self.min_match_level.as_ref().is_some_and(|level| level.false_accept_rate().is_none()) {
            return Err(OPERATION
                .invalid_input("min_match_level", &ValidationError::new("must be a level from 1 to 6")));
        }
        for (field, image) in [("image0", &self.image0), ("image1", &self.image1)] {
            check_image(image, any_image).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
        }
        Ok(())
    }

    fn body(&self, level_as_number: bool) -> Result<Body, Error> {
        let body = Body::json().field("identifierId", &self.identifier_id).optional("cpf", self.cpf.as_ref());
        let level = self.min_match_level.as_ref();
        let body = if level_as_number {
            body.optional("minMatchLevel", level)
        } else {
            body.optional("minMatchLevel", level.map(MatchLevel::as_str))
        };
        body.image("image0", &self.image0)
            .image("image1", &self.image1)
            .build()
            .map_err(|rule| OPERATION.invalid_input("request", &rule))
    }
}

/// Checks an image. `any_image` is as in [`MatchRequest::check`].
pub(crate) fn check_image(image: &Media, any_image: bool) -> Result<(), ValidationError> {
    if !any_image {
        return image.check(&RECOMMENDED);
    }
    // Unlike a recommendation, the completeness of a file is always checked.
    if image.is_complete() {
        Ok(())
    } else {
        Err(ValidationError::new("is truncated: its end marker is missing"))
    }
}

/// The response of a submission, with the id of the transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MatchResponse {
    /// When ClearSale created the transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_date: Option<Lenient<Timestamp>>,
    /// The status, usually `Processing`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<TransactionStatus>,
    /// The id of the transaction.
    #[serde(alias = "TransactionId", deserialize_with = "transaction_id")]
    pub transaction_id: TransactionId,
}

/// A submission without an id is not a success.
fn transaction_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TransactionId, D::Error> {
    required_text(deserializer).map(TransactionId::new)
}

impl MatchResponse {
    /// Returns the operation id for [`Client::wait`], which may also be called in another process: see
    /// [`OperationId::to_token`].
    #[must_use]
    pub fn operation_id(&self) -> OperationId {
        OperationId::by_id(VENDOR, OPERATION.name(), self.transaction_id.canonical())
    }
}

impl Client {
    /// Submits two images for comparison. ClearSale compares them asynchronously: [`wait`](Self::wait) for the verdict.
    /// Each submission is paid for. (Our page: "Comparing two faces".)
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use clearsale_facematch::kyc_core::Media;
    /// use clearsale_facematch::{Client, Credentials, MatchRequest, Outcome};
    /// use kyc_sandbox::{Sandbox, samples};
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let credentials = Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    /// let client = Client::builder(credentials).base_url(&sandbox.clearsale_url()).build()?;
    ///
    /// let request = MatchRequest::new(Media::new(samples::A_2014)?, Media::new(samples::A_2025)?);
    /// let submitted = client.match2d_2d(&request).await?;
    /// let id = submitted.value().operation_id();
    /// let transaction = client.wait(&id, Duration::from_secs(60))?.every(Duration::from_millis(100)).await?;
    /// assert!(matches!(transaction.outcome(), Outcome::Match(_)));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Rejected` if ClearSale refuses a field. After an error for which
    /// [`Error::may_have_landed`] is true the call is never repeated, and [`Error::operation_id`] holds the reference
    /// with which a webhook will complete it.
    pub async fn match2d_2d(&self, request: &MatchRequest) -> Result<Response<MatchResponse>, Error> {
        request.check(self.options.any_image)?;
        let address = self.base.join(PATH).map_err(|rule| OPERATION.invalid_input("base_url", &rule))?;
        let body = request.body(self.options.level_as_number)?;
        let build = |token: Option<&_>| {
            authorised(VENDOR, kyc_core::request(Method::POST, address.clone(), body.clone()), token)
        };
        let id = request.operation_id();
        let call = Call::new(&OPERATION, &build).with_tokens(&self.tokens).known_as(&id);
        let answer = self.pipeline.send(&call).await?;
        let reply: Response<MatchResponse> = self.pipeline.decode(answer.clone())?;
        if reply.value().transaction_id.segment().is_none() {
            let what = "the response has a transaction id that cannot be queried: wait for the webhook";
            return Err(answer.error(ErrorKind::Decode, what));
        }
        Ok(reply)
    }
}
