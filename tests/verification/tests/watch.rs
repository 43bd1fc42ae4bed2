//! Bad news after an approval.

use std::time::Duration;

use kyc_core::{Clock as _, Trust};
use kyc_sandbox::{Sandbox, Scenario};
use kyc_verify::{CaseReport, CaseState, Outcome, Record, Rule, Statement};
use verification::{ALL, CPF, Rig, Webhooks, applicant, row};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes Certiface send a status update about the person's newest transaction.
fn update(sandbox: &Sandbox, outcome: &str) {
    sandbox.trigger_scenario(Scenario::new("certiface", outcome).cpf(CPF)).unwrap();
}

fn alerts(report: &CaseReport) -> usize {
    report.timeline.iter().filter(|entry| matches!(entry.record, Record::Alert { .. })).count()
}

fn statement() -> Statement {
    Statement { who: "ana".to_owned(), why: "seen".to_owned() }
}

#[tokio::test]
async fn a_suspicion_within_the_watch_is_an_alert() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(ALL);
    let report = rig.run(&verification, &applicant()).await;
    assert_eq!(report.state, APPROVED, "{}", row(&report, rig.paid()));
    let case = report.case;
    rig.sandbox.clock().advance(9 * DAY);
    update(&rig.sandbox, "status-res");
    assert_eq!(webhooks.deliver(&verification, "status-update").await, Some(case));
    let report = verification.resume(case, Rig::patient()).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (CaseState::Alert, 1));
    assert_eq!(report.message(), None, "the person is told nothing");
    // What was decided stays to be seen, and good news lifts no alert.
    assert_eq!(report.decision.map(|decision| decision.rule), Some(Rule::AllPassed));
    update(&rig.sandbox, "status-ok");
    assert_eq!(webhooks.deliver(&verification, "status-update").await, Some(case));
    let report = verification.show(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (CaseState::Alert, 1));
    // A person does.
    let report = verification.review(case, Outcome::Approved, statement()).await.unwrap();
    assert_eq!(report.state, APPROVED);
    assert_eq!(rig.paid(), u64::from(report.paid_calls));
}

/// Whoever recorded the request may send it again, and the vendor may repeat it.
#[tokio::test]
async fn a_repeated_suspicion_is_no_alert_after_a_person_has_seen_it_but_another_one_is() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(ALL);
    let case = rig.run(&verification, &applicant()).await.case;
    update(&rig.sandbox, "status-res");
    let event = webhooks.wait_for("status-update").await;
    for _ in 0..2 {
        assert_eq!(verification.event(&event).await.unwrap(), Some(case));
    }
    assert_eq!(verification.show(case).await.unwrap().state, CaseState::Alert);
    verification.review(case, Outcome::Approved, statement()).await.unwrap();
    assert_eq!(verification.event(&event).await.unwrap(), Some(case));
    update(&rig.sandbox, "status-res");
    assert_eq!(webhooks.deliver(&verification, "status-update").await, Some(case));
    let report = verification.show(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (APPROVED, 1));
    update(&rig.sandbox, "status-ok");
    assert_eq!(webhooks.deliver(&verification, "status-update").await, Some(case));
    let report = verification.show(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (CaseState::Alert, 2));
}

#[tokio::test]
async fn after_the_watch_a_suspicion_is_none() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(ALL);
    let case = rig.run(&verification, &applicant()).await.case;
    rig.sandbox.clock().advance(11 * DAY);
    update(&rig.sandbox, "status-res");
    assert_eq!(webhooks.deliver(&verification, "status-update").await, Some(case));
    let report = verification.show(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (APPROVED, 0));
}

/// It is about one transaction: another case of the person is not meant.
#[tokio::test]
async fn a_suspicion_is_about_the_case_of_its_transaction() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(ALL);
    let first = rig.run(&verification, &applicant()).await.case;
    let second = rig.run(&verification, &applicant()).await.case;
    update(&rig.sandbox, "status-res");
    assert_eq!(webhooks.deliver(&verification, "status-update").await, Some(second));
    assert_eq!(verification.show(second).await.unwrap().state, CaseState::Alert);
    assert_eq!(verification.show(first).await.unwrap().state, APPROVED);
}

/// Anybody may have sent it.
#[tokio::test]
async fn a_suspicion_of_an_unknown_sender_changes_nothing() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let verification = rig.verification(ALL);
    let case = rig.run(&verification, &applicant()).await.case;
    update(&rig.sandbox, "status-res");
    let mut event = webhooks.wait_for("status-update").await;
    event.trust = Trust::Hint;
    assert_eq!(verification.event(&event).await.unwrap(), None);
    let report = verification.show(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (APPROVED, 0));
}

/// The capture is approved, and the suspicion arrives before the document is analysed.
#[tokio::test]
async fn a_suspicion_before_the_decision_is_not_lost() {
    let rig = Rig::new().await;
    let webhooks = Webhooks::of(&rig.sandbox).await;
    let policy = "version = \"1\"\n[check.risk]\n[check.liveness]\n";
    let verification = rig.verification(policy);
    let case = verification.begin(&rig.reference(), &applicant(), false).await.unwrap();
    let report = verification.resume(case, Rig::hasty()).await.unwrap();
    assert_eq!(report.state, CaseState::WaitsForVendor);
    update(&rig.sandbox, "status-res");
    assert_eq!(webhooks.deliver(&verification, "status-update").await, Some(case));
    rig.sandbox.clock().advance(Duration::from_secs(10));
    let report = verification.resume(case, Rig::patient()).await.unwrap();
    assert_eq!(report.state, CaseState::Alert, "{}", row(&report, rig.paid()));
}

/// Without a webhook the vendor is asked again.
#[tokio::test]
async fn a_result_that_has_become_bad_is_an_alert() {
    let rig = Rig::new().await;
    let verification = rig.verification(ALL);
    let case = rig.run(&verification, &applicant()).await.case;
    let paid = rig.paid();
    let report = verification.watch(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (APPROVED, 0));
    rig.set("certiface", "result", "result-refused");
    let report = verification.watch(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (CaseState::Alert, 1), "{}", row(&report, paid));
    rig.set("certiface", "result", "result-given");
    let report = verification.watch(case).await.unwrap();
    assert_eq!((report.state, alerts(&report)), (CaseState::Alert, 1));
    assert_eq!(rig.paid(), paid, "watching costs nothing");
}

/// A vendor that cannot be asked has no bad news, and the caller is told that it is silent.
#[tokio::test]
async fn a_vendor_that_is_down_is_no_bad_news() {
    let rig = Rig::new().await;
    let verification = rig.verification(ALL);
    let case = rig.run(&verification, &applicant()).await.case;
    rig.set("certiface", "result", "http-503");
    let told = verification.watch(case).await;
    assert!(
        matches!(&told, Err(kyc_verify::VerifyError::Silent(vendor)) if vendor == "certiface"),
        "{told:?}"
    );
    assert_eq!(verification.show(case).await.unwrap().state, APPROVED);
    let before = rig.sandbox.clock().now();
    rig.sandbox.clock().advance(11 * DAY);
    rig.set("certiface", "result", "result-refused");
    let report = verification.watch(case).await.unwrap();
    assert_eq!(
        (report.state, alerts(&report)),
        (APPROVED, 0),
        "{:?}",
        rig.sandbox.clock().now().since(before)
    );
}
