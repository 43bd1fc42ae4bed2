//! Crashes and lost responses: what the vendor's look-up tells, and that nothing is paid for twice.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kyc_sandbox::{Fault, bankly, cellere, certiface, clearsale};
use kyc_verify::{CaseState, FaultPoints, Outcome, Point, Record};
use tokio::task::JoinSet;
use verification::{Rig, Webhooks, alone, applicant, row};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);

/// The steps that may cost something, with the number of calls that a whole part takes.
const STEPS: [(&str, &str, u64); 9] = [
    ("bankly", "selfie", 3),
    ("bankly", "front", 3),
    ("bankly", "back", 3),
    ("cellere", "cpf", 3),
    ("cellere", "back", 3),
    ("cellere", "face", 3),
    ("certiface", "liveness", 2),
    ("certiface", "document", 2),
    ("clearsale", "compare", 1),
];

/// What goes wrong at a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Harm {
    /// The connection closes before the vendor has the request.
    RequestLost,
    /// The connection closes after the vendor has done it.
    ResponseLost,
    /// The process ends after the intent is committed, before anything is sent.
    EndsBefore,
    /// The process ends after the vendor has answered.
    EndsAfter,
}

/// Does the harm once, when the step is reached.
struct Injury {
    rig: Arc<Rig>,
    vendor: &'static str,
    step: &'static str,
    harm: Harm,
    is_done: AtomicBool,
}

impl std::fmt::Debug for Injury {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.harm)
    }
}

impl FaultPoints for Injury {
    fn reach(&self, vendor: &str, step: &str, point: Point) {
        if (vendor, step) != (self.vendor, self.step) {
            return;
        }
        let at = if self.harm == Harm::EndsAfter { Point::AfterAnswer } else { Point::AfterIntent };
        if point != at || self.is_done.swap(true, Ordering::Relaxed) {
            return;
        }
        match self.harm {
            Harm::RequestLost => self.close(false),
            Harm::ResponseLost => self.close(true),
            Harm::EndsBefore | Harm::EndsAfter => panic!("the process ends here"),
        }
    }
}

impl Injury {
    fn close(&self, has_effect: bool) {
        let sandbox = &self.rig.sandbox;
        let is_queued = match (self.vendor, self.step) {
            ("bankly", _) => sandbox.bankly().fault(closed(bankly::Operation::Upload, has_effect)),
            ("cellere", "cpf") => sandbox.cellere().fault(closed(cellere::Operation::Cpf, has_effect)),
            ("cellere", "back") => sandbox.cellere().fault(closed(cellere::Operation::Document, has_effect)),
            ("cellere", _) => sandbox.cellere().fault(closed(cellere::Operation::FaceMatch, has_effect)),
            ("certiface", "liveness") => {
                sandbox.certiface().fault(closed(certiface::Operation::Captcha, has_effect))
            }
            ("certiface", _) => sandbox.certiface().fault(closed(certiface::Operation::Document, has_effect)),
            _ => sandbox.clearsale().fault(closed(clearsale::Operation::Match, has_effect)),
        };
        assert!(is_queued);
    }
}

fn closed<O>(operation: O, has_effect: bool) -> Fault<O> {
    let fault = Fault::close().on(operation);
    if has_effect { fault.after_effect() } else { fault }
}

/// Returns the number of requests that the vendor got for that kind of step.
fn requests(rig: &Rig, vendor: &str, step: &str) -> u64 {
    let sandbox = &rig.sandbox;
    match (vendor, step) {
        ("bankly", _) => sandbox.bankly().requests(bankly::Operation::Upload),
        ("cellere", "cpf") => sandbox.cellere().requests(cellere::Operation::Cpf),
        ("cellere", "back") => sandbox.cellere().requests(cellere::Operation::Document),
        ("cellere", _) => sandbox.cellere().requests(cellere::Operation::FaceMatch),
        ("certiface", "liveness") => sandbox.certiface().requests(certiface::Operation::Captcha),
        ("certiface", _) => sandbox.certiface().requests(certiface::Operation::Document),
        _ => sandbox.clearsale().requests(clearsale::Operation::Match),
    }
}

async fn row_of(vendor: &'static str, step: &'static str, whole: u64, harm: Harm) -> String {
    let rig = Arc::new(Rig::new().await);
    let policy = alone(vendor, rig.verifier(vendor).offers()).replace("wait = \"1m\"", "wait = \"30m\"");
    let policy = policy.replace("wait = \"6m\"", "wait = \"30m\"");
    let injury = Injury { rig: Arc::clone(&rig), vendor, step, harm, is_done: AtomicBool::new(false) };
    let doomed = rig.builder(&policy).fault_points(injury).build();
    let case = doomed.begin(&rig.reference(), &applicant(), false).await.unwrap();
    let ended = tokio::spawn(async move { doomed.resume(case, Rig::patient()).await }).await;
    let ends = matches!(harm, Harm::EndsBefore | Harm::EndsAfter);
    let label = format!("{vendor} {step} | {harm:?}");
    assert_eq!(ended.is_err(), ends, "{label}: {ended:?}");
    // The right of the one that ended to run the case expires.
    rig.sandbox.clock().advance(Duration::from_secs(61));
    let report = rig.verification(&policy).resume(case, Rig::patient()).await.unwrap();
    let mut text = format!("{label} | {}", row(&report, rig.paid()));
    let found = report.timeline.iter().filter_map(|entry| match entry.record {
        Record::LookedUp { found, .. } => Some(format!("{found:?}")),
        _ => None,
    });
    let found: Vec<_> = found.collect();
    write!(text, " | looked up: {} | requests {}", found.join(", "), requests(&rig, vendor, step)).unwrap();
    // Never twice: not more than a part without harm, and each is told.
    assert!(rig.paid() <= whole && rig.paid() <= u64::from(report.paid_calls), "{text}");
    if report.state == APPROVED {
        assert_eq!((rig.paid(), report.uncertain_calls), (whole, 0), "{text}");
    } else {
        assert_eq!((report.state, report.uncertain_calls), (CaseState::Review, 1), "{text}");
    }
    // Another run changes nothing.
    let again = rig.verification(&policy).resume(case, Rig::hasty()).await.unwrap();
    assert_eq!((again.state, again.timeline.len()), (report.state, report.timeline.len()), "{text}");
    text
}

#[tokio::test]
async fn each_step_of_each_vendor_is_lost_or_interrupted() {
    let mut rows = JoinSet::new();
    let mut number = 0;
    for (vendor, step, whole) in STEPS {
        for harm in [Harm::RequestLost, Harm::ResponseLost, Harm::EndsBefore, Harm::EndsAfter] {
            rows.spawn(async move { (number, row_of(vendor, step, whole, harm).await) });
            number += 1;
        }
    }
    let mut rows = rows.join_all().await;
    rows.sort_unstable();
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    insta::assert_snapshot!(rows.join("\n"));
}

/// ClearSale repeats the reference, and so tells the id of a comparison whose response was lost.
#[tokio::test]
async fn a_webhook_tells_what_became_of_a_comparison() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    rig.sandbox.clearsale().fault(closed(clearsale::Operation::Match, true));
    let verification = rig.verification(&alone("clearsale", rig.verifier("clearsale").offers()));
    let report = rig.run(&verification, &applicant()).await;
    let row = row(&report, rig.paid());
    assert_eq!((report.state, report.uncertain_calls, rig.paid()), (CaseState::Review, 1, 1), "{row}");
    rig.sandbox.clock().advance(Duration::from_secs(5));
    assert_eq!(webhooks.deliver(&verification, "transaction").await, Some(report.case));
    let report = verification.resume(report.case, Rig::patient()).await.unwrap();
    let row = verification::row(&report, rig.paid());
    assert_eq!((report.state, report.uncertain_calls, report.paid_calls), (APPROVED, 0, 1), "{row}");
    assert_eq!(rig.sandbox.clearsale().requests(clearsale::Operation::Match), 1);
}

/// A key of Certiface costs nothing: a lost one is made anew.
#[tokio::test]
async fn a_lost_key_is_made_anew() {
    for has_effect in [false, true] {
        let rig = Rig::new().await;
        // More often than the client tries by itself.
        rig.sandbox.certiface().fault(closed(certiface::Operation::Appkey, has_effect).times(4));
        let report = rig.verify(&alone("certiface", rig.verifier("certiface").offers())).await;
        let row = row(&report, rig.paid());
        assert_eq!((report.state, report.paid_calls, rig.paid()), (APPROVED, 2, 2), "{row}");
    }
}
