//! What several vendors say together, and every rule of a decision.

use kyc_verify::kyc_core::{
    CheckKind, Evidence, Finding, Genuineness, LivenessMethod, PersonStatus, Pii, Verdict,
};
use kyc_verify::{
    CheckResult, CheckState, Language, Outcome, Policy, Progress, Rule, VendorCheck, combine, decide,
    worsened,
};
use proptest::prelude::*;

use crate::support::{
    all_good, answered, at, bad, birth_date, face, good, policy, registered, text, unanswered,
};

const CHECK: CheckKind = CheckKind::FaceDocument;

fn one(policy: &Policy, state: CheckState) -> VendorCheck {
    of_state(policy, CHECK, state)
}

/// A vendor's answer in that state.
fn of_state(policy: &Policy, check: CheckKind, state: CheckState) -> VendorCheck {
    let retake = Evidence::Retake(kyc_verify::kyc_core::Retake::new(
        kyc_verify::kyc_core::RetakeItem::Front,
        kyc_verify::kyc_core::RetakeCause::Unreadable,
    ));
    let made = match state {
        CheckState::Passed => answered(policy, "toy", check, &good(check)),
        CheckState::Failed => answered(policy, "toy", check, &bad(check)),
        CheckState::Retake => answered(policy, "toy", check, &retake),
        CheckState::Pending => unanswered(policy, "toy", check, Progress::Pending),
        CheckState::Uncertain => unanswered(policy, "toy", check, Progress::Uncertain),
        CheckState::NotOffered => unanswered(policy, "toy", check, Progress::NotOffered),
        CheckState::NotAsked => unanswered(policy, "toy", check, Progress::NotAsked),
        _ => answered(policy, "toy", check, &Evidence::Unclear("missing")),
    };
    assert_eq!(made.state, state);
    made
}

/// The results of a case in which everything passed but one check.
fn case(policy: &Policy, check: CheckKind, state: CheckState) -> Vec<CheckResult> {
    let mut results = all_good(policy);
    for result in results.iter_mut().filter(|result| result.check == check) {
        *result = combine(policy, check, &[of_state(policy, check, state)]);
    }
    results
}

#[test]
fn vendors_are_combined_by_the_first_state_that_counts() {
    use CheckState::{Failed, NotAsked, NotOffered, Passed, Pending, Retake, Uncertain, Unclear};
    let table: &[(&[CheckState], CheckState, bool)] = &[
        (&[], NotOffered, false),
        (&[Passed], Passed, false),
        (&[Passed, Passed], Passed, false),
        (&[Passed, NotAsked, NotOffered], Passed, false),
        (&[Failed, NotAsked], Failed, false),
        (&[Passed, Failed], Unclear, true),
        (&[Passed, Failed, Pending, Retake, Uncertain], Unclear, true),
        (&[Passed, Unclear], Unclear, false),
        (&[Failed, Unclear], Failed, false),
        (&[Passed, Pending], Pending, false),
        (&[Failed, Pending], Pending, false),
        (&[Passed, Uncertain], Uncertain, false),
        (&[Failed, Uncertain], Uncertain, false),
        (&[Passed, Retake], Retake, false),
        (&[Retake, Pending], Retake, false),
        (&[NotOffered], NotOffered, false),
        (&[NotOffered, NotAsked], NotAsked, false),
    ];
    for policy in [Policy::built_in(), all_vendors()] {
        for (states, wanted, is_disputed) in table {
            let vendors: Vec<_> = states.iter().map(|state| one(&policy, *state)).collect();
            let mut reversed = vendors.clone();
            reversed.reverse();
            for vendors in [vendors, reversed] {
                let result = combine(&policy, CHECK, &vendors);
                assert_eq!((result.state, result.is_disputed), (*wanted, *is_disputed), "{states:?}");
            }
        }
    }
}

fn all_vendors() -> Policy {
    policy(&Policy::built_in().text().replace("\"first\"", "\"all\""))
}

#[test]
fn a_vendor_without_a_measure_neither_helps_nor_hinders() {
    let policy = all_vendors();
    let silent = answered(&policy, "toy", CHECK, &face(Verdict::Match, None));
    assert_eq!(
        combine(&policy, CHECK, &[one(&policy, CheckState::Passed), silent.clone()]).state,
        CheckState::Passed
    );
    assert_eq!(
        combine(&policy, CHECK, &[one(&policy, CheckState::Failed), silent.clone()]).state,
        CheckState::Failed
    );
    assert_eq!(combine(&policy, CHECK, std::slice::from_ref(&silent)).state, CheckState::Unclear);
}

#[test]
fn a_call_that_failed_leaves_a_comparison_open() {
    let first = Policy::built_in();
    for (policy, wanted) in [(first, CheckState::Passed), (all_vendors(), CheckState::Unclear)] {
        let down = unanswered(&policy, "other", CHECK, Progress::CallFailed);
        let both = [one(&policy, CheckState::Passed), down.clone()];
        assert_eq!(combine(&policy, CHECK, &both).state, wanted);
        assert_eq!(combine(&policy, CHECK, &[down]).state, CheckState::Unclear);
    }
}

#[test]
fn an_uncertain_call_that_may_be_repeated_gives_way_to_an_answer() {
    let policy = policy("version='1'\n[check.face_document]\nuncertain='repeat'");
    let uncertain = || one(&policy, CheckState::Uncertain);
    let with = |state| combine(&policy, CHECK, &[uncertain(), one(&policy, state)]).state;
    assert_eq!(with(CheckState::Passed), CheckState::Passed);
    assert_eq!(with(CheckState::Failed), CheckState::Failed);
    assert_eq!(with(CheckState::NotAsked), CheckState::Uncertain);
    assert_eq!(with(CheckState::Pending), CheckState::Pending);
}

#[test]
fn every_rule_decides() {
    let strict = Policy::built_in();
    let refusing = policy(&strict.text().replace("on_fail    = \"review\"", "on_fail = \"refuse\""));
    let refusing_void =
        policy(&strict.text().replace("pass = [\"regular\"]", "refuse = [\"void\", \"deceased\"]"));
    let table = [
        (&strict, CHECK, CheckState::Passed, Outcome::Approved, Rule::AllPassed),
        (&strict, CHECK, CheckState::Failed, Outcome::Review, Rule::FailReviewed),
        (&strict, CHECK, CheckState::Unclear, Outcome::Review, Rule::Unclear),
        (&strict, CHECK, CheckState::Retake, Outcome::Review, Rule::Retake),
        (&strict, CHECK, CheckState::Pending, Outcome::Review, Rule::Pending),
        (&strict, CHECK, CheckState::Uncertain, Outcome::Review, Rule::Uncertain),
        (&strict, CHECK, CheckState::NotOffered, Outcome::Review, Rule::NotOffered),
        (&strict, CHECK, CheckState::NotAsked, Outcome::Review, Rule::NotAsked),
        (&refusing, CHECK, CheckState::Failed, Outcome::Refused, Rule::FailRefused),
        (&refusing, CHECK, CheckState::Unclear, Outcome::Review, Rule::Unclear),
        (&refusing, CHECK, CheckState::Passed, Outcome::Approved, Rule::AllPassed),
        (
            &refusing_void,
            CheckKind::Registration,
            CheckState::Failed,
            Outcome::Refused,
            Rule::RegistrationRefused,
        ),
        (&refusing_void, CHECK, CheckState::Failed, Outcome::Review, Rule::FailReviewed),
        // Not required: missing at all vendors is no hindrance, anything else is.
        (&strict, CheckKind::Risk, CheckState::NotOffered, Outcome::Approved, Rule::AllPassed),
        (&strict, CheckKind::Risk, CheckState::NotAsked, Outcome::Review, Rule::NotAsked),
        (&strict, CheckKind::Risk, CheckState::Failed, Outcome::Review, Rule::FailReviewed),
        (&strict, CheckKind::Risk, CheckState::Unclear, Outcome::Review, Rule::Unclear),
        (&refusing, CheckKind::Risk, CheckState::Failed, Outcome::Review, Rule::FailReviewed),
    ];
    for (policy, check, state, outcome, rule) in table {
        let decision = decide(policy, &case(policy, check, state), at());
        assert_eq!((decision.outcome, decision.rule), (outcome, rule), "{check} {state}");
        if rule != Rule::AllPassed {
            assert_eq!(decision.decisive, [check]);
        }
        assert_eq!(
            (decision.policy_version.as_str(), decision.policy_sha256),
            (&*policy.version, policy.sha256())
        );
    }
}

#[test]
fn vendors_that_disagree_are_never_decided_by_a_machine() {
    let text = "version='1'\non_fail='refuse'\nask='all'\n[check.registration]\nrefuse=['void']";
    let policy = policy(text);
    let check = CheckKind::Registration;
    let vendors = [CheckState::Passed, CheckState::Failed].map(|state| of_state(&policy, check, state));
    let decision = decide(&policy, &[combine(&policy, check, &vendors)], at());
    assert_eq!((decision.outcome, decision.rule), (Outcome::Review, Rule::Disputed));
}

#[test]
fn a_status_is_refused_only_where_the_author_wrote_it() {
    let policy = policy("version='1'\n[check.registration]\nrefuse=['deceased']");
    let check = CheckKind::Registration;
    let decided = |evidence: &Evidence| {
        decide(&policy, &[combine(&policy, check, &[answered(&policy, "toy", check, evidence)])], at())
            .outcome
    };
    let dead = |status, deceased| Evidence::Registration { status: Some(status), deceased, name: None };
    assert_eq!(decided(&dead(PersonStatus::Deceased, Finding::Yes)), Outcome::Refused);
    assert_eq!(decided(&dead(PersonStatus::Regular, Finding::Yes)), Outcome::Refused);
    assert_eq!(decided(&dead(PersonStatus::Deceased, Finding::No)), Outcome::Review);
    assert_eq!(decided(&registered(PersonStatus::Void)), Outcome::Review);
}

#[test]
fn the_sentence_of_a_decision_names_rule_and_checks() {
    let policy = Policy::built_in();
    let decision = decide(&policy, &case(&policy, CHECK, CheckState::Unclear), at());
    assert_eq!(
        decision.sentence().in_language(Language::English),
        "An answer is not clear, so a person decides: face and document."
    );
    assert_eq!(
        decision.sentence().in_language(Language::Portuguese),
        "Uma resposta não é clara, e uma pessoa decide: rosto e documento."
    );
}

#[test]
fn only_what_is_worse_than_it_was_is_bad_news() {
    let policy = Policy::built_in();
    let good = all_good(&policy);
    let in_state = |state| case(&policy, CheckKind::Risk, state);
    let (failed, unclear) = (in_state(CheckState::Failed), in_state(CheckState::Unclear));
    let risk = vec![CheckKind::Risk];
    for (before, after, bad) in [
        (&good, &good, vec![]),
        (&good, &failed, risk.clone()),
        (&good, &unclear, risk.clone()),
        (&unclear, &failed, risk.clone()),
        (&unclear, &unclear, vec![]),
        (&failed, &failed, vec![]),
        (&failed, &unclear, vec![]),
        (&failed, &good, vec![]),
    ] {
        assert_eq!(worsened(before, after), bad);
    }
    // Approved by a person although it failed, and it failed for something else since.
    let mut dead = case(&policy, CheckKind::Registration, CheckState::Failed);
    let before = dead.clone();
    dead[0].vendors[0].evidence = Some(Evidence::Unclear("another one"));
    assert_eq!(worsened(&before, &dead), [CheckKind::Registration]);
}

/// Evidence that passes, with one leaf after the other set to what is unclear.
fn with_an_unclear_leaf(check: CheckKind) -> Vec<Evidence> {
    let name = || text("MARIA APARECIDA CONCEICAO");
    let birth = || Some(Pii::new(birth_date()));
    let document =
        |cpf, name, birth_date, genuine| Evidence::Document { kind: None, cpf, name, birth_date, genuine };
    let cpf = || text("52998224725");
    let yes = Some(Genuineness::Stated(Finding::Yes));
    let register = |status, deceased, name| Evidence::Registration { status, deceased, name };
    match check {
        CheckKind::Registration => vec![
            register(None, Finding::No, name()),
            register(Some(PersonStatus::from("?")), Finding::No, name()),
            register(Some(PersonStatus::Regular), Finding::Unclear, name()),
            register(Some(PersonStatus::Regular), Finding::No, text("?")),
        ],
        CheckKind::Document => vec![
            document(None, name(), birth(), yes),
            document(text("?"), name(), birth(), yes),
            document(cpf(), None, birth(), yes),
            document(cpf(), text("?"), birth(), yes),
            document(cpf(), name(), None, yes),
            document(cpf(), name(), birth(), Some(Genuineness::Stated(Finding::Unclear))),
        ],
        CheckKind::FaceDocument => {
            vec![face(Verdict::Inconclusive, Some(100_000)), face(Verdict::Match, None)]
        }
        CheckKind::FaceRegister => vec![face(Verdict::Inconclusive, None)],
        CheckKind::Liveness => {
            vec![Evidence::Liveness { live: Finding::Unclear, method: LivenessMethod::Capture }]
        }
        _ => vec![Evidence::Risk { low: Finding::Unclear, score: Some(1) }],
    }
}

#[test]
fn no_unclear_leaf_is_approved_or_refused() {
    for policy in
        [Policy::built_in(), policy(&Policy::built_in().text().replace("\"review\"\non", "\"refuse\"\non"))]
    {
        for check in CheckKind::ALL {
            for evidence in with_an_unclear_leaf(check).iter().chain([&Evidence::Unclear("missing")]) {
                let mut results = all_good(&policy);
                results.retain(|result| result.check != check);
                results.push(combine(&policy, check, &[answered(&policy, "toy", check, evidence)]));
                assert_eq!(decide(&policy, &results, at()).outcome, Outcome::Review, "{check}: {evidence:?}");
            }
        }
    }
}

fn any_state() -> impl Strategy<Value = CheckState> {
    proptest::sample::select(CheckState::ALL)
}

fn any_results() -> impl Strategy<Value = Vec<(CheckKind, Vec<CheckState>)>> {
    let states =
        prop_oneof![3 => Just(vec![CheckState::Passed]), 1 => proptest::collection::vec(any_state(), 0..4)];
    let check = (proptest::sample::select(&CheckKind::ALL[..]), states);
    prop_oneof![
        proptest::collection::vec(check, 0..8),
        Just(CheckKind::ALL.map(|check| (check, vec![CheckState::Passed])).to_vec())
    ]
}

fn any_policy() -> impl Strategy<Value = Policy> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(refuses, all, repeats)| {
        let mut text = Policy::built_in().text().to_owned();
        if refuses {
            text = text.replace("on_fail    = \"review\"", "on_fail = \"refuse\"");
        }
        if all {
            text = text.replace("\"first\"", "\"all\"");
        }
        if repeats {
            text = text.replace("[check.document]", "[check.document]\nuncertain = \"repeat\"");
        }
        policy(&text)
    })
}

fn built(policy: &Policy, results: &[(CheckKind, Vec<CheckState>)]) -> Vec<CheckResult> {
    let vendors = |check: CheckKind, states: &[CheckState]| -> Vec<_> {
        states.iter().map(|state| of_state(policy, check, *state)).collect()
    };
    results.iter().map(|(check, states)| combine(policy, *check, &vendors(*check, states))).collect()
}

proptest! {
    #[test]
    fn the_same_input_gives_the_same_decision(policy in any_policy(), results in any_results()) {
        let results = built(&policy, &results);
        prop_assert_eq!(decide(&policy, &results, at()), decide(&policy, &results, at()));
    }

    #[test]
    fn a_result_more_that_did_not_pass_never_approves(
        policy in any_policy(),
        results in any_results(),
        check in proptest::sample::select(&CheckKind::ALL[..]),
        state in any_state(),
    ) {
        // What no vendor offers is no obstacle if the policy does not require it.
        let is_required = policy.check(check).is_some_and(|wanted| wanted.is_required);
        prop_assume!(state != CheckState::Passed && (state != CheckState::NotOffered || is_required));
        let mut results = built(&policy, &results);
        let was_approved = decide(&policy, &results, at()).outcome == Outcome::Approved;
        results.push(combine(&policy, check, &[of_state(&policy, check, state)]));
        let is_approved = decide(&policy, &results, at()).outcome == Outcome::Approved;
        prop_assert!(was_approved || !is_approved);
    }

    #[test]
    fn a_vendor_more_that_did_not_pass_never_approves(
        policy in any_policy(),
        mut results in any_results(),
        at_check in any::<proptest::sample::Index>(),
        state in any_state(),
    ) {
        prop_assume!(state != CheckState::Passed && !results.is_empty());
        let was_approved = decide(&policy, &built(&policy, &results), at()).outcome == Outcome::Approved;
        let place = at_check.index(results.len());
        results[place].1.push(state);
        let is_approved = decide(&policy, &built(&policy, &results), at()).outcome == Outcome::Approved;
        // A check that nobody was asked for is approved without, if it is not required and not offered.
        prop_assert!(was_approved || !is_approved);
    }

    #[test]
    fn a_result_less_that_passed_never_approves(
        policy in any_policy(),
        mut results in any_results(),
        at_check in any::<proptest::sample::Index>(),
    ) {
        prop_assume!(!results.is_empty());
        let was_approved = decide(&policy, &built(&policy, &results), at()).outcome == Outcome::Approved;
        let removed = results.remove(at_check.index(results.len()));
        prop_assume!(removed.1 == [CheckState::Passed]);
        let is_approved = decide(&policy, &built(&policy, &results), at()).outcome == Outcome::Approved;
        prop_assert!(was_approved || !is_approved);
    }

    #[test]
    fn a_refusal_has_a_rule_that_its_author_wrote(policy in any_policy(), results in any_results()) {
        let decision = decide(&policy, &built(&policy, &results), at());
        if decision.outcome == Outcome::Refused {
            prop_assert_eq!(decision.rule, Rule::FailRefused);
            prop_assert!(policy.text().contains("on_fail = \"refuse\""));
        }
    }
}
