//! The multipart body of an upload.

use axum::http::StatusCode;
use bytes::Bytes;

use super::errors::{invalid, missing, refusal};
use super::request::Request;
use crate::multipart::{self, Part};
use crate::reply::Reply;

/// The parts of a body, by name.
pub(super) struct Multipart(Vec<Part>);

impl Multipart {
    pub(super) fn of(request: &Request) -> Result<Self, Reply> {
        let boundary = multipart::boundary(&request.headers).ok_or_else(|| {
            refusal(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body must be multipart/form-data with a boundary",
            )
        })?;
        let parts = multipart::parts(&request.body, &boundary);
        parts.map(Self).ok_or_else(|| invalid("body", "The body is not valid multipart/form-data."))
    }

    pub(super) fn file(&self, name: &str) -> Result<&Bytes, Reply> {
        self.optional(name).filter(|content| !content.is_empty()).ok_or_else(|| missing(name))
    }

    pub(super) fn optional(&self, name: &str) -> Option<&Bytes> {
        self.0.iter().find(|part| part.name == name).map(|part| &part.content)
    }

    /// A required text with one of these values.
    pub(super) fn one_of(&self, name: &str, words: &[&'static str]) -> Result<&'static str, Reply> {
        let content = self.file(name)?;
        let known = words.iter().find(|word| word.as_bytes() == content);
        known.copied().ok_or_else(|| invalid(name, format!("The field {name} must be one of {words:?}.")))
    }
}
