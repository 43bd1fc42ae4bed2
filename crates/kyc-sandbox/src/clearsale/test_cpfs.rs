//! Test CPFs and their outcomes.

use crate::test_inputs::test_inputs;

test_inputs! {
    /// A fictitious CPF with valid check digits, and its outcome in the sandbox.
    pub struct TestCpf {
        /// The CPF's eleven digits.
        cpf: Cpf => TestOutcome
    }
    TEST_CPFS, otherwise TestOutcome::Level(6);

    /// Returns the CPF for an outcome, if there is one.
    ///
    /// ```
    /// use kyc_sandbox::clearsale::{TestOutcome, test_cpf};
    /// assert_eq!(test_cpf(TestOutcome::Level(3)), Some("90000000337"));
    /// ```
    pub fn test_cpf;
}

/// The outcome of a test CPF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TestOutcome {
    /// The comparison succeeds with this confidence level, 0 to 6.
    Level(u8),
    /// The comparison fails with `Error` and a message.
    Error,
    /// The comparison succeeds at level 6, after 60 seconds on the sandbox's clock.
    Slow,
    /// Every other POST, starting with the first, fails with HTTP 500 and starts no comparison.
    FailsOnce,
    /// The POST starts a comparison that succeeds at level 6, but the connection closes without a response.
    ResponseLost,
}

/// Every test CPF. Any other valid CPF, or none, succeeds at level 6.
pub const TEST_CPFS: &[TestCpf] = &[
    entry("90000000094", TestOutcome::Level(0), "no match: confiability 0, isMatch false"),
    entry("90000000175", TestOutcome::Level(1), "confiability 1"),
    entry("90000000256", TestOutcome::Level(2), "confiability 2"),
    entry("90000000337", TestOutcome::Level(3), "confiability 3"),
    entry("90000000418", TestOutcome::Level(4), "confiability 4"),
    entry("90000000507", TestOutcome::Level(5), "confiability 5"),
    entry("90000000680", TestOutcome::Level(6), "confiability 6"),
    entry("90000001066", TestOutcome::Error, "transactionStatus Error, with a message"),
    entry("90000002038", TestOutcome::Slow, "Processing for 60 seconds, then confiability 6"),
    entry(
        "90000003000",
        TestOutcome::FailsOnce,
        "the first POST fails with HTTP 500, the next one succeeds, and so on alternately",
    ),
    entry(
        "90000004081",
        TestOutcome::ResponseLost,
        "the POST is processed and paid for, but the connection closes without a response; confiability 6",
    ),
];
