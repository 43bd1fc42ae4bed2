//! The outcomes of comparisons, and comparisons without a client.

use std::sync::Arc;
use std::time::Duration;

use kyc_core::ValidationError;

use super::facematch::MatchRequest;
use super::verdict::Verdict;
use super::{ClearsaleControl, FACTS, TestOutcome, test_cpf};
use crate::outcomes::{self, Outcome, Row, Triggered};
use crate::scenario::{Effect, Scenario};

/// The operation that all outcomes belong to.
const MATCH: &[&str] = &["match2d-2d"];

/// What a scenario does to a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum MatchEffect {
    Verdict(Verdict),
    /// Every other request fails.
    FailsOnce,
}

impl Effect for MatchEffect {
    fn aspect(self) -> &'static str {
        match self {
            Self::Verdict(_) => VERDICT,
            Self::FailsOnce => AVAILABILITY,
        }
    }
}

pub(super) const VERDICT: &str = "verdict";
pub(super) const AVAILABILITY: &str = "availability";

const fn row(name: &'static str, verdict: Verdict, what: &'static str) -> Row<MatchEffect> {
    Row::new(MATCH, name, MatchEffect::Verdict(verdict), what)
}

pub(super) const OUTCOMES: &[Row<MatchEffect>] = &[
    row("match", Verdict::Level(6), "the faces match: confiability 6"),
    row("no-match", Verdict::Level(0), "the faces do not match: confiability 0, isMatch false"),
    row("level-1", Verdict::Level(1), "confiability 1"),
    row("level-2", Verdict::Level(2), "confiability 2"),
    row("level-3", Verdict::Level(3), "confiability 3"),
    row("level-4", Verdict::Level(4), "confiability 4"),
    row("level-5", Verdict::Level(5), "confiability 5"),
    row("no-match-at-level-6", Verdict::NoMatchAtLevelSix, "confiability 6, but isMatch false, as printed"),
    row("error", Verdict::Error, "transactionStatus Error, with a message").with_reason(),
    row("error-without-message", Verdict::ErrorWithoutMessage, "transactionStatus Error, without a message"),
    row("error-list", Verdict::ErrorList, "transactionStatus Error, with the reasons in errors")
        .with_reason(),
    Row::new(
        MATCH,
        "fails-once",
        MatchEffect::FailsOnce,
        "the first POST fails with HTTP 500, the next one succeeds, and so on alternately",
    )
    .for_scenarios_only(),
];

pub(super) fn outcomes() -> Vec<Outcome> {
    outcomes::described(FACTS.key, OUTCOMES)
}

/// The test CPF whose comparison has that verdict, or else one that has the usual one.
fn cpf_for(effect: MatchEffect) -> &'static str {
    let outcome = match effect {
        MatchEffect::Verdict(Verdict::Level(level)) => TestOutcome::Level(level),
        MatchEffect::Verdict(Verdict::Error) => TestOutcome::Error,
        _ => TestOutcome::Level(6),
    };
    test_cpf(outcome).unwrap_or_default()
}

impl ClearsaleControl {
    /// Without images, since their content is not examined and they are not kept.
    pub(super) fn trigger_outcome(
        self: &Arc<Self>,
        scenario: &Scenario,
        delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        let effect = outcomes::find(OUTCOMES, &scenario.outcome)?;
        let cpf = scenario.cpf.clone().unwrap_or_else(|| cpf_for(effect).to_owned());
        let mut decision = self.decision(Some(&cpf), None);
        if let MatchEffect::Verdict(verdict) = effect {
            decision.verdict = verdict;
        }
        decision.reason.clone_from(&scenario.reason);
        decision.delay = delay.unwrap_or(decision.delay);
        let due_in = decision.delay;
        let request = MatchRequest { identifier_id: None, cpf: Some(cpf.clone()), min_match_level: 1 };
        let reference = self.start(request, decision).transaction_id;
        Ok(Triggered { reference, cpf, due_in })
    }
}
