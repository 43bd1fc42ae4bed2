//! The client: one account of the portal.

use std::fmt;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Uri};
use kyc_core::{
    BaseUrl, Body, Call, ClientOptions, Error, ErrorKind, Operation, Pipeline, Protocol, RawResponse, Token,
    ValidationError, request,
};

use crate::VENDOR;
use crate::auth::{TokenFacts, bearer};
use crate::config::{BASE_URL, Config, Credentials, Endpoints};
use crate::error::read_error;

/// A client of Cellere's API portal. Cloning shares the connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) base: BaseUrl,
    pub(crate) bearer: HeaderValue,
    pub(crate) facts: TokenFacts,
    pub(crate) options: Arc<Options>,
}

/// Where this vendor leaves a choice.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) endpoints: Endpoints,
    pub(crate) least_confiability: Option<f64>,
}

impl Client {
    /// A client for this token at the portal itself, until the builder says otherwise.
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(BASE_URL),
            client_options: ClientOptions::default(),
            options: Options { endpoints: Endpoints::default(), least_confiability: None },
        }
    }

    /// A builder that is set as a configuration says.
    pub fn builder_from(config: &Config) -> ClientBuilder {
        ClientBuilder {
            address: config.address(),
            options: Options {
                endpoints: config.endpoints.clone(),
                least_confiability: config.least_confiability,
            },
            ..Self::builder(config.credentials())
        }
    }

    /// What the token says of itself: whether it is a JWT, and when it ends if it says so.
    #[must_use]
    pub fn token_facts(&self) -> TokenFacts {
        self.facts
    }

    /// A call with the bearer token.
    pub(crate) async fn call(
        &self,
        operation: &'static Operation,
        method: Method,
        address: Uri,
        body: Body,
    ) -> Result<RawResponse, Error> {
        let build = |_: Option<&Token>| {
            let mut request = request(method.clone(), address.clone(), body.clone());
            request.headers_mut().insert(AUTHORIZATION, self.bearer.clone());
            Ok(request)
        };
        let answer = self.pipeline.send(&Call::new(operation, &build)).await;
        answer.map_err(|error| self.explain(error))
    }

    /// A token that was turned away may have told before that it would be.
    fn explain(&self, error: Error) -> Error {
        let clock = self.pipeline.clock();
        if error.kind() == ErrorKind::Unauthenticated && self.facts.has_ended(&*clock) {
            return error.caused_by("the end that the portal token names is over");
        }
        error
    }

    pub(crate) fn address(&self, operation: &Operation, path: &str) -> Result<Uri, Error> {
        let invalid = |rule: ValidationError| {
            Error::config(VENDOR, rule.about("path").to_string()).in_operation(operation.name())
        };
        self.base.join(path).map_err(invalid)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("vendor", &VENDOR).field("base", &self.base).finish_non_exhaustive()
    }
}

/// Sets up a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    address: Result<BaseUrl, ValidationError>,
    client_options: ClientOptions,
    options: Options,
}

impl ClientBuilder {
    /// Goes to another address: a sandbox on this machine, a gateway of yours.
    pub fn base_url(mut self, address: &str) -> Self {
        self.address = BaseUrl::parse(address);
        self
    }

    /// Goes to an address that was read before, such as one of [`BaseUrl::parse_insecure`].
    pub fn address(mut self, address: BaseUrl) -> Self {
        self.address = Ok(address);
        self
    }

    /// Timeouts, transport, clock and the rest of what all vendors share.
    pub fn options(mut self, client_options: ClientOptions) -> Self {
        self.client_options = client_options;
        self
    }

    /// Changes paths, body forms or names: `.endpoints(|endpoints| endpoints.meter = "/leitura".into())`. See
    /// [`Endpoints`] for the defaults and how sure they are.
    pub fn endpoints(mut self, change: impl FnOnce(&mut Endpoints)) -> Self {
        change(&mut self.options.endpoints);
        self
    }

    /// From what confiability on (0 to 1) two faces count as one person's where the answer has no verdict: clients were
    /// seen that get answers without one. Without it such an answer is a `Config` error of the
    /// [`FaceMatcher`](kyc_core::FaceMatcher); [`Client::facematch`] returns it as it is.
    pub fn least_confiability(mut self, least: f64) -> Self {
        self.options.least_confiability = Some(least);
        self
    }

    /// The client. Nothing is sent yet. What is odd about the token is said in the log.
    ///
    /// # Errors
    /// `Config`: an address or a path that is none, a token that is empty or no text for a header, a least confiability
    /// that is not between 0 and 1, or an HTTP client that cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.address.map_err(|rule| Error::config(VENDOR, rule.about("base_url").to_string()))?;
        self.options.endpoints.check(&base)?;
        if self.options.least_confiability.is_some_and(|least| !(0.0..=1.0).contains(&least)) {
            return Err(Error::config(VENDOR, "least_confiability must be from 0 to 1"));
        }
        let pipeline = Pipeline::new(Protocol::new(VENDOR, read_error), self.client_options)?;
        let clock = pipeline.clock();
        let bearer = bearer(&self.credentials.token)?;
        let facts = self.credentials.facts();
        facts.warn(&*clock);
        Ok(Client { pipeline, base, bearer, facts, options: Arc::new(self.options) })
    }
}
