//! The token that identifies an image.

use std::fmt;

use kyc_core::RedactedText;
use serde::{Deserialize, Serialize};

/// What Bankly knows a picture by. The account is opened with it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageToken(RedactedText);

impl ImageToken {
    /// A token as Bankly made it.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into().into())
    }

    /// The token.
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
