//! The client: one account in one environment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::{BaseUrl, ClientOptions, Error, HttpConfig, Pipeline, Protocol, Seconds, TokenCache};

use crate::VENDOR;
use crate::auth::token_cache;
use crate::config::{Config, Credentials, Environment};
use crate::error::read_error;

/// A client of ClearSale Facematch. Clones share connections and token.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) base: BaseUrl,
    pub(crate) tokens: Arc<TokenCache>,
    pub(crate) options: Options,
}

/// The settings that only this vendor has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) any_image: bool,
    pub(crate) level_as_number: bool,
    pub(crate) poll_interval: Duration,
}

impl Client {
    /// Returns a builder with these credentials for the homologation environment.
    ///
    /// ```
    /// use clearsale_facematch::{Client, Credentials, Environment};
    ///
    /// # fn main() -> Result<(), clearsale_facematch::kyc_core::Error> {
    /// let client = Client::builder(Credentials::new("client id", "client secret"))
    ///     .environment(Environment::Production)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(Environment::default().base_url()),
            client_options: ClientOptions::default(),
            http: HttpConfig::default(),
            options: Options {
                any_image: false,
                level_as_number: false,
                poll_interval: Duration::from_secs(2),
            },
        }
    }

    /// Returns a builder with the credentials and the address of a configuration.
    ///
    /// ```no_run
    /// use clearsale_facematch::{Client, Config};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = Config::from_env()?.ok_or("KYC_CLEARSALE_CLIENT_ID is not set")?;
    /// let client = Client::builder_from(&config).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder_from(config: &Config) -> ClientBuilder {
        let builder = Self::builder(config.credentials());
        let poll_interval =
            config.poll_interval_seconds.map_or(builder.options.poll_interval, Seconds::duration);
        let options = Options {
            any_image: config.accept_any_image,
            level_as_number: config.min_match_level_as_number,
            poll_interval,
        };
        ClientBuilder { address: config.address(), http: config.http.clone(), options, ..builder }
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
    address: Result<BaseUrl, kyc_core::ValidationError>,
    client_options: ClientOptions,
    http: HttpConfig,
    options: Options,
}

impl ClientBuilder {
    /// Uses the address of an environment.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.address = BaseUrl::parse(environment.base_url());
        self
    }

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

    /// Also sends images against the vendor's recommendation: formats other than JPEG and PNG, and images less than 150
    /// pixels wide. Truncated files are still refused. (Our page: "Comparing two faces".)
    pub fn accept_any_image(mut self, accept: bool) -> Self {
        self.options.any_image = accept;
        self
    }

    /// Sends `minMatchLevel` as a number, as in the vendor's dictionary. By default it is text, as in the vendor's
    /// example. (Our page: "Comparing two faces".)
    pub fn min_match_level_as_number(mut self, as_number: bool) -> Self {
        self.options.level_as_number = as_number;
        self
    }

    /// Sets the interval at which [`Client::wait`] queries: 2 s by default. The vendor's page states none.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.options.poll_interval = interval;
        self
    }

    /// Builds the client without sending anything.
    ///
    /// # Errors
    /// `Config` if the address is not a valid URL, or if the HTTP client cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.address.map_err(|rule| Error::config(VENDOR, rule.about("base_url").to_string()))?;
        let protocol = Protocol::new(VENDOR, read_error);
        let pipeline = Pipeline::new(protocol, self.client_options.configure(&self.http))?;
        let tokens = Arc::new(token_cache(&pipeline, &base, self.credentials));
        Ok(Client { pipeline, base, tokens, options: self.options })
    }
}
