use kyc_sandbox::clearsale::TestOutcome;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

#[tokio::test]
async fn each_outcome_is_announced_and_can_be_queried() {
    let sandbox = sandbox().await;
    let mut receiver = Receiver::start().await;
    let config = receiver_config(&sandbox, &receiver, "clearsale.webhook");
    let bearer = format!("Bearer {}", config.get("token").expect("a token"));
    let token = login(&sandbox).await;
    let expected = [
        ("match", "Success", 6, TestOutcome::Level(6)),
        ("no-match", "Success", 0, TestOutcome::Level(0)),
        ("level-1", "Success", 1, TestOutcome::Level(1)),
        ("level-2", "Success", 2, TestOutcome::Level(2)),
        ("level-3", "Success", 3, TestOutcome::Level(3)),
        ("level-4", "Success", 4, TestOutcome::Level(4)),
        ("level-5", "Success", 5, TestOutcome::Level(5)),
        ("no-match-at-level-6", "Success", 6, TestOutcome::Level(6)),
        ("error", "Error", 0, TestOutcome::Error),
        ("error-without-message", "Error", 0, TestOutcome::Level(6)),
        ("error-list", "Error", 0, TestOutcome::Level(6)),
    ];
    assert_eq!(outcomes_of("clearsale"), expected.map(|(name, ..)| name));
    for (name, status, confiability, outcome) in expected {
        let id = sandbox.trigger("clearsale", name).expect("an outcome").reference;
        for wanted in ["Processing", status] {
            let (path, headers, body) = receiver.next_at().await;
            assert_eq!(path, "/webhooks/clearsale");
            assert_eq!(headers["authorization"], bearer);
            let event: Value = serde_json::from_str(&body).expect("JSON");
            assert_eq!(
                (&event["transactionStatus"], &event["cPF"]),
                (&json!(wanted), &json!(cpf_for(outcome)))
            );
            assert_eq!(event["transactionId"], id.replace('-', ""));
        }
        let (http, queried) = query(&sandbox, &token, &id).await;
        assert_eq!((http, &queried["transactionStatus"]), (200, &json!(status)));
        assert_eq!(
            (&queried["confiability"], &queried["isMatch"]),
            (&json!(confiability), &json!(confiability > 0 && !name.starts_with("no-match")))
        );
    }
    assert_eq!(sandbox.clearsale().paid_calls(), 11);
}

#[tokio::test]
async fn a_delayed_outcome_is_decided_when_it_is_due() {
    let sandbox = sandbox().await;
    let triggered = sandbox.trigger_delayed("clearsale", "match").expect("an outcome");
    assert_eq!(triggered.due_in, std::time::Duration::from_millis(1500));
    let token = login(&sandbox).await;
    assert_eq!(query(&sandbox, &token, &triggered.reference).await.1["transactionStatus"], "Processing");
    sandbox.clock().advance(triggered.due_in);
    assert_eq!(query(&sandbox, &token, &triggered.reference).await.1["transactionStatus"], "Success");
}
