//! `POST …/credencial`: login and password for a credential. (Vendor page: "1. Credencial"; our page:
//! "Authentication".)

use http::Method;
use kyc_core::{
    Body, Call, DateTime, Error, Lenient, Operation, OperationClass, Pipeline, Response, Secret, request,
};
use serde::Deserialize;

use super::service;
use crate::VENDOR;
use crate::auth::md5_hex;
use crate::client::Addresses;
use crate::config::Credentials;

/// A second login gives a second credential and costs nothing.
pub(crate) static OPERATION: Operation = Operation::new(VENDOR, "credencial", OperationClass::Idempotent);

const PATH: &str = service!("/credencial");

/// What a login brings: public for tests of what is decoded. It holds the token, so it is never written out.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CredentialResponse {
    /// The token.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub token: Secret<String>,
    /// Its end, `dd/mm/yyyy hh:mm:ss` in UTC.
    pub expires: Option<Lenient<DateTime>>,
}

pub(crate) async fn send(
    pipeline: &Pipeline,
    addresses: &Addresses,
    credentials: &Credentials,
) -> Result<Response<CredentialResponse>, Error> {
    let address = addresses.of(&OPERATION, PATH)?;
    let password = md5_hex(&credentials.password);
    let body = Body::form([("user", credentials.login.expose().as_str()), ("pass", password.expose())]);
    let build = |_: Option<&_>| Ok(request(Method::POST, address.clone(), body.clone()));
    let answer = pipeline.send(&Call::new(&OPERATION, &build)).await?;
    pipeline.decode(answer)
}
