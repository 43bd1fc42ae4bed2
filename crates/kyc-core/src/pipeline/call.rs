//! One call, as an operation describes it.

use http::header::AUTHORIZATION;

use crate::body::Body;
use crate::error::Error;
use crate::operation::{Operation, OperationClass, OperationId, Vendor};
use crate::token::{Token, TokenCache};

/// A request as every operation begins it. The pipeline adds what is the same for all.
#[must_use]
pub fn request(method: http::Method, address: http::Uri, body: Body) -> http::Request<Body> {
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = address;
    request
}

/// A request with a bearer token in its header.
///
/// # Errors
/// `Config`: the token cannot be written in a header.
pub fn authorised(
    vendor: Vendor,
    mut request: http::Request<Body>,
    token: Option<&Token>,
) -> Result<http::Request<Body>, Error> {
    if let Some(token) = token {
        let bearer = token
            .bearer()
            .ok_or_else(|| Error::config(vendor, "the vendor's token is not a valid header value"))?;
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    Ok(request)
}

/// One call: what is sent, how it is authorised, and what it is known by if its answer is lost.
pub struct Call<'a> {
    pub(super) operation: &'static Operation,
    pub(super) tokens: Option<&'a TokenCache>,
    known_as: Option<&'a OperationId>,
    pub(super) build: &'a BuildRequest<'a>,
}

type BuildRequest<'a> = dyn Fn(Option<&Token>) -> Result<http::Request<Body>, Error> + Send + Sync + 'a;

impl<'a> Call<'a> {
    /// A call whose request `build` makes afresh for each attempt.
    #[must_use]
    pub fn new(operation: &'static Operation, build: &'a BuildRequest<'a>) -> Self {
        Self { operation, tokens: None, known_as: None, build }
    }

    /// Passes `build` a token from this cache, which is renewed once if the vendor refuses it.
    #[must_use]
    pub fn with_tokens(mut self, tokens: &'a TokenCache) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Names what the operation is known by: an error after which a paid call may have landed then has that
    /// [`Error::operation_id`]. What costs nothing is simply asked again.
    #[must_use]
    pub fn known_as(mut self, id: &'a OperationId) -> Self {
        self.known_as = Some(id);
        self
    }

    pub(super) fn paid_id(&self) -> Option<&'a OperationId> {
        self.known_as.filter(|_| self.operation.class() == OperationClass::Paid)
    }
}

impl std::fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation.name()).finish_non_exhaustive()
    }
}
