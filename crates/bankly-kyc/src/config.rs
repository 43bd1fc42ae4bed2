//! Environments, credentials and configuration.

use std::ffi::OsString;
use std::path::PathBuf;

use kyc_core::{BaseUrl, ClientCertificate, Error, Secret, ValidationError, VendorEnv, named};
use serde::Deserialize;

use crate::VENDOR;

/// One of Bankly's two environments. (Our page: "Environments", which states how certain each address is.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
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

/// The configuration of a client, from the environment or from `[bankly]` in `kyc.toml`.
///
/// | key | variable | meaning |
/// | --- | --- | --- |
/// | `client_id` | `KYC_BANKLY_CLIENT_ID` | the client id |
/// | `client_secret` | `KYC_BANKLY_CLIENT_SECRET` | the client secret of the older way; without it tokens are requested by certificate |
/// | `certificate`, `key` | `KYC_BANKLY_CERTIFICATE`, `KYC_BANKLY_KEY` | PEM files of the client certificate |
/// | `authority` | `KYC_BANKLY_AUTHORITY` | a PEM file of an additional trusted authority, such as a sandbox's |
/// | `scopes` | `KYC_BANKLY_SCOPES` | the scopes of the token, at most ten (in the variable separated by spaces) |
/// | `environment` | `KYC_BANKLY_ENVIRONMENT` | `sandbox` (default) or `production` |
/// | `base_url` | `KYC_BANKLY_BASE_URL` | another address, such as a sandbox |
/// | `auth_url` | `KYC_BANKLY_AUTH_URL` | another address for tokens |
/// | `webhook_private_key` | `KYC_BANKLY_WEBHOOK_PRIVATE_KEY` | the key that events are signed with |
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The client id.
    pub client_id: Secret<String>,
    /// The client secret of the older way.
    #[serde(default)]
    pub client_secret: Option<Secret<String>>,
    /// The PEM file of the client certificate.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// The PEM file of its key.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// The PEM file of an additional trusted authority.
    #[serde(default)]
    pub authority: Option<PathBuf>,
    /// The scopes of the token.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The environment.
    #[serde(default)]
    pub environment: Environment,
    /// An address other than the environment's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// An address for tokens other than the environment's.
    #[serde(default)]
    pub auth_url: Option<String>,
    /// The key that events are signed with, for [`Webhook`](crate::Webhook).
    #[serde(default)]
    pub webhook_private_key: Option<Secret<String>>,
}

impl Config {
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
            webhook_private_key: None,
        }
    }

    /// Reads the `KYC_BANKLY_*` variables. Returns `None` if the client id is not set.
    ///
    /// # Errors
    /// `Config` if only one of certificate and key is set, or if the environment is neither `sandbox` nor `production`.
    pub fn from_env() -> Result<Option<Self>, Error> {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    fn from_variables(read: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<Self>, Error> {
        let variables = VendorEnv::new(VENDOR, "KYC_BANKLY_", read);
        let Some(client_id) = variables.text("CLIENT_ID")? else { return Ok(None) };
        let mut config = Self::new(client_id);
        config.client_secret = variables.text("CLIENT_SECRET")?.map(Secret::new);
        if let Some((certificate, key)) = variables.pair("CERTIFICATE", "KEY")? {
            config.certificate = Some(certificate.into());
            config.key = Some(key.into());
        }
        config.authority = variables.text("AUTHORITY")?.map(PathBuf::from);
        let scopes = variables.text("SCOPES")?.unwrap_or_default();
        config.scopes = scopes.split_whitespace().map(str::to_owned).collect();
        config.environment = variables.one_of("ENVIRONMENT", &Environment::NAMES)?.unwrap_or_default();
        config.base_url = variables.text("BASE_URL")?;
        config.auth_url = variables.text("AUTH_URL")?;
        config.webhook_private_key = variables.text("WEBHOOK_PRIVATE_KEY")?.map(Secret::new);
        Ok(Some(config))
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials { client_id: self.client_id.clone(), client_secret: self.client_secret.clone() }
    }

    pub(crate) fn address(&self) -> Result<BaseUrl, ValidationError> {
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(self.environment.base_url()))
    }

    /// Returns the address for tokens, which depends on the credentials.
    pub(crate) fn auth_address(&self) -> Result<BaseUrl, ValidationError> {
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

    fn read(variables: &[(&str, &str)]) -> Result<Option<Config>, Error> {
        Config::from_variables(&|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn without_variables_there_is_no_configuration() {
        assert!(read(&[]).expect("not an error").is_none());
        assert!(read(&[("KYC_BANKLY_CLIENT_ID", "")]).expect("empty is unset").is_none());
    }

    #[test]
    fn variables_are_read_and_half_a_pair_is_refused() {
        let id = ("KYC_BANKLY_CLIENT_ID", "me-s3cret");
        let config = read(&[id]).expect("complete").expect("set");
        assert_eq!(config.environment, Environment::Sandbox);
        assert_eq!(config.auth_address().expect("https").as_str(), "https://auth-mtls.sandbox.bankly.com.br");
        assert!(!format!("{config:?}").contains("s3cret"));
        let secret = [id, ("KYC_BANKLY_CLIENT_SECRET", "x"), ("KYC_BANKLY_SCOPES", "kyc.document.read a")];
        let config = read(&secret).expect("complete").expect("set");
        assert_eq!(config.auth_address().expect("https").as_str(), "https://login.sandbox.bankly.com.br");
        assert_eq!(config.scopes, ["kyc.document.read", "a"]);
        assert!(read(&[id, ("KYC_BANKLY_CERTIFICATE", "c.pem")]).is_err());
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
