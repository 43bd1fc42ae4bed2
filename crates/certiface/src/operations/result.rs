//! `POST …/document/result`: everything that is known of a journey. It has an address of its own. (Vendor page: "7.
//! Result"; our page: "Result".)

use std::time::Duration;

use kyc_core::{
    Body, Delivery, Error, ErrorKind, Operation, OperationClass, OperationId, Poller, Response, Submission,
};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::error::{error_in_place, read_result_error};
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
            let result: JourneyResult = self.decode(&answer)?;
            if result == JourneyResult::default() {
                error_in_place(&answer).map_or(Ok(()), Err)?;
            }
            Ok(self.pipeline.reply(answer, Some(result)))
        } else {
            Ok(self.pipeline.reply(answer, None))
        }
    }

    /// Polls the result until it is final, or until it is certain that it will never be.
    pub(crate) fn wait(
        &self,
        id: &OperationId,
        timeout: Duration,
        interval: Duration,
    ) -> Result<Poller<'_, JourneyResult>, Error> {
        id.check_vendor(VENDOR)?;
        let (clock, id) = (self.pipeline.clock(), id.clone());
        let (polled, mut is_first) = (id.clone(), true);
        Ok(Poller::new(VENDOR, id, clock, timeout, interval, move || {
            let (id, is_first) = (polled.clone(), std::mem::replace(&mut is_first, false));
            async move {
                let appkey = Appkey::new(id.value());
                let is_over = || appkey.is_over(None, self.pipeline.clock().now());
                let Some(result) = self.result(&appkey).await?.into_inner() else {
                    // After a failure or another response a 404 is not believed while the key lives.
                    return if is_first || is_over() {
                        Err(hopeless(ErrorKind::NotFound, NO_LIVENESS).with_http_status(404))
                    } else {
                        Ok(Submission::Pending(id))
                    };
                };
                if is_final(&result) {
                    return Ok(Submission::Ready(result));
                }
                let is_idle = result.status == Some(JourneyStatus::NotProcessed);
                if is_idle && is_over() {
                    return Err(hopeless(ErrorKind::Expired, NO_DOCUMENT));
                }
                Ok(Submission::Pending(id))
            }
        }))
    }
}

const NO_LIVENESS: &str =
    "nothing to wait for: no liveness check was made with this appkey, or Certiface does not know it";

const NO_DOCUMENT: &str =
    "nothing to wait for: no document was submitted, and the appkey has expired; request the result instead";

fn hopeless(kind: ErrorKind, what: &'static str) -> Error {
    Error::new(VENDOR, kind, Delivery::Answered, what).in_operation(OPERATION.name())
}

pub(crate) fn is_final(result: &JourneyResult) -> bool {
    result.status.as_ref().is_some_and(JourneyStatus::is_final)
}
