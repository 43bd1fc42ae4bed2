//! Bankly's error bodies, and what they mean.

use std::time::Duration;

use kyc_core::{
    Error, ErrorKind, FieldViolation, Lenient, OneOrMany, RawResponse, RedactedText, RedactedTexts, decode,
};
use serde::{Deserialize, Serialize};

/// How long Bankly asks to wait after a 429. It sends no header that says so.
const PAUSE: Duration = Duration::from_secs(5 * 60);

/// The body of a refusal, in any of the shapes that were seen. (Our page: "Error bodies".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErrorBody {
    /// What is wrong, one by one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<OneOrMany<ErrorItem>>,
    /// Where to read about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<RedactedText>,
    /// The code, where there is no list.
    #[serde(alias = "errorCode", skip_serializing_if = "Option::is_none")]
    pub code: Option<RedactedText>,
    /// The words, where there is no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
    /// What happened, from the web framework.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<RedactedText>,
    /// The HTTP status, from the web framework.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Lenient<i64>>,
    /// The kind of problem, from the web framework.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<RedactedText>,
    /// An id of the request, from the web framework.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<RedactedText>,
    /// Which layer failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<RedactedText>,
    /// Which application failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_name: Option<RedactedText>,
    /// The code of a token's refusal (RFC 6749).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
    /// The words of a token's refusal.
    #[serde(rename = "error_description", skip_serializing_if = "Option::is_none")]
    pub error_description: Option<RedactedText>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErrorItem {
    /// The code, such as `INVALID_PARAMETER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<RedactedText>,
    /// The field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub property_name: Option<RedactedText>,
    /// What is wrong with it. The vendor's schema calls it `message`.
    #[serde(alias = "message", skip_serializing_if = "Option::is_none")]
    pub messages: Option<RedactedTexts>,
    /// The field, in an older shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<RedactedText>,
    /// What is wrong with it, in an older shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<RedactedText>,
}

impl ErrorItem {
    fn violations(&self) -> impl Iterator<Item = FieldViolation> {
        let field =
            self.property_name.as_ref().or(self.key.as_ref()).map(RedactedText::as_str).unwrap_or_default();
        let messages = self.messages.iter().flat_map(RedactedTexts::iter).chain(&self.value);
        messages.map(move |message| FieldViolation::new(field, message.as_str()))
    }
}

impl ErrorBody {
    /// The code, wherever it stands.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let listed = || self.errors.iter().flat_map(OneOrMany::iter).find_map(|item| item.code.as_ref());
        self.code.as_ref().or(self.error.as_ref()).or_else(listed).map(RedactedText::as_str)
    }

    fn words(&self) -> Option<&str> {
        let listed = || {
            self.errors
                .iter()
                .flat_map(OneOrMany::iter)
                .find_map(|item| item.messages.iter().flat_map(RedactedTexts::iter).next())
        };
        let flat = self.message.as_ref().or(self.error_description.as_ref()).or(self.title.as_ref());
        flat.or_else(listed).map(RedactedText::as_str)
    }
}

/// The error in an answer. (Our page: "Error bodies".)
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    let by_http = answer.error_by_status()?;
    // An HTML page, an empty 404: HTTP's status is all there is.
    let Ok(body) = decode::<ErrorBody>(answer.body()).map(|decoded| decoded.value) else {
        return Some(paused(by_http));
    };
    let code = body.code().map(str::to_owned);
    let error = match code.as_deref() {
        // The token server says so under 400.
        Some("invalid_client" | "invalid_credentials" | "unauthorized_client") => {
            answer.error(ErrorKind::Unauthenticated, "the credentials were not accepted")
        }
        Some("invalid_scope") => {
            answer.error(ErrorKind::Forbidden, "the credentials do not allow a scope that was asked for")
        }
        _ => by_http,
    };
    let words = body.words().map(str::to_owned);
    let violations = body.errors.iter().flat_map(OneOrMany::iter).flat_map(ErrorItem::violations).collect();
    Some(paused(error.with_vendor_words(code, words).with_violations(violations)))
}

fn paused(error: Error) -> Error {
    if error.kind() == ErrorKind::RateLimited && error.retry_after().is_none() {
        error.with_retry_after(Some(PAUSE))
    } else {
        error
    }
}
