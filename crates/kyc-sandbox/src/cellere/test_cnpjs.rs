//! Test CNPJs and their outcomes.

use crate::test_inputs::test_inputs;

test_inputs! {
    /// A fictitious CNPJ with valid check digits, and its outcome in the sandbox.
    pub struct TestCnpj {
        /// The CNPJ's fourteen characters.
        cnpj: Cnpj => CnpjOutcome
    }
    TEST_CNPJS, otherwise CnpjOutcome::Active;

    /// Returns the CNPJ for an outcome, if there is one.
    ///
    /// ```
    /// use kyc_sandbox::cellere::{CnpjOutcome, test_cnpj};
    /// assert_eq!(test_cnpj(CnpjOutcome::Closed), Some("93000010000108"));
    /// ```
    pub fn test_cnpj;
}

/// The outcome of a test CNPJ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CnpjOutcome {
    /// Active.
    Active,
    /// Active, with letters among its digits.
    Alphanumeric,
    /// Closed: `BAIXADA`.
    Closed,
    /// Declared unfit: `INAPTA`.
    Unfit,
    /// Suspended.
    Suspended,
    /// Void: `NULA`.
    Null,
}

/// Every test CNPJ. Any other valid CNPJ is active.
pub const TEST_CNPJS: &[TestCnpj] = &[
    entry("93000001000117", CnpjOutcome::Active, "ATIVA"),
    entry("93ABC001000170", CnpjOutcome::Alphanumeric, "ATIVA, with letters among its digits"),
    entry("93000010000108", CnpjOutcome::Closed, "BAIXADA"),
    entry("93000011000152", CnpjOutcome::Unfit, "INAPTA"),
    entry("93000012000105", CnpjOutcome::Suspended, "SUSPENSA"),
    entry("93000013000141", CnpjOutcome::Null, "NULA"),
];
