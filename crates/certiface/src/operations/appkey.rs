//! `POST …/appkey`: exchanges a person's data for the key of a journey. (Vendor page: "2. Appkey"; our page: "Appkey".)

use http::Method;
use kyc_core::{
    Body, Call, Cpf, Date, Error, ErrorKind, Operation, OperationClass, Pii, RawResponse, RedactedText,
    Response, Secret, Token, TokenCache, ValidationError, request,
};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::error::{error_in_place, read_appkey_error};
use crate::model::Appkey;

/// A second key for the same person costs nothing; an unused first one simply expires.
pub(crate) static OPERATION: Operation =
    Operation::new(VENDOR, "appkey", OperationClass::Idempotent).with_error_reader(read_appkey_error);

const PATH: &str = service!("/appkey");

const ID_MAX: usize = 255;

/// The person of a journey.
#[derive(Clone, Debug)]
pub struct Person {
    cpf: Cpf,
    nome: Pii<String>,
    nascimento: Date,
    id_externo_cliente: Option<Pii<String>>,
}

impl Person {
    /// Creates a person from CPF, first and last names, and date of birth. Liveness and documents are checked against
    /// them.
    #[must_use]
    pub fn new(cpf: Cpf, nome: impl Into<String>, nascimento: Date) -> Self {
        Self { cpf, nome: Pii::new(nome.into()), nascimento, id_externo_cliente: None }
    }

    /// Adds your reference of the journey, 1 to 255 characters without control characters; the result repeats it. `Debug` hides it, since it may
    /// identify a customer.
    #[must_use]
    pub fn with_id_externo_cliente(mut self, id: impl Into<String>) -> Self {
        self.id_externo_cliente = Some(Pii::new(id.into()));
        self
    }

    /// Validates the data against the documented limits, as [`Client::appkey`](crate::Client::appkey) does before it
    /// sends anything. (Our page: "Appkey".)
    ///
    /// # Errors
    /// `InvalidInput` with the field and the rule.
    pub fn check(&self) -> Result<(), Error> {
        if self.nome.expose().trim().is_empty() {
            return Err(OPERATION.invalid_input("nome", &ValidationError::new("must not be empty")));
        }
        check_printable(self.nome.expose()).map_err(|rule| OPERATION.invalid_input("nome", &rule))?;
        // The page calls it alphanumeric, but its example has a dash and a dot: other characters are left to the vendor.
        match &self.id_externo_cliente {
            Some(id) => ValidationError::check_length(id.expose(), ID_MAX)
                .and_then(|()| check_printable(id.expose()))
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

fn check_printable(text: &str) -> Result<(), ValidationError> {
    if text.chars().any(char::is_control) {
        return Err(ValidationError::new("must not contain control characters"));
    }
    Ok(())
}

/// Formats a date as `dd/mm/yyyy`.
fn brazilian(date: Date) -> String {
    let (year, month, day) = date.ymd();
    format!("{day:02}/{month:02}/{year:04}")
}

/// The response of `appkey`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct AppkeyResponse {
    /// The key.
    pub appkey: Appkey,
}

impl Connection {
    pub(crate) async fn appkey(
        &self,
        person: &Person,
        login: &Secret<String>,
        tokens: &TokenCache,
    ) -> Result<Response<AppkeyResponse>, Error> {
        person.check()?;
        let address = self.addresses.of(&OPERATION, PATH)?;
        let build = |credential: Option<&Token>| {
            let credential = credential.map(Token::expose).unwrap_or_default();
            Ok(request(Method::POST, address.clone(), person.body(login.expose(), credential)))
        };
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build).with_tokens(tokens)).await?;
        let issued = self.read_appkey(&answer)?;
        if issued.appkey.expose().is_empty() {
            return Err(answer.error(ErrorKind::Decode, "the response holds an empty appkey"));
        }
        Ok(self.pipeline.reply(answer, issued))
    }

    /// Some client code expects the key as a bare JSON string.
    fn read_appkey(&self, answer: &RawResponse) -> Result<AppkeyResponse, Error> {
        if answer.json().as_str().trim_start().starts_with('"') {
            let bare: RedactedText = self.decode(answer)?;
            return Ok(AppkeyResponse { appkey: Appkey::new(bare) });
        }
        self.decode(answer).map_err(|error| error_in_place(answer).unwrap_or(error))
    }
}
