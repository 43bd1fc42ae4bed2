//! Where Bankly is reached and with what: environments, credentials, certificate, configuration.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use kyc_core::{BaseUrl, ClientCertificate, Error, Secret, ValidationError, VendorEnv};
use serde::Deserialize;

use crate::VENDOR;

/// Which of Bankly's two environments. (Our page: "Environments", which says how sure each address is.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Environment {
    /// For trials, with credentials of its own. The default: a real call is asked for by name.
    #[default]
    Sandbox,
    /// The real one. Its addresses are printed on no page: they follow the pattern of the sandbox's.
    Production,
}

impl Environment {
    const NAMES: [(&str, Self); 2] = [("sandbox", Self::Sandbox), ("production", Self::Production)];

    /// Returns the name that the configuration uses: `sandbox` or `production`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Production => "production",
        }
    }

    /// The address of everything but tokens.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://api-mtls.sandbox.bankly.com.br",
            Self::Production => "https://api-mtls.bankly.com.br",
        }
    }

    /// The address of tokens by certificate.
    #[must_use]
    pub fn auth_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://auth-mtls.sandbox.bankly.com.br",
            Self::Production => "https://auth-mtls.bankly.com.br",
        }
    }

    /// The address of tokens by secret, the older way.
    #[must_use]
    pub fn login_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://login.sandbox.bankly.com.br",
            Self::Production => "https://login.bankly.com.br",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = ValidationError;

    fn from_str(name: &str) -> Result<Self, ValidationError> {
        ValidationError::find_name(&Self::NAMES, name).map_err(|error| error.about("environment"))
    }
}

/// Who calls. (Our page: "Authentication".)
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) client_id: Secret<String>,
    pub(crate) client_secret: Option<Secret<String>>,
}

impl Credentials {
    /// The id that client registration gave, for tokens by certificate.
    #[must_use]
    pub fn by_certificate(client_id: impl Into<Secret<String>>) -> Self {
        Self { client_id: client_id.into(), client_secret: None }
    }

    /// Id and secret, for tokens in the older way: enough to ask for a certificate.
    #[must_use]
    pub fn by_secret(client_id: impl Into<Secret<String>>, client_secret: impl Into<Secret<String>>) -> Self {
        Self { client_id: client_id.into(), client_secret: Some(client_secret.into()) }
    }
}

/// What a client needs, as it stands in the environment or under `[bankly]` in `kyc.toml`.
///
/// | key | variable | meaning |
/// | --- | --- | --- |
/// | `client_id` | `KYC_BANKLY_CLIENT_ID` | who calls |
/// | `client_secret` | `KYC_BANKLY_CLIENT_SECRET` | the older way; without it the token comes by certificate |
/// | `certificate`, `key` | `KYC_BANKLY_CERTIFICATE`, `KYC_BANKLY_KEY` | PEM files of the client certificate |
/// | `authority` | `KYC_BANKLY_AUTHORITY` | a PEM file of one more authority to trust, such as a sandbox's |
/// | `scopes` | `KYC_BANKLY_SCOPES` | scopes of the token, at most ten (the variable: separated by blanks) |
/// | `environment` | `KYC_BANKLY_ENVIRONMENT` | `sandbox` (default) or `production` |
/// | `base_url` | `KYC_BANKLY_BASE_URL` | another address |
/// | `auth_url` | `KYC_BANKLY_AUTH_URL` | another address of tokens |
/// | `webhook_private_key` | `KYC_BANKLY_WEBHOOK_PRIVATE_KEY` | the key that events are signed with |
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Who calls.
    pub client_id: Secret<String>,
    /// The secret of the older way.
    #[serde(default)]
    pub client_secret: Option<Secret<String>>,
    /// The certificate's file.
    #[serde(default)]
    pub certificate: Option<PathBuf>,
    /// The key's file.
    #[serde(default)]
    pub key: Option<PathBuf>,
    /// The file of one more authority.
    #[serde(default)]
    pub authority: Option<PathBuf>,
    /// The token's scopes.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Which environment.
    #[serde(default)]
    pub environment: Environment,
    /// Another address than the environment's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Another address of tokens than the environment's.
    #[serde(default)]
    pub auth_url: Option<String>,
    /// The key that events are signed with, for [`Webhook`](crate::Webhook).
    #[serde(default)]
    pub webhook_private_key: Option<Secret<String>>,
}

impl Config {
    /// An id alone, for the sandbox environment.
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

    /// Reads the `KYC_BANKLY_*` variables; `None` if the client id is not set.
    ///
    /// # Errors
    /// `Config`: a certificate without a key, or an environment that is neither of the two.
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

    /// Where tokens come from: that depends on how.
    pub(crate) fn auth_address(&self) -> Result<BaseUrl, ValidationError> {
        let usual = match self.client_secret {
            Some(_) => self.environment.login_url(),
            None => self.environment.auth_url(),
        };
        BaseUrl::parse(self.auth_url.as_deref().unwrap_or(usual))
    }

    /// The certificate out of its files, if there is one.
    pub(crate) fn read_certificate(&self) -> Result<Option<ClientCertificate>, ValidationError> {
        let (Some(chain), Some(key)) = (&self.certificate, &self.key) else {
            return match (&self.certificate, &self.key) {
                (None, None) if self.authority.is_none() => Ok(None),
                (None, None) => Err(ValidationError::new("must be given where an authority is")),
                _ => Err(ValidationError::new("needs both, certificate and key")),
            };
        };
        let certificate = ClientCertificate::read(chain, key)?;
        let Some(authority) = &self.authority else { return Ok(Some(certificate)) };
        let pem = std::fs::read_to_string(authority).map_err(|error| {
            ValidationError::new(format!("has an authority that cannot be read ({})", error.kind()))
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
    fn nothing_set_is_no_configuration() {
        assert!(read(&[]).expect("not an error").is_none());
        assert!(read(&[("KYC_BANKLY_CLIENT_ID", "")]).expect("empty is unset").is_none());
    }

    #[test]
    fn variables_are_read_and_half_a_pair_refused() {
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
}
