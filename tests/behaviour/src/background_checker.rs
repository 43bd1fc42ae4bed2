//! What every [`BackgroundChecker`] keeps to.

use kyc_core::{BackgroundChecker, Cnpj, CompanyStatus, Cpf, PersonStatus};

/// A vendor with the numbers that its sandbox knows.
#[allow(missing_debug_implementations, reason = "it holds a closure")]
pub struct Subject<'a> {
    /// The vendor, as a program sees it that does not know which one it is.
    pub checker: &'a dyn BackgroundChecker,
    /// CPFs with how they stand.
    pub people: &'a [(Cpf, PersonStatus)],
    /// CNPJs with how they stand.
    pub companies: &'a [(Cnpj, CompanyStatus)],
    /// How many paid calls the sandbox counted.
    pub paid_calls: &'a (dyn Fn() -> u64 + Sync),
}

/// Runs the whole suite.
///
/// # Panics
/// On the first promise that is not kept.
pub async fn suite(subject: &Subject<'_>) {
    every_standing_is_an_answer(subject).await;
    a_check_is_paid_for_once(subject).await;
}

async fn every_standing_is_an_answer(subject: &Subject<'_>) {
    for (cpf, wanted) in subject.people {
        let person = subject.checker.check_person(cpf).await.expect("an answer, not an error");
        assert_eq!(person.value().status.as_ref(), Some(wanted));
        if *wanted == PersonStatus::Deceased {
            assert_eq!(person.value().deceased, Some(true));
        }
        assert!(!format!("{person:?}").contains(cpf.digits()));
    }
    for (cnpj, wanted) in subject.companies {
        let company = subject.checker.check_company(cnpj).await.expect("an answer, not an error");
        assert_eq!(company.value().status.as_ref(), Some(wanted));
    }
}

async fn a_check_is_paid_for_once(subject: &Subject<'_>) {
    let before = (subject.paid_calls)();
    subject.checker.check_person(&subject.people[0].0).await.expect("an answer");
    subject.checker.check_company(&subject.companies[0].0).await.expect("an answer");
    assert_eq!((subject.paid_calls)(), before + 2);
}
