//! Verdicts of liveness.

use serde::Serialize;
use serde_json::Value;

use super::Operation;
use super::test_cpfs::TestOutcome;

/// The verdict on a liveness attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) valid: bool,
    pub(super) cod_id: f64,
    pub(super) cause: Option<&'static str>,
    /// Whether the same appkey may be used for another attempt.
    pub(super) retry: bool,
}

impl Verdict {
    const APPROVED: Self = Self { valid: true, cod_id: 200.0, cause: None, retry: false };
    const REFUSED: Self = Self { valid: false, cod_id: 300.1, cause: Some("PROVA DE VIDA"), retry: false };
    const BLOCKED: Self = Self { valid: false, cod_id: 300.2, cause: Some("BIOMETRIA"), retry: false };

    /// Only some operations can offer a retry; with the others the refusal is final.
    pub(super) fn of(outcome: TestOutcome, retried: bool, operation: Operation) -> Self {
        let can_retry = matches!(operation, Operation::Liveness | Operation::ProcessRequest);
        match outcome {
            TestOutcome::Refused => Self::REFUSED,
            TestOutcome::Blocked => Self::BLOCKED,
            TestOutcome::RetriedOnce if !retried => Self { retry: can_retry, ..Self::REFUSED },
            _ => Self::APPROVED,
        }
    }
}

/// A verdict with its protocol, as in the response.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) protocol: String,
}

#[derive(Serialize)]
pub(super) struct Printed<'a> {
    valid: bool,
    #[serde(rename = "codID")]
    cod_id: f64,
    cause: Option<&'static str>,
    protocol: &'a str,
}

impl Judged {
    pub(super) fn without_retry(&self) -> Printed<'_> {
        let Verdict { valid, cod_id, cause, .. } = self.verdict;
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
