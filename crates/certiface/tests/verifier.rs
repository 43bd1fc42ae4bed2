//! The vendor's part of a verification, against the sandbox.

use std::time::Duration;

use certiface::kyc_core::{
    CheckKind, ClientOptions, Clock as _, Date, DocumentKind, Evidence, FaceScore, Finding, Genuineness,
    LivenessMethod, LookUp, Next, Notes, Pii, Retake, RetakeCause, RetakeItem, StepState, Verdict,
    VirtualClock,
};
use certiface::{Client, Journey};
use kyc_sandbox::certiface::{Operation, TestDocument, TestOutcome, test_cpf};
use kyc_sandbox::{Fault, Sandbox};
use serde_json::json;
use test_support::clock::SkippingClock;
use test_support::verifier::{Case, applicant, foreign_answer};

use crate::support::{frames, prove_liveness, sandboxed};

const MINUTE: Duration = Duration::from_secs(60);

const ALL: [CheckKind; 5] = [
    CheckKind::Document,
    CheckKind::FaceDocument,
    CheckKind::FaceRegister,
    CheckKind::Liveness,
    CheckKind::Risk,
];

async fn sandbox() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    let clock = SkippingClock::from(sandbox.clock());
    sandboxed(sandbox).options(ClientOptions::new().clock(clock)).build().unwrap()
}

/// Begins the part of a person whose capture the vendor's kit makes.
fn case(sandbox: &Sandbox, outcome: TestOutcome) -> Case {
    Case::new(client(sandbox), sandbox.clock(), applicant(test_cpf(outcome).unwrap()))
}

/// Begins the part of a person whose capture was made elsewhere.
fn case_with_frames(sandbox: &Sandbox, outcome: TestOutcome) -> Case {
    let mut case = case(sandbox, outcome);
    case.applicant.capture = frames(2, 2).into_iter().flatten().collect();
    case
}

fn names(case: &Case) -> Vec<&str> {
    case.steps.iter().map(|record| record.step.as_str()).collect()
}

/// Goes on to the end, and makes the capture as the vendor's kit does.
async fn run(sandbox: &Sandbox, case: &mut Case) -> Next {
    let Next::Capture { step, kit } = case.run().await else { panic!("{:?}", case.steps) };
    assert_eq!((step, kit.name), ("liveness", "appkey"));
    assert!(kit.expires.is_some_and(|end| end > sandbox.clock().now()));
    let client = client(sandbox);
    prove_liveness(&mut Journey::from_appkey(&client, kit.value.expose().as_str().into())).await;
    case.query_capture(step).await;
    case.run().await
}

fn live(live: Finding) -> Evidence {
    Evidence::Liveness { live, method: LivenessMethod::Capture }
}

fn face(verdict: Verdict, score: f64) -> Evidence {
    Evidence::Face { verdict, score: Some(FaceScore::Similarity(score)), false_accept_rate: None }
}

fn document(case: &Case, kind: DocumentKind) -> Evidence {
    Evidence::Document {
        kind: Some(kind),
        cpf: Some(Pii::new(case.applicant.cpf.digits().to_owned())),
        name: case.applicant.name.clone(),
        birth_date: Some(Pii::new(Date::parse("1990-10-12").unwrap())),
        genuine: Some(Genuineness::Likelihood(1.0)),
    }
}

fn good(case: &Case) -> [(CheckKind, Evidence); 5] {
    let shown = [
        document(case, DocumentKind::Rg),
        face(Verdict::Match, 0.99583),
        face(Verdict::Match, 0.9667247),
        live(Finding::Yes),
        Evidence::Risk { low: Finding::Yes, score: Some(300) },
    ];
    let mut checks = ALL.into_iter();
    shown.map(|shown| (checks.next().unwrap(), shown))
}

fn is_unclear(shown: &Evidence) -> bool {
    matches!(shown, Evidence::Unclear(_))
}

#[tokio::test]
async fn a_capture_and_a_document_make_five_checks() {
    for outcome in [TestOutcome::Approved, TestOutcome::Slow] {
        let sandbox = sandbox().await;
        let mut case = case(&sandbox, outcome);
        assert!(!Case::is_paid(&case.next()) && case.evidence().is_empty());
        assert_eq!(run(&sandbox, &mut case).await, Next::Done);
        assert_eq!(names(&case), ["appkey", "liveness", "document"]);
        assert_eq!(case.evidence(), good(&case));
        assert_eq!(sandbox.certiface().paid_calls(), 2);
    }
}

#[tokio::test]
async fn frames_of_a_capture_take_the_place_of_the_kit() {
    let sandbox = sandbox().await;
    let mut case = case_with_frames(&sandbox, TestOutcome::Approved);
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(
        (names(&case), case.evidence()),
        (vec!["appkey", "liveness", "document"], good(&case).to_vec())
    );
    assert_eq!(sandbox.certiface().paid_calls(), 2);
}

#[tokio::test]
async fn liveness_alone_needs_no_document() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    case.applicant.document = None;
    case.checks = vec![CheckKind::Registration];
    assert_eq!((case.run().await, case.evidence()), (Next::Done, Vec::new()));
    case.checks = vec![CheckKind::Liveness];
    assert_eq!(run(&sandbox, &mut case).await, Next::Done);
    assert_eq!(case.evidence(), [(CheckKind::Liveness, live(Finding::Yes))]);
    assert_eq!(sandbox.certiface().requests(Operation::Document), 0);
}

#[tokio::test]
async fn a_capture_that_is_refused_is_made_again_with_a_new_key() {
    let sandbox = sandbox().await;
    let retake = Retake::new(RetakeItem::Capture, RetakeCause::NoLiveness);
    let mut case = case(&sandbox, TestOutcome::Refused);
    assert_eq!(run(&sandbox, &mut case).await, Next::Retake(retake));
    assert_eq!(case.evidence(), ALL.map(|check| (check, Evidence::Retake(retake))));
    case.hand_in(RetakeItem::Capture);
    assert!(case.evidence().is_empty());
    assert_eq!(run(&sandbox, &mut case).await, Next::Retake(retake));
    assert_eq!(names(&case), ["appkey", "liveness", "appkey", "liveness"]);
}

#[tokio::test]
async fn a_person_who_is_blocked_is_not_asked_again() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Blocked);
    assert_eq!(run(&sandbox, &mut case).await, Next::Done);
    assert_eq!(case.shown(CheckKind::Liveness), Some(live(Finding::No)));
    assert_eq!(case.evidence().iter().filter(|(_, shown)| is_unclear(shown)).count(), 4);
    assert_eq!(sandbox.certiface().requests(Operation::Document), 0);
}

#[tokio::test]
async fn pictures_without_a_document_are_handed_in_again_with_the_same_key() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::NoDocumentAtFirst);
    let retake = Retake::new(RetakeItem::Front, RetakeCause::NoDocument);
    assert_eq!(run(&sandbox, &mut case).await, Next::Retake(retake));
    assert_eq!(case.shown(CheckKind::Liveness), Some(live(Finding::Yes)));
    assert_eq!(case.shown(CheckKind::Document), Some(Evidence::Retake(retake)));
    case.hand_in(RetakeItem::Front);
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(names(&case), ["appkey", "liveness", "document", "document"]);
    assert_eq!(case.evidence(), good(&case));
}

#[tokio::test]
async fn each_kind_of_document_is_read() {
    let sandbox = sandbox().await;
    for (shown, kind) in [
        (TestDocument::Rg, DocumentKind::Rg),
        (TestDocument::Cnh, DocumentKind::Cnh),
        (TestDocument::CnhDigital, DocumentKind::Cnh),
        (TestDocument::Dni, DocumentKind::Dni),
        (TestDocument::Cin, DocumentKind::Cin),
        (TestDocument::Crnm, DocumentKind::Crnm),
    ] {
        let mut case = case(&sandbox, TestOutcome::Document(shown));
        run(&sandbox, &mut case).await;
        assert_eq!(case.shown(CheckKind::Document), Some(document(&case, kind)));
    }
    let mut case = case(&sandbox, TestOutcome::Document(TestDocument::Passport));
    run(&sandbox, &mut case).await;
    let Some(Evidence::Document { cpf, name, .. }) = case.shown(CheckKind::Document) else { panic!() };
    assert!(cpf.is_none() && name.is_some(), "a passport has no CPF");
}

#[tokio::test]
async fn results_that_differ_from_the_good_one() {
    let sandbox = sandbox().await;
    let risk = |low, score| Evidence::Risk { low, score: Some(score) };
    for (outcome, check, wanted) in [
        (TestOutcome::FacesDiffer, CheckKind::FaceDocument, Some(face(Verdict::NoMatch, 0.12034))),
        (TestOutcome::WithoutSerpro, CheckKind::FaceRegister, None),
        (TestOutcome::WithoutOcr, CheckKind::FaceRegister, None),
        (TestOutcome::Failed, CheckKind::Document, None),
        (TestOutcome::Risk(0), CheckKind::Risk, None),
        (TestOutcome::Risk(500), CheckKind::Risk, Some(risk(Finding::Unclear, 500))),
        (TestOutcome::Risk(1000), CheckKind::Risk, Some(risk(Finding::No, 1000))),
    ] {
        let mut case = case(&sandbox, outcome);
        assert_eq!(run(&sandbox, &mut case).await, Next::Done, "{outcome:?}");
        assert_eq!(case.evidence().len(), 5);
        let shown = case.shown(check).unwrap();
        assert!(
            wanted.map_or_else(|| is_unclear(&shown), |wanted| shown == wanted),
            "{outcome:?}: {shown:?}"
        );
        assert_eq!(case.shown(CheckKind::Liveness), Some(live(Finding::Yes)));
    }
    let mut case = case(&sandbox, TestOutcome::RefusedByResult);
    assert_eq!(run(&sandbox, &mut case).await, Next::Done);
    assert!(case.evidence().iter().all(|(_, shown)| is_unclear(shown)));
    for outcome in [TestOutcome::NameRefused, TestOutcome::CpfRefused, TestOutcome::DateRefused] {
        let mut case = Case::new(client(&sandbox), sandbox.clock(), applicant(test_cpf(outcome).unwrap()));
        case.run().await;
        let StepState::Failed(failure) = case.state() else { panic!("{:?}", case.state()) };
        assert_eq!((failure.kind.as_str(), failure.is_transient), ("rejected", false));
    }
}

#[tokio::test]
async fn a_key_that_nobody_used_is_replaced() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    let Next::Capture { step, kit } = case.run().await else { panic!("{:?}", case.steps) };
    for _ in 0..7 {
        assert_eq!(case.next(), Next::Capture { step, kit: kit.clone() });
        case.query_capture(step).await;
    }
    assert!(!Case::is_paid(&case.next()) && case.evidence().is_empty());
    assert_eq!(run(&sandbox, &mut case).await, Next::Done);
    assert_eq!(names(&case), ["appkey", "liveness", "appkey", "liveness", "document"]);
    assert_eq!(case.evidence(), good(&case));

    // The same with frames, of which none is sent.
    let mut case = case_with_frames(&sandbox, TestOutcome::Approved);
    case.send("appkey").await;
    sandbox.clock().advance(6 * MINUTE);
    case.send("liveness").await;
    let StepState::Failed(failure) = case.state() else { panic!("{:?}", case.state()) };
    assert_eq!(failure.kind, "expired");
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(names(&case), ["appkey", "liveness", "appkey", "liveness", "document"]);
}

#[tokio::test]
async fn a_key_that_expires_after_the_capture_asks_for_another_one() {
    let sandbox = sandbox().await;
    let mut case = case_with_frames(&sandbox, TestOutcome::Approved);
    case.send("appkey").await;
    case.send("liveness").await;
    sandbox.clock().advance(6 * MINUTE);
    case.send("document").await;
    let retake = Retake::new(RetakeItem::Capture, RetakeCause::Other);
    assert_eq!(case.next(), Next::Retake(retake));
    assert_eq!(case.shown(CheckKind::Document), Some(Evidence::Retake(retake)));
    case.hand_in(RetakeItem::Capture);
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(case.evidence(), good(&case));
}

#[tokio::test]
async fn what_landed_is_found_by_the_result() {
    let sandbox = sandbox().await;
    sandbox.certiface().fault(Fault::close().on(Operation::Captcha).after_effect());
    sandbox.certiface().fault(Fault::close().on(Operation::Document).after_effect().times(2));
    let mut case = case_with_frames(&sandbox, TestOutcome::NoDocumentAtFirst);
    case.send("appkey").await;
    case.send("liveness").await;
    assert!(matches!(case.state(), StepState::Answered(_)), "{:?}", case.state());
    // The response that asked for another picture is lost: nothing tells.
    case.send("document").await;
    assert!(matches!(case.state(), StepState::Uncertain(_)), "{:?}", case.state());
    case.send("document").await;
    assert!(matches!(case.state(), StepState::Pending(_)), "{:?}", case.state());
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(case.evidence(), good(&case));
    assert_eq!((sandbox.certiface().requests(Operation::Captcha), sandbox.certiface().paid_calls()), (1, 3));
}

/// The result of a document that was replaced is not taken for that of the new one.
#[tokio::test]
async fn an_older_result_is_not_taken_for_a_newer_one() {
    let sandbox = sandbox().await;
    let mut case = case_with_frames(&sandbox, TestOutcome::Approved);
    case.run().await;
    let older = case.prepare("document").await.unwrap();
    case.hand_in(RetakeItem::Front);
    case.send("document").await;
    assert_eq!(case.run().await, Next::Done);
    assert_eq!((names(&case).len(), case.evidence()), (4, good(&case).to_vec()));
    let newer = case.prepare("document").await.unwrap();
    assert_ne!(older, newer);
    case.hand_in(RetakeItem::Back);
    case.send("document").await;
    case.steps.last_mut().unwrap().intent.notes = case.prepare("document").await.unwrap();
    sandbox.clock().advance(MINUTE);
    for _ in 0..3 {
        case.query("document").await;
        assert_eq!(case.next(), Next::Query { step: "document" });
    }
    assert!(matches!(case.look_up().await, LookUp::Unknowable));
}

#[tokio::test]
async fn what_did_not_land_is_not_found() {
    let sandbox = sandbox().await;
    sandbox.certiface().fault(Fault::close().on(Operation::Captcha));
    sandbox.certiface().fault(Fault::close().on(Operation::Document));
    let mut case = case_with_frames(&sandbox, TestOutcome::Approved);
    case.send("appkey").await;
    case.intend("liveness").await;
    assert!(matches!(case.look_up().await, LookUp::NotYetKnown));
    case.steps.pop();
    case.send("liveness").await;
    // A key that is used up is refused, so the frames may be sent again.
    assert!(matches!(case.state(), StepState::Failed(_)), "{:?}", case.state());
    assert!(Case::is_paid(&case.next()));
    case.run().await;
    assert!(matches!(case.state(), StepState::Uncertain(_)), "{:?}", case.state());
    case.steps.last_mut().unwrap().intent.notes = Notes::default();
    assert!(matches!(case.look_up().await, LookUp::Unknowable));
    assert_eq!(case.shown(CheckKind::Document), None);
    case.steps[0].state = StepState::Answered(foreign_answer());
    assert!(matches!(case.look_up().await, LookUp::Unknowable));
    assert_eq!((sandbox.certiface().requests(Operation::Document), sandbox.certiface().paid_calls()), (1, 1));
}

#[tokio::test]
async fn a_lost_key_is_made_anew() {
    let sandbox = sandbox().await;
    sandbox.certiface().fault(Fault::close().on(Operation::Appkey).after_effect().times(10));
    let mut case = case(&sandbox, TestOutcome::Approved);
    case.send("appkey").await;
    assert!(matches!(case.state(), StepState::Failed(_)), "{:?}", case.state());
    sandbox.certiface().clear_faults();
    assert_eq!(run(&sandbox, &mut case).await, Next::Done);
    assert_eq!(sandbox.certiface().paid_calls(), 2);
}

#[tokio::test]
async fn missing_data_is_told_before_anything_is_sent() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    let whole = case.applicant.clone();
    for field in ["name", "birth_date", "document"] {
        case.applicant = whole.clone();
        match field {
            "name" => case.applicant.name = None,
            "birth_date" => case.applicant.birth_date = None,
            _ => case.applicant.document = None,
        }
        let error = case.prepare("appkey").await.unwrap_err();
        assert!(error.to_string().contains(field), "{error}");
    }
    assert_eq!(sandbox.certiface().requests(Operation::Appkey), 0);
}

/// The answers of the good case, each with one change.
#[tokio::test]
async fn odd_answers_never_count() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    run(&sandbox, &mut case).await;
    let before = case.steps.clone();
    let mut changed = |step: usize, pointer: &str, value: serde_json::Value| {
        case.steps.clone_from(&before);
        let StepState::Answered(answer) = &before[step].state else { panic!("{:?}", before[step]) };
        let mut answer = answer.expose().clone();
        *answer.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        case.steps[step].state = StepState::Answered(Notes::new(answer));
        (case.next(), case.evidence().into_iter().map(|(_, shown)| shown).collect::<Vec<_>>())
    };
    let (next, shown) = changed(1, "/Liveness/codID", json!(999));
    assert!(next == Next::Done && shown.iter().all(is_unclear), "{shown:?}");
    let (_, shown) = changed(2, "/Result/facecaptcha/validado", json!(false));
    assert!(shown.iter().all(is_unclear), "{shown:?}");
    let (_, shown) = changed(2, "/Result/analiseDocumento/score", json!(60));
    let is_likely = |shown: &Evidence| matches!(shown, Evidence::Document { genuine: Some(Genuineness::Likelihood(found)), .. } if *found == 0.6);
    assert!(is_likely(&shown[0]) && shown.iter().filter(|shown| is_unclear(shown)).count() == 0, "{shown:?}");
    let (_, shown) = changed(2, "/Result/analiseDocumento/statusProcessamento", json!(6));
    assert!(is_unclear(&shown[0]), "{shown:?}");
    let face = "/Result/analiseDocumento/biometriaDocumento/facematch/codigo";
    for (code, cause) in [("400", RetakeCause::NoFace), ("402", RetakeCause::Unreadable)] {
        let retake = Retake::new(RetakeItem::Front, cause);
        let (next, shown) = changed(2, face, json!(code));
        assert_eq!((next, &shown[1]), (Next::Retake(retake), &Evidence::Retake(retake)));
    }
    let (_, shown) = changed(2, face, json!("401"));
    assert!(is_unclear(&shown[1]), "{shown:?}");

    case.steps = before;
    assert!(!format!("{:?}", case.steps[2].state).contains("/9j/"));
    let StepState::Answered(answer) = &case.steps[2].state else { panic!() };
    assert!(answer.expose().pointer("/Result/fotos").is_none(), "pictures are not stored again");
    for step in [1, 2] {
        case.steps[step].state = StepState::Answered(foreign_answer());
        assert_eq!(case.next(), Next::Done);
        assert_eq!(case.evidence().len(), 5);
    }
    assert!(case.evidence().iter().all(|(_, shown)| is_unclear(shown)));
    case.steps[0].state = StepState::Answered(foreign_answer());
    assert_eq!(case.next(), Next::Done);
}
