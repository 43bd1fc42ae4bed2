//! The capability of reading documents.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::capability::Capability;
use crate::error::Error;
use crate::mask::mask;
use crate::media::Media;
use crate::open_enum;
use crate::operation::{OperationId, Submission};
use crate::poll::{query_unsupported, wait_for_result};
use crate::response::Response;
use crate::secret::Pii;

open_enum! {
    /// The kind of a document. A kind that is not listed is created from the vendor's name: `DocumentKind::from("art")`.
    pub enum DocumentKind: text {
        /// A state's identity card (registro geral).
        Rg = "rg",
        /// A driving licence (carteira nacional de habilitação).
        Cnh = "cnh",
        /// The national identity card, numbered by the CPF (carteira de identidade nacional).
        Cin = "cin",
        /// A national identity document (documento nacional de identidade).
        Dni = "dni",
        /// A foreigner's card of the older model (registro nacional de estrangeiros).
        Rne = "rne",
        /// A migrant's registration card (carteira de registro nacional migratório).
        Crnm = "crnm",
        /// A passport.
        Passport = "passport",
        /// A bill that shows an address.
        ProofOfAddress = "proof_of_address",
        /// A birth certificate.
        BirthCertificate = "birth_certificate",
        /// A marriage certificate.
        MarriageCertificate = "marriage_certificate",
        /// A company's registration (CNPJ).
        CompanyRegistration = "company_registration",
    }
}

/// An image of a document, and the kind that is expected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentPage {
    /// The expected kind.
    pub kind: DocumentKind,
    /// The image.
    pub image: Media,
}

impl DocumentPage {
    /// Creates a page from an image and its expected kind.
    #[must_use]
    pub fn new(kind: DocumentKind, image: Media) -> Self {
        Self { kind, image }
    }
}

/// A field read from a document.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct DocumentField {
    /// The vendor's name of the field.
    pub name: String,
    /// The text of the field.
    pub value: Pii<String>,
    /// The vendor's confidence, from 0 to 1.
    pub confidence: Option<f64>,
}

impl DocumentField {
    /// Creates a field without a confidence.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: Pii::new(value.into()), confidence: None }
    }
}

impl fmt::Debug for DocumentField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentField")
            .field("name", &mask(&self.name))
            .field("value", &self.value)
            .field("confidence", &self.confidence)
            .finish()
    }
}

/// The data read from a document. Field names are those of the vendor and differ between vendors.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DocumentReading {
    /// The kind that the vendor detected.
    pub kind: Option<DocumentKind>,
    /// The fields, in the vendor's order.
    pub fields: Vec<DocumentField>,
    /// The vendor's id of the reading.
    pub id: Option<OperationId>,
}

impl DocumentReading {
    /// Returns the text of the first field with that name, ignoring ASCII case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(field.value.expose())
    }
}

/// Reads documents. The trait is dyn-compatible and not sealed: tests can implement fakes.
///
/// Reading has two steps, so that a vendor that reads a document only within a longer journey can implement the trait for
/// the type of that journey.
#[async_trait]
pub trait DocumentReader: Capability {
    /// Submits an image.
    ///
    /// # Errors
    /// `InvalidInput` or `Unsupported` before anything is sent; otherwise [`Error::delivery`] tells whether the request was
    /// processed. A paid call that may have been processed is not sent again.
    async fn submit_document(
        &self,
        page: &DocumentPage,
    ) -> Result<Response<Submission<DocumentReading>>, Error>;

    /// Queries the reading of a submitted image. The default implementation is for vendors that respond immediately; it
    /// returns an error.
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor, or one that this vendor cannot be queried by.
    async fn document_reading_result(
        &self,
        id: &OperationId,
    ) -> Result<Response<Submission<DocumentReading>>, Error> {
        Err(query_unsupported(self.vendor(), id))
    }

    /// Submits an image and waits for its reading, at most `timeout` after the submission.
    ///
    /// # Errors
    /// Those of [`submit_document`](Self::submit_document) and [`document_reading_result`](Self::document_reading_result);
    /// `Timeout` with the operation id if there is no reading in time.
    async fn read_document(&self, page: &DocumentPage, timeout: Duration) -> Result<DocumentReading, Error> {
        let submitted = self.submit_document(page).await?.into_inner();
        wait_for_result(
            self.vendor(),
            submitted,
            self.clock(),
            timeout,
            self.poll_interval(),
            |id| async move { self.document_reading_result(&id).await },
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_ignores_case_and_debug_hides_values() {
        let mut reading = DocumentReading::default();
        reading.fields.push(DocumentField::new("Nome", "MARIA"));
        assert_eq!(reading.field("nome"), Some("MARIA"));
        assert_eq!(reading.field("cpf"), None);
        reading.fields.push(DocumentField::new("52998224725", "x"));
        let shown = format!("{reading:?}");
        assert!(!shown.contains("MARIA") && !shown.contains("52998224725"), "{shown}");
    }
}
