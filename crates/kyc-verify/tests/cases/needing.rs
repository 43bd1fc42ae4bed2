//! What an applicant has to hand in before anything is asked.

use kyc_verify::kyc_core::{Date, DocumentKind, IdentityDocument, Pii};
use kyc_verify::{CaseFilter, CaseState, Options, Outcome, VerifyError};

use crate::actor::{Actor, Shape, cast, play};
use crate::toy::{Place, applicant, picture};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);

#[tokio::test]
async fn an_applicant_who_lacks_what_a_required_check_needs_is_told_what_and_nothing_is_stored_or_paid() {
    let place = Place::new();
    let (three, needy) =
        (Actor::new("three", Shape::Three, &place), Actor::new("needy", Shape::Needy, &place));
    let policy = "[check.registration]\nby = [\"three\"]\nagrees = [\"name\"]\n\
        [check.document]\nby = [\"three\"]\nagrees = [\"name\", \"birth_date\"]\n[check.face_document]\nby = [\"needy\"]";
    let verification = cast(&place, policy, &[&three, &needy]);
    let mut person = applicant();
    person.name = None;
    let told = |missing: &[&str]| missing.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
    let mut expected = vec!["name", "birth_date", "selfie", "front"];
    loop {
        assert_eq!(verification.missing(&person), expected);
        if expected.is_empty() {
            break;
        }
        let refused = verification.verify("r-1", &person, Options::default()).await;
        let Err(VerifyError::Missing(missing)) = refused else { panic!("{refused:?}") };
        assert_eq!(told(&missing), told(&expected));
        match expected.remove(0) {
            "name" => person.name = applicant().name,
            "birth_date" => person.birth_date = Some(Pii::new(Date::from_ymd(1990, 1, 20).expect("a day"))),
            "selfie" => person.selfie = Some(picture(10)),
            _ => person.document = Some(IdentityDocument::new(DocumentKind::Rg, picture(10))),
        }
    }
    assert!(verification.list(&CaseFilter::default(), 10).await.expect("a list").is_empty());
    assert!(three.landed().is_empty() && needy.landed().is_empty());
}

#[tokio::test]
async fn nothing_has_to_be_handed_in_that_one_vendor_can_do_without_or_that_no_required_check_needs() {
    let place = Place::new();
    let (needy, other) =
        (Actor::new("needy", Shape::Needy, &place), Actor::new("other", Shape::Single, &place));
    for policy in ["[check.face_document]", "[check.liveness]\n[check.face_document]\nrequired = false"] {
        assert!(cast(&place, policy, &[&needy, &other]).missing(&applicant()).is_empty(), "{policy}");
    }
    // Nor does one count whom the policy does not name.
    let named = cast(&place, "[check.face_document]\nby = [\"needy\"]", &[&needy, &other]);
    assert_eq!(named.missing(&applicant()), ["selfie", "front"]);
    let verification = cast(&place, "[check.face_document]\nby = [\"other\"]", &[&needy, &other]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    assert_eq!(play(&place, &verification, case).await.state, APPROVED);
}
