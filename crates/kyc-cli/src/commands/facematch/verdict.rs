//! The output of a comparison: the same lines and keys for every vendor.

use std::time::Duration;

use clearsale_facematch::TransactionStatus;
use kyc_core::{FaceScore, FalseAcceptRate, OperationId};
use serde::Serialize;

use super::VendorName;
use super::job::Job;
use super::session::{Found, Session};
use crate::outcome::Outcome;
use crate::output::{Rows, percent, printable};
use crate::place::SIMULATED;

const SIMULATED_BY_IMAGE: &str =
    "no vendor was called: known sample images determine the result, the faces are not compared";

/// The result in `--json`. What a vendor does not return is null.
#[derive(Serialize)]
pub(super) struct Verdict {
    vendor: &'static str,
    environment: &'static str,
    /// Whether it is certainly a match.
    matched: bool,
    /// `match`, `no_match` or `inconclusive`.
    verdict: &'static str,
    /// The reason of an inconclusive verdict.
    reason: Option<&'static str>,
    /// ClearSale's level, 0 to 6.
    level: Option<u8>,
    /// Cellere's similarity, 0 to 1.
    similarity: Option<f64>,
    false_accept_rate: Option<String>,
    /// The same rate as a number: one false accept in this many comparisons.
    comparisons: Option<u32>,
    transaction_id: Option<String>,
    reference: Option<String>,
    status: Option<String>,
    elapsed_seconds: f64,
    simulated: bool,
    #[serde(skip)]
    rate: Option<FalseAcceptRate>,
    #[serde(skip)]
    decided: kyc_core::Verdict,
}

impl Verdict {
    pub(super) fn of(found: &Found, session: &Session, elapsed: Duration) -> Self {
        let verdict = &found.verdict;
        let (level, similarity) = match verdict.score {
            Some(FaceScore::Level(level)) => (Some(level), None),
            Some(FaceScore::Similarity(similarity)) => (None, Some(similarity)),
            _ => (None, None),
        };
        let rate = verdict.false_accept_rate;
        let status = match session.vendor() {
            // Only transactions of this status have a verdict.
            VendorName::Clearsale => Some(TransactionStatus::Success.as_str().to_owned()),
            VendorName::Cellere => None,
        };
        Self {
            vendor: session.matcher().vendor().name(),
            environment: session.place.environment,
            matched: verdict.verdict.is_match(),
            verdict: verdict.verdict.name(),
            reason: verdict.reason,
            decided: verdict.verdict,
            level,
            similarity,
            false_accept_rate: rate.map(|rate| format!("1/{}", rate.comparisons())),
            comparisons: rate.map(FalseAcceptRate::comparisons),
            transaction_id: verdict.id.as_ref().map(OperationId::value).map(str::to_owned),
            reference: found.reference.clone(),
            status,
            elapsed_seconds: (elapsed.as_secs_f64() * 10.0).round() / 10.0,
            simulated: session.place.simulated,
            rate,
        }
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.decided {
            kyc_core::Verdict::Match => Outcome::Yes,
            kyc_core::Verdict::NoMatch => Outcome::No,
            _ => Outcome::Unclear,
        }
    }

    fn name(&self) -> &'static str {
        match self.decided {
            kyc_core::Verdict::Match => "MATCH",
            kyc_core::Verdict::NoMatch => "NO MATCH",
            _ => "UNCLEAR",
        }
    }

    pub(super) fn print(&self, job: &Job, session: &Session) -> std::io::Result<()> {
        let (names, required) = match job {
            Job::Compare { names, min_level, .. } => (Some(names), min_level.as_deref()),
            Job::Resume(_) => (None, None),
        };
        let simulated = match session.vendor() {
            VendorName::Clearsale => SIMULATED,
            VendorName::Cellere => SIMULATED_BY_IMAGE,
        };
        Rows::default()
            .row(self.name(), self.headline(required))
            .optional("reason", self.reason)
            .row("vendor", format!("{} ({})", session.vendor().shown(), session.place.label))
            .optional("images", names.map(|names| names.join(", ")))
            .row("time", format!("{:.1} s", self.elapsed_seconds))
            .optional("transaction", self.transaction_id.as_deref().map(printable))
            .optional("reference", self.reference.as_deref().map(printable))
            .simulated(self.simulated.then_some(simulated))
            .print()
    }

    fn headline(&self, required: Option<&str>) -> String {
        match (self.level, self.similarity) {
            (Some(level), _) => self.level_in_words(level, required),
            (None, Some(similarity)) => format!("similarity {}", percent(similarity)),
            (None, None) => "the vendor returned neither level nor similarity".to_owned(),
        }
    }

    fn level_in_words(&self, level: u8, required: Option<&str>) -> String {
        let mut text = format!("level {level} of 6");
        if let Some(rate) = self.rate {
            text.push_str(&format!(": {rate}"));
        }
        if self.decided == kyc_core::Verdict::NoMatch && level > 0 {
            match required {
                Some(least) => text.push_str(&format!("; required: level {}", least.trim())),
                None => text.push_str("; a higher level is required"),
            }
        }
        text
    }
}
