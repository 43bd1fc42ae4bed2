//! `POST /api/v2/Facematch/faces/match2d-2d`: hands in two pictures. (Our page: "Comparing two faces".)

use http::Method;
use kyc_core::{
    Body, Call, Cpf, Error, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass, OperationId,
    Pii, Response, Timestamp, ValidationError, authorised,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;
use crate::model::{MatchLevel, TransactionId, TransactionStatus};

/// Each call is a comparison that is paid for.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "match2d-2d", OperationClass::Paid);

pub(crate) const PATH: &str = "/api/v2/Facematch/faces/match2d-2d";

const IDENTIFIER_MAX: usize = 100;

/// The page recommends these; a client may be told to go beyond (see
/// [`ClientBuilder::accept_any_picture`](crate::ClientBuilder::accept_any_picture)).
const RECOMMENDED: MediaRules = MediaRules {
    formats: &[MediaFormat::Jpeg, MediaFormat::Png],
    max_bytes: None,
    min_pixels: Some((150, 1)),
};

/// Two pictures to compare. Keep it to try again: it keeps its reference.
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
    /// Two pictures, and a random reference until [`identifier_id`](Self::with_identifier_id) sets yours.
    ///
    /// A reference is always sent: it is all by which a comparison is found again whose answer was lost.
    #[must_use]
    pub fn new(image0: Media, image1: Media) -> Self {
        let identifier_id = Pii::new(uuid::Uuid::new_v4().to_string());
        Self { identifier_id, cpf: None, min_match_level: None, image0, image1 }
    }

    /// Sets your reference: 1 to 100 characters. The webhook and the query repeat it. `Debug` hides it: it may name a
    /// customer.
    #[must_use]
    pub fn with_identifier_id(mut self, identifier_id: impl Into<String>) -> Self {
        self.identifier_id = Pii::new(identifier_id.into());
        self
    }

    /// Names whose face it should be.
    #[must_use]
    pub fn with_cpf(mut self, cpf: Cpf) -> Self {
        self.cpf = Some(cpf);
        self
    }

    /// Sets the least level that counts as a match: 1 to 6.
    #[must_use]
    pub fn with_min_match_level(mut self, level: MatchLevel) -> Self {
        self.min_match_level = Some(level);
        self
    }

    /// The reference that is sent.
    #[must_use]
    pub fn identifier_id(&self) -> &str {
        self.identifier_id.expose()
    }

    /// What the request is known by if its answer is lost.
    #[must_use]
    pub fn operation_id(&self) -> OperationId {
        OperationId::by_reference(VENDOR, OPERATION.name(), self.identifier_id())
    }

    /// Holds the request against the page's limits, as [`Client::match2d_2d`] does before it sends anything.
    /// `any_picture` is what [`accept_any_picture`](crate::ClientBuilder::accept_any_picture) says.
    ///
    /// # Errors
    /// `InvalidInput`, with the field and the rule.
    pub fn check(&self, any_picture: bool) -> Result<(), Error> {
        ValidationError::check_length(self.identifier_id(), IDENTIFIER_MAX)
            .map_err(|rule| OPERATION.invalid_input("identifier_id", &rule))?;
        if self.min_match_level.as_ref().is_some_and(|level| level.false_accept_rate().is_none()) {
            return Err(OPERATION
                .invalid_input("min_match_level", &ValidationError::new("must be a level from 1 to 6")));
        }
        for (field, picture) in [("image0", &self.image0), ("image1", &self.image1)] {
            check_picture(picture, any_picture).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
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
        body.picture("image0", &self.image0)
            .picture("image1", &self.image1)
            .build()
            .map_err(|rule| OPERATION.invalid_input("request", &rule))
    }
}

fn check_picture(picture: &Media, any_picture: bool) -> Result<(), ValidationError> {
    if !any_picture {
        return picture.check(&RECOMMENDED);
    }
    // A recommendation can be set aside; half a file is never right.
    if picture.is_complete() {
        Ok(())
    } else {
        Err(ValidationError::new("is truncated: its end marker is missing"))
    }
}

/// What a hand-in brings: the id to ask with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct MatchResponse {
    /// When ClearSale took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_date: Option<Lenient<Timestamp>>,
    /// How far it is: `Processing` as a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<TransactionStatus>,
    /// The id of the transaction.
    #[serde(alias = "TransactionId")]
    pub transaction_id: TransactionId,
}

impl MatchResponse {
    /// What to ask about later, in this process or another.
    #[must_use]
    pub fn operation_id(&self) -> OperationId {
        OperationId::by_id(VENDOR, OPERATION.name(), self.transaction_id.canonical())
    }
}

impl Client {
    /// Hands in two pictures. ClearSale compares them afterwards: [`wait`](Self::wait) for the verdict.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Rejected` when ClearSale refuses a field. After an error of which
    /// [`Error::may_have_landed`] is true the call is never repeated, and [`Error::operation_id`] names the reference
    /// by which a webhook will complete it.
    pub async fn match2d_2d(&self, request: &MatchRequest) -> Result<Response<MatchResponse>, Error> {
        request.check(self.options.any_picture)?;
        let address = self.base.join(PATH).map_err(|rule| OPERATION.invalid_input("base_url", &rule))?;
        let body = request.body(self.options.level_as_number)?;
        let build = |token: Option<&_>| {
            authorised(VENDOR, kyc_core::request(Method::POST, address.clone(), body.clone()), token)
        };
        let id = request.operation_id();
        let call = Call::new(&OPERATION, &build).with_tokens(&self.tokens).known_as(&id);
        let answer = self.pipeline.send(&call).await?;
        self.pipeline.decode(answer)
    }
}
