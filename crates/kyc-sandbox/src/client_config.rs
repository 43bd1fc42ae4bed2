//! The configuration with which a client reaches the sandbox.

use std::fmt;

use serde::{Serialize, Serializer};

/// A table of `kyc.toml`: a vendor's, which makes a client use the sandbox and whose secrets are public, or the one
/// of a vendor's webhooks, for a receiver.
///
/// It serializes as that table.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = kyc_sandbox::Sandbox::builder().start().await?;
/// for vendor in sandbox.vendors() {
///     let config = vendor.client_config;
///     assert_eq!(config.get("base_url"), Some(vendor.url.as_str()));
///     assert!(config.to_toml().starts_with(&format!("[{}]\nbase_url = \"http://127.0.0.1:", vendor.key)));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientConfig {
    table: &'static str,
    entries: Vec<(&'static str, ConfigValue)>,
}

/// A value of a [`ClientConfig`].
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ConfigValue {
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl fmt::Debug for ConfigValue {
    /// Omits the text, as every configuration does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(..)"),
            Self::List(list) => write!(f, "List({} items)", list.len()),
        }
    }
}

impl From<&str> for ConfigValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for ConfigValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for ConfigValue {
    fn from(list: Vec<String>) -> Self {
        Self::List(list)
    }
}

impl ClientConfig {
    pub(crate) fn new(table: &'static str) -> Self {
        Self { table, entries: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<ConfigValue>) -> Self {
        self.entries.push((name, value.into()));
        self
    }

    /// Returns the name of the table: the vendor's key, or `{key}.webhook`.
    #[must_use]
    pub fn table(&self) -> &'static str {
        self.table
    }

    /// Returns the names and values, in the order in which they are printed.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &ConfigValue)> {
        self.entries.iter().map(|(name, value)| (*name, value))
    }

    /// Returns the text under a name; `None` if there is none, or if the value is a list.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).and_then(|(_, value)| match value {
            ConfigValue::Text(text) => Some(text.as_str()),
            ConfigValue::List(_) => None,
        })
    }

    /// Returns the table as TOML, its header included.
    #[must_use]
    pub fn to_toml(&self) -> String {
        // Text and lists of text are written the same way in JSON.
        let value = |value| serde_json::to_string(value).unwrap_or_default();
        let lines = self.iter().map(|(name, of)| format!("{name} = {}\n", value(of)));
        std::iter::once(format!("[{}]\n", self.table)).chain(lines).collect()
    }

    /// Returns the same as environment variables, `KYC_{KEY}_{NAME}`. The items of a list are separated by commas.
    #[must_use]
    pub fn env_vars(&self) -> Vec<(String, String)> {
        let value = |value: &ConfigValue| match value {
            ConfigValue::Text(text) => text.clone(),
            ConfigValue::List(list) => list.join(","),
        };
        let name = |name: &str| format!("KYC_{}_{name}", self.table.replace('.', "_")).to_uppercase();
        self.iter().map(|(key, of)| (name(key), value(of))).collect()
    }
}

impl Serialize for ClientConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_every_value() {
        let list = vec!["a".to_owned(), "b".to_owned()];
        let config = ClientConfig::new("example").with("login", "a \"quoted\" \\ text").with("peers", list);
        assert_eq!(
            config.to_toml(),
            "[example]\nlogin = \"a \\\"quoted\\\" \\\\ text\"\npeers = [\"a\",\"b\"]\n"
        );
        let variables = [("KYC_EXAMPLE_LOGIN", "a \"quoted\" \\ text"), ("KYC_EXAMPLE_PEERS", "a,b")];
        assert_eq!(config.env_vars(), variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let json = serde_json::json!({ "login": "a \"quoted\" \\ text", "peers": ["a", "b"] });
        assert_eq!(serde_json::to_value(&config).expect("JSON"), json);
        assert_eq!((config.get("peers"), config.get("nothing")), (None, None));
    }
}
