//! The CPFs and CNPJs that choose an outcome.

/// A made-up CPF (its check digits are right) and what the sandbox does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestCpf {
    /// The eleven digits.
    pub cpf: &'static str,
    /// What happens.
    pub outcome: CpfOutcome,
    /// The same in words.
    pub what: &'static str,
}

/// A made-up CNPJ (its check digits are right) and what the sandbox does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestCnpj {
    /// The fourteen characters.
    pub cnpj: &'static str,
    /// What happens.
    pub outcome: CnpjOutcome,
    /// The same in words.
    pub what: &'static str,
}

/// What a test CPF brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CpfOutcome {
    /// In order.
    Regular,
    /// To be put in order: `PENDENTE DE REGULARIZACAO`.
    Pending,
    /// Suspended.
    Suspended,
    /// Cancelled.
    Cancelled,
    /// The holder has died: `HasObitIndication` is true.
    Deceased,
    /// Null and void.
    Null,
    /// HTTP 500, "Service API is not working". It costs nothing.
    ServiceDown,
    /// HTTP 500, "Could not process the service response". It costs nothing.
    Unprocessable,
}

/// What a test CNPJ brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CnpjOutcome {
    /// Active.
    Active,
    /// Active, with letters among its digits.
    Alphanumeric,
    /// Closed down: `BAIXADA`.
    Closed,
    /// Declared unfit: `INAPTA`.
    Unfit,
    /// Suspended.
    Suspended,
    /// Null and void.
    Null,
}

/// Every CPF that means something to the sandbox. Any other valid one is regular.
pub const TEST_CPFS: &[TestCpf] = &[
    person("93000000127", CpfOutcome::Regular, "REGULAR"),
    person("93000001018", CpfOutcome::Pending, "PENDENTE DE REGULARIZACAO"),
    person("93000001107", CpfOutcome::Suspended, "SUSPENSA"),
    person("93000001280", CpfOutcome::Cancelled, "CANCELADA"),
    person("93000001360", CpfOutcome::Deceased, "TITULAR FALECIDO, HasObitIndication true"),
    person("93000001441", CpfOutcome::Null, "NULA"),
    person("93000002090", CpfOutcome::ServiceDown, "HTTP 500, \"Service API is not working\""),
    person("93000002170", CpfOutcome::Unprocessable, "HTTP 500, \"Could not process the service response\""),
];

/// Every CNPJ that means something to the sandbox. Any other valid one is active.
pub const TEST_CNPJS: &[TestCnpj] = &[
    company("93000001000117", CnpjOutcome::Active, "ATIVA"),
    company("93ABC001000170", CnpjOutcome::Alphanumeric, "ATIVA, with letters among its digits"),
    company("93000010000108", CnpjOutcome::Closed, "BAIXADA"),
    company("93000011000152", CnpjOutcome::Unfit, "INAPTA"),
    company("93000012000105", CnpjOutcome::Suspended, "SUSPENSA"),
    company("93000013000141", CnpjOutcome::Null, "NULA"),
];

const fn person(cpf: &'static str, outcome: CpfOutcome, what: &'static str) -> TestCpf {
    TestCpf { cpf, outcome, what }
}

const fn company(cnpj: &'static str, outcome: CnpjOutcome, what: &'static str) -> TestCnpj {
    TestCnpj { cnpj, outcome, what }
}

/// The CPF for an outcome, if there is one.
///
/// ```
/// use kyc_sandbox::cellere::{CpfOutcome, test_cpf};
/// assert_eq!(test_cpf(CpfOutcome::Suspended), Some("93000001107"));
/// ```
#[must_use]
pub fn test_cpf(outcome: CpfOutcome) -> Option<&'static str> {
    TEST_CPFS.iter().find(|test| test.outcome == outcome).map(|test| test.cpf)
}

/// The CNPJ for an outcome, if there is one.
///
/// ```
/// use kyc_sandbox::cellere::{CnpjOutcome, test_cnpj};
/// assert_eq!(test_cnpj(CnpjOutcome::Closed), Some("93000010000108"));
/// ```
#[must_use]
pub fn test_cnpj(outcome: CnpjOutcome) -> Option<&'static str> {
    TEST_CNPJS.iter().find(|test| test.outcome == outcome).map(|test| test.cnpj)
}

/// What is known of a person with this CPF.
pub(super) fn outcome_of_cpf(cpf: &str) -> CpfOutcome {
    TEST_CPFS.iter().find(|test| test.cpf == cpf).map_or(CpfOutcome::Regular, |test| test.outcome)
}

/// What is known of a company with this CNPJ.
pub(super) fn outcome_of_cnpj(cnpj: &str) -> CnpjOutcome {
    TEST_CNPJS.iter().find(|test| test.cnpj == cnpj).map_or(CnpjOutcome::Active, |test| test.outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_cpf_and_cnpj_is_valid_and_stands_in_the_readme() {
        let readme = include_str!("../../README.md");
        for test in TEST_CPFS {
            assert!(kyc_core::Cpf::parse(test.cpf).is_ok(), "{}", test.cpf);
            assert!(readme.contains(test.cpf), "{}", test.cpf);
            assert_eq!(test_cpf(test.outcome), Some(test.cpf));
        }
        for test in TEST_CNPJS {
            assert!(kyc_core::Cnpj::parse(test.cnpj).is_ok(), "{}", test.cnpj);
            assert!(readme.contains(test.cnpj), "{}", test.cnpj);
            assert_eq!(test_cnpj(test.outcome), Some(test.cnpj));
        }
    }
}
