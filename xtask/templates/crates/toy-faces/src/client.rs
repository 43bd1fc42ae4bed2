//! The client: one account of the vendor.

use std::fmt;
use std::sync::Arc;

use kyc_core::{BaseUrl, ClientOptions, Error, HttpConfig, Pipeline, Protocol, TokenCache, ValidationError};

use crate::VENDOR;
use crate::auth::token_cache;
use crate::config::{BASE_URL, Config, Credentials};
use crate::error::read_error;

/// A client of Toy Faces. Clones share connections and token.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) base: BaseUrl,
    pub(crate) tokens: Arc<TokenCache>,
}

impl Client {
    /// Returns a builder with these credentials for the vendor's address.
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(BASE_URL),
            client_options: ClientOptions::default(),
            http: HttpConfig::default(),
        }
    }

    /// Returns a builder with the credentials and the address of a configuration.
    pub fn builder_from(config: &Config) -> ClientBuilder {
        let builder = Self::builder(config.credentials());
        ClientBuilder { address: config.address(), http: config.http.clone(), ..builder }
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

    /// Builds the client without sending anything.
    ///
    /// # Errors
    /// `Config` if the address is not a valid URL, or if the HTTP client cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let base = self.address.map_err(|rule| Error::config(VENDOR, rule.about("base_url").to_string()))?;
        let protocol = Protocol::new(VENDOR, read_error);
        let pipeline = Pipeline::new(protocol, self.client_options.configure(&self.http))?;
        let tokens = Arc::new(token_cache(&pipeline, &base, self.credentials));
        Ok(Client { pipeline, base, tokens })
    }
}
