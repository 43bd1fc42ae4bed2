//! The client: one account of the portal.

use std::fmt;
use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Uri};
use kyc_core::{
    BaseUrl, Body, Call, ClientOptions, Error, ErrorKind, HttpConfig, Operation, Pipeline, Protocol,
    RawResponse, Token, ValidationError, request,
};

use crate::VENDOR;
use crate::auth::{TokenFacts, bearer};
use crate::config::{BASE_URL, Config, Credentials, Endpoints};
use crate::error::read_error;

/// A client of Cellere's API portal. Clones share connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) base: BaseUrl,
    pub(crate) bearer: HeaderValue,
    pub(crate) facts: TokenFacts,
    pub(crate) options: Arc<Options>,
}

/// The settings that only this vendor has.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) endpoints: Endpoints,
    pub(crate) least_confiability: Option<f64>,
}

impl Client {
    /// Returns a builder with this token for the portal itself, where every call but `balance` costs credits.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use cellere_portal::kyc_core::ClientOptions;
    /// use cellere_portal::{Client, Credentials};
    ///
    /// # fn main() -> Result<(), cellere_portal::kyc_core::Error> {
    /// let client = Client::builder(Credentials::new("the portal's token"))
    ///     .options(ClientOptions::new().attempt_timeout(Duration::from_secs(20)))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(BASE_URL),
            client_options: ClientOptions::default(),
            http: HttpConfig::default(),
            options: Options { endpoints: Endpoints::default(), least_confiability: None },
        }
    }

    /// Returns a builder with the token, address, endpoints and threshold of a configuration.
    ///
    /// ```no_run
    /// use cellere_portal::{Client, Config};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = Config::from_env()?.ok_or("KYC_CELLERE_TOKEN is not set")?;
    /// let client = Client::builder_from(&config).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder_from(config: &Config) -> ClientBuilder {
        ClientBuilder {
            address: config.address(),
            http: config.http.clone(),
            options: Options {
                endpoints: config.endpoints.clone(),
                least_confiability: config.least_confiability,
            },
            ..Self::builder(config.credentials())
        }
    }

    /// Returns whether the token has the form of a JWT, and the expiry that it states. Neither affects any call. (Our page:
    /// "The token".)
    ///
    /// ```
    /// use cellere_portal::{Client, Credentials};
    ///
    /// # fn main() -> Result<(), cellere_portal::kyc_core::Error> {
    /// let client = Client::builder(Credentials::new("not a JWT")).build()?;
    /// assert!(!client.token_facts().is_jwt);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn token_facts(&self) -> TokenFacts {
        self.facts
    }

    /// Sends a request with the bearer token.
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

    /// Adds the cause to the refusal of a token whose stated expiry has passed.
    fn explain(&self, error: Error) -> Error {
        let clock = self.pipeline.clock();
        if error.kind() == ErrorKind::Unauthenticated && self.facts.has_expired(&*clock) {
            return error.caused_by("the expiry that the portal token states has passed");
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

/// Builds a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    address: Result<BaseUrl, ValidationError>,
    client_options: ClientOptions,
    http: HttpConfig,
    options: Options,
}

impl ClientBuilder {
    /// Uses another address, such as a sandbox or your gateway. It must be `https` unless it is a loopback address.
    pub fn base_url(mut self, address: &str) -> Self {
        self.address = BaseUrl::parse(address);
        self
    }

    /// Uses an address that is already parsed, such as one of [`BaseUrl::parse_insecure`].
    pub fn address(mut self, address: BaseUrl) -> Self {
        self.address = Ok(address);
        self
    }

    /// Sets the options that all vendors share, such as timeouts, transport and clock.
    pub fn options(mut self, client_options: ClientOptions) -> Self {
        self.client_options = client_options;
        self
    }

    /// Changes paths, body forms or field names: `.endpoints(|endpoints| endpoints.meter = "/leitura".into())`. See
    /// [`Endpoints`] for the defaults.
    pub fn endpoints(mut self, change: impl FnOnce(&mut Endpoints)) -> Self {
        change(&mut self.options.endpoints);
        self
    }

    /// Sets the minimum confiability, from 0 to 1, at which two faces match where the response has no verdict: some public
    /// clients receive such responses. Without this setting they are a `Config` error of the
    /// [`FaceMatcher`](kyc_core::FaceMatcher); [`Client::facematch`] returns them unchanged. (Our page: "Answers of
    /// facematch".)
    pub fn least_confiability(mut self, least: f64) -> Self {
        self.options.least_confiability = Some(least);
        self
    }

    /// Builds the client without sending anything. Logs a warning if the token is not a JWT, has expired or expires within
    /// 7 days.
    ///
    /// # Errors
    /// `Config` if the address is not a valid URL, if an endpoint is not a valid path or name, if the token is empty or
    /// not a valid header value, if `least_confiability` is not between 0 and 1, or if the HTTP client cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.address.map_err(|rule| Error::config(VENDOR, rule.about("base_url").to_string()))?;
        self.options.endpoints.check(&base)?;
        if self.options.least_confiability.is_some_and(|least| !(0.0..=1.0).contains(&least)) {
            return Err(Error::config(VENDOR, "least_confiability must be from 0 to 1"));
        }
        let pipeline =
            Pipeline::new(Protocol::new(VENDOR, read_error), self.client_options.configure(&self.http))?;
        let clock = pipeline.clock();
        let bearer = bearer(&self.credentials.token)?;
        let facts = self.credentials.facts();
        facts.warn(&*clock);
        Ok(Client { pipeline, base, bearer, facts, options: Arc::new(self.options) })
    }
}
