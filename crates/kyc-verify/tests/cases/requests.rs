//! Reviews that persons ask for.

use std::time::Duration;

use kyc_verify::{
    CaseFilter, CaseId, CaseState, KeptBecause, LedgerError, Outcome, Statement, Verification, VerifyError,
};

use crate::actor::{Actor, Shape, cast, play};
use crate::toy::{Place, applicant, picture};

const REFUSED: CaseState = CaseState::Decided(Outcome::Refused);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn statement() -> Statement {
    Statement { who: "ana".to_owned(), why: "the picture was bad".to_owned() }
}

/// A case that the machine refused.
async fn refused(place: &Place, one: &Actor) -> (Verification, CaseId) {
    one.says("compare", "bad");
    let policy = "on_fail = \"refuse\"\n[check.face_document]\n[retain]\npictures = \"90d\"";
    let verification = cast(place, policy, &[one]);
    let mut applicant = applicant();
    applicant.selfie = Some(picture(100));
    let case = verification.begin("r-1", &applicant, false).await.expect("a case");
    assert_eq!(play(place, &verification, case).await.state, REFUSED);
    (verification, case)
}

async fn requested(verification: &Verification) -> Vec<CaseId> {
    let listed = verification.list(&CaseFilter::with_open_request(), 10).await.expect("a list");
    listed.iter().map(|info| info.id).collect()
}

#[tokio::test]
async fn a_review_that_a_person_asked_for_is_told_until_a_person_has_decided() {
    for decides in [Outcome::Approved, Outcome::Refused] {
        let place = Place::new();
        let one = Actor::new("one", Shape::Single, &place);
        let (verification, case) = refused(&place, &one).await;
        assert!(requested(&verification).await.is_empty());
        verification.request_review(case, statement()).await.expect("written");
        let report = verification.show(case).await.expect("a report");
        let asked = report.review_requested.expect("a time");
        assert_eq!((report.state, report.timeline.last().map(|entry| entry.at)), (REFUSED, Some(asked)));
        assert!(report.to_json()["review_requested"].is_string());
        assert_eq!(requested(&verification).await, [case]);

        // It sends nothing, and asking again does not begin the wait anew.
        place.clock.advance(DAY);
        verification.request_review(case, statement()).await.expect("written");
        let report = play(&place, &verification, case).await;
        assert_eq!((report.state, report.review_requested), (REFUSED, Some(asked)));
        assert_eq!(one.landed().len(), 1);

        // That a person has to look is no decision of a person.
        verification.review(case, Outcome::Review, statement()).await.expect("written");
        assert_eq!(requested(&verification).await, [case]);
        let report = verification.review(case, decides, statement()).await.expect("reviewed");
        assert_eq!((report.state, report.review_requested), (CaseState::Decided(decides), None));
        assert!(requested(&verification).await.is_empty());
        assert!(report.to_json()["review_requested"].is_null());
    }
}

#[tokio::test]
async fn pictures_are_kept_until_the_review_that_a_person_asked_for_is_made() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let (verification, case) = refused(&place, &one).await;
    verification.request_review(case, statement()).await.expect("written");
    place.clock.advance(91 * DAY);
    let retention = verification.retain().await.expect("a run");
    assert_eq!((retention.deleted, retention.kept.get(&KeptBecause::ReviewRequested)), (0, Some(&1)));
    verification.review(case, Outcome::Refused, statement()).await.expect("reviewed");
    assert_eq!(verification.retain().await.expect("a run").deleted, 1);
}

#[tokio::test]
async fn a_forgotten_case_has_no_request_and_takes_none() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let (verification, case) = refused(&place, &one).await;
    verification.request_review(case, statement()).await.expect("written");
    verification.forget(case).await.expect("forgotten");
    assert!(requested(&verification).await.is_empty());
    assert_eq!(verification.show(case).await.expect("a report").review_requested, None);
    let late = verification.request_review(case, statement()).await;
    assert!(matches!(late, Err(VerifyError::Ledger(LedgerError::Forgotten))), "{late:?}");
}
