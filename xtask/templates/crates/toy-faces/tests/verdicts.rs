//! Nothing but a favourable value in every decisive place makes a response favourable.

use toy_faces::{VENDOR, VERDICT_RULES};

#[test]
fn only_decisive_leaves_decide() {
    test_support::verdicts::hold(VENDOR.name(), VERDICT_RULES);
}
