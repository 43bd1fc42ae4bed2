//! Clocks that are set back, and what other processes write at an unlucky moment.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use kyc_verify::kyc_core::{Charge, Clock, Intent, Notes, RetakeItem, Timestamp, VirtualClock};
use kyc_verify::{
    Append, CaseState, Environment, Ledger as _, LedgerError, Options, Outcome, Policy, Record, SqliteStore,
    Verification,
};

use crate::toy::{Place, Tells, Toy, applicant, picture};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);

/// A clock whose date can be set back, and that does something once when it is asked for the n-th time.
#[derive(Clone)]
struct Odd {
    clock: VirtualClock,
    back: Arc<AtomicU64>,
    left: Arc<AtomicI64>,
    act: Arc<Mutex<Option<Act>>>,
}

type Act = Box<dyn FnOnce() + Send>;

impl Odd {
    fn new(place: &Place) -> Self {
        let (clock, left) = (place.clock.clone(), Arc::new(AtomicI64::new(-1)));
        Self { clock, back: Arc::default(), left, act: Arc::default() }
    }

    fn act_at(&self, call: i64, act: impl FnOnce() + Send + 'static) {
        *self.act.lock().expect("a place") = Some(Box::new(act));
        self.left.store(call, Ordering::SeqCst);
    }
}

impl fmt::Debug for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Odd")
    }
}

#[async_trait]
impl Clock for Odd {
    fn now(&self) -> Timestamp {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let act = self.act.lock().expect("a place").take();
            act.into_iter().for_each(|act| act());
        }
        let millis = self.clock.now().unix_millis() - self.back.load(Ordering::SeqCst) as i64;
        Timestamp::from_unix_millis(millis).expect("a time")
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }
}

fn verification(toy: &Toy, store: SqliteStore, clock: &Odd) -> Verification {
    let policy = "version = \"1\"\n[check.registration]\nby = [\"toy\"]";
    Verification::builder(store, Environment::Simulated)
        .vendor("toy", Arc::new(toy.clone()))
        .policy(Policy::from_toml(policy).expect("a policy"))
        .clock(clock.clone())
        .build()
}

/// Runs a case for a while of its clock.
async fn run(place: &Place, verification: &Verification, case: kyc_verify::CaseId) -> kyc_verify::CaseReport {
    let verification = verification.clone();
    let running = tokio::spawn(async move { verification.resume(case, Options::default()).await });
    while !running.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        place.clock.advance(Duration::from_secs(5));
    }
    running.await.expect("no panic").expect("a report")
}

#[tokio::test]
async fn a_clock_that_is_set_back_neither_repeats_a_call_nor_keeps_the_caller_nor_loses_the_answer() {
    let place = Place::new();
    let (toy, clock) = (Toy::new(&place.clock), Odd::new(&place));
    let store = place.open_with(clock.clone());
    let verification = verification(&toy, store, &clock);
    for (reference, loses_answer) in [("pending", false), ("lost", true)] {
        clock.back.store(0, Ordering::SeqCst);
        {
            let mut world = toy.world();
            (world.is_slow, world.loses_answer, world.look_up) = (!loses_answer, loses_answer, Tells::NotYet);
        }
        let case = verification.begin(reference, &applicant(), true).await.expect("a case");
        let sends = toy.world().sends;
        assert_eq!(run(&place, &verification, case).await.state, CaseState::WaitsForVendor, "{reference}");
        clock.back.store(365 * 24 * 3600 * 1000, Ordering::SeqCst);
        assert_eq!(run(&place, &verification, case).await.state, CaseState::WaitsForVendor, "{reference}");
        assert_eq!(toy.world().sends, sends + 1, "{reference}");
        {
            let mut world = toy.world();
            (world.is_slow, world.look_up) = (false, Tells::Truth);
        }
        let report = run(&place, &verification, case).await;
        assert_eq!(
            (report.state, report.paid_calls, toy.world().sends),
            (APPROVED, 1, sends + 1),
            "{reference}"
        );
        let checked = verification.check(Some(case)).await.expect("checked");
        assert!(checked.tampered.is_empty(), "{reference}");
    }
}

/// Another process sends the old picture while the new one is stored.
#[tokio::test]
async fn a_step_that_begins_while_a_new_picture_is_handed_in_does_not_count() {
    let mut superseded = 0;
    for call in 1..=4 {
        let place = Place::new();
        let (toy, clock) = (Toy::new(&place.clock), Odd::new(&place));
        let verification = verification(&toy, place.open_with(clock.clone()), &clock);
        let mut person = applicant();
        person.selfie = Some(picture(100));
        let case = verification.begin("r-1", &person, false).await.expect("a case");
        let other = place.open();
        clock.act_at(call, move || {
            let intent =
                Intent::new("reference", Timestamp::from_unix_millis(0).expect("a time"), Notes::default());
            let intended = Record::intended("toy", "ask", Charge::Paid, None, intent);
            let written = std::thread::spawn(move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(other.append(case, Append::Fact, &intended))
            });
            written.join().expect("no panic").expect("written");
        });
        verification.submit_again(case, RetakeItem::Selfie, [picture(200)]).await.expect("handed in");
        let timeline = verification.show(case).await.expect("a report").timeline;
        let seq_of = |is: &dyn Fn(&Record) -> bool| {
            timeline.iter().find(|entry| is(&entry.record)).map(|entry| entry.seq)
        };
        let intent = seq_of(&|record| matches!(record, Record::Intended { .. }));
        let again = seq_of(&|record| matches!(record, Record::Superseded { .. })).expect("a record");
        if let Some(intent) = intent.filter(|intent| *intent < again) {
            superseded += 1;
            let names =
                |record: &Record| matches!(record, Record::Superseded { of, .. } if of.contains(&intent));
            assert!(timeline.iter().any(|entry| names(&entry.record)), "{call}: {timeline:?}");
        }
    }
    assert!(superseded >= 2, "the other process writes both before and after what is written is read");
}

#[tokio::test]
async fn a_fact_that_was_found_from_older_records_is_not_written() {
    let place = Place::new();
    let (toy, clock) = (Toy::new(&place.clock), Odd::new(&place));
    let verification = verification(&toy, place.open(), &clock);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let store = place.open();
    let record = Record::superseded(RetakeItem::Selfie, Vec::new());
    for (after, expected) in
        [(0, Err(LedgerError::Conflict)), (1, Ok(2)), (1, Err(LedgerError::Conflict)), (2, Ok(3))]
    {
        assert_eq!(store.append(case, Append::FactAfter(after), &record).await, expected);
    }
}
