//! The vendor's error body, read into our error.

use kyc_core::{Error, RawResponse, RedactedText, response};

response! {
    /// The body of an error response. (Our page: "Error bodies".)
    pub struct ErrorBody {
        /// The vendor's code of the error.
        pub code: Option<RedactedText>,
        /// A sentence about the error.
        pub message: Option<RedactedText>,
    }
}

/// Reads the error of a response by its HTTP status.
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    let error = answer.error_by_status()?;
    // For an HTML page only the HTTP status is known.
    let body = answer.json().decode::<ErrorBody>().map(|decoded| decoded.value).unwrap_or_default();
    let text = |text: Option<RedactedText>| text.map(|text| text.as_str().to_owned());
    Some(error.with_vendor_error(text(body.code), text(body.message)))
}
