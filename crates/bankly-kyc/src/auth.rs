//! The access token, which is fetched once and used until it expires, and the client certificate.

mod expiry;
pub(crate) mod token;

pub(crate) use expiry::certificate_end;

use std::time::Duration;

use async_trait::async_trait;
use kyc_core::{BaseUrl, Error, Pipeline, RedactedText, Token, TokenCache, TokenProvider, ValidationError};

use crate::VENDOR;
use crate::config::Credentials;

/// A token is renewed this long before its end: it could expire while a request is sent.
const SLACK: Duration = Duration::from_secs(60);

const MAX_SCOPES: usize = 10;

/// Creates the cache that fetches and keeps the token of these credentials. (Our page: "Authentication".)
pub(crate) fn token_cache(
    pipeline: &Pipeline,
    base: &BaseUrl,
    credentials: Credentials,
    scopes: &[String],
) -> TokenCache {
    let scope = scopes.join(" ");
    let key = format!("{VENDOR} {} {} {scope}", base.as_str(), credentials.client_id.expose());
    let login = ClientCredentials { pipeline: pipeline.clone(), base: base.clone(), credentials, scope };
    TokenCache::new(login, key, SLACK, pipeline.clock(), pipeline.token_store())
}

#[derive(Debug)]
struct ClientCredentials {
    pipeline: Pipeline,
    base: BaseUrl,
    credentials: Credentials,
    scope: String,
}

#[async_trait]
impl TokenProvider for ClientCredentials {
    async fn fetch_token(&self) -> Result<Token, Error> {
        let answer = token::send(&self.pipeline, &self.base, &self.credentials, &self.scope).await?;
        let obtained = self.pipeline.clock().now();
        let stated = answer.value().expires_in.as_ref().map(RedactedText::as_str);
        Ok(Token::with_stated_expiry(answer.value().access_token.clone(), obtained, stated))
    }
}

/// Checks that there are one to ten scopes without spaces. (Our page: "Scopes".)
pub(crate) fn check_scopes(scopes: &[String]) -> Result<(), ValidationError> {
    if scopes.is_empty() {
        return Err(ValidationError::new("must contain at least one scope"));
    }
    if scopes.len() > MAX_SCOPES {
        let rule = format!("must contain at most {MAX_SCOPES} scopes, but has {}", scopes.len());
        return Err(ValidationError::new(rule));
    }
    let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(|byte| byte.is_ascii_graphic());
    if scopes.iter().all(is_scope) {
        Ok(())
    } else {
        Err(ValidationError::new("must be ASCII without spaces"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_one_to_ten_scopes_without_spaces() {
        let scopes = |count: usize| (0..count).map(|number| format!("scope.{number}")).collect::<Vec<_>>();
        assert!(check_scopes(&scopes(10)).is_ok());
        assert!(check_scopes(&scopes(11)).is_err());
        assert!(check_scopes(&[]).is_err());
        assert!(check_scopes(&["a b".to_owned()]).is_err());
    }
}
