//! Environments, credentials and configuration.

use std::collections::BTreeMap;

use kyc_core::{BaseUrl, ConfigTable, Error, HttpConfig, Seconds, Secret, ValidationError, named};
use serde::Deserialize;

use crate::VENDOR;

/// One of Certiface's two environments. (Vendor page: "1. Credencial"; our page: "Environments".)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// The vendor's key: its table, its variables, its value of `--vendor`.
pub(crate) const KEY: &str = "certiface";

/// The configuration of a client: `[certiface]` in `kyc.toml`, or the variables `KYC_CERTIFACE_*`, such as
/// `KYC_CERTIFACE_WEBHOOK_STATUS_PEERS` for the key `status_peers` in `[certiface.webhook]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The operator's login, issued by Certiface.
    pub login: Secret<String>,
    /// The operator's password, not its MD5.
    pub password: Secret<String>,
    /// The environment: `homologation` by default.
    #[serde(default)]
    pub environment: Environment,
    /// An address other than the environment's, such as a sandbox; `result_base_url` is then required.
    #[serde(default)]
    pub base_url: Option<String>,
    /// An address for the result other than the environment's.
    #[serde(default)]
    pub result_base_url: Option<String>,
    /// The interval at which a result is queried: 30 s by default.
    #[serde(default)]
    pub poll_interval_seconds: Option<Seconds>,
    /// Other paths, by the names of the operations: `session-token = "/…"`. The vendor's guide says that paths may change.
    #[serde(default)]
    pub paths: BTreeMap<String, String>,
    /// The receivers of Certiface's webhooks.
    #[serde(default)]
    pub webhook: WebhookConfig,
    /// Timeouts, attempts and the proxy.
    #[serde(default)]
    pub http: HttpConfig,
}

/// The configuration of the receivers of Certiface's webhooks.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// Whether the end of journeys is received, for [`CompletionWebhook`](crate::CompletionWebhook). Nothing authenticates its
    /// sender.
    pub completion: bool,
    /// The secret last part of the path that is registered for the end of journeys. If it is set, the end of journeys is
    /// received.
    pub completion_secret_path: Option<Secret<String>>,
    /// The allowed senders of status updates, for [`StatusWebhook`](crate::StatusWebhook): IP addresses or networks.
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
            poll_interval_seconds: None,
            paths: BTreeMap::new(),
            webhook: WebhookConfig::default(),
            http: HttpConfig::default(),
        }
    }

    /// Reads the `KYC_CERTIFACE_*` variables. Returns `None` if none is set.
    ///
    /// # Errors
    /// `Config` if a variable is missing, unknown or has an invalid value.
    pub fn from_env() -> Result<Option<Self>, Error> {
        ConfigTable::load(VENDOR, KEY)
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

    fn read(set: &[(&'static str, &'static str)]) -> Result<Config, Error> {
        let table = ConfigTable::from_variables(VENDOR, KEY, set.to_vec());
        table.expect("UTF-8").expect("set").read()
    }

    #[test]
    fn login_and_password_belong_together() {
        let pair = [("KYC_CERTIFACE_LOGIN", "me"), ("KYC_CERTIFACE_PASSWORD", "s3cret")];
        let config = read(&pair).expect("complete");
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
            ("KYC_CERTIFACE_WEBHOOK_STATUS_PEERS", "192.0.2.1, 198.51.100.0/24"),
            ("KYC_CERTIFACE_PATHS_APPKEY", "/other"),
        ];
        let config = read(&more).expect("complete");
        assert_eq!(config.address().expect("https").as_str(), "https://www.certiface.com.br");
        assert_eq!(config.result_address().expect("https").as_str(), "https://www.certiface.com.br:8443");
        assert_eq!(config.webhook.status_peers, ["192.0.2.1", "198.51.100.0/24"]);
        assert_eq!(config.paths["appkey"], "/other");
        assert!(read(&pair[..1]).is_err());
        assert!(read(&pair[1..]).is_err());
        assert!(read(&[pair[0], pair[1], ("KYC_CERTIFACE_ENVIRONMENT", "prod")]).is_err());
    }
}
