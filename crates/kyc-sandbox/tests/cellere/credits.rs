use kyc_sandbox::cellere::Operation;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

fn balance(amount: u64) -> (u16, Value) {
    (200, json!({ "amount": amount, "units": "credit" }))
}

#[tokio::test]
async fn each_success_costs_a_credit_until_none_is_left() {
    let sandbox = builder().cellere_credits(2).start().await.expect("a free port");
    let cellere = sandbox.cellere();
    let cpf = json!({ "cpf": "93000000127" });
    assert_eq!(fetch(&sandbox, BALANCE).await, balance(2));
    assert_eq!(send_json(&sandbox, CPF, &json!({ "cpf": "1" })).await.0, 400);
    assert_eq!(send_json(&sandbox, CPF, &cpf).await.0, 200);
    assert_eq!(fetch(&sandbox, "/bg-check/cpf-completo?cpf=93000000127").await.0, 200);
    assert_eq!(fetch(&sandbox, BALANCE).await, balance(0));
    let none = refusal(403, "Insufficient credits to perform this operation");
    assert_eq!(send_json(&sandbox, CPF, &cpf).await, none);
    let image = json!({ "image": base64(empty_png()) });
    assert_eq!(send_json(&sandbox, "/contextus/rg", &image).await, none);
    assert_eq!(send_json(&sandbox, CPF, &json!({ "cpf": "1" })).await.0, 400, "what is wrong is said first");
    cellere.set_credits(1);
    assert_eq!(send_json(&sandbox, CPF, &cpf).await.0, 200);
    assert_eq!((cellere.credits(), cellere.paid_calls()), (0, 3));
    assert_eq!((cellere.paid_calls_of(Operation::Cpf), cellere.requests(Operation::Cpf)), (3, 6));
    assert_eq!((cellere.requests(Operation::Balance), cellere.paid_calls_of(Operation::Balance)), (2, 0));
}

#[tokio::test]
async fn there_are_a_thousand_credits_at_the_start() {
    let sandbox = sandbox().await;
    assert_eq!(sandbox.cellere().credits(), 1000);
    assert_eq!(fetch(&sandbox, BALANCE).await, balance(1000));
}
