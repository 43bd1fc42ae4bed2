//! The description of a call.

use http::header::AUTHORIZATION;

use crate::body::Body;
use crate::error::Error;
use crate::operation::{Operation, OperationClass, OperationId, Vendor};
use crate::token::{Token, TokenCache};

/// Creates a request. The pipeline adds the common headers.
#[must_use]
pub fn request(method: http::Method, address: http::Uri, body: Body) -> http::Request<Body> {
    let mut request = http::Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = address;
    request
}

/// Adds a bearer token to a request, if there is one.
///
/// # Errors
/// `Config` if the token is not a valid header value.
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

/// A call: the operation, the request, the tokens that authorise it, and the id by which it can be queried if its response is
/// lost.
pub struct Call<'a> {
    pub(super) operation: &'static Operation,
    pub(super) tokens: Option<&'a TokenCache>,
    known_as: Option<&'a OperationId>,
    pub(super) build: &'a BuildRequest<'a>,
}

type BuildRequest<'a> = dyn Fn(Option<&Token>) -> Result<http::Request<Body>, Error> + Send + Sync + 'a;

impl<'a> Call<'a> {
    /// Creates a call. `build` creates the request anew for each attempt.
    #[must_use]
    pub fn new(operation: &'static Operation, build: &'a BuildRequest<'a>) -> Self {
        Self { operation, tokens: None, known_as: None, build }
    }

    /// Passes `build` a token of this cache. If the vendor refuses the token, it is renewed once.
    #[must_use]
    pub fn with_tokens(mut self, tokens: &'a TokenCache) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// Sets the id of the operation. If a paid call fails and may have been processed, its error has this
    /// [`Error::operation_id`]. Other calls can be repeated and need none.
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
