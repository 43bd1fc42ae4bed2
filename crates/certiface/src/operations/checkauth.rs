//! `GET …/checkauth?appkey=…`: whether a key still opens anything. (Not in the vendor's guide; our page: "Beyond the
//! guide".)

use http::Method;
use kyc_core::{Body, Call, Error, Operation, OperationClass, Response, request};

use super::service;
use crate::VENDOR;
use crate::client::Client;
use crate::operations::appkey::Appkey;

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "checkauth", OperationClass::Read);

const PATH: &str = service!("/checkauth");

impl Client {
    /// Asks whether the key is accepted. The key goes in the query of the URL, as the vendor has it: proxies on the way
    /// may log it.
    ///
    /// # Errors
    /// Only what kept the answer away: a key that has ended is `false`.
    pub async fn check_appkey(&self, appkey: &Appkey) -> Result<Response<bool>, Error> {
        let path = self.addresses.path(&OPERATION, PATH);
        let address = self
            .addresses
            .base
            .join_query(path, &[("appkey", appkey.expose())])
            .map_err(|rule| OPERATION.invalid_input("appkey", &rule))?;
        let build = |_: Option<&_>| Ok(request(Method::GET, address.clone(), Body::empty()));
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build)).await?;
        let is_accepted = answer.status().is_success();
        Ok(self.pipeline.reply(answer, is_accepted))
    }
}
