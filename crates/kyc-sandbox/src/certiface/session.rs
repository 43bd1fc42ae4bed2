//! Sessions of 3D liveness.

use axum::http::StatusCode;
use serde_json::json;

use super::CertifaceControl;
use super::crypto::random;
use super::fields::Fields;
use super::replies::encrypted;
use super::test_cpfs::TestOutcome;
use crate::reply::Reply;

/// Whose 3D liveness Certiface uses. The vendor settles that for each customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// FaceTec: encrypted session tokens, face scans.
    #[default]
    FaceTec,
    /// iProov: plain session tokens, and attempts that may be repeated.
    IProov,
}

impl Provider {
    /// The name on the control route: `facetec` or `iproov`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FaceTec => "facetec",
            Self::IProov => "iproov",
        }
    }

    /// The provider of that [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::FaceTec, Self::IProov].into_iter().find(|provider| provider.name() == name)
    }
}

/// The session that a liveness needs.
pub(super) enum Session {
    /// Its token goes to the device and does not come back.
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
        let provider = match journey.outcome {
            TestOutcome::Liveness3d(provider) => provider,
            TestOutcome::RetriedOnce => Provider::IProov,
            _ => set,
        };
        let token = random(2);
        Ok(match provider {
            Provider::FaceTec => {
                journey.session = Some(Session::FaceTec);
                encrypted(&appkey, &json!({ "sessionToken": token }))
            }
            Provider::IProov => {
                let body = json!({
                    "isContingency": false,
                    "token": token,
                    "vendor": "IPROOV",
                    // Without a scheme, as the vendor prints it, and of no host: no face shall leave for iProov.
                    "url": "iproov.invalid",
                    "livenessType": "LA",
                });
                journey.session = Some(Session::IProov(token));
                Reply::json(StatusCode::OK, &body)
            }
        })
    }
}
