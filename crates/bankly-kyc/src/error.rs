//! Bankly's error bodies, read into our error.

use std::time::Duration;

use kyc_core::{
    Error, ErrorKind, FieldViolation, Lenient, OneOrMany, RawResponse, RedactedText, RedactedTexts, response,
};

/// The pause that Bankly's page requires after a 429. The response has no header for it. (Our page: "Limits".)
const PAUSE: Duration = Duration::from_secs(5 * 60);

response! {
    /// The body of an error response, in any of the known forms. (Our page: "Error bodies".)
    #[serde(rename_all = "camelCase")]
    pub struct ErrorBody {
        /// The errors, one by one.
        pub errors: Option<OneOrMany<ErrorItem>>,
        /// A link to the documentation of the error.
        pub reference: Option<RedactedText>,
        /// The code, if there is no list.
        #[serde(alias = "errorCode")]
        pub code: Option<RedactedText>,
        /// The message, if there is no list.
        pub message: Option<RedactedText>,
        /// The title of the error, from the web framework.
        pub title: Option<RedactedText>,
        /// The HTTP status, from the web framework.
        pub status: Option<Lenient<i64>>,
        /// The type of the error, from the web framework.
        #[serde(rename = "type")]
        pub kind: Option<RedactedText>,
        /// The trace id of the request, from the web framework.
        pub trace_id: Option<RedactedText>,
        /// The layer that failed.
        pub layer: Option<RedactedText>,
        /// The application that failed.
        pub application_name: Option<RedactedText>,
        /// The error code of a token request (RFC 6749).
        pub error: Option<RedactedText>,
        /// The description of a failed token request.
        #[serde(rename = "error_description")]
        pub error_description: Option<RedactedText>,
    }
}

response! {
    /// One error of a list.
    #[serde(rename_all = "camelCase")]
    pub struct ErrorItem {
        /// The code, such as `INVALID_PARAMETER`.
        pub code: Option<RedactedText>,
        /// The rejected field.
        pub property_name: Option<RedactedText>,
        /// The messages about the field. The vendor's schema calls it `message`.
        #[serde(alias = "message")]
        pub messages: Option<RedactedTexts>,
        /// The rejected field, in an older form.
        pub key: Option<RedactedText>,
        /// The message about the field, in an older form.
        pub value: Option<RedactedText>,
    }
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
    /// Returns the error code from any of its places in the body.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let listed = self.errors.iter().flat_map(OneOrMany::iter).filter_map(|item| item.code.as_ref());
        first_said(self.code.iter().chain(&self.error).chain(listed))
    }

    fn vendor_message(&self) -> Option<&str> {
        let listed = self.errors.iter().flat_map(OneOrMany::iter);
        let listed = listed.flat_map(|item| item.messages.iter().flat_map(RedactedTexts::iter));
        first_said(self.message.iter().chain(&self.error_description).chain(&self.title).chain(listed))
    }
}

/// Returns the first text that is not blank. An object or a list in place of a text is decoded as a blank text.
fn first_said<'a>(mut texts: impl Iterator<Item = &'a RedactedText>) -> Option<&'a str> {
    texts.find(|text| !text.as_str().trim().is_empty()).map(RedactedText::as_str)
}

/// Reads the error of a response. (Our page: "Error bodies".)
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    let by_http = answer.error_by_status()?;
    // For an HTML page or an empty body only the HTTP status is known.
    let Ok(body) = answer.json().decode::<ErrorBody>().map(|decoded| decoded.value) else {
        return Some(paused(by_http));
    };
    let code = body.code().map(str::to_owned);
    let error = match code.as_deref() {
        // The token server sends these with HTTP 400.
        Some("invalid_client" | "invalid_credentials" | "unauthorized_client") => {
            answer.error(ErrorKind::Unauthenticated, "the credentials were not accepted")
        }
        Some("invalid_scope") => {
            answer.error(ErrorKind::Forbidden, "the credentials do not allow a requested scope")
        }
        _ => by_http,
    };
    let message = body.vendor_message().map(str::to_owned);
    let violations = body.errors.iter().flat_map(OneOrMany::iter).flat_map(ErrorItem::violations).collect();
    Some(paused(error.with_vendor_error(code, message).with_violations(violations)))
}

/// Adds the documented pause to a 429 without a `Retry-After`.
fn paused(error: Error) -> Error {
    if error.kind() == ErrorKind::RateLimited && error.retry_after().is_none() {
        error.with_retry_after(Some(PAUSE))
    } else {
        error
    }
}
