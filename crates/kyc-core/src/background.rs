//! Looking up the registration of a person or a company, with any vendor.

use async_trait::async_trait;

use crate::capability::Capability;
use crate::error::Error;
use crate::open_enum;
use crate::response::Response;
use crate::secret::Pii;
use crate::tax_id::{Cnpj, Cpf};
use crate::verdict::Finding;

open_enum! {
    /// How a CPF stands with the Receita Federal.
    pub enum PersonStatus: text {
        /// In order.
        Regular = "regular",
        /// A declaration is missing.
        Pending = "pending",
        /// Incomplete or wrong in the register.
        Suspended = "suspended",
        /// Cancelled, for instance as a duplicate.
        Cancelled = "cancelled",
        /// Its holder is dead.
        Deceased = "deceased",
        /// Void: a fraud was found in the registration.
        Void = "void",
    }
}

open_enum! {
    /// How a CNPJ stands with the Receita Federal.
    pub enum CompanyStatus: text {
        /// In business.
        Active = "active",
        /// Closed for good.
        Closed = "closed",
        /// Declared unfit: it does not declare what it owes.
        Unfit = "unfit",
        /// Suspended for a time.
        Suspended = "suspended",
        /// Void.
        Void = "void",
    }
}

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PersonCheck {
    /// How the CPF stands. A register may call a dead person's CPF regular for a while: see
    /// [`deceased`](Self::deceased).
    pub status: Option<PersonStatus>,
    /// Whether a death is recorded, by the status or apart from it. Unclear if the vendor does not say, or if its value
    /// cannot be read.
    pub deceased: Finding,
    /// The name, if the vendor returns it.
    pub name: Option<Pii<String>>,
}

impl PersonCheck {
    /// Whether the registration is in order: yes only for a regular status without a recorded death. Another status or a
    /// death is a no; a status that is missing or unknown, or a death that is unclear, leaves it open.
    pub fn is_in_order(&self) -> Finding {
        match (&self.status, self.deceased) {
            (_, Finding::Yes) => Finding::No,
            (Some(PersonStatus::Regular), Finding::No) => Finding::Yes,
            (Some(PersonStatus::Regular | PersonStatus::Unknown(_)) | None, _) => Finding::Unclear,
            (Some(_), _) => Finding::No,
        }
    }
}

/// What is known of a company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompanyCheck {
    /// How the CNPJ stands.
    pub status: Option<CompanyStatus>,
    /// The registered name, if the vendor returns it.
    pub name: Option<Pii<String>>,
}

impl CompanyCheck {
    /// Whether the registration is active: a status that is missing or unknown leaves it open.
    pub fn is_active(&self) -> Finding {
        match &self.status {
            Some(CompanyStatus::Active) => Finding::Yes,
            Some(CompanyStatus::Unknown(_)) | None => Finding::Unclear,
            Some(_) => Finding::No,
        }
    }
}

/// Looks up registrations by tax number. Object-safe and open: a test brings its own.
///
/// An irregular registration is an answer, not an error.
#[async_trait]
pub trait BackgroundChecker: Capability {
    /// Looks up a person.
    ///
    /// # Errors
    /// As [`Error::delivery`] says. A paid call that may have landed is not repeated.
    async fn check_person(&self, cpf: &Cpf) -> Result<Response<PersonCheck>, Error>;

    /// Looks up a company.
    ///
    /// # Errors
    /// As [`Error::delivery`] says. A paid call that may have landed is not repeated.
    async fn check_company(&self, cnpj: &Cnpj) -> Result<Response<CompanyCheck>, Error>;
}
