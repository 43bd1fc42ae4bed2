//! Vendors that are asked at the same time, and processes that share a file.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kyc_verify::kyc_core::{Trust, Vendor, WebhookEvent};
use kyc_verify::{
    CaseState, Environment, LedgerError, Options, Outcome, Policy, Record, StoreError, Verification,
    VerifyError,
};
use tokio::sync::Barrier;

use crate::actor::{Actor, Does, Shape, cast, play, play_with};
use crate::toy::{Place, Tells, applicant};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const POLICY: &str = "[check.registration]\n[check.face_document]\nby = [\"one\"]\n[check.document]\nby = [\"other\"]\nagrees = [\"cpf\"]";

fn side_by_side() -> Options {
    let mut options = Options::default();
    options.side_by_side = true;
    options
}

/// Vendors that each make a check of the policy.
fn three(place: &Place) -> [Actor; 3] {
    [
        Actor::new("three", Shape::Three, place),
        Actor::new("one", Shape::Single, place),
        Actor::new("other", Shape::Three, place),
    ]
}

#[tokio::test]
async fn vendors_are_asked_at_the_same_time_and_intents_written_one_by_one() {
    let place = Place::new();
    let actors = three(&place);
    // Each call ends only when all are under way.
    let barrier = Arc::new(Barrier::new(3));
    actors.iter().for_each(|actor| actor.stage().meets = Some(Arc::clone(&barrier)));
    let verification = cast(&place, POLICY, &actors.each_ref());
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let report = play_with(&place, &verification, case, side_by_side()).await;
    assert_eq!((report.state, report.paid_calls), (APPROVED, 3));
    let is_intent = |record: &Record| matches!(record, Record::Intended { .. });
    let intents: Vec<_> = report.timeline.iter().filter(|entry| is_intent(&entry.record)).collect();
    assert_eq!(intents.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [2, 3, 4]);
    assert!(verification.check(Some(case)).await.expect("checked").tampered.is_empty());
}

#[tokio::test]
async fn vendors_side_by_side_do_not_exceed_what_may_be_paid() {
    let place = Place::new();
    let actors = three(&place);
    let verification = cast(&place, &format!("limits = {{ paid_calls = 2 }}\n{POLICY}"), &actors.each_ref());
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let report = play_with(&place, &verification, case, side_by_side()).await;
    assert_eq!((report.state, report.paid_calls), (CaseState::Review, 2));
    assert_eq!(actors.iter().map(|actor| actor.landed().len()).sum::<usize>(), 2);
}

#[tokio::test]
async fn each_lost_call_is_looked_for_on_its_own() {
    let place = Place::new();
    let actors = three(&place);
    actors[0].does("cpf", Does::LosesAnswer);
    actors[1].does("compare", Does::LosesRequest);
    actors[2].does("document", Does::LosesAnswer).stage().tells = Tells::Nothing;
    let verification = cast(&place, POLICY, &actors.each_ref());
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let first = verification.resume(case, side_by_side());
    let advance = async {
        while actors[1].stage().look_ups == 0 {
            tokio::task::yield_now().await;
        }
        actors[1].does("compare", Does::Answers);
        place.clock.advance(Duration::from_secs(5));
        std::future::pending::<()>().await
    };
    tokio::select! {
        report = first => drop(report.expect("a report")),
        () = advance => {}
    }
    let report = play(&place, &verification, case).await;
    assert_eq!((report.state, report.uncertain_calls), (CaseState::Review, 1));
    for (actor, landed) in actors.iter().zip([1, 1, 1]) {
        assert_eq!(actor.landed().len(), landed);
    }
}

#[tokio::test]
async fn all_answers_that_cannot_be_stored_are_handed_to_the_caller() {
    let place = Place::new();
    let actors = three(&place);
    let barrier = Arc::new(Barrier::new(3));
    for actor in &actors {
        let mut stage = actor.stage();
        (stage.meets, stage.padding) = (Some(Arc::clone(&barrier)), 40_000);
    }
    let case =
        cast(&place, POLICY, &actors.each_ref()).begin("r-1", &applicant(), false).await.expect("a case");
    let connection = rusqlite::Connection::open(place.path()).expect("the file");
    let pages: u32 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    let mut small = Verification::builder(place.open_small(pages + 8), Environment::Simulated)
        .policy(Policy::built_in())
        .clock(place.clock.clone());
    for (key, actor) in ["three", "one", "other"].into_iter().zip(&actors) {
        small = small.vendor(key, Arc::new(actor.clone()));
    }
    let Err(VerifyError::MayHaveBeenPaid(unrecorded)) = small.build().resume(case, side_by_side()).await
    else {
        panic!("the answers were stored")
    };
    assert_eq!(unrecorded.cause, LedgerError::Store(StoreError::Full));
    let mut vendors: Vec<_> = unrecorded.others.iter().map(|other| other.vendor.as_str()).collect();
    vendors.push(&unrecorded.vendor);
    vendors.sort_unstable();
    assert_eq!(vendors, ["one", "other", "three"]);
}

#[tokio::test]
async fn one_after_the_other_is_the_default_and_each_step_is_told_twice() {
    let place = Place::new();
    let actors = three(&place);
    actors[1].does("compare", Does::Refuses);
    let told = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&told);
    let policy = Policy::from_toml(&format!("version = \"1\"\n{POLICY}")).expect("a policy");
    let mut builder = Verification::builder(place.open(), Environment::Simulated)
        .policy(policy)
        .clock(place.clock.clone())
        .on_step(move |notice| {
            notes.lock().expect("no panic").push((notice.vendor.to_owned(), notice.has_ended));
        });
    for (key, actor) in ["three", "one", "other"].into_iter().zip(&actors) {
        builder = builder.vendor(key, Arc::new(actor.clone()));
    }
    let verification = builder.build();
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    assert_eq!(play(&place, &verification, case).await.state, CaseState::Review);
    let told = told.lock().expect("no panic").clone();
    assert_eq!(told.len(), 6);
    for pair in told.chunks(2) {
        assert!(pair[0].0 == pair[1].0 && !pair[0].1 && pair[1].1, "{told:?}");
    }
}

#[tokio::test]
async fn an_event_that_another_process_took_is_noticed() {
    let place = Place::new();
    let kit = Actor::new("kit", Shape::Kit, &place);
    let (one, other) = (cast(&place, "[check.liveness]", &[&kit]), cast(&place, "[check.liveness]", &[&kit]));
    let case = one.begin("r-1", &applicant(), false).await.expect("a case");
    let running = tokio::spawn(async move { one.resume(case, Options::default()).await });
    while kit.stage().queries == 0 {
        tokio::task::yield_now().await;
    }
    kit.stage().captured = Some("good");
    let mut event = WebhookEvent::new(Vendor::new("kit"), "completion", Trust::Hint, b"{}".as_slice().into());
    event.operations = vec![kit.operation("key-1")];
    assert_eq!(other.event(&event).await.expect("read"), Some(case));
    // Sooner than the vendor would be asked by itself, which is after a minute.
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        place.clock.advance(Duration::from_secs(1));
    }
    let report = tokio::time::timeout(Duration::from_secs(5), running).await.expect("it ends");
    assert_eq!(report.expect("no panic").expect("a report").state, APPROVED);
}
