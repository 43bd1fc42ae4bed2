//! The leaves of Bankly's responses and events that decide, and what each of them comes to.

use kyc_core::{Cpf, DecisiveLeaf, Judgement, VerdictRule, decode};

use crate::model::listing::Root;
use crate::model::onboarding_state::suffices;
use crate::model::{Analysis, DocumentType, FaceMatchResult, Liveness, Verdict};
use crate::webhook::Event;

/// Of the analysis and of its findings: one key in several objects.
const SELFIE_STATUS: DecisiveLeaf =
    DecisiveLeaf::new(&["status"], &["ANALYSIS_COMPLETED", "LIVENESS_FOUND", "DETECTED_FACE"]);

const DOCUMENT_STATUS: DecisiveLeaf =
    DecisiveLeaf::new(&["status"], &["ANALYSIS_COMPLETED", "HAS_FACE_MATCH", "DETECTED_DOCUMENT"]);

const SELFIE_TYPE: DecisiveLeaf = DecisiveLeaf::new(TYPE, &["SELFIE"]);
const DOCUMENT_TYPE: DecisiveLeaf = DecisiveLeaf::new(TYPE, &["RG", "CNH", "RNE", "CRNM", "DNI"]);
const SIDE: DecisiveLeaf = DecisiveLeaf::new(&["documentSide", "`documentSide`"], &["FRONT", "BACK"]);

/// With the backticks of the status page's example.
const TYPE: &[&str] = &["documentType", "`documentType`"];

/// In percent: any similarity above 0 up to 100, beside a match.
const SIMILARITY: DecisiveLeaf =
    DecisiveLeaf::new(&["similarity"], &["1", "99.98459", "99.9763", "99.794975", "100"]);

const SELFIE: &[DecisiveLeaf] = &[SELFIE_TYPE, SELFIE_STATUS];
const DOCUMENT: &[DecisiveLeaf] = &[DOCUMENT_TYPE, SIDE, DOCUMENT_STATUS, SIMILARITY];

/// The samples' person.
const CPF: &str = "47742663023";

/// How each capability judges a response or an event, by the leaves that decide.
///
/// The data that is read from a document is not listed, because it is not a judgement. It may only contradict one, by another type or side of
/// the document than was sent, or by another person's CPF.
pub const VERDICT_RULES: &[VerdictRule] = &[
    VerdictRule::new("selfie", &["status"], SELFIE, |body| judge(of_status(body), true)),
    VerdictRule::new("document with face match", &["status"], DOCUMENT, |body| judge(of_status(body), false)),
    VerdictRule::new("selfie by event", EVENTS, SELFIE, |body| judge(of_event(body), true)),
    VerdictRule::new("document with face match by event", EVENTS, DOCUMENT, |body| {
        judge(of_event(body), false)
    }),
    VerdictRule::new("liveness", &[], &[DecisiveLeaf::new(&["status"], &["LIVENESS_FOUND"])], |body| {
        Judgement::of_response(body, |liveness: Liveness| liveness.finding().into())
    })
    .with_samples(&[r#"{"status":"LIVENESS_FOUND","confidence":1.9746}"#]),
    VerdictRule::new(
        "face match",
        &[],
        &[DecisiveLeaf::new(&["status"], &["HAS_FACE_MATCH"]), SIMILARITY],
        |body| Judgement::of_response(body, |result: FaceMatchResult| result.verdict().into()),
    )
    .with_samples(&[r#"{"status":"HAS_FACE_MATCH","similarity":99.98459,"confidence":99.99835}"#]),
    VerdictRule::new(
        "onboarding",
        &[],
        &[
            DecisiveLeaf::new(TYPE, &["SELFIE", "RG", "CNH", "RNE", "CRNM", "DNI"]),
            // Each side is needed, so that neither may take the other's place.
            SIDE,
            DecisiveLeaf::new(
                &["status"],
                &[
                    "ANALYSIS_COMPLETED",
                    "LIVENESS_FOUND",
                    "DETECTED_FACE",
                    "HAS_FACE_MATCH",
                    "DETECTED_DOCUMENT",
                ],
            ),
            SIMILARITY,
        ],
        |body| {
            Judgement::of_response(body, |analyses: Vec<Analysis>| match Cpf::parse(CPF) {
                Ok(cpf) if suffices(&cpf, &analyses) => Judgement::Favourable,
                _ => Judgement::Open,
            })
        },
    )
    .with_samples(&[r#"[
        {"token":"t-1","documentType":"SELFIE","status":"ANALYSIS_COMPLETED",
            "liveness":{"status":"LIVENESS_FOUND"},"faceDetails":{"status":"DETECTED_FACE"}},
        {"token":"t-2","documentType":"CNH","documentSide":"FRONT","status":"ANALYSIS_COMPLETED",
            "faceMatch":{"status":"HAS_FACE_MATCH","similarity":99.794975},
            "documentDetails":{"status":"DETECTED_DOCUMENT","cpfNumber":"47742663023","side":"A"}},
        {"token":"t-3","documentType":"CNH","documentSide":"BACK","status":"ANALYSIS_COMPLETED",
            "documentDetails":{"status":"DETECTED_DOCUMENT","side":"B"}}
    ]"#]),
];

const EVENTS: &[&str] = &["document-was-received", "document-was-processed"];

/// Returns the analysis of a response that has one image.
fn of_status(body: &[u8]) -> Option<Analysis> {
    let mut analyses = match decode::<Root<Analysis, Analysis>>(body).ok()?.value {
        Root::List(analyses) => analyses,
        Root::Object(analysis) => vec![analysis],
    };
    analyses.pop().filter(|_| analyses.is_empty())
}

fn of_event(body: &[u8]) -> Option<Analysis> {
    let mut events = match decode::<Root<Event, Event>>(body).ok()?.value {
        Root::List(events) => events,
        Root::Object(event) => vec![event],
    };
    events.pop().filter(|_| events.is_empty())?.data
}

/// Judges an image of the kind in question: a selfie, or any other image. An image of the other kind leaves it open.
fn judge(analysis: Option<Analysis>, is_selfie: bool) -> Judgement {
    let is_asked = |one: &Analysis| (one.document_type == Some(DocumentType::Selfie)) == is_selfie;
    match analysis.filter(is_asked).map(|analysis| analysis.verdict()) {
        Some(Verdict::Valid) => Judgement::Favourable,
        Some(Verdict::Invalid(_)) => Judgement::Unfavourable,
        _ => Judgement::Open,
    }
}
