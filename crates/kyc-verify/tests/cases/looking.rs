//! Pictures that are looked at before anything is sent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kyc_verify::kyc_core::{Applicant, CheckKind, Retake, RetakeCause, RetakeItem};
use kyc_verify::{
    CaseFilter, CaseState, Handout, Language, Options, Outcome, Preflight, Record, Verification, VerifyError,
};

use crate::actor::{Actor, Shape, cast, cast_builder};
use crate::toy::{Place, applicant, picture};

const POLICY: &str = "[check.face_document]";
const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const DARK: Retake = Retake::new(RetakeItem::Selfie, RetakeCause::TooDark);

/// Says the same of every applicant, and counts how often it is asked.
#[derive(Clone)]
struct Eyes {
    says: Vec<Retake>,
    looks: Arc<AtomicUsize>,
    /// It looks until a sender is dropped.
    waits: Arc<Mutex<Option<Receiver<()>>>>,
}

impl Eyes {
    fn that_say(says: &[Retake]) -> Self {
        Self { says: says.to_vec(), looks: Arc::default(), waits: Arc::default() }
    }

    fn looks(&self) -> usize {
        self.looks.load(Ordering::SeqCst)
    }
}

impl Preflight for Eyes {
    fn advise(&self, _: &Applicant) -> Vec<Retake> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        if let Some(waits) = self.waits.lock().expect("the only one").take() {
            let _ = waits.recv();
        }
        self.says.clone()
    }
}

fn person() -> Applicant {
    let mut person = applicant();
    person.selfie = Some(picture(200));
    person
}

fn with_eyes(place: &Place, policy: &str, actor: &Actor, eyes: &Eyes) -> Verification {
    cast_builder(place, policy, &[actor]).preflight(eyes.clone()).build()
}

#[tokio::test]
async fn a_person_is_asked_once_before_anything_is_sent_and_then_let_through() {
    let place = Place::new();
    let (one, eyes) = (Actor::new("one", Shape::Single, &place), Eyes::that_say(&[DARK, DARK]));
    let verification = with_eyes(&place, POLICY, &one, &eyes);
    let report = verification.verify("r-1", &person(), Options::default()).await.expect("a report");
    assert_eq!((report.state, report.paid_calls), (CaseState::WaitsForPerson, 0));
    assert_eq!(report.handouts, [Handout::Retake(DARK)]);
    let message = report.message().expect("a message");
    assert_eq!(
        message.in_language(Language::English),
        "Please take another picture of your face, in a brighter place."
    );
    // Another process asks for the same, and does not look again.
    let verification = with_eyes(&place, POLICY, &one, &eyes);
    let again = verification.resume(report.case, Options::default()).await.expect("a report");
    assert_eq!((again.handouts, again.timeline.len()), (report.handouts, report.timeline.len()));
    assert!(one.landed().is_empty());

    verification.submit_again(report.case, RetakeItem::Selfie, Some(picture(300))).await.expect("taken");
    let report = verification.resume(report.case, Options::default()).await.expect("a report");
    assert_eq!((report.state, report.paid_calls, eyes.looks()), (APPROVED, 1, 1));
}

#[tokio::test]
async fn a_caller_may_go_on_with_the_pictures_as_they_are() {
    let place = Place::new();
    let (one, eyes) = (Actor::new("one", Shape::Single, &place), Eyes::that_say(&[DARK]));
    let verification = with_eyes(&place, POLICY, &one, &eyes);
    let mut anyway = Options::default();
    anyway.ignores_advice = true;
    let report = verification.verify("r-1", &person(), Options::default()).await.expect("a report");
    assert_eq!(report.state, CaseState::WaitsForPerson);
    let report = verification.resume(report.case, anyway).await.expect("a report");
    assert_eq!((report.state, eyes.looks()), (APPROVED, 1));
    let advised = report.timeline.iter().filter(|entry| matches!(entry.record, Record::Advised { .. }));
    assert_eq!(advised.count(), 2);
}

#[tokio::test]
async fn the_retake_before_the_first_call_uses_up_no_attempt() {
    let place = Place::new();
    let (one, eyes) = (Actor::new("one", Shape::Single, &place), Eyes::that_say(&[DARK]));
    one.says("compare", "retake");
    let policy = "limits = { attempts = 2 }\n[check.face_document]";
    let verification = with_eyes(&place, policy, &one, &eyes);
    let case = verification.begin("r-1", &person(), false).await.expect("a case");
    for paid in [0, 1] {
        let report = verification.resume(case, Options::default()).await.expect("a report");
        assert_eq!((report.state, report.paid_calls), (CaseState::WaitsForPerson, paid));
        verification.submit_again(case, RetakeItem::Selfie, Some(picture(300))).await.expect("taken");
    }
    let report = verification.resume(case, Options::default()).await.expect("a report");
    assert_eq!((report.state, report.paid_calls), (CaseState::Review, 2));
    let refused = verification.submit_again(case, RetakeItem::Selfie, Some(picture(301))).await;
    assert!(matches!(refused, Err(VerifyError::OutOfAttempts)), "{refused:?}");
}

#[tokio::test]
async fn nothing_is_asked_for_that_was_not_handed_in_or_may_not_be_handed_in_again() {
    let front = Retake::new(RetakeItem::Front, RetakeCause::NoFace);
    let capture = Retake::new(RetakeItem::Capture, RetakeCause::NoFace);
    let once = "limits = { attempts = 1 }\n[check.face_document]";
    for (policy, says) in [(POLICY, &[front, capture][..]), (POLICY, &[]), (once, &[DARK])] {
        let place = Place::new();
        let (one, eyes) = (Actor::new("one", Shape::Single, &place), Eyes::that_say(says));
        let verification = with_eyes(&place, policy, &one, &eyes);
        let report = verification.verify("r-1", &person(), Options::default()).await.expect("a report");
        assert_eq!((report.state, eyes.looks()), (APPROVED, 1), "{says:?}");
    }
}

struct Fails;

impl Preflight for Fails {
    #[expect(clippy::panic, reason = "it is what is tested")]
    fn advise(&self, _: &Applicant) -> Vec<Retake> {
        panic!("it fails")
    }
}

#[tokio::test]
async fn looking_that_fails_or_takes_too_long_stops_no_case() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast_builder(&place, POLICY, &[&one]).preflight(Fails).build();
    let report = verification.verify("r-1", &person(), Options::default()).await.expect("a report");
    assert_eq!(report.state, APPROVED);

    let (place, eyes) = (Place::new(), Eyes::that_say(&[DARK]));
    let one = Actor::new("one", Shape::Single, &place);
    let (looking, waits) = channel();
    *eyes.waits.lock().expect("the only one") = Some(waits);
    let verification = with_eyes(&place, POLICY, &one, &eyes);
    let running =
        tokio::spawn(async move { verification.verify("r-1", &person(), Options::default()).await });
    while !running.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
        place.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(running.await.expect("no panic").expect("a report").state, APPROVED);
    drop(looking);
}

#[tokio::test]
async fn a_program_that_is_killed_while_it_looks_asks_once_all_the_same() {
    let place = Place::new();
    let (one, eyes) = (Actor::new("one", Shape::Single, &place), Eyes::that_say(&[DARK]));
    let (looking, waits) = channel();
    *eyes.waits.lock().expect("the only one") = Some(waits);
    let doomed = with_eyes(&place, POLICY, &one, &eyes);
    let case = doomed.begin("r-1", &person(), false).await.expect("a case");
    let killed = tokio::spawn(async move { doomed.resume(case, Options::default()).await });
    while eyes.looks() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    killed.abort();
    assert!(killed.await.is_err_and(|ended| ended.is_cancelled()));
    drop(looking);
    // Its lease expires.
    place.clock.advance(Duration::from_secs(61));
    let verification = with_eyes(&place, POLICY, &one, &eyes);
    for _ in 0..2 {
        let report = verification.resume(case, Options::default()).await.expect("a report");
        let asked = report.timeline.iter().filter(|entry| matches!(entry.record, Record::Advised { .. }));
        assert_eq!((report.state, asked.count(), eyes.looks()), (CaseState::WaitsForPerson, 1, 2));
    }
}

#[tokio::test]
async fn a_picture_that_no_vendor_takes_is_refused_before_anything_is_stored_or_sent() {
    let place = Place::new();
    let (one, two) = (Actor::new("one", Shape::Single, &place), Actor::new("two", Shape::Single, &place));
    one.stage().refuses = Some(RetakeItem::Selfie);
    let verification = cast(&place, POLICY, &[&one, &two]);
    assert_eq!(verification.refused(&person()), None, "the other one may take it");
    two.stage().refuses = Some(RetakeItem::Selfie);
    let refused = verification.verify("r-1", &person(), Options::default()).await;
    let Err(VerifyError::RefusedPicture(refused)) = refused else { panic!("{refused:?}") };
    assert_eq!((refused.check, refused.item), (CheckKind::FaceDocument, RetakeItem::Selfie));
    assert_eq!(refused.rule.rule(), "must be larger");
    assert!(verification.list(&CaseFilter::default(), 10).await.expect("a list").is_empty());
    assert!(one.landed().is_empty() && two.landed().is_empty());
    // Whom no required check asks counts as little as what was not handed in.
    assert_eq!(verification.refused(&applicant()), None);
    let optional = "[check.liveness]\n[check.face_document]\nrequired = false";
    assert_eq!(cast(&place, optional, &[&one]).refused(&person()), None);
}
