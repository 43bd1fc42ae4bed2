//! `POST …/oauth2/token` by certificate, or `POST …/connect/token` by secret: exchanges credentials for a token. (Our
//! page: "Authentication"; on neither of the vendor's two pages.)

use http::Method;
use kyc_core::{
    BaseUrl, Body, Call, Error, Operation, OperationClass, Pipeline, RedactedText, Response, Secret, request,
};
use serde::Deserialize;

use crate::VENDOR;
use crate::config::Credentials;

/// A second request issues a second token and costs nothing.
static OPERATION: Operation = Operation::new(VENDOR, "token", OperationClass::Idempotent);
static BY_SECRET: Operation = Operation::new(VENDOR, "legacy-token", OperationClass::Idempotent);

const PATH: &str = "/oauth2/token";
const PATH_BY_SECRET: &str = "/connect/token";

/// The scopes that the document analysis needs. (Our page: "Scopes".)
pub(crate) const USUAL_SCOPES: &[&str] = &["kyc.document.write", "kyc.document.read"];

/// The response of a token request. It holds the token and therefore implements no `Serialize`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct TokenResponse {
    /// The access token.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub access_token: Secret<String>,
    /// The life of the token in seconds, as a number or as text.
    #[cfg_attr(feature = "schema", schemars(with = "Option<kyc_core::Lenient<i64>>"))]
    pub expires_in: Option<RedactedText>,
    /// The type of the token: `Bearer`.
    pub token_type: Option<RedactedText>,
    /// The scopes of the token, separated by spaces.
    pub scope: Option<RedactedText>,
    /// The claims of the token.
    pub claims: Option<RedactedText>,
}

pub(crate) async fn send(
    pipeline: &Pipeline,
    base: &BaseUrl,
    credentials: &Credentials,
    scope: &str,
) -> Result<Response<TokenResponse>, Error> {
    let (operation, path) = match credentials.client_secret {
        Some(_) => (&BY_SECRET, PATH_BY_SECRET),
        None => (&OPERATION, PATH),
    };
    let address = base.join(path).map_err(|rule| Error::invalid_input(VENDOR, "auth_url", &rule))?;
    let mut fields =
        vec![("grant_type", "client_credentials"), ("client_id", credentials.client_id.expose().as_str())];
    if let Some(secret) = &credentials.client_secret {
        fields.push(("client_secret", secret.expose()));
    }
    fields.push(("scope", scope));
    let body = Body::form(fields);
    let build = |_: Option<&_>| Ok(request(Method::POST, address.clone(), body.clone()));
    let answer = pipeline.send(&Call::new(operation, &build)).await?;
    pipeline.decode(answer)
}
