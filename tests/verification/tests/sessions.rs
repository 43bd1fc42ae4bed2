//! Certiface: a capture by the vendor's kit on the person's device.

use std::time::Duration;

use kyc_core::{CaptureKit, CheckKind, RetakeItem};
use kyc_sandbox::Sandbox;
use kyc_sandbox::certiface::Operation;
use kyc_verify::{
    CaseId, CaseReport, CaseState, CheckState, Handout, Outcome, Rule, Verification, VerifyError,
};
use verification::{Rig, Webhooks, alone, applicant_without_frames, capture, row, state_of};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const MINUTE: Duration = Duration::from_secs(60);

fn policy(rig: &Rig, wait: &str) -> String {
    alone("certiface", rig.verifier("certiface").offers())
        .replace("wait = \"1m\"", &format!("wait = \"{wait}\""))
}

/// Begins a case and runs it until the person has something to do.
async fn begun(rig: &Rig, verification: &Verification) -> (CaseId, CaptureKit) {
    let applicant = applicant_without_frames();
    let case = verification.begin(&rig.reference(), &applicant, true).await.unwrap();
    (case, kit(&verification.resume(case, Rig::hasty()).await.unwrap()))
}

fn kit(report: &CaseReport) -> CaptureKit {
    assert_eq!(report.state, CaseState::WaitsForPerson, "{}", row(report, 0));
    let [Handout::Capture { vendor, kit }] = &report.handouts[..] else { panic!("{:?}", report.handouts) };
    assert_eq!((vendor.as_str(), kit.name), ("certiface", "appkey"));
    kit.clone()
}

async fn capture_with(sandbox: &Sandbox, kit: &CaptureKit) {
    capture(sandbox, kit.value.expose()).await;
}

#[tokio::test]
async fn a_case_hands_out_the_key_waits_for_the_person_and_goes_on_by_query() {
    let rig = Rig::new().await;
    let verification = rig.verification(&policy(&rig, "30m"));
    let (case, kit) = begun(&rig, &verification).await;
    assert!(!format!("{kit:?}").contains(kit.value.expose().as_str()));
    assert!(kit.expires.is_some());
    // The same key until it is used or has expired.
    let again = verification.resume(case, Rig::hasty()).await.unwrap();
    assert_eq!(self::kit(&again).value.expose(), kit.value.expose());
    capture_with(&rig.sandbox, &kit).await;
    let report = verification.resume(case, Rig::patient()).await.unwrap();
    let row = row(&report, rig.paid());
    assert_eq!(report.state, APPROVED, "{row}");
    assert_eq!(state_of(&report, CheckKind::Liveness), CheckState::Passed);
    // The capture is paid for by the kit: this program sent the document alone.
    assert_eq!((rig.paid(), report.paid_calls, report.uncertain_calls), (2, 1, 0), "{row}");
    assert_eq!(rig.sandbox.certiface().appkeys().len(), 1);
}

#[tokio::test]
async fn a_case_goes_on_by_the_event_of_its_end() {
    let sandbox = Sandbox::builder().clock(kyc_core::VirtualClock::frozen());
    let rig = Rig::with(sandbox.certiface_document_delay(10 * MINUTE).start().await.unwrap());
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(&policy(&rig, "30m"));
    let (case, kit) = begun(&rig, &verification).await;
    capture_with(&rig.sandbox, &kit).await;
    let report = verification.resume(case, Rig::hasty()).await.unwrap();
    assert_eq!(report.state, CaseState::WaitsForVendor, "{}", row(&report, rig.paid()));
    rig.sandbox.clock().advance(10 * MINUTE);
    assert_eq!(webhooks.deliver(&verification, "completion").await, Some(case));
    let report = verification.resume(case, Rig::hasty()).await.unwrap();
    assert_eq!((report.state, report.paid_calls), (APPROVED, 1), "{}", row(&report, rig.paid()));
}

#[tokio::test]
async fn a_key_that_expires_is_replaced_and_the_old_one_is_of_no_use() {
    let rig = Rig::new().await;
    let verification = rig.verification(&policy(&rig, "30m"));
    let (case, old) = begun(&rig, &verification).await;
    rig.sandbox.clock().advance(6 * MINUTE);
    let new = kit(&verification.resume(case, Rig::hasty()).await.unwrap());
    assert_ne!(new.value.expose(), old.value.expose());
    capture_with(&rig.sandbox, &new).await;
    let report = verification.resume(case, Rig::patient()).await.unwrap();
    assert_eq!(report.state, APPROVED, "{}", row(&report, rig.paid()));
    assert_eq!((rig.paid(), rig.sandbox.certiface().appkeys().len()), (2, 2));
}

/// A few keys are made for a person who is slow. Then the person has to ask.
#[tokio::test]
async fn a_person_who_never_comes_is_left_to_a_person() {
    let rig = Rig::new().await;
    let verification = rig.verification(&policy(&rig, "30m"));
    let report = rig.run(&verification, &applicant_without_frames()).await;
    let row = row(&report, rig.paid());
    let [Handout::Retake(retake)] = &report.handouts[..] else { panic!("{row} {:?}", report.handouts) };
    assert_eq!((retake.item, report.state), (RetakeItem::Capture, CaseState::WaitsForPerson), "{row}");
    assert_eq!((rig.paid(), report.paid_calls, rig.sandbox.certiface().appkeys().len()), (0, 0, 3));
    rig.sandbox.clock().advance(30 * MINUTE);
    let report = verification.resume(report.case, Rig::patient()).await.unwrap();
    assert_eq!((report.state, report.decision.unwrap().rule), (CaseState::Review, Rule::Pending), "{row}");
    assert_eq!(rig.sandbox.certiface().appkeys().len(), 3);
    // Who comes after all is let in.
    verification.submit_again(report.case, RetakeItem::Capture, None).await.unwrap();
    let late = verification.resume(report.case, Rig::hasty()).await.unwrap();
    let [Handout::Capture { kit, .. }] = &late.handouts[..] else { panic!("{:?}", late.handouts) };
    capture_with(&rig.sandbox, kit).await;
    let report = verification.resume(report.case, Rig::patient()).await.unwrap();
    assert_eq!(report.state, APPROVED, "{}", self::row(&report, rig.paid()));
    assert_eq!(rig.sandbox.certiface().appkeys().len(), 4);
}

#[tokio::test]
async fn a_capture_that_is_refused_is_made_again_as_often_as_the_policy_allows() {
    let rig = Rig::new().await;
    rig.set("certiface", "captcha", "refused");
    let verification = rig.verification(&policy(&rig, "30m"));
    let (case, mut kit) = begun(&rig, &verification).await;
    for attempt in 1..=3 {
        capture_with(&rig.sandbox, &kit).await;
        let report = verification.resume(case, Rig::hasty()).await.unwrap();
        let row = row(&report, rig.paid());
        assert_eq!(rig.paid(), attempt, "{row}");
        if attempt == 3 {
            assert_eq!(report.state, CaseState::Review, "{row}");
            let again = verification.submit_again(case, RetakeItem::Capture, None).await;
            assert!(matches!(again, Err(VerifyError::OutOfAttempts)), "{again:?}");
            break;
        }
        let [Handout::Retake(retake)] = &report.handouts[..] else { panic!("{:?}", report.handouts) };
        assert_eq!(retake.item, RetakeItem::Capture);
        verification.submit_again(case, RetakeItem::Capture, None).await.unwrap();
        kit = self::kit(&verification.resume(case, Rig::hasty()).await.unwrap());
    }
    assert_eq!(rig.sandbox.certiface().requests(Operation::Document), 0);
}

/// The key is good for the document for as long as it lasts, and the person for another capture afterwards.
#[tokio::test]
async fn a_key_that_expires_between_capture_and_document_asks_for_another_capture() {
    let rig = Rig::new().await;
    let verification = rig.verification(&policy(&rig, "30m"));
    let (case, kit) = begun(&rig, &verification).await;
    capture_with(&rig.sandbox, &kit).await;
    rig.sandbox.clock().advance(6 * MINUTE);
    let report = verification.resume(case, Rig::hasty()).await.unwrap();
    let row = row(&report, rig.paid());
    let [Handout::Retake(retake)] = &report.handouts[..] else { panic!("{row} {:?}", report.handouts) };
    assert_eq!(retake.item, RetakeItem::Capture, "{row}");
    verification.submit_again(case, RetakeItem::Capture, None).await.unwrap();
    let kit = self::kit(&verification.resume(case, Rig::hasty()).await.unwrap());
    capture_with(&rig.sandbox, &kit).await;
    let report = verification.resume(case, Rig::patient()).await.unwrap();
    assert_eq!(report.state, APPROVED, "{}", self::row(&report, rig.paid()));
    assert_eq!((rig.paid(), report.paid_calls), (3, 1), "two captures and one document");
}

/// The screen of a person who is blocked says no more than that a capture failed.
#[tokio::test]
async fn a_person_who_is_blocked_is_not_asked_again() {
    let rig = Rig::new().await;
    rig.set("certiface", "captcha", "blocked");
    let verification = rig.verification(&policy(&rig, "30m"));
    let (case, kit) = begun(&rig, &verification).await;
    capture_with(&rig.sandbox, &kit).await;
    let report = verification.resume(case, Rig::patient()).await.unwrap();
    let row = row(&report, rig.paid());
    assert_eq!((report.state, rig.paid()), (CaseState::Review, 1), "{row}");
    assert_eq!(state_of(&report, CheckKind::Liveness), CheckState::Failed, "{row}");
    assert!(report.handouts.is_empty());
}
