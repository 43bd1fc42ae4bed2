//! The client: one operator in one environment.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use kyc_core::{BaseUrl, ClientOptions, Error, Operation, Pipeline, Protocol, TokenCache, ValidationError};

use crate::VENDOR;
use crate::auth::token_cache;
use crate::config::{Config, Credentials, Environment};
use crate::error::read_error;
use crate::operations;

/// A client of Certiface. Cloning shares the connections and the credential.
#[derive(Clone)]
pub struct Client {
    pub(crate) pipeline: Pipeline,
    pub(crate) addresses: Arc<Addresses>,
    pub(crate) tokens: Arc<TokenCache>,
    pub(crate) login: kyc_core::Secret<String>,
    pub(crate) options: Options,
}

/// Where this vendor leaves a choice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) poll_interval: Duration,
}

/// Where each operation is reached.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) base: BaseUrl,
    result: BaseUrl,
    /// Paths that the user changed, by operation.
    paths: BTreeMap<&'static str, String>,
}

impl Addresses {
    /// The address of an operation, below `base`.
    pub(crate) fn of(&self, operation: &Operation, path: &str) -> Result<Uri, Error> {
        self.join(&self.base, operation, path)
    }

    /// The address of the result, which has a host or port of its own.
    pub(crate) fn of_result(&self, operation: &Operation, path: &str) -> Result<Uri, Error> {
        self.join(&self.result, operation, path)
    }

    /// The path that an operation has, for those that take a query.
    pub(crate) fn path<'a>(&'a self, operation: &Operation, path: &'a str) -> &'a str {
        self.paths.get(operation.name()).map_or(path, String::as_str)
    }

    fn join(&self, base: &BaseUrl, operation: &Operation, path: &str) -> Result<Uri, Error> {
        base.join(self.path(operation, path)).map_err(|rule| {
            Error::config(VENDOR, rule.about(format!("path of {}", operation.name())).to_string())
                .in_operation(operation.name())
        })
    }
}

impl Client {
    /// A client for these credentials in the homologation environment, until the builder says otherwise.
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        let environment = Environment::default();
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(environment.base_url()),
            result_address: Some(BaseUrl::parse(environment.result_base_url())),
            is_result_named: false,
            paths: Vec::new(),
            client_options: ClientOptions::default(),
            options: Options { poll_interval: Duration::from_secs(30) },
        }
    }

    /// A builder that is set as a configuration says.
    pub fn builder_from(config: &Config) -> ClientBuilder {
        ClientBuilder {
            address: config.address(),
            result_address: Some(config.result_address()),
            is_result_named: config.result_base_url.is_some(),
            ..Self::builder(config.credentials())
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("vendor", &VENDOR)
            .field("base", &self.addresses.base)
            .field("result", &self.addresses.result)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    address: Result<BaseUrl, ValidationError>,
    /// None after the other address was changed alone: a key of a sandbox must not be asked about at the vendor's.
    result_address: Option<Result<BaseUrl, ValidationError>>,
    is_result_named: bool,
    paths: Vec<(String, String)>,
    client_options: ClientOptions,
    options: Options,
}

impl ClientBuilder {
    /// Goes to one of Certiface's environments.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.address = BaseUrl::parse(environment.base_url());
        self.result_address = Some(BaseUrl::parse(environment.result_base_url()));
        self.is_result_named = false;
        self
    }

    /// Goes to another address with everything but the result: a sandbox on this machine, a gateway of yours. Name that
    /// of the [result](Self::result_base_url), too.
    pub fn base_url(self, address: &str) -> Self {
        self.at(BaseUrl::parse(address))
    }

    fn at(mut self, address: Result<BaseUrl, ValidationError>) -> Self {
        self.address = address;
        if !self.is_result_named {
            self.result_address = None;
        }
        self
    }

    /// Goes to another address with the result.
    pub fn result_base_url(self, address: &str) -> Self {
        self.result_at(BaseUrl::parse(address))
    }

    fn result_at(mut self, address: Result<BaseUrl, ValidationError>) -> Self {
        self.result_address = Some(address);
        self.is_result_named = true;
        self
    }

    /// Goes to an address that was read before, such as one of [`BaseUrl::parse_insecure`].
    pub fn address(self, address: BaseUrl) -> Self {
        self.at(Ok(address))
    }

    /// The same for the result.
    pub fn result_address(self, address: BaseUrl) -> Self {
        self.result_at(Ok(address))
    }

    /// Calls an operation (by the name that its errors carry, such as `session-token`) on another path. The vendor's
    /// guide says that paths may change.
    pub fn path(mut self, operation: &str, path: &str) -> Self {
        self.paths.push((operation.to_owned(), path.to_owned()));
        self
    }

    /// Timeouts, transport, clock and the rest of what all vendors share.
    pub fn options(mut self, client_options: ClientOptions) -> Self {
        self.client_options = client_options;
        self
    }

    /// How often [`Client::wait`] asks; 30 s by default. The page names no interval and prefers the webhook, and
    /// frequent questions may be taken for an attack.
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.options.poll_interval = interval;
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config`: an address that is none, a path for an operation that is none, or an HTTP client that cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let invalid = |key| move |rule: ValidationError| Error::config(VENDOR, rule.about(key).to_string());
        let base = self.address.map_err(invalid("base_url"))?;
        let result = self
            .result_address
            .unwrap_or_else(|| {
                Err(ValidationError::new(
                    "must be named where base_url is: the result has an address of its own",
                ))
            })
            .map_err(invalid("result_base_url"))?;
        let paths = self.paths.into_iter().map(known_path).collect::<Result<_, _>>()?;
        let addresses = Arc::new(Addresses { base, result, paths });
        let pipeline = Pipeline::new(Protocol::new(VENDOR, read_error), self.client_options)?;
        let login = self.credentials.login.clone();
        let tokens = Arc::new(token_cache(&pipeline, &addresses, self.credentials));
        Ok(Client { pipeline, addresses, tokens, login, options: self.options })
    }
}

fn known_path((name, path): (String, String)) -> Result<(&'static str, String), Error> {
    let operation = operations::ALL.iter().find(|operation| operation.name() == name);
    match operation {
        Some(operation) if path.starts_with('/') => Ok((operation.name(), path)),
        Some(_) => Err(Error::config(VENDOR, "a path must begin with /")),
        None => Err(Error::config(VENDOR, "a path is set for an operation that does not exist")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_one_place_is_not_asked_about_at_another() {
        let builder = || Client::builder(Credentials::new("me".to_owned(), "s3cret".to_owned()));
        let here = "http://127.0.0.1:9";
        assert!(builder().base_url(here).build().is_err());
        assert!(builder().base_url(here).result_base_url(here).build().is_ok());
        assert!(builder().result_base_url(here).base_url(here).build().is_ok());
        assert!(builder().base_url(here).environment(Environment::Production).build().is_ok());
        let mut config = Config::new("me".to_owned(), "s3cret".to_owned());
        config.base_url = Some(here.to_owned());
        assert!(Client::builder_from(&config).build().is_err());
    }
}
