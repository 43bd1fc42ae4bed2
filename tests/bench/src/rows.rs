//! The comparisons. A new one is defined in a file of this folder and listed here.

mod build;
mod captcha;
mod faces;
mod odd_answer;
mod over_http;
mod result;
mod sandbox_log;
mod verify_batch;
mod verify_step;
mod webhook_inbox;
mod webhook_route;

use anyhow::{Context, Result};

use crate::Heap;
use crate::meter::Pairs;

/// In the order of the page.
pub(crate) const ALL: &[Comparison] = &[
    over_http::UPLOAD,
    over_http::QUERY,
    captcha::COMPARISON,
    result::RESULT,
    result::SMALL_ANSWER,
    odd_answer::UNKNOWN_KEYS,
    odd_answer::TWO_SPELLINGS,
    webhook_inbox::COMPARISON,
    webhook_route::COMPARISON,
    verify_step::COMPARISON,
    verify_batch::COMPARISON,
    sandbox_log::COMPARISON,
    faces::COMPARISON,
    build::COMPARISON,
];

/// One comparison: its measurements, its method and its bounds.
pub(crate) struct Comparison {
    pub(crate) name: &'static str,
    /// The description on the page, in Markdown.
    pub(crate) method: &'static str,
    pub(crate) rows: &'static [Row],
    /// Measures one quantity of both sides, in a process of its own. Without pairs the row is left out: what it is compared with is
    /// not on this machine.
    pub(crate) measure: fn(&Part) -> Result<Pairs>,
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) quantity: Quantity,
    pub(crate) bound: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Quantity {
    /// User and system time in seconds.
    Cpu,
    /// The peak of allocated bytes during a call above those allocated before it.
    Heap,
    /// The elapsed time of a turn in seconds.
    Time,
    /// The time in which half of a turn's calls were done.
    P50,
    /// The time in which all but one in a hundred of a turn's calls were done.
    P99,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    /// For the median of the ratios.
    Ratio(f64),
    /// For the median of the differences.
    More(f64),
    /// For each figure of ours.
    Each(f64),
    /// None: the figures are only shown.
    Shown,
}

/// The environment of a measurement.
pub(crate) struct Part {
    pub(crate) server: String,
    /// Present in the binary that counts allocations: it measures the heap in place of the time.
    pub(crate) heap: Option<Heap>,
    pub(crate) quantity: Quantity,
}

pub(crate) fn find(name: &str) -> Result<&'static Comparison> {
    let known = || ALL.iter().map(|comparison| comparison.name).collect::<Vec<_>>().join(", ");
    let found = ALL.iter().find(|comparison| comparison.name == name);
    found.with_context(|| format!("unknown comparison {name}; known are: {}", known()))
}
