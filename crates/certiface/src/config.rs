//! Environments, credentials and configuration.

use std::ffi::OsString;

use kyc_core::{BaseUrl, Error, Secret, ValidationError, VendorEnv, named};
use serde::Deserialize;

use crate::VENDOR;

/// One of Certiface's two environments. (Vendor page: "1. Credencial"; our page: "Environments".)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Environment {
    /// For tests, with credentials of its own. The default: production must be chosen explicitly.
    #[default]
    Homologation,
    /// For real persons.
    Production,
}

named!(Environment, "environment", Homologation = "homologation", Production = "production");

impl Environment {
    /// Returns the address of everything but the result.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Homologation => "https://hml.certiface.com.br",
            Self::Production => "https://www.certiface.com.br",
        }
    }

    /// Returns the address of the result. The vendor publishes that of homologation only; for production the same port is
    /// assumed. (Our page: "Environments".)
    #[must_use]
    pub fn result_base_url(self) -> &'static str {
        match self {
            Self::Homologation => "https://hml.certiface.com.br:8443",
            Self::Production => "https://www.certiface.com.br:8443",
        }
    }
}

/// The operator's login and password, issued by Certiface.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) login: Secret<String>,
    pub(crate) password: Secret<String>,
}

impl Credentials {
    /// Creates credentials as Certiface issued them: the password itself, not its MD5.
    #[must_use]
    pub fn new(login: impl Into<Secret<String>>, password: impl Into<Secret<String>>) -> Self {
        Self { login: login.into(), password: password.into() }
    }
}

/// The configuration of a client, from the environment or from `[certiface]` in `kyc.toml`.
///
/// | key | variable | meaning |
/// | --- | --- | --- |
/// | `login` | `KYC_CERTIFACE_LOGIN` | the operator's login |
/// | `password` | `KYC_CERTIFACE_PASSWORD` | the operator's password, not its MD5 |
/// | `environment` | `KYC_CERTIFACE_ENVIRONMENT` | `homologation` (default) or `production` |
/// | `base_url` | `KYC_CERTIFACE_BASE_URL` | another address, such as a sandbox; `result_base_url` is then required |
/// | `result_base_url` | `KYC_CERTIFACE_RESULT_BASE_URL` | another address for the result |
/// | `status_peers` | `KYC_CERTIFACE_STATUS_PEERS` | allowed senders of status updates: IP addresses or networks (comma-separated in the variable) |
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The operator's login.
    pub login: Secret<String>,
    /// The operator's password.
    pub password: Secret<String>,
    /// The environment.
    #[serde(default)]
    pub environment: Environment,
    /// An address other than the environment's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// An address for the result other than the environment's.
    #[serde(default)]
    pub result_base_url: Option<String>,
    /// The allowed senders of status updates, for [`StatusWebhook`](crate::StatusWebhook).
    #[serde(default)]
    pub status_peers: Vec<String>,
}

impl Config {
    /// A key of one address must not be sent to another.
    pub(crate) const RESULT_URL_MISSING: &str =
        "must be set together with base_url: the result has an address of its own";

    /// Creates a configuration with these credentials for the homologation environment.
    #[must_use]
    pub fn new(login: impl Into<Secret<String>>, password: impl Into<Secret<String>>) -> Self {
        Self {
            login: login.into(),
            password: password.into(),
            environment: Environment::default(),
            base_url: None,
            result_base_url: None,
            status_peers: Vec::new(),
        }
    }

    /// Reads the `KYC_CERTIFACE_*` variables; `None` if neither login nor password is set.
    ///
    /// # Errors
    /// `Config`: only one of the two is set, or the environment is unknown.
    pub fn from_env() -> Result<Option<Self>, Error> {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    fn from_variables(read: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<Self>, Error> {
        let variables = VendorEnv::new(VENDOR, "KYC_CERTIFACE_", read);
        let Some((login, password)) = variables.pair("LOGIN", "PASSWORD")? else { return Ok(None) };
        let mut config = Self::new(login, password);
        config.environment = variables.one_of("ENVIRONMENT", &Environment::NAMES)?.unwrap_or_default();
        config.base_url = variables.text("BASE_URL")?;
        config.result_base_url = variables.text("RESULT_BASE_URL")?;
        let peers = variables.text("STATUS_PEERS")?.unwrap_or_default();
        let peers = peers.split(',').map(str::trim).filter(|peer| !peer.is_empty());
        config.status_peers = peers.map(str::to_owned).collect();
        Ok(Some(config))
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials { login: self.login.clone(), password: self.password.clone() }
    }

    pub(crate) fn address(&self) -> Result<BaseUrl, ValidationError> {
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(self.environment.base_url()))
    }

    pub(crate) fn result_address(&self) -> Result<BaseUrl, ValidationError> {
        if self.base_url.is_some() && self.result_base_url.is_none() {
            return Err(ValidationError::new(Self::RESULT_URL_MISSING));
        }
        BaseUrl::parse(self.result_base_url.as_deref().unwrap_or(self.environment.result_base_url()))
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
    fn no_variables_are_no_configuration() {
        assert!(read(&[]).expect("not an error").is_none());
        assert!(read(&[("KYC_CERTIFACE_LOGIN", "")]).expect("empty is unset").is_none());
    }

    #[test]
    fn login_and_password_belong_together() {
        let pair = [("KYC_CERTIFACE_LOGIN", "me"), ("KYC_CERTIFACE_PASSWORD", "s3cret")];
        let config = read(&pair).expect("complete").expect("set");
        assert_eq!(config.environment, Environment::Homologation);
        for (name, environment) in Environment::NAMES {
            assert_eq!((name.parse(), environment.to_string().as_str()), (Ok(environment), name));
        }
        assert!("Production".parse::<Environment>().is_err());
        assert!(!format!("{config:?}").contains("s3cret"));
        let more = [
            pair[0],
            pair[1],
            ("KYC_CERTIFACE_ENVIRONMENT", "production"),
            ("KYC_CERTIFACE_STATUS_PEERS", "192.0.2.1, 198.51.100.0/24"),
        ];
        let config = read(&more).expect("complete").expect("set");
        assert_eq!(config.address().expect("https").as_str(), "https://www.certiface.com.br");
        assert_eq!(config.result_address().expect("https").as_str(), "https://www.certiface.com.br:8443");
        assert_eq!(config.status_peers, ["192.0.2.1", "198.51.100.0/24"]);
        assert!(read(&pair[..1]).is_err());
        assert!(read(&pair[1..]).is_err());
        assert!(read(&[pair[0], pair[1], ("KYC_CERTIFACE_ENVIRONMENT", "prod")]).is_err());
    }
}
