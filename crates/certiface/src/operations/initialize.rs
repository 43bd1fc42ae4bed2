//! `POST …/3d/initialize`: requests the licence that FaceTec's SDK starts with, up to version 9. (Not in the vendor's guide; our page:
//! "Beyond the guide".)

use kyc_core::{Body, Error, Operation, OperationClass, RedactedText, Response, response};

use crate::VENDOR;
use crate::connection::{Connection, cipher, service};
use crate::error::error_in_value;
use crate::model::Appkey;

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "initialize", OperationClass::Idempotent);

const PATH: &str = service!("/3d/initialize");

response! {
    /// The licence of FaceTec's SDK.
    #[serde(rename_all = "camelCase")]
    pub struct Initialization {
        /// The licence text that the SDK is started with.
        pub production_key: Option<RedactedText>,
        /// Why there is no licence.
        pub error: Option<RedactedText>,
    }
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
