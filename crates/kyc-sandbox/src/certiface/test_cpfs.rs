//! Test CPFs and their outcomes.

use super::Provider;
use crate::test_inputs::test_inputs;

test_inputs! {
    /// A fictitious CPF with valid check digits, and its outcome in the sandbox.
    pub struct TestCpf {
        /// The CPF's eleven digits.
        cpf: Cpf => TestOutcome
    }
    TEST_CPFS, otherwise TestOutcome::Approved;

    /// Returns the CPF for an outcome, if there is one.
    ///
    /// ```
    /// use kyc_sandbox::certiface::{TestOutcome, test_cpf};
    /// assert_eq!(test_cpf(TestOutcome::Blocked), Some("91000000354"));
    /// ```
    pub fn test_cpf;
}

/// The outcome of a test CPF. Everything not mentioned is as with [`Approved`](Self::Approved).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TestOutcome {
    /// Liveness 200.0, an RG, all checks passed.
    Approved,
    /// Liveness 300.1, without a retry.
    Refused,
    /// Liveness 300.2.
    Blocked,
    /// The 3D provider is iProov; the first attempt is refused with `retry`, the next one passes.
    RetriedOnce,
    /// The 3D provider is this one, whatever the sandbox's setting.
    Liveness3d(Provider),
    /// The first document call fails with HTTP 400, the next one succeeds.
    NoDocumentAtFirst,
    /// The images show this document.
    Document(TestDocument),
    /// The flow without OCR: `Completo sem OCR`.
    WithoutOcr,
    /// Serpro is disabled: its object is absent.
    WithoutSerpro,
    /// The face on the document is a different one: `facematch.codigo` 300.
    FacesDiffer,
    /// The score of `certifaceID`, 0 to 1000.
    Risk(u16),
    /// The analysis takes ten minutes on the sandbox's clock.
    Slow,
    /// The analysis ends in `Erro`, and the webhook's status is `Error`.
    Failed,
    /// `appkey` returns `ERR` with `NOME`.
    NameRefused,
    /// `appkey` returns `ERR` with `INVALID CPF`.
    CpfRefused,
    /// `appkey` returns `ERR` with `INVALID DATE`.
    DateRefused,
    /// `appkey` succeeds, and `result` returns `ERR` with `NOME`.
    RefusedByResult,
}

/// A type of document that Certiface recognizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TestDocument {
    /// State identity card (RG).
    Rg,
    /// Driving licence (CNH).
    Cnh,
    /// Digital driving licence, as a PDF or its QR code.
    CnhDigital,
    /// National identity document (DNI).
    Dni,
    /// National identity card (CIN).
    Cin,
    /// Migrant's identity card (CRNM).
    Crnm,
    /// Passport.
    Passport,
}

/// Every test CPF. Any other valid CPF is approved.
pub const TEST_CPFS: &[TestCpf] = &[
    entry("91000000192", TestOutcome::Approved, "liveness 200.0, an RG, all checks passed"),
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
        "the first document call fails with HTTP 400, the next one succeeds",
    ),
    entry("91000002055", TestOutcome::Document(TestDocument::Rg), "the document is an RG"),
    entry("91000002136", TestOutcome::Document(TestDocument::Cnh), "the document is a CNH"),
    entry("91000002217", TestOutcome::Document(TestDocument::CnhDigital), "the document is a CNH digital"),
    entry("91000002306", TestOutcome::Document(TestDocument::Dni), "the document is a DNI"),
    entry("91000002489", TestOutcome::Document(TestDocument::Cin), "the document is a CIN"),
    entry("91000002560", TestOutcome::Document(TestDocument::Crnm), "the document is a CRNM"),
    entry("91000002640", TestOutcome::Document(TestDocument::Passport), "the document is a passport"),
    entry("91000003027", TestOutcome::WithoutOcr, "the flow without OCR: status Completo sem OCR"),
    entry("91000003108", TestOutcome::WithoutSerpro, "Serpro is disabled: the object is absent"),
    entry("91000003299", TestOutcome::FacesDiffer, "facematch.codigo 300, score 0.12034"),
    entry("91000003370", TestOutcome::Risk(0), "certifaceID.score 0: no information"),
    entry("91000003450", TestOutcome::Risk(500), "certifaceID.score 500: medium risk"),
    entry("91000003531", TestOutcome::Risk(1000), "certifaceID.score 1000: highest risk"),
    entry("91000003612", TestOutcome::Slow, "the analysis takes ten minutes on the sandbox's clock"),
    entry("91000003701", TestOutcome::Failed, "the analysis ends in Erro, the webhook's status is Error"),
    entry("91000004007", TestOutcome::NameRefused, "appkey returns ERR, NOME"),
    entry("91000004180", TestOutcome::CpfRefused, "appkey returns ERR, INVALID CPF"),
    entry("91000004260", TestOutcome::DateRefused, "appkey returns ERR, INVALID DATE"),
    entry("91000004341", TestOutcome::RefusedByResult, "appkey succeeds, result returns ERR, NOME"),
];
