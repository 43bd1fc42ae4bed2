//! Error responses, and encrypted responses.

use axum::http::StatusCode;
use serde_json::{Value, json};

use kyc_fixtures::certiface::APPKEY_422;

use super::Operation;
use super::crypto::Cipher;
use crate::reply::Reply;

/// An error response. The vendor documents statuses but no bodies; its own browser code expects a text named `error`.
pub(super) fn refusal(status: StatusCode, error: impl Into<String>) -> Reply {
    let error = error.into();
    Reply::json(status, &json!({ "error": error })).because(&error)
}

pub(super) fn bad_request(error: impl Into<String>) -> Reply {
    refusal(StatusCode::BAD_REQUEST, error)
}

pub(super) fn unauthorized(error: impl Into<String>) -> Reply {
    refusal(StatusCode::UNAUTHORIZED, error)
}

pub(super) fn not_found(error: impl Into<String>) -> Reply {
    refusal(StatusCode::NOT_FOUND, error)
}

/// The response to an operation for which a scenario calls, if the status is documented.
pub(super) fn of_operation(operation: Operation, status: StatusCode) -> Option<Reply> {
    match (operation, status) {
        (Operation::Appkey, StatusCode::UNPROCESSABLE_ENTITY) => Some(Reply::documented(&APPKEY_422)),
        (_, StatusCode::INTERNAL_SERVER_ERROR) => Some(refusal(status, "Erro genérico.")),
        (
            _,
            StatusCode::BAD_REQUEST
            | StatusCode::UNAUTHORIZED
            | StatusCode::NOT_FOUND
            | StatusCode::UNPROCESSABLE_ENTITY,
        ) => Some(refusal(status, "this error was requested")),
        _ => None,
    }
}

/// A response whose body is a JSON string with the encrypted object.
pub(super) fn encrypted(appkey: &str, body: &Value) -> Reply {
    match Cipher::of(appkey) {
        Some(cipher) => Reply::json(StatusCode::OK, &cipher.encrypt(&body.to_string())),
        None => refusal(StatusCode::INTERNAL_SERVER_ERROR, "the appkey is too short to encrypt with"),
    }
}
