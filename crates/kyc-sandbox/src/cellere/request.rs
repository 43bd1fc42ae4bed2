//! A request to Cellere, in any of its forms.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use kyc_core::{Media, MediaRules};
use kyc_fixtures::Fixture;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::errors::{bad_request, no_data, not_base64};
use super::operation::{Form, Route};
use crate::reply::Reply;
use crate::{headers, multipart};

const NO_FLAG: &str = "a field that must be true or false is not";
const NO_IMAGE: &str = "an image is not of a format that this path takes";

pub(super) struct Request {
    pub(super) route: &'static Route,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    /// The documented response of the path, as a base for changes.
    pub(super) fn documented_reply(&self) -> Value {
        body_of(self.route.reply)
    }

    /// The fields, provided the path accepts the form and every name.
    pub(super) fn fields(&self) -> Result<Fields, Reply> {
        let form = self.form()?;
        let (_, known) = self.route.forms.iter().find(|(known, _)| *known == form).ok_or_else(|| {
            bad_request("this path does not take fields in the form that the Content-Type states")
        })?;
        let pairs = match form {
            Form::Query => Some(query(&self.query)),
            Form::Json => json(&self.body),
            Form::Multipart => parts(&self.headers, &self.body),
        };
        let mut fields = BTreeMap::new();
        for (name, field) in
            pairs.ok_or_else(|| bad_request("the body is malformed, or is not of its Content-Type"))?
        {
            if !known.contains(&name.as_str()) || fields.insert(name, field).is_some() {
                return Err(bad_request("a field is unknown to this path, or occurs twice"));
            }
        }
        Ok(Fields(fields))
    }

    fn form(&self) -> Result<Form, Reply> {
        let by_query = self.route.forms.iter().any(|(form, _)| *form == Form::Query);
        match by_query {
            true if self.query.is_empty() => Err(no_data("the query is empty")),
            true => Ok(Form::Query),
            false if self.body.is_empty() => Err(no_data("the body is empty")),
            false if headers::is(&self.headers, "application/json") => Ok(Form::Json),
            false if headers::is(&self.headers, "multipart/form-data") => Ok(Form::Multipart),
            false => Err(bad_request("the Content-Type must be application/json or multipart/form-data")),
        }
    }
}

pub(super) fn body_of(reply: &Fixture) -> Value {
    serde_json::from_str(reply.body).unwrap_or_default()
}

type Pairs = Vec<(String, Field)>;

fn query(query: &str) -> Pairs {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs.map(|(name, value)| (name.into_owned(), Field::Text(value.into_owned()))).collect()
}

/// A null field counts as absent.
fn json(body: &[u8]) -> Option<Pairs> {
    let object: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let given = object.into_iter().filter(|(_, value)| !value.is_null());
    let field = |value| match value {
        Value::String(text) => Field::Text(text),
        Value::Bool(flag) => Field::Flag(flag),
        _ => Field::Other,
    };
    Some(given.map(|(name, value)| (name, field(value))).collect())
}

fn parts(headers: &HeaderMap, body: &Bytes) -> Option<Pairs> {
    let field = |file_name: Option<String>, content: Bytes| match file_name {
        Some(name) => Some(Field::File(name, content)),
        None => String::from_utf8(content.into()).ok().map(Field::Text),
    };
    let parts = multipart::parts(body, &multipart::boundary(headers)?)?;
    parts.into_iter().map(|part| Some((part.name, field(part.file_name, part.content)?))).collect()
}

enum Field {
    Text(String),
    Flag(bool),
    /// The client's file name, and the content.
    File(String, Bytes),
    /// JSON of another type, which no field of this vendor has.
    Other,
}

pub(super) struct Fields(BTreeMap<String, Field>);

impl Fields {
    /// A text. An empty one counts as absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Reply> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Field::Text(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
            Some(_) => Err(bad_request("a field that must be text is not")),
        }
    }

    /// A flag; outside of JSON it is sent as text.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Reply> {
        match self.0.get(name) {
            None => Ok(false),
            Some(Field::Flag(flag)) => Ok(*flag),
            Some(Field::Text(text)) => text.parse().map_err(|_| bad_request(NO_FLAG)),
            Some(_) => Err(bad_request(NO_FLAG)),
        }
    }

    /// An image, as a file or as base64. An empty one counts as absent.
    pub(super) fn image(&self, name: &str, rules: &MediaRules) -> Result<Option<Image>, Reply> {
        let (name, content) = match self.0.get(name) {
            None => return Ok(None),
            Some(Field::File(name, content)) => (Some(name.clone()), content.clone()),
            Some(Field::Text(text)) => (
                None,
                STANDARD.decode(text).map_err(|_| not_base64("an image is not base64 with padding"))?.into(),
            ),
            Some(_) => return Err(not_base64("an image is neither text nor a file")),
        };
        if content.is_empty() {
            return Ok(None);
        }
        let media = Media::new(content).map_err(|_| bad_request(NO_IMAGE))?;
        media.check(rules).map_err(|_| bad_request(NO_IMAGE))?;
        Ok(Some(Image { media, name }))
    }
}

pub(super) struct Image {
    pub(super) media: Media,
    /// The client's file name, if there is one.
    pub(super) name: Option<String>,
}
