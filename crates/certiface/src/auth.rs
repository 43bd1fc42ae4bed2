//! The credential: fetched once, used until it ends. It makes appkeys, and an appkey opens everything else.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{DateTime, Error, Lenient, Pipeline, Secret, Token, TokenCache, TokenProvider};
use md5::{Digest as _, Md5};

use crate::VENDOR;
use crate::client::Addresses;
use crate::config::Credentials;
use crate::operations::credencial::{self, CredentialResponse};

/// How long a credential is used when the answer does not say: a 401 mends it either way.
const LIFE_UNKNOWN: Duration = Duration::from_secs(5 * 60);

/// A credential in its last minute may end on the way.
const SLACK: Duration = Duration::from_secs(60);

/// A cache that fetches the credential for this operator. (Our page: "Authentication".)
pub(crate) fn token_cache(
    pipeline: &Pipeline,
    addresses: &Arc<Addresses>,
    credentials: Credentials,
) -> TokenCache {
    let key = format!("{VENDOR} {} {}", addresses.base.as_str(), credentials.login.expose());
    let login = PasswordLogin { pipeline: pipeline.clone(), addresses: Arc::clone(addresses), credentials };
    TokenCache::new(login, key, SLACK, pipeline.clock(), pipeline.token_store())
}

#[derive(Debug)]
struct PasswordLogin {
    pipeline: Pipeline,
    addresses: Arc<Addresses>,
    credentials: Credentials,
}

#[async_trait]
impl TokenProvider for PasswordLogin {
    async fn fetch_token(&self) -> Result<Token, Error> {
        let answer = credencial::send(&self.pipeline, &self.addresses, &self.credentials).await?;
        let obtained = self.pipeline.clock().now();
        let expires = answer
            .value()
            .expires
            .as_ref()
            .and_then(Lenient::get)
            .map_or_else(|| obtained.saturating_add(LIFE_UNKNOWN), |end| DateTime::assume_utc(*end));
        Ok(Token::new(as_field(answer.value()), obtained, expires))
    }
}

/// What `appkey` wants: the credential's JSON as a whole, with the texts as they came.
fn as_field(credential: &CredentialResponse) -> Secret<String> {
    let expires = credential.expires.as_ref().map(Lenient::text).unwrap_or_default();
    let text = |value: &str| serde_json::Value::from(value).to_string();
    Secret::new(format!("{{\"token\":{},\"expires\":{}}}", text(credential.token.expose()), text(expires)))
}

/// The password as the vendor wants it: 32 hex digits. MD5 hides nothing; TLS does.
pub(crate) fn md5_hex(password: &Secret<String>) -> Secret<String> {
    let digest = Md5::digest(password.expose().as_bytes());
    let mut hex = String::with_capacity(32);
    for byte in digest {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Secret::new(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_md5_of_a_password() {
        assert_eq!(md5_hex(&Secret::new("abc".to_owned())).expose(), "900150983cd24fb0d6963f7d28e17f72");
    }
}
