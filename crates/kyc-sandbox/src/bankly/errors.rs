//! Error responses in the vendor's form.

use axum::http::StatusCode;
use serde_json::json;

use super::Operation;
use crate::faults::plain_error;
use crate::reply::Reply;

/// An error response with the vendor's code for its status.
pub(super) fn refusal(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, &json!({ "errors": [{ "code": code(status), "messages": [message] }] }))
        .because(message)
}

/// An error response about one field.
pub(super) fn invalid(property: &str, message: impl AsRef<str>) -> Reply {
    let error = json!({
        "code": code(StatusCode::BAD_REQUEST),
        "propertyName": property,
        "messages": [message.as_ref()],
    });
    Reply::json(StatusCode::BAD_REQUEST, &json!({ "errors": [error] })).because(message.as_ref())
}

pub(super) fn missing(property: &str) -> Reply {
    invalid(property, format!("The field {property} is required."))
}

/// An error response of the token server.
pub(super) fn oauth(error: &str, description: &str) -> Reply {
    let body = json!({ "error": error, "error_description": description });
    Reply::json(StatusCode::BAD_REQUEST, &body).because(description)
}

/// The vendor's documented response for a status, if there is one. A 500 has no body.
pub(super) fn documented(status: StatusCode) -> Option<Reply> {
    match status {
        StatusCode::INTERNAL_SERVER_ERROR => Some(Reply::empty(status)),
        status if code(status) != UNKNOWN => Some(refusal(status, "this error was requested")),
        _ => None,
    }
}

/// The response to an operation for which a scenario calls.
pub(super) fn of_operation(operation: Operation, status: StatusCode) -> Reply {
    let is_oauth = matches!(operation, Operation::Token | Operation::LegacyToken | Operation::Register);
    match documented(status) {
        Some(_) if is_oauth && status == StatusCode::BAD_REQUEST => {
            oauth("invalid_client", "this error was requested")
        }
        Some(reply) => reply,
        None => plain_error(status),
    }
}

const UNKNOWN: &str = "";

fn code(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "INVALID_PARAMETER",
        StatusCode::UNAUTHORIZED => "UNAUTHORIZED",
        StatusCode::FORBIDDEN => "FORBIDDEN",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::METHOD_NOT_ALLOWED => "METHOD_NOT_ALLOWED",
        StatusCode::NOT_ACCEPTABLE => "NOT_ACCEPTABLE",
        StatusCode::CONFLICT => "CONFLICT",
        StatusCode::GONE => "GONE",
        StatusCode::REQUEST_TIMEOUT => "REQUEST_TIMEOUT",
        StatusCode::PAYLOAD_TOO_LARGE => "PAYLOAD_TOO_LARGE",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "UNSUPPORTED_MEDIA_TYPE",
        StatusCode::UNPROCESSABLE_ENTITY => "UNPROCESSABLE",
        StatusCode::TOO_MANY_REQUESTS => "TOO_MANY_REQUESTS",
        _ => UNKNOWN,
    }
}
