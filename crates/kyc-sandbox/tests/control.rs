use std::net::{IpAddr, Ipv4Addr};

use kyc_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

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
async fn the_summary_lists_help_and_state() {
    let sandbox = sandbox().await;
    let summary = get(&sandbox, "/").await;
    assert_eq!(get(&sandbox, "").await, summary);
    let clearsale = &summary["vendors"]["clearsale"];
    assert_eq!(clearsale["base_url"], json!(sandbox.clearsale_url()));
    assert_eq!(clearsale["operations"], json!(["login", "match2d-2d", "match2d-2d-query"]));
    assert_eq!(clearsale["test_cpfs"].as_array().map(Vec::len), Some(11));

    // Each line of the help is a route, and each vendor has some.
    let help: Vec<_> =
        summary["help"].as_array().expect("lines").iter().map(|line| line.as_str().expect("text")).collect();
    for vendor in summary["vendors"].as_object().expect("vendors").keys() {
        let own = [format!("/{vendor}/"), format!("/{vendor} ")];
        assert!(help.iter().any(|line| own.iter().any(|own| line.contains(own))), "{vendor}");
    }
    for line in help {
        let mut words = line.splitn(3, ' ');
        let (verb, path) = (words.next().expect("a verb"), words.next().expect("a path"));
        let verb = verb.parse().expect("a verb");
        let response =
            client().request(verb, format!("{}{path}", sandbox.url())).send().await.expect("a response");
        // A request without the required body.
        assert!(![404, 405].contains(&response.status().as_u16()), "{line}");
    }
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
    assert_eq!(get(&sandbox, "/").await["vendors"]["clearsale"]["duplicate_webhooks"], true);
    for kind in ["truncated_json", "cut_body", "close", "hang"] {
        let order = json!({ "vendor": "clearsale", "kind": kind, "times": 2, "after_effect": true });
        assert_eq!(tell(&sandbox, "/faults", &order).await.0, 200, "{kind}");
    }
    assert_eq!(sandbox.clearsale().waiting_faults(), 8);
    let cleared = client().delete(url(&sandbox, "/faults")).send().await.expect("a response");
    assert_eq!(cleared.status(), 204);
    let clearsale = &get(&sandbox, "/").await["vendors"]["clearsale"];
    assert_eq!((&clearsale["waiting_faults"], &clearsale["duplicate_webhooks"]), (&json!(0), &json!(false)));
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
    assert_eq!((&clearsale["waiting_faults"], &clearsale["duplicate_webhooks"]), (&json!(0), &json!(false)));
    // Any web page could send a form, so only JSON is accepted.
    let form = client().post(url(&sandbox, "/clock")).body("{\"advance_seconds\":1}").send().await;
    assert_eq!(form.expect("a response").status(), 415);
}

#[tokio::test]
async fn webhooks_are_registered_and_listed() {
    let sandbox = sandbox().await;
    let mut receiver = Receiver::start().await;
    let register = json!({ "url": receiver.url, "token": "hook-secret" });
    assert_eq!(tell(&sandbox, "/webhooks/clearsale", &register).await, (204, Value::Null));
    let refused = json!({ "url": "http://example.com/", "token": "hook-secret" });
    assert_eq!(tell(&sandbox, "/webhooks/clearsale", &refused).await.0, 400);

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

#[tokio::test]
async fn only_loopback_addresses_unless_allowed() {
    let everywhere = IpAddr::from(Ipv4Addr::UNSPECIFIED);
    let refused = Sandbox::builder().bind(everywhere).start().await;
    assert_eq!(refused.expect_err("refused").kind(), std::io::ErrorKind::InvalidInput);
    let allowed =
        Sandbox::builder().bind(everywhere).allow_non_loopback().start().await.expect("a free port");
    assert!(allowed.url().starts_with("http://127.0.0.1:"));
    assert!(sandbox().await.addr().ip().is_loopback());
}

#[tokio::test]
async fn it_stops_on_shutdown_and_when_dropped() {
    let sandbox = sandbox().await;
    let addr = sandbox.addr();
    // A pending request does not delay the shutdown.
    sandbox.clearsale().fault(Fault::hang());
    let hung = tokio::spawn(client().get(format!("{}{MATCH}/id", sandbox.clearsale_url())).send());
    while sandbox.clearsale().waiting_faults() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    sandbox.shutdown().await;
    assert!(hung.await.expect("no panic").is_err());
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());

    let sandbox = Sandbox::builder().start().await.expect("a free port");
    let addr = sandbox.addr();
    drop(sandbox);
    while tokio::net::TcpStream::connect(addr).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
