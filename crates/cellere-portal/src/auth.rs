//! The portal's token: one for a customer, made by hand in the portal, without a login.

use std::time::Duration;

use http::HeaderValue;
use kyc_core::{Base64Bytes, Clock, Error, Lenient, Secret, Timestamp};
use serde::Deserialize as _;
use serde_json::{Map, Value};

use crate::VENDOR;

/// What a portal token says of itself. It decides nothing: the vendor's own sample is no JWT, and tokens are in use long
/// after the end that they name. (Our page: "Authentication".)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenFacts {
    /// Whether it has the shape of a JWT: three parts, of which two are JSON objects.
    pub is_jwt: bool,
    /// The end that it names, if it names one.
    pub expires: Option<Timestamp>,
}

/// How early an end is told: a new token is fetched by hand.
const SOON: Duration = Duration::from_secs(7 * 24 * 3600);

impl TokenFacts {
    pub(crate) fn of(token: &str) -> Self {
        let none = Self { is_jwt: false, expires: None };
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return none };
        let (Some(_), Some(claims)) = (object(header), object(claims)) else { return none };
        // The only claim that is of interest. The others name the customer.
        let expires = claims.get("exp").and_then(|end| Lenient::<i64>::deserialize(end).ok());
        Self {
            is_jwt: Base64Bytes::from(signature).bytes().is_some_and(|bytes| !bytes.is_empty()),
            expires: expires
                .as_ref()
                .and_then(Lenient::get)
                .and_then(|&end| Timestamp::from_unix_seconds(end)),
        }
    }

    /// Says in the log what is odd, once for each client.
    pub(crate) fn warn(self, clock: &dyn Clock) {
        if !self.is_jwt {
            tracing::warn!(vendor = %VENDOR, "the portal token has not the shape of a JWT; it is sent as it is");
        }
        match self.expires {
            Some(_) if self.has_ended(clock) => {
                tracing::warn!(vendor = %VENDOR, "the end that the portal token names is over; it is sent all the same");
            }
            Some(end) if end <= clock.now().saturating_add(SOON) => {
                tracing::warn!(vendor = %VENDOR, end = end.to_rfc3339(), "the portal token names an end that is near");
            }
            _ => {}
        }
    }

    pub(crate) fn has_ended(self, clock: &dyn Clock) -> bool {
        self.expires.is_some_and(|end| end <= clock.now())
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(Base64Bytes::from(part).bytes()?).ok()
}

/// The value of the header that every call has. A token that was copied with its surroundings is freed of them.
pub(crate) fn bearer(token: &Secret<String>) -> Result<HeaderValue, Error> {
    let bare = bare(token.expose());
    if bare.is_empty() {
        return Err(Error::config(VENDOR, "token must not be empty"));
    }
    let value = Secret::from(bare).header_value("Bearer ");
    value.ok_or_else(|| Error::config(VENDOR, "token is no text that a header can hold"))
}

/// Without blanks around it and without the word of its header.
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
    fn what_a_token_says_of_itself() {
        let facts = TokenFacts::of(JWT);
        assert!(facts.is_jwt);
        assert_eq!(facts.expires.map(Timestamp::unix_seconds), Some(1_731_937_031));
        assert!(facts.has_ended(&SystemClock));
        // The page's own sample, shortened: two parts and a blank.
        let sample = TokenFacts::of("eyJhbGciOiJub25lIn0.eyJleHAiOjE3MzE5 KKF2QT4");
        assert_eq!(sample, TokenFacts { is_jwt: false, expires: None });
        assert!(!TokenFacts::of("a.b.c").is_jwt);
        // Lists where objects should be; and an end that is none, which makes it no less a JWT.
        assert!(!TokenFacts::of("W10.W10.c2ln").is_jwt);
        let odd = TokenFacts::of("eyJhbGciOiJub25lIn0.eyJleHAiOlsxXX0.c2ln");
        assert_eq!(odd, TokenFacts { is_jwt: true, expires: None });
        assert!(!TokenFacts::of("").is_jwt);
    }

    #[test]
    fn a_token_is_taken_out_of_its_surroundings() {
        for text in ["abc", " abc\n", "Bearer abc", "bearer  abc "] {
            let value = bearer(&text.into()).expect("a token");
            assert!(value.is_sensitive() && value == "Bearer abc", "{text}");
        }
        for text in ["", "Bearer ", "a\nb"] {
            assert!(bearer(&text.into()).is_err(), "{text}");
        }
    }
}
