//! `POST …/fortface/session-token` and `POST …/fortface/liveness`: liveness by the Fortface SDK. (Not in the
//! vendor's guide; our page: "Beyond the guide".)

use std::fmt;

use kyc_core::{Body, Error, Operation, OperationClass, RedactedText, Response, Secret};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::error::error_in_value;
use crate::model::{Appkey, LivenessResponse};
use crate::operations::liveness::check_present;

pub(crate) static SESSION_TOKEN: Operation =
    Operation::new(VENDOR, "fortface-session-token", OperationClass::Idempotent);

/// It uses up the key for liveness.
pub(crate) static LIVENESS: Operation = Operation::new(VENDOR, "fortface-liveness", OperationClass::Paid);

const SESSION_PATH: &str = service!("/fortface/session-token");
const LIVENESS_PATH: &str = service!("/fortface/liveness");

/// A session of the Fortface SDK.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct FortfaceSession {
    /// The id of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<RedactedText>,
    /// The key that the SDK encrypts with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_key: Option<RedactedText>,
    /// The token for the SDK, to be submitted with the scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_token: Option<RedactedText>,
    /// Why there is no session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
}

impl fmt::Debug for FortfaceSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FortfaceSession([redacted])")
    }
}

/// The result of the Fortface SDK, which encrypts it; it is sent unchanged.
#[derive(Clone)]
#[non_exhaustive]
pub struct FortfaceScan {
    /// The user agent of the browser or the app.
    pub user_agent: String,
    /// The session's token: [`FortfaceSession::session_token`].
    pub session_token: Secret<String>,
    /// The session's id: [`FortfaceSession::session_id`].
    pub session_id: Secret<String>,
    /// The SDK's key.
    pub key: Secret<String>,
    /// The SDK's data.
    pub data: Secret<String>,
    /// The SDK's images.
    pub img_data: Secret<String>,
}

impl FortfaceScan {
    /// Creates a scan from what the SDK returned for that session. A session without its token or id makes a scan that is refused
    /// before it is sent.
    #[must_use]
    pub fn new(
        session: &FortfaceSession,
        user_agent: impl Into<String>,
        key: impl Into<Secret<String>>,
        data: impl Into<Secret<String>>,
        img_data: impl Into<Secret<String>>,
    ) -> Self {
        let text = |text: &Option<RedactedText>| {
            Secret::new(text.as_ref().map(RedactedText::as_str).unwrap_or_default().to_owned())
        };
        Self {
            user_agent: user_agent.into(),
            session_token: text(&session.session_token),
            session_id: text(&session.session_id),
            key: key.into(),
            data: data.into(),
            img_data: img_data.into(),
        }
    }

    /// Validates that nothing is missing, as [`Journey::fortface_liveness`](crate::Journey::fortface_liveness) does before it
    /// sends anything.
    ///
    /// # Errors
    /// `InvalidInput` with the field and the rule.
    pub fn check(&self) -> Result<(), Error> {
        let fields = [
            ("session_token", &self.session_token),
            ("session_id", &self.session_id),
            ("key", &self.key),
            ("data", &self.data),
            ("img_data", &self.img_data),
        ];
        fields.into_iter().try_for_each(|(field, text)| {
            check_present(text.expose()).map_err(|rule| LIVENESS.invalid_input(field, &rule))
        })
    }
}

impl fmt::Debug for FortfaceScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FortfaceScan([redacted])")
    }
}

impl Connection {
    pub(crate) async fn fortface_session(
        &self,
        appkey: &Appkey,
        user_agent: &str,
        device_request_info: &str,
    ) -> Result<Response<FortfaceSession>, Error> {
        let body = Body::json()
            .field("appkey", appkey.expose())
            .field("userAgent", user_agent)
            .field("deviceRequestInfo", device_request_info)
            .build()
            .map_err(|rule| SESSION_TOKEN.invalid_input("device_request_info", &rule))?;
        let answer = self.post(&SESSION_TOKEN, SESSION_PATH, appkey, body).await?;
        let session: FortfaceSession = self.decode(&answer)?;
        match error_in_value(&answer, session.error.as_ref()) {
            Some(error) => Err(error),
            None => Ok(self.pipeline.reply(answer, session)),
        }
    }

    pub(crate) async fn fortface_liveness(
        &self,
        appkey: &Appkey,
        scan: &FortfaceScan,
    ) -> Result<Response<LivenessResponse>, Error> {
        let body = Body::json()
            .field("appkey", appkey.expose())
            .field("userAgent", &scan.user_agent)
            .field("sessionToken", scan.session_token.expose())
            .field("sessionId", scan.session_id.expose())
            .field("key", scan.key.expose())
            .field("data", scan.data.expose())
            .field("imgData", scan.img_data.expose())
            .build()
            .map_err(|rule| LIVENESS.invalid_input("scan", &rule))?;
        let answer = self.post(&LIVENESS, LIVENESS_PATH, appkey, body).await?;
        self.read_verdict(answer)
    }
}
