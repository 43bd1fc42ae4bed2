//! `POST …/result`: the liveness check alone. (Not in the vendor's guide, which has no shape of its answer; our page:
//! "Beyond the guide".)

use kyc_core::{Body, Error, Operation, OperationClass, Response};

use super::service;
use crate::VENDOR;
use crate::client::Client;
use crate::operations::appkey::Appkey;
use crate::operations::liveness::LivenessResponse;

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "captcha-result", OperationClass::Read);

const PATH: &str = service!("/result");

impl Client {
    /// Asks for the verdict on the liveness check of a key; `None` if there was none yet.
    ///
    /// The vendor publishes no shape of this answer: it is read as that of the check itself, and what else it holds is
    /// reported as unknown.
    ///
    /// # Errors
    /// `Expired` when the key has ended.
    pub async fn liveness_result(
        &self,
        appkey: &Appkey,
    ) -> Result<Response<Option<LivenessResponse>>, Error> {
        let body = Body::form([("appkey", appkey.expose())]);
        let answer = self.post(&OPERATION, PATH, appkey, body).await?;
        if answer.status().is_success() {
            Ok(self.pipeline.decode::<LivenessResponse>(answer)?.map(Some))
        } else {
            Ok(self.pipeline.reply(answer, None))
        }
    }
}
