//! The capability of looking up the registration of a person or a company.

use async_trait::async_trait;

use crate::capability::Capability;
use crate::error::Error;
use crate::open_enum;
use crate::response::Response;
use crate::secret::Pii;
use crate::tax_id::{Cnpj, Cpf};
use crate::verdict::Finding;

open_enum! {
    /// The status of a CPF at the Receita Federal.
    pub enum PersonStatus: text {
        /// The registration is in order.
        Regular = "regular",
        /// A declaration is missing.
        Pending = "pending",
        /// The registration is incomplete or incorrect.
        Suspended = "suspended",
        /// The registration was cancelled, for example as a duplicate.
        Cancelled = "cancelled",
        /// The holder is deceased.
        Deceased = "deceased",
        /// The registration is void because of fraud.
        Void = "void",
    }
}

open_enum! {
    /// The status of a CNPJ at the Receita Federal.
    pub enum CompanyStatus: text {
        /// The company is active.
        Active = "active",
        /// The company is permanently closed.
        Closed = "closed",
        /// The company was declared unfit because of missing declarations.
        Unfit = "unfit",
        /// The registration is temporarily suspended.
        Suspended = "suspended",
        /// The registration is void.
        Void = "void",
    }
}

/// The registration data of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PersonCheck {
    /// The status of the CPF. The status may remain regular for some time after a death: see
    /// [`deceased`](Self::deceased).
    pub status: Option<PersonStatus>,
    /// Whether a death is recorded, in the status or in a field of its own. Unclear if the vendor does not return it or its
    /// value cannot be parsed.
    pub deceased: Finding,
    /// The name, if the vendor returns it.
    pub name: Option<Pii<String>>,
}

impl PersonCheck {
    /// Returns `Yes` only for a regular status without a recorded death, and `No` for another known status or a recorded
    /// death. It is `Unclear` if the status is missing or unknown, or if it is regular and a death is unclear.
    pub fn is_in_order(&self) -> Finding {
        match (&self.status, self.deceased) {
            (_, Finding::Yes) => Finding::No,
            (Some(PersonStatus::Regular), Finding::No) => Finding::Yes,
            (Some(PersonStatus::Regular | PersonStatus::Unknown(_)) | None, _) => Finding::Unclear,
            (Some(_), _) => Finding::No,
        }
    }
}

/// The registration data of a company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompanyCheck {
    /// The status of the CNPJ.
    pub status: Option<CompanyStatus>,
    /// The registered name, if the vendor returns it.
    pub name: Option<Pii<String>>,
}

impl CompanyCheck {
    /// Returns `Yes` for an active registration, `No` for another known status, and `Unclear` if the status is missing or
    /// unknown.
    pub fn is_active(&self) -> Finding {
        match &self.status {
            Some(CompanyStatus::Active) => Finding::Yes,
            Some(CompanyStatus::Unknown(_)) | None => Finding::Unclear,
            Some(_) => Finding::No,
        }
    }
}

/// Looks up registrations by CPF or CNPJ. The trait is dyn-compatible and not sealed: tests can implement fakes.
///
/// An irregular registration is a result, not an error.
#[async_trait]
pub trait BackgroundChecker: Capability {
    /// Looks up a person.
    ///
    /// # Errors
    /// Any failure of the call; [`Error::delivery`] tells whether the request was processed. A paid call that may have been
    /// processed is not sent again.
    async fn check_person(&self, cpf: &Cpf) -> Result<Response<PersonCheck>, Error>;

    /// Looks up a company.
    ///
    /// # Errors
    /// Any failure of the call; [`Error::delivery`] tells whether the request was processed. A paid call that may have been
    /// processed is not sent again.
    async fn check_company(&self, cnpj: &Cnpj) -> Result<Response<CompanyCheck>, Error>;
}
