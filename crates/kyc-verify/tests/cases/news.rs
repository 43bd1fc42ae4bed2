//! Events, and bad news after a decision.

use std::time::Duration;

use kyc_verify::kyc_core::{OperationId, Trust, Vendor, WebhookEvent};
use kyc_verify::{
    CaseId, CaseReport, CaseState, Environment, Options, Outcome, Record, Statement, Verification,
    VerifyError,
};

use crate::actor::{Actor, Does, Shape, cast, perform, play};
use crate::toy::{Place, Tells};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const FACES: &str = "[check.face_document]";

fn event(trust: Trust, operations: Vec<OperationId>) -> WebhookEvent {
    let mut event = WebhookEvent::new(Vendor::new("one"), "completion", trust, b"{}".as_slice().into());
    event.operations = operations;
    event
}

fn statement() -> Statement {
    Statement { who: "ana".to_owned(), why: "seen".to_owned() }
}

fn alerts(report: &CaseReport) -> usize {
    report.timeline.iter().filter(|entry| matches!(entry.record, Record::Alert { .. })).count()
}

/// A case that was approved by an answer that came later.
async fn approved(place: &Place, one: &Actor, verification: &Verification) -> CaseId {
    one.does("compare", Does::Waits);
    let report = perform(place, verification).await;
    assert_eq!(report.state, CaseState::WaitsForVendor);
    one.does("compare", Does::Answers);
    let report = play(place, verification, report.case).await;
    assert_eq!(report.state, APPROVED);
    report.case
}

#[tokio::test]
async fn bad_news_after_an_approval_is_an_alert_until_a_person_has_seen_it() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, FACES, &[&one]);
    let case = approved(&place, &one, &verification).await;
    assert_eq!(verification.watch(case).await.expect("a report").state, APPROVED);
    one.says("compare", "bad");
    assert_eq!(verification.watch(case).await.expect("a report").state, CaseState::Alert);
    one.says("compare", "good");
    let report = verification.watch(case).await.expect("a report");
    assert_eq!((report.state, alerts(&report)), (CaseState::Alert, 1), "good news lifts no alert");
    let report = verification.resume(case, Options::default()).await.expect("a report");
    assert_eq!(report.state, CaseState::Alert);
    let report = verification.review(case, Outcome::Refused, statement()).await.expect("reviewed");
    assert_eq!(report.state, CaseState::Decided(Outcome::Refused));
    // What was refused raises none.
    one.says("compare", "bad");
    assert_eq!(alerts(&verification.watch(case).await.expect("a report")), 1);
    assert_eq!(one.landed().len(), 1);
}

#[tokio::test]
async fn what_a_person_approved_is_in_alert_only_for_something_new() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    one.does("compare", Does::Waits).says("compare", "unclear");
    let verification = cast(&place, FACES, &[&one]);
    let case = perform(&place, &verification).await.case;
    one.does("compare", Does::Answers);
    assert_eq!(play(&place, &verification, case).await.state, CaseState::Review);
    verification.review(case, Outcome::Approved, statement()).await.expect("reviewed");
    assert_eq!(verification.watch(case).await.expect("a report").state, APPROVED);
    one.says("compare", "bad");
    assert_eq!(verification.watch(case).await.expect("a report").state, CaseState::Alert);
    // A person approves it again, and the same is no news.
    verification.review(case, Outcome::Approved, statement()).await.expect("reviewed");
    assert_eq!(verification.watch(case).await.expect("a report").state, APPROVED);
}

#[tokio::test]
async fn bad_news_is_an_alert_by_an_event_too_and_late_news_is_none() {
    for trust in [Trust::Hint, Trust::Signed] {
        let place = Place::new();
        let one = Actor::new("one", Shape::Single, &place);
        let verification = cast(&place, FACES, &[&one]);
        let case = approved(&place, &one, &verification).await;
        let queries = one.stage().queries;
        verification.resume(case, Options::default()).await.expect("a report");
        assert_eq!(one.stage().queries, queries, "nothing is asked without a reason");
        one.says("compare", "bad");
        let event = event(trust, vec![one.operation("compare-1")]);
        assert_eq!(verification.event(&event).await.expect("read"), Some(case));
        assert_eq!(verification.show(case).await.expect("a report").state, APPROVED, "{trust:?}");
        let report = verification.resume(case, Options::default()).await.expect("a report");
        assert_eq!((report.state, alerts(&report)), (CaseState::Alert, 1), "{trust:?}");
        let asked = one.stage().queries;
        verification.resume(case, Options::default()).await.expect("a report");
        assert_eq!((one.stage().queries, asked), (asked, queries + 1), "{trust:?}");
    }
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, FACES, &[&one]);
    let case = approved(&place, &one, &verification).await;
    place.clock.advance(Duration::from_secs(11 * 24 * 3600));
    one.says("compare", "bad");
    assert_eq!(verification.watch(case).await.expect("a report").state, APPROVED);
}

#[tokio::test]
async fn an_alert_is_not_lost_when_the_process_ends_before_it_is_written() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, FACES, &[&one]);
    let case = approved(&place, &one, &verification).await;
    // The answer is written, and the alert is not.
    let of = verification
        .show(case)
        .await
        .expect("a report")
        .timeline
        .iter()
        .find_map(|entry| matches!(entry.record, Record::Intended { .. }).then_some(entry.seq));
    let answer = kyc_verify::kyc_core::Notes::new(serde_json::json!({ "says": "bad" }));
    let record = Record::Answered { of: of.expect("an intent"), private: kyc_verify::Sealed::new(answer) };
    use kyc_verify::Ledger as _;
    place.open().append(case, kyc_verify::Append::Fact, &record).await.expect("written");
    one.says("compare", "bad");
    assert_eq!(verification.watch(case).await.expect("a report").state, CaseState::Alert);
}

#[tokio::test]
async fn a_watch_tells_that_a_vendor_is_silent_or_not_configured() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, FACES, &[&one]);
    let case = approved(&place, &one, &verification).await;
    one.stage().is_silent = true;
    let watched = verification.watch(case).await;
    assert!(matches!(&watched, Err(VerifyError::Silent(vendor)) if vendor == "one"), "{watched:?}");
    // An event is kept until the vendor was asked.
    let event = event(Trust::Hint, vec![one.operation("compare-1")]);
    verification.event(&event).await.expect("read");
    assert!(verification.resume(case, Options::default()).await.is_err());
    one.stage().is_silent = false;
    one.says("compare", "bad");
    let report = verification.resume(case, Options::default()).await.expect("a report");
    assert_eq!(report.state, CaseState::Alert);
    // A process without the vendor sees no news in what it cannot read.
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let case = approved(&place, &one, &cast(&place, FACES, &[&one])).await;
    let report = cast(&place, FACES, &[]).watch(case).await;
    assert!(matches!(&report, Err(VerifyError::Silent(vendor)) if vendor == "one"), "{report:?}");
}

#[tokio::test]
async fn a_hint_never_changes_what_is_known() {
    for trust in [Trust::Hint, Trust::KnownPeer, Trust::SharedSecret, Trust::Signed] {
        let place = Place::new();
        let one = Actor::new("one", Shape::Single, &place);
        one.does("compare", Does::LosesAnswer);
        one.stage().tells = Tells::Nothing;
        let verification = cast(&place, FACES, &[&one]);
        let case = perform(&place, &verification).await.case;
        let before = verification.show(case).await.expect("a report");
        assert_eq!((before.state, before.uncertain_calls), (CaseState::Review, 1));
        let reference = one.stage().references[0].clone();
        let reference = OperationId::by_reference(Vendor::new("one"), "step", reference);
        // Whoever sends it chooses the id.
        let event = event(trust, vec![reference, one.operation("another-1")]);
        for _ in 0..3 {
            assert_eq!(verification.event(&event).await.expect("read"), Some(case));
        }
        let report = play(&place, &verification, case).await;
        let events = report.timeline.iter().filter(|entry| matches!(entry.record, Record::Event { .. }));
        assert_eq!(events.count(), 1, "{trust:?}: a repeated event is not written again");
        if trust.is_authenticated() {
            assert_eq!((report.state, report.uncertain_calls), (APPROVED, 0), "{trust:?}");
            let pending =
                report.timeline.iter().filter(|entry| matches!(entry.record, Record::Pending { .. }));
            assert_eq!(pending.count(), 1, "{trust:?}");
        } else {
            assert_eq!((report.state, report.uncertain_calls), (CaseState::Review, 1), "{trust:?}");
        }
        assert_eq!(one.landed().len(), 1, "{trust:?}");
    }
}

#[tokio::test]
async fn an_event_of_another_vendor_or_environment_or_of_nobody_changes_nothing() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, FACES, &[&one]);
    let case = approved(&place, &one, &verification).await;
    let before = verification.show(case).await.expect("a report").timeline.len();
    let mut foreign = event(Trust::Signed, vec![one.operation("compare-1")]);
    foreign.vendor = Vendor::new("other");
    assert_eq!(verification.event(&foreign).await.expect("read"), None);
    let unknown = event(Trust::Signed, vec![one.operation("compare-2")]);
    assert_eq!(verification.event(&unknown).await.expect("read"), None);
    let real = Verification::builder(place.open(), Environment::Real)
        .vendor("one", std::sync::Arc::new(one.clone()))
        .clock(place.clock.clone())
        .build();
    let event = event(Trust::Signed, vec![one.operation("compare-1")]);
    assert!(matches!(real.event(&event).await, Err(VerifyError::OtherEnvironment(known)) if known == case));
    assert!(matches!(real.watch(case).await, Err(VerifyError::OtherEnvironment(known)) if known == case));
    assert_eq!(verification.show(case).await.expect("a report").timeline.len(), before);
}

#[tokio::test]
async fn an_event_about_an_open_case_asks_again_for_what_is_answered() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    one.does("compare", Does::Waits).says("compare", "unclear");
    let verification = cast(&place, FACES, &[&one]);
    let case = perform(&place, &verification).await.case;
    one.does("compare", Does::Answers);
    assert_eq!(play(&place, &verification, case).await.state, CaseState::Review);
    one.says("compare", "good");
    verification.event(&event(Trust::Hint, vec![one.operation("compare-1")])).await.expect("read");
    assert_eq!(play(&place, &verification, case).await.state, APPROVED);
    assert_eq!(one.landed().len(), 1);
}
