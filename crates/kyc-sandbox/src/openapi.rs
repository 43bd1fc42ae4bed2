//! The descriptions of the vendors' APIs, which `cargo xtask openapi` generates from their pages.

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use crate::control::{ControlContext, ControlError};
use crate::reply::JSON;

/// Serves the description of a vendor's API as `{key}.json`.
pub(crate) async fn document(
    Shared(context): Shared<ControlContext>,
    Path(file): Path<String>,
) -> Result<impl IntoResponse, ControlError> {
    let facts = context.vendors.iter().map(|vendor| vendor.facts());
    let mut named = facts.filter(|facts| file.strip_suffix(".json") == Some(facts.key));
    let unknown = || ControlError(StatusCode::NOT_FOUND, "no vendor has this file".to_owned());
    let facts = named.next().ok_or_else(unknown)?;
    Ok(([(CONTENT_TYPE, JSON)], facts.openapi))
}
