//! The control routes that concern no vendor in particular.

use kyc_core::VirtualClock;
use kyc_sandbox::{Fault, Sandbox, clearsale};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;

async fn ask(sandbox: &Sandbox, method: Method, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let mut request = client().request(method, format!("{}{path}", sandbox.url()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read_any(request.send().await.expect("a response")).await
}

async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> (u16, Value) {
    let request = client().post(format!("{}/_sandbox/{path}", sandbox.url())).json(body);
    read_any(request.send().await.expect("a response")).await
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    let (status, body) = ask(sandbox, Method::GET, &format!("/_sandbox/{path}"), &[]).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

#[tokio::test]
async fn health_says_which_version_runs() {
    let health = get(&sandbox().await, "health").await;
    assert_eq!(health, json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
}

#[tokio::test]
async fn the_clock_is_frozen_or_running() {
    let frozen = sandbox().await;
    let before = get(&frozen, "clock").await;
    assert_eq!(before["state"], "frozen");
    let (_, advanced) = post(&frozen, "clock", &json!({ "advance_seconds": 60 })).await;
    assert_eq!(get(&frozen, "clock").await["now"], advanced["now"]);
    assert_ne!(advanced["now"], before["now"]);
    let running = Sandbox::builder().clock(VirtualClock::running()).start().await.expect("a free port");
    assert_eq!(get(&running, "clock").await["state"], "running");
}

#[tokio::test]
async fn queued_faults_are_listed_in_the_words_that_set_them() {
    let sandbox = sandbox().await;
    let all = [
        json!({ "vendor": "bankly", "kind": "latency", "seconds": 1.5 }),
        json!({ "vendor": "clearsale", "kind": "status", "status": 429, "retry_after_seconds": 2, "times": 3 }),
        json!({ "vendor": "clearsale", "kind": "status", "status": 503, "operation": "login" }),
        json!({ "vendor": "clearsale", "kind": "html", "status": 502 }),
        json!({ "vendor": "clearsale", "kind": "empty", "status": 404 }),
        json!({ "vendor": "clearsale", "kind": "truncated_json", "after_effect": true }),
        json!({ "vendor": "clearsale", "kind": "cut_body" }),
        json!({ "vendor": "clearsale", "kind": "close" }),
        json!({ "vendor": "clearsale", "kind": "hang" }),
    ];
    let mut expected = all.clone();
    for (body, described) in all.iter().zip(&mut expected) {
        assert_eq!(post(&sandbox, "faults", body).await.0, 200, "{body}");
        let complete = described.as_object_mut().expect("an object");
        complete.entry("operation").or_insert(json!("any"));
        complete.entry("times").or_insert(json!(1));
        complete.entry("after_effect").or_insert(json!(false));
    }
    assert_eq!(get(&sandbox, "faults").await["faults"], json!(expected));
    // The list can be sent back.
    assert_eq!(ask(&sandbox, Method::DELETE, "/_sandbox/faults", &[]).await.0, 204);
    assert_eq!(get(&sandbox, "faults").await["faults"], json!([]));
    for described in &expected {
        assert_eq!(post(&sandbox, "faults", described).await.0, 200, "{described}");
    }
    assert_eq!(get(&sandbox, "faults").await["faults"], json!(expected));
}

#[tokio::test]
async fn a_full_queue_of_faults_refuses_another() {
    let sandbox = sandbox().await;
    let fault = || Fault::close().on(clearsale::Operation::Query);
    assert!((0..1000).all(|_| sandbox.clearsale().fault(fault())));
    assert!(!sandbox.clearsale().fault(fault()));
    let (status, body) = post(&sandbox, "faults", &json!({ "vendor": "clearsale", "kind": "close" })).await;
    assert!(
        status == 409 && body["error"].as_str().is_some_and(|error| error.contains("1000 faults")),
        "{body}"
    );
    assert_eq!(sandbox.clearsale().waiting_faults(), 1000);
    // A refused request has no effect at all.
    let both = json!({ "vendor": "clearsale", "kind": "close", "duplicate_webhooks": true });
    assert_eq!(post(&sandbox, "faults", &both).await.0, 409);
    let summary = get(&sandbox, "").await;
    assert_eq!(summary["vendors"]["clearsale"]["state"]["duplicate_webhooks"], false);
    // Another vendor has a queue of its own.
    assert_eq!(post(&sandbox, "faults", &json!({ "vendor": "bankly", "kind": "close" })).await.0, 200);
}

#[tokio::test]
async fn reset_makes_everything_as_at_the_start_but_the_clock() {
    let sandbox = sandbox().await;
    let whole = async || {
        let mut summary = get(&sandbox, "").await;
        summary.as_object_mut().expect("an object").remove("now");
        summary
    };
    let start = whole().await;
    sandbox.clock().advance(seconds(60));
    let clock = get(&sandbox, "clock").await;
    sandbox.trigger("clearsale", "match").expect("an outcome");
    sandbox.clearsale().fault(Fault::close());
    client().get(format!("{}/nowhere", sandbox.clearsale_url())).send().await.expect("a response");
    let sent =
        client().post(format!("{}/api/authentication/login", sandbox.clearsale_url())).json(&json!({}));
    sent.send().await.expect_err("closed");
    assert_ne!(whole().await["vendors"]["clearsale"]["counts"], start["vendors"]["clearsale"]["counts"]);
    sandbox.clearsale().fault(Fault::close());

    assert_eq!(ask(&sandbox, Method::POST, "/_sandbox/reset", &[]).await, (204, Value::Null));
    let now = whole().await;
    for (key, vendor) in now["vendors"].as_object().expect("vendors") {
        for name in ["waiting_faults", "dropped"] {
            assert_eq!(vendor[name], 0, "{key} {name}");
        }
        let counts = &vendor["counts"];
        assert_eq!(
            (&counts["paid"], &counts["requests"]),
            (&json!(0), &start["vendors"][key]["counts"]["requests"])
        );
    }
    let requests = get(&sandbox, "requests").await;
    assert_eq!((&requests["requests"], &requests["total"]), (&json!([]), &json!(2)));
    assert_eq!(get(&sandbox, "clock").await, clock);
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let sandbox = sandbox().await;
    let own = sandbox.url();
    let refused = async |method: Method, path: &str, headers: &[(&str, &str)]| {
        let (status, body) = ask(&sandbox, method, path, headers).await;
        assert!(status == 403 && body["error"].is_string(), "{path} {headers:?}: {status} {body}");
    };
    for path in ["/_sandbox/", "/_sandbox/counts", "/_sandbox/clearsale/", "/_sandbox/nowhere", "/"] {
        refused(Method::GET, path, &[("origin", "http://evil.example")]).await;
        refused(Method::GET, path, &[("sec-fetch-site", "cross-site")]).await;
        refused(Method::GET, path, &[("sec-fetch-site", "same-site")]).await;
        refused(Method::GET, path, &[("host", "evil.example")]).await;
    }
    refused(Method::POST, "/_sandbox/reset", &[("origin", "null")]).await;
    refused(Method::OPTIONS, "/_sandbox/reset", &[("origin", "http://evil.example")]).await;
    let from_itself = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(ask(&sandbox, Method::POST, "/_sandbox/reset", &from_itself).await.0, 204);
    // A link on another page.
    let link =
        [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    let mut request = client().get(format!("{own}/"));
    for (name, value) in link {
        request = request.header(name, value);
    }
    assert_eq!(request.send().await.expect("a response").status(), 200);
    refused(Method::GET, "/_sandbox/", &link).await;
    // No page of another origin can read a response either.
    let response = client().get(format!("{own}/_sandbox/")).header("origin", &own).send().await;
    assert!(
        response.expect("a response").headers().keys().all(|name| !name.as_str().contains("access-control"))
    );
}

#[tokio::test]
async fn the_apis_of_the_vendors_stay_open_to_any_origin_and_host() {
    let sandbox = sandbox().await;
    let headers =
        [("origin", "http://shop.example"), ("sec-fetch-site", "cross-site"), ("host", "kyc.example")];
    for vendor in sandbox.vendors() {
        let path = format!("/{}/nowhere", vendor.key);
        assert_eq!(ask(&sandbox, Method::POST, &path, &headers).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn any_host_reaches_a_sandbox_that_others_may_use() {
    let sandbox = builder().allow_non_loopback().start().await.expect("a free port");
    assert_eq!(ask(&sandbox, Method::GET, "/_sandbox/health", &[("host", "kyc.internal:80")]).await.0, 200);
    let other = [("host", "kyc.internal"), ("origin", "http://evil.example")];
    assert_eq!(ask(&sandbox, Method::GET, "/_sandbox/health", &other).await.0, 403);
}
