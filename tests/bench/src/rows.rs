//! The comparisons. A new one is a file beside the others and an entry here.

mod build;
mod captcha;
mod in_flight;
mod meter_reading;
mod odd_answer;
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
    odd_answer::COMPARISON,
    build::COMPARISON,
];

/// One comparison: its measurements, its method and its bounds.
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    /// The description on the page, in Markdown.
    pub(crate) method: &'static str,
    /// Whether it compiles crates, which takes minutes.
    pub(crate) builds: bool,
    /// Starts servers and parts, and makes rows from their measurements.
    pub(crate) conduct: fn(&Stage<'_>) -> Result<Vec<Row>>,
    /// The parts that run in processes of their own, by name.
    pub(crate) parts: &'static [(&'static str, Measure)],
}

pub(crate) type Measure = fn(&Part) -> Result<Samples>;

pub(crate) fn find(name: &str) -> Result<&'static Comparison> {
    let known = || ALL.iter().map(|comparison| comparison.name).collect::<Vec<_>>().join(", ");
    let found = ALL.iter().find(|comparison| comparison.name == name);
    found.with_context(|| format!("unknown comparison {name}; known are: {}", known()))
}
