//! Every documented response and event, changed as the vendor may change it: new fields are reported, odd values are kept.

use test_support::fidelity::{self, Answer};

fn answers() -> Vec<Answer> {
    fidelity::answers(env!("CARGO_PKG_NAME"), crate::coverage::reader)
}

#[test]
fn every_response_is_read_completely() {
    fidelity::each_is_read_whole(&answers());
    assert!(answers().len() >= 75, "{}", answers().len());
}

#[test]
fn no_leaf_is_printed() {
    fidelity::no_leaf_is_printed(&answers());
}

#[test]
fn an_injected_key_is_reported_at_its_path() {
    let injected = fidelity::injected_keys_are_reported(&answers(), |path| {
        // Links are kept as received.
        if path.starts_with("links") { Vec::new() } else { vec![path] }
    });
    assert!(injected >= 250, "{injected}");
}

#[test]
fn a_thousand_edits_of_each_response() {
    fidelity::a_thousand_edits_of_each(&answers());
}

#[test]
fn a_truncated_response_is_a_typed_error() {
    fidelity::cut_anywhere_it_is_a_typed_error(&answers());
}
