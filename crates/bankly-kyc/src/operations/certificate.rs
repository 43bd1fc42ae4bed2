//! `POST /partners/{companyKey}/certificates`: requests a client certificate. (Our page: "Certificate"; on neither of
//! the vendor's two pages.)

use http::Method;
use kyc_core::{Body, Error, Operation, OperationClass, RedactedText, Response, Secret, ValidationError};
use serde::Deserialize;

use crate::VENDOR;
use crate::client::Client;

/// A partner may have two certificates at a time: a repeated request would use up the second.
static OPERATION: Operation = Operation::new(VENDOR, "certificate", OperationClass::Paid);

const MAX_DAYS: u32 = 365;
const PASSPHRASE_LENGTH: usize = 64;

/// A certificate and its key, which is encrypted with the passphrase of the request. It holds secrets and therefore
/// implements no `Serialize`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CertificateResponse {
    /// The certificate, as PEM.
    pub certificate: Option<RedactedText>,
    /// The key. Decrypt it before use: `openssl pkcs8 -in key.pem -out plain.pem`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub private_key: Option<Secret<String>>,
    /// The certificates between this one and its authority.
    pub certificate_chain: Option<RedactedText>,
    /// The subject of the certificate, which [`Client::register`] takes.
    pub subject_dn: Option<RedactedText>,
    /// The passphrase of the request.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub passphrase: Option<Secret<String>>,
}

impl Client {
    /// Requests a certificate that is valid for `days` (1 to 365). The passphrase has 64 characters. The client needs
    /// the scope `certificate.create`, which credentials by secret have. (Our page: "Certificate".)
    ///
    /// ```no_run
    /// # use bankly_kyc::{Client, Credentials};
    /// # use bankly_kyc::kyc_core::Secret;
    /// # async fn example(passphrase: Secret<String>) -> Result<(), Box<dyn std::error::Error>> {
    /// let client = Client::builder(Credentials::by_secret("client id", "client secret"))
    ///     .scopes(["certificate.create"])
    ///     .build()?;
    /// let issued = client.request_certificate("EXAMPLE", &passphrase, 365).await?.into_inner();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent, if the company key, the passphrase or the number of days is not allowed.
    pub async fn request_certificate(
        &self,
        company_key: &str,
        passphrase: &Secret<String>,
        days: u32,
    ) -> Result<Response<CertificateResponse>, Error> {
        check_company_key(company_key).map_err(|rule| OPERATION.invalid_input("company_key", &rule))?;
        if passphrase.expose().chars().count() != PASSPHRASE_LENGTH {
            return Err(
                OPERATION.invalid_input("passphrase", &ValidationError::new("must have 64 characters"))
            );
        }
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(OPERATION.invalid_input("days", &ValidationError::new("must be from 1 to 365")));
        }
        let body = Body::json().field("passphrase", passphrase.expose()).field("ttlInDays", &days).build();
        let body = body.map_err(|rule| OPERATION.invalid_input("passphrase", &rule))?;
        let address = self.address(&format!("/partners/{company_key}/certificates"))?;
        let answer = self.call(&OPERATION, Method::POST, address, body).await?;
        self.pipeline.decode(answer)
    }
}

/// Checks a company key that becomes a segment of a path: no character may end the segment.
fn check_company_key(key: &str) -> Result<(), ValidationError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !key.is_empty() && key.bytes().all(fits) && !key.starts_with('.') && !key.contains("..") {
        Ok(())
    } else {
        Err(ValidationError::new("must be letters, digits, dashes, dots and underscores"))
    }
}
