//! Vendors that disagree.

use kyc_core::CheckKind;
use kyc_verify::{CaseState, CheckState, Language, Rule};
use verification::{ALL, Rig, row};

/// One vendor says no, the others yes.
#[tokio::test]
async fn vendors_that_disagree_are_named_and_a_person_decides() {
    let mut rows = Vec::new();
    for (check, vendor, operation, outcome) in [
        (CheckKind::FaceDocument, "clearsale", "match2d-2d", "no-match"),
        (CheckKind::FaceDocument, "clearsale", "match2d-2d", "no-match-at-level-6"),
        (CheckKind::FaceDocument, "cellere", "facematch", "faces-differ"),
        (CheckKind::FaceDocument, "certiface", "document", "faces-differ"),
    ] {
        for on_fail in ["review", "refuse"] {
            let rig = Rig::new().await;
            rig.set(vendor, operation, outcome);
            let report = rig.verify(&format!("on_fail = \"{on_fail}\"\n{ALL}")).await;
            let row = row(&report, rig.paid());
            assert_eq!(report.state, CaseState::Review, "{row}");
            let decision = report.decision.as_ref().unwrap();
            assert_eq!((decision.rule, &decision.decisive[..]), (Rule::Disputed, &[check][..]), "{row}");
            let sentence = decision.sentence();
            assert!(sentence.in_language(Language::English).contains("disagree"));
            let result = report.checks.iter().find(|result| result.check == check).unwrap();
            assert!(result.is_disputed, "{row}");
            for said in &result.vendors {
                let is_no = said.vendor == vendor;
                let wanted = if is_no { CheckState::Failed } else { CheckState::Passed };
                assert_eq!(said.state, wanted, "{}: {row}", said.vendor);
            }
            assert_eq!(u64::from(report.paid_calls), rig.paid());
            rows.push(format!("{vendor} {outcome}, on_fail {on_fail} | {row}"));
        }
    }
    insta::assert_snapshot!(rows.join("\n"));
}

/// Bankly reads another person's CPF where Certiface and Cellere read the person's own.
#[tokio::test]
async fn documents_that_are_read_differently_are_disputed() {
    let rig = Rig::new().await;
    rig.set("bankly", "upload", "front-other-person");
    let report = rig.verify(ALL).await;
    let row = row(&report, rig.paid());
    let decision = report.decision.unwrap();
    assert_eq!((decision.rule, decision.decisive), (Rule::Disputed, vec![CheckKind::Document]), "{row}");
}

/// A vendor that could not be asked was wanted for comparison.
#[tokio::test]
async fn with_all_vendors_a_call_that_failed_leaves_the_check_unclear() {
    let rig = Rig::new().await;
    rig.set("clearsale", "match2d-2d", "http-400");
    let report = rig.verify(ALL).await;
    let row = row(&report, rig.paid());
    assert_eq!(report.state, CaseState::Review, "{row}");
    assert_eq!(report.decision.map(|decision| decision.rule), Some(Rule::Unclear), "{row}");
    assert_eq!((rig.paid_at("clearsale"), u64::from(report.paid_calls)), (0, rig.paid()), "{row}");
}
