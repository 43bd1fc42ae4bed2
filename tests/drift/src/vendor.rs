//! The interface of a vendor's file, which runs the vendor's crate. It does not decide what counts as proof.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use async_trait::async_trait;
use serde_json::Value;

use crate::reader::Reader;

/// One vendor's crate.
#[async_trait]
pub(crate) trait Vendor: Send + Sync {
    /// Returns the name of the crate, of the page and of the fixtures.
    fn name(&self) -> &'static str;

    /// Returns the rows that are known to be open, as `coverage::Row` displays them, with the reason.
    fn gaps(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Returns the reader of a body: its type and the fields that the type requires. `None` if no type reads the body.
    fn reader(&self, body: &Body<'_>) -> Option<Reader>;

    /// Sends a request with that field and one without it. `None` if no request sets it.
    async fn send(&self, operation: &str, field: &str) -> Result<Option<Sent>>;

    /// Returns how a value of a list is read. `list` is the heading on the page.
    fn listed(&self, list: &str, value: &str) -> Listed;

    /// Performs every operation against a recording server and against the sandbox. Failures go to
    /// [`Performed::failures`], so that one of them does not hide the other operations.
    async fn perform(&self) -> Result<Performed>;

    /// Returns the schema of each body, titled with the type's name.
    fn schemas(&self) -> Vec<Value>;

    /// Returns a complete request of each operation as its type serializes it; `None` if the body has no public type.
    async fn requests(&self) -> Result<BTreeMap<&'static str, Option<(&'static str, Value)>>>;
}

/// A body on a vendor's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body<'a> {
    /// The response of an operation with that status.
    Answer(&'a str, u16),
    /// An event that the vendor sends.
    Event(&'a str),
    /// A body that several operations share, by its heading.
    Shared(&'a str),
}

/// How a value of a list is read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// The list has no type.
    NoType,
    /// The value has no variant of its own.
    Unnamed,
    /// The value is a variant, which is written as this text.
    Named(String),
}

/// Two bodies as they were sent.
#[derive(Debug)]
pub(crate) struct Sent {
    /// The body without the field, or with another value if the field is required.
    pub(crate) without: Value,
    /// The body with the field.
    pub(crate) with: Value,
    /// The expected value of the field.
    pub(crate) expected: Value,
    /// Fields that change together with it by the vendor's rules.
    pub(crate) together: &'static [&'static str],
}

/// What was observed while every operation was performed.
#[derive(Debug, Default)]
pub(crate) struct Performed {
    /// The method and path of each request that the client sent.
    pub(crate) sent: BTreeSet<(String, String)>,
    /// The operations that the sandbox served.
    pub(crate) served: BTreeSet<String>,
    /// The events that the sandbox sent and the crate's receiver accepted, with their HTTP method.
    pub(crate) received: BTreeMap<String, String>,
    /// The errors that occurred.
    pub(crate) failures: Vec<String>,
}
