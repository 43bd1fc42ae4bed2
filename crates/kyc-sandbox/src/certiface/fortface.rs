//! Liveness by Fortface, whose payloads are opaque.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;

use super::fields::Fields;
use super::replies::{bad_request, unauthorized};
use super::session::Session;
use super::{CertifaceControl, Operation};
use crate::reply::Reply;

impl CertifaceControl {
    pub(super) fn fortface_session_token(&self, fields: &Fields) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let (_, journey) = self.live_journey_for_liveness(&mut state, fields)?;
        for name in ["userAgent", "deviceRequestInfo"] {
            fields.needed(name).map_err(bad_request)?;
        }
        let (id, key, token) = (self.random(1), self.random(1), self.random(2));
        let body = json!({ "sessionId": id, "sessionKey": key, "sessionToken": token });
        journey.session = Some(Session::Fortface { id, token });
        Ok(Reply::json(StatusCode::OK, &body))
    }

    pub(super) fn fortface_liveness(self: &Arc<Self>, fields: &Fields) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let (appkey, journey) = self.live_journey_for_liveness(&mut state, fields)?;
        for name in ["userAgent", "sessionToken", "sessionId", "key", "data", "imgData"] {
            fields.needed(name).map_err(bad_request)?;
        }
        let Some(Session::Fortface { id, token }) = &journey.session else {
            return Err(bad_request("no session: call fortface/session-token first"));
        };
        if fields.text("sessionId") != Some(id) || fields.text("sessionToken") != Some(token) {
            return Err(unauthorized(
                "sessionId or sessionToken differs from the last response of session-token",
            ));
        }
        let judged = self.judge(&mut state, Operation::FortfaceLiveness, &appkey, None, None)?;
        let more = json!({ "hash": self.random(1), "retry": judged.verdict.retry });
        Ok(Reply::json(StatusCode::OK, &judged.with(&more)))
    }
}
