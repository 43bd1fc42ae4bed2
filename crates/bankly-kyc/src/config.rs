//! Environments, credentials and configuration.

use std::path::PathBuf;

use kyc_core::{
    BaseUrl, ClientCertificate, ConfigTable, Error, HttpConfig, Seconds, Secret, ValidationError, named,
};
use serde::Deserialize;

use crate::VENDOR;

/// One of Bankly's two environments. (Our page: "Environments", which states how certain each address is.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Environment {
    /// For tests, with credentials of its own. The default: production must be chosen explicitly.
    #[default]
    Sandbox,
    /// For real persons. No page prints its addresses: they follow the pattern of the sandbox's.
    Production,
}

named!(Environment, "environment", Sandbox = "sandbox", Production = "production");

impl Environment {
    /// Returns the address of everything except tokens.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://api-mtls.sandbox.bankly.com.br",
            Self::Production => "https://api-mtls.bankly.com.br",
        }
    }

    /// Returns the address of tokens by certificate.
    #[must_use]
    pub fn auth_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://auth-mtls.sandbox.bankly.com.br",
            Self::Production => "https://auth-mtls.bankly.com.br",
        }
    }

    /// Returns the address of tokens by secret, the older way.
    #[must_use]
    pub fn login_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://login.sandbox.bankly.com.br",
            Self::Production => "https://login.bankly.com.br",
        }
    }
}

/// The client id, with or without a client secret. (Our page: "Authentication".)
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) client_id: Secret<String>,
    pub(crate) client_secret: Option<Secret<String>>,
}

impl Credentials {
    /// Creates credentials for tokens by certificate, with the client id of
    /// [`Client::register`](crate::Client::register).
    #[must_use]
    pub fn by_certificate(client_id: impl Into<Secret<String>>) -> Self {
        Self { client_id: client_id.into(), client_secret: None }
    }

    /// Creates credentials for tokens by secret, the older way. They suffice to request a certificate.
    #[must_use]
    pub fn by_secret(client_id: impl Into<Secret<String>>, client_secret: impl Into<Secret<String>>) -> Self {
        Self { client_id: client_id.into(), client_secret: Some(client_secret.into()) }
    }

    /// Returns the address at which these credentials obtain a token.
    pub(crate) fn token_url(&self, environment: Environment) -> &'static str {
        match self.client_secret {
            Some(_) => environment.login_url(),
            None => environment.auth_url(),
        }
    }
}

/// The vendor's key: its table, its variables, its value of `--vendor`.
pub(crate) const KEY: &str = "bankly";

/// The configuration of a client: `[bankly]` in `kyc.toml`, or the variables `KYC_BANKLY_*`, such as
/// `KYC_BANKLY_WEBHOOK_PRIVATE_KEY` for the key `private_key` in `[bankly.webhook]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The client id.
    pub client_id: Secret<String>,
    /// The client secret of the older way; without it tokens are requested by certificate.
    #[serde(default)]
    pub client_secret: Option<Secret<String>>,
    /// The PEM file of the client certificate.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// The PEM file of its key.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// The PEM file of an additional trusted authority, such as a sandbox's.
    #[serde(default)]
    pub authority: Option<PathBuf>,
    /// The scopes of the token, at most ten: by default those for documents.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The environment: `sandbox` by default.
    #[serde(default)]
    pub environment: Environment,
    /// An address other than the environment's, such as a local sandbox; `auth_url` is then required.
    #[serde(default)]
    pub base_url: Option<String>,
    /// An address for tokens other than the environment's.
    #[serde(default)]
    pub auth_url: Option<String>,
    /// The header `api-version`: `1` by default.
    #[serde(default)]
    pub api_version: Option<String>,
    /// The interval at which an analysis is queried: 300 s by default.
    #[serde(default)]
    pub poll_interval_seconds: Option<Seconds>,
    /// The maximum number of requests in 10 s: 170 by default. Machines behind one IP address share Bankly's limit of 180.
    #[serde(default)]
    pub max_requests_per_10_seconds: Option<usize>,
    /// The receiver of Bankly's webhooks.
    #[serde(default)]
    pub webhook: WebhookConfig,
    /// Timeouts, attempts and the proxy.
    #[serde(default)]
    pub http: HttpConfig,
}

/// The configuration of a receiver of Bankly's webhooks.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// The key that events are signed with, for [`Webhook`](crate::Webhook).
    pub private_key: Option<Secret<String>>,
    /// How the key is read: `either` by default.
    pub key_reading: KeyReading,
}

/// How the private key is read. The registration requires base64; the only public implementation used both readings.
/// (Our page: "Signature".)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum KeyReading {
    /// The bytes that the base64 text encodes.
    Decoded,
    /// The text itself.
    Text,
    /// Either of the two: an event whose signature matches one of them is authentic.
    #[default]
    Either,
}

named!(KeyReading, "key reading", Decoded = "decoded", Text = "text", Either = "either");

impl Config {
    const AUTH_URL_MISSING: &str =
        "must be set together with base_url: tokens are issued at an address of their own";

    /// Creates a configuration with this client id for the sandbox environment.
    #[must_use]
    pub fn new(client_id: impl Into<Secret<String>>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: None,
            certificate: None,
            key: None,
            authority: None,
            scopes: Vec::new(),
            environment: Environment::default(),
            base_url: None,
            auth_url: None,
            api_version: None,
            poll_interval_seconds: None,
            max_requests_per_10_seconds: None,
            webhook: WebhookConfig::default(),
            http: HttpConfig::default(),
        }
    }

    /// Reads the `KYC_BANKLY_*` variables. Returns `None` if none is set.
    ///
    /// # Errors
    /// `Config` if a variable is missing, unknown or has an invalid value.
    pub fn from_env() -> Result<Option<Self>, Error> {
        ConfigTable::load(VENDOR, KEY)
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials { client_id: self.client_id.clone(), client_secret: self.client_secret.clone() }
    }

    pub(crate) fn address(&self) -> Result<BaseUrl, ValidationError> {
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(self.environment.base_url()))
    }

    /// Returns the address for tokens, which depends on the credentials.
    pub(crate) fn auth_address(&self) -> Result<BaseUrl, ValidationError> {
        if self.base_url.is_some() && self.auth_url.is_none() {
            return Err(ValidationError::new(Self::AUTH_URL_MISSING));
        }
        let default = self.credentials().token_url(self.environment);
        BaseUrl::parse(self.auth_url.as_deref().unwrap_or(default))
    }

    /// Reads the certificate from its files, if there is one.
    pub(crate) fn read_certificate(&self) -> Result<Option<ClientCertificate>, ValidationError> {
        let (Some(chain), Some(key)) = (&self.certificate, &self.key) else {
            return match (&self.certificate, &self.key) {
                (None, None) if self.authority.is_none() => Ok(None),
                (None, None) => Err(ValidationError::new("must be set if an authority is set")),
                _ => Err(ValidationError::new("must be set together with its key")),
            };
        };
        let certificate = ClientCertificate::read(chain, key)?;
        let Some(authority) = &self.authority else { return Ok(Some(certificate)) };
        let pem = std::fs::read_to_string(authority).map_err(|error| {
            ValidationError::new(format!("cannot be used: its authority cannot be read ({})", error.kind()))
        })?;
        certificate.with_authority(pem).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&'static str, &'static str)]) -> Result<Config, Error> {
        let table = ConfigTable::from_variables(VENDOR, KEY, set.to_vec());
        table.expect("UTF-8").expect("set").read()
    }

    #[test]
    fn variables_are_read_and_half_a_pair_is_refused() {
        let id = ("KYC_BANKLY_CLIENT_ID", "me-s3cret");
        let config = read(&[id]).expect("complete");
        assert_eq!(config.environment, Environment::Sandbox);
        assert_eq!(config.auth_address().expect("https").as_str(), "https://auth-mtls.sandbox.bankly.com.br");
        assert!(!format!("{config:?}").contains("s3cret"));
        let secret = [id, ("KYC_BANKLY_CLIENT_SECRET", "x"), ("KYC_BANKLY_SCOPES", "kyc.document.read, a")];
        let config = read(&secret).expect("complete");
        assert_eq!(config.auth_address().expect("https").as_str(), "https://login.sandbox.bankly.com.br");
        assert_eq!(config.scopes, ["kyc.document.read", "a"]);
        let half = read(&[id, ("KYC_BANKLY_CERTIFICATE", "c.pem")]).expect("read");
        assert!(half.read_certificate().is_err());
        let half = read(&[id, ("KYC_BANKLY_BASE_URL", "http://127.0.0.1:1")]).expect("read");
        assert!(half.auth_address().is_err());
        assert!(read(&[id, ("KYC_BANKLY_ENVIRONMENT", "homologation")]).is_err());
    }

    #[test]
    fn environments_are_printed_and_parsed_by_name() {
        for (name, environment) in Environment::NAMES {
            assert_eq!(name.parse(), Ok(environment));
            assert_eq!(environment.to_string(), name);
        }
        let error = "prod".parse::<Environment>().expect_err("not a name");
        assert_eq!(error.to_string(), "environment: must be sandbox or production");
    }
}
