//! The login. Its credential creates appkeys, and an appkey authorises every other operation.

pub(crate) mod credencial;

use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{DateTime, Error, Lenient, Secret, Token, TokenCache, TokenProvider};

use crate::VENDOR;
use crate::config::Credentials;
use crate::connection::Connection;
use credencial::CredentialResponse;

/// The assumed life of a credential whose response does not state one. After a 401 a new one is requested in any case.
const UNKNOWN_LIFE: Duration = Duration::from_secs(5 * 60);

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
        let expires = answer
            .value()
            .expires
            .as_ref()
            .and_then(Lenient::get)
            .map_or_else(|| obtained.saturating_add(UNKNOWN_LIFE), |end| DateTime::assume_utc(*end));
        Ok(Token::new(as_field(answer.value()), obtained, expires))
    }
}

/// Formats the credential as `appkey` expects it: the whole JSON object, with its texts unchanged.
fn as_field(credential: &CredentialResponse) -> Secret<String> {
    let expires = credential.expires.as_ref().map(Lenient::text).unwrap_or_default();
    let text = |value: &str| serde_json::Value::from(value).to_string();
    Secret::new(format!("{{\"token\":{},\"expires\":{}}}", text(credential.token.expose()), text(expires)))
}
