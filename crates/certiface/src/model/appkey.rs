//! The appkey: it authorises every operation of one person's journey, and names the journey afterwards.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kyc_core::{Cpf, Lenient, OperationId, RedactedText, Timestamp, decode, required_text};
use serde::{Deserialize, Deserializer, Serialize};

use crate::VENDOR;

/// The operation that a journey is polled by.
pub(crate) const RESULT: &str = "result";

/// The longest life that a key without a readable `exp` claim is thought to have. The documented default is 5 minutes and the
/// longest that was seen is 30.
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

/// The local clock may be ahead of the vendor's.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

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

/// Reads an appkey that the response does not depend on: what is no key, such as an object, counts as absent.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Appkey>, D::Error> {
    let text = Option::<RedactedText>::deserialize(deserializer)?;
    Ok(text.map(String::from).map(Appkey::new).filter(|appkey| !appkey.0.is_empty()))
}

/// The claims of a key that tell its life and its person.
#[derive(Deserialize)]
struct Claims {
    cpf: Option<Lenient<Cpf>>,
    exp: Option<Lenient<i64>>,
    iat: Option<Lenient<i64>>,
}

impl Appkey {
    /// Creates an appkey from the text that the vendor issued, without the blanks around it.
    #[must_use]
    pub fn new(appkey: impl Into<String>) -> Self {
        let appkey = appkey.into();
        Self(if appkey.trim().len() == appkey.len() { appkey } else { appkey.trim().to_owned() })
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
        instant(self.claims()?.exp.as_ref())
    }

    /// Returns the person whose key it is, if it has a readable `cpf` claim. The claims are not verified: whoever sends a key may
    /// have written them.
    pub(crate) fn person(&self) -> Option<Cpf> {
        self.claims()?.cpf?.get().cloned()
    }

    /// Returns whether the key has certainly expired: by its `exp` claim, or else because it was issued more than an hour ago.
    /// `issued`: when, if the `iat` claim does not tell.
    pub(crate) fn is_over(&self, issued: Option<Timestamp>, now: Timestamp) -> bool {
        let claims = self.claims();
        let of = |claim: fn(&Claims) -> Option<&Lenient<i64>>| instant(claims.as_ref().and_then(claim));
        let end = of(|claims| claims.exp.as_ref()).or_else(|| {
            let issued = of(|claims| claims.iat.as_ref()).or(issued);
            issued.map(|issued| issued.saturating_add(LONGEST_LIFE))
        });
        end.is_some_and(|end| now.since(end) > CLOCK_TOLERANCE)
    }

    fn claims(&self) -> Option<Claims> {
        let claims = self.0.split('.').nth(1)?;
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        decode::<Claims>(&claims).ok().map(|decoded| decoded.value)
    }

    /// Returns the operation id that [`Client::wait`](crate::Client::wait) takes. Its token holds the key: store it like
    /// the key.
    #[must_use]
    pub fn operation_id(&self) -> OperationId {
        OperationId::by_id(VENDOR, RESULT, self.0.as_str())
    }
}

fn instant(claim: Option<&Lenient<i64>>) -> Option<Timestamp> {
    claim?.get().and_then(|&seconds| Timestamp::from_unix_seconds(seconds))
}

impl From<String> for Appkey {
    fn from(appkey: String) -> Self {
        Self::new(appkey)
    }
}

impl From<&str> for Appkey {
    fn from(appkey: &str) -> Self {
        Self::new(appkey)
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
    #[test]
    fn a_key_is_over_by_its_claims_or_after_an_hour() {
        let at = |seconds| Timestamp::from_unix_seconds(seconds).expect("a year of the type");
        let key = |claims: &str| Appkey::new(format!("a.{}.c", URL_SAFE_NO_PAD.encode(claims)));
        let (start, end) = (1_790_000_000, 1_790_000_300);
        for (claims, issued, now, is_over) in [
            (r#"{"exp":1790000300}"#, None, end, false),
            (r#"{"exp":1790000300}"#, None, end + 60, false),
            (r#"{"exp":1790000300}"#, None, end + 61, true),
            (r#"{"exp":"1790000300"}"#, None, start + 3600, true),
            (r#"{"iat":1790000000}"#, None, start + 3600, false),
            (r#"{"iat":1790000000}"#, None, start + 3661, true),
            ("{}", Some(start), start + 3661, true),
            ("{}", Some(start), start + 300, false),
            ("{}", None, start + 86_400, false),
            (r#"{"exp":"soon"}"#, Some(start), start + 3661, true),
        ] {
            assert_eq!(key(claims).is_over(issued.map(at), at(now)), is_over, "{claims} at {now}");
        }
    }

    #[test]
    fn blanks_around_a_key_are_dropped() {
        for text in ["a.b.c ", "\ta.b.c\n", " a.b.c"] {
            assert_eq!(Appkey::from(text), Appkey::new("a.b.c"));
            let read = decode::<Appkey>(serde_json::json!(text).to_string().as_bytes()).expect("a key");
            assert_eq!(read.value.operation_id(), Appkey::new("a.b.c").operation_id());
        }
    }
}
