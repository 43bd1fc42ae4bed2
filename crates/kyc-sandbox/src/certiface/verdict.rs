//! Verdicts of liveness.

use serde::Serialize;
use serde_json::Value;

use super::Operation;

/// The verdict on a liveness attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(super) valid: bool,
    pub(super) cod_id: f64,
    pub(super) cause: Option<&'static str>,
    /// Whether the same appkey may be used for another attempt.
    pub(super) retry: bool,
}

/// How a person proves to be alive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Proof {
    Verdict(Verdict),
    /// The first attempt is refused with `retry`.
    RetriedOnce,
}

impl Verdict {
    const APPROVED: Self = Self { valid: true, cod_id: 200.0, cause: None, retry: false };
    pub(super) const REFUSED: Self =
        Self { valid: false, cod_id: 300.1, cause: Some("PROVA DE VIDA"), retry: false };

    /// Only some operations can offer a retry; with the others the refusal is final.
    pub(super) fn of(proof: Option<Proof>, retried: bool, operation: Operation) -> Self {
        let can_retry = matches!(operation, Operation::Liveness | Operation::ProcessRequest);
        match proof {
            Some(Proof::Verdict(verdict)) => verdict,
            Some(Proof::RetriedOnce) if !retried => Self { retry: can_retry, ..Self::REFUSED },
            _ => Self::APPROVED,
        }
    }
}

/// A verdict with its protocol, as in the response.
#[derive(Clone)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    /// In place of the verdict's cause.
    pub(super) reason: Option<String>,
    pub(super) protocol: String,
}

#[derive(Serialize)]
pub(super) struct Printed<'a> {
    valid: bool,
    #[serde(rename = "codID")]
    cod_id: f64,
    cause: Option<&'a str>,
    protocol: &'a str,
}

impl Judged {
    pub(super) fn cause(&self) -> Option<&str> {
        self.reason.as_deref().or(self.verdict.cause)
    }

    pub(super) fn without_retry(&self) -> Printed<'_> {
        let Verdict { valid, cod_id, .. } = self.verdict;
        let cause = self.cause();
        Printed { valid, cod_id, cause, protocol: &self.protocol }
    }

    /// Adds the fields that only this operation returns.
    pub(super) fn with(&self, more: &Value) -> Value {
        let mut body = serde_json::to_value(self.without_retry()).unwrap_or_default();
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        body
    }
}
