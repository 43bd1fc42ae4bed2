//! FaceTec's newer protocol: one operation, called until its response has a verdict.

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::json;

use super::fields::Fields;
use super::replies::bad_request;
use super::verdict::Verdict;
use super::{CertifaceControl, Operation};
use crate::reply::Reply;

impl CertifaceControl {
    /// Takes two rounds. The first one only starts the exchange.
    pub(super) fn process_request(self: &Arc<Self>, fields: &Fields) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let (appkey, journey) = self.live_journey_for_liveness(&mut state, fields)?;
        for name in ["requestBlob", "userAgent"] {
            fields.needed(name).map_err(bad_request)?;
        }
        let blob = self.random(4);
        if !journey.round_begun {
            journey.round_begun = true;
            return Ok(Reply::json(StatusCode::OK, &json!({ "responseBlob": blob })));
        }
        // The image is inside FaceTec's blob.
        let judged = self.judge(&mut state, Operation::ProcessRequest, &appkey, None, None)?;
        let Verdict { valid, cod_id, retry, .. } = judged.verdict;
        let body = json!({
            "valid": valid,
            "codID": cod_id,
            "hash": self.random(1),
            "protocol": judged.protocol,
            "retry": retry,
            "launchId": self.ids.uuid().to_string(),
            "responseBlob": blob,
        });
        Ok(Reply::json(StatusCode::OK, &body))
    }
}
