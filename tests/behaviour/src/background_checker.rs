//! The contract of every [`BackgroundChecker`].

use kyc_core::{BackgroundChecker, Cnpj, CompanyStatus, Cpf, Finding, PersonStatus};

/// A vendor with the tax ids that its sandbox knows.
#[allow(missing_debug_implementations, reason = "contains a closure")]
pub struct Subject {
    /// The vendor.
    pub checker: Box<dyn BackgroundChecker>,
    /// CPFs with their registration status.
    pub people: Vec<(Cpf, PersonStatus)>,
    /// CNPJs with their registration status.
    pub companies: Vec<(Cnpj, CompanyStatus)>,
    /// Returns the number of paid calls that the sandbox has counted.
    pub paid_calls: Box<dyn Fn() -> u64>,
}

/// Each registration status is a result, not an error.
pub async fn every_registration_status_is_a_result(subject: &Subject) {
    for (cpf, wanted) in &subject.people {
        let person = subject.checker.check_person(cpf).await.expect("a result, not an error");
        assert_eq!(person.value().status.as_ref(), Some(wanted));
        if *wanted == PersonStatus::Deceased {
            assert_eq!(person.value().deceased, Finding::Yes);
        }
        assert!(!format!("{person:?}").contains(cpf.digits()));
    }
    for (cnpj, wanted) in &subject.companies {
        let company = subject.checker.check_company(cnpj).await.expect("a result, not an error");
        assert_eq!(company.value().status.as_ref(), Some(wanted));
    }
}

/// A check is paid for once.
pub async fn a_check_is_paid_for_once(subject: &Subject) {
    let before = (subject.paid_calls)();
    subject.checker.check_person(&subject.people[0].0).await.expect("a result");
    subject.checker.check_company(&subject.companies[0].0).await.expect("a result");
    assert_eq!((subject.paid_calls)(), before + 2);
}
