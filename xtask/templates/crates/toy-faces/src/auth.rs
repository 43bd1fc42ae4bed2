//! The access token, which is fetched once and used until it expires.

pub(crate) mod login;

use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{BaseUrl, Error, Pipeline, RedactedText, Token, TokenCache, TokenProvider};

use crate::VENDOR;
use crate::config::Credentials;

/// A token is renewed so long before it expires.
const RENEWED_BEFORE: Duration = Duration::from_secs(60);

/// Creates the cache that fetches and keeps the token of these credentials. (Our page: "Authentication".)
pub(crate) fn token_cache(pipeline: &Pipeline, base: &BaseUrl, credentials: Credentials) -> TokenCache {
    let key = format!("{VENDOR} {} {}", base.as_str(), credentials.client_id.expose());
    let login = PasswordLogin { pipeline: pipeline.clone(), base: base.clone(), credentials };
    TokenCache::new(login, key, RENEWED_BEFORE, pipeline.clock(), pipeline.token_store())
}

#[derive(Debug)]
struct PasswordLogin {
    pipeline: Pipeline,
    base: BaseUrl,
    credentials: Credentials,
}

#[async_trait]
impl TokenProvider for PasswordLogin {
    async fn fetch_token(&self) -> Result<Token, Error> {
        let answer = login::send(&self.pipeline, &self.base, &self.credentials).await?;
        let obtained = self.pipeline.clock().now();
        let stated = answer.value().expires_in.as_ref().map(RedactedText::as_str);
        Ok(Token::with_stated_expiry(answer.value().access_token.clone(), obtained, stated))
    }
}
