//! Every documented response with changes that the vendor may make: new fields are reported, odd values are kept.

use kyc_fixtures::toy_faces as documented;
use test_support::fidelity::{self, Answer, once, round};
use toy_faces::{Comparison, ErrorBody, LoginResponse, Notification};

fn answers() -> Vec<Answer> {
    fidelity::answers(documented::ALL, |fixture| match (fixture.operation, fixture.status) {
        ("login", Some(200)) => (once::<LoginResponse>, Some("access_token")),
        ("compare", Some(200)) => (round::<Comparison>, None),
        ("webhook", _) => (round::<Notification>, None),
        _ => (round::<ErrorBody>, None),
    })
}

#[test]
fn every_answer_is_read_whole() {
    fidelity::each_is_read_whole(&answers());
}

#[test]
fn no_leaf_is_printed() {
    fidelity::no_leaf_is_printed(&answers());
}

#[test]
fn an_injected_key_is_reported_at_its_path() {
    let answers = answers();
    let injected = fidelity::injected_keys_are_reported(&answers, |path| vec![path]);
    assert!(injected >= answers.len(), "{injected}");
}

#[test]
fn a_thousand_edits_of_each() {
    fidelity::a_thousand_edits_of_each(&answers());
}

#[test]
fn cut_anywhere_it_is_a_typed_error() {
    fidelity::cut_anywhere_it_is_a_typed_error(&answers());
}
