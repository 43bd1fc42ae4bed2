//! The output of a comparison: the same lines and keys for every vendor.

use std::time::Duration;

use clearsale_facematch::TransactionStatus;
use kyc_core::{FaceScore, FalseAcceptRate, OperationId};
use serde::Serialize;

use super::VendorName;
use super::job::Job;
use super::session::{Found, Session};
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{Rows, percent, printable};

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
        let t = &text().facematch;
        match self.decided {
            kyc_core::Verdict::Match => t.matched,
            kyc_core::Verdict::NoMatch => t.no_match,
            _ => t.unclear,
        }
    }

    pub(super) fn print(&self, job: &Job, session: &Session) -> std::io::Result<()> {
        let t = text();
        let (names, required) = match job {
            Job::Compare { names, min_level, .. } => (Some(names), min_level.as_deref()),
            Job::Resume(_) => (None, None),
        };
        let simulated = match session.vendor() {
            VendorName::Clearsale => t.place.simulated,
            VendorName::Cellere => t.facematch.simulated_by_image,
        };
        Rows::default()
            .headline(self.outcome(), self.name(), self.headline(required))
            .optional(t.rows.reason, self.reason)
            .row(t.rows.vendor, format!("{} ({})", session.vendor().shown(), session.place.label))
            .optional(
                t.rows.images,
                names.map(|[first, second]| format!("{}, {}", first.shown(), second.shown())),
            )
            .row(t.rows.time, (t.rows.seconds)(self.elapsed_seconds))
            .optional(t.rows.transaction, self.transaction_id.as_deref().map(printable))
            .optional(t.rows.reference, self.reference.as_deref().map(printable))
            .simulated(self.simulated.then_some(simulated))
            .print()
    }

    fn headline(&self, required: Option<&str>) -> String {
        let t = &text().facematch;
        match (self.level, self.similarity) {
            (Some(level), _) => self.level_in_words(level, required),
            (None, Some(similarity)) => (t.similarity)(&percent(similarity)),
            (None, None) => t.no_score.to_owned(),
        }
    }

    fn level_in_words(&self, level: u8, required: Option<&str>) -> String {
        let t = &text().facematch;
        let mut words = (t.level)(level);
        if let Some(rate) = self.rate {
            words.push_str(&format!(": {}", (t.rate)(rate.comparisons())));
        }
        if self.decided == kyc_core::Verdict::NoMatch && level > 0 {
            let required = required.map(|least| (t.required)(least.trim()));
            words.push_str(&format!("; {}", required.as_deref().unwrap_or(t.higher_required)));
        }
        words
    }
}
