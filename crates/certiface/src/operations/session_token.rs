//! `POST …/3d/session-token`: starts a 3D liveness check with FaceTec or iProov; the vendor chooses
//! which. (Vendor page:
//! "4.2" and "4.5"; our page: "3D session".)

use std::fmt;

use kyc_core::{Body, Error, Lenient, Operation, OperationClass, RedactedText, Response};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::connection::{Connection, cipher, service};
use crate::error::error_in_value;
use crate::model::{Appkey, LivenessVendor};

/// It binds a session to the key and does not use the key up.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "session-token", OperationClass::Idempotent);

const PATH: &str = service!("/3d/session-token");

/// A session of 3D liveness. The fields present depend on the [`provider`](Self::provider).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct SessionToken {
    /// FaceTec: the token for its SDK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token: Option<RedactedText>,
    /// iProov: whether the vendor responds with its fallback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_contingency: Option<Lenient<bool>>,
    /// iProov: the token for its SDK, to be submitted as `sessionToken`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<RedactedText>,
    /// iProov: the provider's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<LivenessVendor>,
    /// iProov: the host of the provider, without a scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<RedactedText>,
    /// iProov: `LA` requests the SDK's clear filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness_type: Option<RedactedText>,
    /// Why there is no session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
}

/// The provider of a 3D liveness check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provider {
    /// FaceTec: its SDK returns a scan, which [`liveness_facetec`](crate::Journey::liveness_facetec) submits.
    FaceTec,
    /// iProov: its SDK communicates with iProov, and [`liveness_iproov`](crate::Journey::liveness_iproov) requests the
    /// verdict.
    IProov,
}

impl SessionToken {
    /// Returns the provider, determined by which token is present; `None` without a token. A blank token counts as absent.
    #[must_use]
    pub fn provider(&self) -> Option<Provider> {
        let is_there = |token: &Option<RedactedText>| token.as_ref().is_some_and(|token| !is_blank(token));
        match (is_there(&self.session_token), is_there(&self.token)) {
            (true, _) => Some(Provider::FaceTec),
            (false, true) => Some(Provider::IProov),
            (false, false) => None,
        }
    }
}

fn is_blank(text: &RedactedText) -> bool {
    text.as_str().trim().is_empty()
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FaceTec => "FaceTec",
            Self::IProov => "iProov",
        })
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionToken").field("provider", &self.provider()).finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) async fn session_token(
        &self,
        appkey: &Appkey,
        user_agent: Option<&str>,
    ) -> Result<Response<SessionToken>, Error> {
        let cipher = cipher(&OPERATION, appkey)?;
        let body = Body::json()
            .field("appkey", appkey.expose())
            .optional("userAgent", user_agent)
            .build()
            .map_err(|rule| OPERATION.invalid_input("user_agent", &rule))?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        let session: SessionToken = self.decode_encrypted(&answer, &cipher)?;
        match error_in_value(&answer, session.error.as_ref()) {
            Some(error) => Err(error),
            None => Ok(self.pipeline.reply(answer, session)),
        }
    }
}
