//! The contract of every [`BackgroundChecker`].

use kyc_core::{BackgroundChecker, Cnpj, CompanyStatus, Cpf, Finding, PersonStatus};

/// A vendor with the tax ids that its sandbox knows.
#[allow(missing_debug_implementations, reason = "contains a closure")]
pub struct Subject<'a> {
    /// The vendor.
    pub checker: &'a dyn BackgroundChecker,
    /// CPFs with their registration status.
    pub people: &'a [(Cpf, PersonStatus)],
    /// CNPJs with their registration status.
    pub companies: &'a [(Cnpj, CompanyStatus)],
    /// Returns the number of paid calls that the sandbox has counted.
    pub paid_calls: &'a (dyn Fn() -> u64 + Sync),
}

/// Runs the whole suite.
///
/// # Panics
/// Panics at the first violation of the contract.
pub async fn suite(subject: &Subject<'_>) {
    every_registration_status_is_a_result(subject).await;
    a_check_is_paid_for_once(subject).await;
}

async fn every_registration_status_is_a_result(subject: &Subject<'_>) {
    for (cpf, wanted) in subject.people {
        let person = subject.checker.check_person(cpf).await.expect("a result, not an error");
        assert_eq!(person.value().status.as_ref(), Some(wanted));
        if *wanted == PersonStatus::Deceased {
            assert_eq!(person.value().deceased, Finding::Yes);
        }
        assert!(!format!("{person:?}").contains(cpf.digits()));
    }
    for (cnpj, wanted) in subject.companies {
        let company = subject.checker.check_company(cnpj).await.expect("a result, not an error");
        assert_eq!(company.value().status.as_ref(), Some(wanted));
    }
}

async fn a_check_is_paid_for_once(subject: &Subject<'_>) {
    let before = (subject.paid_calls)();
    subject.checker.check_person(&subject.people[0].0).await.expect("a result");
    subject.checker.check_company(&subject.companies[0].0).await.expect("a result");
    assert_eq!((subject.paid_calls)(), before + 2);
}
