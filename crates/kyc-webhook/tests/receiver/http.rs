//! The router, over real sockets.

use std::time::Duration;

use kyc_webhook::{ReceiverLimits, ServerLimits, router};
use tokio::io::AsyncWriteExt as _;

use super::fakes::{Fixture, Mood, Served, assert_private, post, rest_of, signature, status};

const AUTHORISED: &str = "/webhooks/bearer\nAuthorization: Bearer s3cret-token";

fn limited(set: impl FnOnce(&mut ReceiverLimits)) -> Fixture {
    let mut limits = ReceiverLimits::default();
    set(&mut limits);
    Fixture::with(|builder| builder.limits(limits))
}

async fn served(fixture: &Fixture) -> Served {
    fixture.serve(ServerLimits::default()).await
}

#[tokio::test]
async fn each_vendor_gets_the_answer_that_it_wants() {
    let fixture = Fixture::with(|builder| {
        let builder = builder.trusted_proxies(["127.0.0.1"]).expect("valid");
        builder.public_url("https://hooks.example.com/kyc").expect("valid")
    });
    let server = served(&fixture).await;
    let signed = signature("https://hooks.example.com/kyc/webhooks/signed?a=b%2Fc&d", b"{}");
    for (head, expected, told) in [
        (AUTHORISED, "202", "bearer: 1 events"),
        ("/webhooks/bearer\nAuthorization: Bearer no", "401", "bearer: secret"),
        (
            "/webhooks/bearer\nAuthorization: Bearer no\nAuthorization: Bearer s3cret-token",
            "401",
            "bearer: missing_header",
        ),
        (&format!("/webhooks/signed?a=b%2Fc&d\nSignature: {signed}"), "200", "signed: 1 events"),
        (&format!("/webhooks/signed?a=b/c&d\nSignature: {signed}"), "401", "signed: signature"),
        ("/webhooks/secret-path/s3cret-path", "200", "secret-path: 1 events"),
        ("/webhooks/secret-path/guess", "401", "secret-path: secret"),
        ("/webhooks/peer\nX-Forwarded-For: 203.0.113.9", "200", "peer: 1 events"),
        ("/webhooks/peer\nX-Forwarded-For: 203.0.113.9, 192.0.2.1", "401", "peer: peer"),
        ("/webhooks/peer\nX-Forwarded-For: 1.1.1.1\nX-Forwarded-For: 203.0.113.9", "401", "peer: no_peer"),
        ("/webhooks/peer", "401", "peer: no_peer"),
        ("/webhooks/open/a/b//?c", "200", "open: 1 events"),
        ("/webhooks/nobody", "404", "nobody: route"),
        ("/webhooks", "404", "nobody: route"),
        ("/webhooks/", "404", "nobody: route"),
        ("/webhooks//open", "404", "nobody: route"),
    ] {
        let response = server.send(post(head, "{}")).await;
        assert_eq!(status(&response), expected, "{head}: {response}");
        assert_eq!(fixture.told(), [told], "{head}");
        assert_private(&response);
        // An accepted request is answered without a body.
        assert_eq!(response.ends_with("\r\n\r\n"), expected.starts_with('2'), "{response}");
    }
    assert_eq!(fixture.inbox.bodies(), ["{}"; 5]);
}

#[tokio::test]
async fn an_address_from_an_unnamed_proxy_is_not_believed() {
    let fixture = Fixture::with(|builder| builder.trusted_proxies(["10.0.0.0/8"]).expect("valid"));
    let server = served(&fixture).await;
    let response = server.send(post("/webhooks/peer\nX-Forwarded-For: 203.0.113.9", "{}")).await;
    assert_eq!((status(&response), &*fixture.told()), ("401", &["peer: peer".to_owned()][..]));
}

#[tokio::test]
async fn an_ipv4_proxy_on_an_ipv6_socket_is_recognised() {
    let fixture = Fixture::with(|builder| builder.trusted_proxies(["127.0.0.0/8"]).expect("valid"));
    let router = router(fixture.receiver.clone());
    let mut server = Served::at("[::]:0", router, ServerLimits::default()).await;
    server.address = (std::net::Ipv4Addr::LOCALHOST, server.address.port()).into();
    let response = server.send(post("/webhooks/peer\nX-Forwarded-For: 203.0.113.9", "{}")).await;
    assert_eq!(status(&response), "200", "{response}");
}

#[tokio::test]
async fn only_post_is_served() {
    let fixture = Fixture::new();
    let server = served(&fixture).await;
    for method in ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post"] {
        let request = format!("{method} /webhooks/open HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let response = server.send(request).await;
        assert_eq!(status(&response), "405", "{method}");
        assert!(response.contains("\r\nallow: POST\r\n"), "{response}");
        assert_eq!(fixture.told(), ["open: method"], "{method}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused_from_its_head_alone() {
    let fixture = Fixture::new();
    let server = served(&fixture).await;
    for (head, told) in [("/webhooks/open", "open: too_large"), (AUTHORISED, "bearer: too_large")] {
        // The answer comes although nothing of the body is sent.
        let head = post(head, "").replace("Content-Length: 0", "Content-Length: 20000000");
        let response = server.send(&head).await;
        assert_eq!((status(&response), &*fixture.told()), ("413", &[told.to_owned()][..]));
        // And it arrives although the sender goes on.
        let response = server.send(format!("{head}{}", "x".repeat(20_000_000))).await;
        assert_eq!((status(&response), &*fixture.told()), ("413", &[told.to_owned()][..]));
    }
    // A sender that asks first sends nothing in vain.
    let head = post("/webhooks/bearer\nExpect: 100-continue", "").replace("Length: 0", "Length: 100");
    assert_eq!(status(&server.send(&head).await), "401");
    let head = post(&format!("{AUTHORISED}\nExpect: 100-continue"), "").replace("Length: 0", "Length: 2");
    let response = server.send(format!("{head}{{}}")).await;
    assert!(response.starts_with("HTTP/1.1 100 ") && response.contains("HTTP/1.1 202 "), "{response}");
}

#[tokio::test]
async fn a_chunked_body_is_cut_off_at_the_limit() {
    let fixture = Fixture::new();
    let server = served(&fixture).await;
    let head = post("/webhooks/open\nTransfer-Encoding: chunked", "").replace("Content-Length: 0\r\n", "");
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 13, "x".repeat(1 << 13));
    for (chunks, end, expected) in
        [(8, "0\r\n\r\n", "200"), (8, "1\r\nx\r\n0\r\n\r\n", "413"), (20, "", "413")]
    {
        let response = server.send(format!("{head}{}{end}", chunk.repeat(chunks))).await;
        assert_eq!(status(&response), expected, "{chunks} {end:?}");
    }
    assert_eq!(fixture.told(), ["open: 1 events", "open: too_large", "open: too_large"]);
    let response = server.send(format!("{head}no number\r\n")).await;
    assert_eq!((status(&response), &*fixture.told()), ("400", &["open: incomplete".to_owned()][..]));
}

#[tokio::test]
async fn a_slow_body_is_refused() {
    let fixture = limited(|limits| limits.body_timeout = Duration::from_millis(50));
    let server = served(&fixture).await;
    let begun = post(AUTHORISED, "{}").replace("Content-Length: 2", "Content-Length: 3");
    assert_eq!(status(&server.send(begun).await), "408");
    assert_eq!(fixture.told(), ["bearer: slow"]);
}

#[tokio::test]
async fn bytes_in_memory_are_limited_and_declared_ones_do_not_count() {
    let fixture = limited(|limits| limits.buffered_bytes = 100_000);
    let server = served(&fixture).await;
    // Ten senders declare much more than there is, and send little.
    let small =
        format!("{}{}", post(AUTHORISED, ""), "x".repeat(100)).replace("Length: 0", "Length: 4000000");
    let mut senders = Vec::new();
    for _ in 0..10 {
        senders.push(server.begin(&small).await);
    }
    let response = server.send(post(AUTHORISED, &"y".repeat(50_000))).await;
    assert_eq!(status(&response), "202");
    let response = server.send(post(AUTHORISED, &"y".repeat(100_000))).await;
    assert_eq!(status(&response), "503");
    assert!(response.contains("\r\nretry-after: 10\r\n"), "{response}");
    drop(senders);
    let response = server.send(post(AUTHORISED, &"y".repeat(90_000))).await;
    assert_eq!(status(&response), "202");
    let told = fixture.told();
    assert!(told.contains(&"bearer: busy".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_failing_inbox_is_never_acknowledged_and_things_go_on_when_it_recovers() {
    let fixture = limited(|limits| limits.store_timeout = Duration::from_millis(50));
    let server = served(&fixture).await;
    for mood in [Mood::Fails, Mood::Hangs, Mood::Forgets, Mood::Panics] {
        fixture.inbox.set(mood.clone());
        let response = server.send(post(AUTHORISED, "{}")).await;
        assert_eq!(status(&response), "503", "{mood:?}");
        assert!(response.contains("\r\nretry-after: 10\r\n"), "{response}");
        assert!(fixture.inbox.bodies().is_empty());
        // There is nothing to store.
        assert_eq!(status(&server.send(post(AUTHORISED, "[]")).await), "202", "{mood:?}");
    }
    fixture.inbox.set(Mood::Stores);
    assert_eq!(status(&server.send(post(AUTHORISED, "{}")).await), "202");
    assert_eq!(fixture.inbox.bodies(), ["{}"]);
}

#[tokio::test]
async fn a_panic_of_a_source_is_a_failure_of_ours() {
    let fixture = Fixture::new();
    let server = served(&fixture).await;
    let response = server.send(post("/webhooks/broken", "{}")).await;
    assert_eq!(status(&response), "503");
    assert_private(&response);
    assert_eq!(status(&server.send(post("/webhooks/open", "{}")).await), "200");
}

#[tokio::test]
async fn events_are_stored_although_the_sender_disconnects() {
    let fixture = limited(|limits| limits.store_timeout = Duration::from_millis(200));
    let server = served(&fixture).await;
    fixture.inbox.set(Mood::Hangs);
    drop(server.begin(post("/webhooks/open", "{}")).await);
    // Whatever became of it, the hook is told.
    while fixture.told() != ["open: store_slow"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn fifty_requests_at_once_are_all_stored_once() {
    let fixture = Fixture::new();
    let server = served(&fixture).await;
    let mut streams = Vec::new();
    for number in 0..50 {
        let body = format!("{{\"id\":{}}}", number / 2);
        streams.push(server.begin(post(AUTHORISED, &body)).await);
    }
    for stream in streams {
        assert_eq!(status(&rest_of(stream).await), "202");
    }
    assert_eq!(fixture.inbox.bodies().len(), 25);
    assert_eq!(fixture.told(), ["bearer: 1 events"; 50]);
}

#[tokio::test]
async fn pipelined_requests_are_answered_one_by_one() {
    let fixture = Fixture::new();
    let server = served(&fixture).await;
    let keep = |request: String| request.replace("Connection: close\r\n", "");
    let requests = [
        keep(post("/webhooks/open", "{}")),
        keep(post("/webhooks/bearer", "")),
        keep(post(AUTHORISED, "{}")),
        post("/webhooks/open", "[]"),
    ];
    let response = server.send(requests.concat()).await;
    let statuses: Vec<_> =
        response.match_indices("HTTP/1.1 ").map(|(at, _)| status(&response[at..])).collect();
    assert_eq!(statuses, ["200", "401", "202", "200"]);
    // Whatever follows a body that was not read is not taken for a request.
    let hidden = format!("{}{}", post("/webhooks/open", ""), "x".repeat(70_000));
    let hidden = keep(hidden).replace("Length: 0", "Length: 99999") + &post("/webhooks/open", "{\"id\":1}");
    let response = server.send(hidden).await;
    assert_eq!(response.matches("HTTP/1.1 ").count(), 1, "{response}");
    assert_eq!(fixture.inbox.bodies(), ["{}", "{}"]);
}

#[tokio::test]
async fn a_nested_router_is_reached_through_the_public_url_with_its_prefix() {
    let url = "https://hooks.example.com/proxied/api/kyc";
    let fixture = Fixture::with(|builder| builder.public_url(url).expect("valid"));
    // The proxy removes the first part, axum the second.
    let nested = axum::Router::new().nest("/api/kyc", router(fixture.receiver.clone()));
    let server = Served::new(nested, ServerLimits::default()).await;
    let signed = signature(&format!("{}?a=b", fixture.receiver.urls()[1].1), b"{}");
    let response =
        server.send(post(&format!("/api/kyc/webhooks/signed?a=b\nSignature: {signed}"), "{}")).await;
    assert_eq!(status(&response), "200");
    assert_eq!(status(&server.send(post("/webhooks/open", "{}")).await), "404");
}

#[tokio::test]
async fn the_health_is_told_to_anyone() {
    let fixture = Fixture::new();
    let server = served(&fixture).await;
    let ask = |method: &str| format!("{method} /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&server.send(ask("GET")).await), "200");
    let response = server.send(ask("HEAD")).await;
    assert!(response.starts_with("HTTP/1.1 200 ") && response.ends_with("\r\n\r\n"), "{response}");
    let failing = Fixture::new();
    failing.inbox.set(Mood::Fails);
    let server = served(&failing).await;
    assert_eq!(status(&server.send(ask("GET")).await), "503");
    let mut stream = server.begin(ask("HEAD")).await;
    stream.flush().await.expect("taken");
    assert!(rest_of(stream).await.starts_with("HTTP/1.1 503 "));
}
