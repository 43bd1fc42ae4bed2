//! Sessions of 3D liveness.

use axum::http::StatusCode;
use serde_json::json;

use super::courses::{Course, aspect};
use super::fields::Fields;
use super::replies::encrypted;
use super::{CertifaceControl, Operation};
use crate::reply::Reply;

/// The provider of Certiface's 3D liveness. The vendor configures it for each customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// FaceTec: encrypted session tokens and face scans.
    #[default]
    FaceTec,
    /// iProov: plain session tokens, and attempts that may be retried.
    IProov,
}

// The names on the control routes.
kyc_core::named!(Provider, "provider", FaceTec = "facetec", IProov = "iproov");

/// A session, required for a liveness attempt.
pub(super) enum Session {
    /// The token is used on the device only and is not sent back.
    FaceTec,
    IProov(String),
    Fortface {
        id: String,
        token: String,
    },
}

impl CertifaceControl {
    pub(super) fn initialize(&self, fields: &Fields) -> Result<Reply, Reply> {
        let (appkey, _) = self.live_journey_for_liveness(&mut self.lock(), fields)?;
        Ok(encrypted(&appkey, &json!({ "productionKey": "sandbox: no FaceTec licence" })))
    }

    pub(super) fn session_token(&self, fields: &Fields) -> Result<Reply, Reply> {
        let mut state = self.lock();
        let set = state.liveness_3d;
        let (appkey, journey) = self.live_journey_for_liveness(&mut state, fields)?;
        let course = self.course(Operation::SessionToken, &journey.person.cpf, None, aspect::PROVIDER);
        let late = course.as_ref().and_then(|course| course.delay).unwrap_or_default();
        let provider = match course.map(|course| course.effect) {
            Some(Course::Provider(provider)) => provider,
            _ => set,
        };
        let token = self.random(2);
        let reply = match provider {
            Provider::FaceTec => {
                journey.session = Some(Session::FaceTec);
                encrypted(&appkey, &json!({ "sessionToken": token }))
            }
            Provider::IProov => {
                let body = json!({
                    "isContingency": false,
                    "token": token,
                    "vendor": "IPROOV",
                    // Without a scheme, as the vendor prints it, and without a real host, so that no face is sent to
                    // iProov.
                    "url": "iproov.invalid",
                    "livenessType": "LA",
                });
                journey.session = Some(Session::IProov(token));
                Reply::json(StatusCode::OK, &body)
            }
        };
        Ok(reply.late(late))
    }
}
