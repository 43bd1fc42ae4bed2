use kyc_sandbox::Sandbox;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let (status, answer) = read(client().get(url(sandbox, path)).send().await.expect("a response")).await;
    assert_eq!(status, 200);
    answer
}

async fn tell(sandbox: &Sandbox, path: &str, body: &Value) -> (u16, Value) {
    read(client().post(url(sandbox, path)).json(body).send().await.expect("a response")).await
}

fn url(sandbox: &Sandbox, path: &str) -> String {
    format!("{}/_sandbox{path}", sandbox.url())
}

#[tokio::test]
async fn the_summary_has_operations_and_test_inputs() {
    let sandbox = sandbox().await;
    let summary = get(&sandbox, "/").await;
    assert_eq!(get(&sandbox, "").await, summary);
    let clearsale = &summary["vendors"]["clearsale"];
    assert_eq!(clearsale["client_config"]["base_url"], json!(sandbox.clearsale_url()));
    assert_eq!(clearsale["operations"], json!(["login", "match2d-2d", "match2d-2d-query"]));
    assert_eq!(clearsale["test_inputs"].as_array().map(Vec::len), Some(11));
}

#[tokio::test]
async fn the_clock_is_advanced() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    let id = submit(&sandbox, &token, &order()).await;
    assert_eq!(tell(&sandbox, "/clock", &json!({ "advance_seconds": 1.5 })).await.0, 200);
    assert_eq!(query(&sandbox, &token, &id).await.1["transactionStatus"], "Success");
    for wrong in [json!({ "advance_seconds": -1 }), json!({ "advance": 1 }), json!({})] {
        let (status, answer) = tell(&sandbox, "/clock", &wrong).await;
        assert!((400..500).contains(&status) && answer["error"].is_string(), "{wrong}");
    }
}

#[tokio::test]
async fn requests_are_counted() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    submit(&sandbox, &token, &order()).await;
    post(&sandbox, MATCH, &token, &json!({})).await;
    let requests = json!({ "login": 1, "match2d-2d": 2, "match2d-2d-query": 0 });
    let expected = json!({ "requests": requests, "logins": 1, "paid": 1 });
    assert_eq!(get(&sandbox, "/counts").await["clearsale"], expected);
}

#[tokio::test]
async fn faults_are_added_and_removed() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    for (order, status) in [
        (
            json!({ "kind": "status", "status": 429, "retry_after_seconds": 1, "operation": "match2d-2d" }),
            429,
        ),
        (json!({ "kind": "html", "status": 503, "operation": "any" }), 503),
        (json!({ "kind": "empty" }), 404),
        (json!({ "kind": "latency", "seconds": 0.01, "duplicate_webhooks": true }), 400),
    ] {
        let mut order = order;
        order["vendor"] = "clearsale".into();
        let (accepted, answer) = tell(&sandbox, "/faults", &order).await;
        assert_eq!((accepted, &answer["waiting_faults"]), (200, &json!(1)), "{order}");
        assert_eq!(
            send(&sandbox, MATCH, &token, &json!({})).await.expect("a response").status(),
            status,
            "{order}"
        );
    }
    assert_eq!(get(&sandbox, "/").await["vendors"]["clearsale"]["state"]["duplicate_webhooks"], true);
    for kind in ["truncated_json", "cut_body", "close", "hang"] {
        let order = json!({ "vendor": "clearsale", "kind": kind, "times": 2, "after_effect": true });
        assert_eq!(tell(&sandbox, "/faults", &order).await.0, 200, "{kind}");
    }
    assert_eq!(sandbox.clearsale().waiting_faults(), 8);
    let cleared = client().delete(url(&sandbox, "/faults")).send().await.expect("a response");
    assert_eq!(cleared.status(), 204);
    let clearsale = &get(&sandbox, "/").await["vendors"]["clearsale"];
    assert_eq!(
        (&clearsale["waiting_faults"], &clearsale["state"]["duplicate_webhooks"]),
        (&json!(0), &json!(false))
    );
}

#[tokio::test]
async fn an_invalid_fault_request_has_no_effect() {
    let sandbox = sandbox().await;
    for wrong in [
        json!({ "vendor": "clearsale" }),
        json!({ "kind": "close" }),
        json!({ "vendor": "nobody", "kind": "close" }),
        json!({ "vendor": "clearsale", "kind": "flood", "duplicate_webhooks": true }),
        json!({ "vendor": "clearsale", "kind": "close", "operation": "logon" }),
        json!({ "vendor": "clearsale", "kind": "status" }),
        json!({ "vendor": "clearsale", "kind": "status", "status": 101 }),
        json!({ "vendor": "clearsale", "kind": "latency", "seconds": -1 }),
        json!({ "vendor": "clearsale", "kind": "close", "time": 2 }),
    ] {
        let (status, answer) = tell(&sandbox, "/faults", &wrong).await;
        assert!((400..500).contains(&status) && answer["error"].is_string(), "{wrong}");
    }
    let clearsale = &get(&sandbox, "/").await["vendors"]["clearsale"];
    assert_eq!(
        (&clearsale["waiting_faults"], &clearsale["state"]["duplicate_webhooks"]),
        (&json!(0), &json!(false))
    );
    // Any web page could send a form, so only JSON is accepted.
    let form = client().post(url(&sandbox, "/clock")).body("{\"advance_seconds\":1}").send().await;
    assert_eq!(form.expect("a response").status(), 415);
}

#[tokio::test]
async fn webhooks_are_registered_and_listed() {
    let sandbox = sandbox().await;
    let mut receiver = Receiver::start().await;
    let register = json!({ "url": receiver.url, "token": "hook-secret" });
    assert_eq!(tell(&sandbox, "/clearsale/webhooks", &register).await, (204, Value::Null));
    let refused = json!({ "url": "http://example.com/", "token": "hook-secret" });
    assert_eq!(tell(&sandbox, "/clearsale/webhooks", &refused).await.0, 400);

    let token = login(&sandbox).await;
    let id = submit(&sandbox, &token, &order()).await;
    receiver.next().await;
    deliveries_when(&sandbox, |all| !all[0].attempts.is_empty()).await;
    let delivery = &get(&sandbox, "/webhooks").await["deliveries"][0];
    assert_eq!(delivery["reference"], json!(id));
    assert_eq!(delivery["state"], "delivered");
    assert_eq!(delivery["attempts"][0]["http_status"], 200);
}

#[tokio::test]
async fn tokens_are_expired() {
    let sandbox = sandbox().await;
    let token = login(&sandbox).await;
    assert_eq!(tell(&sandbox, "/clearsale/expire-tokens", &json!({})).await.0, 204);
    assert_eq!(query(&sandbox, &token, "some-id").await.0, 401);
}
