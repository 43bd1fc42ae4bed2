//! The portal's token. Each customer copies one from the portal; there is no login.

use std::time::Duration;

use http::HeaderValue;
use kyc_core::{Clock, Error, Lenient, Secret, Timestamp, decode, decode_base64};
use serde::Deserialize;

use crate::VENDOR;

/// The claims that a portal token makes about itself. They do not affect any call: the vendor's own sample is not a JWT,
/// and tokens remain in use long after the expiry that they state. (Our page: "Authentication".)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenFacts {
    /// Whether the token has the form of a JWT: three parts, of which the first two are JSON objects.
    pub is_jwt: bool,
    /// The expiry that the token states, if it states one.
    pub expires: Option<Timestamp>,
}

/// How early an expiry is logged: a new token must be copied from the portal by hand.
const SOON: Duration = Duration::from_secs(7 * 24 * 3600);

impl TokenFacts {
    pub(crate) fn of(token: &str) -> Self {
        let none = Self { is_jwt: false, expires: None };
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return none };
        let (Some(_), Some(claims)) = (object(header), object(claims)) else { return none };
        Self {
            is_jwt: decode_base64(signature).is_some_and(|bytes| !bytes.is_empty()),
            expires: claims
                .exp
                .as_ref()
                .and_then(Lenient::get)
                .and_then(|&exp| Timestamp::from_unix_seconds(exp)),
        }
    }

    /// Logs a warning about an unusual form or an expiry; called once per client.
    pub(crate) fn warn(self, clock: &dyn Clock) {
        if !self.is_jwt {
            tracing::warn!(vendor = %VENDOR, "the portal token does not have the form of a JWT; it is sent unchanged");
        }
        match self.expires {
            Some(_) if self.has_expired(clock) => {
                tracing::warn!(vendor = %VENDOR, "the expiry that the portal token states has passed; it is sent anyway");
            }
            Some(end) if end <= clock.now().saturating_add(SOON) => {
                tracing::warn!(vendor = %VENDOR, end = end.to_rfc3339(), "the portal token expires soon");
            }
            _ => {}
        }
    }

    pub(crate) fn has_expired(self, clock: &dyn Clock) -> bool {
        self.expires.is_some_and(|end| end <= clock.now())
    }
}

/// The claims of a token. No other claim is read: they identify the customer.
#[derive(Deserialize)]
struct Claims {
    exp: Option<Lenient<i64>>,
}

fn object(part: &str) -> Option<Claims> {
    let json = decode_base64(part)?;
    // A list is not an object, although serde would read one by position.
    let is_object = json.trim_ascii_start().starts_with(b"{");
    is_object.then(|| decode(&json).ok()).flatten().map(|decoded| decoded.value)
}

/// Returns the `Authorization` header of every call.
pub(crate) fn bearer(token: &Secret<String>) -> Result<HeaderValue, Error> {
    let bare = bare(token.expose());
    if bare.is_empty() {
        return Err(Error::config(VENDOR, "token must not be empty"));
    }
    let value = Secret::from(bare).header_value("Bearer ");
    value.ok_or_else(|| Error::config(VENDOR, "token must be a valid header value"))
}

/// Returns the token without whitespace around it and without a leading `Bearer`.
pub(crate) fn bare(token: &str) -> &str {
    let token = token.trim();
    let (first, rest) = token.split_once(char::is_whitespace).unwrap_or((token, ""));
    if first.eq_ignore_ascii_case("bearer") { rest.trim_start() } else { token }
}

#[cfg(test)]
mod tests {
    use kyc_core::SystemClock;

    use super::*;

    /// `{"alg":"none"}` and `{"exp":1731937031}`.
    const JWT: &str = "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MzE5MzcwMzF9.c2ln";

    #[test]
    fn facts_of_a_token() {
        let facts = TokenFacts::of(JWT);
        assert!(facts.is_jwt);
        assert_eq!(facts.expires.map(Timestamp::unix_seconds), Some(1_731_937_031));
        assert!(facts.has_expired(&SystemClock));
        // The vendor's own sample, shortened: two parts and a space.
        let sample = TokenFacts::of("eyJhbGciOiJub25lIn0.eyJleHAiOjE3MzE5 KKF2QT4");
        assert_eq!(sample, TokenFacts { is_jwt: false, expires: None });
        assert!(!TokenFacts::of("a.b.c").is_jwt);
        // Lists instead of objects; and an invalid expiry, which does not make it less of a JWT.
        assert!(!TokenFacts::of("W10.W10.c2ln").is_jwt);
        let odd = TokenFacts::of("eyJhbGciOiJub25lIn0.eyJleHAiOlsxXX0.c2ln");
        assert_eq!(odd, TokenFacts { is_jwt: true, expires: None });
        assert!(!TokenFacts::of("").is_jwt);
    }

    #[test]
    fn whitespace_and_a_leading_bearer_are_removed() {
        for text in ["abc", " abc\n", "Bearer abc", "bearer  abc "] {
            let value = bearer(&text.into()).expect("a token");
            assert!(value.is_sensitive() && value == "Bearer abc", "{text}");
        }
        for text in ["", "Bearer ", "a\nb"] {
            assert!(bearer(&text.into()).is_err(), "{text}");
        }
    }
}
