//! The documented error responses.

use axum::http::StatusCode;
use kyc_fixtures::cellere_portal as documented;

use crate::reply::Reply;

pub(super) fn no_data() -> Reply {
    Reply::documented(&documented::ERROR_NO_DATA_400)
}

pub(super) fn image_required() -> Reply {
    Reply::documented(&documented::ERROR_IMAGE_REQUIRED_400)
}

pub(super) fn not_base64() -> Reply {
    Reply::documented(&documented::ERROR_NOT_BASE64_400)
}

pub(super) fn bearer_required() -> Reply {
    Reply::documented(&documented::ERROR_BEARER_REQUIRED_400)
}

pub(super) fn not_jwt() -> Reply {
    Reply::documented(&documented::ERROR_NOT_JWT_400)
}

/// Any other error of a request.
pub(super) fn bad_request() -> Reply {
    Reply::documented(&documented::ERROR_BAD_REQUEST_400)
}

pub(super) fn not_registered() -> Reply {
    Reply::documented(&documented::ERROR_NOT_REGISTERED_401)
}

pub(super) fn no_credits() -> Reply {
    Reply::documented(&documented::ERROR_NO_CREDITS_403)
}

pub(super) fn unknown_url() -> Reply {
    Reply::documented(&documented::ERROR_URL_NOT_FOUND_404)
}

pub(super) fn service_down() -> Reply {
    Reply::documented(&documented::ERROR_SERVICE_DOWN_500)
}

pub(super) fn unprocessable() -> Reply {
    Reply::documented(&documented::ERROR_UNPROCESSABLE_500)
}

/// The vendor's documented response for a status, if there is one. If there are several, the most general one.
pub(super) fn from_status(status: StatusCode) -> Option<Reply> {
    match status {
        StatusCode::BAD_REQUEST => Some(bad_request()),
        StatusCode::UNAUTHORIZED => Some(not_registered()),
        StatusCode::FORBIDDEN => Some(no_credits()),
        StatusCode::NOT_FOUND => Some(unknown_url()),
        StatusCode::INTERNAL_SERVER_ERROR => Some(service_down()),
        _ => None,
    }
}
