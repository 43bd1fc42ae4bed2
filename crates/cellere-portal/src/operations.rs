//! One file per operation: its class, the request and the response. The paths are in [`Endpoints`](crate::Endpoints),
//! since the vendor's page names none.

pub(crate) mod balance;
pub(crate) mod cnpj;
pub(crate) mod cpf;
pub(crate) mod document;
pub(crate) mod facematch;
pub(crate) mod meter;

use http::Method;
use kyc_core::{Body, Error, Operation, RawResponse};

use crate::client::Client;
use crate::config::Endpoint;

impl Client {
    /// Looks up a number, which is sent in a JSON body or in the query of a GET.
    async fn look_up(
        &self,
        operation: &'static Operation,
        endpoint: &Endpoint,
        key: &'static str,
        value: &str,
    ) -> Result<RawResponse, Error> {
        let refused = |rule| operation.invalid_input(key, &rule);
        let (address, body) = if endpoint.method == Method::GET {
            (self.base.join_query(&endpoint.path, &[(key, value)]).map_err(refused)?, Body::empty())
        } else {
            let body = Body::json().field(key, value).build().map_err(refused)?;
            (self.address(operation, &endpoint.path)?, body)
        };
        self.call(operation, endpoint.method.clone(), address, body).await
    }
}
