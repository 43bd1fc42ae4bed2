//! The CPFs that choose an outcome.

use super::Provider;
use crate::test_inputs::test_inputs;

test_inputs! {
    /// A made-up CPF (its check digits are right) and what the sandbox does with it.
    pub struct TestCpf {
        /// The eleven digits.
        cpf: Cpf => TestOutcome
    }
    TEST_CPFS, otherwise TestOutcome::Approved;

    /// The CPF for an outcome, if there is one.
    ///
    /// ```
    /// use kyc_sandbox::certiface::{TestOutcome, test_cpf};
    /// assert_eq!(test_cpf(TestOutcome::Blocked), Some("91000000354"));
    /// ```
    pub fn test_cpf;
}

/// What a test CPF brings about. What it does not speak of is as with [`Approved`](Self::Approved).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestOutcome {
    /// Liveness 200.0, an RG, every check passed.
    Approved,
    /// Liveness 300.1, without another try.
    Refused,
    /// Liveness 300.2.
    Blocked,
    /// 3D is iProov; the first attempt is refused with `retry`, the next one passes.
    RetriedOnce,
    /// 3D is this provider, whatever the sandbox is set to.
    Liveness3d(Provider),
    /// The first document call is answered with HTTP 400, the next one works.
    NoDocumentAtFirst,
    /// The pictures show this document.
    Document(TestDocument),
    /// The flow that reads no documents: `Completo sem OCR`.
    WithoutOcr,
    /// The service is off: its object is absent.
    WithoutSerpro,
    /// The face on the document is another one: `facematch.codigo` 300.
    FacesDiffer,
    /// The score of `certifaceID`, 0 to 1000.
    Risk(u16),
    /// The analysis takes ten minutes on the clock.
    Slow,
    /// The analysis ends in `Erro`, the webhook says `Error`.
    Failed,
    /// `appkey` answers `ERR` with `NOME`.
    NameRefused,
    /// `appkey` answers `ERR` with `INVALID CPF`.
    CpfRefused,
    /// `appkey` answers `ERR` with `INVALID DATE`.
    DateRefused,
    /// `appkey` works, and `result` answers `ERR` with `NOME`.
    RefusedByResult,
}

/// A document that Certiface knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestDocument {
    /// Identity card of a state.
    Rg,
    /// Driving licence.
    Cnh,
    /// Driving licence from the app, as a PDF or its QR code.
    CnhDigital,
    /// National identity document.
    Dni,
    /// National identity card.
    Cin,
    /// Migrant's card.
    Crnm,
    /// Passport.
    Passport,
}

/// Every CPF that means something to the sandbox. Any other valid one is approved.
pub const TEST_CPFS: &[TestCpf] = &[
    entry("91000000192", TestOutcome::Approved, "liveness 200.0, an RG, every check passed"),
    entry("91000000273", TestOutcome::Refused, "liveness 300.1"),
    entry("91000000354", TestOutcome::Blocked, "liveness 300.2"),
    entry(
        "91000000435",
        TestOutcome::RetriedOnce,
        "3D is iProov; the first attempt is 300.1 with retry, the next one passes with the same appkey",
    ),
    entry("91000000516", TestOutcome::Liveness3d(Provider::FaceTec), "3D is FaceTec"),
    entry("91000000605", TestOutcome::Liveness3d(Provider::IProov), "3D is iProov"),
    entry(
        "91000001083",
        TestOutcome::NoDocumentAtFirst,
        "the first document call is answered with HTTP 400, the next one works",
    ),
    entry("91000002055", TestOutcome::Document(TestDocument::Rg), "the document is an RG"),
    entry("91000002136", TestOutcome::Document(TestDocument::Cnh), "the document is a CNH"),
    entry("91000002217", TestOutcome::Document(TestDocument::CnhDigital), "the document is a CNH digital"),
    entry("91000002306", TestOutcome::Document(TestDocument::Dni), "the document is a DNI"),
    entry("91000002489", TestOutcome::Document(TestDocument::Cin), "the document is a CIN"),
    entry("91000002560", TestOutcome::Document(TestDocument::Crnm), "the document is a CRNM"),
    entry("91000002640", TestOutcome::Document(TestDocument::Passport), "the document is a passport"),
    entry("91000003027", TestOutcome::WithoutOcr, "the flow without OCR: status Completo sem OCR"),
    entry("91000003108", TestOutcome::WithoutSerpro, "Serpro is off: the object is absent"),
    entry("91000003299", TestOutcome::FacesDiffer, "facematch.codigo 300, score 0.12034"),
    entry("91000003370", TestOutcome::Risk(0), "certifaceID.score 0: no information"),
    entry("91000003450", TestOutcome::Risk(500), "certifaceID.score 500: medium risk"),
    entry("91000003531", TestOutcome::Risk(1000), "certifaceID.score 1000: highest risk"),
    entry("91000003612", TestOutcome::Slow, "the analysis takes ten minutes on the clock"),
    entry("91000003701", TestOutcome::Failed, "the analysis ends in Erro, the webhook says Error"),
    entry("91000004007", TestOutcome::NameRefused, "appkey answers ERR, NOME"),
    entry("91000004180", TestOutcome::CpfRefused, "appkey answers ERR, INVALID CPF"),
    entry("91000004260", TestOutcome::DateRefused, "appkey answers ERR, INVALID DATE"),
    entry("91000004341", TestOutcome::RefusedByResult, "appkey works, result answers ERR, NOME"),
];
