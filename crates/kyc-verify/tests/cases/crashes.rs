//! Crashes: whatever happens where, no call is sent twice unasked.

use std::time::Duration;

use kyc_verify::kyc_core::{OperationId, Trust, WebhookEvent};
use kyc_verify::{CaseId, CaseState, CheckState, Options, Outcome, Point, Record, Verification, VerifyError};

use crate::toy::{CrashAt, Place, TOY, Tells, Toy, applicant};

/// Runs a case until the process ends at a point. Returns the case.
async fn crash(place: &Place, toy: &Toy, uncertain: &str, point: Point) -> CaseId {
    let doomed = place.builder(toy, place.open(), uncertain).fault_points(CrashAt(point)).build();
    let case = doomed.begin("r-1", &applicant(), false).await.expect("a case");
    let ended = tokio::spawn(async move { doomed.resume(case, Options::default()).await }).await;
    assert!(ended.is_err_and(|error| error.is_panic()));
    case
}

/// Advances the clock until the run has ended.
async fn resume(place: &Place, verification: Verification, case: CaseId) -> kyc_verify::CaseReport {
    // The lease of the one that crashed expires.
    place.clock.advance(Duration::from_secs(61));
    let mut options = Options::default();
    options.wait = Duration::from_secs(20 * 60);
    let running = tokio::spawn(async move { verification.resume(case, options).await });
    while !running.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        place.clock.advance(Duration::from_secs(15));
    }
    running.await.expect("no panic").expect("a report")
}

#[tokio::test]
async fn no_crash_sends_a_call_twice_when_the_look_up_tells() {
    for point in Point::ALL {
        for loses_request in [false, true] {
            let place = Place::new();
            let toy = Toy::new(&place.clock);
            toy.world().loses_request = loses_request;
            let case = crash(&place, &toy, "review", point).await;
            toy.world().loses_request = false;
            let before = toy.world().sends;
            let report = resume(&place, place.verification(&toy), case).await;
            let label = format!("{point:?}, lost: {loses_request}");
            assert_eq!(report.state, CaseState::Decided(Outcome::Approved), "{label}");
            assert_eq!(toy.world().landed.len(), 1, "{label}");
            assert_eq!(report.paid_calls, 1, "{label}");
            assert_eq!(report.uncertain_calls, 0, "{label}");
            let was_landed = before == 1 && !loses_request;
            assert_eq!(toy.world().sends - before, usize::from(!was_landed), "{label}");
        }
    }
}

#[tokio::test]
async fn without_a_look_up_a_call_stays_uncertain_and_a_person_decides() {
    for tells in [Tells::Nothing, Tells::NotYet] {
        for point in [Point::AfterIntent, Point::AfterAnswer, Point::BeforeResult] {
            let place = Place::new();
            let toy = Toy::new(&place.clock);
            toy.world().look_up = tells;
            let case = crash(&place, &toy, "review", point).await;
            let sends = toy.world().sends;
            let report = resume(&place, place.verification(&toy), case).await;
            assert_eq!(toy.world().sends, sends, "{point:?} {tells:?}");
            assert_eq!((report.state, report.uncertain_calls), (CaseState::Review, 1), "{point:?} {tells:?}");
            assert_eq!(report.checks[0].state, CheckState::Uncertain);
            // Once more changes nothing, and writes nothing.
            let again = resume(&place, place.verification(&toy), case).await;
            assert_eq!((again.timeline.len(), toy.world().sends), (report.timeline.len(), sends));
        }
    }
}

#[tokio::test]
async fn a_policy_that_says_repeat_repeats_once() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().look_up = Tells::Nothing;
    let case = crash(&place, &toy, "repeat", Point::AfterAnswer).await;
    let report = resume(&place, place.builder(&toy, place.open(), "repeat").build(), case).await;
    assert_eq!(report.state, CaseState::Decided(Outcome::Approved));
    assert_eq!((toy.world().sends, report.paid_calls, report.uncertain_calls), (2, 2, 1));

    // A second uncertain call is not repeated.
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    *toy.world() = crate::toy::World { look_up: Tells::Nothing, loses_answer: true, ..Default::default() };
    let verification = place.builder(&toy, place.open(), "repeat").build();
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let report = resume(&place, verification, case).await;
    assert_eq!((toy.world().sends, report.state, report.uncertain_calls), (2, CaseState::Review, 2));
}

#[tokio::test]
async fn a_person_can_have_an_uncertain_call_repeated() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().look_up = Tells::Nothing;
    let case = crash(&place, &toy, "review", Point::AfterAnswer).await;
    let verification = place.verification(&toy);
    assert_eq!(resume(&place, verification.clone(), case).await.state, CaseState::Review);
    let mut options = Options::default();
    options.repeats_uncertain = true;
    let report = verification.resume(case, options).await.expect("a report");
    assert_eq!((report.state, toy.world().sends), (CaseState::Decided(Outcome::Approved), 2));
}

#[tokio::test]
async fn a_webhook_tells_what_became_of_an_uncertain_call() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().look_up = Tells::Nothing;
    let case = crash(&place, &toy, "review", Point::AfterAnswer).await;
    let verification = place.verification(&toy);
    assert_eq!(resume(&place, verification.clone(), case).await.uncertain_calls, 1);
    let reference = toy.world().landed[0].clone();
    let mut event = WebhookEvent::new(TOY, "completion", Trust::SharedSecret, b"{}".as_slice().into());
    event.operations = vec![OperationId::by_reference(TOY, "ask", "another")];
    assert_eq!(verification.event(&event).await.expect("read"), None);
    event.operations =
        vec![OperationId::by_reference(TOY, "ask", reference), OperationId::by_id(TOY, "ask", "own-7")];
    assert_eq!(verification.event(&event).await.expect("written"), Some(case));
    let report = resume(&place, verification, case).await;
    assert_eq!((report.state, toy.world().sends), (CaseState::Decided(Outcome::Approved), 1));
    assert_eq!((report.paid_calls, report.uncertain_calls), (1, 0));
}

#[tokio::test]
async fn an_answer_that_cannot_be_stored_is_handed_to_the_caller() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().padding = 40_000;
    let case = place.verification(&toy).begin("r-1", &applicant(), false).await.expect("a case");
    let connection = rusqlite::Connection::open(place.path()).expect("the file");
    let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    // The intent fits, and the answer does not.
    let small = place.builder(&toy, place.open_small(pages + 6), "review").build();
    let Err(VerifyError::MayHaveBeenPaid(unrecorded)) = small.resume(case, Options::default()).await else {
        panic!("the answer was stored")
    };
    assert_eq!(unrecorded.cause, kyc_verify::LedgerError::Store(kyc_verify::StoreError::Full));
    let kyc_verify::kyc_core::Sent::Answered(answer) = &unrecorded.answer else { panic!("pending") };
    assert_eq!(answer.expose()["status"], "regular");
    let error = VerifyError::MayHaveBeenPaid(unrecorded);
    let shown = format!("{error:?} {error}");
    assert!(
        shown.contains("may have been paid") && !shown.contains("Maria") && !shown.contains("regular"),
        "{shown}"
    );
    // With space again the look-up finds it.
    let report = resume(&place, place.verification(&toy), case).await;
    assert_eq!((report.state, toy.world().sends), (CaseState::Decided(Outcome::Approved), 1));
}

#[tokio::test]
async fn a_case_is_run_by_one_process_at_a_time() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().is_slow = true;
    let (one, other) = (place.verification(&toy), place.verification(&toy));
    let case = one.begin("r-1", &applicant(), false).await.expect("a case");
    let running = tokio::spawn({
        let one = one.clone();
        async move { one.resume(case, Options::default()).await }
    });
    while toy.world().sends == 0 {
        tokio::task::yield_now().await;
    }
    let refused = other.resume(case, Options::default()).await;
    assert!(matches!(refused, Err(VerifyError::Ledger(kyc_verify::LedgerError::Leased(_)))), "{refused:?}");
    toy.world().is_slow = false;
    place.clock.advance(Duration::from_secs(15));
    let report = running.await.expect("no panic").expect("a report");
    assert_eq!((report.state, toy.world().sends), (CaseState::Decided(Outcome::Approved), 1));
    // The lease is given back, and the case is decided.
    let report = other.resume(case, Options::default()).await.expect("a report");
    let is_answered = |entry: &kyc_verify::Entry| matches!(entry.record, Record::Answered { .. });
    assert_eq!(report.timeline.iter().filter(|entry| is_answered(entry)).count(), 1);
}
