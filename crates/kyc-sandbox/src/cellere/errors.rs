//! The documented error responses.

use axum::http::StatusCode;
use kyc_fixtures::cellere_portal as documented;
use serde_json::json;

use crate::reply::Reply;

pub(super) fn no_data(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_NO_DATA_400).because(reason)
}

pub(super) fn image_required(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_IMAGE_REQUIRED_400).because(reason)
}

pub(super) fn not_base64(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_NOT_BASE64_400).because(reason)
}

pub(super) fn bearer_required(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_BEARER_REQUIRED_400).because(reason)
}

pub(super) fn not_jwt(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_NOT_JWT_400).because(reason)
}

/// Any other error of a request.
pub(super) fn bad_request(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_BAD_REQUEST_400).because(reason)
}

pub(super) fn not_registered(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_NOT_REGISTERED_401).because(reason)
}

pub(super) fn no_credits(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_NO_CREDITS_403).because(reason)
}

pub(super) fn service_down(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_SERVICE_DOWN_500).because(reason)
}

pub(super) fn unprocessable(reason: &str) -> Reply {
    Reply::documented(&documented::ERROR_UNPROCESSABLE_500).because(reason)
}

/// An error response in the vendor's form, for a status that it does not document.
pub(super) fn refusal(status: StatusCode, reason: &str) -> Reply {
    let documented = from_status(status);
    let body = json!({ "response": { "code": status.as_u16(), "message": reason } });
    documented.unwrap_or_else(|| Reply::json(status, &body)).because(reason)
}

/// The vendor's error response with a status.
pub(super) fn of_status(status: StatusCode) -> Reply {
    refusal(status, status.canonical_reason().unwrap_or("Error"))
}

/// The vendor's documented response for a status, if there is one. If there are several, the most general one.
pub(super) fn from_status(status: StatusCode) -> Option<Reply> {
    let reply = match status {
        StatusCode::BAD_REQUEST => &documented::ERROR_BAD_REQUEST_400,
        StatusCode::UNAUTHORIZED => &documented::ERROR_NOT_REGISTERED_401,
        StatusCode::FORBIDDEN => &documented::ERROR_NO_CREDITS_403,
        StatusCode::NOT_FOUND => &documented::ERROR_URL_NOT_FOUND_404,
        StatusCode::INTERNAL_SERVER_ERROR => &documented::ERROR_SERVICE_DOWN_500,
        _ => return None,
    };
    Some(Reply::documented(reply))
}
