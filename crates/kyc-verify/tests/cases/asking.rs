//! Which vendors are asked, and which are not.

use std::time::Duration;

use kyc_verify::kyc_core::CheckKind;
use kyc_verify::{CaseReport, CaseState, CheckState, Options, Outcome, Reason, Rule};

use crate::actor::{Actor, Does, Shape, cast, perform, play, play_with};
use crate::toy::{Place, Tells, applicant};

const APPROVED: CaseState = CaseState::Decided(Outcome::Approved);
const FACES: &str = "[check.face_document]\nby = [\"one\", \"other\"]";

/// Two vendors that compare faces.
fn pair(place: &Place) -> (Actor, Actor) {
    (Actor::new("one", Shape::Single, place), Actor::new("other", Shape::Single, place))
}

fn rule(report: &CaseReport) -> Rule {
    report.decision.as_ref().expect("a decision").rule
}

fn check(report: &CaseReport, check: CheckKind) -> &kyc_verify::CheckResult {
    report.checks.iter().find(|result| result.check == check).expect("a check of the policy")
}

#[tokio::test]
async fn all_are_asked_and_compared_if_the_policy_says_so() {
    for (says, state, decided_by, disputed) in [
        ("good", APPROVED, Rule::AllPassed, false),
        ("bad", CaseState::Review, Rule::Disputed, true),
        ("unclear", CaseState::Review, Rule::Unclear, false),
    ] {
        let place = Place::new();
        let (one, other) = pair(&place);
        other.says("compare", says);
        let verification = cast(&place, &format!("ask = \"all\"\n{FACES}"), &[&one, &other]);
        let report = perform(&place, &verification).await;
        assert_eq!((report.state, rule(&report)), (state, decided_by), "{says}");
        assert_eq!((report.checks[0].is_disputed, report.paid_calls), (disputed, 2), "{says}");
        assert_eq!((one.landed().len(), other.landed().len()), (1, 1), "{says}");
    }
}

#[tokio::test]
async fn a_vendor_that_is_missing_from_a_comparison_makes_it_unclear() {
    let place = Place::new();
    let (one, other) = pair(&place);
    other.does("compare", Does::Refuses);
    let verification = cast(&place, &format!("ask = \"all\"\n{FACES}"), &[&one, &other]);
    let report = perform(&place, &verification).await;
    assert_eq!((report.state, rule(&report), report.paid_calls), (CaseState::Review, Rule::Unclear, 1));
}

#[tokio::test]
async fn the_next_vendor_is_asked_only_if_the_call_before_was_refused_or_not_sent() {
    let place = Place::new();
    let (one, other) = pair(&place);
    let verification = cast(&place, FACES, &[&one, &other]);
    let report = perform(&place, &verification).await;
    assert_eq!((report.state, one.landed().len(), other.landed().len()), (APPROVED, 1, 0));
    assert_eq!(report.checks[0].vendors[1].reason, Reason::NotAsked);

    for does in [Does::Refuses, Does::Breaks] {
        let place = Place::new();
        let (one, other) = pair(&place);
        one.does("compare", does);
        let report = perform(&place, &cast(&place, FACES, &[&one, &other])).await;
        assert_eq!((report.state, report.paid_calls), (APPROVED, 1), "{does:?}");
        assert_eq!((one.landed().len(), other.landed().len()), (0, 1), "{does:?}");
        assert_eq!(report.checks[0].vendors[0].reason, Reason::CallFailed, "{does:?}");
    }
}

#[tokio::test]
async fn vendors_are_asked_in_the_order_of_the_policy() {
    for (by, asked) in [("\"one\", \"other\"", [1, 0]), ("\"other\", \"one\"", [0, 1])] {
        let place = Place::new();
        let (one, other) = pair(&place);
        let policy = format!("[check.face_document]\nby = [{by}]");
        // However they are configured.
        for vendors in [[&one, &other], [&other, &one]] {
            let before = [one.landed().len(), other.landed().len()];
            let verification = cast(&place, &policy, &vendors);
            let reference = format!("r-{}", before[0] + before[1]);
            let case = verification.begin(&reference, &applicant(), true).await.expect("a case");
            assert_eq!(play(&place, &verification, case).await.state, APPROVED);
            let now = [one.landed().len() - before[0], other.landed().len() - before[1]];
            assert_eq!(now, asked, "{by}");
        }
    }
}

#[tokio::test]
async fn a_vendor_that_is_not_configured_is_passed_over_unless_all_are_compared() {
    for (ask, state) in [("first", APPROVED), ("all", CaseState::Review)] {
        let place = Place::new();
        let one = Actor::new("one", Shape::Single, &place);
        let policy = format!("ask = \"{ask}\"\n[check.face_document]\nby = [\"absent\", \"one\"]");
        let report = perform(&place, &cast(&place, &policy, &[&one])).await;
        assert_eq!((report.state, one.landed().len()), (state, 1), "{ask}");
        let absent =
            check(&report, CheckKind::FaceDocument).vendors.iter().find(|known| known.vendor == "absent");
        assert_eq!(absent.map(|absent| absent.reason), (ask == "all").then_some(Reason::NotConfigured));
    }
}

#[tokio::test]
async fn the_next_vendor_is_not_asked_while_the_call_before_may_have_landed() {
    for does in [Does::LosesAnswer, Does::LosesRequest] {
        let place = Place::new();
        let (one, other) = pair(&place);
        one.does("compare", does);
        one.stage().tells = Tells::Nothing;
        let verification = cast(&place, FACES, &[&one, &other]);
        let report = perform(&place, &verification).await;
        assert_eq!((report.state, rule(&report)), (CaseState::Review, Rule::Uncertain), "{does:?}");
        assert_eq!((other.landed().len(), report.uncertain_calls), (0, 1), "{does:?}");
    }
    // The policy's word: once more, and then the next one.
    let place = Place::new();
    let (one, other) = pair(&place);
    one.does("compare", Does::LosesAnswer);
    one.stage().tells = Tells::Nothing;
    let verification = cast(&place, &format!("{FACES}\nuncertain = \"repeat\""), &[&one, &other]);
    let report = perform(&place, &verification).await;
    assert_eq!((report.state, report.paid_calls, report.uncertain_calls), (APPROVED, 3, 2));
    assert_eq!((one.landed().len(), other.landed().len()), (2, 1));
}

#[tokio::test]
async fn a_call_is_looked_for_while_the_case_waits_and_for_as_long_as_the_vendor_may_tell() {
    let place = Place::new();
    let (one, other) = pair(&place);
    one.does("compare", Does::LosesAnswer);
    one.stage().tells = Tells::NotYet;
    let verification = cast(&place, FACES, &[&one, &other]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let mut at_once = Options::default();
    at_once.wait = Duration::ZERO;
    let report = verification.resume(case, at_once).await.expect("a report");
    assert_eq!((report.state, report.uncertain_calls), (CaseState::WaitsForVendor, 0));
    assert_eq!(one.stage().look_ups, 1);
    // Nobody repeats it meanwhile, not even if a person would.
    at_once.repeats_uncertain = true;
    place.clock.advance(Duration::from_secs(10 * 60));
    verification.resume(case, at_once).await.expect("a report");
    assert_eq!((one.landed().len(), other.landed().len()), (1, 0));
    // Late, the vendor tells.
    one.stage().tells = Tells::Truth;
    let report = verification.resume(case, Options::default()).await.expect("a report");
    assert_eq!((report.state, report.paid_calls, one.landed().len()), (APPROVED, 1, 1));

    // It never tells: a person decides. And should it tell one day, that still counts.
    let place = Place::new();
    let (one, other) = pair(&place);
    one.does("compare", Does::LosesAnswer);
    one.stage().tells = Tells::NotYet;
    let verification = cast(&place, FACES, &[&one, &other]);
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let mut long = Options::default();
    long.wait = Duration::from_secs(20 * 60);
    let report = play_with(&place, &verification, case, long).await;
    assert_eq!((report.state, report.uncertain_calls), (CaseState::Review, 1));
    assert!(one.stage().look_ups < 60, "{}", one.stage().look_ups);
    one.stage().tells = Tells::Truth;
    let report = play(&place, &verification, case).await;
    assert_eq!((report.state, report.uncertain_calls, one.landed().len()), (APPROVED, 0, 1));
}

const ALL_OF_BUNDLE: &str =
    "[check.document]\nagrees = [\"cpf\"]\n[check.face_document]\n[check.liveness]\nmethod = \"still\"\n";

#[tokio::test]
async fn a_bundle_runs_once_and_serves_all_its_checks() {
    let place = Place::new();
    let bundle = Actor::new("bundle", Shape::Bundle, &place);
    bundle.does("front", Does::LosesAnswer);
    let report = perform(&place, &cast(&place, ALL_OF_BUNDLE, &[&bundle])).await;
    assert_eq!((report.state, report.paid_calls), (APPROVED, 3));
    assert_eq!(bundle.landed(), ["selfie", "front", "back"]);
}

#[tokio::test]
async fn a_bundle_is_not_begun_to_replace_one_call_unless_the_policy_names_it() {
    for (by, begun) in [("", 0), ("by = [\"one\", \"bundle\"]", 2)] {
        let place = Place::new();
        let one = Actor::new("one", Shape::Single, &place);
        let bundle = Actor::new("bundle", Shape::Bundle, &place);
        one.does("compare", Does::Refuses);
        let verification = cast(&place, &format!("[check.face_document]\n{by}"), &[&one, &bundle]);
        let report = perform(&place, &verification).await;
        assert_eq!(bundle.landed().len(), begun, "{by}");
        assert_eq!(report.state, if begun == 0 { CaseState::Review } else { APPROVED }, "{by}");
    }
    // One call of another vendor may replace it, and so may a bundle that is begun anyway.
    for other in [Shape::Three, Shape::Bundle] {
        let place = Place::new();
        let one = Actor::new("one", Shape::Single, &place);
        let other = Actor::new("other", other, &place);
        one.does("compare", Does::Refuses);
        let policy = "[check.document]\nagrees = [\"cpf\"]\n[check.face_document]";
        let report = perform(&place, &cast(&place, policy, &[&one, &other])).await;
        assert_eq!(report.state, APPROVED, "{other:?}");
    }
    let place = Place::new();
    let (one, three) = (Actor::new("one", Shape::Single, &place), Actor::new("three", Shape::Three, &place));
    one.does("compare", Does::Refuses);
    let report = perform(&place, &cast(&place, "[check.face_document]", &[&one, &three])).await;
    assert_eq!((report.state, three.landed()), (APPROVED, vec!["face".to_owned()]));
}

const THREE: &str = "[check.registration]\n[check.document]\nagrees = [\"cpf\"]\n[check.face_document]\n";

#[tokio::test]
async fn a_call_that_failed_does_not_stop_the_other_checks_of_the_vendor() {
    let place = Place::new();
    let three = Actor::new("three", Shape::Three, &place);
    three.does("cpf", Does::Refuses);
    let report = perform(&place, &cast(&place, THREE, &[&three])).await;
    assert_eq!(three.landed(), ["document", "face"]);
    let states: Vec<_> = report.checks.iter().map(|result| result.state).collect();
    assert_eq!(states, [CheckState::Unclear, CheckState::Passed, CheckState::Passed]);
    assert_eq!((report.state, rule(&report)), (CaseState::Review, Rule::Unclear));
}

#[tokio::test]
async fn a_case_that_a_failed_call_left_to_a_person_asks_again_when_it_is_resumed() {
    let place = Place::new();
    let three = Actor::new("three", Shape::Three, &place);
    three.does("cpf", Does::Refuses);
    let verification = cast(&place, THREE, &[&three]);
    let report = perform(&place, &verification).await;
    assert_eq!(report.state, CaseState::Review);
    let refused = || report.checks[0].vendors[0].failure.as_ref().map(|failure| failure.kind.as_str());
    assert_eq!(refused(), Some("rejected"));
    // What was refused is refused again, and what was answered is not asked for again.
    let again = verification.resume(report.case, Options::default()).await.expect("a report");
    assert_eq!((again.state, three.landed()), (CaseState::Review, vec!["document".into(), "face".into()]));
    three.does("cpf", Does::Answers);
    assert_eq!(verification.show(report.case).await.expect("a report").state, CaseState::Review);
    let again = verification.resume(report.case, Options::default()).await.expect("a report");
    assert_eq!(again.state, CaseState::Decided(Outcome::Approved));
    assert_eq!(three.landed(), ["document", "face", "cpf"]);
}

#[tokio::test]
async fn what_the_policy_allows_to_pay_is_never_exceeded_and_is_a_reason_of_its_own() {
    for ask in ["first", "all"] {
        let place = Place::new();
        let three = Actor::new("three", Shape::Three, &place);
        let other = Actor::new("other", Shape::Three, &place);
        let policy = format!("ask = \"{ask}\"\nlimits = {{ paid_calls = 2 }}\n{THREE}");
        let report = perform(&place, &cast(&place, &policy, &[&three, &other])).await;
        assert_eq!(three.landed().len() + other.landed().len(), 2, "{ask}");
        assert_eq!((report.paid_calls, report.state), (2, CaseState::Review), "{ask}");
        let faces = check(&report, CheckKind::FaceDocument);
        assert_eq!(faces.vendors[0].reason, Reason::PaidCallsUsedUp, "{ask}");
        assert_ne!(faces.state, CheckState::Passed, "{ask}");
        if ask == "first" {
            assert_eq!((faces.state, rule(&report)), (CheckState::NotAsked, Rule::NotAsked));
        }
    }
}

#[tokio::test]
async fn a_refusal_ends_a_case_before_more_is_paid() {
    let place = Place::new();
    let three = Actor::new("three", Shape::Three, &place);
    three.says("cpf", "bad");
    let policy = THREE.replace("[check.document]", "refuse = [\"cancelled\"]\n[check.document]");
    let report = perform(&place, &cast(&place, &policy, &[&three])).await;
    assert_eq!((report.state, report.paid_calls), (CaseState::Decided(Outcome::Refused), 1));
}

#[tokio::test]
async fn two_cases_of_a_person_do_not_have_calls_to_one_vendor_under_way_at_once() {
    let place = Place::new();
    let (one, other) = pair(&place);
    one.does("compare", Does::LosesAnswer);
    one.stage().tells = Tells::NotYet;
    let policy = format!("ask = \"all\"\n{FACES}");
    let verification = cast(&place, &policy, &[&one, &other]);
    let first = verification.begin("r-1", &applicant(), false).await.expect("a case");
    let mut options = Options::default();
    options.wait = Duration::ZERO;
    verification.resume(first, options).await.expect("a report");
    assert_eq!((one.landed().len(), other.landed().len()), (1, 1));
    let second = verification.begin("r-2", &applicant(), true).await.expect("forced");
    let report = play(&place, &verification, second).await;
    assert_eq!((report.state, report.paid_calls), (CaseState::Running, 1), "the other vendor is asked");
    assert_eq!((one.landed().len(), other.landed().len()), (1, 2));
    one.stage().tells = Tells::Truth;
    one.does("compare", Does::Answers);
    assert_eq!(play(&place, &verification, first).await.state, APPROVED);
    assert_eq!(play(&place, &verification, second).await.state, APPROVED);
    assert_eq!(one.landed().len(), 2);
}

#[tokio::test]
async fn two_processes_that_begin_the_same_case_pay_once() {
    let place = Place::new();
    let three = Actor::new("three", Shape::Three, &place);
    let (one, other) = (cast(&place, THREE, &[&three]), cast(&place, THREE, &[&three]));
    let applicant = applicant();
    let (one, other) = tokio::join!(
        one.verify("r-1", &applicant, Options::default()),
        other.verify("r-1", &applicant, Options::default())
    );
    let reports: Vec<_> = [one, other].into_iter().flatten().collect();
    assert!(!reports.is_empty());
    assert_eq!(three.landed(), ["cpf", "document", "face"]);
    let again = cast(&place, THREE, &[&three]).verify("r-1", &applicant, Options::default()).await;
    assert_eq!(again.expect("a report").state, APPROVED);
    assert_eq!(three.landed().len(), 3);
}
