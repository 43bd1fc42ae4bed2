//! The leaves of the vendor's responses that decide, and what each response comes to.

use kyc_core::{DecisiveLeaf, Judgement, VerdictRule};

use crate::operations::compare::Comparison;
use crate::webhook::Notification;

const LEAVES: &[DecisiveLeaf] =
    &[DecisiveLeaf::new(&["isMatch"], &["true", "sim", "s", "yes", "y", "1", "1.0"])];

/// How each capability judges a response, by the leaves that decide.
pub const VERDICT_RULES: &[VerdictRule] = &[
    VerdictRule::new("face match", &["compare"], LEAVES, |body| {
        Judgement::of_response(body, |comparison: Comparison| comparison.finding().into())
    }),
    VerdictRule::new("face match by webhook", &["webhook"], LEAVES, |body| {
        Judgement::of_response(body, |notification: Notification| notification.finding().into())
    }),
];
