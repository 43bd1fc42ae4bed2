//! What is kept of cases: listed, held, deleted, checked, exported, decided anew.

use std::collections::BTreeMap;
use std::time::Duration;

use kyc_verify::kyc_core::CheckKind;
use kyc_verify::{
    Append, CaseFilter, CaseId, CaseState, CheckState, Checked, KeptBecause, Ledger as _, LedgerError,
    Options, Outcome, Personal, Policy, Record, Rule, Statement, Verification, VerifyError,
};

use crate::actor::{Actor, Does, Shape, cast, play};
use crate::toy::{CPF, NAME, Place, applicant, picture};

const FACES: &str = "[check.face_document]\n";
const KEPT: &str = "[check.face_document]\n[retain]\npictures = \"90d\"";
const DAY: Duration = Duration::from_secs(24 * 3600);
const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);

fn statement() -> Statement {
    Statement { who: "ana".to_owned(), why: "asked by the court".to_owned() }
}

async fn case(place: &Place, verification: &Verification, reference: &str) -> CaseId {
    let mut applicant = applicant();
    applicant.selfie = Some(picture(500));
    let case = verification.begin(reference, &applicant, true).await.expect("a case");
    play(place, verification, case).await;
    case
}

fn held(because: &[(KeptBecause, u64)]) -> BTreeMap<KeptBecause, u64> {
    because.iter().copied().collect()
}

#[tokio::test]
async fn pictures_are_deleted_when_the_policy_of_their_case_says_so_and_otherwise_told_why_not() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let (keeps, deletes) = (cast(&place, FACES, &[&one]), cast(&place, KEPT, &[&one]));
    let kept = case(&place, &keeps, "kept").await;
    let old = case(&place, &deletes, "old").await;
    let on_hold = case(&place, &deletes, "held").await;
    deletes.hold(on_hold, statement()).await.expect("held");
    one.does("compare", Does::Waits);
    let open = case(&place, &deletes, "open").await;
    let alert = case(&place, &deletes, "alert").await;
    one.does("compare", Does::Answers);
    assert_eq!(play(&place, &deletes, alert).await.state, APPROVED);
    one.says("compare", "bad");
    assert_eq!(deletes.watch(alert).await.expect("a report").state, CaseState::Alert);
    one.says("compare", "good");

    let retention = deletes.retain().await.expect("a run");
    assert_eq!(retention.deleted, 0, "nothing is old enough");
    place.clock.advance(91 * DAY);
    let young = case(&place, &deletes, "young").await;
    let retention = keeps.retain().await.expect("a run");
    assert_eq!(retention.deleted, 1);
    let because = [
        (KeptBecause::Held, 1),
        (KeptBecause::Open, 1),
        (KeptBecause::Alert, 1),
        (KeptBecause::NotDue, 1),
        (KeptBecause::NoRule, 1),
    ];
    assert_eq!(retention.kept, held(&because));
    for (case, has_selfie) in [(kept, true), (old, false), (on_hold, true), (open, true), (young, true)] {
        let applicant = deletes.show(case).await.expect("a report").applicant.expect("an applicant");
        assert_eq!(applicant.selfie.is_some(), has_selfie, "{case}");
        assert_eq!(applicant.cpf.digits(), CPF);
    }
    deletes.release(on_hold, statement()).await.expect("released");
    assert_eq!(deletes.retain().await.expect("a run").deleted, 1);
}

#[tokio::test]
async fn forgetting_leaves_a_skeleton_that_verifies() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, FACES, &[&one]);
    let forgotten = case(&place, &verification, "r-1").await;
    let before = verification.show(forgotten).await.expect("a report");
    verification.hold(forgotten, statement()).await.expect("held");
    let refused = verification.forget(forgotten).await;
    assert!(matches!(refused, Err(VerifyError::Ledger(LedgerError::IsHeld))), "{refused:?}");
    verification.release(forgotten, statement()).await.expect("released");
    let deleted = verification.forget(forgotten).await.expect("forgotten");
    assert_eq!((deleted.blobs, deleted.records > 0), (2, true));
    let checked = verification.check(Some(forgotten)).await.expect("checked");
    assert!(checked.tampered.is_empty() && checked.head.is_some(), "{checked:?}");
    let report = verification.show(forgotten).await.expect("a report");
    assert_eq!((report.state, report.applicant.is_none()), (CaseState::Forgotten, true));
    assert_eq!((report.paid_calls, &report.decision), (1, &before.decision), "the skeleton stays");
    assert!(report.reference.expose().is_none());
    let export = verification.export(forgotten, Personal::InClear).await.expect("an export").to_string();
    assert!(!export.contains(CPF) && !export.contains("Maria") && !export.contains("court"), "{export}");
    // Nothing is sent for it, and nothing handed in.
    let again =
        verification.verify("r-1", &before.applicant.expect("an applicant"), Options::default()).await;
    assert_eq!(again.expect("a report").state, CaseState::Forgotten);
    assert_eq!(one.landed().len(), 1);
}

#[tokio::test]
async fn a_case_that_is_run_is_not_forgotten() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    one.does("compare", Does::Waits);
    let verification = cast(&place, FACES, &[&one]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let running = tokio::spawn({
        let verification = verification.clone();
        async move { verification.resume(case, Options::default()).await }
    });
    while one.landed().is_empty() {
        tokio::task::yield_now().await;
    }
    let refused = verification.forget(case).await;
    assert!(matches!(refused, Err(VerifyError::Ledger(LedgerError::Leased(_)))), "{refused:?}");
    let listed = verification.list(&CaseFilter::default(), 10).await.expect("a list");
    assert_eq!(listed[0].state, CaseState::Running);
    place.clock.advance(Duration::from_secs(61));
    running.await.expect("no panic").expect("a report");
    verification.forget(case).await.expect("forgotten");
}

#[tokio::test]
async fn a_check_names_the_cases_that_were_changed() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    let verification = cast(&place, FACES, &[&one]);
    let (sound, changed) =
        (case(&place, &verification, "r-1").await, case(&place, &verification, "r-2").await);
    let checked = verification.check(None).await.expect("checked");
    assert_eq!((checked.cases, checked.tampered.len(), checked.head), (2, 0, None));
    let connection = rusqlite::Connection::open(place.path()).expect("the file");
    let sql = "UPDATE records SET open = replace(open, 'approved', 'refused') WHERE case_seq = 2";
    connection.execute(sql, []).expect("changed");
    let checked = verification.check(None).await.expect("checked");
    let decided = verification.show(changed).await.expect("a report").timeline.len() as u64;
    assert_eq!(checked.tampered, [(changed, decided)]);
    let Checked { tampered, head, .. } = verification.check(Some(sound)).await.expect("checked");
    assert!(tampered.is_empty() && head.is_some());
    assert!(verification.check(Some(changed)).await.expect("checked").head.is_none());
}

#[tokio::test]
async fn an_alert_before_the_decision_outlives_it_in_lists_and_keeps_the_pictures() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    one.does("compare", Does::Waits);
    let verification = cast(&place, KEPT, &[&one]);
    let case = case(&place, &verification, "r-1").await;
    let alert = Record::alert(&[CheckKind::Risk], None);
    place.open().append(case, Append::Fact, &alert).await.expect("written");
    one.does("compare", Does::Answers);
    let report = play(&place, &verification, case).await;
    assert_eq!(report.state, CaseState::Alert);
    assert_eq!(report.decision.map(|decision| decision.outcome), Some(Outcome::Approved));
    let alerts = CaseFilter::in_state(CaseState::Alert);
    assert_eq!(verification.list(&alerts, 10).await.expect("a list")[0].state, CaseState::Alert);
    assert!(verification.list(&CaseFilter::in_state(APPROVED), 10).await.expect("a list").is_empty());
    place.clock.advance(91 * DAY);
    assert_eq!(verification.retain().await.expect("a run").kept, held(&[(KeptBecause::Alert, 1)]));
    verification.review(case, Outcome::Approved, statement()).await.expect("reviewed");
    assert!(verification.list(&alerts, 10).await.expect("a list").is_empty());
    assert_eq!(verification.retain().await.expect("a run").deleted, 1);
}

#[tokio::test]
async fn a_list_tells_the_state_of_each_case_as_the_report_does() {
    let place = Place::new();
    let (one, kit) = (Actor::new("one", Shape::Single, &place), Actor::new("kit", Shape::Kit, &place));
    let verification = cast(&place, FACES, &[&one]);
    let with_kit = cast(&place, "[check.liveness]", &[&kit]);
    let mut cases = vec![case(&place, &verification, "approved").await];
    one.says("compare", "bad");
    cases.push(case(&place, &verification, "review").await);
    let refuses = cast(&place, &format!("on_fail = \"refuse\"\n{FACES}"), &[&one]);
    cases.push(case(&place, &refuses, "refused").await);
    one.says("compare", "retake");
    cases.push(case(&place, &verification, "retake").await);
    one.does("compare", Does::Waits);
    cases.push(case(&place, &verification, "waits").await);
    cases.push(case(&place, &with_kit, "kit").await);
    let mut states = Vec::new();
    for case in &cases {
        states.push(with_kit.show(*case).await.expect("a report").state);
    }
    // Another process, which has other vendors, tells the same.
    let listed = with_kit.list(&CaseFilter::default(), 10).await.expect("a list");
    let listed: Vec<_> = listed.into_iter().rev().map(|info| (info.id, info.state)).collect();
    let expected = [
        APPROVED,
        CaseState::Review,
        CaseState::Decided(Outcome::Refused),
        CaseState::WaitsForPerson,
        CaseState::WaitsForVendor,
        CaseState::WaitsForPerson,
    ];
    assert_eq!(listed, cases.iter().copied().zip(expected).collect::<Vec<_>>());
    let waiting = CaseFilter::in_state(CaseState::WaitsForPerson);
    let page = verification.list(&waiting, 1).await.expect("a list");
    assert_eq!(page[0].id, cases[5]);
    let page = verification.list(&waiting.after(cases[5]), 10).await.expect("a list");
    assert_eq!(page.iter().map(|info| info.id).collect::<Vec<_>>(), [cases[3]]);
    verification.forget(cases[0]).await.expect("forgotten");
    let forgotten = verification.list(&CaseFilter::in_state(CaseState::Forgotten), 10).await.expect("a list");
    assert_eq!(forgotten.len(), 1);
    for state in expected {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
}

#[tokio::test]
async fn an_export_holds_everything_and_what_is_personal_only_by_name() {
    let place = Place::new();
    let one = Actor::new("one", Shape::Single, &place);
    one.says("compare", "unclear");
    let verification = cast(&place, FACES, &[&one]);
    let case = case(&place, &verification, "customer-77").await;
    verification.review(case, Outcome::Approved, statement()).await.expect("reviewed");
    let reference = one.stage().references[0].clone();
    let omitted = verification.export(case, Personal::Omitted).await.expect("an export");
    let text = omitted.to_string();
    for personal in [CPF, "Maria", "customer-77", "ana", "court", reference.as_str(), "mumbles"] {
        assert!(!text.contains(personal), "{personal}: {text}");
    }
    let clear = verification.export(case, Personal::InClear).await.expect("an export");
    assert_eq!(clear["applicant"]["cpf"], CPF);
    assert_eq!(clear["applicant"]["name"], NAME);
    assert_eq!(clear["reference"], "customer-77");
    for export in [&omitted, &clear] {
        let records = export["records"].as_array().expect("records");
        assert_eq!(records.len(), verification.show(case).await.expect("a report").timeline.len());
        assert_eq!(export["pictures"][0]["kind"], "selfie");
        assert_eq!(export["pictures"][0]["sha256"].as_str().map(str::len), Some(64));
        assert_eq!(export["report"]["state"], "approved");
        assert!(export["policy"].as_str().is_some_and(|text| text.contains("face_document")));
        assert_eq!(export["head"].as_str().map(str::len), Some(64));
    }
    let reviewed = &clear["records"].as_array().expect("records").last().expect("a record")["private"];
    assert_eq!(reviewed["who"], "ana");
}

#[tokio::test]
async fn another_policy_decides_from_the_stored_answers_alone() {
    let place = Place::new();
    let (three, other) =
        (Actor::new("three", Shape::Three, &place), Actor::new("other", Shape::Single, &place));
    three.says("cpf", "bad");
    let policy = "[check.registration]\n[check.face_document]\nby = [\"three\", \"other\"]";
    let verification = cast(&place, policy, &[&three, &other]);
    let case = case(&place, &verification, "r-1").await;
    let before = verification.show(case).await.expect("a report");
    assert_eq!(before.state, CaseState::Review);
    let redecide = async |text: &str| {
        let policy = Policy::from_toml(&format!("version = \"2\"\n{text}")).expect("a policy");
        verification.redecide(case, &policy).await.expect("re-decided")
    };
    let found = redecide("on_fail = \"refuse\"\n[check.registration]\n[check.face_document]").await;
    assert_eq!((found.decision.outcome, found.decision.rule), (Outcome::Refused, Rule::FailRefused));
    assert_eq!((found.decision.policy_version.as_str(), found.never_asked.len()), ("2", 0));
    // Asked of the vendor that the other policy would not have asked first.
    let found = redecide("[check.face_document]\nby = [\"other\", \"three\"]").await;
    assert_eq!(found.decision.outcome, Outcome::Approved);
    let found = redecide("[check.face_document]\nby = [\"other\"]").await;
    assert_eq!((found.decision.outcome, found.decision.rule), (Outcome::Review, Rule::NotAsked));
    assert_eq!(found.never_asked, [CheckKind::FaceDocument]);
    let found = redecide("[check.face_document]\n[check.document]\n[check.risk]\n[check.liveness]").await;
    assert_eq!(found.never_asked, [CheckKind::Document]);
    assert_eq!(found.checks[2].state, CheckState::NotOffered);
    assert_eq!(found.decision.rule, Rule::NotOffered);
    let after = verification.show(case).await.expect("a report");
    assert_eq!((after.timeline.len(), after.decision), (before.timeline.len(), before.decision));
    assert_eq!((three.landed().len(), other.landed().len()), (2, 0));
    let is_decided = |record: &Record| matches!(record, Record::Decided { .. });
    assert_eq!(after.timeline.iter().filter(|entry| is_decided(&entry.record)).count(), 1);
}
