//! Every documented response with changes that the vendor may make: new fields are reported, odd values are kept.

use test_support::fidelity::{self, Answer};

fn answers() -> Vec<Answer> {
    fidelity::answers(env!("CARGO_PKG_NAME"), crate::coverage::reader)
}

#[test]
fn every_answer_is_read_whole() {
    let answers = answers();
    fidelity::each_is_read_whole(&answers);
    assert!(answers.len() >= 69, "{}", answers.len());
}

#[test]
fn no_leaf_is_printed() {
    fidelity::no_leaf_is_printed(&answers());
}

#[test]
fn an_injected_key_is_reported_at_its_path() {
    let injected = fidelity::injected_keys_are_reported(&answers(), |path| {
        // The structure of these is unknown, so every key is kept.
        let is_raw = path.starts_with("AdditionalOutputData.") || path.starts_with("img_stats[].");
        if is_raw { Vec::new() } else { vec![path] }
    });
    assert!(injected >= 250, "{injected}");
}

#[test]
fn a_thousand_edits_of_each() {
    fidelity::a_thousand_edits_of_each(&answers());
}

#[test]
fn cut_anywhere_it_is_a_typed_error() {
    fidelity::cut_anywhere_it_is_a_typed_error(&answers());
}
