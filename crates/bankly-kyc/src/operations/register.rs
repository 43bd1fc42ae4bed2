//! `POST …/oauth2/register`: makes a client id for a certificate. (Our page: "Authentication"; on neither of the vendor's
//! two pages.)

use http::Method;
use kyc_core::{
    Body, Call, Error, Lenient, Operation, OperationClass, RedactedText, RedactedTexts, Response, Secret,
    request,
};
use serde::Deserialize;

use crate::VENDOR;
use crate::auth::check_scopes;
use crate::client::Client;

/// Each registration is another client.
static OPERATION: Operation = Operation::new(VENDOR, "register", OperationClass::Paid);

const PATH: &str = "/oauth2/register";

/// A client that was registered. It holds a token, so it is never written out.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RegisterResponse {
    /// The id, for [`Credentials::by_certificate`](crate::Credentials::by_certificate).
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub client_id: Secret<String>,
    /// How many seconds its tokens will live.
    pub access_token_ttl: Option<Lenient<i64>>,
    /// When it was made, in seconds since 1970.
    pub client_id_issued_at: Option<Lenient<i64>>,
    /// What changes the registration.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub registration_access_token: Option<Secret<String>>,
    /// How many seconds that lives.
    pub registration_access_token_expires_in: Option<Lenient<i64>>,
    /// Where the registration is changed.
    pub registration_client_uri: Option<RedactedText>,
    /// How it may ask for tokens.
    pub token_endpoint_auth_methods: Option<RedactedTexts>,
    /// How it asks for tokens.
    pub token_endpoint_auth_method: Option<RedactedText>,
    /// The subject of its certificate.
    pub tls_client_auth_subject_dn: Option<RedactedText>,
    /// What it may ask for.
    pub grant_types: Option<RedactedTexts>,
    /// What it is answered.
    pub response_types: Option<RedactedTexts>,
    /// The partner.
    pub company_key: Option<RedactedText>,
    /// Its scopes, separated by blanks.
    pub scope: Option<RedactedText>,
    /// Whether it must prove its key.
    pub require_proof_key: Option<Lenient<bool>>,
    /// What the token says of its bearer.
    pub subject_type: Option<RedactedText>,
}

impl Client {
    /// Registers a client for the certificate that this client shows; `subject_dn` is that of the certificate.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent; `Config` if the server refuses the certificate.
    pub async fn register(
        &self,
        subject_dn: &str,
        company_key: &str,
        scopes: &[String],
    ) -> Result<Response<RegisterResponse>, Error> {
        check_scopes(scopes).map_err(|rule| OPERATION.invalid_input("scopes", &rule))?;
        kyc_core::ValidationError::check_length(subject_dn, 1000)
            .map_err(|rule| OPERATION.invalid_input("subject_dn", &rule))?;
        kyc_core::ValidationError::check_length(company_key, 255)
            .map_err(|rule| OPERATION.invalid_input("company_key", &rule))?;
        let body = Body::json()
            .field("grant_types", &["client_credentials"])
            .field("tls_client_auth_subject_dn", subject_dn)
            .field("token_endpoint_auth_method", "tls_client_auth")
            .field("response_types", &["access_token"])
            .field("company_key", company_key)
            .field("scope", &scopes.join(" "))
            .build()
            .map_err(|rule| OPERATION.invalid_input("scopes", &rule))?;
        let address = self.auth_base.join(PATH).map_err(|rule| OPERATION.invalid_input("auth_url", &rule))?;
        let build = |_: Option<&_>| Ok(request(Method::POST, address.clone(), body.clone()));
        let answer = self.pipeline.send(&Call::new(&OPERATION, &build)).await?;
        self.pipeline.decode(answer)
    }
}
