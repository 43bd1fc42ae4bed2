//! The portal's token. There is only one, it does not expire here, and no operation issues it.

use axum::http::HeaderMap;

use super::errors;
use crate::headers;
use crate::reply::Reply;

/// In the form of a JWT: `{"alg":"HS256","typ":"JWT"}`, `{"sub":"kyc-sandbox","iat":1767225600,"exp":4102444800}` (the
/// year 2100), and the text `kyc-sandbox-signature` in place of a signature.
pub(crate) const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJreWMtc2FuZGJveCIsImlhdCI6MTc2NzIyNTYwMCwiZXhwIjo0MTAyNDQ0ODAwfQ.a3ljLXNhbmRib3gtc2lnbmF0dXJl";

pub(super) fn check(headers: &HeaderMap) -> Result<(), Reply> {
    match headers::bearer(headers) {
        None | Some("") => {
            Err(errors::bearer_required("the header Authorization is missing or has no bearer token"))
        }
        Some(TOKEN) => Ok(()),
        Some(token) if is_jwt(token) => {
            Err(errors::not_registered("the token is not the one of the sandbox"))
        }
        Some(_) => Err(errors::not_jwt("the token is not three segments of base64url")),
    }
}

/// Three segments of base64url.
fn is_jwt(token: &str) -> bool {
    let mut segments = token.split('.');
    let is_filled = |segment: &str| {
        !segment.is_empty()
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    segments.clone().count() == 3 && segments.all(is_filled)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_token_has_the_documented_content() {
        let decoded: Vec<_> =
            TOKEN.split('.').map(|segment| URL_SAFE_NO_PAD.decode(segment).expect("base64")).collect();
        let json = |at: usize| serde_json::from_slice::<Value>(&decoded[at]).expect("JSON");
        assert_eq!(json(0), json!({ "alg": "HS256", "typ": "JWT" }));
        assert_eq!(json(1), json!({ "sub": "kyc-sandbox", "iat": 1_767_225_600, "exp": 4_102_444_800_u64 }));
        assert_eq!(decoded[2], b"kyc-sandbox-signature");
        assert!(is_jwt(TOKEN));
    }

    #[test]
    fn other_texts_are_not_jwts() {
        for wrong in ["a", "a.b", "a.b.", "..", "a.b.c.d", "a.b c.d", "a.b+.c"] {
            assert!(!is_jwt(wrong), "{wrong}");
        }
    }
}
