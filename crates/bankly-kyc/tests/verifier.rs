//! The vendor's part of a verification, against the sandbox.

use std::time::Duration;

use bankly_kyc::kyc_core::{
    CheckKind, ClientOptions, Clock as _, Date, DocumentKind, Evidence, FaceScore, Finding, IdentityDocument,
    LivenessMethod, LookUp, Media, Next, Notes, Pii, Retake, RetakeCause, RetakeItem, StepState, Verdict,
    VirtualClock,
};
use bankly_kyc::{Client, Upload};
use kyc_sandbox::bankly::{Operation, TestOutcome, test_cpf};
use kyc_sandbox::{Fault, Sandbox, samples};
use serde_json::json;
use test_support::clock::SkippingClock;
use test_support::verifier::{Case, applicant, foreign_answer};

use crate::support::{sandboxed, transport};

const MINUTE: Duration = Duration::from_secs(60);

async fn sandbox() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    let clock = SkippingClock::from(sandbox.clock());
    sandboxed(sandbox).options(ClientOptions::new().clock(clock).transport(transport())).build().unwrap()
}

fn case(sandbox: &Sandbox, outcome: TestOutcome) -> Case {
    Case::new(client(sandbox), sandbox.clock(), applicant(test_cpf(outcome).unwrap()))
}

fn names(case: &Case) -> Vec<&str> {
    case.steps.iter().map(|record| record.step.as_str()).collect()
}

fn live() -> (CheckKind, Evidence) {
    (CheckKind::Liveness, Evidence::Liveness { live: Finding::Yes, method: LivenessMethod::Still })
}

fn matched() -> (CheckKind, Evidence) {
    let score = Some(FaceScore::Similarity(99.98459 / 100.0));
    (CheckKind::FaceDocument, Evidence::Face { verdict: Verdict::Match, score, false_accept_rate: None })
}

fn document(case: &Case) -> (CheckKind, Evidence) {
    let read = Evidence::Document {
        kind: Some(DocumentKind::Rg),
        cpf: Some(Pii::new(case.applicant.cpf.digits().to_owned())),
        name: Some(Pii::new("Nísia Floresta".to_owned())),
        birth_date: Some(Pii::new(Date::parse("1990-10-12").unwrap())),
        genuine: None,
    };
    (CheckKind::Document, read)
}

#[tokio::test]
async fn three_images_make_three_checks() {
    for outcome in [
        TestOutcome::Approved,
        TestOutcome::Slow,
        TestOutcome::SingleObject,
        TestOutcome::LocationOnly,
        TestOutcome::ResponseLost,
    ] {
        let sandbox = sandbox().await;
        let mut case = case(&sandbox, outcome);
        assert!(Case::is_paid(&case.next()) && case.evidence().is_empty());
        assert_eq!(case.run().await, Next::Done, "{outcome:?}");
        assert_eq!(names(&case), ["selfie", "front", "back"]);
        assert_eq!(case.evidence(), [live(), matched(), document(&case)]);
        assert_eq!(sandbox.bankly().paid_calls(), 3);
    }
}

#[tokio::test]
async fn only_the_images_of_wanted_checks_are_uploaded() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    case.checks = vec![CheckKind::Registration];
    assert_eq!((case.run().await, case.evidence()), (Next::Done, Vec::new()));
    case.checks = vec![CheckKind::Liveness];
    assert_eq!(case.run().await, Next::Done);
    assert_eq!((names(&case), case.evidence()), (vec!["selfie"], vec![live()]));
    case.checks = vec![CheckKind::FaceDocument];
    assert_eq!(case.run().await, Next::Done);
    assert_eq!((names(&case), case.evidence()), (vec!["selfie", "front"], vec![matched()]));
    case.checks = vec![CheckKind::Document];
    case.applicant.document.as_mut().unwrap().back = None;
    assert_eq!(case.run().await, Next::Done);
    assert_eq!((names(&case), case.evidence()), (vec!["selfie", "front"], vec![document(&case)]));
}

/// What each refusal asks for, and for how many of the three checks.
#[tokio::test]
async fn an_image_that_is_not_valid_is_handed_in_again() {
    use RetakeItem::{Back, Front, Selfie};
    for (outcome, item, cause, checks) in [
        (TestOutcome::NoLiveness, Selfie, RetakeCause::NoLiveness, 3),
        (TestOutcome::LivenessWithoutFace, Selfie, RetakeCause::NoFace, 3),
        (TestOutcome::NoFace, Selfie, RetakeCause::NoFace, 3),
        (TestOutcome::ManyFaces, Selfie, RetakeCause::ManyFaces, 3),
        (TestOutcome::Failed, Selfie, RetakeCause::Other, 3),
        (TestOutcome::Unmatched, Front, RetakeCause::FacesDiffer, 2),
        (TestOutcome::ManyFacesOnDocument, Front, RetakeCause::ManyFaces, 2),
        (TestOutcome::NoDocument, Front, RetakeCause::NoDocument, 2),
        (TestOutcome::NoInfo, Front, RetakeCause::Unreadable, 2),
        (TestOutcome::NoDocumentOnBack, Back, RetakeCause::NoDocument, 1),
        (TestOutcome::NoInfoOnBack, Back, RetakeCause::Unreadable, 1),
    ] {
        let sandbox = sandbox().await;
        let mut case = case(&sandbox, outcome);
        let retake = Retake::new(item, cause);
        assert_eq!(case.run().await, Next::Retake(retake), "{outcome:?}");
        let evidence = case.evidence();
        assert_eq!(evidence.len(), 3, "{outcome:?}");
        let again = evidence.iter().filter(|(_, shown)| *shown == Evidence::Retake(retake)).count();
        assert_eq!(again, checks, "{outcome:?}");
    }
}

#[tokio::test]
async fn each_image_is_taken_again_once() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::ValidOnSecondTry);
    while let Next::Retake(retake) = case.run().await {
        case.hand_in(retake.item);
    }
    assert_eq!(names(&case), ["selfie", "selfie", "front", "front", "back", "back"]);
    assert_eq!(case.evidence(), [live(), matched(), document(&case)]);
}

#[tokio::test]
async fn a_new_selfie_supersedes_the_front_that_was_compared_with_it() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    case.run().await;
    case.hand_in(RetakeItem::Selfie);
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(names(&case)[3..], ["selfie", "front"]);
}

#[tokio::test]
async fn an_upload_that_landed_is_found() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let mut case = case(&sandbox, TestOutcome::Approved);
    // Another system's older selfie of the same person.
    client.upload(&case.applicant.cpf, &Upload::selfie(Media::new(samples::A_2025).unwrap())).await.unwrap();
    sandbox.clock().advance(MINUTE);
    sandbox.bankly().fault(Fault::close().on(Operation::Upload).after_effect().times(3));
    for step in ["selfie", "front", "back"] {
        case.send(step).await;
        assert!(matches!(case.state(), StepState::Pending(_)), "{:?}", case.state());
        sandbox.clock().advance(MINUTE);
        case.query(step).await;
    }
    assert_eq!(case.evidence(), [live(), matched(), document(&case)]);
    assert_eq!((sandbox.bankly().requests(Operation::Upload), sandbox.bankly().paid_calls()), (4, 4));
}

#[tokio::test]
async fn an_upload_that_is_not_listed_stays_in_doubt() {
    let sandbox = sandbox().await;
    sandbox.bankly().fault(Fault::close().on(Operation::Upload));
    let mut case = case(&sandbox, TestOutcome::Approved);
    let intent = case.intend("selfie").await;
    assert!(matches!(case.look_up().await, LookUp::NotYetKnown));
    case.steps.clear();
    case.send("selfie").await;
    assert!(matches!(case.state(), StepState::Uncertain(_)), "{:?}", case.state());
    assert!(sandbox.clock().now().since(intent.at) >= 10 * MINUTE);
    assert_eq!((sandbox.bankly().requests(Operation::Upload), sandbox.bankly().paid_calls()), (1, 0));
}

#[tokio::test]
async fn only_one_new_image_of_its_kind_can_be_the_one_in_doubt() {
    let sandbox = sandbox().await;
    let client = client(&sandbox);
    let mut case = case(&sandbox, TestOutcome::Approved);
    let cpf = case.applicant.cpf.clone();
    let selfie = Upload::selfie(Media::new(samples::A_2025).unwrap());
    // It was listed too late, and analysed before the intent: it is never ours.
    client.upload(&cpf, &selfie).await.unwrap();
    sandbox.clock().advance(MINUTE);
    case.intend("selfie").await;
    let mut notes = case.steps[0].intent.notes.expose().clone();
    notes["known"] = json!([]);
    case.steps[0].intent.notes = Notes::new(notes);
    assert!(matches!(case.look_up().await, LookUp::NotYetKnown));
    client.upload(&cpf, &selfie).await.unwrap();
    assert!(matches!(case.look_up().await, LookUp::Pending(_)));
    sandbox.clock().advance(MINUTE);
    assert!(matches!(case.look_up().await, LookUp::Pending(_)));
    client.upload(&cpf, &selfie).await.unwrap();
    assert!(matches!(case.look_up().await, LookUp::Unknowable));
    case.steps[0].intent.notes = Notes::default();
    assert!(matches!(case.look_up().await, LookUp::Unknowable));
}

#[tokio::test]
async fn nothing_is_paid_for_images_that_cannot_all_be_uploaded() {
    let sandbox = sandbox().await;
    let small = Media::new(samples::A_2014).unwrap();
    for document in [
        None,
        Some(IdentityDocument::new(DocumentKind::Rg, small.clone())),
        Some(IdentityDocument::new(DocumentKind::Passport, Media::new(samples::A_2025).unwrap())),
    ] {
        let mut case = case(&sandbox, TestOutcome::Approved);
        case.applicant.document = document;
        let error = case.prepare("selfie").await.unwrap_err();
        assert_eq!(error.kind().name(), "invalid_input", "{error}");
        case.checks = vec![CheckKind::Liveness];
        case.prepare("selfie").await.unwrap();
    }
    assert_eq!(sandbox.bankly().requests(Operation::Upload), 0);
}

/// The answers of the good case, each with one change.
#[tokio::test]
async fn odd_answers_never_count() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    case.run().await;
    let good = case.steps.clone();
    let mut changed = |step: usize, pointer: &str, value: serde_json::Value| {
        case.steps.clone_from(&good);
        let StepState::Answered(answer) = &good[step].state else { panic!("{:?}", good[step]) };
        let mut answer = answer.expose().clone();
        *answer.pointer_mut(pointer).unwrap() = value;
        case.steps[step].state = StepState::Answered(Notes::new(answer));
        (case.next(), case.evidence().into_iter().map(|(_, shown)| shown).collect::<Vec<_>>())
    };
    let unclear = |shown: &Evidence| matches!(shown, Evidence::Unclear(_));

    let (next, shown) = changed(0, "/liveness/status", json!("NEW"));
    assert!(next == Next::Done && shown.iter().all(unclear), "{shown:?}");
    let (next, shown) = changed(1, "/faceMatch/similarity", json!(0));
    assert!(next == Next::Done && !unclear(&shown[0]) && shown[1..].iter().all(unclear), "{shown:?}");
    let (_, shown) = changed(1, "/documentType", json!("CNH"));
    assert!(shown[1..].iter().all(unclear), "{shown:?}");
    // The sides contradict each other.
    let (_, shown) = changed(2, "/documentDetails/registerName", json!("OUTRA PESSOA"));
    assert!(matches!(&shown[2], Evidence::Document { name: None, cpf: Some(_), .. }), "{shown:?}");
    // Another person's CPF makes the comparison worthless, and the back is not sent. What was read is left to the policy.
    changed(1, "/documentDetails/cpfNumber", json!("52998224725"));
    case.steps.truncate(2);
    assert_eq!(case.next(), Next::Done);
    assert!(case.shown(CheckKind::FaceDocument).as_ref().is_some_and(unclear));
    let Some(Evidence::Document { cpf, .. }) = case.shown(CheckKind::Document) else { panic!() };
    assert_eq!(cpf, Some(Pii::new("52998224725".to_owned())));

    case.steps = good;
    for record in &mut case.steps {
        record.state = StepState::Answered(foreign_answer());
    }
    assert_eq!(case.next(), Next::Done);
    assert!(case.evidence().iter().all(|(_, shown)| unclear(shown)));
}

/// An event is never taken in the person's favour, and one that says the same as the status changes nothing.
#[tokio::test]
async fn what_events_tell_speaks_only_against_the_person() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Approved);
    assert_eq!(case.run().await, Next::Done);
    let good = (case.next(), case.evidence());
    let answer = |case: &Case, step: usize| match &case.steps[step].state {
        StepState::Answered(answer) => answer.expose().clone(),
        other => panic!("{other:?}"),
    };
    let is_unclear = |case: &Case, check| matches!(case.shown(check), Some(Evidence::Unclear(_)));
    let checks = [CheckKind::Liveness, CheckKind::FaceDocument, CheckKind::Document];
    for (step, check) in checks.into_iter().enumerate() {
        case.steps[step].told = vec![Notes::new(answer(&case, step))];
        assert_eq!((case.next(), case.evidence()), good);
        case.steps[step].told.push(foreign_answer());
        assert!(is_unclear(&case, check) && case.next() == Next::Done, "{check}");
        case.steps[step].told.clear();
    }
    // The same other person's CPF is left to the policy, which fails it; in the event alone it is a contradiction.
    let (status, mut other) = (answer(&case, 1), answer(&case, 1));
    other["documentDetails"]["cpfNumber"] = json!("52998224725");
    case.steps[1].told = vec![Notes::new(other.clone())];
    assert!(is_unclear(&case, CheckKind::Document));
    case.steps[1].state = StepState::Answered(Notes::new(other));
    let is_read = |case: &Case| {
        let shown = case.shown(CheckKind::Document);
        matches!(shown, Some(Evidence::Document { cpf, .. }) if cpf == Some(Pii::new("52998224725".to_owned())))
    };
    case.steps.truncate(2);
    assert!(is_read(&case));
    // A good event excuses nothing.
    case.steps[1].told = vec![Notes::new(status)];
    assert!(is_read(&case) && is_unclear(&case, CheckKind::FaceDocument));
}
