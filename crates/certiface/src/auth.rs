//! The login. Its credential creates appkeys, and an appkey authorises every other operation.

pub(crate) mod credencial;

use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{Error, Lenient, Secret, Token, TokenCache, TokenProvider, parse_expiry};

use crate::VENDOR;
use crate::config::Credentials;
use crate::connection::Connection;
use credencial::CredentialResponse;

/// The documented life of a credential, for a response that states none or one in the past: the clocks may differ. After a 401
/// a new one is requested in any case. (Vendor page: "1. Credencial".)
const DOCUMENTED_LIFE: Duration = Duration::from_secs(3 * 60 * 60);

/// A credential in its last minute may expire while the request is on its way.
const REFRESH_MARGIN: Duration = Duration::from_secs(60);

/// Creates the cache that fetches and keeps this operator's credential. (Our page: "Authentication".)
pub(crate) fn token_cache(connection: &Connection, credentials: Credentials) -> TokenCache {
    let base = connection.addresses.base.as_str();
    let key = format!("{VENDOR} {base} {}", credentials.login.expose());
    let pipeline = connection.pipeline.clone();
    let login = PasswordLogin { connection: connection.clone(), credentials };
    TokenCache::new(login, key, REFRESH_MARGIN, pipeline.clock(), pipeline.token_store())
}

#[derive(Debug)]
struct PasswordLogin {
    connection: Connection,
    credentials: Credentials,
}

#[async_trait]
impl TokenProvider for PasswordLogin {
    async fn fetch_token(&self) -> Result<Token, Error> {
        let answer = self.connection.credencial(&self.credentials).await?;
        let obtained = self.connection.pipeline.clock().now();
        let expires = answer.value().expires.as_ref().map(Lenient::text).unwrap_or_default();
        let expires =
            parse_expiry(expires, obtained).unwrap_or_else(|| obtained.saturating_add(DOCUMENTED_LIFE));
        Ok(Token::new(as_field(answer.value()), obtained, expires))
    }
}

/// Formats the credential as `appkey` expects it: the whole JSON object, with its texts unchanged.
fn as_field(credential: &CredentialResponse) -> Secret<String> {
    let expires = credential.expires.as_ref().map(Lenient::text).unwrap_or_default();
    let text = |value: &str| serde_json::Value::from(value).to_string();
    Secret::new(format!("{{\"token\":{},\"expires\":{}}}", text(credential.token.expose()), text(expires)))
}
