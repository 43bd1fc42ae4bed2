//! The CPFs that choose an outcome.

use crate::test_inputs::test_inputs;

test_inputs! {
    /// A made-up CPF (its check digits are right) and what the sandbox does with it.
    pub struct TestCpf {
        /// The eleven digits.
        cpf: Cpf => TestOutcome
    }
    TEST_CPFS, otherwise TestOutcome::Level(6);

    /// The CPF for an outcome, if there is one.
    ///
    /// ```
    /// use kyc_sandbox::clearsale::{TestOutcome, test_cpf};
    /// assert_eq!(test_cpf(TestOutcome::Level(3)), Some("90000000337"));
    /// ```
    pub fn test_cpf;
}

/// What a test CPF brings about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestOutcome {
    /// Success, with this level of confidence, 0 to 6.
    Level(u8),
    /// The comparison ends in `Error`, with a message.
    Error,
    /// Success at level 6, but only after a minute on the clock.
    Slow,
    /// Every other POST, from the first one on, is answered with HTTP 500 and starts nothing.
    FailsOnce,
    /// The POST starts a comparison that ends at level 6, but is never answered: the connection closes.
    AnswerLost,
}

/// Every CPF that means something to the sandbox. Any other valid one, or none, ends at level 6.
pub const TEST_CPFS: &[TestCpf] = &[
    entry("90000000094", TestOutcome::Level(0), "no match: confiability 0, isMatch false"),
    entry("90000000175", TestOutcome::Level(1), "confiability 1"),
    entry("90000000256", TestOutcome::Level(2), "confiability 2"),
    entry("90000000337", TestOutcome::Level(3), "confiability 3"),
    entry("90000000418", TestOutcome::Level(4), "confiability 4"),
    entry("90000000507", TestOutcome::Level(5), "confiability 5"),
    entry("90000000680", TestOutcome::Level(6), "confiability 6"),
    entry("90000001066", TestOutcome::Error, "transactionStatus Error, with a message"),
    entry("90000002038", TestOutcome::Slow, "stays Processing for 60 seconds, then confiability 6"),
    entry(
        "90000003000",
        TestOutcome::FailsOnce,
        "the first POST is answered with HTTP 500, the next one works, and so on in turn",
    ),
    entry(
        "90000004081",
        TestOutcome::AnswerLost,
        "the POST lands and is paid for, but the connection closes without an answer; confiability 6",
    ),
];
