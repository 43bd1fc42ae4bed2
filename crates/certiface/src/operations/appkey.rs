//! `POST …/appkey`: a person's data for the key of a journey. (Vendor page: "2. Appkey"; our page: "Appkey".)

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use kyc_core::{
    Body, Call, Cpf, Date, Error, ErrorKind, Operation, OperationClass, OperationId, Pii, RedactedText,
    Response, Timestamp, Token, ValidationError, decode, request,
};
use serde::{Deserialize, Deserializer, Serialize};

use super::{result, service};
use crate::VENDOR;
use crate::client::Client;

/// A second key for the same person costs nothing; the first one is forgotten.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "appkey", OperationClass::Idempotent);

const PATH: &str = service!("/appkey");

const ID_MAX: usize = 255;

/// The key of one person's journey. It opens everything after it, and it holds the CPF in clear: a secret.
///
/// Serialising it exposes it, as must be to store it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Appkey(String);

impl<'de> Deserialize<'de> for Appkey {
    /// Any scalar will do: an odd key must not cost the answer that repeats it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RedactedText::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

impl Appkey {
    /// A key as the vendor made it.
    #[must_use]
    pub fn new(appkey: impl Into<String>) -> Self {
        Self(appkey.into())
    }

    /// The key. It holds the CPF: keep it out of logs and of URLs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// When the key ends, if it says so and in a form that is known. A hint for messages: how long a key lives is set at
    /// the vendor, and only its 401 is a verdict.
    #[must_use]
    pub fn expires_hint(&self) -> Option<Timestamp> {
        #[derive(Deserialize)]
        struct Claims {
            exp: Option<i64>,
        }
        let claims = self.0.split('.').nth(1)?;
        let claims = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        decode::<Claims>(&claims).ok()?.value.exp.and_then(Timestamp::from_unix_seconds)
    }

    /// What a waiter knows the journey by. Its token holds the key: store it as you would the key.
    #[must_use]
    pub fn operation_id(&self) -> OperationId {
        OperationId::by_id(VENDOR, result::OPERATION.name(), self.0.as_str())
    }
}

impl fmt::Debug for Appkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Appkey([redacted])")
    }
}

/// The person whose journey it is.
#[derive(Clone, Debug)]
pub struct Person {
    cpf: Cpf,
    nome: Pii<String>,
    nascimento: Date,
    id_externo_cliente: Option<Pii<String>>,
}

impl Person {
    /// CPF, first and last names, and date of birth: what the liveness and the documents are held against.
    #[must_use]
    pub fn new(cpf: Cpf, nome: impl Into<String>, nascimento: Date) -> Self {
        Self { cpf, nome: Pii::new(nome.into()), nascimento, id_externo_cliente: None }
    }

    /// Adds your reference of the journey, 1 to 255 characters: the result repeats it. `Debug` hides it, as it may name
    /// a customer.
    #[must_use]
    pub fn with_id_externo_cliente(mut self, id: impl Into<String>) -> Self {
        self.id_externo_cliente = Some(Pii::new(id.into()));
        self
    }

    /// Holds the data against the page's limits, as [`Client::appkey`] does before it sends anything.
    ///
    /// # Errors
    /// `InvalidInput`, with the field and the rule.
    pub fn check(&self) -> Result<(), Error> {
        if self.nome.expose().trim().is_empty() {
            return Err(OPERATION.invalid_input("nome", &ValidationError::new("must not be empty")));
        }
        // The page calls it alphanumeric, and its example has a dash and a dot: only the length is held to.
        match &self.id_externo_cliente {
            Some(id) => ValidationError::check_length(id.expose(), ID_MAX)
                .map_err(|rule| OPERATION.invalid_input("id_externo_cliente", &rule)),
            None => Ok(()),
        }
    }

    fn body(&self, login: &str, credential: &str) -> Body {
        let nascimento = brazilian(self.nascimento);
        let mut fields = vec![
            ("user", login),
            ("token", credential),
            ("cpf", self.cpf.digits()),
            ("nome", self.nome.expose().as_str()),
            ("nascimento", &nascimento),
        ];
        if let Some(id) = &self.id_externo_cliente {
            fields.push(("idExternoCliente", id.expose()));
        }
        Body::form(fields)
    }
}

/// `dd/mm/yyyy`.
fn brazilian(date: Date) -> String {
    let (year, month, day) = date.ymd();
    format!("{day:02}/{month:02}/{year:04}")
}

/// What `appkey` answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AppkeyResponse {
    /// The key.
    pub appkey: Appkey,
}

impl Client {
    /// Makes the key of a person's journey. Give it to the vendor's browser or mobile kit, and ask for the
    /// [`result`](Client::result) after the webhook; or go on with [`Client::journey`].
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Rejected` with the field if Certiface refuses name, CPF or date of birth.
    pub async fn appkey(&self, person: &Person) -> Result<Response<AppkeyResponse>, Error> {
        person.check()?;
        let address = self.addresses.of(&OPERATION, PATH)?;
        let build = |credential: Option<&Token>| {
            let credential = credential.map(Token::expose).unwrap_or_default();
            Ok(request(Method::POST, address.clone(), person.body(self.login.expose(), credential)))
        };
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build).with_tokens(&self.tokens)).await?;
        // Somebody saw the bare key as a JSON string.
        let made = match serde_json::from_slice::<String>(answer.body()) {
            Ok(bare) => AppkeyResponse { appkey: Appkey(bare) },
            Err(_) => self.pipeline.decode_bytes(&answer, answer.body())?,
        };
        if made.appkey.0.is_empty() {
            return Err(answer.error(ErrorKind::Decode, "the answer holds an empty appkey"));
        }
        Ok(self.pipeline.reply(answer, made))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_read_or_there_is_none() {
        let claims = URL_SAFE_NO_PAD.encode(br#"{"sub":"certiface","cpf":"00000014141","exp":1790000000}"#);
        let appkey = Appkey::new(format!("eyJhbGciOiJIUzI1NiJ9.{claims}.sig"));
        assert_eq!(appkey.expires_hint().map(Timestamp::unix_seconds), Some(1_790_000_000));
        for text in ["", "opaque", "a.b.c", "a.eyJzdWIiOiJjZXJ0aWZhY2UiLC.c", "a.bnVsbA.c"] {
            assert_eq!(Appkey::new(text).expires_hint(), None, "{text}");
        }
        assert_eq!(format!("{appkey:?}"), "Appkey([redacted])");
    }
}
