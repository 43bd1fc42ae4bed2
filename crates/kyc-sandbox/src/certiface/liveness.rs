//! Liveness verdicts, and 3D liveness of both providers.

use std::sync::Arc;

use axum::http::StatusCode;
use bytes::Bytes;
use kyc_core::{Clock as _, Media};
use serde_json::json;

use super::courses::{Course, aspect};
use super::crypto::Cipher;
use super::fields::Fields;
use super::images::jpeg;
use super::journey::Liveness;
use super::replies::{bad_request, unauthorized};
use super::session::Session;
use super::test_cpfs::is_known;
use super::verdict::{Judged, Verdict};
use super::{CertifaceControl, Operation, State};
use crate::faces::Comparison;
use crate::reply::Reply;
use crate::scenario::Applied;

/// `codigo` and `score` of the face bureau.
const LOW_RISK: (u16, u16) = (200, 300);
/// From the vendor's example.
const REASON: &str = "Por favor, tente novamente em outro ambiente!";

impl CertifaceControl {
    /// Decides a well-formed liveness attempt: it is counted as paid and, unless a retry is offered, uses up the appkey
    /// for liveness.
    pub(super) fn judge(
        self: &Arc<Self>,
        state: &mut State,
        operation: Operation,
        appkey: &str,
        frontal: Option<Bytes>,
        seen: Option<Comparison>,
    ) -> Result<Judged, Reply> {
        let protocol = state.protocol(self.clock.now());
        let journey = state.journeys.get_mut(appkey).ok_or_else(|| unauthorized("appkey is unknown"))?;
        self.counters.pay(operation.name(), Some(&journey.person.cpf));
        let (cpf, triggered) = (journey.person.cpf.as_str(), journey.triggered.as_ref());
        let course = |aspect| self.course(operation, cpf, triggered, aspect);
        let (proof, reason) = match course(aspect::LIVENESS) {
            Some(Applied { effect: Course::Liveness(proof), reason, .. }) => (Some(proof), reason),
            _ => (None, None),
        };
        let bureau = match course(aspect::BUREAU) {
            Some(Applied { effect: Course::Bureau(bureau), .. }) => bureau,
            _ => Some(LOW_RISK),
        };
        let verdict = match seen.and_then(Comparison::defect) {
            // Liveness is never read off a picture: only a missing face speaks against it.
            Some(_) if proof.is_none() && !is_known(cpf) => Verdict::REFUSED,
            _ => Verdict::of(proof, journey.retried, operation),
        };
        let judged = Judged { verdict, reason: reason.filter(|_| !verdict.valid), protocol };
        journey.retried = true;
        journey.session = None;
        journey.round_begun = false;
        journey.liveness = Some(Liveness { judged: judged.clone(), bureau, frontal, seen });
        self.begin_analysis(appkey, journey);
        Ok(judged)
    }

    /// What the picture of a liveness attempt shows, if that decides it.
    pub(super) async fn see(&self, operation: Operation, fields: &Fields) -> Option<Comparison> {
        if !self.eyes.are_open() {
            return None;
        }
        let appkey = fields.text("appkey")?;
        let cpf = self.cpf_of(appkey)?;
        if is_known(&cpf) || self.course(operation, &cpf, None, aspect::LIVENESS).is_some() {
            return None;
        }
        let frontal = match operation {
            Operation::Captcha => self.frontal(fields)?,
            Operation::Liveness => scanned(appkey, fields).ok()?,
            _ => return None,
        };
        self.eyes.compare(&frontal, &frontal).await
    }

    pub(super) fn liveness(
        self: &Arc<Self>,
        fields: &Fields,
        seen: Option<Comparison>,
    ) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let (appkey, journey) = self.live_journey_for_liveness(&mut state, fields)?;
        let (frontal, by_iproov) = match &journey.session {
            Some(Session::IProov(token)) => {
                if fields.needed("sessionToken").map_err(bad_request)? != token {
                    return Err(unauthorized("sessionToken differs from the last response of session-token"));
                }
                // The image stays on iProov's servers.
                (None, true)
            }
            Some(Session::FaceTec) => (Some(scanned(&appkey, fields).map_err(bad_request)?), false),
            Some(Session::Fortface { .. }) | None => {
                return Err(bad_request("no session: call 3d/session-token before each attempt"));
            }
        };
        let judged = self.judge(&mut state, Operation::Liveness, &appkey, frontal, seen)?;
        let retry = judged.verdict.retry;
        let more = if by_iproov {
            json!({ "retry": retry, "reason": (!judged.verdict.valid).then_some(REASON) })
        } else {
            json!({ "scanResultBlob": self.random(4) })
        };
        Ok(Reply::json(StatusCode::OK, &judged.with(&more)).simulated(seen))
    }
}

/// Checks the fields of a FaceTec scan, and returns the image of the face.
fn scanned(appkey: &str, fields: &Fields) -> Result<Bytes, String> {
    for name in ["userAgent", "faceScan", "sessionId"] {
        fields.needed(name)?;
    }
    let image =
        |name: &str| decrypted(appkey, fields.needed(name)?).map_err(|error| format!("{name}: {error}"));
    let frontal = image("auditTrailImage")?;
    image("lowQualityAuditTrailImage")?;
    Ok(frontal.bytes().clone())
}

fn decrypted(appkey: &str, field: &str) -> Result<Media, String> {
    let cipher = Cipher::of(appkey).ok_or("the appkey is too short")?;
    let plain = cipher.open(field)?;
    let encoded =
        str::from_utf8(&plain).map_err(|_| "the decrypted bytes are not text: the IV may be wrong")?;
    Ok(jpeg(encoded)?)
}
