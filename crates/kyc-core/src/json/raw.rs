//! JSON of undocumented shape.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// JSON of unknown shape, kept as text, which takes far less memory than a tree of values. Redacted in `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Returns the text. It may hold personal data: keep it out of logs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Returns the text. It may hold personal data: keep it out of logs.
    #[must_use]
    pub fn into_string(self) -> String {
        let text: Box<str> = self.0.into();
        text.into_string()
    }

    /// Returns a string unchanged, and anything else as its JSON.
    #[must_use]
    pub fn to_text(&self) -> String {
        let text = self.0.get();
        serde_json::from_str(text).unwrap_or_else(|_| text.to_owned())
    }

    /// Parses the text into a tree, which takes many times its memory.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        // The text was validated when it was deserialized.
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for RawJson {}

impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for RawJson {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RawJson".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!(true)
    }
}
