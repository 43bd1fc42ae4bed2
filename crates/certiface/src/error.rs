//! Certiface's error bodies and how they are read.

use kyc_core::{Error, ErrorKind, FieldViolation, RawResponse, RedactedText, response};

response! {
    /// The body of most failures. (Our page: "Error bodies".)
    pub struct ErrorBody {
        /// The vendor's message.
        pub error: Option<RedactedText>,
    }
}

response! {
    /// The body of a response that refuses the person's data, under any HTTP status. (Vendor page: "7. Result", "Outros
    /// Retornos"; our page: "Refused data".)
    pub struct Refusal {
        /// `ERR`.
        pub status: Option<RedactedText>,
        /// `ERR`.
        pub resultado: Option<RedactedText>,
        /// The transaction number to quote to the vendor's support.
        pub protocolo: Option<RedactedText>,
        /// Which data was refused: `NOME`, `INVALID CPF` or `INVALID DATE`.
        pub msg: Option<RedactedText>,
    }
}

impl Refusal {
    /// Returns the field of `appkey` that was refused, by the vendor's name: `nome`, `cpf` or `nascimento`.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self.msg.as_ref()?.as_str().trim() {
            "NOME" => Some("nome"),
            "INVALID CPF" => Some("cpf"),
            "INVALID DATE" => Some("nascimento"),
            _ => None,
        }
    }

    fn is_refused(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.as_str().trim().eq_ignore_ascii_case("ERR"))
    }
}

/// A refusal is short. A result may have megabytes and is not decoded twice.
const MAX_REFUSAL_BYTES: usize = 1024;

/// Reads the error of an operation that an appkey authorises: all but the two of the login. (Our page: the status table
/// of each operation.)
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    let by_status = answer.error_by_status()?;
    let error = if by_status.kind() == ErrorKind::Unauthenticated {
        // Nothing but the appkey authorises such a call, and no login renews it.
        let what = "the appkey has expired or was never valid: start again with a new one";
        answer.error(ErrorKind::Expired, what)
    } else {
        by_status
    };
    Some(with_message(error, answer))
}

/// Reads the error of an operation that login and password or a credential authorise.
pub(crate) fn read_login_error(answer: &RawResponse) -> Option<Error> {
    answer.error_by_status().map(|error| with_message(error, answer))
}

/// Reads the error of `appkey`, which may refuse the person's data.
pub(crate) fn read_appkey_error(answer: &RawResponse) -> Option<Error> {
    refusal(answer).or_else(|| read_login_error(answer))
}

/// Reads the error of `result`, which may refuse the person's data under any status, a 404 included.
pub(crate) fn read_result_error(answer: &RawResponse) -> Option<Error> {
    refusal(answer).or_else(|| if answer.is_value() { None } else { read_error(answer) })
}

fn with_message(error: Error, answer: &RawResponse) -> Error {
    let message = answer.json().decode::<ErrorBody>().ok().and_then(|decoded| decoded.value.error);
    error.with_vendor_error(None, message.map(String::from))
}

fn refusal(answer: &RawResponse) -> Option<Error> {
    if answer.body().len() > MAX_REFUSAL_BYTES {
        return None;
    }
    let refusal = answer.json().decode::<Refusal>().ok()?.value;
    if !refusal.is_refused() {
        return None;
    }
    let message = refusal.msg.as_ref().map(RedactedText::as_str).unwrap_or_default().to_owned();
    let what = match refusal.field() {
        Some("nome") => "the person's name was refused",
        Some("cpf") => "the CPF was refused",
        Some("nascimento") => "the date of birth was refused",
        _ => "the person's data were refused",
    };
    let violation = FieldViolation::new(refusal.field().unwrap_or_default(), message.as_str());
    let code = refusal.protocolo.map(String::from);
    Some(
        answer
            .error(ErrorKind::Rejected, what)
            .with_violations(vec![violation])
            .with_vendor_error(code, Some(message)),
    )
}

/// Returns the error of a response whose status is one of success and whose body is an error message in place of a value.
pub(crate) fn error_in_place(answer: &RawResponse) -> Option<Error> {
    let body = answer.json().decode::<ErrorBody>().ok()?.value;
    error_in_value(answer, body.error.as_ref())
}

/// Returns the error of a response whose status is one of success and whose body holds an error message.
pub(crate) fn error_in_value(answer: &RawResponse, error: Option<&RedactedText>) -> Option<Error> {
    let message = error?.as_str();
    (!message.trim().is_empty()).then(|| {
        answer
            .error(ErrorKind::Rejected, "the vendor responded with an error")
            .with_vendor_error(None, Some(message.to_owned()))
    })
}
