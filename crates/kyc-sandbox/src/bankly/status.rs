//! The status of the analyses of a person's images.

use std::sync::Arc;

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use kyc_core::Clock as _;
use serde_json::Value;

use super::BanklyControl;
use super::analysis::Stage;
use super::courses::{Course, SINGLE_OBJECT};
use super::errors::{invalid, refusal};
use super::findings::in_status;
use super::request::Request;
use super::upload::cpf;
use crate::reply::Reply;

impl BanklyControl {
    pub(super) fn status(self: &Arc<Self>, request: &Request) -> Result<Reply, Reply> {
        let cpf = cpf(request)?;
        let cpf = cpf.digits();
        let detailed = match request.query().one("resultLevel") {
            None | Some("ONLY_STATUS") => false,
            Some("DETAILED") => true,
            Some(_) => return Err(invalid("resultLevel", "The resultLevel is ONLY_STATUS or DETAILED.")),
        };
        let wanted: Vec<_> = request.query().all("token").filter(|token| !token.is_empty()).collect();
        let mut state = self.lock();
        let now = self.clock.now();
        let known = state.images.get(cpf).map(Vec::as_slice).unwrap_or_default();
        let is_wanted = |token: &str| wanted.is_empty() || wanted.contains(&token);
        let found: Vec<_> = known.iter().filter(|image| is_wanted(&image.token)).collect();
        let mut listed: Vec<Value> = found.iter().map(|image| in_status(image, cpf, now, detailed)).collect();
        let ended = found.iter().filter(|image| image.stage(now) == Stage::Ended);
        let seen = ended.clone().rev().find_map(|image| image.seen);
        // The analysis' own task would send the webhook in a moment. It is sent here first, so that no client sees the
        // end before the webhook is sent.
        let ended: Vec<_> = ended.map(|image| image.token.clone()).collect();
        for token in ended {
            self.announce_end(&mut state, cpf, &token);
        }
        let form = self.course(request.operation, cpf, SINGLE_OBJECT);
        let is_single = form.as_ref().is_some_and(|form| form.effect == Course::SingleObject(true));
        let late = form.and_then(|form| form.delay).unwrap_or_default();
        let reply = match (listed.pop(), listed.is_empty()) {
            (None, _) => return Err(refusal(StatusCode::NOT_FOUND, "no image of that CPF was found")),
            (Some(only), true) if is_single => only,
            (Some(last), _) => {
                listed.push(last);
                listed.into()
            }
        };
        let fresh = HeaderValue::from_static("max-age=300");
        Ok(Reply::json(StatusCode::OK, &reply).with_header(CACHE_CONTROL, fresh).simulated(seen).late(late))
    }
}
