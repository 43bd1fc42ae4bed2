//! Captures by a vendor's kit, retakes, and how long they are waited for.

use std::time::Duration;

use kyc_verify::kyc_core::{Pii, RetakeItem, Trust, WebhookEvent};
use kyc_verify::{
    Append, Begun, BlobKind, CaseReport, CaseState, CheckState, Handout, Ledger, NewCase, Options, Outcome,
    Record, Rule, Vault, VerifyError,
};

use crate::actor::{Actor, Does, Shape, cast, perform, play, play_with};
use crate::toy::{Place, applicant, picture};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const KIT: &str = "[check.document]\nagrees = [\"cpf\"]\n[check.liveness]\n";

fn key(report: &CaseReport) -> String {
    let [Handout::Capture { vendor, kit }] = report.handouts.as_slice() else {
        panic!("{:?}", report.handouts)
    };
    assert_eq!((vendor.as_str(), kit.name), ("kit", "appkey"));
    kit.value.expose().clone()
}

fn opened(report: &CaseReport) -> usize {
    report.timeline.iter().filter(|entry| matches!(entry.record, Record::CaptureOpened { .. })).count()
}

#[tokio::test]
async fn a_capture_is_handed_out_waited_for_and_gone_on_with() {
    let place = Place::new();
    let kit = Actor::new("kit", Shape::Kit, &place);
    let verification = cast(&place, KIT, &[&kit]);
    let report = perform(&place, &verification).await;
    assert_eq!((report.state, report.paid_calls, opened(&report)), (CaseState::WaitsForPerson, 0, 1));
    assert_eq!(key(&report), "key-1");
    assert!(report.message().is_some());
    kit.stage().captured = Some("good");
    let report = play(&place, &verification, report.case).await;
    assert_eq!((report.state, report.paid_calls), (APPROVED, 1));
    assert_eq!(kit.landed(), ["appkey", "document"]);
    let captured = report.timeline.iter().filter(|entry| matches!(entry.record, Record::Captured { .. }));
    assert_eq!(captured.count(), 1);
}

#[tokio::test]
async fn an_event_wakes_a_case_that_waits_for_a_capture() {
    let place = Place::new();
    let kit = Actor::new("kit", Shape::Kit, &place);
    let verification = cast(&place, KIT, &[&kit]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let running = tokio::spawn({
        let verification = verification.clone();
        async move { verification.resume(case, Options::default()).await }
    });
    while kit.stage().queries == 0 {
        tokio::task::yield_now().await;
    }
    kit.stage().captured = Some("good");
    let mut event = WebhookEvent::new(
        kyc_verify::kyc_core::Vendor::new("kit"),
        "completion",
        Trust::Hint,
        b"{}".as_slice().into(),
    );
    event.operations = vec![kit.operation("key-1")];
    assert_eq!(verification.event(&event).await.expect("read"), Some(case));
    // Without the event it would be asked a minute later.
    let report = running.await.expect("no panic").expect("a report");
    assert_eq!(report.state, APPROVED);
}

#[tokio::test]
async fn a_kit_that_expired_is_replaced_but_the_wait_is_not_prolonged() {
    let place = Place::new();
    let kit = Actor::new("kit", Shape::Kit, &place);
    let verification = cast(&place, KIT, &[&kit]);
    let report = perform(&place, &verification).await;
    for n in 2..=4 {
        place.clock.advance(Duration::from_secs(6 * 60));
        kit.stage().captured = Some("expired");
        let running = tokio::spawn({
            let verification = verification.clone();
            async move { verification.resume(report.case, Options::default()).await }
        });
        while kit.stage().kits < n {
            tokio::task::yield_now().await;
        }
        kit.stage().captured = None;
        while !running.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            place.clock.advance(Duration::from_secs(1));
        }
        let report = running.await.expect("no panic").expect("a report");
        assert_eq!(report.state, CaseState::WaitsForPerson, "{n}");
        assert_eq!((key(&report), opened(&report)), (format!("key-{n}"), n), "{n}");
    }
    place.clock.advance(Duration::from_secs(10 * 60));
    let report = play(&place, &verification, report.case).await;
    assert_eq!(report.state, CaseState::Review);
    assert_eq!(report.decision.expect("a decision").rule, Rule::Pending);
}

#[tokio::test]
async fn a_kit_that_seems_to_expire_at_once_is_not_replaced_without_end() {
    let place = Place::new();
    let kit = Actor::new("kit", Shape::Kit, &place);
    kit.stage().captured = Some("expired");
    let verification = cast(&place, KIT, &[&kit]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let mut options = Options::default();
    options.wait = Duration::from_secs(3600);
    let report = play_with(&place, &verification, case, options).await;
    assert_eq!(report.state, CaseState::Review);
    assert!(kit.stage().kits < 20, "{}", kit.stage().kits);
}

#[tokio::test]
async fn a_capture_that_failed_is_made_again_with_a_new_kit_as_often_as_the_policy_allows() {
    let place = Place::new();
    let kit = Actor::new("kit", Shape::Kit, &place);
    kit.stage().captured = Some("retake");
    let verification = cast(&place, &format!("limits = {{ attempts = 2 }}\n{KIT}"), &[&kit]);
    let report = perform(&place, &verification).await;
    let asked =
        matches!(report.handouts.as_slice(), [Handout::Retake(retake)] if retake.item == RetakeItem::Capture);
    assert!(asked && report.state == CaseState::WaitsForPerson, "{report:?}");
    verification.submit_again(report.case, RetakeItem::Capture, None).await.expect("accepted");
    let report = play(&place, &verification, report.case).await;
    assert_eq!((report.state, opened(&report), kit.stage().kits), (CaseState::Review, 2, 2));
    let again = verification.submit_again(report.case, RetakeItem::Capture, None).await;
    assert!(matches!(again, Err(VerifyError::OutOfAttempts)), "{again:?}");
}

#[tokio::test]
async fn a_still_picture_is_no_capture() {
    let place = Place::new();
    let bundle = Actor::new("bundle", Shape::Bundle, &place);
    let policy = "[check.document]\nagrees = [\"cpf\"]\n[check.liveness]\nmethod = \"capture\"";
    let report = perform(&place, &cast(&place, policy, &[&bundle])).await;
    assert_eq!(report.state, CaseState::Review);
    assert_eq!(report.checks[1].state, CheckState::NotOffered);
    let still = policy.replace("capture", "still");
    let place = Place::new();
    assert_eq!(perform(&place, &cast(&place, &still, &[&bundle])).await.state, APPROVED);
}

#[tokio::test]
async fn a_new_picture_asks_again_only_those_who_used_the_old_one() {
    let place = Place::new();
    let three = Actor::new("three", Shape::Three, &place);
    three.says("face", "retake");
    let policy = "[check.registration]\n[check.document]\nagrees = [\"cpf\"]\n[check.face_document]\n";
    let verification = cast(&place, policy, &[&three]);
    let report = perform(&place, &verification).await;
    assert_eq!(report.state, CaseState::WaitsForPerson);
    assert_eq!(report.checks[2].state, CheckState::Retake);
    three.says("face", "good");
    verification.submit_again(report.case, RetakeItem::Selfie, Some(picture(300))).await.expect("accepted");
    let report = play(&place, &verification, report.case).await;
    assert_eq!((report.state, report.paid_calls), (APPROVED, 4));
    assert_eq!(three.landed(), ["cpf", "document", "face", "face"]);
    let selfie = report.applicant.expect("an applicant").selfie.expect("a selfie");
    assert_eq!(selfie.len(), 300);
}

#[tokio::test]
async fn a_person_who_hands_in_nothing_leaves_the_case_to_a_reviewer() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    one.says("compare", "retake");
    let verification = cast(&place, "[check.face_document]", &[&one]);
    let report = perform(&place, &verification).await;
    assert_eq!(report.state, CaseState::WaitsForPerson);
    place.clock.advance(Duration::from_secs(31 * 60));
    let report = play(&place, &verification, report.case).await;
    assert_eq!((report.state, report.decision.expect("a decision").rule), (CaseState::Review, Rule::Retake));
    // What comes late still counts.
    one.says("compare", "good");
    verification.submit_again(report.case, RetakeItem::Selfie, Some(picture(300))).await.expect("accepted");
    assert_eq!(play(&place, &verification, report.case).await.state, APPROVED);
}

#[tokio::test]
async fn a_case_that_began_long_ago_is_asked_and_waited_for_like_a_new_one() {
    let place = Place::new();
    let (one, kit) = (Actor::new("one", Shape::Single, &place), Actor::new("kit", Shape::Kit, &place));
    one.does("compare", Does::Waits);
    let verification = cast(&place, "[check.face_document]\n[check.liveness]", &[&one, &kit]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    place.clock.advance(Duration::from_secs(24 * 3600));
    let report = play(&place, &verification, case).await;
    assert_eq!((report.state, report.decision), (CaseState::WaitsForPerson, None));
    one.does("compare", Does::Answers);
    kit.stage().captured = Some("good");
    assert_eq!(play(&place, &verification, case).await.state, APPROVED);
}

#[tokio::test]
async fn the_frames_of_a_new_capture_stand_for_the_old_ones() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, "[check.face_document]", &[&one]);
    let mut applicant = applicant();
    applicant.capture = vec![picture(11), picture(12)];
    // A process that ended after it had stored a frame.
    let store = place.open();
    let Ok(Begun::Fresh(case)) = store.begin(&NewCase::new("r-1", &applicant, verification_policy())).await
    else {
        panic!("not fresh")
    };
    store.put(case, BlobKind::Frame, picture(11).bytes().clone()).await.expect("stored");
    assert_eq!(verification.begin("r-1", &applicant, false).await.expect("the case"), case);
    let frames = |report: CaseReport| {
        let applicant = report.applicant.expect("an applicant");
        applicant.capture.iter().map(kyc_verify::kyc_core::Media::len).collect::<Vec<_>>()
    };
    assert_eq!(frames(verification.show(case).await.expect("a report")), [11, 12]);
    let new = vec![picture(21), picture(22), picture(23)];
    verification.submit_again(case, RetakeItem::Capture, new).await.expect("accepted");
    assert_eq!(frames(verification.show(case).await.expect("a report")), [21, 22, 23]);
    // Captured by the kit instead.
    verification.submit_again(case, RetakeItem::Capture, None).await.expect("accepted");
    assert!(frames(verification.show(case).await.expect("a report")).is_empty());
}

fn verification_policy() -> &'static str {
    "version = \"1\"\n[check.face_document]"
}

#[tokio::test]
async fn the_same_reference_with_another_applicant_is_an_error_and_pays_nothing() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, "[check.face_document]", &[&one]);
    let case = perform(&place, &verification).await.case;
    let mut other = applicant();
    other.name = Some(Pii::new("Outra Pessoa".to_owned()));
    let refused = verification.verify("r-1", &other, Options::default()).await;
    assert!(matches!(refused, Err(VerifyError::DifferentBody(known)) if known == case), "{refused:?}");
    verification.verify("r-1", &applicant(), Options::default()).await.expect("the same");
    assert_eq!(one.landed().len(), 1);
    // A process that ended before the beginning was written.
    let store = place.open();
    let forced = applicant();
    let Ok(Begun::Fresh(case)) = store.begin(&NewCase::new("r-2", &forced, verification_policy())).await
    else {
        panic!("not fresh")
    };
    assert!(matches!(verification.show(case).await, Err(VerifyError::Incomplete(known)) if known == case));
    let lease = store.lease(case, None, Duration::from_secs(1)).await.expect("a lease");
    assert!(store.append(case, Append::After(&lease, 7), &Record::Forgotten).await.is_err());
    store.end_lease(&lease, None).await.expect("given back");
    let report = verification.verify("r-2", &forced, Options::default()).await.expect("begun again");
    assert_eq!((report.case, report.state), (case, APPROVED));
}
