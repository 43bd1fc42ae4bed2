//! `GET /utilitarias/saldo-portal`: what is left of the credits. (Our page: "Balance"; on no page of the vendor.)

use http::Method;
use kyc_core::{Body, Error, FiniteF64, Lenient, Operation, OperationClass, RedactedText, Response};
use serde::{Deserialize, Serialize};

use crate::VENDOR;
use crate::client::Client;

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "balance", OperationClass::Read);

/// What is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct BalanceResponse {
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Lenient<FiniteF64>>,
    /// Of what: `credit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<RedactedText>,
}

impl Client {
    /// Asks what is left of the credits. It costs none, so it also tells whether the token is good.
    ///
    /// # Errors
    /// `Unauthenticated` if the portal does not know the token.
    pub async fn balance(&self) -> Result<Response<BalanceResponse>, Error> {
        let address = self.address(&OPERATION, &self.options.endpoints.balance)?;
        let answer = self.call(&OPERATION, Method::GET, address, Body::empty()).await?;
        self.pipeline.decode(answer)
    }
}
