//! `POST /partners/{companyKey}/certificates`: asks Bankly for a client certificate. (Our page: "Authentication"; on
//! neither of the vendor's two pages.)

use http::Method;
use kyc_core::{Body, Error, Operation, OperationClass, RedactedText, Response, Secret, ValidationError};
use serde::Deserialize;

use crate::VENDOR;
use crate::client::Client;

/// A partner may have two at a time: a second request takes up the second place.
static OPERATION: Operation = Operation::new(VENDOR, "certificate", OperationClass::Paid);

const MAX_DAYS: u32 = 365;
const PASSPHRASE_LENGTH: usize = 64;

/// A certificate and its key, encrypted with the passphrase that was sent. Never written out.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct CertificateResponse {
    /// The certificate.
    pub certificate: Option<RedactedText>,
    /// The key. Decrypt it before use: `openssl pkcs8 -in key.pem -out plain.pem`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub private_key: Option<Secret<String>>,
    /// The certificates between it and its authority.
    pub certificate_chain: Option<RedactedText>,
    /// The subject, which client registration wants.
    pub subject_dn: Option<RedactedText>,
    /// The passphrase, as it was sent.
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub passphrase: Option<Secret<String>>,
}

impl Client {
    /// Asks for a certificate that is good for `days` (1 to 365). The client needs the scope `certificate.create`, which
    /// credentials by secret have. `passphrase` is of 64 characters.
    ///
    /// # Errors
    /// `InvalidInput` before anything is sent.
    pub async fn request_certificate(
        &self,
        company_key: &str,
        passphrase: &Secret<String>,
        days: u32,
    ) -> Result<Response<CertificateResponse>, Error> {
        check_company_key(company_key).map_err(|rule| OPERATION.invalid_input("company_key", &rule))?;
        if passphrase.expose().chars().count() != PASSPHRASE_LENGTH {
            return Err(
                OPERATION.invalid_input("passphrase", &ValidationError::new("must be of 64 characters"))
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

/// It stands in a path: nothing in it may end the segment.
pub(super) fn check_company_key(key: &str) -> Result<(), ValidationError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if !key.is_empty() && key.bytes().all(fits) && !key.starts_with('.') && !key.contains("..") {
        Ok(())
    } else {
        Err(ValidationError::new("must be letters, digits, dashes, dots and underlines"))
    }
}
