//! Test CPFs and their outcomes.

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
    /// use kyc_sandbox::bankly::{TestOutcome, test_cpf};
    /// assert_eq!(test_cpf(TestOutcome::NoLiveness), Some("92000001009"));
    /// ```
    pub fn test_cpf;
}

/// The outcome of a test CPF. Images that it does not mention are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TestOutcome {
    /// Every image is valid.
    Approved,
    /// Selfie: `liveness` is `NO_LIVENESS`; the event says "The face is too far."
    NoLiveness,
    /// Selfie: `liveness` is `COULD_NOT_DETECT_FACE`.
    LivenessWithoutFace,
    /// Selfie: `faceDetails` is `MANY_FACES_DETECTED`.
    ManyFaces,
    /// Selfie: `faceDetails` is `COULD_NOT_DETECT_FACE`.
    NoFace,
    /// Front: `faceMatch` is `UNMATCHED_DOCUMENT`.
    Unmatched,
    /// Front: `faceMatch` is `MANY_FACES_DETECTED`.
    ManyFacesOnDocument,
    /// Front: `documentDetails` is `NO_DOCUMENT_FOUND`.
    NoDocument,
    /// Front: `documentDetails` is `NO_INFO_FOUND`.
    NoInfo,
    /// Back: `documentDetails` is `NO_DOCUMENT_FOUND`.
    NoDocumentOnBack,
    /// Back: `documentDetails` is `NO_INFO_FOUND`.
    NoInfoOnBack,
    /// The analysis of every image ends in `UNEXPECTED_ERROR`.
    Failed,
    /// The first image of each kind (selfie, front, back) is invalid, the following ones are valid.
    ValidOnSecondTry,
    /// Each analysis takes ten minutes on the sandbox's clock.
    Slow,
    /// The status of a single image is an object instead of an array.
    SingleObject,
    /// The response to an upload has no body: the token is in `Location` only.
    LocationOnly,
    /// An upload is accepted, but the connection closes without a response.
    ResponseLost,
}

/// Every test CPF. With any other valid CPF every image is valid.
pub const TEST_CPFS: &[TestCpf] = &[
    entry("92000000100", TestOutcome::Approved, "every image is valid"),
    entry("92000001009", TestOutcome::NoLiveness, "selfie: liveness NO_LIVENESS, \"The face is too far.\""),
    entry("92000001181", TestOutcome::LivenessWithoutFace, "selfie: liveness COULD_NOT_DETECT_FACE"),
    entry("92000001262", TestOutcome::ManyFaces, "selfie: faceDetails MANY_FACES_DETECTED"),
    entry("92000001343", TestOutcome::NoFace, "selfie: faceDetails COULD_NOT_DETECT_FACE"),
    entry("92000002072", TestOutcome::Unmatched, "front: faceMatch UNMATCHED_DOCUMENT"),
    entry("92000002153", TestOutcome::ManyFacesOnDocument, "front: faceMatch MANY_FACES_DETECTED"),
    entry("92000002234", TestOutcome::NoDocument, "front: documentDetails NO_DOCUMENT_FOUND"),
    entry("92000002315", TestOutcome::NoInfo, "front: documentDetails NO_INFO_FOUND"),
    entry("92000003044", TestOutcome::NoDocumentOnBack, "back: documentDetails NO_DOCUMENT_FOUND"),
    entry("92000003125", TestOutcome::NoInfoOnBack, "back: documentDetails NO_INFO_FOUND"),
    entry("92000004016", TestOutcome::Failed, "every analysis ends in UNEXPECTED_ERROR"),
    entry(
        "92000005098",
        TestOutcome::ValidOnSecondTry,
        "the first selfie, front and back are invalid, the following ones valid",
    ),
    entry("92000006060", TestOutcome::Slow, "each analysis takes ten minutes on the sandbox's clock"),
    entry(
        "92000007031",
        TestOutcome::SingleObject,
        "the status of a single image is an object, not an array",
    ),
    entry("92000008003", TestOutcome::LocationOnly, "the response to an upload has no body, only Location"),
    entry(
        "92000009085",
        TestOutcome::ResponseLost,
        "uploads are accepted, but the connection closes without a response",
    ),
];
