//! Comparisons without a client.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::ValidationError;

use super::facematch::MatchRequest;
use super::{ClearsaleControl, FACTS, TestOutcome, test_cpf};
use crate::outcomes::{self, Outcome, Row, Triggered};
use crate::scenario::Scenario;

/// The operation that all outcomes belong to.
const MATCH: &[&str] = &["match2d-2d"];

pub(super) const OUTCOMES: &[Row<TestOutcome>] = &[
    Row::new(MATCH, "match", TestOutcome::Level(6), "the faces match: confiability 6"),
    Row::new(
        MATCH,
        "no-match",
        TestOutcome::Level(0),
        "the faces do not match: confiability 0, isMatch false",
    ),
    Row::new(MATCH, "level-1", TestOutcome::Level(1), "confiability 1"),
    Row::new(MATCH, "level-2", TestOutcome::Level(2), "confiability 2"),
    Row::new(MATCH, "level-3", TestOutcome::Level(3), "confiability 3"),
    Row::new(MATCH, "level-4", TestOutcome::Level(4), "confiability 4"),
    Row::new(MATCH, "level-5", TestOutcome::Level(5), "confiability 5"),
    Row::new(MATCH, "error", TestOutcome::Error, "transactionStatus Error, with a message"),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

impl ClearsaleControl {
    /// Without images, since their content is not examined and they are not kept.
    pub(super) fn trigger_outcome(
        self: &Arc<Self>,
        scenario: &Scenario,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let outcome = outcomes::find(OUTCOMES, &scenario.outcome)?;
        let due_in = delay.unwrap_or_else(|| self.delay_of(outcome));
        let cpf = test_cpf(outcome).unwrap_or_default().to_owned();
        let request = MatchRequest { identifier_id: None, cpf: Some(cpf.clone()), min_match_level: 1 };
        let reference = self.start(request, outcome, due_in).transaction_id;
        Ok(Triggered { reference, cpf, due_in })
    }
}
