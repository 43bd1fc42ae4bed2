//! The leaves of ClearSale's responses that decide, and what each response comes to.

use kyc_core::{DecisiveLeaf, Judgement, VerdictRule};

use crate::operations::match2d_2d_query::{Outcome, Transaction};
use crate::webhook::Notification;

const LEAVES: &[DecisiveLeaf] = &[
    DecisiveLeaf::new(&["transactionStatus", "TransactionStatus"], &["Success"]),
    DecisiveLeaf::new(&["isMatch", "IsMatch"], &["true", "sim", "s", "yes", "y", "1", "1.0"]),
    DecisiveLeaf::new(&["confiability", "Confiability"], &["1", "2", "3", "4", "5", "6"]),
];

const SAMPLES: &[&str] = &[
    r#"{"transactionId":"498ec397-8529-454a-ac7b-d1628d6074ed","identifierId":"order-1","cpf":"12345678909","confiability":6,
        "isMatch":true,"transactionStatus":"Success","message":"ok"}"#,
    r#"{"IdentifierID":"1","TransactionId":"2","CPF":"3","Confiability":"4","IsMatch":"True","TransactionStatus":"Success"}"#,
];

/// How each capability judges a response, by the leaves that decide.
pub const VERDICT_RULES: &[VerdictRule] = &[
    VerdictRule::new("face match", &["match2d-2d-query"], LEAVES, |body| Judgement::of_response(body, judge))
        .with_samples(SAMPLES),
    VerdictRule::new("face match by webhook", &["webhook"], LEAVES, |body| {
        Judgement::of_response(body, |notification: Notification| judge(notification.into_transaction()))
    })
    .with_samples(SAMPLES),
];

fn judge(transaction: Transaction) -> Judgement {
    match transaction.outcome() {
        Outcome::Match(_) => Judgement::Favourable,
        Outcome::NoMatch(_) | Outcome::Failed => Judgement::Unfavourable,
        Outcome::Pending | Outcome::Unclear(_) => Judgement::Open,
    }
}
