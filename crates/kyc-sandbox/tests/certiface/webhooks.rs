use kyc_sandbox::certiface::{CpfForm, Provider, StatusUpdate, TestOutcome};
use kyc_sandbox::{DeliveryState, Sandbox};
use serde_json::json;

use super::client::*;
use crate::support::*;

async fn listening() -> (Sandbox, Receiver) {
    let sandbox = sandbox().await;
    let receiver = Receiver::start().await;
    sandbox.certiface().register_completion_webhook(&receiver.url).expect("loopback");
    (sandbox, receiver)
}

#[tokio::test]
async fn the_end_of_a_journey_sends_a_webhook_without_a_query() {
    let (sandbox, mut receiver) = listening().await;
    for (outcome, status) in [(TestOutcome::Approved, "Completo"), (TestOutcome::Failed, "Error")] {
        let appkey = appkey_for(&sandbox, outcome).await;
        live(&sandbox, &appkey).await;
        document(&sandbox, &appkey).await;
        assert!(sandbox.certiface().deliveries().iter().all(|each| each.state == DeliveryState::Delivered));
        sandbox.clock().advance(seconds(3));
        let (headers, event) = receiver.next().await;
        assert_eq!(event, json!({ "Status": status, "Appkey": appkey }));
        assert_eq!(headers["content-type"], "application/json; charset=utf-8");
        assert!(headers.get("authorization").is_none());
        result(&sandbox, &appkey).await;
        certiface_deliveries_when(&sandbox, |all| {
            all.iter().all(|each| each.state == DeliveryState::Delivered)
        })
        .await;
    }
    let deliveries = sandbox.certiface().deliveries();
    let events: Vec<_> = deliveries.iter().map(|each| (each.vendor, each.event)).collect();
    assert_eq!(events, [("certiface", "Completo"), ("certiface", "Error")]);
    assert!(deliveries.iter().all(|each| each.reference.len() == 12), "a protocol, not an appkey");
}

#[tokio::test]
async fn a_journey_without_a_document_or_with_a_retry_left_sends_no_webhook() {
    let (sandbox, _receiver) = listening().await;
    sandbox.certiface().liveness_3d(Provider::IProov);
    let appkey = appkey_for(&sandbox, TestOutcome::Refused).await;
    live(&sandbox, &appkey).await;
    let open = appkey_for(&sandbox, TestOutcome::RetriedOnce).await;
    let (_, session) = post_json(&sandbox, "/3d/session-token", &json!({ "appkey": open })).await;
    let proof = json!({ "appkey": open, "sessionToken": session["token"] });
    assert_eq!(post_json(&sandbox, "/3d/liveness", &proof).await.1["retry"], true);
    document(&sandbox, &open).await;
    sandbox.clock().advance(seconds(3600));
    assert_eq!(result(&sandbox, &open).await.1["status"], "Em processamento");
    assert!(sandbox.certiface().deliveries().is_empty());
}

#[tokio::test]
async fn any_2xx_counts_as_delivered_and_anything_else_is_retried() {
    let (sandbox, mut receiver) = listening().await;
    receiver.answer(&[500, 302, 202]);
    journey(&sandbox, TestOutcome::Approved).await;
    for (tries, pause) in [(1, 2), (2, 4)] {
        receiver.next().await;
        certiface_deliveries_when(&sandbox, |all| all[0].attempts.len() == tries).await;
        sandbox.clock().advance(seconds(pause));
    }
    let deliveries =
        certiface_deliveries_when(&sandbox, |all| all[0].state == DeliveryState::Delivered).await;
    let answers: Vec<_> = deliveries[0].attempts.iter().map(|attempt| attempt.http_status).collect();
    assert_eq!(answers, [Some(500), Some(302), Some(202)]);
}

#[tokio::test]
async fn duplicates_are_sent_on_request() {
    let (sandbox, mut receiver) = listening().await;
    sandbox.certiface().duplicate_webhooks(true);
    journey(&sandbox, TestOutcome::Approved).await;
    assert_eq!(receiver.next().await.1, receiver.next().await.1);
    let duplicates: Vec<_> = sandbox.certiface().deliveries().iter().map(|each| each.duplicate).collect();
    assert_eq!(duplicates, [false, true]);
}

#[tokio::test]
async fn status_updates_are_sent_on_request() {
    let sandbox = sandbox().await;
    let certiface = sandbox.certiface();
    let update = StatusUpdate::new("202200998977", "00011122233");
    assert!(certiface.send_status_update(&update).is_err(), "nobody listens");
    let mut receiver = Receiver::start().await;
    certiface.register_status_webhook(&receiver.url).expect("loopback");
    certiface.send_status_update(&update).expect("sent");
    let printed =
        r#"{"protocolo":"202200998977","cpf":00011122233,"novoStatus":"RES","descricao":"Suspeita Fraude"}"#;
    assert_eq!(receiver.next_text().await.1, printed);

    let mut update = update;
    update.cpf_form = CpfForm::Text;
    update.descricao = "com \"aspas\"".to_owned();
    certiface.send_status_update(&update).expect("sent");
    let read = receiver.next().await.1;
    assert_eq!((&read["cpf"], &read["descricao"]), (&json!("00011122233"), &json!("com \"aspas\"")));
    assert!(certiface.send_status_update(&StatusUpdate::new("1", "000.111")).is_err());
    assert!(!format!("{update:?}").contains("00011122233"));
    let deliveries = certiface_deliveries_when(&sandbox, |all| all.len() == 2).await;
    assert_eq!((deliveries[0].event, deliveries[0].reference.as_str()), ("status-update", "202200998977"));
}

#[tokio::test]
async fn only_loopback_receivers_unless_allowed() {
    let sandbox = sandbox().await;
    for bad in ["http://example.com/", "https://127.0.0.1/", "x"] {
        assert!(sandbox.certiface().register_completion_webhook(bad).is_err(), "{bad}");
        assert!(sandbox.certiface().register_status_webhook(bad).is_err(), "{bad}");
    }
}
