//! A case as JSON, for programs: what `kyc verify --json` prints and a service answers.

use std::str::FromStr;

use kyc_core::{Evidence, FaceScore, Timestamp, ValidationError};
use serde_json::{Value, json};

use crate::engine::CaseState;
use crate::model::{CheckResult, Outcome, VendorCheck};
use crate::report::{CaseReport, Handout};
use crate::value::rate;
use crate::words::Language;

impl CaseState {
    /// Returns the name, such as `waits_for_person`. Decided cases are `approved` or `refused`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::WaitsForPerson => "waits_for_person",
            Self::WaitsForVendor => "waits_for_vendor",
            Self::Review => "review",
            Self::Decided(outcome) => Outcome::as_str(outcome),
            Self::Alert => "alert",
            Self::Forgotten => "forgotten",
        }
    }

    /// Returns the state of a case that is decided so.
    #[must_use]
    pub fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Review => Self::Review,
            decided => Self::Decided(decided),
        }
    }
}

impl FromStr for CaseState {
    type Err = ValidationError;

    /// Parses the name.
    fn from_str(name: &str) -> Result<Self, ValidationError> {
        let names = [
            Self::Running,
            Self::WaitsForPerson,
            Self::WaitsForVendor,
            Self::Review,
            Self::Decided(Outcome::Approved),
            Self::Decided(Outcome::Refused),
            Self::Alert,
            Self::Forgotten,
        ]
        .map(|state| (state.as_str(), state));
        ValidationError::find_name(&names, name).map_err(|error| error.about("state"))
    }
}

impl CaseReport {
    /// Returns the case as JSON: state, decision, checks, what the person has to do and is told, and how many calls were paid.
    ///
    /// It holds nothing of the person, and of a capture only what its kit calls the value: take the value from
    /// [`handouts`](Self::handouts).
    #[must_use]
    pub fn to_json(&self) -> Value {
        let message = self.message().map(|message| {
            json!({
                "pt": message.in_language(Language::Portuguese),
                "en": message.in_language(Language::English),
            })
        });
        json!({
            "case": self.case.to_string(),
            "environment": self.environment.map(|environment| environment.as_str()),
            "state": self.state.as_str(),
            "decision": self.decision.as_ref().map(|decision| json!({
                "outcome": decision.outcome.as_str(),
                "rule": decision.rule.as_str(),
                "checks": decision.decisive.iter().map(|check| check.as_str()).collect::<Vec<_>>(),
                "at": decision.at.to_rfc3339(),
            })),
            "reviewed": self.reviewed.map(Outcome::as_str),
            "review_requested": self.review_requested.map(Timestamp::to_rfc3339),
            "policy": { "version": self.policy.version, "sha256": self.policy.sha256_hex() },
            "checks": self.checks.iter().map(check).collect::<Vec<_>>(),
            "handouts": self.handouts.iter().map(handout).collect::<Vec<_>>(),
            "message": message,
            "paid_calls": self.paid_calls,
            "uncertain_calls": self.uncertain_calls,
        })
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check(result: &CheckResult) -> Value {
    json!({
        "check": result.check.as_str(),
        "required": result.is_required,
        "state": result.state.as_str(),
        "disputed": result.is_disputed,
        "vendors": result.vendors.iter().map(vendor).collect::<Vec<_>>(),
    })
}

fn vendor(check: &VendorCheck) -> Value {
    json!({
        "vendor": check.vendor,
        "state": check.state.as_str(),
        "reason": check.reason.as_str(),
        "value": check.value().in_language(Language::English),
        "method": check.method.map(|method| method.as_str()),
        "false_accept_rate": measured(check),
        "max_false_accept_rate": check.asked.map(rate),
        "similarity": similarity(check),
        "failure": check.failure.as_ref().map(|failure| json!({
            "kind": failure.kind,
            "message": failure.message,
        })),
    })
}

fn measured(check: &VendorCheck) -> Option<String> {
    match &check.evidence {
        Some(Evidence::Face { false_accept_rate, .. }) => false_accept_rate.map(rate),
        _ => None,
    }
}

fn similarity(check: &VendorCheck) -> Option<f64> {
    match &check.evidence {
        Some(Evidence::Face { score: Some(FaceScore::Similarity(part)), .. }) => Some(*part),
        _ => None,
    }
}

fn handout(handout: &Handout) -> Value {
    match handout {
        Handout::Capture { vendor, kit } => json!({
            "kind": "capture",
            "vendor": vendor,
            "name": kit.name,
            "expires": kit.expires.map(Timestamp::to_rfc3339),
        }),
        Handout::Retake(retake) => json!({
            "kind": "retake",
            "item": retake.item.as_str(),
            "cause": retake.cause.as_str(),
        }),
    }
}
