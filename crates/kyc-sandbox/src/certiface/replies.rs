//! Error responses, and encrypted responses.

use axum::http::StatusCode;
use serde_json::{Value, json};

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

/// A response whose body is a JSON string with the encrypted object.
pub(super) fn encrypted(appkey: &str, body: &Value) -> Reply {
    match Cipher::of(appkey) {
        Some(cipher) => Reply::json(StatusCode::OK, &cipher.encrypt(&body.to_string())),
        None => refusal(StatusCode::INTERNAL_SERVER_ERROR, "the appkey is too short to encrypt with"),
    }
}
