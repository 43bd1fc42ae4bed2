//! Credentials and configuration.

use kyc_core::{BaseUrl, ConfigTable, Error, HttpConfig, Secret, ValidationError};
use serde::Deserialize;

use crate::VENDOR;

/// The vendor's address. (Our page: "Environments".)
pub(crate) const BASE_URL: &str = "https://api.toy.example";

/// The client id and client secret, issued by the vendor.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub(crate) client_id: Secret<String>,
    pub(crate) client_secret: Secret<String>,
}

impl Credentials {
    /// Creates credentials as the vendor issued them.
    #[must_use]
    pub fn new(client_id: impl Into<Secret<String>>, client_secret: impl Into<Secret<String>>) -> Self {
        Self { client_id: client_id.into(), client_secret: client_secret.into() }
    }
}

/// The vendor's key: its table, its variables, its value of `--vendor`.
pub(crate) const KEY: &str = "toy";

/// The configuration of a client: `[toy]` in `kyc.toml`, or the variables `KYC_TOY_*`, such as `KYC_TOY_WEBHOOK_TOKEN` for the
/// key `token` in `[toy.webhook]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The client id, issued by the vendor.
    pub client_id: Secret<String>,
    /// The client secret, issued by the vendor.
    pub client_secret: Secret<String>,
    /// An address other than the vendor's, such as a sandbox.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The receiver of the vendor's webhooks.
    #[serde(default)]
    pub webhook: WebhookConfig,
    /// Timeouts, attempts and the proxy.
    #[serde(default)]
    pub http: HttpConfig,
}

/// The configuration of a receiver of the vendor's webhooks.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WebhookConfig {
    /// The bearer secret, for [`Webhook`](crate::Webhook).
    pub token: Option<Secret<String>>,
}

impl Config {
    /// Reads the `KYC_TOY_*` variables. Returns `None` if none is set.
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
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(BASE_URL))
    }
}
