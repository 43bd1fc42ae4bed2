//! `POST /login`: exchanges credentials for a token. (Our page: "Authentication".)

use http::Method;
use kyc_core::{
    BaseUrl, Body, Call, Error, Operation, OperationClass, Pipeline, RedactedText, Response, Secret, request,
};
use serde::Deserialize;

use crate::VENDOR;
use crate::config::Credentials;

static OPERATION: Operation = Operation::new(VENDOR, "login", OperationClass::Idempotent);

const PATH: &str = "/login";

/// The response of a login. It holds the token and therefore implements no `Serialize`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct LoginResponse {
    /// The access token.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub access_token: Secret<String>,
    /// The life of the token in seconds.
    pub expires_in: Option<RedactedText>,
}

pub(crate) async fn send(
    pipeline: &Pipeline,
    base: &BaseUrl,
    credentials: &Credentials,
) -> Result<Response<LoginResponse>, Error> {
    let invalid = |field| move |rule| Error::invalid_input(VENDOR, field, &rule);
    let address = base.join(PATH).map_err(invalid("base_url"))?;
    let body = Body::json()
        .field("clientId", credentials.client_id.expose())
        .field("clientSecret", credentials.client_secret.expose())
        .build()
        .map_err(invalid("credentials"))?;
    let build = |_: Option<&_>| Ok(request(Method::POST, address.clone(), body.clone()));
    let answer = pipeline.send(&Call::new(&OPERATION, &build)).await?;
    pipeline.decode(answer)
}
