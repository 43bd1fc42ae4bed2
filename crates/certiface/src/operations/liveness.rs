//! `POST …/3d/liveness`: the end of a 3D liveness check, in FaceTec's or iProov's shape. (Vendor page: "4.3" and "4.6";
//! our page: "3D liveness".)

use std::fmt;

use kyc_core::{
    Body, Error, Lenient, Media, MediaFormat, MediaRules, Operation, OperationClass, Pii, RawResponse,
    RedactedText, RedactedTexts, Response, Secret, ValidationError,
};
use serde::{Deserialize, Serialize};

use super::{cipher, service};
use crate::VENDOR;
use crate::client::Client;
use crate::crypto::{Cipher, Escape};
use crate::error::error_in_value;
use crate::model::LivenessCode;
use crate::operations::appkey::Appkey;

/// It spends the key for liveness, unless iProov's answer allows another try.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "liveness", OperationClass::Paid);

const PATH: &str = service!("/3d/liveness");

/// The verdict on a liveness check, whichever kind: captcha, FaceTec, iProov or Fortface.
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
    /// At which step a failure was.
    #[serde(alias = "causa", skip_serializing_if = "Option::is_none")]
    pub cause: Option<RedactedText>,
    /// To quote to the vendor's support.
    #[serde(alias = "protocolo", skip_serializing_if = "Option::is_none")]
    pub protocol: Option<RedactedText>,
    /// FaceTec: what its kit in the browser or the app is given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan_result_blob: Option<RedactedText>,
    /// iProov: whether the same key may be used for another try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry: Option<Lenient<bool>>,
    /// iProov: why it failed, for the person's eyes. The texts change: do not decide by them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<RedactedText>,
    /// iProov: what the person may do better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_feedback: Option<RedactedTexts>,
    /// FaceTec from version 10: what its kit is given back in each round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_blob: Option<RedactedText>,
    /// FaceTec from version 10: the id of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub launch_id: Option<RedactedText>,
    /// A check sum of the verdict, of the vendor's making.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<RedactedText>,
    /// Why there is no verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
}

/// What a liveness check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Liveness {
    /// A living person, and the one that was expected.
    Approved,
    /// Not recognised. `may_retry`: with the same key.
    Refused {
        /// Whether the vendor allows another try with the same key.
        may_retry: bool,
    },
    /// The person is blocked: no other try will help.
    Blocked,
    /// No verdict yet: a round in the middle, or an answer that does not say.
    Unclear,
}

impl LivenessResponse {
    /// What the check came to: by `valid`. The code only tells a block from a refusal, since some codes over 200 are
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

    /// Whether the same key may be used for another try.
    pub(crate) fn may_retry(&self) -> bool {
        self.retry.as_ref().and_then(Lenient::get) == Some(&true)
    }
}

/// What FaceTec's kit hands over, up to version 9.
#[derive(Clone)]
pub struct FaceTecScan {
    user_agent: String,
    face_scan: Secret<String>,
    audit_trail_image: Media,
    low_quality_audit_trail_image: Media,
    session_id: Pii<String>,
}

impl FaceTecScan {
    /// The kit's user agent, its face scan (base64, sent as it is), its two pictures and the id of its session.
    #[must_use]
    pub fn new(
        user_agent: impl Into<String>,
        face_scan: impl Into<Secret<String>>,
        audit_trail_image: Media,
        low_quality_audit_trail_image: Media,
        session_id: impl Into<String>,
    ) -> Self {
        Self {
            user_agent: user_agent.into(),
            face_scan: face_scan.into(),
            audit_trail_image,
            low_quality_audit_trail_image,
            session_id: Pii::new(session_id.into()),
        }
    }

    /// Holds the scan against the page's limits.
    ///
    /// # Errors
    /// `InvalidInput`, with the field and the rule.
    pub fn check(&self) -> Result<(), Error> {
        let rules = MediaRules { formats: &[MediaFormat::Jpeg], max_bytes: None, min_pixels: None };
        let pictures = [
            ("audit_trail_image", &self.audit_trail_image),
            ("low_quality_audit_trail_image", &self.low_quality_audit_trail_image),
        ];
        for (field, picture) in pictures {
            picture.check(&rules).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
        }
        if self.face_scan.expose().is_empty() {
            return Err(OPERATION.invalid_input("face_scan", &ValidationError::new("must not be empty")));
        }
        Ok(())
    }
}

impl fmt::Debug for FaceTecScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaceTecScan([redacted])")
    }
}

impl Client {
    pub(crate) async fn liveness_facetec(
        &self,
        appkey: &Appkey,
        scan: &FaceTecScan,
    ) -> Result<Response<LivenessResponse>, Error> {
        scan.check()?;
        let cipher = cipher(&OPERATION, appkey)?;
        let body = Body::json()
            .field("appkey", appkey.expose())
            .field("userAgent", &scan.user_agent)
            .field("faceScan", scan.face_scan.expose())
            .field("auditTrailImage", &encrypted(&cipher, &scan.audit_trail_image))
            .field("lowQualityAuditTrailImage", &encrypted(&cipher, &scan.low_quality_audit_trail_image))
            .field("sessionId", scan.session_id.expose())
            .build()
            .map_err(|rule| OPERATION.invalid_input("scan", &rule))?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        self.read_verdict(answer)
    }

    pub(crate) async fn liveness_iproov(
        &self,
        appkey: &Appkey,
        session_token: &str,
    ) -> Result<Response<LivenessResponse>, Error> {
        let body = Body::json()
            .field("appkey", appkey.expose())
            .field("sessionToken", session_token)
            .build()
            .map_err(|rule| OPERATION.invalid_input("session_token", &rule))?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        self.read_verdict(answer)
    }
}

impl Client {
    /// Reads a verdict, or the error that stands in the place of one.
    pub(crate) fn read_verdict(&self, answer: RawResponse) -> Result<Response<LivenessResponse>, Error> {
        let response: LivenessResponse = self.pipeline.decode_bytes(&answer, answer.body())?;
        match error_in_value(&answer, response.error.as_ref()) {
            Some(error) if response.valid.is_none() => Err(error),
            _ => Ok(self.pipeline.reply(answer, response)),
        }
    }
}

/// A picture as base64, encrypted, and escaped though it stands in JSON.
fn encrypted(cipher: &Cipher, picture: &Media) -> String {
    let mut encryptor = cipher.encrypt(Vec::new(), Escape::Once);
    encryptor.base64(picture.bytes());
    // Base64 and percent signs: ASCII.
    String::from_utf8(encryptor.finish()).unwrap_or_default()
}
