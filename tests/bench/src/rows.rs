//! The comparisons. A new one is a file beside the others and a line here.

mod build;
mod captcha;
mod in_flight;
mod meter_reading;
mod query;
mod result;
mod small_answer;
mod token;
mod upload;
mod upload_multipart;

use anyhow::{Context, Result};

use crate::page::Row;
use crate::samples::Samples;
use crate::stage::{Part, Stage};

/// In the order of the page.
pub(crate) const ALL: &[Comparison] = &[
    upload::COMPARISON,
    query::COMPARISON,
    token::COMPARISON,
    in_flight::COMPARISON,
    upload_multipart::COMPARISON,
    meter_reading::COMPARISON,
    captcha::COMPARISON,
    result::COMPARISON,
    small_answer::COMPARISON,
    build::COMPARISON,
];

/// One subject: what is measured of it, how, and what it may come to.
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    /// For the page, in Markdown.
    pub(crate) method: &'static str,
    /// Whether it compiles, for minutes.
    pub(crate) builds: bool,
    /// Starts servers and parts, and makes rows of what they measured.
    pub(crate) conduct: fn(&Stage<'_>) -> Result<Vec<Row>>,
    /// What runs in a process of its own, by name.
    pub(crate) parts: &'static [(&'static str, Measure)],
}

pub(crate) type Measure = fn(&Part) -> Result<Samples>;

pub(crate) fn find(name: &str) -> Result<&'static Comparison> {
    let known = || ALL.iter().map(|comparison| comparison.name).collect::<Vec<_>>().join(", ");
    let found = ALL.iter().find(|comparison| comparison.name == name);
    found.with_context(|| format!("no comparison is called {name}; there are: {}", known()))
}
