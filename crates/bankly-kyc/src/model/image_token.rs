//! The token that identifies an image.

use std::fmt;

use kyc_core::RedactedText;
use serde::{Deserialize, Deserializer, Serialize};

/// Far above the length of any documented token.
const MAX_BYTES: usize = 200;

/// Bankly's token of an uploaded image. The account is opened with the tokens of the three images.
///
/// Blanks around the text are not part of it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImageToken(RedactedText);

impl ImageToken {
    /// Creates a token from its text, as Bankly issued it. Blanks around it are removed.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into().trim().into())
    }

    /// Returns the text of the token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Returns whether the token can be sent in a query: an empty one would query all images of the person, and a dot segment is
    /// part of an address, not an id.
    pub(crate) fn is_usable(&self) -> bool {
        let text = self.as_str();
        !matches!(text, "" | "." | "..") && text.len() <= MAX_BYTES && !text.contains(char::is_control)
    }
}

impl<'de> Deserialize<'de> for ImageToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RedactedText::deserialize(deserializer).map(|text| Self::new(text.as_str()))
    }
}

/// Deserializes a token. A blank text, an object or a list counts as absent.
pub(super) fn not_blank<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ImageToken>, D::Error> {
    let token = Option::<ImageToken>::deserialize(deserializer)?;
    Ok(token.filter(|token| !token.as_str().is_empty()))
}

impl fmt::Debug for ImageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ImageToken([redacted])")
    }
}
