//! `POST …/3d/process-request`: one round of FaceTec's exchange from version 10 on, which replaces `initialize`,
//! `session-token` and `liveness`. (Not in the vendor's guide; our page: "Beyond the guide".)

use std::time::Duration;

use kyc_core::{Body, Error, Operation, OperationClass, Response, Secret};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::model::{Appkey, LivenessResponse};

/// The last round uses up the key, and only the response tells which one is the last. The vendor's own clients wait two
/// minutes for it.
pub(crate) static OPERATION: Operation =
    Operation::new(VENDOR, "process-request", OperationClass::Paid).with_timeout(Duration::from_secs(120));

const PATH: &str = service!("/3d/process-request");

impl Connection {
    pub(crate) async fn process_request(
        &self,
        appkey: &Appkey,
        request_blob: &Secret<String>,
        user_agent: &str,
    ) -> Result<Response<LivenessResponse>, Error> {
        let body = Body::json()
            .field("requestBlob", request_blob.expose())
            .field("appkey", appkey.expose())
            .field("userAgent", user_agent)
            .build()
            .map_err(|rule| OPERATION.invalid_input("request_blob", &rule))?;
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        self.read_verdict(answer)
    }
}
