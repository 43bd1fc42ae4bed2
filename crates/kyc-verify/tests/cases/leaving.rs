//! Cases that are held, forgotten or cut off at an unlucky moment, and pictures that are gone.

use std::time::Duration;

use kyc_verify::kyc_core::{DocumentKind, IdentityDocument};
use kyc_verify::{
    Begun, CaseState, CheckState, KeptBecause, Ledger as _, LedgerError, NewCase, Options, Outcome, Point,
    Policy, Reason, Statement, VerifyError,
};

use crate::actor::{Actor, Does, Shape, cast, play};
use crate::toy::{NAME, Place, Toy, applicant, picture};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn statement() -> Statement {
    Statement { who: "ana".to_owned(), why: "asked by the court".to_owned() }
}

/// The program ended while the pictures were stored, and somebody held what was there.
#[tokio::test]
async fn a_case_that_was_cut_off_at_its_beginning_can_be_begun_again_though_it_is_held() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    let verification = place.verification(&toy);
    let policy = "version = \"1\"\n[check.registration]\nby = [\"toy\"]\npass = [\"regular\"]\n";
    let begun = place.open().begin(&NewCase::new("r-1", &applicant(), policy)).await.expect("a beginning");
    let Begun::Fresh(case) = begun else { panic!("{begun:?}") };
    let cut_off = verification.resume(case, Options::default()).await;
    assert!(matches!(cut_off, Err(VerifyError::Incomplete(_))), "{cut_off:?}");
    verification.hold(case, statement()).await.expect("held");
    let report = verification.verify("r-1", &applicant(), Options::default()).await.expect("a report");
    assert_eq!((report.case, report.state, toy.world().landed.len()), (case, APPROVED, 1));
}

/// The process was stopped for longer than its lease, and somebody deleted the case.
#[tokio::test]
async fn an_answer_that_comes_after_the_case_was_forgotten_is_handed_to_the_caller_and_not_written() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    let (at_answer, go_on) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
    let (told, wait) = (std::sync::Mutex::new(at_answer.0), std::sync::Mutex::new(go_on.1));
    let points = Stop(Point::AfterAnswer, told, wait);
    let verification = place.builder(&toy, place.open(), "review").fault_points(points).build();
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let running = std::thread::spawn({
        let verification = verification.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        move || runtime.block_on(verification.resume(case, Options::default()))
    });
    at_answer.1.recv().expect("the vendor answered");
    place.clock.advance(Duration::from_secs(61));
    let elsewhere = place.verification(&toy);
    elsewhere.forget(case).await.expect("forgotten");
    go_on.0.send(()).expect("it waits");
    let error = running.join().expect("no panic").expect_err("nothing can be written");
    let VerifyError::MayHaveBeenPaid(lost) = &error else { panic!("{error:?}") };
    assert_eq!(
        (lost.vendor.as_str(), lost.step.as_str(), &lost.cause),
        ("toy", "ask", &LedgerError::Forgotten)
    );
    assert!(!format!("{error:?} {error}").contains(NAME));
    let report = elsewhere.show(case).await.expect("a report");
    assert_eq!((report.state, report.paid_calls), (CaseState::Forgotten, 1));
    let checked = elsewhere.check(Some(case)).await.expect("checked");
    assert!(checked.tampered.is_empty(), "{checked:?}");
    let bytes = place.bytes();
    assert!(!bytes.windows(NAME.len()).any(|part| part == NAME.as_bytes()));
}

/// Waits at a point until it may go on.
#[derive(Debug)]
struct Stop(
    Point,
    std::sync::Mutex<std::sync::mpsc::Sender<()>>,
    std::sync::Mutex<std::sync::mpsc::Receiver<()>>,
);

impl kyc_verify::FaultPoints for Stop {
    fn reach(&self, _: &str, _: &str, point: Point) {
        if point == self.0 {
            self.1.lock().expect("a sender").send(()).expect("somebody listens");
            self.2.lock().expect("a receiver").recv().expect("a word");
        }
    }
}

#[tokio::test]
async fn what_a_document_was_said_to_be_counts_though_its_pictures_are_deleted() {
    let place = Place::new();
    let three = Actor::new("three", Shape::Three, &place);
    three.says("document", "cnh");
    let text = "[check.document]\nagrees = [\"cpf\"]\n[retain]\npictures = \"90d\"";
    let verification = cast(&place, text, &[&three]);
    let mut applicant = applicant();
    applicant.document = Some(IdentityDocument::new(DocumentKind::Rg, picture(500)));
    let case = verification.begin("r-1", &applicant, false).await.expect("a case");
    let report = play(&place, &verification, case).await;
    assert_eq!(report.checks[0].vendors[0].reason, Reason::KindDiffers);
    verification.review(case, Outcome::Approved, statement()).await.expect("reviewed");
    place.clock.advance(91 * DAY);
    assert_eq!(verification.retain().await.expect("a run").deleted, 1);
    let report = verification.show(case).await.expect("a report");
    assert_eq!(report.checks[0].vendors[0].reason, Reason::KindDiffers, "as before");
    let policy = Policy::from_toml(&format!("version = \"2\"\n{text}")).expect("a policy");
    let again = verification.redecide(case, &policy).await.expect("re-decided");
    assert_eq!((again.checks[0].state, again.decision.outcome), (CheckState::Unclear, Outcome::Review));
}

/// Many pictures, so that they are deleted in several turns.
#[tokio::test]
async fn a_case_that_is_held_keeps_its_pictures_whatever_else_is_deleted() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, "[check.face_document]\n[retain]\npictures = \"1d\"", &[&one]);
    let mut cases = Vec::new();
    for n in 0..50 {
        let mut applicant = applicant();
        applicant.selfie = Some(picture(100));
        let case = verification.begin(&format!("r-{n}"), &applicant, true).await.expect("a case");
        play(&place, &verification, case).await;
        cases.push(case);
    }
    for case in cases.iter().step_by(7) {
        verification.hold(*case, statement()).await.expect("held");
    }
    place.clock.advance(2 * DAY);
    let retention = verification.retain().await.expect("a run");
    assert_eq!((retention.deleted, retention.kept[&KeptBecause::Held]), (42, 8));
    for (n, case) in cases.iter().enumerate() {
        let applicant = verification.show(*case).await.expect("a report").applicant.expect("an applicant");
        assert_eq!(applicant.selfie.is_some(), n % 7 == 0, "{n}");
    }
}

#[tokio::test]
async fn a_comparison_that_the_policy_names_is_not_passed_without_a_vendor_that_is_not_configured() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let faces = "[check.face_document]\nby = [\"one\", \"other\"]";
    let verification = cast(&place, &format!("ask = \"all\"\n{faces}"), &[&one]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let report = play(&place, &verification, case).await;
    assert_eq!((report.state, report.checks[0].state), (CaseState::Review, CheckState::Unclear));
    assert_eq!(report.checks[0].vendors.last().map(|other| other.reason), Some(Reason::NotConfigured));
    // One answer is enough where the policy asks for one.
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    one.does("compare", Does::Answers);
    let verification = cast(&place, faces, &[&one]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    assert_eq!(play(&place, &verification, case).await.state, APPROVED);
}
