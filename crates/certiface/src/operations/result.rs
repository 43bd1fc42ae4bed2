//! `POST …/document/result`: all that is known of a journey. It has an address of its own. (Vendor page: "7. Result"; our
//! page: "Result".)

use std::time::Duration;

use kyc_core::{Body, Error, Operation, OperationClass, OperationId, Poller, Response, Submission};

use super::service;
use crate::VENDOR;
use crate::client::Client;
use crate::model::{JourneyResult, JourneyStatus};
use crate::operations::appkey::Appkey;

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "result", OperationClass::Read);

const PATH: &str = service!("/document/result");

impl Client {
    /// Asks what is known of a journey. Nothing is spent by it, and it is answered after the key has ended, too.
    ///
    /// `None`: Certiface does not know the key, or no liveness check was made with it.
    ///
    /// # Errors
    /// `Rejected` with the field if Certiface refused the person's data.
    pub async fn result(&self, appkey: &Appkey) -> Result<Response<Option<JourneyResult>>, Error> {
        let address = self.addresses.of_result(&OPERATION, PATH)?;
        let body = Body::form([("appkey", appkey.expose())]);
        let answer = self.post_to(&OPERATION, address, appkey, body).await?;
        if answer.status().is_success() {
            Ok(self.pipeline.decode::<JourneyResult>(answer)?.map(Some))
        } else {
            Ok(self.pipeline.reply(answer, None))
        }
    }

    /// Waits for the end of a journey, at most `timeout` from now: asks every 30 s
    /// ([`poll_interval`](crate::ClientBuilder::poll_interval)), and at once when [`Poller::wake_on`] brings a webhook. A
    /// journey without documents may stay `Não processado` for ever: ask [`result`](Self::result) instead.
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor. The wait itself ends with `Timeout` at its deadline.
    pub fn wait(&self, id: &OperationId, timeout: Duration) -> Result<Poller<'_, JourneyResult>, Error> {
        id.check_vendor(VENDOR)?;
        let (clock, id) = (self.pipeline.clock(), id.clone());
        let asked = id.clone();
        Ok(Poller::new(VENDOR, id, clock, timeout, self.options.poll_interval, move || {
            let id = asked.clone();
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
