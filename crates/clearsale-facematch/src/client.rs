//! The client: one account in one environment.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::{BaseUrl, ClientOptions, Error, Pipeline, Protocol, TokenCache};

use crate::VENDOR;
use crate::auth::token_cache;
use crate::config::{Config, Credentials, Environment};
use crate::error::read_error;

/// A client of ClearSale Facematch. Cloning shares the connections and the token.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) base: BaseUrl,
    pub(crate) tokens: Arc<TokenCache>,
    pub(crate) options: Options,
}

/// Where this vendor leaves a choice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) any_picture: bool,
    pub(crate) level_as_number: bool,
    pub(crate) poll_interval: Duration,
}

impl Client {
    /// A client for these credentials in the homologation environment, until the builder says otherwise.
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(Environment::default().base_url()),
            client_options: ClientOptions::default(),
            options: Options {
                any_picture: false,
                level_as_number: false,
                poll_interval: Duration::from_secs(2),
            },
        }
    }

    /// A builder that is set as a configuration says.
    pub fn builder_from(config: &Config) -> ClientBuilder {
        ClientBuilder { address: config.address(), ..Self::builder(config.credentials()) }
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
    address: Result<BaseUrl, kyc_core::ValidationError>,
    client_options: ClientOptions,
    options: Options,
}

impl ClientBuilder {
    /// Goes to one of ClearSale's environments.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.address = BaseUrl::parse(environment.base_url());
        self
    }

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

    /// Sends pictures that the page does not recommend: other formats than JPEG and PNG, less than 150 pixels wide.
    /// A truncated file is refused all the same.
    pub fn accept_any_picture(mut self, accept: bool) -> Self {
        self.options.any_picture = accept;
        self
    }

    /// Sends `minMatchLevel` as a number, as the vendor's dictionary types it. By default it is text, as the vendor's
    /// example prints it.
    pub fn min_match_level_as_number(mut self, as_number: bool) -> Self {
        self.options.level_as_number = as_number;
        self
    }

    /// How often [`Client::wait`] asks; 2 s by default. The page names no interval.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.options.poll_interval = interval;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config`: an address that is none, or an HTTP client that cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.address.map_err(|rule| Error::config(VENDOR, rule.about("base_url").to_string()))?;
        let protocol = Protocol::new(VENDOR, read_error);
        let pipeline = Pipeline::new(protocol, self.client_options)?;
        let tokens = Arc::new(token_cache(&pipeline, &base, self.credentials));
        Ok(Client { pipeline, base, tokens, options: self.options })
    }
}
