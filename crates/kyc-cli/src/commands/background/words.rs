//! The words for registrations.

use kyc_core::{CompanyStatus, Finding, PersonCheck, PersonStatus};

use crate::messages::text;
use crate::output::printable;

/// Returns the headline for a status in words that do not depend on the vendor.
pub(crate) fn headline(status: Option<&str>, is_deceased: bool, finding: Finding) -> String {
    let t = &text().background;
    let words = match status {
        _ if is_deceased => t.deceased,
        _ if finding == Finding::Unclear => t.unclear,
        None => t.no_status,
        Some("regular") => t.regular,
        Some("pending") => t.pending,
        Some("suspended") => t.suspended,
        Some("cancelled") => t.cancelled,
        Some("deceased") => t.deceased,
        Some("void") => t.void,
        Some("active") => t.active,
        Some("closed") => t.closed,
        Some("unfit") => t.unfit,
        Some(other) => return printable(&other.to_uppercase()),
    };
    words.to_owned()
}

pub(crate) fn finding(name: &'static str) -> &'static str {
    let t = &text().rows;
    match name {
        "yes" => t.yes,
        "no" => t.no,
        _ => t.unclear,
    }
}

pub(crate) fn of_person(check: &PersonCheck) -> &'static str {
    let t = &text().background;
    match &check.status {
        Some(PersonStatus::Deceased) => t.holder_deceased,
        _ if check.deceased.is_yes() => t.death_recorded,
        Some(PersonStatus::Regular) if check.deceased.is_no() => t.in_order,
        Some(PersonStatus::Regular) => t.death_not_stated,
        Some(PersonStatus::Pending) => t.tax_missing,
        Some(PersonStatus::Suspended) => t.data_incorrect,
        Some(PersonStatus::Cancelled) => t.cpf_cancelled,
        Some(PersonStatus::Void) => t.registration_void,
        Some(_) => t.unknown_status,
        None => t.cpf_not_stated,
    }
}

pub(crate) fn of_company(status: Option<&CompanyStatus>) -> &'static str {
    let t = &text().background;
    match status {
        Some(CompanyStatus::Active) => t.in_operation,
        Some(CompanyStatus::Closed) => t.company_closed,
        Some(CompanyStatus::Unfit) => t.company_unfit,
        Some(CompanyStatus::Suspended) => t.registration_suspended,
        Some(CompanyStatus::Void) => t.registration_void,
        Some(_) => t.unknown_status,
        None => t.cnpj_not_stated,
    }
}
