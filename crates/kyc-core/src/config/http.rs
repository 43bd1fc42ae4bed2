//! The settings of HTTP that every vendor's configuration has.

use serde::Deserialize;

use super::Seconds;
use crate::client_options::ClientOptions;
use crate::secret::Secret;

/// The nested table `http` of every vendor's configuration: what an operator may have to change. What is not set keeps the
/// value of the program's [`ClientOptions`].
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
#[non_exhaustive]
pub struct HttpConfig {
    /// The timeout of an attempt, in seconds: 30 by default.
    pub attempt_timeout_seconds: Option<Seconds>,
    /// The timeout of a call with all its attempts, in seconds: 90 by default.
    pub overall_timeout_seconds: Option<Seconds>,
    /// The maximum number of attempts: 3 by default.
    pub max_attempts: Option<u32>,
    /// The maximum size of a response, in bytes: 32 MiB by default.
    pub max_response_bytes: Option<u64>,
    /// The address of a proxy, in place of those that the environment names. Loopback addresses are called without one.
    pub proxy: Option<Secret<String>>,
}

impl ClientOptions {
    /// Applies the settings of a configuration.
    pub fn configure(mut self, config: &HttpConfig) -> Self {
        if let Some(timeout) = config.attempt_timeout_seconds {
            self = self.attempt_timeout(timeout.duration());
        }
        if let Some(timeout) = config.overall_timeout_seconds {
            self = self.overall_timeout(timeout.duration());
        }
        if let Some(attempts) = config.max_attempts {
            self = self.max_attempts(attempts);
        }
        if let Some(bytes) = config.max_response_bytes {
            self = self.max_response_bytes(usize::try_from(bytes).unwrap_or(usize::MAX));
        }
        match &config.proxy {
            Some(proxy) => self.proxy(proxy.clone()),
            None => self,
        }
    }
}
