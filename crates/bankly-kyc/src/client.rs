//! The client: one partner in one environment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONTENT_LENGTH;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use kyc_core::{
    BaseUrl, Body, Call, ClientCertificate, ClientOptions, Error, HttpConfig, Limiter, Operation, Pipeline,
    Protocol, RawResponse, Seconds, Timestamp, Token, TokenCache, ValidationError, authorised, request,
};

use crate::VENDOR;
use crate::auth::token::USUAL_SCOPES;
use crate::auth::{certificate_end, check_scopes, token_cache};
use crate::config::{Config, Credentials, Environment};
use crate::error::read_error;

/// The header of Bankly's id of a request, in the response.
const ANSWERED_ID: &str = "x-bkly-correlation-id";
/// The header of the client's id of a request.
const SENT_ID: &str = "x-correlation-id";

/// A client of Bankly's document analysis. Clones share connections, token and rate limit.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) base: BaseUrl,
    pub(crate) auth_base: BaseUrl,
    pub(crate) tokens: Arc<TokenCache>,
    pub(crate) options: Options,
}

/// The settings that only this vendor has.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) poll_interval: Duration,
    pub(crate) api_version: HeaderValue,
}

impl Client {
    /// Returns the default rate limit: 170 requests in 10 s. Bankly allows 180 requests in 10 s per IP address, for all
    /// routes together. (Our page: "Limits".)
    ///
    /// ```
    /// # use bankly_kyc::{Client, Credentials, kyc_core::ClientOptions};
    /// # fn main() -> Result<(), bankly_kyc::kyc_core::Error> {
    /// let client = Client::builder(Credentials::by_secret("client id", "client secret"))
    ///     .options(ClientOptions::new().limiter(Client::default_limiter()))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn default_limiter() -> Limiter {
        Limiter::new(170, Duration::from_secs(10))
    }

    /// Returns a builder with these credentials for the sandbox environment.
    ///
    /// ```no_run
    /// use bankly_kyc::kyc_core::ClientCertificate;
    /// use bankly_kyc::{Client, Credentials, Environment};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder(Credentials::by_certificate("client id"))
    ///     .environment(Environment::Production)
    ///     .certificate(ClientCertificate::read("cert.pem", "key.pem")?)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        let environment = Environment::default();
        ClientBuilder {
            address: BaseUrl::parse(environment.base_url()),
            auth_address: BaseUrl::parse(credentials.token_url(environment)),
            credentials,
            scopes: USUAL_SCOPES.iter().map(|&scope| scope.to_owned()).collect(),
            certificate: Ok(None),
            client_options: ClientOptions::default(),
            http: HttpConfig::default(),
            limiter: None,
            poll_interval: Duration::from_secs(300),
            api_version: Ok(HeaderValue::from_static("1")),
        }
    }

    /// Returns a builder with the settings of a configuration. It reads the files of the certificate.
    ///
    /// ```no_run
    /// use bankly_kyc::{Client, Config};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = Config::from_env()?.ok_or("KYC_BANKLY_CLIENT_ID is not set")?;
    /// let client = Client::builder_from(&config).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder_from(config: &Config) -> ClientBuilder {
        let builder = Self::builder(config.credentials());
        let api_version = config.api_version.as_deref().map_or(builder.api_version, |text| {
            HeaderValue::try_from(text).map_err(|_| ValidationError::new("is not a valid header value"))
        });
        let per_10_seconds = |requests| Limiter::new(requests, Duration::from_secs(10));
        let limiter = config.max_requests_per_10_seconds.map(per_10_seconds);
        ClientBuilder {
            address: config.address(),
            auth_address: config.auth_address(),
            scopes: if config.scopes.is_empty() { builder.scopes } else { config.scopes.clone() },
            certificate: config.read_certificate(),
            api_version,
            http: config.http.clone(),
            limiter,
            poll_interval: config.poll_interval_seconds.map_or(builder.poll_interval, Seconds::duration),
            ..builder
        }
    }

    /// Uses another certificate from now on, in this client and all its clones, without a restart.
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, kyc_core::ClientCertificate};
    /// # fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
    /// client.renew_certificate(&ClientCertificate::read("new-cert.pem", "new-key.pem")?)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Config` if the certificate cannot be used, or if the client has a custom transport.
    pub fn renew_certificate(&self, certificate: &ClientCertificate) -> Result<(), Error> {
        self.pipeline.renew_certificate(certificate)
    }

    /// Sends a request with a bearer token, the API version and a new request id.
    pub(crate) async fn call(
        &self,
        operation: &'static Operation,
        method: Method,
        address: Uri,
        body: Body,
    ) -> Result<RawResponse, Error> {
        let make = || {
            let mut request = request(method.clone(), address.clone(), body.clone());
            if body.is_empty() && matches!(method, Method::POST | Method::PATCH) {
                // Some servers require the length of an empty body, too (HTTP 411).
                request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            request
        };
        self.call_with(operation, &make).await
    }

    /// Does the same with a request of one's own.
    pub(crate) async fn call_with(
        &self,
        operation: &'static Operation,
        make: &(dyn Fn() -> Request<Body> + Sync),
    ) -> Result<RawResponse, Error> {
        let build = |token: Option<&Token>| authorised(VENDOR, self.with_headers(make()), token);
        self.pipeline.send(&Call::new(operation, &build).with_tokens(&self.tokens)).await
    }

    /// Adds the headers of every request except those for tokens.
    pub(crate) fn with_headers(&self, mut request: Request<Body>) -> Request<Body> {
        let headers = request.headers_mut();
        headers.insert(HeaderName::from_static("api-version"), self.options.api_version.clone());
        let id = uuid::Uuid::new_v4().to_string();
        // Hex digits and dashes are always a valid header value.
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

/// Returns when a certificate expires: renew it before. (Our page: "Authentication".)
///
/// Of a chain it is the certificate that belongs to the key. If none is found to belong to it, it is the one that expires
/// first. `None` if no date can be read, which does not mean that TLS refuses the certificate.
///
/// ```no_run
/// # use bankly_kyc::kyc_core::ClientCertificate;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let certificate = ClientCertificate::read("cert.pem", "key.pem")?;
/// if let Some(end) = bankly_kyc::certificate_expires(&certificate) {
///     println!("valid until {end}");
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn certificate_expires(certificate: &ClientCertificate) -> Option<Timestamp> {
    certificate_end(certificate)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("vendor", &VENDOR).field("base", &self.base).finish_non_exhaustive()
    }
}

/// Builds a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    address: Result<BaseUrl, ValidationError>,
    auth_address: Result<BaseUrl, ValidationError>,
    scopes: Vec<String>,
    certificate: Result<Option<ClientCertificate>, ValidationError>,
    client_options: ClientOptions,
    http: HttpConfig,
    limiter: Option<Limiter>,
    poll_interval: Duration,
    api_version: Result<HeaderValue, ValidationError>,
}

impl ClientBuilder {
    /// Uses the addresses of an environment.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.address = BaseUrl::parse(environment.base_url());
        self.auth_address = BaseUrl::parse(self.credentials.token_url(environment));
        self
    }

    /// Uses another address, such as a sandbox or your gateway, for everything except tokens. It must be `https` unless
    /// it is a loopback address.
    pub fn base_url(mut self, address: &str) -> Self {
        self.address = BaseUrl::parse(address);
        self
    }

    /// Uses another address for tokens.
    pub fn auth_url(mut self, address: &str) -> Self {
        self.auth_address = BaseUrl::parse(address);
        self
    }

    /// Uses an address that is already parsed, such as one of [`BaseUrl::parse_insecure`].
    pub fn address(mut self, address: BaseUrl) -> Self {
        self.address = Ok(address);
        self
    }

    /// Uses an address for tokens that is already parsed.
    pub fn auth_address(mut self, address: BaseUrl) -> Self {
        self.auth_address = Ok(address);
        self
    }

    /// Sets the client certificate (mutual TLS). A custom transport brings its own: set either of the two.
    pub fn certificate(mut self, certificate: ClientCertificate) -> Self {
        self.certificate = Ok(Some(certificate));
        self
    }

    /// Requests these scopes, at most ten, instead of those for documents. (Our page: "Scopes".)
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the header `api-version`: `1` by default. The vendor's pages print `1` and `1.0`.
    pub fn api_version(mut self, version: HeaderValue) -> Self {
        self.api_version = Ok(version);
        self
    }

    /// Sets the options that all vendors share, such as timeouts, transport, clock and rate limit. The default limit is
    /// [`Client::default_limiter`]. Machines behind one IP address share Bankly's limit: give each a smaller one.
    pub fn options(mut self, client_options: ClientOptions) -> Self {
        self.client_options = client_options;
        self
    }

    /// Sets the interval at which [`Client::wait`] queries: 300 s by default, as the vendor's page suggests. An event
    /// ends the wait at once.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Builds the client without sending anything.
    ///
    /// # Errors
    /// `Config` if an address is not a valid URL, if there are no or more than ten scopes, if the certificate cannot be
    /// used or is set together with a custom transport, or if the HTTP client cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let invalid = |key| move |rule: ValidationError| Error::config(VENDOR, rule.about(key).to_string());
        let base = self.address.map_err(invalid("base_url"))?;
        let auth_base = self.auth_address.map_err(invalid("auth_url"))?;
        check_scopes(&self.scopes).map_err(invalid("scopes"))?;
        let mut client_options = self.client_options.configure(&self.http);
        if let Some(limiter) = self.limiter {
            client_options = client_options.limiter(limiter);
        }
        client_options = client_options.limiter_or(Client::default_limiter);
        if let Some(certificate) = self.certificate.map_err(invalid("certificate"))? {
            client_options = client_options.certificate(certificate);
        }
        let protocol = Protocol::new(VENDOR, read_error).with_request_id(ANSWERED_ID, Some(SENT_ID));
        let pipeline = Pipeline::new(protocol, client_options)?;
        let tokens = Arc::new(token_cache(&pipeline, &auth_base, self.credentials, &self.scopes));
        let api_version = self.api_version.map_err(invalid("api_version"))?;
        let options = Options { poll_interval: self.poll_interval, api_version };
        Ok(Client { pipeline, base, auth_base, tokens, options })
    }
}
