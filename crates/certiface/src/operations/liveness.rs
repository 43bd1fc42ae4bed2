//! `POST …/3d/liveness`: the end of a 3D liveness check, in FaceTec's or iProov's shape. (Vendor page: "4.3" and "4.6";
//! our page: "3D liveness".)

use std::fmt;

use kyc_core::{
    Body, Error, Finding, Media, MediaFormat, MediaRules, Operation, OperationClass, Pii, RawResponse,
    Response, Secret, ValidationError,
};

use crate::VENDOR;
use crate::connection::{Connection, cipher, service};
use crate::crypto::{Cipher, Escape};
use crate::error::error_in_value;
use crate::model::{Appkey, LivenessResponse};

/// It uses up the key for liveness, unless iProov's response allows another attempt.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "liveness", OperationClass::Paid);

const PATH: &str = service!("/3d/liveness");

/// The result of FaceTec's SDK, up to version 9.
#[derive(Clone)]
pub struct FaceTecScan {
    user_agent: String,
    face_scan: Secret<String>,
    audit_trail_image: Media,
    low_quality_audit_trail_image: Media,
    session_id: Pii<String>,
}

impl FaceTecScan {
    /// Creates a scan from the SDK's user agent, its face scan (base64, sent unchanged), its two images (JPEG) and its
    /// session id.
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

    /// Validates the scan against the documented limits. (Our page: "3D liveness".)
    ///
    /// # Errors
    /// `InvalidInput` with the field and the rule.
    pub fn check(&self) -> Result<(), Error> {
        let rules = MediaRules { formats: &[MediaFormat::Jpeg], max_bytes: None, min_pixels: None };
        let images = [
            ("audit_trail_image", &self.audit_trail_image),
            ("low_quality_audit_trail_image", &self.low_quality_audit_trail_image),
        ];
        for (field, image) in images {
            image.check(&rules).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
        }
        for (field, text) in
            [("face_scan", self.face_scan.expose()), ("session_id", self.session_id.expose())]
        {
            check_present(text).map_err(|rule| OPERATION.invalid_input(field, &rule))?;
        }
        Ok(())
    }
}

/// Refuses a text without which the vendor can do nothing.
pub(crate) fn check_present(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() { Err(ValidationError::new("must not be empty")) } else { Ok(()) }
}

impl fmt::Debug for FaceTecScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FaceTecScan([redacted])")
    }
}

impl Connection {
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

    /// Decodes a verdict of any liveness check, or the error that a response holds in its place.
    pub(crate) fn read_verdict(&self, answer: RawResponse) -> Result<Response<LivenessResponse>, Error> {
        let response: LivenessResponse = self.decode(&answer)?;
        match error_in_value(&answer, response.error.as_ref()) {
            Some(error) if Finding::of(response.valid.as_ref()) == Finding::Unclear => Err(error),
            _ => Ok(self.pipeline.reply(answer, response)),
        }
    }
}

/// Encodes an image as base64 and encrypts it. It is percent-encoded although it is part of JSON.
fn encrypted(cipher: &Cipher, image: &Media) -> String {
    let mut encryptor = cipher.encrypt(Vec::new(), Escape::Once);
    encryptor.write_base64(image.bytes());
    // Base64 and percent signs are ASCII.
    String::from_utf8(encryptor.finish()).unwrap_or_default()
}
