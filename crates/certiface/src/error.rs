//! Certiface's error bodies, and what they mean.

use kyc_core::{Error, ErrorKind, FieldViolation, RawResponse, RedactedText, decode};
use serde::{Deserialize, Serialize};

use crate::operations::{appkey, checkauth, document, is_opened_by_appkey, result, result_of_liveness};

/// The body of most failures. (Our page: "Error bodies".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErrorBody {
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
}

/// What is answered instead of a value when the person's data are refused, under any HTTP status. (Vendor page:
/// "7. Result", "Outros Retornos"; our page: "Refused data".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Refusal {
    /// `ERR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<RedactedText>,
    /// `ERR`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resultado: Option<RedactedText>,
    /// To quote to the vendor's support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocolo: Option<RedactedText>,
    /// Which data: `NOME`, `INVALID CPF` or `INVALID DATE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub msg: Option<RedactedText>,
}

impl Refusal {
    /// The field of `appkey` that was refused, as the vendor names it.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self.msg.as_ref()?.as_str().trim() {
            "NOME" => Some("nome"),
            "INVALID CPF" => Some("cpf"),
            "INVALID DATE" => Some("nascimento"),
            _ => None,
        }
    }

    fn is_one(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.as_str().trim().eq_ignore_ascii_case("ERR"))
    }
}

/// A refusal is a few words; a result may be megabytes, and is not read twice.
const LARGEST_REFUSAL: usize = 1024;

/// The error in an answer. (Our page: the status table of each operation.)
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    if let Some(error) = refusal(answer) {
        return Some(error);
    }
    if is_value(answer) {
        return None;
    }
    let by_http = answer.error_by_status()?;
    let error = if by_http.kind() == ErrorKind::Unauthenticated && is_opened_by_appkey(answer.operation()) {
        // The appkey is all that such a call is authorised by, and no login renews it.
        answer
            .error(ErrorKind::Expired, "the appkey has ended or was never valid: start again with a new one")
    } else {
        by_http
    };
    let words = decode::<ErrorBody>(answer.body()).ok().and_then(|decoded| decoded.value.error);
    Some(error.with_vendor_words(None, words.map(String::from)))
}

/// Statuses of failure that are values: of a document that must be taken again, of a journey that is not so far, of an
/// appkey that is asked about.
fn is_value(answer: &RawResponse) -> bool {
    let is = |operation: &kyc_core::Operation| answer.operation().name() == operation.name();
    match answer.status().as_u16() {
        400 => is(&document::OPERATION) || is(&document::QR_CODE),
        401 => is(&checkauth::OPERATION),
        404 => is(&result::OPERATION) || is(&result_of_liveness::OPERATION),
        _ => false,
    }
}

fn refusal(answer: &RawResponse) -> Option<Error> {
    let name = answer.operation().name();
    let may_refuse = [appkey::OPERATION.name(), result::OPERATION.name()].contains(&name);
    if !may_refuse || answer.body().len() > LARGEST_REFUSAL {
        return None;
    }
    let refusal = decode::<Refusal>(answer.body()).ok()?.value;
    if !refusal.is_one() {
        return None;
    }
    let words = refusal.msg.as_ref().map(RedactedText::as_str).unwrap_or_default().to_owned();
    let what = match refusal.field() {
        Some("nome") => "the person's name was refused",
        Some("cpf") => "the CPF was refused",
        Some("nascimento") => "the date of birth was refused",
        _ => "the person's data were refused",
    };
    let violation = FieldViolation::new(refusal.field().unwrap_or_default(), words.as_str());
    let code = refusal.protocolo.map(String::from);
    Some(
        answer
            .error(ErrorKind::Rejected, what)
            .with_violations(vec![violation])
            .with_vendor_words(code, Some(words)),
    )
}

/// An answer of success whose body is an error all the same.
pub(crate) fn error_in_value(answer: &RawResponse, error: Option<&RedactedText>) -> Option<Error> {
    let words = error?.as_str();
    (!words.trim().is_empty()).then(|| {
        answer
            .error(ErrorKind::Rejected, "the vendor answered with an error")
            .with_vendor_words(None, Some(words.to_owned()))
    })
}
