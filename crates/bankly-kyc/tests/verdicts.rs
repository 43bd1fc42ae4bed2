//! Nothing but a favourable value in every decisive place makes an image valid, and a contradiction is unclear.

use bankly_kyc::{VENDOR, VERDICT_RULES};

#[test]
fn only_decisive_leaves_decide() {
    test_support::verdicts::hold(VENDOR.name(), VERDICT_RULES);
}
