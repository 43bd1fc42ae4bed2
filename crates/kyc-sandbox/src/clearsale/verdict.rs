//! How a comparison ends, and what decides it.

use std::time::Duration;

use super::test_cpfs::{TestOutcome, is_known, outcome_of};
use super::trigger::{AVAILABILITY, MatchEffect, VERDICT};
use super::{ClearsaleControl, Settings};
use crate::faces::{Comparison, Defect};
use crate::scenario::Applied;

const SLOW: Duration = Duration::from_secs(60);
/// The sandbox's own messages: the vendor prints only a placeholder.
const FAILURE: &str = "No face was found in one of the images.";
const MANY_FACES: &str = "More than one face was found in one of the images.";
const TURNED: &str = "The face in one of the images is turned.";
const UNREADABLE: &str = "One of the images could not be read.";

/// How a comparison ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Level(u8),
    /// As in the vendor's example of a webhook.
    NoMatchAtLevelSix,
    Error,
    ErrorWithoutMessage,
    ErrorList,
}

/// What is known of a comparison when it starts.
pub(super) struct Decision {
    pub(super) verdict: Verdict,
    pub(super) reason: Option<String>,
    pub(super) delay: Duration,
    /// Whether every other request fails.
    pub(super) fails_once: bool,
    /// Whether the response is lost.
    pub(super) is_lost: bool,
    /// What the pictures show, if that decided.
    pub(super) seen: Option<Comparison>,
}

/// The state of a transaction. The vendor does not document which fields are absent when; here the result is absent
/// until there is one, and only errors have a message.
pub(super) struct MatchState<'a> {
    pub(super) status: &'static str,
    pub(super) confiability: Option<u8>,
    pub(super) is_match: Option<bool>,
    pub(super) message: Option<&'a str>,
    pub(super) errors: Option<[&'a str; 1]>,
}

impl MatchState<'_> {
    pub(super) const PROCESSING: Self =
        Self { status: "Processing", confiability: None, is_match: None, message: None, errors: None };
}

impl Decision {
    /// Without a scenario, as the test CPF has it.
    fn of_test_cpf(cpf: &str, settings: &Settings) -> Self {
        let outcome = outcome_of(cpf);
        let verdict = match outcome {
            TestOutcome::Level(level) => Verdict::Level(level),
            TestOutcome::Error => Verdict::Error,
            TestOutcome::Slow | TestOutcome::FailsOnce | TestOutcome::ResponseLost => Verdict::Level(6),
        };
        Self {
            verdict,
            reason: None,
            delay: if outcome == TestOutcome::Slow { SLOW } else { settings.match_delay },
            fails_once: outcome == TestOutcome::FailsOnce,
            is_lost: outcome == TestOutcome::ResponseLost,
            seen: None,
        }
    }

    /// As the pictures have it.
    fn of_pictures(seen: Comparison, settings: &Settings) -> Self {
        let reason = match seen.defect() {
            None | Some((_, Defect::NoFace)) => None,
            Some((_, Defect::ManyFaces)) => Some(MANY_FACES),
            Some((_, Defect::Turned)) => Some(TURNED),
            Some((_, Defect::Unreadable)) => Some(UNREADABLE),
        };
        Self {
            verdict: seen.level().map_or(Verdict::Error, Verdict::Level),
            reason: reason.map(str::to_owned),
            delay: settings.match_delay,
            fails_once: false,
            is_lost: false,
            seen: Some(seen),
        }
    }

    /// The state once it is decided.
    pub(super) fn state(&self, min_match_level: u8) -> MatchState<'_> {
        let reason = self.reason.as_deref().unwrap_or(FAILURE);
        let (confiability, message, errors) = match self.verdict {
            Verdict::Level(level) => (level, None, None),
            Verdict::NoMatchAtLevelSix => (6, None, None),
            Verdict::Error => (0, Some(reason), None),
            Verdict::ErrorWithoutMessage => (0, None, None),
            Verdict::ErrorList => (0, None, Some([reason])),
        };
        let status = match self.verdict {
            Verdict::Level(_) | Verdict::NoMatchAtLevelSix => "Success",
            _ => "Error",
        };
        // Level 0 never matches, since the lowest minimum is 1.
        let is_match = confiability >= min_match_level && self.verdict != Verdict::NoMatchAtLevelSix;
        MatchState { status, confiability: Some(confiability), is_match: Some(is_match), message, errors }
    }
}

impl ClearsaleControl {
    /// Whether a scenario or the test CPF decides a comparison of this person, whatever the pictures show.
    pub(super) fn is_decided(&self, cpf: Option<&str>) -> bool {
        self.scenarios.effect(cpf, VERDICT).is_some() || cpf.is_some_and(is_known)
    }

    /// What decides a comparison of this person: a scenario, or else the test CPF, or else what was seen.
    pub(super) fn decision(&self, cpf: Option<&str>, seen: Option<Comparison>) -> Decision {
        let otherwise = match seen.filter(|_| !cpf.is_some_and(is_known)) {
            Some(seen) => Decision::of_pictures(seen, &self.settings),
            None => Decision::of_test_cpf(cpf.unwrap_or_default(), &self.settings),
        };
        let fails_once = self.scenarios.effect(cpf, AVAILABILITY);
        let decision = match self.scenarios.effect(cpf, VERDICT) {
            Some(Applied { effect: MatchEffect::Verdict(verdict), reason, delay }) => Decision {
                verdict,
                reason,
                delay: delay.unwrap_or(self.settings.match_delay),
                fails_once: false,
                is_lost: false,
                seen: None,
            },
            _ => otherwise,
        };
        let Some(Applied { delay, .. }) = fails_once else { return decision };
        Decision { fails_once: true, delay: delay.unwrap_or(decision.delay), ..decision }
    }
}
