//! Every documented response with changes that the vendor may make: new fields are reported, odd values are kept.

use test_support::fidelity::{self, Answer};

fn answers() -> Vec<Answer> {
    fidelity::answers(env!("CARGO_PKG_NAME"), crate::coverage::reader)
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
