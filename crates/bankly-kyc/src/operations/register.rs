//! `POST …/oauth2/register`: registers a client id for a certificate. (Our page: "Client registration"; on neither of
//! the vendor's two pages.)

use http::Method;
use kyc_core::{
    Body, Call, Error, Lenient, Operation, OperationClass, RedactedText, RedactedTexts, Response, Secret,
    ValidationError, request,
};
use serde::Deserialize;

use crate::VENDOR;
use crate::auth::check_scopes;
use crate::client::Client;

/// Each registration creates another client.
static OPERATION: Operation = Operation::new(VENDOR, "register", OperationClass::Paid);

const PATH: &str = "/oauth2/register";

/// A registered client. It holds a token and therefore implements no `Serialize`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct RegisterResponse {
    /// The client id, for [`Credentials::by_certificate`](crate::Credentials::by_certificate).
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub client_id: Secret<String>,
    /// The life of the client's tokens in seconds.
    pub access_token_ttl: Option<Lenient<i64>>,
    /// When the client was registered, in seconds since 1970.
    pub client_id_issued_at: Option<Lenient<i64>>,
    /// The token that authorises changes of the registration.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub registration_access_token: Option<Secret<String>>,
    /// The life of that token in seconds.
    pub registration_access_token_expires_in: Option<Lenient<i64>>,
    /// The address at which the registration is changed.
    pub registration_client_uri: Option<RedactedText>,
    /// The authentication methods that the client may use for tokens.
    pub token_endpoint_auth_methods: Option<RedactedTexts>,
    /// The authentication method that the client uses for tokens.
    pub token_endpoint_auth_method: Option<RedactedText>,
    /// The subject of the client's certificate.
    pub tls_client_auth_subject_dn: Option<RedactedText>,
    /// The grant types that the client may use.
    pub grant_types: Option<RedactedTexts>,
    /// The response types that the client may receive.
    pub response_types: Option<RedactedTexts>,
    /// The company key of the partner.
    pub company_key: Option<RedactedText>,
    /// The scopes of the client, separated by spaces.
    pub scope: Option<RedactedText>,
    /// Whether the client must prove possession of its key.
    pub require_proof_key: Option<Lenient<bool>>,
    /// The subject type of the token.
    pub subject_type: Option<RedactedText>,
}

impl Client {
    /// Registers a client id for the certificate of this client; `subject_dn` is the certificate's subject. (Our page:
    /// "Client registration".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, Credentials, kyc_core::Error};
    /// # async fn example(client: Client) -> Result<(), Error> {
    /// let scopes = ["kyc.document.write", "kyc.document.read"].map(str::to_owned);
    /// let registered = client.register("CN=example,O=Example", "EXAMPLE", &scopes).await?;
    /// let credentials = Credentials::by_certificate(registered.into_inner().client_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if a text is empty or too long or the scopes are not one to ten;
    /// `Config` if the server refuses the certificate.
    pub async fn register(
        &self,
        subject_dn: &str,
        company_key: &str,
        scopes: &[String],
    ) -> Result<Response<RegisterResponse>, Error> {
        check_scopes(scopes).map_err(|rule| OPERATION.invalid_input("scopes", &rule))?;
        ValidationError::check_length(subject_dn, 1000)
            .map_err(|rule| OPERATION.invalid_input("subject_dn", &rule))?;
        ValidationError::check_length(company_key, 255)
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
