//! `GET /utilitarias/saldo-portal`: queries the remaining credits. (Our page: "Balance"; not on the vendor's page.)

use http::Method;
use kyc_core::{
    Body, Error, FiniteF64, Lenient, Operation, OperationClass, RedactedText, Response, response,
};

use crate::VENDOR;
use crate::client::Client;

pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "balance", OperationClass::Read);

response! {
    /// The remaining credits.
    pub struct BalanceResponse {
        /// The amount.
        pub amount: Option<Lenient<FiniteF64>>,
        /// The unit of the amount: `credit`.
        pub units: Option<RedactedText>,
    }
}

impl Client {
    /// Queries the remaining credits. The call is free of charge, so it can also be used to verify the token. (Our page:
    /// "Balance".)
    ///
    /// ```
    /// use cellere_portal::{Client, Credentials};
    /// use kyc_sandbox::Sandbox;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::builder().cellere_credits(7).start().await?;
    /// let client =
    ///     Client::builder(Credentials::new(Sandbox::CELLERE_TOKEN)).base_url(&sandbox.cellere_url()).build()?;
    ///
    /// let balance = client.balance().await?.into_inner();
    /// assert_eq!(balance.amount.as_ref().and_then(|amount| amount.get()).map(|amount| amount.get()), Some(7.0));
    /// # Ok(())
    /// # }
    /// ```
    ///
    ///
    /// # Errors
    /// `Unauthenticated` if the portal does not know the token.
    pub async fn balance(&self) -> Result<Response<BalanceResponse>, Error> {
        let address = self.address(&OPERATION, &self.options.endpoints.balance)?;
        let answer = self.call(&OPERATION, Method::GET, address, Body::empty()).await?;
        self.pipeline.decode(answer)
    }
}
