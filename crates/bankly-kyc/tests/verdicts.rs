//! Nothing but a favourable value in every decisive place makes an image valid, and a contradiction is unclear.

use bankly_kyc::kyc_core::{Finding, VirtualClock, decode};
use bankly_kyc::{
    Analysis, DocumentSide, DocumentType, FaceMatchResult, Liveness, Onboarding, OnboardingState, Place,
    Upload, VENDOR, VERDICT_RULES, Verdict,
};
use kyc_sandbox::Sandbox;
use kyc_sandbox::bankly::Operation;
use serde_json::{Value, json};

use crate::support::{cpf, image, sandboxed, selfie};

#[test]
fn only_decisive_leaves_decide() {
    test_support::verdicts::hold(VENDOR.name(), VERDICT_RULES);
}

fn read(json: &Value) -> Analysis {
    decode(json.to_string().as_bytes()).unwrap().value
}

fn good_selfie() -> Value {
    json!({
        "documentType": "SELFIE", "status": "ANALYSIS_COMPLETED",
        "liveness": { "status": "LIVENESS_FOUND" }, "faceDetails": { "status": "DETECTED_FACE" },
    })
}

fn good_front() -> Value {
    json!({
        "documentType": "RG", "documentSide": "FRONT", "status": "ANALYSIS_COMPLETED",
        "faceMatch": { "status": "HAS_FACE_MATCH", "similarity": 99.98459 },
        "documentDetails": { "status": "DETECTED_DOCUMENT" },
    })
}

fn good_back() -> Value {
    json!({
        "documentType": "RG", "documentSide": "BACK", "status": "ANALYSIS_COMPLETED",
        "documentDetails": { "status": "DETECTED_DOCUMENT" },
    })
}

fn with(mut analysis: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    analysis.pointer_mut(parent).unwrap()[key] = value;
    analysis
}

#[test]
fn a_contradicted_or_unread_value_is_unclear() {
    let missing = |what: &str| format!("{what} is missing or unknown");
    let similarity = "the faces match, but their similarity is 0, missing or unreadable".to_owned();
    let refused = "a living person was found, but the selfie was refused".to_owned();
    let type_differs = "another type of document was identified than was sent".to_owned();
    let side_differs = "the image shows the other side of the document".to_owned();
    for (good, place, values, reason) in [
        (
            good_selfie(),
            "/liveness/status",
            vec![json!("VIVO"), json!({}), json!(null), json!(true)],
            missing("the status of the liveness check"),
        ),
        (
            good_selfie(),
            "/liveness/analysisDetails",
            vec![json!([{ "message": "The face is too far." }]), json!(["a"]), json!("a")],
            refused,
        ),
        (
            good_selfie(),
            "/faceDetails/status",
            vec![json!("ONE_FACE"), json!([]), json!(1)],
            missing("the status of the face details"),
        ),
        (
            good_selfie(),
            "/documentType",
            vec![json!("PHOTO"), json!(null), json!({ "a": 1 })],
            missing("the type of the document"),
        ),
        (
            good_front(),
            "/faceMatch/status",
            vec![json!("MATCH"), json!(null), json!(true)],
            missing("the status of the face match"),
        ),
        (
            good_front(),
            "/faceMatch/similarity",
            vec![json!(0), json!("0.0"), json!(-1), json!(100.5), json!("alta"), json!(null), json!({})],
            similarity,
        ),
        (
            good_front(),
            "/documentDetails/status",
            vec![json!("OK"), json!({}), json!(null)],
            missing("the status of the document details"),
        ),
        (
            good_front(),
            "/documentDetails/identifiedDocumentType",
            vec![json!("CNH"), json!("rne"), json!("SELFIE")],
            type_differs.clone(),
        ),
        (
            good_back(),
            "/documentDetails/identifiedDocumentType",
            vec![json!("CNH"), json!("DNI")],
            type_differs,
        ),
        (good_front(), "/documentDetails/side", vec![json!("B"), json!(" b ")], side_differs.clone()),
        (good_back(), "/documentDetails/side", vec![json!("A")], side_differs),
        (
            good_front(),
            "/documentSide",
            vec![json!("INSIDE"), json!(null), json!(2)],
            missing("the side of the document"),
        ),
    ] {
        assert_eq!(read(&good).verdict(), Verdict::Valid, "{good}");
        for value in values {
            let verdict = read(&with(good.clone(), place, value.clone())).verdict();
            let Verdict::Unclear(found) = verdict else { panic!("{place} = {value}: {verdict:?}") };
            assert_eq!(found, reason, "{place} = {value}");
        }
    }
    // Neither an unknown type nor an unknown side contradicts, and a refusal remains one beside a contradiction.
    for value in [json!("NOVO"), json!(null), json!("RG"), json!({})] {
        let front = with(good_front(), "/documentDetails/identifiedDocumentType", value);
        assert_eq!(read(&front).verdict(), Verdict::Valid);
    }
    let refused = with(good_selfie(), "/faceDetails/status", json!("MANY_FACES_DETECTED"));
    let refused = with(refused, "/liveness/status", json!("TALVEZ"));
    assert!(matches!(read(&refused).verdict(), Verdict::Invalid(_)));
    let unfinished = with(good_selfie(), "/status", json!("DONE"));
    assert_eq!(read(&unfinished).verdict(), Verdict::Pending);
}

#[test]
fn liveness_and_face_match_alone() {
    let liveness = |json: Value| decode::<Liveness>(json.to_string().as_bytes()).unwrap().value.finding();
    assert_eq!(liveness(json!({ "status": "LIVENESS_FOUND" })), Finding::Yes);
    assert_eq!(liveness(json!({ "status": "LIVENESS_FOUND", "analysisDetails": ["x"] })), Finding::Unclear);
    assert_eq!(liveness(json!({ "status": "NO_LIVENESS" })), Finding::No);
    assert_eq!(liveness(json!({})), Finding::Unclear);
    use bankly_kyc::kyc_core::Verdict::{Inconclusive, Match, NoMatch};
    for (result, wanted) in [
        (json!({ "status": "HAS_FACE_MATCH", "similarity": "99,9" }), Inconclusive),
        (json!({ "status": "HAS_FACE_MATCH", "similarity": "99.9" }), Match),
        (json!({ "status": "HAS_FACE_MATCH" }), Inconclusive),
        (json!({ "status": "HAS_FACE_MATCH", "similarity": 0.0 }), Inconclusive),
        (json!({ "status": "UNMATCHED_DOCUMENT", "similarity": 12.5 }), NoMatch),
        (json!({ "status": "MANY_FACES_DETECTED" }), Inconclusive),
        (json!({ "similarity": 100 }), Inconclusive),
    ] {
        let read = decode::<FaceMatchResult>(result.to_string().as_bytes()).unwrap().value;
        assert_eq!(read.verdict(), wanted, "{result}");
    }
}

async fn frozen() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn side(document_type: DocumentType, side: DocumentSide) -> Upload {
    Upload::document(document_type, side, image())
}

/// Records an analysis of the image that was uploaded there.
fn note(onboarding: &mut Onboarding, place: Place, analysis: Value) -> Verdict {
    let mut analysis = read(&analysis);
    analysis.token = onboarding.token(place).cloned();
    onboarding.note(&analysis)
}

/// The front was sent as RG and the back as CNH.
#[tokio::test]
async fn front_and_back_are_those_of_one_document() {
    let sandbox = frozen().await;
    let mut one = sandboxed(&sandbox).build().unwrap().onboarding(cpf());
    one.upload(&selfie()).await.unwrap();
    sandbox.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(note(&mut one, Place::Selfie, good_selfie()), Verdict::Valid);
    one.upload(&side(DocumentType::Rg, DocumentSide::Front)).await.unwrap();
    sandbox.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(note(&mut one, Place::Front, good_front()), Verdict::Valid);
    for other in [DocumentType::Cnh, DocumentType::Rne, DocumentType::Dni] {
        let error = one.upload(&side(other, DocumentSide::Back)).await.unwrap_err();
        assert!(error.to_string().contains("whose other side was sent"), "{error}");
        assert!(!error.may_have_landed());
    }
    assert_eq!(sandbox.bankly().requests(Operation::Upload), 2);
    one.upload(&side(DocumentType::Rg, DocumentSide::Back)).await.unwrap();
    for (analysis, reason) in [
        (with(good_back(), "/documentType", json!("CNH")), "another type of document than was sent"),
        (with(good_back(), "/documentSide", json!("FRONT")), "face match is missing"),
        (good_selfie(), "another kind of image than was sent"),
        (with(good_back(), "/documentDetails/cpfNumber", json!("920.000.001-00 ")), "another CPF"),
        (with(good_back(), "/documentDetails/identifiedDocumentType", json!("CNH")), "was identified"),
    ] {
        let Verdict::Unclear(found) = note(&mut one, Place::Back, analysis.clone()) else {
            panic!("{analysis}")
        };
        assert!(found.contains(reason), "{found}");
        assert!(!one.is_complete(), "{analysis}");
    }
    // A later response may be clear.
    assert_eq!(note(&mut one, Place::Back, good_back()), Verdict::Valid);
    assert!(one.is_complete());
    // A stored state whose sides differ is not complete, and neither is one that does not say what was sent.
    for (document_type, is_complete) in [(json!("CNH"), false), (json!(null), false), (json!("RG"), true)] {
        let mut state = serde_json::to_value(one.state()).unwrap();
        state["back"]["document_type"] = document_type.clone();
        let state: OnboardingState = serde_json::from_value(state).unwrap();
        let resumed = sandboxed(&sandbox).build().unwrap().resume(state);
        assert_eq!(resumed.is_complete(), is_complete, "{document_type}");
    }
    // Another document replaces both sides.
    sandbox.clock().advance(std::time::Duration::from_secs(60));
    one.discard_document();
    assert!(!one.is_complete() && one.token(Place::Front).is_none() && one.token(Place::Selfie).is_some());
    one.upload(&side(DocumentType::Cnh, DocumentSide::Back)).await.unwrap();
}

/// An image that was refused once is not valid by a later response, and an unclear one blocks the next image.
#[tokio::test]
async fn a_refusal_stays_and_an_unclear_image_blocks_the_next() {
    let sandbox = frozen().await;
    let mut one = sandboxed(&sandbox).build().unwrap().onboarding(cpf());
    one.upload(&selfie()).await.unwrap();
    sandbox.clock().advance(std::time::Duration::from_secs(60));
    let unclear = with(good_selfie(), "/liveness/status", json!("TALVEZ"));
    assert!(matches!(note(&mut one, Place::Selfie, unclear), Verdict::Unclear(_)));
    let front = side(DocumentType::Rg, DocumentSide::Front);
    assert!(one.upload(&front).await.unwrap_err().to_string().contains("selfie that was found valid"));
    let refused = with(good_selfie(), "/liveness/status", json!("NO_LIVENESS"));
    note(&mut one, Place::Selfie, refused);
    let verdict = note(&mut one, Place::Selfie, good_selfie());
    assert_eq!(verdict, Verdict::Unclear("an earlier response refused the image"));
    assert!(one.upload(&front).await.is_err());
    one.upload(&selfie()).await.unwrap();
}
