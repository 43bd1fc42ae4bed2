//! `POST …/result`: the liveness check alone. (Not in the vendor's guide, and no shape of its response is published;
//! our page: "Beyond the guide".)

use kyc_core::{Body, Error, Operation, OperationClass, Response};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::model::{Appkey, LivenessResponse};

/// A 404 means that there was no liveness check yet.
pub(crate) static OPERATION: Operation =
    Operation::new(VENDOR, "captcha-result", OperationClass::Read).answers_with(&[404]);

const PATH: &str = service!("/result");

impl Connection {
    pub(crate) async fn result_of_liveness(
        &self,
        appkey: &Appkey,
    ) -> Result<Response<Option<LivenessResponse>>, Error> {
        let body = Body::form([("appkey", appkey.expose())]);
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        if answer.status().is_success() {
            Ok(self.read_verdict(answer)?.map(Some))
        } else {
            Ok(self.pipeline.reply(answer, None))
        }
    }
}
