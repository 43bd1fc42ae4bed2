//! The CPFs that choose an outcome.

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
    /// use kyc_sandbox::bankly::{TestOutcome, test_cpf};
    /// assert_eq!(test_cpf(TestOutcome::NoLiveness), Some("92000001009"));
    /// ```
    pub fn test_cpf;
}

/// What a test CPF brings about. Pictures that it does not speak of are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TestOutcome {
    /// Every picture is valid.
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
    /// Every picture ends in `UNEXPECTED_ERROR`.
    Failed,
    /// The first picture of each kind (selfie, front, back) is invalid, the next ones are valid.
    ValidOnSecondTry,
    /// Each analysis takes ten minutes on the clock.
    Slow,
    /// The status of one picture is an object instead of an array.
    SingleObject,
    /// An upload is answered without a body: the token stands in `Location` alone.
    LocationOnly,
    /// An upload is taken, but the connection closes without an answer.
    AnswerLost,
}

/// Every CPF that means something to the sandbox. With any other valid one every picture is valid.
pub const TEST_CPFS: &[TestCpf] = &[
    entry("92000000100", TestOutcome::Approved, "every picture is valid"),
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
    entry("92000004016", TestOutcome::Failed, "every picture ends in UNEXPECTED_ERROR"),
    entry(
        "92000005098",
        TestOutcome::ValidOnSecondTry,
        "the first selfie, front and back are invalid, the next ones valid",
    ),
    entry("92000006060", TestOutcome::Slow, "each analysis takes ten minutes on the clock"),
    entry("92000007031", TestOutcome::SingleObject, "the status of one picture is an object, not an array"),
    entry("92000008003", TestOutcome::LocationOnly, "uploads are answered without a body, only Location"),
    entry("92000009085", TestOutcome::AnswerLost, "uploads are taken, but the connection closes unanswered"),
];
