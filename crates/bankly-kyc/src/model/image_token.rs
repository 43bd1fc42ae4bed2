//! The token that identifies an image.

use std::fmt;

use kyc_core::RedactedText;
use serde::{Deserialize, Serialize};

/// Bankly's token of an uploaded image. The account is opened with the tokens of the three images.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageToken(RedactedText);

impl ImageToken {
    /// Creates a token from its text, as Bankly issued it.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into().into())
    }

    /// Returns the text of the token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for ImageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImageToken([redacted])")
    }
}
