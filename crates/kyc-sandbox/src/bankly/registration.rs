//! Issues client certificates, and registers clients for them.

use std::time::Duration;

use axum::http::StatusCode;
use kyc_core::Clock as _;
use serde_json::{Value, json};

use super::encrypted_key::encrypted;
use super::errors::{invalid, missing, oauth, refusal};
use super::request::Request;
use super::token::scopes;
use super::{BanklyControl, COMPANY_KEY};
use crate::newest;
use crate::reply::Reply;

const PASSPHRASE_LENGTH: usize = 64;
const MAX_DAYS: u64 = 365;
const MAX_CERTIFICATES: usize = 2;
const DAY: Duration = Duration::from_secs(24 * 3600);

impl BanklyControl {
    pub(super) fn certificate(&self, request: &Request) -> Result<Reply, Reply> {
        let body = request.json()?;
        let passphrase =
            body.get("passphrase").and_then(Value::as_str).ok_or_else(|| missing("passphrase"))?;
        if passphrase.chars().count() != PASSPHRASE_LENGTH {
            return Err(invalid("passphrase", "The passphrase must be of 64 characters."));
        }
        let days = body.get("ttlInDays").and_then(Value::as_u64).ok_or_else(|| missing("ttlInDays"))?;
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(invalid("ttlInDays", "The field ttlInDays must be from 1 to 365."));
        }
        if request.id != COMPANY_KEY {
            return Err(refusal(StatusCode::FORBIDDEN, "the company key is another partner's"));
        }
        let mut state = self.lock();
        if state.certificates >= MAX_CERTIFICATES {
            return Err(refusal(StatusCode::UNPROCESSABLE_ENTITY, "there are two certificates already"));
        }
        let life = DAY * u32::try_from(days).unwrap_or(u32::MAX);
        let made = self
            .authority
            .client(self.clock.now(), life)
            .ok()
            .and_then(|made| Some((encrypted(&made.key_der(), passphrase)?, made)));
        let (private_key, made) = made.ok_or_else(|| {
            Reply::empty(StatusCode::INTERNAL_SERVER_ERROR).because("the certificate could not be made")
        })?;
        state.certificates += 1;
        let reply = json!({
            "certificate": made.certificate_pem(),
            "privateKey": private_key,
            "certificateChain": self.authority.pem(),
            "subjectDn": super::tls::SUBJECT,
            "passphrase": passphrase,
        });
        Ok(Reply::json(StatusCode::OK, &reply))
    }

    pub(super) fn register(&self, request: &Request) -> Result<Reply, Reply> {
        let body = request.json()?;
        let text = |name: &str| {
            let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.ok_or_else(|| oauth("invalid_client_metadata", &format!("{name} is missing")))
        };
        let lists = |name: &str, wanted: &str| {
            let list = body.get(name).and_then(Value::as_array);
            match list.is_some_and(|list| list.iter().any(|one| one == wanted)) {
                true => Ok(()),
                false => Err(oauth("invalid_client_metadata", &format!("{name} must hold {wanted}"))),
            }
        };
        lists("grant_types", "client_credentials")?;
        lists("response_types", "access_token")?;
        if text("token_endpoint_auth_method")? != "tls_client_auth" {
            return Err(oauth("invalid_client_metadata", "tls_client_auth is the only method"));
        }
        let (subject, scope) = (text("tls_client_auth_subject_dn")?, text("scope")?);
        if text("company_key")? != COMPANY_KEY {
            return Err(oauth("invalid_client_metadata", "company_key is another partner's"));
        }
        let granted = scopes(Some(scope))?;
        let id = self.ids.uuid().to_string();
        let reply = json!({
            "client_id": id,
            "client_id_issued_at": self.clock.now().unix_seconds(),
            "access_token_ttl": self.settings.token_life.as_secs(),
            "registration_access_token": self.ids.uuid().simple().to_string(),
            "registration_access_token_expires_in": 31_536_000,
            "registration_client_uri": format!("{}/oauth2/register/{id}", super::PREFIX),
            "token_endpoint_auth_methods": ["tls_client_auth"],
            "require_proof_key": false,
            "subject_type": "public",
            "grant_types": ["client_credentials"],
            "tls_client_auth_subject_dn": subject,
            "token_endpoint_auth_method": "tls_client_auth",
            "response_types": ["access_token"],
            "company_key": COMPANY_KEY,
            "scope": scope,
        });
        newest::insert(&mut self.lock().clients, id, granted, &self.counters.dropped);
        Ok(Reply::json(StatusCode::CREATED, &reply))
    }
}
