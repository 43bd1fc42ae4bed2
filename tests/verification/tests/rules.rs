//! Every rule that decides a case, with the vendors that bring it about.

use kyc_core::RetakeItem;
use kyc_sandbox::{Fault, clearsale};
use kyc_verify::{CaseState, CheckState, Outcome, Rule};
use verification::{Rig, row};

/// A policy's text, the scenario that is set (vendor, operation, outcome), and the rule that then decides.
type Row = (&'static str, Option<(&'static str, &'static str, &'static str)>, Rule, Outcome);

const REGISTRATION: &str = "[check.registration]\npass = [\"regular\"]\nrefuse = [\"deceased\"]\n";
const FACES: &str =
    "[check.face_document]\nby = [\"clearsale\", \"cellere\"]\nmin_similarity = { cellere = 0.9 }\n";
const REFUSES: &str = "on_fail = \"refuse\"\n[check.face_document]\nby = [\"clearsale\"]\n";
const ALL_FACES: &str = "ask = \"all\"\non_fail = \"refuse\"\n[check.face_document]\nby = [\"clearsale\", \"cellere\"]\nmin_similarity = { cellere = 0.9 }\n";
const STILL: &str =
    "[check.liveness]\nby = [\"clearsale\", \"cellere\"]\n[check.registration]\npass = [\"regular\"]\n";
const ONE_CALL: &str = "limits = { paid_calls = 1 }\n[check.registration]\npass = [\"regular\"]\n[check.face_document]\nby = [\"clearsale\"]\n";
const SLOW: &str = "limits = { wait = \"10m\" }\n[check.face_document]\nby = [\"clearsale\"]\n";

const ROWS: [Row; 10] = [
    (FACES, None, Rule::AllPassed, Outcome::Approved),
    (REGISTRATION, Some(("cellere", "cpf", "cpf-deceased")), Rule::RegistrationRefused, Outcome::Refused),
    (REGISTRATION, Some(("cellere", "cpf", "cpf-suspended")), Rule::FailReviewed, Outcome::Review),
    (REFUSES, Some(("clearsale", "match2d-2d", "no-match")), Rule::FailRefused, Outcome::Refused),
    (ALL_FACES, Some(("cellere", "facematch", "faces-differ")), Rule::Disputed, Outcome::Review),
    (FACES, Some(("clearsale", "match2d-2d", "http-500")), Rule::Uncertain, Outcome::Review),
    (FACES, Some(("clearsale", "match2d-2d", "level-1")), Rule::Unclear, Outcome::Review),
    (SLOW, Some(("clearsale", "match2d-2d-query", "http-503")), Rule::Pending, Outcome::Review),
    (STILL, None, Rule::NotOffered, Outcome::Review),
    (ONE_CALL, None, Rule::NotAsked, Outcome::Review),
];

#[tokio::test]
async fn each_rule_decides() {
    let rig = Rig::new().await;
    let mut rules = Vec::new();
    for (policy, scenario, rule, outcome) in ROWS {
        rig.sandbox.reset();
        if let Some((vendor, operation, outcome)) = scenario {
            rig.set(vendor, operation, outcome);
        }
        let report = rig.verify(&format!("version = \"1\"\n{policy}")).await;
        let row = row(&report, rig.paid());
        let decision = report.decision.unwrap();
        assert_eq!((decision.rule, decision.outcome), (rule, outcome), "{policy}{row}");
        assert!(!decision.decisive.is_empty(), "{row}");
        rules.push(rule);
    }
    // The one that is left follows from a person who does not come.
    rules.push(Rule::Retake);
    for rule in Rule::ALL {
        assert!(rules.contains(rule), "{rule:?}");
    }
}

#[tokio::test]
async fn pictures_that_are_not_handed_in_again_are_left_to_a_person() {
    let rig = Rig::new().await;
    rig.set("clearsale", "match2d-2d", "error");
    let verification = rig.verification(&format!("version = \"1\"\n{SLOW}"));
    let report = rig.run(&verification, &verification::applicant()).await;
    assert_eq!(report.state, CaseState::WaitsForPerson, "{}", row(&report, rig.paid()));
    rig.sandbox.clock().advance(std::time::Duration::from_secs(11 * 60));
    let report = verification.resume(report.case, Rig::patient()).await.unwrap();
    let decision = report.decision.as_ref().unwrap();
    assert_eq!((decision.rule, report.state), (Rule::Retake, CaseState::Review), "{}", row(&report, 1));
    // Who comes after all is let in.
    rig.set("clearsale", "match2d-2d", "match");
    let again =
        verification.submit_again(report.case, RetakeItem::Selfie, Some(verification::picture())).await;
    again.unwrap();
    let report = verification.resume(report.case, Rig::patient()).await.unwrap();
    assert_eq!(report.state, CaseState::Decided(Outcome::Approved), "{}", row(&report, rig.paid()));
    assert_eq!((rig.paid(), report.paid_calls), (2, 2));
}

/// A case is never approved while a check of it is in any other state.
#[tokio::test]
async fn each_state_of_a_check_is_reached_and_only_one_approves() {
    let rig = Rig::new().await;
    let policy =
        "version = \"1\"\nlimits = { wait = \"10m\" }\n[check.face_document]\nby = [\"clearsale\"]\n";
    let offered = policy.replace("face_document", "face_register");
    let mut states = Vec::new();
    for (policy, outcome, state) in [
        (policy, "match", CheckState::Passed),
        (policy, "no-match", CheckState::Failed),
        (policy, "level-4", CheckState::Unclear),
        (policy, "error", CheckState::Retake),
        (policy, "response-lost", CheckState::Uncertain),
        (offered.as_str(), "match", CheckState::NotOffered),
    ] {
        rig.sandbox.reset();
        rig.set("clearsale", "match2d-2d", outcome);
        let report = rig.verify(policy).await;
        assert_eq!(report.checks[0].state, state, "{}", row(&report, rig.paid()));
        let is_approved = report.state == CaseState::Decided(Outcome::Approved);
        assert_eq!(is_approved, state == CheckState::Passed);
        states.push(state);
    }
    rig.sandbox.reset();
    let fault = Fault::status(503).on(clearsale::Operation::Query).times(900);
    rig.sandbox.clearsale().fault(fault);
    let report = rig.verify(policy).await;
    assert_eq!(report.checks[0].state, CheckState::Pending);
    rig.sandbox.reset();
    let capped = "version = \"1\"\nlimits = { paid_calls = 1 }\n[check.registration]\npass = [\"regular\"]\n[check.face_document]\nby = [\"clearsale\"]\n";
    let report = rig.verify(capped).await;
    states.extend([CheckState::Pending, report.checks[1].state]);
    for state in CheckState::ALL {
        assert!(states.contains(state), "{state:?}: {}", row(&report, rig.paid()));
    }
}

/// Its faces go to the only vendor that states a rate: the others' yes could not count, and is not paid for.
#[tokio::test]
async fn the_built_in_policy_approves_the_person_with_all_vendors() {
    let rig = Rig::new().await;
    let report = rig.verify(kyc_verify::Policy::built_in().text()).await;
    let row = row(&report, rig.paid());
    assert_eq!(report.state, CaseState::Decided(Outcome::Approved), "{row}");
    assert_eq!(rig.paid(), u64::from(report.paid_calls), "{row}");
    insta::assert_snapshot!(row);
}

/// The policy has no similarity for Cellere.
#[tokio::test]
async fn a_vendor_whose_yes_could_not_count_is_not_paid() {
    let rig = Rig::new().await;
    let policy = "version = \"1\"\n[check.face_document]\nby = [\"cellere\"]\n";
    let report = rig.verify(policy).await;
    assert_eq!((rig.paid(), report.checks[0].state), (0, CheckState::NotOffered), "{}", row(&report, 0));
    // With all vendors its no still counts.
    let policy = format!("ask = \"all\"\n{}", policy.replace("\"cellere\"", "\"clearsale\", \"cellere\""));
    let report = rig.verify(&policy).await;
    assert_eq!(report.state, CaseState::Decided(Outcome::Approved), "{}", row(&report, rig.paid()));
    rig.set("cellere", "facematch", "faces-differ");
    let report = rig.verify(&policy).await;
    assert_eq!(report.decision.as_ref().unwrap().rule, Rule::Disputed, "{}", row(&report, rig.paid()));
}
