//! Reading documents, with any vendor.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::capability::Capability;
use crate::error::{Error, mask};
use crate::media::Media;
use crate::open_enum;
use crate::operation::{OperationId, Submission};
use crate::poll::{answers_at_once, settle};
use crate::response::Response;
use crate::secret::Pii;

open_enum! {
    /// What a document is. One that is not listed goes by the vendor's own word for it: `DocumentKind::from("art")`.
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

/// A picture of a document, and what it should be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DocumentPage {
    /// What it should be.
    pub kind: DocumentKind,
    /// The picture.
    pub picture: Media,
}

impl DocumentPage {
    /// A picture of such a document.
    #[must_use]
    pub fn new(kind: DocumentKind, picture: Media) -> Self {
        Self { kind, picture }
    }
}

/// A field that was read off a document.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct DocumentField {
    /// The vendor's name of the field.
    pub name: String,
    /// What stands there.
    pub value: Pii<String>,
    /// How sure the vendor is, from 0 to 1.
    pub confidence: Option<f64>,
}

impl DocumentField {
    /// A field and what stands there.
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

/// What was read off a document. Field names are the vendor's: no two agree on them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DocumentReading {
    /// What the vendor takes the document for.
    pub kind: Option<DocumentKind>,
    /// The fields, in the vendor's order.
    pub fields: Vec<DocumentField>,
    /// What the vendor knows the reading by.
    pub id: Option<OperationId>,
}

impl DocumentReading {
    /// What stands in the first field of that name, without regard to ASCII case.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        Some(field.value.expose())
    }
}

/// Reads documents. Object-safe and open: a test brings its own.
///
/// A vendor that reads a document only within a longer journey can offer this from an object that stands for the
/// journey; hence the two steps.
#[async_trait]
pub trait DocumentReader: Capability {
    /// Submits an image.
    ///
    /// # Errors
    /// `InvalidInput` or `Unsupported` before anything is sent; else as [`Error::delivery`] says. A paid call that may
    /// have landed is not repeated.
    async fn submit_document(
        &self,
        page: &DocumentPage,
    ) -> Result<Response<Submission<DocumentReading>>, Error>;

    /// Queries the reading of a submitted image. A vendor that responds immediately need not implement it.
    ///
    /// # Errors
    /// `Unsupported` for an id of another vendor or one that this vendor cannot be asked about.
    async fn document_reading_result(
        &self,
        id: &OperationId,
    ) -> Result<Response<Submission<DocumentReading>>, Error> {
        Err(answers_at_once(self.vendor(), id))
    }

    /// Submits an image and waits for its reading, at most `timeout` after the submission.
    ///
    /// # Errors
    /// Those of both; `Timeout` with the operation's id when the reading is not there in time.
    async fn read_document(&self, page: &DocumentPage, timeout: Duration) -> Result<DocumentReading, Error> {
        let submitted = self.submit_document(page).await?.into_inner();
        settle(self.vendor(), submitted, self.clock(), timeout, self.poll_interval(), |id| async move {
            self.document_reading_result(&id).await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_name_and_its_value_hidden() {
        let mut reading = DocumentReading::default();
        reading.fields.push(DocumentField::new("Nome", "MARIA"));
        assert_eq!(reading.field("nome"), Some("MARIA"));
        assert_eq!(reading.field("cpf"), None);
        reading.fields.push(DocumentField::new("52998224725", "x"));
        let shown = format!("{reading:?}");
        assert!(!shown.contains("MARIA") && !shown.contains("52998224725"), "{shown}");
    }
}
