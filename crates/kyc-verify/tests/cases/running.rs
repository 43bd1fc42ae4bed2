//! Cases that run, wait, and are reviewed.

use std::time::Duration;

use kyc_verify::kyc_core::RetakeItem;
use kyc_verify::{CaseState, Environment, Options, Outcome, Statement, Vault, Verification, VerifyError};
use sha2::{Digest as _, Sha256};

use crate::toy::{CPF, NAME, Place, Toy, applicant, picture};

fn statement() -> Statement {
    Statement { who: "ana".to_owned(), why: "seen".to_owned() }
}

#[tokio::test]
async fn a_case_is_verified_and_shown_the_same_and_not_paid_again() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    let verification = place.verification(&toy);
    let report = verification.verify("r-1", &applicant(), Options::default()).await.expect("a report");
    assert_eq!(report.state, CaseState::Decided(Outcome::Approved), "{report:?}");
    let again =
        place.verification(&toy).verify("r-1", &applicant(), Options::default()).await.expect("a report");
    let shown = place.verification(&toy).show(report.case).await.expect("a report");
    for other in [&again, &shown] {
        assert_eq!((&other.decision, &other.checks, other.paid_calls), (&report.decision, &report.checks, 1));
        assert_eq!(other.timeline.len(), report.timeline.len());
    }
    assert_eq!(toy.world().sends, 1);
    let printed = format!("{report:?} {verification:?}");
    assert!(!printed.contains(CPF) && !printed.contains("Maria"), "{printed}");
}

#[tokio::test]
async fn the_files_hold_no_cpf_and_no_name_nor_their_hashes() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    let mut applicant = applicant();
    applicant.selfie = Some(picture(2000));
    let verification = place.verification(&toy);
    let report = verification.verify(CPF, &applicant, Options::default()).await.expect("a report");
    verification.review(report.case, Outcome::Approved, statement()).await.expect("reviewed");
    let bytes = place.bytes();
    let formatted = applicant.cpf.formatted();
    let reference = toy.world().landed[0].clone();
    for text in [CPF, formatted.as_str(), NAME, "Aparecida", reference.as_str()] {
        let hash: [u8; 32] = Sha256::digest(text).into();
        let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        for needle in [text.as_bytes(), &hash[..], digits.as_bytes(), &hash[..16]] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{text}");
        }
    }
    // The search finds what is there.
    assert!(bytes.windows(10).any(|window| window == b"\"intended\""));
}

#[tokio::test]
async fn a_case_never_mixes_the_sandbox_and_vendors() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    let case = place.verification(&toy).begin("r-1", &applicant(), false).await.expect("a case");
    let real = Verification::builder(place.open(), Environment::Real).build();
    assert!(matches!(real.resume(case, Options::default()).await, Err(VerifyError::OtherEnvironment(_))));
}

#[tokio::test]
async fn a_second_open_case_of_a_person_has_to_be_forced() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    let verification = place.verification(&toy);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let refused = verification.begin("r-2", &applicant(), false).await;
    assert!(matches!(refused, Err(VerifyError::PersonHasCase(other)) if other == case), "{refused:?}");
    verification.begin("r-2", &applicant(), true).await.expect("forced");
}

#[tokio::test]
async fn what_is_handed_in_again_asks_again_as_often_as_the_policy_allows() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().status = Some("suspended");
    let verification = place.verification(&toy);
    let report = verification.verify("r-1", &applicant(), Options::default()).await.expect("a report");
    assert_eq!(report.state, CaseState::Review);
    toy.world().status = None;
    let again = verification.submit_again(report.case, RetakeItem::Selfie, Some(picture(500))).await;
    again.expect("accepted");
    let report = verification.resume(report.case, Options::default()).await.expect("a report");
    assert_eq!((report.state, report.paid_calls), (CaseState::Decided(Outcome::Approved), 2));
    let refused = verification.submit_again(report.case, RetakeItem::Selfie, None).await;
    assert!(matches!(refused, Err(VerifyError::Closed(case)) if case == report.case), "{refused:?}");

    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().status = Some("suspended");
    let verification = place.verification(&toy);
    let case = verification.verify("r-1", &applicant(), Options::default()).await.expect("a report").case;
    for _ in 0..2 {
        verification.submit_again(case, RetakeItem::Selfie, Some(picture(500))).await.expect("accepted");
    }
    let refused = verification.submit_again(case, RetakeItem::Selfie, Some(picture(500))).await;
    assert!(matches!(refused, Err(VerifyError::OutOfAttempts)), "{refused:?}");
}

#[tokio::test]
async fn a_vendor_that_is_slow_is_waited_for_as_long_as_the_caller_says() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().is_slow = true;
    let verification = place.verification(&toy);
    let mut options = Options::default();
    options.wait = Duration::ZERO;
    let report = verification.verify("r-1", &applicant(), options).await.expect("a report");
    assert_eq!(report.state, CaseState::WaitsForVendor);
    toy.world().is_slow = false;
    let report = verification.resume(report.case, options).await.expect("a report");
    assert_eq!((report.state, toy.world().sends), (CaseState::Decided(Outcome::Approved), 1));

    // After the policy's wait a person decides.
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    toy.world().is_slow = true;
    let verification = place.verification(&toy);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    // The time before the call was sent is none that the vendor took.
    place.clock.advance(Duration::from_secs(31 * 60));
    let report = verification.resume(case, options).await.expect("a report");
    assert_eq!(report.state, CaseState::WaitsForVendor);
    place.clock.advance(Duration::from_secs(31 * 60));
    let report = verification.resume(case, options).await.expect("a report");
    assert_eq!(report.state, CaseState::Review);
    // An answer that comes later still counts.
    toy.world().is_slow = false;
    let report = verification.resume(case, options).await.expect("a report");
    assert_eq!((report.state, toy.world().sends), (CaseState::Decided(Outcome::Approved), 1));
}

#[tokio::test]
async fn a_forgotten_case_is_still_shown_without_the_person() {
    let place = Place::new();
    let toy = Toy::new(&place.clock);
    let verification = place.verification(&toy);
    let case = verification.verify("r-1", &applicant(), Options::default()).await.expect("a report").case;
    place.open().forget(case).await.expect("forgotten");
    let report = verification.show(case).await.expect("a report");
    assert_eq!(report.state, CaseState::Forgotten);
    assert_eq!(report.decision.map(|decision| decision.outcome), Some(Outcome::Approved));
    assert_eq!(
        verification.resume(case, Options::default()).await.expect("a report").state,
        CaseState::Forgotten
    );
}
