//! The appkey: it authorises every operation of one person's journey, and names the journey afterwards.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kyc_core::{OperationId, Timestamp, decode, required_text};
use serde::{Deserialize, Deserializer, Serialize};

use crate::VENDOR;

/// The operation that a journey is polled by.
pub(crate) const RESULT: &str = "result";

/// The key of one person's journey. It authorises every operation of the journey and holds the CPF in clear: treat it as
/// a secret. (Our page: "Authentication".)
///
/// `Debug` hides it. Serializing it exposes it, which storing it requires.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Appkey(String);

impl<'de> Deserialize<'de> for Appkey {
    /// Accepts any scalar that is not blank. A key that cannot be read must not pass for an empty one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        required_text(deserializer).map(Self::new)
    }
}

impl Appkey {
    /// Creates an appkey from the text that the vendor issued.
    #[must_use]
    pub fn new(appkey: impl Into<String>) -> Self {
        Self(appkey.into())
    }

    /// Returns the text of the key. It holds the CPF: keep it out of logs and URLs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns when the key expires, if it has a readable `exp` claim. A hint for messages only: the life of a key is
    /// configured at the vendor, and only the vendor's 401 is a verdict. (Our page: "Lifetimes".)
    #[must_use]
    pub fn expires_hint(&self) -> Option<Timestamp> {
        #[derive(Deserialize)]
        struct Claims {
            exp: Option<i64>,
        }
        let claims = self.0.split('.').nth(1)?;
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        decode::<Claims>(&claims).ok()?.value.exp.and_then(Timestamp::from_unix_seconds)
    }

    /// Returns the operation id that [`Client::wait`](crate::Client::wait) takes. Its token holds the key: store it like
    /// the key.
    #[must_use]
    pub fn operation_id(&self) -> OperationId {
        OperationId::by_id(VENDOR, RESULT, self.0.as_str())
    }
}

impl From<String> for Appkey {
    fn from(appkey: String) -> Self {
        Self(appkey)
    }
}

impl From<&str> for Appkey {
    fn from(appkey: &str) -> Self {
        Self(appkey.to_owned())
    }
}

impl FromStr for Appkey {
    type Err = Infallible;

    /// Accepts any text: the vendor documents no form of the key.
    fn from_str(appkey: &str) -> Result<Self, Infallible> {
        Ok(Self::from(appkey))
    }
}

impl fmt::Debug for Appkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Appkey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_read_from_the_claims_if_possible() {
        let claims = URL_SAFE_NO_PAD.encode(br#"{"sub":"certiface","cpf":"00000014141","exp":1790000000}"#);
        let appkey = Appkey::new(format!("eyJhbGciOiJIUzI1NiJ9.{claims}.sig"));
        assert_eq!(appkey.expires_hint().map(Timestamp::unix_seconds), Some(1_790_000_000));
        for text in ["", "opaque", "a.b.c", "a.eyJzdWIiOiJjZXJ0aWZhY2UiLC.c", "a.bnVsbA.c"] {
            assert_eq!(Appkey::new(text).expires_hint(), None, "{text}");
        }
        assert_eq!(format!("{appkey:?}"), "Appkey([redacted])");
        assert_eq!(appkey.expose().parse(), Ok(appkey.clone()));
    }
}
