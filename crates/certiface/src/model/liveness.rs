//! The verdict on a liveness check. (Our page: "Captcha" and "3D liveness".)

use kyc_core::{Finding, Lenient, RedactedText, RedactedTexts, response};

use super::codes::{LivenessCode, LivenessStep};

response! {
    /// The verdict on a liveness check of any kind: captcha, FaceTec, iProov or Fortface.
    #[serde(rename_all = "camelCase")]
    pub struct LivenessResponse {
        /// Whether the person passed.
        #[serde(alias = "validado")]
        pub valid: Option<Lenient<bool>>,
        /// The code of the verdict.
        #[serde(rename = "codID", alias = "codId")]
        pub cod_id: Option<LivenessCode>,
        /// The step that failed.
        #[serde(alias = "causa")]
        pub cause: Option<LivenessStep>,
        /// The transaction number to quote to the vendor's support.
        #[serde(alias = "protocolo")]
        pub protocol: Option<RedactedText>,
        /// FaceTec: the blob to return to its SDK in the browser or the app.
        pub scan_result_blob: Option<RedactedText>,
        /// iProov: whether the same key may be used for another attempt.
        pub retry: Option<Lenient<bool>>,
        /// iProov: why it failed, worded for the person. The wording changes: do not decide by it.
        pub reason: Option<RedactedText>,
        /// iProov: what the person can do better.
        pub user_feedback: Option<RedactedTexts>,
        /// FaceTec from version 10: the blob to return to its SDK in each round.
        pub response_blob: Option<RedactedText>,
        /// FaceTec from version 10: the id of the session.
        pub launch_id: Option<RedactedText>,
        /// A checksum of the verdict, in a form that the vendor does not document.
        pub hash: Option<RedactedText>,
        /// Why there is no verdict.
        pub error: Option<RedactedText>,
    }
}

/// The outcome of a liveness check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Liveness {
    /// A living person, and the expected one.
    Approved,
    /// Not recognised.
    Refused {
        /// Whether the vendor allows another attempt with the same key.
        may_retry: bool,
    },
    /// The person is blocked: another attempt does not help.
    Blocked,
    /// A round in the middle, or a response whose verdict is missing, unreadable, unknown or contradictory.
    /// [`LivenessResponse::unclear_reason`] names which.
    Unclear,
}

/// Why a verdict is unclear.
type Doubt = &'static str;

impl LivenessResponse {
    /// Returns the outcome: by `valid`, with which the code must agree. The code alone decides nothing but whether a refusal is
    /// a block, since some codes over 200 are refusals.
    #[must_use]
    pub fn outcome(&self) -> Liveness {
        match (self.judge(), &self.cod_id) {
            (Ok(true), _) => Liveness::Approved,
            (Ok(false), Some(LivenessCode::Blocked)) => Liveness::Blocked,
            (Ok(false), _) => Liveness::Refused { may_retry: self.may_retry() },
            (Err(_), _) => Liveness::Unclear,
        }
    }

    /// Returns why the outcome is [`Liveness::Unclear`]: what is missing, unreadable or contradictory.
    #[must_use]
    pub fn unclear_reason(&self) -> Option<&'static str> {
        if self.is_intermediate() {
            return Some("no verdict yet: a round in the middle");
        }
        self.judge().err()
    }

    /// Returns whether it is a round in the middle of FaceTec's exchange, which has a blob for the SDK in place of a verdict.
    #[must_use]
    pub fn is_intermediate(&self) -> bool {
        self.valid.is_none() && self.cod_id.is_none() && self.response_blob.is_some()
    }

    fn judge(&self) -> Result<bool, Doubt> {
        let passed = agreed(self.valid.as_ref(), self.cod_id.as_ref())?;
        let has_error = self.error.as_ref().is_some_and(|error| !error.as_str().trim().is_empty());
        match &self.cause {
            _ if passed && has_error => Err("the person passed, but the response holds an error message"),
            Some(LivenessStep::ProofOfLife | LivenessStep::Biometrics) if passed => {
                Err("the person passed, but the response names a step that failed")
            }
            _ => Ok(passed),
        }
    }

    /// Returns whether the same key may be used for another attempt.
    pub(crate) fn may_retry(&self) -> bool {
        self.retry.as_ref().and_then(Lenient::get) == Some(&true)
    }
}

/// Reads whether the person passed from the flag and the code that explains it.
///
/// # Errors
/// Why that is unclear.
pub(super) fn agreed(valid: Option<&Lenient<bool>>, code: Option<&LivenessCode>) -> Result<bool, Doubt> {
    match (Finding::of(valid), code) {
        (Finding::Yes, Some(code)) if code.is_printed_with_pass() => Ok(true),
        (Finding::Yes, Some(LivenessCode::Unknown(_))) => {
            Err("the person passed, but the code is unknown or unreadable")
        }
        (Finding::Yes, Some(_)) => Err("the person passed, but the code is that of a refusal"),
        (Finding::Yes, None) => Err("the person passed, but the code is missing"),
        (Finding::No, Some(code)) if code.is_approved() => {
            Err("the person did not pass, but the code is that of an approval")
        }
        (Finding::No, _) => Ok(false),
        _ => Err("whether the person passed is missing or unreadable"),
    }
}
