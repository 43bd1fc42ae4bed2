//! The verdict on a liveness check. (Our page: "Captcha" and "3D liveness".)

use kyc_core::{Lenient, RedactedText, RedactedTexts};
use serde::{Deserialize, Serialize};

use super::codes::LivenessCode;

/// The verdict on a liveness check of any kind: captcha, FaceTec, iProov or Fortface.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LivenessResponse {
    /// Whether the person passed.
    #[serde(alias = "validado", skip_serializing_if = "Option::is_none")]
    pub valid: Option<Lenient<bool>>,
    /// The code of the verdict.
    #[serde(rename = "codID", alias = "codId", skip_serializing_if = "Option::is_none")]
    pub cod_id: Option<LivenessCode>,
    /// The step that failed.
    #[serde(alias = "causa", skip_serializing_if = "Option::is_none")]
    pub cause: Option<RedactedText>,
    /// The transaction number to quote to the vendor's support.
    #[serde(alias = "protocolo", skip_serializing_if = "Option::is_none")]
    pub protocol: Option<RedactedText>,
    /// FaceTec: the blob to return to its SDK in the browser or the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_result_blob: Option<RedactedText>,
    /// iProov: whether the same key may be used for another attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Lenient<bool>>,
    /// iProov: why it failed, worded for the person. The wording changes: do not decide by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RedactedText>,
    /// iProov: what the person can do better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_feedback: Option<RedactedTexts>,
    /// FaceTec from version 10: the blob to return to its SDK in each round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_blob: Option<RedactedText>,
    /// FaceTec from version 10: the id of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_id: Option<RedactedText>,
    /// A checksum of the verdict, in a form that the vendor does not document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<RedactedText>,
    /// Why there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
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
    /// No verdict yet: a round in the middle, or a response without one.
    Unclear,
}

impl LivenessResponse {
    /// Returns the outcome by `valid`. The code only distinguishes a block from a refusal, since some codes over 200 are
    /// refusals.
    #[must_use]
    pub fn outcome(&self) -> Liveness {
        match (self.valid.as_ref().and_then(Lenient::get), &self.cod_id) {
            (Some(true), _) => Liveness::Approved,
            (Some(false), Some(LivenessCode::Blocked)) => Liveness::Blocked,
            (Some(false), _) => Liveness::Refused { may_retry: self.may_retry() },
            (None, _) => Liveness::Unclear,
        }
    }

    /// Returns whether the same key may be used for another attempt.
    pub(crate) fn may_retry(&self) -> bool {
        self.retry.as_ref().and_then(Lenient::get) == Some(&true)
    }
}
