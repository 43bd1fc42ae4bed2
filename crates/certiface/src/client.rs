//! The client of one operator in one environment.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kyc_core::{
    BaseUrl, ClientOptions, Error, HttpConfig, Media, Operation, OperationId, Pipeline, Poller, Protocol,
    Response, Seconds, Secret, TokenCache, ValidationError,
};

use crate::VENDOR;
use crate::auth::{self, token_cache};
use crate::config::{Config, Credentials, Environment};
use crate::connection::{Addresses, Connection};
use crate::error::read_error;
use crate::model::{Appkey, JourneyResult, LivenessResponse};
use crate::operations;
use crate::operations::appkey::{AppkeyResponse, Person};
use crate::operations::document::DocumentOutcome;

/// A client of Certiface. Cloning shares the connections and the credential.
///
/// An operation that belongs to one person's journey takes the [`Appkey`] of it. The liveness checks, which must follow
/// one another in order, are methods of [`Journey`](crate::Journey).
#[derive(Clone)]
pub struct Client {
    pub(crate) connection: Connection,
    pub(crate) tokens: Arc<TokenCache>,
    login: Secret<String>,
    pub(crate) poll_interval: Duration,
}

impl Client {
    /// Returns a builder with these credentials for the homologation environment.
    ///
    /// ```
    /// use certiface::{Client, Credentials, Environment};
    ///
    /// # fn main() -> Result<(), certiface::kyc_core::Error> {
    /// let client = Client::builder(Credentials::new("login", "password"))
    ///     .environment(Environment::Production)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        let environment = Environment::default();
        ClientBuilder {
            credentials,
            address: BaseUrl::parse(environment.base_url()),
            result_address: Some(BaseUrl::parse(environment.result_base_url())),
            is_result_named: false,
            paths: Vec::new(),
            client_options: ClientOptions::default(),
            http: HttpConfig::default(),
            poll_interval: Duration::from_secs(30),
        }
    }

    /// Returns a builder with the credentials and addresses of a configuration.
    ///
    /// ```no_run
    /// use certiface::{Client, Config};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let config = Config::from_env()?.ok_or("KYC_CERTIFACE_LOGIN is not set")?;
    /// let client = Client::builder_from(&config).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder_from(config: &Config) -> ClientBuilder {
        let builder = Self::builder(config.credentials());
        // A variable's name cannot hold the dash of an operation's name.
        let path = |(name, path): (&String, &String)| (name.replace('_', "-"), path.clone());
        let paths = config.paths.iter().map(path).collect();
        ClientBuilder {
            address: config.address(),
            result_address: Some(config.result_address()),
            is_result_named: config.result_base_url.is_some(),
            paths,
            http: config.http.clone(),
            poll_interval: config.poll_interval_seconds.map_or(builder.poll_interval, Seconds::duration),
            ..builder
        }
    }

    /// Creates the key of a person's journey. Pass it to the vendor's SDK in the browser or the app and request the
    /// [`result`](Self::result) after the webhook, or continue with [`Client::journey`]. A key lives for 5 minutes unless
    /// the vendor configured another time. (Our page: "Appkey" and "Lifetimes".)
    ///
    /// ```
    /// use certiface::kyc_core::{Cpf, Date};
    /// use certiface::{Client, Credentials, Person};
    /// use kyc_sandbox::Sandbox;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client = Client::builder(Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD))
    ///     .base_url(&sandbox.certiface_url())
    ///     .result_base_url(&sandbox.certiface_result_url())
    ///     .build()?;
    /// let person = Person::new(Cpf::parse("529.982.247-25")?, "Maria da Silva", Date::parse("15/11/2001")?);
    /// let appkey = client.appkey(&person).await?.into_inner().appkey;
    /// assert!(client.check_appkey(&appkey).await?.into_inner());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Rejected` with the field if Certiface refuses name, CPF or date of birth;
    /// `Unauthenticated` if it refuses the credentials.
    pub async fn appkey(&self, person: &Person) -> Result<Response<AppkeyResponse>, Error> {
        self.connection.appkey(person, &self.login, &self.tokens).await
    }

    /// Checks whether a key is accepted. The key is sent in the query of the URL, as the vendor requires: proxies on the
    /// way may log it. (Our page: "Beyond the guide".)
    ///
    /// ```no_run
    /// # use certiface::{Appkey, Client, kyc_core::Error};
    /// # async fn example(client: Client, appkey: Appkey) -> Result<(), Error> {
    /// if !client.check_appkey(&appkey).await?.into_inner() {
    ///     println!("the key has expired: start a new journey");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Only those of a call without a response to decode, and `Rejected` for a success with an error message: for an expired key
    /// it returns `false`.
    pub async fn check_appkey(&self, appkey: &Appkey) -> Result<Response<bool>, Error> {
        self.connection.checkauth(appkey).await
    }

    /// Submits one or two images of a document, or a PDF. It is paid for each time. (Our page: "Document".)
    ///
    /// ```no_run
    /// # use certiface::{Appkey, Client, DocumentOutcome, kyc_core::Media};
    /// # async fn example(client: Client, appkey: Appkey) -> Result<(), Box<dyn std::error::Error>> {
    /// let sides = [Media::read("front.jpg")?, Media::read("back.jpg")?];
    /// match client.document(&appkey, &sides).await?.into_inner() {
    ///     DocumentOutcome::Retake(_) => println!("no document was found: capture it again"),
    ///     _ => println!("accepted: the result will hold what was read"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent: no or more than two files, a format other than JPEG, PNG or PDF, a
    /// truncated file. `Expired` when the key has expired.
    pub async fn document(
        &self,
        appkey: &Appkey,
        images: &[Media],
    ) -> Result<Response<DocumentOutcome>, Error> {
        self.connection.document(appkey, images).await
    }

    /// Submits an image or PDF of the QR code on a digital driving licence. (Our page: "Beyond the guide".)
    ///
    /// ```no_run
    /// # use certiface::{Appkey, Client, kyc_core::Media};
    /// # async fn example(client: Client, appkey: Appkey) -> Result<(), Box<dyn std::error::Error>> {
    /// let outcome = client.document_qr_code(&appkey, &Media::read("qr-code.png")?).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The same as [`document`](Self::document), for one file.
    pub async fn document_qr_code(
        &self,
        appkey: &Appkey,
        code: &Media,
    ) -> Result<Response<DocumentOutcome>, Error> {
        self.connection.document_qr_code(appkey, code).await
    }

    /// Requests the verdict on the liveness check of a key; `None` if there was no check yet.
    ///
    /// The vendor publishes no shape of this response. It is decoded like the response of the check itself, and further
    /// fields are reported as unknown. (Our page: "Beyond the guide".)
    ///
    /// ```no_run
    /// # use certiface::{Appkey, Client, Liveness, kyc_core::Error};
    /// # async fn example(client: Client, appkey: Appkey) -> Result<(), Error> {
    /// if let Some(verdict) = client.liveness_result(&appkey).await?.into_inner() {
    ///     println!("passed: {}", verdict.outcome() == Liveness::Approved);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Expired` when the key has expired.
    pub async fn liveness_result(
        &self,
        appkey: &Appkey,
    ) -> Result<Response<Option<LivenessResponse>>, Error> {
        self.connection.result_of_liveness(appkey).await
    }

    /// Requests what is known of a journey. It costs nothing and works after the key has expired, too. (Our page:
    /// "Result".)
    ///
    /// `None`: Certiface does not know the key, or no liveness check was made with it.
    ///
    /// ```
    /// use certiface::{Appkey, Client, Credentials};
    /// use kyc_sandbox::Sandbox;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().start().await?;
    /// let client = Client::builder(Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD))
    ///     .base_url(&sandbox.certiface_url())
    ///     .result_base_url(&sandbox.certiface_result_url())
    ///     .build()?;
    /// let appkey = Appkey::new("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjZXJ0aWZhY2UifQ.c2ln");
    /// assert!(client.result(&appkey).await?.value().is_none(), "not a key of a journey");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Rejected` with the field if Certiface refused the person's data.
    pub async fn result(&self, appkey: &Appkey) -> Result<Response<Option<JourneyResult>>, Error> {
        self.connection.result(appkey).await
    }

    /// Waits for the end of a journey, at most `timeout` from now. It polls the result every 30 s
    /// ([`poll_interval`](ClientBuilder::poll_interval)), and at once when [`Poller::wake_on`] brings a webhook. Start it after
    /// the liveness check: before, there is no result to wait for. A journey without documents may stay `Não processado`
    /// permanently: request the [`result`](Self::result) instead. (Our page: "Result" and "Completion webhook".)
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use certiface::{Appkey, Client, ContractedChecks, kyc_core::Error};
    /// # async fn example(client: Client, appkey: Appkey) -> Result<(), Error> {
    /// let result = client.wait(&appkey.operation_id(), Duration::from_secs(600))?.await?;
    /// println!("{:?}, risk {:?}", result.outcome(ContractedChecks::NONE), result.risk());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor. The wait itself ends with `Timeout` at its deadline, and at once where it
    /// cannot succeed: with `NotFound` if the first response says that no liveness check was made with the key or that the key is
    /// unknown, and with `Expired` if no document was submitted before the key expired.
    pub fn wait(&self, id: &OperationId, timeout: Duration) -> Result<Poller<'_, JourneyResult>, Error> {
        self.connection.wait(id, timeout, self.poll_interval)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("vendor", &VENDOR)
            .field("base", &self.connection.addresses.base)
            .field("result", &self.connection.addresses.result)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    address: Result<BaseUrl, ValidationError>,
    /// None after the other address was changed alone: a key of a sandbox must not be sent to the vendor.
    result_address: Option<Result<BaseUrl, ValidationError>>,
    is_result_named: bool,
    paths: Vec<(String, String)>,
    client_options: ClientOptions,
    http: HttpConfig,
    pub(crate) poll_interval: Duration,
}

impl ClientBuilder {
    /// Sets one of Certiface's environments.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.address = BaseUrl::parse(environment.base_url());
        self.result_address = Some(BaseUrl::parse(environment.result_base_url()));
        self.is_result_named = false;
        self
    }

    /// Sets another address for everything but the result, such as a local sandbox or your gateway. Set the address of
    /// the [result](Self::result_base_url), too.
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

    /// Sets another address for the result.
    pub fn result_base_url(self, address: &str) -> Self {
        self.result_at(BaseUrl::parse(address))
    }

    fn result_at(mut self, address: Result<BaseUrl, ValidationError>) -> Self {
        self.result_address = Some(address);
        self.is_result_named = true;
        self
    }

    /// Sets an address that was parsed before, such as one of [`BaseUrl::parse_insecure`].
    pub fn address(self, address: BaseUrl) -> Self {
        self.at(Ok(address))
    }

    /// Sets an address for the result that was parsed before.
    pub fn result_address(self, address: BaseUrl) -> Self {
        self.result_at(Ok(address))
    }

    /// Sets another path for an operation, by the operation name in errors, such as `session-token`. The vendor's guide
    /// says that paths may change. (Our page: "Environments".)
    pub fn path(mut self, operation: &str, path: &str) -> Self {
        self.paths.push((operation.to_owned(), path.to_owned()));
        self
    }

    /// Sets timeouts, transport, clock and the other options that all vendors share.
    pub fn options(mut self, client_options: ClientOptions) -> Self {
        self.client_options = client_options;
        self
    }

    /// Sets how often [`Client::wait`] polls; 30 s by default. The page states no interval and prefers the webhook, and
    /// frequent polling may be taken for an attack. (Our page: "Result".)
    pub fn poll_interval(mut self, interval: Duration) -> Self {
        self.poll_interval = interval;
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// `Config`: an invalid URL, an unknown operation name or invalid path, or an HTTP client that cannot start.
    pub fn build(self) -> Result<Client, Error> {
        let invalid = |key| move |rule: ValidationError| Error::config(VENDOR, rule.about(key).to_string());
        let base = self.address.map_err(invalid("base_url"))?;
        let result = self
            .result_address
            .unwrap_or_else(|| Err(ValidationError::new(Config::RESULT_URL_MISSING)))
            .map_err(invalid("result_base_url"))?;
        let paths: BTreeMap<_, _> = self.paths.into_iter().map(known_path).collect::<Result<_, _>>()?;
        let addresses = Arc::new(Addresses { base, result, paths });
        let pipeline =
            Pipeline::new(Protocol::new(VENDOR, read_error), self.client_options.configure(&self.http))?;
        let connection = Connection { pipeline, addresses };
        let login = self.credentials.login.clone();
        let tokens = Arc::new(token_cache(&connection, self.credentials));
        Ok(Client { connection, tokens, login, poll_interval: self.poll_interval })
    }
}

fn known_path((name, path): (String, String)) -> Result<(&'static str, String), Error> {
    let login: &Operation = &auth::credencial::OPERATION;
    let mut operations = operations::ALL.iter().copied().chain([login]);
    match operations.find(|operation| operation.name() == name) {
        Some(operation) if path.starts_with('/') => Ok((operation.name(), path)),
        Some(operation) => {
            let what = format!("a path must begin with /, but that of {} does not", operation.name());
            Err(Error::config(VENDOR, what))
        }
        None => Err(Error::config(VENDOR, "a path is set for an operation that does not exist")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_alone_is_refused() {
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
