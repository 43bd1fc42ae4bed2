//! Issues appkeys, and checks whether one is valid.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kyc_core::{Clock as _, Cpf, Date, Timestamp};
use serde_json::{Value, json};

use super::courses::{Course, aspect};
use super::fields::Fields;
use super::journey::{Journey, Person};
use super::replies::{refusal, unauthorized};
use super::{CertifaceControl, MAX_IMAGE_BYTES, Operation, State, USER, dates};
use crate::newest;
use crate::reply::Reply;

const MAX_ID_LENGTH: usize = 255;

impl CertifaceControl {
    pub(super) fn appkey(&self, fields: &Fields) -> Result<Reply, Reply> {
        let user = fields.needed("user").map_err(malformed)?;
        let credential = fields.needed("token").map_err(malformed)?;
        let now = self.clock.now();
        let mut state = self.lock();
        if user != USER {
            return Err(unauthorized("user does not match the credential"));
        }
        check_credential(&state, credential, now).map_err(unauthorized)?;
        let person = Person::read(fields).map_err(malformed)?;
        let course = self.course(Operation::Appkey, &person.cpf, None, aspect::APPKEY);
        let late = course.as_ref().and_then(|course| course.delay).unwrap_or_default();
        if let Some(reason) = person.refused(course.map(|course| course.effect)) {
            let reply = refused(StatusCode::UNPROCESSABLE_ENTITY, &state.protocol(now), reason);
            return Ok(reply.late(late));
        }
        let appkey = self.begin_journey(&mut state, person);
        Ok(Reply::json(StatusCode::OK, &json!({ "appkey": appkey })).late(late))
    }

    /// Issues an appkey.
    pub(super) fn begin_journey(&self, state: &mut State, person: Person) -> String {
        let now = self.clock.now();
        let expires = now.saturating_add(self.settings.appkey_life);
        let appkey = self.mint(&person, now, expires);
        let journey = Journey::new(person, now, expires);
        self.counters.dropped.add(state.forget_images(MAX_IMAGE_BYTES));
        newest::insert(&mut state.journeys, appkey.clone(), journey, &self.counters.dropped);
        appkey
    }

    /// A JWT like the vendor's. The header, and with it the encryption key, is always the same. The signature, whose end is
    /// the IV, is random: nobody verifies it.
    fn mint(&self, person: &Person, now: Timestamp, expires: Timestamp) -> String {
        let claims = json!({
            "sub": "certiface",
            "cpf": person.cpf,
            "nome": person.nome,
            "nascimento": person.nascimento,
            "exp": expires.unix_seconds(),
            "iat": now.unix_seconds(),
        });
        let mut signature = [0; 32];
        self.ids.fill(&mut signature);
        let encoded = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
        format!(
            "{}.{}.{}",
            encoded(br#"{"alg":"HS256"}"#),
            encoded(claims.to_string().as_bytes()),
            encoded(&signature)
        )
    }

    /// The response has no body: the vendor's clients read only the status.
    pub(super) fn checkauth(&self, fields: &Fields) -> Result<Reply, Reply> {
        self.live_journey(&mut self.lock(), fields)?;
        Ok(Reply::empty(StatusCode::OK))
    }
}

fn malformed(error: impl Into<String>) -> Reply {
    refusal(StatusCode::UNPROCESSABLE_ENTITY, error)
}

/// The vendor's response to invalid personal data. Its HTTP status is not documented.
pub(super) fn refused(status: StatusCode, protocol: &str, reason: &str) -> Reply {
    let body = json!({ "status": "ERR", "resultado": "ERR", "protocolo": protocol, "msg": reason });
    Reply::json(status, &body).because("the test CPF or the data of the person call for this refusal")
}

/// Checks the `token` field, which holds the whole response of `credencial` rather than the token in it.
fn check_credential(state: &State, credential: &str, now: Timestamp) -> Result<(), &'static str> {
    let credential: Value = serde_json::from_str(credential).ok().filter(Value::is_object).ok_or(
        "token must be the whole JSON object from the response of credencial, not the token inside it",
    )?;
    let member = |name| credential.get(name).and_then(Value::as_str);
    let (Some(token), Some(expires)) = (member("token"), member("expires")) else {
        return Err("token must be an object with token and expires, as in the response of credencial");
    };
    match state.credentials.get(token) {
        Some(expiry) if now < *expiry && dates::day_first(*expiry) == expires => Ok(()),
        Some(expiry) if now < *expiry => Err("token.expires differs from the response of credencial"),
        _ => Err("the credential is unknown or has expired"),
    }
}

impl Person {
    fn read(fields: &Fields) -> Result<Self, String> {
        let cpf = fields.needed("cpf")?;
        if cpf.len() != 11 || !cpf.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err("cpf must be eleven digits, without punctuation".to_owned());
        }
        let nome = fields.needed("nome")?;
        if nome.chars().count() > MAX_ID_LENGTH {
            return Err(format!("nome is longer than {MAX_ID_LENGTH} characters"));
        }
        let nascimento = fields.needed("nascimento")?;
        if !is_day_first(nascimento) {
            return Err("nascimento must be dd/mm/yyyy".to_owned());
        }
        let id_externo = fields.text("idExternoCliente").filter(|id| !id.is_empty());
        if id_externo.is_some_and(|id| id.chars().count() > MAX_ID_LENGTH) {
            return Err(format!("idExternoCliente is longer than {MAX_ID_LENGTH} characters"));
        }
        Ok(Self {
            cpf: cpf.to_owned(),
            nome: nome.to_owned(),
            nascimento: nascimento.to_owned(),
            id_externo: id_externo.map(str::to_owned),
        })
    }

    /// The reason why this person is refused: what was set, or impossible data.
    fn refused(&self, course: Option<Course>) -> Option<&'static str> {
        match course {
            Some(Course::Appkey(Some(reason))) => Some(reason),
            _ if Cpf::parse(&self.cpf).is_err() => Some("INVALID CPF"),
            _ if Date::parse(&self.nascimento).is_err() => Some("INVALID DATE"),
            _ => None,
        }
    }
}

/// Checks the form only, not whether the day exists.
fn is_day_first(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(place, byte)| match place {
            2 | 5 => byte == b'/',
            _ => byte.is_ascii_digit(),
        })
}
