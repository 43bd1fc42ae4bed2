//! The vendor's part of a verification, against the sandbox.

use clearsale_facematch::kyc_core::{
    CheckKind, Evidence, FaceScore, FalseAcceptRate, LookUp, Next, Retake, RetakeCause, RetakeItem,
    StepRecord, StepState, Verdict, VirtualClock,
};
use kyc_sandbox::clearsale::{Operation, TestOutcome, test_cpf};
use kyc_sandbox::{Fault, Sandbox};
use test_support::verifier::{Case, applicant, foreign_answer};

use crate::support::unpaused;

async fn sandbox() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

fn case(sandbox: &Sandbox, outcome: TestOutcome) -> Case {
    Case::new(unpaused(sandbox), sandbox.clock(), applicant(test_cpf(outcome).unwrap()))
}

fn face(verdict: Verdict, level: u8, one_in: Option<u32>) -> Evidence {
    let false_accept_rate = one_in.and_then(FalseAcceptRate::one_in);
    Evidence::Face { verdict, score: Some(FaceScore::Level(level)), false_accept_rate }
}

#[tokio::test]
async fn every_level_is_shown_with_its_rate() {
    let rates = [None, Some(100), Some(250), Some(500), Some(1_000), Some(10_000), Some(100_000)];
    let sandbox = sandbox().await;
    for (level, rate) in (0..).zip(rates) {
        let mut case = case(&sandbox, TestOutcome::Level(level));
        assert!(Case::is_paid(&case.next()) && case.evidence().is_empty());
        assert_eq!(case.run().await, Next::Done);
        let verdict = if level == 0 { Verdict::NoMatch } else { Verdict::Match };
        assert_eq!(case.evidence(), [(CheckKind::FaceDocument, face(verdict, level, rate))]);
    }
    assert_eq!(sandbox.clearsale().paid_calls(), 7);
}

#[tokio::test]
async fn a_slow_comparison_is_queried_until_it_ends() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Slow);
    case.send("compare").await;
    assert_eq!((case.next(), case.evidence()), (Next::Query { step: "compare" }, Vec::new()));
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(case.shown(CheckKind::FaceDocument), Some(face(Verdict::Match, 6, Some(100_000))));
}

#[tokio::test]
async fn pictures_that_cannot_be_compared_are_handed_in_again() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Error);
    let retake = Retake::new(RetakeItem::Selfie, RetakeCause::Other);
    assert_eq!(case.run().await, Next::Retake(retake));
    assert_eq!(case.shown(CheckKind::FaceDocument), Some(Evidence::Retake(retake)));
    case.hand_in(RetakeItem::Selfie);
    assert!(Case::is_paid(&case.next()) && case.evidence().is_empty());
}

#[tokio::test]
async fn a_check_that_is_not_wanted_is_not_made() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Level(6));
    case.checks = vec![CheckKind::Liveness];
    assert_eq!((case.run().await, case.evidence()), (Next::Done, Vec::new()));
    assert_eq!(sandbox.clearsale().requests(Operation::Match), 0);
}

#[tokio::test]
async fn a_lost_response_leaves_doubt_whether_it_landed_or_not() {
    let landed = Fault::close().on(Operation::Match).after_effect();
    for (fault, paid) in [(landed, 1), (Fault::close().on(Operation::Match), 0)] {
        let sandbox = sandbox().await;
        sandbox.clearsale().fault(fault);
        let mut case = case(&sandbox, TestOutcome::Level(6));
        case.send("compare").await;
        assert!(matches!(case.state(), StepState::Uncertain(_)), "{:?}", case.state());
        assert!(matches!(case.look_up().await, LookUp::Unknowable));
        assert_eq!((case.next(), case.evidence()), (Next::Done, Vec::new()));
        assert_eq!(
            (sandbox.clearsale().requests(Operation::Match), sandbox.clearsale().paid_calls()),
            (1, paid)
        );
    }
}

/// The webhook of a comparison repeats the intent's reference, and has the id by which it is queried.
#[tokio::test]
async fn a_webhook_finds_a_comparison_whose_response_is_lost() {
    let sandbox = sandbox().await;
    let mut inbox = crate::support::receive_webhooks(&sandbox).await;
    sandbox.clearsale().fault(Fault::close().on(Operation::Match).after_effect());
    let mut case = case(&sandbox, TestOutcome::Level(5));
    case.send("compare").await;
    let event = inbox.recv().await.unwrap();
    let notification = clearsale_facematch::Notification::try_from(&event.payload).unwrap();
    let transaction = notification.into_transaction();
    let reference = case.steps[0].intent.reference.clone();
    assert_eq!(transaction.identifier_id.as_ref().map(|text| text.as_str()), Some(&*reference));
    let id = event.operations.into_iter().find(|id| !id.is_reference()).unwrap();
    case.steps = vec![StepRecord::new("compare", case.steps[0].intent.clone(), StepState::Pending(id))];
    assert_eq!(case.run().await, Next::Done);
    assert_eq!(case.shown(CheckKind::FaceDocument), Some(face(Verdict::Match, 5, Some(10_000))));
}

#[tokio::test]
async fn a_refused_or_unsent_comparison_may_be_sent_anew() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Level(6));
    sandbox.clearsale().fault(Fault::status(429).on(Operation::Match).times(10));
    assert!(Case::is_paid(&case.run().await));
    let StepState::Failed(failure) = case.state() else { panic!("{:?}", case.state()) };
    assert_eq!((failure.kind.as_str(), failure.is_transient), ("rate_limited", true));
    sandbox.clearsale().clear_faults();
    case.applicant.selfie = None;
    case.send("compare").await;
    let StepState::Failed(failure) = case.state() else { panic!("{:?}", case.state()) };
    assert_eq!((failure.kind.as_str(), failure.is_transient), ("invalid_input", false));
    assert_eq!(sandbox.clearsale().paid_calls(), 0);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_unclear() {
    let sandbox = sandbox().await;
    let mut case = case(&sandbox, TestOutcome::Level(6));
    case.run().await;
    case.steps[0].state = StepState::Answered(foreign_answer());
    assert!(matches!(case.shown(CheckKind::FaceDocument), Some(Evidence::Unclear(_))));
    assert_eq!(case.next(), Next::Done);
}
