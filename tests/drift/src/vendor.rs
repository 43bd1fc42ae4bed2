//! What a vendor's file brings: it runs the vendor's crate. What counts as proof is decided elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use async_trait::async_trait;
use serde_json::Value;

use crate::reader::Reader;

/// One vendor's crate at work.
#[async_trait]
pub(crate) trait Vendor: Send + Sync {
    /// The name of the crate, of the page and of the fixtures.
    fn name(&self) -> &'static str;

    /// Rows that are known to be open, as `coverage::Row` prints itself, with the reason.
    fn gaps(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// How a body is read: which type, and what it cannot do without. `None` for one that no type reads.
    fn reader(&self, body: &Body<'_>) -> Option<Reader>;

    /// Sends a request with that field and one without it. `None` if no request sets it.
    async fn send(&self, operation: &str, field: &str) -> Result<Option<Sent>>;

    /// What a value of that list (the heading on the page) is read as.
    fn listed(&self, list: &str, value: &str) -> Listed;

    /// Performs every operation, against a server that only listens and against the sandbox. What fails goes to
    /// [`Performed::failures`], so that one fault does not hide the other operations.
    async fn perform(&self) -> Result<Performed>;

    /// The schema of each body; the type's name is its title.
    fn schemas(&self) -> Vec<Value>;

    /// A whole request of each operation as its type is written; `None` where the body is made without a public type.
    async fn requests(&self) -> Result<BTreeMap<&'static str, Option<(&'static str, Value)>>>;
}

/// A body on a vendor's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body<'a> {
    /// What an operation answers with that status.
    Answer(&'a str, u16),
    /// What the vendor sends on its own.
    Event(&'a str),
    /// What several operations share, by its heading.
    Shared(&'a str),
}

/// What a value of a list is read as.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// No type stands for the list.
    NoType,
    /// No variant of its own.
    Unnamed,
    /// A variant, which is written so.
    Named(String),
}

/// Two bodies as they went over the wire.
#[derive(Debug)]
pub(crate) struct Sent {
    /// Without the field, or with another value if there is no request without it.
    pub(crate) without: Value,
    /// With it.
    pub(crate) with: Value,
    /// What the field should then say.
    pub(crate) expected: Value,
    /// Fields that change with it by the vendor's rules.
    pub(crate) together: &'static [&'static str],
}

/// What was seen while every operation was performed.
#[derive(Debug, Default)]
pub(crate) struct Performed {
    /// Method and path of each request that the client sent.
    pub(crate) sent: BTreeSet<(String, String)>,
    /// The operations that the sandbox served.
    pub(crate) served: BTreeSet<String>,
    /// What the sandbox sent and the crate's receiver took: the event and its method.
    pub(crate) received: BTreeMap<String, String>,
    /// What went wrong, as far as it is known.
    pub(crate) failures: Vec<String>,
}
