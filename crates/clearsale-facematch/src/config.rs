//! Environments, credentials and configuration.

use std::ffi::OsString;

use kyc_core::{BaseUrl, Error, Secret, ValidationError, VendorEnv, named};
use serde::Deserialize;

use crate::VENDOR;

/// One of ClearSale's two environments. (Vendor page: "Autenticação"; our page: "Environments".)
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
    /// Returns the address of the environment.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Homologation => "https://webapp-idlab-facematch-api-hml.azurewebsites.net",
            Self::Production => "https://facematch.clearsale.com.br",
        }
    }
}

/// The client id and client secret, issued by ClearSale.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) client_id: Secret<String>,
    pub(crate) client_secret: Secret<String>,
}

impl Credentials {
    /// Creates credentials as ClearSale issued them.
    #[must_use]
    pub fn new(client_id: impl Into<Secret<String>>, client_secret: impl Into<Secret<String>>) -> Self {
        Self { client_id: client_id.into(), client_secret: client_secret.into() }
    }
}

/// The configuration of a client, from the environment or from `[clearsale]` in `kyc.toml`.
///
/// | key | variable | meaning |
/// | --- | --- | --- |
/// | `client_id` | `KYC_CLEARSALE_CLIENT_ID` | the client id |
/// | `client_secret` | `KYC_CLEARSALE_CLIENT_SECRET` | the client secret |
/// | `environment` | `KYC_CLEARSALE_ENVIRONMENT` | `homologation` (default) or `production` |
/// | `base_url` | `KYC_CLEARSALE_BASE_URL` | another address, such as a sandbox |
/// | `webhook_token` | `KYC_CLEARSALE_WEBHOOK_TOKEN` | the bearer secret of ClearSale's webhooks |
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The client id.
    pub client_id: Secret<String>,
    /// The client secret.
    pub client_secret: Secret<String>,
    /// The environment.
    #[serde(default)]
    pub environment: Environment,
    /// An address other than the environment's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The bearer secret of ClearSale's webhooks, for [`Webhook`](crate::Webhook).
    #[serde(default)]
    pub webhook_token: Option<Secret<String>>,
}

impl Config {
    /// Creates a configuration with these credentials for the homologation environment.
    #[must_use]
    pub fn new(client_id: impl Into<Secret<String>>, client_secret: impl Into<Secret<String>>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            environment: Environment::default(),
            base_url: None,
            webhook_token: None,
        }
    }

    /// Reads the `KYC_CLEARSALE_*` variables. Returns `None` if neither client id nor client secret is set.
    ///
    /// # Errors
    /// `Config` if only one of them is set, or if the environment is neither `homologation` nor `production`.
    pub fn from_env() -> Result<Option<Self>, Error> {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    fn from_variables(read: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<Self>, Error> {
        let variables = VendorEnv::new(VENDOR, "KYC_CLEARSALE_", read);
        let Some((client_id, client_secret)) = variables.pair("CLIENT_ID", "CLIENT_SECRET")? else {
            return Ok(None);
        };
        let mut config = Self::new(client_id, client_secret);
        config.environment = variables.one_of("ENVIRONMENT", &Environment::NAMES)?.unwrap_or_default();
        config.base_url = variables.text("BASE_URL")?;
        config.webhook_token = variables.text("WEBHOOK_TOKEN")?.map(Secret::new);
        Ok(Some(config))
    }

    pub(crate) fn credentials(&self) -> Credentials {
        Credentials { client_id: self.client_id.clone(), client_secret: self.client_secret.clone() }
    }

    pub(crate) fn address(&self) -> Result<BaseUrl, ValidationError> {
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(self.environment.base_url()))
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
        assert!(read(&[("KYC_CLEARSALE_CLIENT_ID", "")]).expect("empty is unset").is_none());
    }

    #[test]
    fn variables_are_read_and_half_a_pair_is_refused() {
        let pair = [("KYC_CLEARSALE_CLIENT_ID", "me"), ("KYC_CLEARSALE_CLIENT_SECRET", "s3cret")];
        let config = read(&pair).expect("complete").expect("set");
        assert_eq!(config.environment, Environment::Homologation);
        assert!(!format!("{config:?}").contains("s3cret"));
        let production = [pair[0], pair[1], ("KYC_CLEARSALE_ENVIRONMENT", "production")];
        let config = read(&production).expect("complete").expect("set");
        assert_eq!(config.address().expect("https").as_str(), "https://facematch.clearsale.com.br");
        assert!(read(&pair[..1]).is_err());
        assert!(read(&pair[1..]).is_err());
        assert!(read(&[pair[0], pair[1], ("KYC_CLEARSALE_ENVIRONMENT", "prod")]).is_err());
    }

    #[test]
    fn environments_are_printed_and_parsed_by_name() {
        for (name, environment) in Environment::NAMES {
            assert_eq!(name.parse(), Ok(environment));
            assert_eq!(environment.to_string(), name);
        }
        let error = "prod".parse::<Environment>().expect_err("not a name");
        assert_eq!(error.to_string(), "environment: must be homologation or production");
    }
}
