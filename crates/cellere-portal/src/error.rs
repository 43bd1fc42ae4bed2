//! The portal's error body, read into our error.

use http::StatusCode;
use kyc_core::{
    Error, ErrorKind, FieldViolation, Lenient, RawResponse, RedactedText, decode, open_enum, response,
};

use crate::model::Status;

open_enum! {
    /// The portal's text about the outcome of a call: the one table of its page, which applies to all services.
    /// [`ResponseText::of`] returns the text of an error. (Vendor page: "Código | Resposta (response)"; our page:
    /// "Response texts".)
    pub enum ResponseText: text {
        /// 200: the call succeeded.
        Success = "Success",
        /// 400: the request is empty.
        NoData = "The request has no data." | "The request has no data",
        /// 400: the image is missing.
        ImageRequired = "The image field is required" | "The image field is required.",
        /// 400: the image is not in base64.
        NotBase64 = "The image field should be a base64 encoded string." | "The image field should be a base64 encoded string",
        /// 400: the token is missing.
        BearerRequired = "Bearer Token is required to perform this operation" | "Bearer Token is required to perform this operation.",
        /// 400: the token is not a JWT.
        NotJwt = "The token is not in JWT format" | "The token is not in JWT format.",
        /// 400: any other fault of the request.
        BadRequest = "Bad Request",
        /// 401: the token belongs to no customer.
        NotRegistered = "Client is not registered" | "Client is not registered.",
        /// 403: the credits are used up.
        InsufficientCredits = "Insufficient credits to perform this operation" | "Insufficient credits to perform this operation." | "insufficientBalance",
        /// 404: the path does not exist.
        UrlNotFound = "URL not found" | "URL not found.",
        /// 500: the service behind the portal is down.
        ServiceDown = "Service API is not working" | "Service API is not working.",
        /// 500: the portal could not process the response of the service behind it.
        Unprocessable = "Could not process the service response" | "Could not process the service response.",
    }
}

impl ResponseText {
    /// Returns the portal's text in an error of this crate, or `None` if the portal sent none.
    ///
    /// ```no_run
    /// # async fn example(client: cellere_portal::Client) {
    /// use cellere_portal::ResponseText;
    /// if let Err(error) = client.balance().await {
    ///     match ResponseText::of(&error) {
    ///         Some(ResponseText::NotRegistered) => eprintln!("copy the token from the portal again"),
    ///         _ => eprintln!("{error}"),
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        error.vendor_message().map(Self::from)
    }

    /// Returns the text of a code, where the table has only one, for errors without a text. A 403 is about credits, not
    /// about permissions.
    fn of_code(code: u16) -> Option<Self> {
        match code {
            401 => Some(Self::NotRegistered),
            403 => Some(Self::InsufficientCredits),
            404 => Some(Self::UrlNotFound),
            _ => None,
        }
    }

    pub(crate) fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown(_))
    }

    /// Returns the kind and our description of an error, or `None` for success and for an unknown text.
    fn refusal(&self) -> Option<(ErrorKind, &'static str)> {
        Some(match self {
            Self::NoData => (ErrorKind::Rejected, "the portal found no data in the request"),
            Self::ImageRequired => (ErrorKind::Rejected, "the portal found no image in the request"),
            Self::NotBase64 => (ErrorKind::Rejected, "the portal could not decode the base64 of the image"),
            Self::BadRequest => (ErrorKind::Rejected, "the portal rejected the request"),
            Self::BearerRequired => (ErrorKind::Unauthenticated, "the portal found no token in the request"),
            Self::NotJwt => (ErrorKind::Unauthenticated, "the portal accepts only tokens that are JWTs"),
            Self::NotRegistered => {
                (ErrorKind::Unauthenticated, "the portal does not know the token's client")
            }
            Self::InsufficientCredits => (ErrorKind::QuotaExhausted, "the portal's credits are used up"),
            // The path is a default of ours or a setting, and never a person's or a document's.
            Self::UrlNotFound => {
                (ErrorKind::Config, "the portal has no such path: change it with `endpoints`")
            }
            Self::ServiceDown => (ErrorKind::Unavailable, "the service behind the portal is down"),
            Self::Unprocessable => {
                (ErrorKind::Unavailable, "the portal could not process the response of the service behind it")
            }
            Self::Success | Self::Unknown(_) => return None,
        })
    }

    /// Returns the rejected field, where the text names one.
    fn violations(&self) -> Vec<FieldViolation> {
        match self {
            Self::ImageRequired | Self::NotBase64 => vec![FieldViolation::new("image", self.as_str())],
            _ => Vec::new(),
        }
    }
}

response! {
    /// The body of an error response, in any form that is documented or was seen in public clients. (Our page: "Error
    /// bodies".)
    pub struct ErrorBody {
        /// Code and text.
        pub response: Option<Status>,
        /// Code and text again. In a meter's response this field is the conciliation, which is not an error.
        pub status: Option<Status>,
        /// The text.
        pub message: Option<RedactedText>,
        /// The text as an identifier.
        pub reason: Option<RedactedText>,
        /// The code.
        #[serde(rename = "statusCode", alias = "code")]
        pub status_code: Option<Lenient<i64>>,
    }
}

impl ErrorBody {
    /// Iterates over every possible text, beginning with the field that the vendor's page names.
    fn texts(&self) -> impl Iterator<Item = &RedactedText> {
        let blocks = [&self.response, &self.status].into_iter().flatten();
        blocks.filter_map(|block| block.message.as_ref()).chain(&self.message).chain(&self.reason)
    }

    /// Returns the first text that is an error, or else the first text: a success in one field does not hide an error in
    /// another.
    fn text(&self) -> Option<&str> {
        let is_refusal = |text: &&RedactedText| ResponseText::from(text.as_str()).refusal().is_some();
        self.texts().find(is_refusal).or_else(|| self.texts().next()).map(RedactedText::as_str)
    }

    /// Returns the first code from 400 to 599.
    fn code(&self) -> Option<u16> {
        let blocks = [&self.response, &self.status].into_iter().flatten();
        let codes = blocks.filter_map(|block| block.code.as_ref()).chain(&self.status_code);
        codes.filter_map(|code| u16::try_from(*code.get()?).ok()).find(|code| (400..600).contains(code))
    }
}

/// Reads the error of a response. The text takes precedence over the code, and the body over the HTTP status: two of the
/// texts of a 400 are about the token, and a 200 may hold an error.
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    // For an HTML page or an empty body only the HTTP status is known. Among these only a 404 has a certain meaning, since
    // paths are settings; a 403 may come from a firewall.
    let body = decode::<ErrorBody>(answer.body()).map(|decoded| decoded.value).unwrap_or_default();
    let code = body.code().or_else(|| (answer.status() == StatusCode::NOT_FOUND).then_some(404));
    let text = body.text().map(ResponseText::from).or_else(|| code.and_then(ResponseText::of_code));
    let by_text = text.as_ref().and_then(ResponseText::refusal);
    let by_code = body.code().and_then(ErrorKind::of_status).map(|kind| (kind, explain(kind)));
    let error = match by_text.or(by_code) {
        Some((kind, what)) => answer.error(kind, what),
        None => answer.error_by_status()?,
    };
    let violations = text.as_ref().map(ResponseText::violations).unwrap_or_default();
    let code = body.code().map(|code| code.to_string());
    Some(error.with_vendor_error(code, body.text().map(str::to_owned)).with_violations(violations))
}

fn explain(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "the body states that the token was not accepted",
        ErrorKind::Forbidden => "the body states that the token does not permit this operation",
        ErrorKind::Unavailable => "the body states that the portal failed",
        ErrorKind::RateLimited => "the body states that there were too many requests",
        _ => "the body states that the portal rejected the request",
    }
}
