//! Environments, credentials and configuration.

use kyc_core::{BaseUrl, ConfigTable, Error, HttpConfig, Seconds, Secret, ValidationError, named};
use serde::Deserialize;

use crate::VENDOR;

/// One of ClearSale's two environments. (Vendor page: "Autenticação"; our page: "Environments".)
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

/// The vendor's key: its table, its variables, its value of `--vendor`.
pub(crate) const KEY: &str = "clearsale";

/// The configuration of a client: `[clearsale]` in `kyc.toml`, or the variables `KYC_CLEARSALE_*`, such as
/// `KYC_CLEARSALE_WEBHOOK_TOKEN` for the key `token` in `[clearsale.webhook]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The client id, issued by ClearSale.
    pub client_id: Secret<String>,
    /// The client secret, issued by ClearSale.
    pub client_secret: Secret<String>,
    /// The environment: `homologation` by default.
    #[serde(default)]
    pub environment: Environment,
    /// An address other than the environment's, such as a sandbox.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The interval at which a result is queried: 2 s by default.
    #[serde(default)]
    pub poll_interval_seconds: Option<Seconds>,
    /// Whether images that the vendor advises against are sent, too: formats other than JPEG and PNG, and widths below 150 pixels.
    #[serde(default)]
    pub accept_any_image: bool,
    /// Whether `minMatchLevel` is sent as a number instead of text.
    #[serde(default)]
    pub min_match_level_as_number: bool,
    /// The receiver of ClearSale's webhooks.
    #[serde(default)]
    pub webhook: WebhookConfig,
    /// Timeouts, attempts and the proxy.
    #[serde(default)]
    pub http: HttpConfig,
}

/// The configuration of a receiver of ClearSale's webhooks.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// The bearer secret, for [`Webhook`](crate::Webhook).
    pub token: Option<Secret<String>>,
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
            poll_interval_seconds: None,
            accept_any_image: false,
            min_match_level_as_number: false,
            webhook: WebhookConfig::default(),
            http: HttpConfig::default(),
        }
    }

    /// Reads the `KYC_CLEARSALE_*` variables. Returns `None` if none is set.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_and_half_a_pair_is_refused() {
        let read = |set: &[(&'static str, &'static str)]| {
            let table = ConfigTable::from_variables(VENDOR, KEY, set.to_vec());
            table.expect("UTF-8").expect("set").read::<Config>()
        };
        let pair = [("KYC_CLEARSALE_CLIENT_ID", "me"), ("KYC_CLEARSALE_CLIENT_SECRET", "s3cret")];
        let config = read(&pair).expect("complete");
        assert_eq!(config.environment, Environment::Homologation);
        assert!(!format!("{config:?}").contains("s3cret"));
        let more = [
            pair[0],
            pair[1],
            ("KYC_CLEARSALE_ENVIRONMENT", "production"),
            ("KYC_CLEARSALE_WEBHOOK_TOKEN", "bearer"),
            ("KYC_CLEARSALE_ACCEPT_ANY_IMAGE", "true"),
            ("KYC_CLEARSALE_POLL_INTERVAL_SECONDS", "0.5"),
        ];
        let config = read(&more).expect("complete");
        assert_eq!(config.address().expect("https").as_str(), "https://facematch.clearsale.com.br");
        assert!(config.webhook.token.is_some() && config.accept_any_image);
        assert!(config.poll_interval_seconds.is_some());
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
