//! `GET …/checkauth?appkey=…`: whether a key is still accepted. (Not in the vendor's guide; our page: "Beyond the
//! guide".)

use http::Method;
use kyc_core::{Body, Call, Error, Operation, OperationClass, Response, request};

use crate::VENDOR;
use crate::connection::{Connection, service};
use crate::error::error_in_place;
use crate::model::Appkey;

/// A 401 is the answer "no".
pub(crate) static OPERATION: Operation =
    Operation::new(VENDOR, "checkauth", OperationClass::Read).answers_with(&[401]);

const PATH: &str = service!("/checkauth");

impl Connection {
    pub(crate) async fn checkauth(&self, appkey: &Appkey) -> Result<Response<bool>, Error> {
        let address = self.addresses.with_query(&OPERATION, PATH, &[("appkey", appkey.expose())])?;
        let build = |_: Option<&_>| Ok(request(Method::GET, address.clone(), Body::empty()));
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build)).await?;
        let is_accepted = answer.status().is_success();
        if is_accepted && let Some(error) = error_in_place(&answer) {
            return Err(error);
        }
        Ok(self.pipeline.reply(answer, is_accepted))
    }
}
