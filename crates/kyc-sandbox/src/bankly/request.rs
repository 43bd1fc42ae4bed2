//! A request to Bankly, and access to its contents.

use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use kyc_core::Cnpj;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::Operation;
use super::errors::{invalid, missing, refusal};
use crate::headers;
use crate::reply::Reply;

pub(super) struct Request {
    pub(super) operation: Operation,
    /// The variable of the path; empty if the path has none.
    pub(super) id: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    query: Pairs,
}

/// Names and values. A name may occur more than once.
pub(super) struct Pairs(Vec<(String, String)>);

impl Pairs {
    fn read(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first value that is not empty.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

impl Request {
    pub(super) fn new(
        operation: Operation,
        id: String,
        query: Option<&str>,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        let query = Pairs::read(query.unwrap_or_default().as_bytes());
        Self { operation, id, headers, body, query }
    }

    /// The person or the company that the request is about, as scenarios know them.
    pub(super) fn subject(&self) -> Option<String> {
        match self.operation {
            Operation::Upload | Operation::UploadDeepface | Operation::Status => Some(self.id.clone()),
            Operation::UploadCompany => Cnpj::parse(&self.id).ok().map(|cnpj| cnpj.as_str().to_owned()),
            _ => None,
        }
    }

    pub(super) fn query(&self) -> &Pairs {
        &self.query
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn check_version(&self) -> Result<(), Reply> {
        match self.header("api-version") {
            Some("1" | "1.0") => Ok(()),
            Some(_) => Err(invalid("api-version", "The version is 1.")),
            None => Err(missing("api-version")),
        }
    }

    /// Page and page size. Both are optional; the defaults are 1 and 100.
    pub(super) fn page(&self) -> Result<(usize, usize), Reply> {
        let number = |name: &str, default: usize, most: usize| match self.query.one(name).map(str::parse) {
            None => Ok(default),
            Some(Ok(number)) if (1..=most).contains(&number) => Ok(number),
            Some(_) => Err(invalid(name, format!("The field {name} must be a number from 1 to {most}."))),
        };
        Ok((number("page", 1, 1_000_000)?, number("pageSize", 100, 100)?))
    }

    pub(super) fn form(&self) -> Option<Pairs> {
        headers::is(&self.headers, "application/x-www-form-urlencoded").then(|| Pairs::read(&self.body))
    }

    pub(super) fn json(&self) -> Result<Map<String, Value>, Reply> {
        if !headers::is(&self.headers, "application/json") {
            return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body must be application/json"));
        }
        serde_json::from_slice(&self.body).map_err(|_| invalid("body", "The body must be a JSON object."))
    }
}
