//! The client: one partner in one environment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use kyc_core::{
    BaseUrl, Body, Call, ClientCertificate, ClientOptions, Error, Limiter, Operation, Pipeline, Protocol,
    RawResponse, Timestamp, Token, TokenCache, ValidationError, authorised, request,
};

use crate::VENDOR;
use crate::auth::token::USUAL_SCOPES;
use crate::auth::{certificate_end, check_scopes, token_cache};
use crate::config::{Config, Credentials, Environment};
use crate::error::read_error;

/// Bankly's id of a request, in its answer; and ours, in the request.
const ANSWERED_ID: &str = "x-bkly-correlation-id";
const SENT_ID: &str = "x-correlation-id";

/// A client of Bankly's document analysis. Cloning shares the connections, the token and the limit.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) base: BaseUrl,
    pub(crate) auth_base: BaseUrl,
    pub(crate) tokens: Arc<TokenCache>,
    pub(crate) options: Options,
}

/// Where this vendor leaves a choice.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) poll_interval: Duration,
    pub(crate) api_version: HeaderValue,
}

impl Client {
    /// Bankly's limit is 180 requests in 10 s for an address on the internet, all routes together: a little below it.
    #[must_use]
    pub fn default_limiter() -> Limiter {
        Limiter::new(170, Duration::from_secs(10))
    }

    /// A client for these credentials in the sandbox environment, until the builder says otherwise.
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        let environment = Environment::default();
        let auth = match credentials.client_secret {
            Some(_) => environment.login_url(),
            None => environment.auth_url(),
        };
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(environment.base_url()),
            auth_address: BaseUrl::parse(auth),
            scopes: USUAL_SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
            certificate: Ok(None),
            client_options: ClientOptions::default(),
            options: Options {
                poll_interval: Duration::from_secs(300),
                api_version: HeaderValue::from_static("1"),
            },
        }
    }

    /// A builder that is set as a configuration says; the certificate's files are read.
    pub fn builder_from(config: &Config) -> ClientBuilder {
        let builder = Self::builder(config.credentials());
        ClientBuilder {
            address: config.address(),
            auth_address: config.auth_address(),
            scopes: if config.scopes.is_empty() { builder.scopes } else { config.scopes.clone() },
            certificate: config.read_certificate(),
            ..builder
        }
    }

    /// Shows another certificate from now on, to all clones, without a restart.
    ///
    /// # Errors
    /// `Config`: the certificate cannot be used, or the client sends by a transport of yours.
    pub fn renew_certificate(&self, certificate: &ClientCertificate) -> Result<(), Error> {
        self.pipeline.renew_certificate(certificate)
    }

    /// A call with a bearer token, the API's version and a fresh id of the request.
    pub(crate) async fn call(
        &self,
        operation: &'static Operation,
        method: Method,
        address: Uri,
        body: Body,
    ) -> Result<RawResponse, Error> {
        let build = |token: Option<&Token>| {
            let mut request = request(method.clone(), address.clone(), body.clone());
            if body.is_empty() && matches!(method, Method::POST | Method::PATCH) {
                // Some servers want to be told that nothing follows (HTTP 411).
                request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            authorised(VENDOR, self.with_headers(request), token)
        };
        self.pipeline.send(&Call::new(operation, &build).with_tokens(&self.tokens)).await
    }

    /// The headers of every request but those for tokens.
    pub(crate) fn with_headers(&self, mut request: Request<Body>) -> Request<Body> {
        let headers = request.headers_mut();
        headers.insert(HeaderName::from_static("api-version"), self.options.api_version.clone());
        let id = uuid::Uuid::new_v4().to_string();
        // Hex digits and dashes: a header holds them.
        if let Ok(id) = HeaderValue::try_from(id) {
            headers.insert(HeaderName::from_static(SENT_ID), id);
        }
        request
    }

    pub(crate) fn address(&self, path: &str) -> Result<Uri, Error> {
        self.base.join(path).map_err(|rule| Error::invalid_input(VENDOR, "path", &rule))
    }

    pub(crate) fn address_with(&self, path: &str, query: &[(&str, &str)]) -> Result<Uri, Error> {
        if query.is_empty() {
            return self.address(path);
        }
        self.base.join_query(path, query).map_err(|rule| Error::invalid_input(VENDOR, "query", &rule))
    }
}

/// Until when a certificate is good: renew it before. (Our page: "Authentication".)
///
/// # Errors
/// `Config`: no X.509 certificate.
pub fn certificate_expires(certificate: &ClientCertificate) -> Result<Timestamp, Error> {
    certificate_end(certificate)
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
    auth_address: Result<BaseUrl, ValidationError>,
    scopes: Vec<String>,
    certificate: Result<Option<ClientCertificate>, ValidationError>,
    client_options: ClientOptions,
    options: Options,
}

impl ClientBuilder {
    /// Goes to one of Bankly's environments.
    pub fn environment(mut self, environment: Environment) -> Self {
        let auth = match self.credentials.client_secret {
            Some(_) => environment.login_url(),
            None => environment.auth_url(),
        };
        self.address = BaseUrl::parse(environment.base_url());
        self.auth_address = BaseUrl::parse(auth);
        self
    }

    /// Goes to another address with everything but tokens: a sandbox on this machine, a gateway of yours.
    pub fn base_url(mut self, address: &str) -> Self {
        self.address = BaseUrl::parse(address);
        self
    }

    /// Goes to another address for tokens.
    pub fn auth_url(mut self, address: &str) -> Self {
        self.auth_address = BaseUrl::parse(address);
        self
    }

    /// Goes to an address that was read before, such as one of [`BaseUrl::parse_insecure`].
    pub fn address(mut self, address: BaseUrl) -> Self {
        self.address = Ok(address);
        self
    }

    /// The same for tokens.
    pub fn auth_address(mut self, address: BaseUrl) -> Self {
        self.auth_address = Ok(address);
        self
    }

    /// Shows that certificate (mutual TLS). Not together with a transport of yours, which brings its own.
    pub fn certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificate = Ok(Some(certificate));
        self
    }

    /// Asks for these scopes, at most ten, instead of those for documents.
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sends another `api-version` than `1`. The page prints `1` and `1.0`.
    pub fn api_version(mut self, version: HeaderValue) -> Self {
        self.options.api_version = version;
        self
    }

    /// Timeouts, transport, clock, limit and the rest of what all vendors share. Without a limiter of yours it is
    /// [`Client::default_limiter`]; machines behind one address share it by a smaller one each.
    pub fn options(mut self, client_options: ClientOptions) -> Self {
        self.client_options = client_options;
        self
    }

    /// How often [`Client::wait`] asks; 300 s by default, which the page suggests. An event wakes it at once.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.options.poll_interval = interval;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config`: an address that is none, more than ten scopes, a certificate that cannot be used or that comes together
    /// with a transport of yours, or an HTTP client that cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let invalid = |key| move |rule: ValidationError| Error::config(VENDOR, rule.about(key).to_string());
        let base = self.address.map_err(invalid("base_url"))?;
        let auth_base = self.auth_address.map_err(invalid("auth_url"))?;
        check_scopes(&self.scopes).map_err(invalid("scopes"))?;
        let mut client_options = self.client_options.limiter_or(Client::default_limiter);
        if let Some(certificate) = self.certificate.map_err(invalid("certificate"))? {
            client_options = client_options.certificate(certificate);
        }
        let protocol = Protocol::new(VENDOR, read_error).with_request_id(ANSWERED_ID, Some(SENT_ID));
        let pipeline = Pipeline::new(protocol, &base, client_options)?;
        let tokens = Arc::new(token_cache(&pipeline, &auth_base, self.credentials, &self.scopes));
        Ok(Client { pipeline, base, auth_base, tokens, options: self.options })
    }
}
