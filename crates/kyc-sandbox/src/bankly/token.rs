//! Access tokens, issued by certificate or by secret.

use axum::http::{HeaderMap, StatusCode};
use kyc_core::{Clock as _, Timestamp};
use serde_json::{Value, json};

use super::courses::{Course, TOKEN_LIFE, TokenLife};
use super::errors::{oauth, refusal};
use super::request::{Pairs, Request};
use super::{BanklyControl, CLIENT_ID, CLIENT_SECRET, Operation};
use crate::headers;
use crate::newest;
use crate::reply::Reply;

pub(super) const MAX_SCOPES: usize = 10;
const MAX_SCOPE_LENGTH: usize = 100;

/// The scopes of a token, and its expiry.
pub(super) struct Grant {
    scopes: Vec<String>,
    expires: Timestamp,
}

impl BanklyControl {
    pub(super) fn token(&self, request: &Request) -> Result<Reply, Reply> {
        let (form, id) = credentials(request)?;
        let scopes = scopes(form.one("scope"))?;
        let state = self.lock();
        let registered = state.clients.get(&id);
        if id != CLIENT_ID && registered.is_none() {
            return Err(oauth("invalid_client", "the client id is unknown"));
        }
        if registered.is_some_and(|allowed| !scopes.iter().all(|scope| allowed.contains(scope))) {
            return Err(oauth("invalid_scope", "the client was not registered for that scope"));
        }
        drop(state);
        if scopes.is_empty() {
            return Err(oauth("invalid_scope", "no scope was requested"));
        }
        Ok(self.grant(request.operation, scopes))
    }

    pub(super) fn legacy_token(&self, request: &Request) -> Result<Reply, Reply> {
        let (form, id) = credentials(request)?;
        let scopes = scopes(form.one("scope").or(Some("certificate.create")))?;
        if id != CLIENT_ID || form.one("client_secret") != Some(CLIENT_SECRET) {
            return Err(oauth("invalid_client", "the client id or its secret is wrong"));
        }
        Ok(self.grant(request.operation, scopes))
    }

    fn grant(&self, operation: Operation, scopes: Vec<String>) -> Reply {
        let token = format!("{}{}", self.ids.uuid().simple(), self.ids.uuid().simple());
        let life = self.settings.token_life;
        let now = self.clock.now();
        let expires = now.saturating_add(life);
        let form = self.scenarios.effect_on(operation.name(), None, TOKEN_LIFE);
        let expires_in: Value = match form.as_ref().map(|form| form.effect) {
            Some(Course::TokenLife(TokenLife::Text)) => life.as_secs().to_string().into(),
            Some(Course::TokenLife(TokenLife::Date)) => expires.to_rfc3339().into(),
            _ => life.as_secs().into(),
        };
        let reply = json!({
            "access_token": token,
            "expires_in": expires_in,
            "token_type": "Bearer",
            "scope": scopes.join(" "),
        });
        let mut state = self.lock();
        state.logins += 1;
        state.grants.retain(|_, grant| now < grant.expires);
        newest::insert(&mut state.grants, token, Grant { scopes, expires }, &self.counters.dropped);
        Reply::json(StatusCode::OK, &reply).late(form.and_then(|form| form.delay).unwrap_or_default())
    }

    /// Checks that a request's token is valid and has the scope.
    pub(super) fn check_token(&self, headers: &HeaderMap, scope: &str) -> Result<(), Reply> {
        let state = self.lock();
        let living = headers::bearer(headers)
            .and_then(|token| state.grants.get(token))
            .filter(|grant| self.clock.now() < grant.expires)
            .ok_or_else(|| refusal(StatusCode::UNAUTHORIZED, "the token is missing, unknown or expired"))?;
        if living.scopes.iter().any(|granted| granted == scope) {
            Ok(())
        } else {
            Err(refusal(StatusCode::FORBIDDEN, &format!("the token lacks the scope {scope}")))
        }
    }
}

/// The form of a token request, and the client id in it.
fn credentials(request: &Request) -> Result<(Pairs, String), Reply> {
    let form = request
        .form()
        .ok_or_else(|| oauth("invalid_request", "the body must be application/x-www-form-urlencoded"))?;
    if form.one("grant_type") != Some("client_credentials") {
        return Err(oauth("unsupported_grant_type", "client_credentials is the only one"));
    }
    let id = form.one("client_id").ok_or_else(|| oauth("invalid_request", "client_id is missing"))?;
    let id = id.to_owned();
    Ok((form, id))
}

pub(super) fn scopes(text: Option<&str>) -> Result<Vec<String>, Reply> {
    let scopes: Vec<_> = text.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if scopes.len() > MAX_SCOPES {
        return Err(oauth("invalid_scope", "more than ten scopes were requested"));
    }
    if scopes.iter().any(|scope| scope.len() > MAX_SCOPE_LENGTH) {
        return Err(oauth("invalid_scope", "a scope has more than 100 bytes"));
    }
    Ok(scopes)
}
