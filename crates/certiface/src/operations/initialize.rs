//! `POST …/3d/initialize`: requests the licence that FaceTec's SDK starts with, up to version 9. (Not in the vendor's guide; our page:
//! "Beyond the guide".)

use kyc_core::{Body, Error, Operation, OperationClass, RedactedText, Response};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::connection::{Connection, cipher, service};
use crate::error::error_in_value;
use crate::model::Appkey;

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "initialize", OperationClass::Idempotent);

const PATH: &str = service!("/3d/initialize");

/// The licence of FaceTec's SDK.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Initialization {
    /// The licence text that the SDK is started with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub production_key: Option<RedactedText>,
    /// Why there is no licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<RedactedText>,
}

impl Connection {
    pub(crate) async fn initialize(
        &self,
        appkey: &Appkey,
        platform: &str,
    ) -> Result<Response<Initialization>, Error> {
        let cipher = cipher(&OPERATION, appkey)?;
        let body = Body::json()
            .field("appkey", appkey.expose())
            .field("platform", platform)
            .build()
            .map_err(|rule| OPERATION.invalid_input("platform", &rule))?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        let initialization: Initialization = self.decode_encrypted(&answer, &cipher)?;
        match error_in_value(&answer, initialization.error.as_ref()) {
            Some(error) => Err(error),
            None => Ok(self.pipeline.reply(answer, initialization)),
        }
    }
}
