//! Bankly: one upload at a time, analyses that end later.

use std::time::Duration;

use kyc_core::{CheckKind, RetakeItem, Trust, VirtualClock};
use kyc_sandbox::Sandbox;
use kyc_sandbox::bankly::Operation;
use kyc_verify::{CaseReport, CaseState, CheckState, FaultPoints, Outcome, Point, Record, Statement};
use verification::{Rig, Webhooks, alone, applicant, picture, row, state_of};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const HOUR: Duration = Duration::from_secs(60 * 60);

fn policy(rig: &Rig) -> String {
    alone("bankly", rig.verifier("bankly").offers()).replace("wait = \"6m\"", "wait = \"5h\"")
}

/// Starts a sandbox whose analyses take an hour.
async fn slow() -> Rig {
    let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).bankly_analysis_delay(HOUR);
    Rig::with(sandbox.start().await.unwrap())
}

#[tokio::test]
async fn analyses_that_end_later_are_found_by_query() {
    let rig = slow().await;
    let verification = rig.verification(&policy(&rig));
    let case = verification.begin(&rig.reference(), &applicant(), false).await.unwrap();
    for image in 1..=3 {
        let report = verification.resume(case, Rig::hasty()).await.unwrap();
        assert_eq!((report.state, rig.paid()), (CaseState::WaitsForVendor, image), "{}", row(&report, image));
        rig.sandbox.clock().advance(HOUR);
    }
    let report = verification.resume(case, Rig::hasty()).await.unwrap();
    assert_eq!((report.state, report.paid_calls), (APPROVED, 3), "{}", row(&report, rig.paid()));
    assert_eq!(rig.paid(), 3);
}

/// The signature's time is that of the sandbox, and has to be close to the receiver's.
#[tokio::test]
async fn analyses_that_end_later_are_told_by_webhooks() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(&policy(&rig));
    let case = verification.begin(&rig.reference(), &applicant(), false).await.unwrap();
    for image in 1..=3 {
        let report = verification.resume(case, Rig::hasty()).await.unwrap();
        assert_eq!((report.state, rig.paid()), (CaseState::WaitsForVendor, image), "{}", row(&report, image));
        rig.sandbox.clock().advance(Duration::from_secs(5));
        assert_eq!(webhooks.deliver(&verification, "document-was-processed").await, Some(case));
    }
    let report = verification.resume(case, Rig::hasty()).await.unwrap();
    assert_eq!((report.state, report.paid_calls, rig.paid()), (APPROVED, 3, 3));
}

/// Takes image after image, each with the event of its end, and returns the case.
async fn told(rig: &Rig, outcome: &str) -> CaseReport {
    rig.set("bankly", "upload", outcome);
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(&policy(rig));
    let case = verification.begin(&rig.reference(), &applicant(), false).await.unwrap();
    for _ in 1..=3 {
        let report = verification.resume(case, Rig::hasty()).await.unwrap();
        if report.state != CaseState::WaitsForVendor {
            return report;
        }
        rig.sandbox.clock().advance(Duration::from_secs(5));
        webhooks.deliver(&verification, "document-was-processed").await;
    }
    verification.resume(case, Rig::hasty()).await.unwrap()
}

/// The status of these images is valid: only the event has the refusal, or the side that the image shows.
#[tokio::test]
async fn what_a_signed_event_tells_speaks_against_a_better_status() {
    let cases = [
        ("selfie-doubted", 1, CheckKind::Liveness),
        ("front-other-side", 2, CheckKind::FaceDocument),
        ("back-other-side", 3, CheckKind::Document),
    ];
    for (outcome, paid, check) in cases {
        let rig = Rig::new().await;
        let report = told(&rig, outcome).await;
        let row = row(&report, rig.paid());
        assert_eq!((report.state, rig.paid()), (CaseState::Review, paid), "{outcome}: {row}");
        assert_eq!(state_of(&report, check), CheckState::Unclear, "{outcome}: {row}");
    }
}

#[tokio::test]
async fn what_a_signed_event_tells_never_speaks_for_an_image() {
    let rig = Rig::new().await;
    let report = told(&rig, "front-ok").await;
    assert_eq!((report.state, rig.paid()), (APPROVED, 3), "{}", row(&report, rig.paid()));
    let rig = Rig::new().await;
    let report = told(&rig, "front-unmatched").await;
    assert_eq!((report.state, rig.paid()), (CaseState::WaitsForPerson, 2), "{}", row(&report, rig.paid()));
}

/// Without the event the case is approved.
#[tokio::test]
async fn an_event_that_contradicts_the_status_after_the_decision_is_an_alert() {
    for (trust, state) in [(Trust::Hint, APPROVED), (Trust::Signed, CaseState::Alert)] {
        let rig = Rig::new().await;
        rig.set("bankly", "upload", "selfie-doubted");
        let webhooks = Webhooks::of(&rig.sandbox).await;
        let verification = rig.verification(policy(&rig).split("[check.face").next().unwrap());
        let report = rig.run(&verification, &applicant()).await;
        assert_eq!(report.state, APPROVED, "{}", row(&report, rig.paid()));
        let mut event = webhooks.wait_for("document-was-processed").await;
        event.trust = trust;
        for _ in 0..3 {
            assert_eq!(verification.event(&event).await.unwrap(), Some(report.case));
        }
        let report = verification.resume(report.case, Rig::hasty()).await.unwrap();
        assert_eq!((report.state, rig.paid()), (state, 1), "{trust:?}: {}", row(&report, rig.paid()));
        let events = report.timeline.iter().filter(|entry| matches!(entry.record, Record::Event { .. }));
        assert_eq!(events.count(), 1, "{trust:?}: a repeated event is not written again");
    }
}

/// While one case has an upload of which it is not known whether it landed, another one of the person uploads nothing: the
/// look-up could not tell the two apart.
#[tokio::test]
async fn two_cases_of_one_person_do_not_upload_at_the_same_time() {
    #[derive(Debug)]
    struct Crash;

    impl FaultPoints for Crash {
        fn reach(&self, _: &str, _: &str, point: Point) {
            assert_ne!(point, Point::AfterAnswer, "the process ends here");
        }
    }

    let rig = Rig::new().await;
    let doomed = rig.builder(&policy(&rig)).fault_points(Crash).build();
    let first = doomed.begin(&rig.reference(), &applicant(), false).await.unwrap();
    let crashed = tokio::spawn(async move { doomed.resume(first, Rig::patient()).await }).await;
    assert!(crashed.is_err_and(|error| error.is_panic()));
    assert_eq!(rig.paid(), 1);

    let verification = rig.verification(&policy(&rig));
    let second = verification.begin(&rig.reference(), &applicant(), true).await.unwrap();
    let report = verification.resume(second, Rig::hasty()).await.unwrap();
    assert_eq!((rig.paid(), report.paid_calls), (1, 0), "{}", row(&report, 1));

    rig.sandbox.clock().advance(Duration::from_secs(61));
    let report = verification.resume(first, Rig::patient()).await.unwrap();
    assert_eq!((report.state, report.paid_calls, rig.paid()), (APPROVED, 3, 3), "{}", row(&report, 3));
    let report = verification.resume(second, Rig::patient()).await.unwrap();
    assert_eq!((report.state, report.paid_calls, rig.paid()), (APPROVED, 3, 6), "{}", row(&report, 6));
}

/// Bankly refuses an upload while another one of the person is analysed: the second case waits, and pays for nothing.
#[tokio::test]
async fn two_cases_of_one_person_at_the_same_time_are_both_answered() {
    let rig = Rig::new().await;
    let (one, other) = (rig.verification(&policy(&rig)), rig.verification(&policy(&rig)));
    let person = applicant();
    let (one, other) = tokio::join!(rig.run(&one, &person), rig.run(&other, &person));
    let rows = format!("{}\n{}", row(&one, rig.paid()), row(&other, rig.paid()));
    assert_eq!([one.state, other.state], [APPROVED; 2], "{rows}");
    assert_eq!((one.paid_calls, other.paid_calls, rig.paid()), (3, 3, 6), "{rows}");
    assert_eq!((one.uncertain_calls, other.uncertain_calls), (0, 0), "{rows}");
}

/// The analysis takes an hour. The decision of the first case, here by a person, ends the wait for its image.
#[tokio::test]
async fn a_case_waits_for_the_whole_analysis_of_another_one_of_the_person() {
    let rig = slow().await;
    let verification = rig.verification(&policy(&rig));
    let first = verification.begin(&rig.reference(), &applicant(), true).await.unwrap();
    let second = verification.begin(&rig.reference(), &applicant(), true).await.unwrap();
    verification.resume(first, Rig::hasty()).await.unwrap();
    let mut brief = Rig::hasty();
    brief.wait = Duration::from_secs(10 * 60);
    let report = verification.resume(second, brief).await.unwrap();
    let failed = report.timeline.iter().filter(|entry| matches!(entry.record, Record::Failed { .. }));
    assert_eq!((report.paid_calls, failed.count(), rig.paid()), (0, 0, 1), "{}", row(&report, 1));
    rig.sandbox.clock().advance(HOUR);
    let statement = Statement { who: "ana".to_owned(), why: "seen".to_owned() };
    verification.review(first, Outcome::Refused, statement).await.unwrap();
    let report = verification.resume(second, Rig::hasty()).await.unwrap();
    assert_eq!((report.paid_calls, rig.paid()), (1, 2), "{}", row(&report, 2));
}

#[tokio::test]
async fn a_selfie_that_is_refused_is_handed_in_again() {
    let rig = Rig::new().await;
    rig.set("bankly", "upload", "selfie-at-first");
    let verification = rig.verification(&policy(&rig));
    let report = rig.run(&verification, &applicant()).await;
    assert_eq!((report.state, rig.paid()), (CaseState::WaitsForPerson, 1), "{}", row(&report, 1));
    verification.submit_again(report.case, RetakeItem::Selfie, Some(picture())).await.unwrap();
    let report = verification.resume(report.case, Rig::patient()).await.unwrap();
    assert_eq!((report.state, report.paid_calls, rig.paid()), (APPROVED, 4, 4), "{}", row(&report, 4));
}

/// A front is compared with the selfie, so that a new selfie needs a new front.
#[tokio::test]
async fn a_front_that_is_refused_is_handed_in_again_as_often_as_the_policy_allows() {
    let rig = Rig::new().await;
    rig.set("bankly", "upload", "front-unmatched");
    let verification = rig.verification(&policy(&rig));
    let case = rig.run(&verification, &applicant()).await.case;
    for fronts in 2..=3 {
        verification.submit_again(case, RetakeItem::Front, Some(picture())).await.unwrap();
        let report = verification.resume(case, Rig::patient()).await.unwrap();
        assert_eq!(rig.paid(), 1 + fronts, "{}", row(&report, rig.paid()));
    }
    let report = verification.show(case).await.unwrap();
    assert_eq!(report.state, CaseState::Review, "{}", row(&report, rig.paid()));
    assert_eq!(state_of(&report, CheckKind::FaceDocument), CheckState::Unclear);
    assert_eq!(rig.sandbox.bankly().requests(Operation::Upload), 4);
}
