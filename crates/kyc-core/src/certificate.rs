//! The client certificate, for vendors that authenticate the caller during the TLS handshake (mutual TLS).

use std::fmt;
use std::path::Path;

use crate::secret::Secret;
use crate::validation::{ValidationError, file_subject, unreadable};

/// A client certificate with its private key, both as PEM, and further certificate authorities to trust in addition to those
/// that this build trusts by default.
#[derive(Clone)]
pub struct ClientCertificate {
    chain: String,
    key: Secret<String>,
    authorities: Vec<String>,
}

impl ClientCertificate {
    /// Creates a client certificate. `chain` holds the certificate, followed by intermediate certificates if there are any.
    ///
    /// # Errors
    /// `chain` or `key` is not a PEM of its kind, or the key is encrypted; the error then says how to decrypt it.
    pub fn from_pem(
        chain: impl Into<String>,
        key: impl Into<Secret<String>>,
    ) -> Result<Self, ValidationError> {
        let (chain, key) = (chain.into(), key.into());
        if !chain.contains("-----BEGIN CERTIFICATE-----") {
            return Err(ValidationError::new(
                "must be a PEM with a certificate (for a .pfx: openssl pkcs12 -in it.pfx -nodes)",
            )
            .about("certificate"));
        }
        let text = key.expose();
        if text.contains("ENCRYPTED") {
            return Err(ValidationError::new(
                "must not be encrypted: openssl pkcs8 -in key.pem -out plain.pem asks for the passphrase",
            )
            .about("private key"));
        }
        if !text.contains("PRIVATE KEY-----") {
            return Err(ValidationError::new("must be a PEM with a private key").about("private key"));
        }
        Ok(Self { chain, key, authorities: Vec::new() })
    }

    /// Reads the certificate chain and the key from files. If one file holds both, pass its path twice.
    ///
    /// # Errors
    /// As for [`from_pem`](Self::from_pem), or a file cannot be read.
    pub fn read(chain: impl AsRef<Path>, key: impl AsRef<Path>) -> Result<Self, ValidationError> {
        let read = |path: &Path| {
            std::fs::read_to_string(path).map_err(|error| unreadable(&error).about(file_subject(path)))
        };
        Self::from_pem(read(chain.as_ref())?, read(key.as_ref())?)
    }

    /// Adds a certificate authority (PEM) to trust, for a sandbox or a gateway of your own.
    ///
    /// # Errors
    /// The text is not a PEM of a certificate.
    pub fn with_authority(mut self, pem: impl Into<String>) -> Result<Self, ValidationError> {
        let pem = pem.into();
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(ValidationError::new("must be a PEM with a certificate").about("certificate"));
        }
        self.authorities.push(pem);
        Ok(self)
    }

    /// Returns the certificate chain as PEM, beginning with the client certificate.
    #[must_use]
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// Returns the private key as PEM.
    #[must_use]
    pub fn key(&self) -> &Secret<String> {
        &self.key
    }

    /// Returns the added certificate authorities as PEM.
    #[must_use]
    pub fn authorities(&self) -> &[String] {
        &self.authorities
    }
}

impl fmt::Debug for ClientCertificate {
    /// Omits the certificate: its subject names the customer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientCertificate([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

    #[test]
    fn unusable_pems_are_refused_with_advice() {
        let key = |kind: &str| format!("-----BEGIN {kind}-----\nAA==\n-----END {kind}-----\n");
        let refused = |chain: &str, key: String| {
            ClientCertificate::from_pem(chain, key).map(drop).expect_err("refused").to_string()
        };
        assert!(ClientCertificate::from_pem(CHAIN, key("PRIVATE KEY")).is_ok());
        assert!(ClientCertificate::from_pem(CHAIN, key("RSA PRIVATE KEY")).is_ok());
        assert!(refused(CHAIN, key("ENCRYPTED PRIVATE KEY")).contains("openssl pkcs8"));
        assert!(
            refused(CHAIN, "Proc-Type: 4,ENCRYPTED\n-----BEGIN RSA PRIVATE KEY-----".into())
                .contains("openssl")
        );
        assert!(refused(CHAIN, "s3cret".into()).contains("private key"));
        assert!(refused("x", key("PRIVATE KEY")).contains("openssl pkcs12"));
    }
}
