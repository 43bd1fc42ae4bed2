use kyc_fixtures::clearsale_facematch as documented;
use kyc_sandbox::clearsale::TestOutcome;
use kyc_sandbox::{DeliveryState, Sandbox};

use super::client::*;
use crate::support::*;

async fn listening() -> (Sandbox, Receiver, String) {
    let sandbox = sandbox().await;
    let receiver = Receiver::start().await;
    sandbox.clearsale().register_webhook(&receiver.url, "hook-secret").expect("loopback");
    let token = login(&sandbox).await;
    (sandbox, receiver, token)
}

#[tokio::test]
async fn each_change_of_status_sends_a_webhook_without_a_query() {
    let (sandbox, mut receiver, token) = listening().await;
    let id = submit(&sandbox, &token, &order_for(TestOutcome::Error)).await;
    let (headers, first) = receiver.next().await;
    assert_eq!(headers["authorization"], "Bearer hook-secret");
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(first["transactionStatus"], "Processing");
    assert!(first.get("confiability").is_none() && first.get("isMatch").is_none());

    sandbox.clock().advance(seconds(2));
    let (_, second) = receiver.next().await;
    let live = [
        "/clientId",
        "/identifierId",
        "/cPF",
        "/confiability",
        "/transactionId",
        "/transactionStatus",
        "/message",
    ];
    assert_eq!(second, with_live_values(documented::WEBHOOK.body, &second, &live));
    assert_eq!(second["clientId"], Sandbox::CLEARSALE_CLIENT_ID);
    assert_eq!(second["transactionId"], id.replace('-', ""));
    assert_eq!(second["transactionStatus"], "Error");
}

#[tokio::test]
async fn only_200_counts_as_delivered() {
    let (sandbox, mut receiver, token) = listening().await;
    receiver.answer(&[204, 500, 302]);
    // The slow CPF, so that no second event consumes a scripted status.
    submit(&sandbox, &token, &order_for(TestOutcome::Slow)).await;
    for (tries, pause) in [(1, 2), (2, 4), (3, 8)] {
        let deliveries = deliveries_when(&sandbox, |all| all[0].attempts.len() == tries).await;
        assert_eq!(deliveries[0].state, DeliveryState::Pending);
        assert_eq!(receiver.next().await.1["transactionStatus"], "Processing");
        sandbox.clock().advance(seconds(pause));
    }
    let deliveries = deliveries_when(&sandbox, |all| all[0].state == DeliveryState::Delivered).await;
    let answers: Vec<_> = deliveries[0].attempts.iter().map(|attempt| attempt.http_status).collect();
    assert_eq!(answers, [Some(204), Some(500), Some(302), Some(200)]);
}

#[tokio::test]
async fn it_gives_up_after_five_attempts() {
    let (sandbox, receiver, token) = listening().await;
    receiver.answer(&[404; 5]);
    submit(&sandbox, &token, &order_for(TestOutcome::Slow)).await;
    for (tries, pause) in [(1, 2), (2, 4), (3, 8), (4, 16)] {
        deliveries_when(&sandbox, |all| all[0].attempts.len() == tries).await;
        sandbox.clock().advance(seconds(pause));
    }
    let deliveries = deliveries_when(&sandbox, |all| all[0].state == DeliveryState::GivenUp).await;
    assert_eq!(deliveries[0].attempts.len(), 5);
    // Later events are still sent.
    sandbox.clock().advance(seconds(30));
    let deliveries = deliveries_when(&sandbox, |all| all.len() == 2 && !all[1].attempts.is_empty()).await;
    assert_eq!((deliveries[1].event, deliveries[1].state), ("Success", DeliveryState::Delivered));
}

#[tokio::test]
async fn an_unreachable_receiver_is_an_attempt_without_a_status() {
    let sandbox = sandbox().await;
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", gone.local_addr().expect("an address"));
    drop(gone);
    sandbox.clearsale().register_webhook(&url, "hook-secret").expect("loopback");
    let token = login(&sandbox).await;
    submit(&sandbox, &token, &order()).await;
    let deliveries = deliveries_when(&sandbox, |all| !all[0].attempts.is_empty()).await;
    assert_eq!(deliveries[0].attempts[0].http_status, None);
}

#[tokio::test]
async fn events_of_a_transaction_keep_their_order() {
    let (sandbox, mut receiver, token) = listening().await;
    for _ in 0..10 {
        submit(&sandbox, &token, &order()).await;
        sandbox.clock().advance(seconds(2));
        assert_eq!(next_status(&mut receiver).await, "Processing");
        assert_eq!(next_status(&mut receiver).await, "Success");
    }
}

#[tokio::test]
async fn a_query_does_not_send_a_second_webhook() {
    let (sandbox, mut receiver, token) = listening().await;
    let id = submit(&sandbox, &token, &order()).await;
    sandbox.clock().advance(seconds(2));
    for _ in 0..3 {
        query(&sandbox, &token, &id).await;
    }
    assert_eq!(next_status(&mut receiver).await, "Processing");
    assert_eq!(next_status(&mut receiver).await, "Success");
    assert_eq!(sandbox.clearsale().deliveries().len(), 2);
}

#[tokio::test]
async fn duplicates_are_sent_on_request() {
    let (sandbox, mut receiver, token) = listening().await;
    sandbox.clearsale().duplicate_webhooks(true);
    submit(&sandbox, &token, &order()).await;
    sandbox.clock().advance(seconds(2));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(next_status(&mut receiver).await);
    }
    assert_eq!(seen, ["Processing", "Processing", "Success", "Success"]);
    let duplicates: Vec<_> = sandbox.clearsale().deliveries().iter().map(|each| each.duplicate).collect();
    assert_eq!(duplicates, [false, true, false, true]);
}

#[tokio::test]
async fn only_loopback_receivers_unless_allowed() {
    let sandbox = sandbox().await;
    let clearsale = sandbox.clearsale();
    for good in ["http://localhost:1/", "http://127.0.0.9:1/", "http://[::1]:1/"] {
        assert!(clearsale.register_webhook(good, "t").is_ok(), "{good}");
    }
    for bad in [
        "http://example.com/",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.com/",
        "https://127.0.0.1/",
        "x",
    ] {
        assert!(clearsale.register_webhook(bad, "t").is_err(), "{bad}");
    }
    assert!(clearsale.register_webhook("http://127.0.0.1/", "a\nb").is_err());
    let open = builder().allow_non_loopback().start().await.expect("a free port");
    assert!(open.clearsale().register_webhook("http://example.com/", "t").is_ok());
}
