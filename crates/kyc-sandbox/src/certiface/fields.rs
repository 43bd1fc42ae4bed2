//! The fields of a request, sent as a form, as JSON or in the query.

use axum::http::HeaderMap;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::headers::is;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// The fields of a request. A body of the wrong form has none; the message about a missing field then names the right
/// form.
pub(super) struct Fields {
    values: Map<String, Value>,
    /// The expected form of the body.
    unread: Option<&'static str>,
}

impl Fields {
    pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> Self {
        if !is(headers, FORM) {
            return Self { values: Map::new(), unread: Some(FORM) };
        }
        Self::pairs(body)
    }

    pub(super) fn query(query: Option<&str>) -> Self {
        Self::pairs(query.unwrap_or_default().as_bytes())
    }

    fn pairs(encoded: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(encoded);
        Self { values: pairs.map(|(key, value)| (key.into_owned(), value.into())).collect(), unread: None }
    }

    pub(super) fn json(headers: &HeaderMap, body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(values) if is(headers, JSON) => Self { values, unread: None },
            _ => Self { values: Map::new(), unread: Some(JSON) },
        }
    }

    /// Whether the field is present and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str()
    }

    /// A required text, or the message of an error.
    pub(super) fn needed(&self, name: &str) -> Result<&str, String> {
        match (self.text(name), self.unread) {
            (Some(text), _) if !text.is_empty() => Ok(text),
            (_, None) => Err(format!("{name} is missing, empty or no text")),
            (_, Some(media)) => Err(format!("{name} is missing: the body must be an object sent as {media}")),
        }
    }
}
