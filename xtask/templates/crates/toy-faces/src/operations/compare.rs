//! `POST /faces`: compares two images. (Our page: "Comparing two faces".)

use http::Method;
use kyc_core::{
    Body, Call, Error, Finding, FiniteF64, Lenient, Media, MediaFormat, MediaRules, Operation,
    OperationClass, OperationId, Pii, Response, ValidationError, authorised, response,
};
use serde::Serialize;

use crate::VENDOR;
use crate::client::Client;
use crate::model::ComparisonId;

/// Each call is a paid comparison.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "compare", OperationClass::Paid);

const PATH: &str = "/faces";

const REFERENCE_MAX: usize = 100;

pub(crate) const IMAGES: MediaRules =
    MediaRules { formats: &[MediaFormat::Jpeg, MediaFormat::Png], max_bytes: None, min_pixels: None };

/// A request to compare two images.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompareRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Pii<String>>,
    first: Media,
    second: Media,
}

impl CompareRequest {
    /// Creates a request without a reference.
    #[must_use]
    pub fn new(first: Media, second: Media) -> Self {
        Self { reference: None, first, second }
    }

    /// Sets your reference of 1 to 100 characters, which the webhook repeats. It is hidden in `Debug`, since it may name a
    /// customer.
    #[must_use]
    pub fn with_reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = Some(Pii::new(reference.into()));
        self
    }

    fn check(&self) -> Result<(), Error> {
        if let Some(reference) = &self.reference {
            ValidationError::check_length(reference.expose(), REFERENCE_MAX)
                .map_err(|rule| OPERATION.invalid_input("reference", &rule))?;
        }
        for (field, image) in [("first", &self.first), ("second", &self.second)] {
            image.check(&IMAGES).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
        }
        Ok(())
    }

    fn body(&self) -> Result<Body, Error> {
        let body = Body::json().optional("reference", self.reference.as_ref());
        let body = body.image("first", &self.first).image("second", &self.second);
        body.build().map_err(|rule| OPERATION.invalid_input("request", &rule))
    }
}

response! {
    /// The result of a comparison.
    #[serde(rename_all = "camelCase")]
    pub struct Comparison {
        /// The vendor's id.
        pub id: Option<ComparisonId>,
        /// Whether the images show the same person.
        pub is_match: Option<Lenient<bool>>,
        /// How similar the faces are, from 0 to 1.
        pub similarity: Option<Lenient<FiniteF64>>,
    }
}

impl Comparison {
    /// Returns whether the images show the same person.
    pub fn finding(&self) -> Finding {
        Finding::of(self.is_match.as_ref())
    }
}

impl Client {
    /// Compares two images. Each comparison is paid for. (Our page: "Comparing two faces".)
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Rejected` if the vendor refuses a field. A call that may have landed is never
    /// repeated.
    pub async fn compare(&self, request: &CompareRequest) -> Result<Response<Comparison>, Error> {
        request.check()?;
        let address = self.base.join(PATH).map_err(|rule| OPERATION.invalid_input("base_url", &rule))?;
        let body = request.body()?;
        let build = |token: Option<&_>| {
            authorised(VENDOR, kyc_core::request(Method::POST, address.clone(), body.clone()), token)
        };
        let reference = request.reference.as_ref().map(Pii::expose);
        let id = reference.map(|reference| OperationId::by_reference(VENDOR, OPERATION.name(), reference));
        let mut call = Call::new(&OPERATION, &build).with_tokens(&self.tokens);
        if let Some(id) = &id {
            call = call.known_as(id);
        }
        let answer = self.pipeline.send(&call).await?;
        self.pipeline.decode(answer)
    }
}
