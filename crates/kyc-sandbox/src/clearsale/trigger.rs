//! Comparisons without a client.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::ValidationError;

use super::facematch::MatchRequest;
use super::{ClearsaleControl, FACTS, TestOutcome, test_cpf};
use crate::outcomes::{self, Outcome, Row, Triggered};

const OUTCOMES: &[Row<TestOutcome>] = &[
    ("match", TestOutcome::Level(6), "the faces match: confiability 6"),
    ("no-match", TestOutcome::Level(0), "the faces do not match: confiability 0, isMatch false"),
    ("level-1", TestOutcome::Level(1), "confiability 1"),
    ("level-2", TestOutcome::Level(2), "confiability 2"),
    ("level-3", TestOutcome::Level(3), "confiability 3"),
    ("level-4", TestOutcome::Level(4), "confiability 4"),
    ("level-5", TestOutcome::Level(5), "confiability 5"),
    ("error", TestOutcome::Error, "transactionStatus Error, with a message"),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

impl ClearsaleControl {
    /// Without images, since their content is not examined and they are not kept.
    pub(super) fn trigger_outcome(
        self: &Arc<Self>,
        name: &str,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let outcome = outcomes::find(OUTCOMES, name)?;
        let due_in = delay.unwrap_or_else(|| self.delay_of(outcome));
        let cpf = test_cpf(outcome).unwrap_or_default().to_owned();
        let request = MatchRequest { identifier_id: None, cpf: Some(cpf.clone()), min_match_level: 1 };
        let reference = self.start(request, outcome, due_in).transaction_id;
        Ok(Triggered { reference, cpf, due_in })
    }
}
