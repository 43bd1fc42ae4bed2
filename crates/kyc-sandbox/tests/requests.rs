//! The log of the requests, in the library and on the control route.

use std::sync::{Arc, Mutex};

use kyc_sandbox::{Fault, RequestFilter, RequestRecord, Sandbox, clearsale};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::*;

fn all(sandbox: &Sandbox) -> Vec<RequestRecord> {
    sandbox.requests().newest(&RequestFilter::default(), usize::MAX)
}

async fn log_in(sandbox: &Sandbox, secret: &str) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}/api/authentication/login", sandbox.clearsale_url());
    let body = json!({ "clientId": Sandbox::CLEARSALE_CLIENT_ID, "clientSecret": secret });
    client().post(url).json(&body).send().await
}

/// The body of a control route.
async fn got(sandbox: &Sandbox, path: &str) -> (u16, Value) {
    let url = format!("{}/_sandbox/{path}", sandbox.url());
    read(client().get(url).send().await.expect("a response")).await
}

/// The records once there are this many: a client may see that it was disconnected before the sandbox records it.
async fn recorded(sandbox: &Sandbox, wanted: u64) -> Vec<RequestRecord> {
    let mut newest = sandbox.requests().subscribe();
    let enough = newest.wait_for(|number| *number >= wanted);
    tokio::time::timeout(seconds(5), enough).await.expect("in time").expect("the sandbox runs");
    all(sandbox)
}

#[tokio::test]
async fn a_request_is_recorded_with_its_operation_and_its_refusal() {
    let sandbox = sandbox().await;
    log_in(&sandbox, Sandbox::CLEARSALE_CLIENT_SECRET).await.expect("a response");
    log_in(&sandbox, "wrong").await.expect("a response");
    let records = recorded(&sandbox, 2).await;
    let [good, bad] = &records[..] else { panic!("{records:?}") };
    assert_eq!((good.number, good.vendor, good.operation), (1, "clearsale", Some("login")));
    assert_eq!((good.method, good.path.as_str()), ("POST", "/clearsale/api/authentication/login"));
    assert_eq!((good.status, &good.reason, good.faulty, good.paid), (Some(200), &None, false, false));
    let body = json!({
        "clientId": Sandbox::CLEARSALE_CLIENT_ID, "clientSecret": Sandbox::CLEARSALE_CLIENT_SECRET
    });
    assert_eq!(good.request_bytes, u64::try_from(body.to_string().len()).expect("short"));
    assert_eq!(good.at, kyc_core::Clock::now(&sandbox.clock()));
    assert_eq!((bad.number, bad.status), (2, Some(401)));
    let reason = bad.reason.as_deref().expect("a reason");
    assert!(reason.starts_with("clientId or clientSecret is wrong; see https://"), "{reason}");
}

#[tokio::test]
async fn what_a_client_wrote_into_a_path_is_not_recorded() {
    let sandbox = sandbox().await;
    let root = sandbox.clearsale_url();
    let id = "3f2b8c1e-1111-4222-8333-944455556666";
    for path in [
        &format!("/api/v2/Facematch/faces/match2d-2d/{id}?cpf=52998224725"),
        "/nowhere/52998224725/maria%20silva?cpf=52998224725",
        "",
    ] {
        client().get(format!("{root}{path}")).send().await.expect("a response");
    }
    let records = recorded(&sandbox, 3).await;
    let paths: Vec<_> = records.iter().map(|record| (record.path.as_str(), record.operation)).collect();
    assert_eq!(
        paths,
        [
            ("/clearsale/api/v2/Facematch/faces/match2d-2d/{transaction_id}", Some("match2d-2d-query")),
            ("/clearsale/nowhere/…/…", None),
            ("/clearsale", None),
        ]
    );
    assert!(records.iter().skip(1).all(|record| record.status == Some(404)));
    let shown = format!("{records:?}{}", json!(records));
    assert!(!shown.contains("52998224725") && !shown.contains("maria"), "{shown}");
}

#[tokio::test]
async fn a_fault_and_a_closed_connection_are_recorded() {
    let sandbox = sandbox().await;
    sandbox.clearsale().fault(Fault::status(503));
    sandbox.clearsale().fault(Fault::close());
    let secret = Sandbox::CLEARSALE_CLIENT_SECRET;
    assert_eq!(log_in(&sandbox, secret).await.expect("a response").status().as_u16(), 503);
    log_in(&sandbox, secret).await.expect_err("closed");
    let records = recorded(&sandbox, 2).await;
    assert_eq!(records.iter().map(|record| record.status).collect::<Vec<_>>(), [Some(503), None]);
    for record in records {
        assert!(record.faulty && record.operation == Some("login"), "{record:?}");
        assert!(record.reason.expect("a reason").starts_with("this fault was requested"));
    }
}

#[tokio::test]
async fn a_client_that_gives_up_is_recorded_with_its_operation() {
    let sandbox = sandbox().await;
    sandbox.clearsale().fault(Fault::hang().on(clearsale::Operation::Login));
    let mut socket = TcpStream::connect(sandbox.addr()).await.expect("a connection");
    let head = "POST /clearsale/api/authentication/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
    socket.write_all(head.as_bytes()).await.expect("taken");
    while sandbox.clearsale().waiting_faults() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    assert!(all(&sandbox).is_empty(), "not over yet");
    drop(socket);
    let record = recorded(&sandbox, 1).await.remove(0);
    assert_eq!((record.operation, record.status, record.faulty), (Some("login"), None, true));
    assert_eq!((record.reason, record.request_bytes), (None, 2));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_recorded() {
    let sandbox = sandbox().await;
    let mut socket = TcpStream::connect(sandbox.addr()).await.expect("a connection");
    let head = "POST /clearsale/api/authentication/login HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{}";
    socket.write_all(head.as_bytes()).await.expect("taken");
    socket.shutdown().await.expect("half closed");
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest).await;
    let record = recorded(&sandbox, 1).await.remove(0);
    assert_eq!((record.status, record.operation, record.request_bytes), (None, None, 2));
}

#[tokio::test]
async fn a_method_of_the_clients_own_is_not_repeated() {
    let sandbox = sandbox().await;
    let method = reqwest::Method::from_bytes(b"MARIA").expect("a token");
    client().request(method, sandbox.clearsale_url()).send().await.expect("a response");
    assert_eq!(recorded(&sandbox, 1).await[0].method, "OTHER");
}

#[tokio::test]
async fn every_vendor_is_recorded_but_no_control_route() {
    let sandbox = sandbox().await;
    for path in ["/", "/_sandbox/", "/_sandbox/clock", "/_sandbox/clearsale", "/nowhere"] {
        client().get(format!("{}{path}", sandbox.url())).send().await.expect("a response");
    }
    assert_eq!(sandbox.requests().total(), 0);
    let vendors = sandbox.vendors();
    for vendor in &vendors {
        client().get(format!("{}/nowhere", vendor.url)).send().await.expect("a response");
    }
    let records = recorded(&sandbox, u64::try_from(vendors.len()).expect("few")).await;
    assert!(records.iter().map(|record| record.vendor).eq(vendors.iter().map(|vendor| vendor.key)));
}

#[tokio::test]
async fn a_paid_request_is_marked_and_one_that_was_triggered_is_not_recorded() {
    let sandbox = sandbox().await;
    sandbox.trigger("clearsale", "match").expect("an outcome");
    for token in [Sandbox::CELLERE_TOKEN, "wrong"] {
        let url = format!("{}/bg-check/cpf-simples", sandbox.cellere_url());
        let request = client().post(url).bearer_auth(token).json(&json!({ "cpf": "52998224725" }));
        request.send().await.expect("a response");
    }
    let records = recorded(&sandbox, 2).await;
    let paid: Vec<_> = records.iter().map(|record| (record.vendor, record.paid, record.status)).collect();
    assert_eq!(paid, [("cellere", true, Some(200)), ("cellere", false, Some(400))]);
    assert_eq!((sandbox.cellere().paid_calls(), sandbox.clearsale().paid_calls()), (1, 1));
}

#[tokio::test]
async fn a_hook_sees_for_whom_each_paid_call_was() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let seen = Arc::clone(&seen);
        move |vendor: &str, operation: &str, cpf: Option<&str>| {
            let call = (vendor.to_owned(), operation.to_owned(), cpf.map(str::to_owned));
            seen.lock().expect("no panic").push(call);
        }
    };
    let sandbox = builder().on_paid(hook).start().await.expect("a free port");
    for cpf in ["52998224725", "52998224726", "11144477735"] {
        let url = format!("{}/bg-check/cpf-simples", sandbox.cellere_url());
        let request = client().post(url).bearer_auth(Sandbox::CELLERE_TOKEN).json(&json!({ "cpf": cpf }));
        request.send().await.expect("a response");
    }
    let paid = |cpf: &str| ("cellere".to_owned(), "cpf".to_owned(), Some(cpf.to_owned()));
    assert_eq!(*seen.lock().expect("no panic"), [paid("52998224725"), paid("11144477735")]);
}

#[tokio::test]
async fn a_hook_sees_each_record() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = {
        let seen = Arc::clone(&seen);
        move |record: &RequestRecord| seen.lock().expect("no panic").push((record.number, record.status))
    };
    let sandbox = builder().on_request(hook).start().await.expect("a free port");
    log_in(&sandbox, "wrong").await.expect("a response");
    log_in(&sandbox, Sandbox::CLEARSALE_CLIENT_SECRET).await.expect("a response");
    sandbox.shutdown().await;
    assert_eq!(*seen.lock().expect("no panic"), [(1, Some(401)), (2, Some(200))]);
}

#[tokio::test]
async fn without_a_log_nothing_is_recorded() {
    let sandbox = builder().log_requests(false).start().await.expect("a free port");
    log_in(&sandbox, Sandbox::CLEARSALE_CLIENT_SECRET).await.expect("a response");
    assert_eq!((sandbox.requests().total(), all(&sandbox).len()), (0, 0));
    assert_eq!(sandbox.clearsale().logins(), 1);
}

#[tokio::test]
async fn the_control_route_lists_and_filters() {
    let sandbox = sandbox().await;
    log_in(&sandbox, Sandbox::CLEARSALE_CLIENT_SECRET).await.expect("a response");
    log_in(&sandbox, "wrong").await.expect("a response");
    client().get(format!("{}/nowhere", sandbox.bankly_url())).send().await.expect("a response");
    recorded(&sandbox, 3).await;
    let (status, body) = got(&sandbox, "requests").await;
    assert_eq!((status, &body["total"], &body["dropped"]), (200, &json!(3), &json!(0)));
    let first = &body["requests"][0];
    for (name, value) in [
        ("number", json!(1)),
        ("vendor", json!("clearsale")),
        ("operation", json!("login")),
        ("method", json!("POST")),
        ("path", json!("/clearsale/api/authentication/login")),
        ("status", json!(200)),
        ("reason", Value::Null),
        ("faulty", json!(false)),
        ("paid", json!(false)),
    ] {
        assert_eq!(first[name], value, "{name}");
    }
    assert!(first["took_ms"].is_number() && first["at"].is_string() && first["request_bytes"].is_u64());
    for (query, wanted) in [
        ("", vec![1, 2, 3]),
        ("vendor=clearsale", vec![1, 2]),
        ("operation=login&status=401", vec![2]),
        ("status=closed", vec![]),
        ("since=1", vec![2, 3]),
        ("limit=1", vec![3]),
        ("limit=0", vec![]),
        ("limit=5000", vec![1, 2, 3]),
        ("since=9", vec![]),
    ] {
        let (status, body) = got(&sandbox, &format!("requests?{query}")).await;
        let requests = body["requests"].as_array().expect("requests");
        let numbers: Vec<_> = requests.iter().filter_map(|record| record["number"].as_u64()).collect();
        assert_eq!((status, numbers), (200, wanted), "{query}");
    }
}

#[tokio::test]
async fn a_query_that_says_nothing_sensible_is_refused_by_name() {
    let sandbox = sandbox().await;
    for (query, name) in [
        ("vendor=nobody", "\"vendor\""),
        ("vendor=", "\"vendor\""),
        ("operation=nothing", "\"operation\""),
        ("status=4xx", "\"status\""),
        ("status=99", "\"status\""),
        ("since=-1", "\"since\""),
        ("limit=many", "\"limit\""),
        ("limit=1&limit=2", "\"limit\""),
        ("vendr=bankly", "\"vendr\""),
    ] {
        let (status, body) = got(&sandbox, &format!("requests?{query}")).await;
        let error = body["error"].as_str().expect("an error");
        assert!(status == 400 && error.contains(name), "{query}: {error}");
    }
}
