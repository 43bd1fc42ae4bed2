//! Calls whose end is not known: what is repeated, how often, and on whose word.

use std::time::Duration;

use kyc_verify::kyc_core::CheckKind;
use kyc_verify::{CaseReport, CaseState, Options, Record, Rule, Verification};

use crate::actor::{Actor, Does, Shape, cast, play_with};
use crate::toy::{Place, Tells, applicant};

/// Longer than a call is looked for.
fn patient() -> Options {
    let mut options = Options::default();
    options.wait = Duration::from_secs(2 * 60 * 60);
    options
}

async fn run(place: &Place, verification: &Verification, options: Options) -> CaseReport {
    let case = verification.begin("r-1", &applicant(), false).await.expect("a case");
    play_with(place, verification, case, options).await
}

/// Returns each intent that repeats another one: its step, and that of the repeated one.
fn repeats(report: &CaseReport) -> Vec<(String, String)> {
    let step_of = |of: u64| {
        report.timeline.iter().find_map(|entry| match &entry.record {
            Record::Intended { step, .. } if entry.seq == of => Some(step.clone()),
            _ => None,
        })
    };
    let repeated = report.timeline.iter().filter_map(|entry| match &entry.record {
        Record::Intended { step, repeats: Some(of), .. } => Some((step.clone(), step_of(*of)?)),
        _ => None,
    });
    repeated.collect()
}

fn count(actor: &Actor, step: &str) -> usize {
    actor.landed().iter().filter(|landed| *landed == step).count()
}

/// A check that comes to the vendor late, because the one before it failed meanwhile, is sent first. It is no repetition.
#[tokio::test]
async fn a_step_that_was_never_sent_is_not_taken_for_the_repetition_of_another_one() {
    let place = Place::new();
    let (one, other) = (Actor::new("one", Shape::Three, &place), Actor::new("other", Shape::Three, &place));
    one.does("cpf", Does::Refuses);
    other.does("document", Does::LosesAnswer);
    other.stage().tells = Tells::NotYet;
    let policy = "[check.registration]\nby = [\"one\", \"other\"]\nuncertain = \"repeat\"\n\
        [check.document]\nby = [\"other\"]\nagrees = [\"cpf\"]\nuncertain = \"repeat\"";
    let report = run(&place, &cast(&place, policy, &[&other, &one]), patient()).await;
    assert_eq!(repeats(&report), [("document".to_owned(), "document".to_owned())]);
    assert_eq!((count(&other, "document"), count(&other, "cpf")), (2, 1), "{:?}", other.landed());
    assert_eq!((report.state, report.uncertain_calls), (CaseState::Review, 2));
    assert_eq!(report.decision.expect("a decision").rule, Rule::Uncertain);
}

#[tokio::test]
async fn each_uncertain_call_of_a_vendor_is_repeated_once_by_the_policy_and_by_a_person_and_then_never() {
    for by_policy in [true, false] {
        let place = Place::new();
        let three = Actor::new("three", Shape::Three, &place);
        three.does("document", Does::LosesAnswer).does("face", Does::LosesAnswer);
        three.stage().tells = Tells::Nothing;
        let word = if by_policy { "uncertain = \"repeat\"\n" } else { "" };
        let policy = format!(
            "[check.registration]\n{word}[check.document]\nagrees = [\"cpf\"]\n{word}[check.face_document]\n{word}"
        );
        let verification = cast(&place, &policy, &[&three]);
        let mut options = patient();
        let mut report = run(&place, &verification, options).await;
        for _ in 0..3 {
            options.repeats_uncertain = !by_policy;
            report = play_with(&place, &verification, report.case, options).await;
        }
        for (step, of) in repeats(&report) {
            assert_eq!(step, of);
        }
        assert!(count(&three, "document") <= 2 && count(&three, "face") <= 2, "{:?}", three.landed());
        assert_eq!((count(&three, "cpf"), count(&three, "document")), (1, 2), "{by_policy}");
        assert_eq!(report.state, CaseState::Review);
    }
}

/// What another step of the vendor needs first, such as a key, is no repetition either.
#[tokio::test]
async fn nothing_is_repeated_that_the_policy_allows_for_another_check_alone() {
    let place = Place::new();
    let three = Actor::new("three", Shape::Three, &place);
    three.does("document", Does::LosesAnswer);
    three.stage().tells = Tells::Nothing;
    let policy = "[check.registration]\nuncertain = \"repeat\"\n[check.document]\nagrees = [\"cpf\"]";
    let report = run(&place, &cast(&place, policy, &[&three]), patient()).await;
    assert_eq!((count(&three, "document"), repeats(&report).len()), (1, 0));
    assert_eq!(report.decision.expect("a decision").decisive, [CheckKind::Document]);
}
