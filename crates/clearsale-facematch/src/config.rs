//! Where ClearSale is reached and with what: environments, credentials, configuration.

use std::ffi::OsString;

use kyc_core::{BaseUrl, Error, Secret, ValidationError, VendorEnv};
use serde::Deserialize;

use crate::VENDOR;

/// Which of ClearSale's two environments. (Vendor page: "Autenticação"; our page: "Environments".)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Environment {
    /// For trials, with credentials of its own. The default: a real call is asked for by name.
    #[default]
    Homologation,
    /// The real one.
    Production,
}

impl Environment {
    const WORDS: [(&str, Self); 2] = [("homologation", Self::Homologation), ("production", Self::Production)];

    /// The address of the environment.
    #[must_use]
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Homologation => "https://webapp-idlab-facematch-api-hml.azurewebsites.net",
            Self::Production => "https://facematch.clearsale.com.br",
        }
    }
}

/// The user and password that ClearSale gives to a customer.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) client_id: Secret<String>,
    pub(crate) client_secret: Secret<String>,
}

impl Credentials {
    /// Credentials as ClearSale gave them.
    #[must_use]
    pub fn new(client_id: impl Into<Secret<String>>, client_secret: impl Into<Secret<String>>) -> Self {
        Self { client_id: client_id.into(), client_secret: client_secret.into() }
    }
}

/// What a client needs, as it stands in the environment or under `[clearsale]` in `kyc.toml`.
///
/// | key | variable | meaning |
/// | --- | --- | --- |
/// | `client_id` | `KYC_CLEARSALE_CLIENT_ID` | the user |
/// | `client_secret` | `KYC_CLEARSALE_CLIENT_SECRET` | the password |
/// | `environment` | `KYC_CLEARSALE_ENVIRONMENT` | `homologation` (default) or `production` |
/// | `base_url` | `KYC_CLEARSALE_BASE_URL` | another address, such as a sandbox's |
/// | `webhook_token` | `KYC_CLEARSALE_WEBHOOK_TOKEN` | the secret that ClearSale sends with its webhooks |
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The user.
    pub client_id: Secret<String>,
    /// The password.
    pub client_secret: Secret<String>,
    /// Which environment.
    #[serde(default)]
    pub environment: Environment,
    /// Another address than the environment's.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The secret that ClearSale sends with its webhooks.
    #[serde(default)]
    pub webhook_token: Option<Secret<String>>,
}

impl Config {
    /// Credentials alone, for the homologation environment.
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

    /// Reads the `KYC_CLEARSALE_*` variables; `None` if neither user nor password is set.
    ///
    /// # Errors
    /// `Config`: one of the two is missing, or the environment is neither of the two.
    pub fn from_env() -> Result<Option<Self>, Error> {
        Self::from_variables(&|name| std::env::var_os(name))
    }

    fn from_variables(read: &dyn Fn(&str) -> Option<OsString>) -> Result<Option<Self>, Error> {
        let variables = VendorEnv::new(VENDOR, "KYC_CLEARSALE_", read);
        let Some((client_id, client_secret)) = variables.pair("CLIENT_ID", "CLIENT_SECRET")? else {
            return Ok(None);
        };
        let mut config = Self::new(client_id, client_secret);
        config.environment = variables.one_of("ENVIRONMENT", &Environment::WORDS)?.unwrap_or_default();
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
    fn nothing_set_is_no_configuration() {
        assert!(read(&[]).expect("not an error").is_none());
        assert!(read(&[("KYC_CLEARSALE_CLIENT_ID", "")]).expect("empty is unset").is_none());
    }

    #[test]
    fn variables_are_read_and_half_of_them_refused() {
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
}
