//! Cases in which all is well.

use std::time::Duration;

use kyc_verify::{CaseState, Outcome, Rule};
use verification::{ALL, Rig, alone, row};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);

#[tokio::test]
async fn all_vendors_approve_the_sample_applicant() {
    let rig = Rig::new().await;
    let report = rig.verify(ALL).await;
    let row = row(&report, rig.paid());
    assert_eq!(report.state, APPROVED, "{row}");
    assert_eq!(report.decision.map(|decision| decision.rule), Some(Rule::AllPassed));
    assert_eq!((rig.paid(), report.paid_calls, report.uncertain_calls), (9, 9, 0), "{row}");
    let paid = ["bankly", "cellere", "certiface", "clearsale"].map(|vendor| rig.paid_at(vendor));
    assert_eq!(paid, [3, 3, 2, 1]);
    insta::assert_snapshot!(row);
}

#[tokio::test]
async fn each_vendor_alone_approves_what_it_offers() {
    for (vendor, paid) in [("bankly", 3), ("cellere", 3), ("certiface", 2), ("clearsale", 1)] {
        let rig = Rig::new().await;
        let report = rig.verify(&alone(vendor, rig.verifier(vendor).offers())).await;
        assert_eq!(report.state, APPROVED, "{vendor}: {}", row(&report, rig.paid()));
        assert_eq!((rig.paid_at(vendor), rig.paid(), u64::from(report.paid_calls)), (paid, paid, paid));
    }
}

/// Which pictures there were decides how some vendors' answers are read. Bad news of a later day would not be seen otherwise.
#[tokio::test]
async fn answers_say_the_same_once_the_pictures_are_deleted() {
    for vendor in ["bankly", "cellere", "certiface", "clearsale"] {
        let rig = Rig::new().await;
        let policy = alone(vendor, rig.verifier(vendor).offers()) + "[retain]\npictures = \"1d\"\n";
        let verification = rig.verification(&policy);
        let before = rig.run(&verification, &verification::applicant()).await;
        rig.sandbox.clock().advance(Duration::from_secs(2 * 24 * 3600));
        let retention = verification.retain().await.unwrap();
        assert!(retention.deleted > 1 && retention.kept.is_empty(), "{vendor}: {retention:?}");
        let after = verification.show(before.case).await.unwrap();
        assert_eq!((&after.checks, after.state), (&before.checks, APPROVED), "{vendor}");
        let said = after.applicant.unwrap();
        assert!(said.selfie.is_none() && said.document.is_none() && said.capture.is_empty(), "{vendor}");
    }
}
