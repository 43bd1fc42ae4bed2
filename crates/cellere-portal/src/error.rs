//! The portal's error body, and what it means.

use http::StatusCode;
use kyc_core::{Error, ErrorKind, FieldViolation, Lenient, RawResponse, RedactedText, decode, open_enum};
use serde::{Deserialize, Serialize};

use crate::model::Status;

open_enum! {
    /// What the portal says of a call: the one table of its page, the same for all services. Of an error that a client
    /// returned it is told by [`ResponseText::of`]. (Vendor page: "Código | Resposta (response)"; our page: "Response
    /// texts".)
    pub enum ResponseText: text {
        /// 200.
        Success = "Success",
        /// 400: the request is empty.
        NoData = "The request has no data." | "The request has no data",
        /// 400: the picture is missing.
        ImageRequired = "The image field is required" | "The image field is required.",
        /// 400: the picture is not in base64.
        NotBase64 = "The image field should be a base64 encoded string." | "The image field should be a base64 encoded string",
        /// 400: there is no token.
        BearerRequired = "Bearer Token is required to perform this operation" | "Bearer Token is required to perform this operation.",
        /// 400: the token is no JWT.
        NotJwt = "The token is not in JWT format" | "The token is not in JWT format.",
        /// 400: anything else.
        BadRequest = "Bad Request",
        /// 401: the token is nobody's.
        NotRegistered = "Client is not registered" | "Client is not registered.",
        /// 403: the credits are used up.
        InsufficientCredits = "Insufficient credits to perform this operation" | "Insufficient credits to perform this operation." | "insufficientBalance",
        /// 404: there is no such path.
        UrlNotFound = "URL not found" | "URL not found.",
        /// 500: the service behind the portal is down.
        ServiceDown = "Service API is not working" | "Service API is not working.",
        /// 500: the service behind the portal answered something odd.
        Unprocessable = "Could not process the service response" | "Could not process the service response.",
    }
}

impl ResponseText {
    /// What the portal said with an error of this crate; `None` if it said nothing.
    ///
    /// ```no_run
    /// # async fn look(client: cellere_portal::Client) {
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

    /// What the table has under a code alone, where it has one text: for refusals without words. A 403 is about credits,
    /// not about rights.
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

    /// What a refusal means for the caller, and in our words. `None` for success and for words that are unknown.
    fn refusal(&self) -> Option<(ErrorKind, &'static str)> {
        Some(match self {
            Self::NoData => (ErrorKind::Rejected, "the portal found nothing in the request"),
            Self::ImageRequired => (ErrorKind::Rejected, "the portal did not find the picture"),
            Self::NotBase64 => (ErrorKind::Rejected, "the portal could not read the picture's base64"),
            Self::BadRequest => (ErrorKind::Rejected, "the portal turned the request down"),
            Self::BearerRequired => (ErrorKind::Unauthenticated, "the portal found no token in the request"),
            Self::NotJwt => (ErrorKind::Unauthenticated, "the portal takes only tokens that are JWTs"),
            Self::NotRegistered => {
                (ErrorKind::Unauthenticated, "the portal does not know the token's client")
            }
            Self::InsufficientCredits => (ErrorKind::QuotaExhausted, "the portal's credits are used up"),
            // The path is the client's own: a default of ours that is wrong, or a setting.
            Self::UrlNotFound => (ErrorKind::Config, "the portal has no such path: set it by `endpoints`"),
            Self::ServiceDown => (ErrorKind::Unavailable, "the service behind the portal is down"),
            Self::Unprocessable => {
                (ErrorKind::Unavailable, "the portal could not read the answer of the service behind it")
            }
            Self::Success | Self::Unknown(_) => return None,
        })
    }

    /// The field that is wrong, where the text names one.
    fn violations(&self) -> Vec<FieldViolation> {
        match self {
            Self::ImageRequired | Self::NotBase64 => vec![FieldViolation::new("image", self.as_str())],
            _ => Vec::new(),
        }
    }
}

/// The body of a refusal, in any of the shapes that are described or were seen. (Our page: "Error bodies".)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct ErrorBody {
    /// Code and words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Status>,
    /// Code and words again. In a meter's answer a verdict, which is no refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<RedactedText>,
    /// The words as an identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RedactedText>,
    /// The code.
    #[serde(rename = "statusCode", alias = "code", skip_serializing_if = "Option::is_none")]
    pub status_code: Option<Lenient<i64>>,
}

impl ErrorBody {
    /// Everything that may be the words, what the vendor's page names first.
    fn words(&self) -> impl Iterator<Item = &RedactedText> {
        let blocks = [&self.response, &self.status].into_iter().flatten();
        blocks.filter_map(|block| block.message.as_ref()).chain(&self.message).chain(&self.reason)
    }

    /// The words that name a refusal, or else the first: a success in one place hides nothing in another.
    fn text(&self) -> Option<&str> {
        let is_refusal = |text: &&RedactedText| ResponseText::from(text.as_str()).refusal().is_some();
        self.words().find(is_refusal).or_else(|| self.words().next()).map(RedactedText::as_str)
    }

    /// The first code that is one of a refusal.
    fn code(&self) -> Option<u16> {
        let blocks = [&self.response, &self.status].into_iter().flatten();
        let codes = blocks.filter_map(|block| block.code.as_ref()).chain(&self.status_code);
        codes.filter_map(|code| u16::try_from(*code.get()?).ok()).find(|code| (400..600).contains(code))
    }
}

/// The error in an answer. The words beat the code, and the body the status of HTTP: two of the texts under 400 are about
/// the token, and a 200 may hold a refusal.
pub(crate) fn read_error(answer: &RawResponse) -> Option<Error> {
    // An HTML page, an empty body: HTTP's status is all there is. Of a web server's own pages only a 404 has one meaning
    // here, since paths are options; a 403 may be a firewall's.
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
    Some(error.with_vendor_words(code, body.text().map(str::to_owned)).with_violations(violations))
}

fn explain(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthenticated => "the body says that the token was not accepted",
        ErrorKind::Forbidden => "the body says that the token does not allow this",
        ErrorKind::Unavailable => "the body says that the portal failed",
        ErrorKind::RateLimited => "the body says that there were too many requests",
        _ => "the body says that the portal turned the request down",
    }
}
