//! The CPFs that choose an outcome.

use crate::test_inputs::test_inputs;

test_inputs! {
    /// A made-up CPF (its check digits are right) and what the sandbox does with it.
    pub struct TestCpf {
        /// The eleven digits.
        cpf: Cpf => CpfOutcome
    }
    TEST_CPFS, otherwise CpfOutcome::Regular;

    /// The CPF for an outcome, if there is one.
    ///
    /// ```
    /// use kyc_sandbox::cellere::{CpfOutcome, test_cpf};
    /// assert_eq!(test_cpf(CpfOutcome::Suspended), Some("93000001107"));
    /// ```
    pub fn test_cpf;
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

/// Every CPF that means something to the sandbox. Any other valid one is regular.
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
