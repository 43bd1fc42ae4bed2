//! The documented error responses.

use axum::http::StatusCode;
use kyc_fixtures::clearsale_facematch as documented;
use serde_json::{Value, json};

use crate::faults::plain_error;
use crate::reply::Reply;

/// An error in the vendor's form that its page does not print.
pub(super) fn refusal(status: StatusCode, reason: &str) -> Reply {
    let title = status.canonical_reason().unwrap_or("Error");
    Reply::json(status, &json!({ "title": title, "detail": reason, "status": status.as_u16() }))
}

pub(super) fn of_login(status: StatusCode) -> Reply {
    match status {
        StatusCode::BAD_REQUEST => Reply::documented(&documented::LOGIN_400),
        StatusCode::UNAUTHORIZED => Reply::documented(&documented::LOGIN_401),
        StatusCode::NOT_FOUND => Reply::empty(status),
        StatusCode::INTERNAL_SERVER_ERROR => Reply::documented(&documented::LOGIN_500),
        _ => plain_error(status),
    }
}

pub(super) fn of_match(status: StatusCode) -> Reply {
    match status {
        StatusCode::BAD_REQUEST => Reply::documented(&documented::MATCH_400),
        StatusCode::UNAUTHORIZED => Reply::documented(&documented::MATCH_401),
        StatusCode::INTERNAL_SERVER_ERROR => Reply::documented(&documented::MATCH_500),
        _ => plain_error(status),
    }
}

/// `asked` is the id in the path.
pub(super) fn of_query(status: StatusCode, asked: &str) -> Reply {
    let body = match status {
        StatusCode::UNAUTHORIZED => documented::QUERY_401.body,
        StatusCode::NOT_FOUND => documented::QUERY_404.body,
        StatusCode::INTERNAL_SERVER_ERROR => documented::QUERY_500.body,
        _ => return plain_error(status),
    };
    Reply::text(status, about(body, asked))
}

/// A documented body with the transaction id in place of its placeholders.
fn about(body: &str, transaction_id: &str) -> String {
    // The client may send any text as the id, so it is escaped as a JSON string, without the quotation marks.
    let quoted = Value::from(transaction_id).to_string();
    let inside = &quoted[1..quoted.len() - 1];
    body.replace("{transactionId}", inside).replace("{transactionid}", inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_break_out_of_the_body() {
        let body = about(documented::QUERY_404.body, "a\"b\\");
        let parsed: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(parsed["detail"], "Transaction Id: a\"b\\ não encontrada");
    }
}
