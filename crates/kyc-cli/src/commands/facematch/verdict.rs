//! The output of a comparison: the same lines and keys for every vendor.

use std::time::Duration;

use kyc_core::{FaceScore, FalseAcceptRate, OperationId};
use serde::Serialize;

use super::job::Job;
use super::session::{Comparison, Found};
use crate::messages::text;
use crate::outcome::Outcome;
use crate::output::{Rows, percent, printable};
use crate::vendors;

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
    /// The level, where 0 means no match.
    level: Option<u8>,
    /// The similarity, from 0 to 1.
    similarity: Option<f64>,
    false_accept_rate: Option<String>,
    /// The same rate as a number: one false accept in this many comparisons.
    comparisons: Option<u32>,
    transaction_id: Option<String>,
    reference: Option<String>,
    elapsed_seconds: f64,
    simulated: bool,
    /// What the embedded sandbox saw on the pictures, in its own words.
    pictures: Option<String>,
    #[serde(skip)]
    rate: Option<FalseAcceptRate>,
    #[serde(skip)]
    decided: kyc_core::Verdict,
}

impl Verdict {
    pub(super) fn of(found: &Found, session: &Comparison, elapsed: Duration) -> Self {
        let verdict = &found.verdict;
        let (level, similarity) = match verdict.score {
            Some(FaceScore::Level(level)) => (Some(level), None),
            // Another number is not a similarity, and may be anything.
            Some(FaceScore::Similarity(similarity)) => {
                (None, Some(similarity).filter(|number| (0.0..=1.0).contains(number)))
            }
            _ => (None, None),
        };
        let rate = verdict.false_accept_rate;
        Self {
            vendor: session.session.integration.vendor().name(),
            environment: session.session.place.environment,
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
            elapsed_seconds: (elapsed.as_secs_f64() * 10.0).round() / 10.0,
            simulated: session.session.place.simulated,
            pictures: session.seen(),
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

    pub(super) fn print(&self, job: &Job, comparison: &Comparison) -> std::io::Result<()> {
        let t = text();
        let (names, required) = match job {
            Job::Compare { names, pair, .. } => (Some(names), pair.max_false_accept_rate),
            Job::Resume { .. } => (None, None),
        };
        let own = vendors::own(comparison.session.integration);
        let simulated = own.map_or(t.place.simulated, |own| (own.simulated)(t));
        Rows::default()
            .headline(self.outcome(), self.name(), self.headline(required))
            .optional(t.rows.reason, self.reason)
            .optional(t.rows.similarity, self.similarity_of_pictures().map(t.facematch.computed))
            .row(t.rows.vendor, comparison.session.whom())
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

    fn similarity_of_pictures(&self) -> Option<&str> {
        self.pictures.as_deref()?.strip_prefix("similarity ")
    }

    fn headline(&self, required: Option<FalseAcceptRate>) -> String {
        let t = &text().facematch;
        match (self.level, self.similarity) {
            (Some(level), _) => self.level_in_words(level, required),
            (None, Some(similarity)) => (t.similarity)(&percent(similarity)),
            (None, None) => t.no_score.to_owned(),
        }
    }

    fn level_in_words(&self, level: u8, required: Option<FalseAcceptRate>) -> String {
        let t = &text().facematch;
        let mut words = (t.level)(level);
        if let Some(rate) = self.rate {
            words.push_str(&format!(": {}", (t.rate)(rate.comparisons())));
        }
        if self.decided == kyc_core::Verdict::NoMatch && level > 0 {
            let required = required.map(|rate| (t.required)(&(t.rate)(rate.comparisons())));
            words.push_str(&format!("; {}", required.as_deref().unwrap_or(t.higher_required)));
        }
        words
    }
}
