//! `POST …/document/result`: everything that is known of a journey. It has an address of its own. (Vendor page: "7.
//! Result"; our page: "Result".)

use std::time::Duration;

use kyc_core::{Body, Error, Operation, OperationClass, OperationId, Poller, Response, Submission};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::error::read_result_error;
use crate::model::{Appkey, JourneyResult, JourneyStatus, RESULT};

/// A 404 means that there is no result yet.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, RESULT, OperationClass::Read)
    .answers_with(&[404])
    .with_error_reader(read_result_error);

const PATH: &str = service!("/document/result");

impl Connection {
    pub(crate) async fn result(&self, appkey: &Appkey) -> Result<Response<Option<JourneyResult>>, Error> {
        let address = self.addresses.of_result(&OPERATION, PATH)?;
        let body = Body::form([("appkey", appkey.expose())]);
        let answer = self.post_to(&OPERATION, address, appkey, body).await?;
        if answer.status().is_success() {
            Ok(self.pipeline.decode::<JourneyResult>(answer)?.map(Some))
        } else {
            Ok(self.pipeline.reply(answer, None))
        }
    }

    /// Polls the result until it is final.
    pub(crate) fn wait(
        &self,
        id: &OperationId,
        timeout: Duration,
        interval: Duration,
    ) -> Result<Poller<'_, JourneyResult>, Error> {
        id.check_vendor(VENDOR)?;
        let (clock, id) = (self.pipeline.clock(), id.clone());
        let polled = id.clone();
        Ok(Poller::new(VENDOR, id, clock, timeout, interval, move || {
            let id = polled.clone();
            async move {
                let result = self.result(&Appkey::new(id.value())).await?.into_inner();
                Ok(match result.filter(is_final) {
                    Some(result) => Submission::Ready(result),
                    None => Submission::Pending(id),
                })
            }
        }))
    }
}

fn is_final(result: &JourneyResult) -> bool {
    result.status.as_ref().is_some_and(JourneyStatus::is_final)
}
