//! Test CPFs and their outcomes.

use crate::test_inputs::test_inputs;

test_inputs! {
    /// A fictitious CPF with valid check digits, and its outcome in the sandbox.
    pub struct TestCpf {
        /// The CPF's eleven digits.
        cpf: Cpf => CpfOutcome
    }
    TEST_CPFS, otherwise CpfOutcome::Regular;

    /// Returns the CPF for an outcome, if there is one.
    ///
    /// ```
    /// use kyc_sandbox::cellere::{CpfOutcome, test_cpf};
    /// assert_eq!(test_cpf(CpfOutcome::Suspended), Some("93000001107"));
    /// ```
    pub fn test_cpf;
}

/// The outcome of a test CPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CpfOutcome {
    /// Regular: `REGULAR`.
    Regular,
    /// Pending regularization: `PENDENTE DE REGULARIZACAO`.
    Pending,
    /// Suspended.
    Suspended,
    /// Cancelled.
    Cancelled,
    /// The holder has died: `HasObitIndication` is true.
    Deceased,
    /// Void: `NULA`.
    Null,
    /// HTTP 500, "Service API is not working". It costs nothing.
    ServiceDown,
    /// HTTP 500, "Could not process the service response". It costs nothing.
    Unprocessable,
}

/// Every test CPF. Any other valid CPF is regular.
pub const TEST_CPFS: &[TestCpf] = &[
    entry("93000000127", CpfOutcome::Regular, "REGULAR"),
    entry("93000001018", CpfOutcome::Pending, "PENDENTE DE REGULARIZACAO"),
    entry("93000001107", CpfOutcome::Suspended, "SUSPENSA"),
    entry("93000001280", CpfOutcome::Cancelled, "CANCELADA"),
    entry("93000001360", CpfOutcome::Deceased, "TITULAR FALECIDO, HasObitIndication true"),
    entry("93000001441", CpfOutcome::Null, "NULA"),
    entry("93000002090", CpfOutcome::ServiceDown, "HTTP 500, \"Service API is not working\""),
    entry("93000002170", CpfOutcome::Unprocessable, "HTTP 500, \"Could not process the service response\""),
];
