//! What the pages load, and the sample images for the calls that the console prints.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::typed;
use crate::samples;

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "console.css" => typed("text/css; charset=utf-8", include_str!("assets/console.css")),
        "console.js" => typed("text/javascript; charset=utf-8", include_str!("assets/console.js")),
        "icon.svg" => typed("image/svg+xml", include_str!("assets/icon.svg")),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

pub(super) async fn sample(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "a-2014.jpg" => typed("image/jpeg", samples::A_2014),
        "a-2025.jpg" => typed("image/jpeg", samples::A_2025),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
