//! The core, without HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kyc_webhook::kyc_core::{Timestamp, VirtualClock, WebhookEvent};
use kyc_webhook::{Outcome, Put, Receiver, RequestHead, Stats};

use super::fakes::{Fake, FakeInbox, Fixture, Mood, PUBLIC_URL, assert_private, signature};

fn head<const N: usize>(target: &str, headers: [(&str, &str); N]) -> RequestHead {
    RequestHead::new("POST", target, headers)
}

fn bearer() -> RequestHead {
    head("/webhooks/bearer", [("Authorization", "Bearer s3cret-token")])
}

#[tokio::test]
async fn each_kind_of_trust_is_checked_before_and_after_the_body_is_read() {
    let body = Bytes::from_static(b"{}");
    let url = format!("{PUBLIC_URL}/webhooks/signed?a=%20b");
    let signed = |text: &str| head("/webhooks/signed?a=%20b", [("signature", text)]);
    let peer = |address: &str| head("/webhooks/peer", []).from_peer(address.parse().expect("an address"));
    let fixture = Fixture::new();
    // The limit of the body or the status, the status after the body, and what the hook is told at last.
    for (head, before, after, told) in [
        (bearer(), Ok(4 << 20), 202, "bearer: 1 events"),
        (head("/webhooks/bearer", [("Authorization", "Bearer no")]), Err(401), 401, "bearer: secret"),
        (head("/webhooks/bearer", []), Err(401), 401, "bearer: missing_header"),
        (signed(&signature(&url, b"{}")), Ok(4 << 20), 200, "signed: 1 events"),
        (signed(&signature(&url.to_lowercase(), b"{}")), Ok(4 << 20), 401, "signed: signature"),
        (head("/webhooks/secret-path/s3cret-path", []), Ok(64 << 10), 200, "secret-path: 1 events"),
        (head("/webhooks/secret-path/guess", []), Err(401), 401, "secret-path: secret"),
        (head("/webhooks/secret-path", []), Err(401), 401, "secret-path: secret"),
        (peer("203.0.113.9"), Ok(64 << 10), 200, "peer: 1 events"),
        (peer("::ffff:203.0.113.9"), Ok(64 << 10), 200, "peer: 1 events"),
        (peer("203.0.113.8"), Err(401), 401, "peer: peer"),
        (head("/webhooks/peer", []), Err(401), 401, "peer: no_peer"),
        (head("/webhooks/open?", []), Ok(64 << 10), 200, "open: 1 events"),
        (RequestHead::new("PUT", "/webhooks/open", [("a", "b")]), Err(405), 405, "open: method"),
        (head("/webhooks/other", []), Err(404), 404, "nobody: route"),
        (head("/webhooks/bearer2", []), Err(404), 404, "nobody: route"),
        (head("/webhooks/", []), Err(404), 404, "nobody: route"),
        (head("/bearer", []), Err(404), 404, "nobody: route"),
        (head("https://a/webhooks/open", []), Err(404), 404, "nobody: route"),
    ] {
        let checked = fixture.receiver.check_head(&head).map_err(|answer| answer.status);
        assert_eq!(checked, before, "{told}");
        let answer = fixture.receiver.receive(&head, body.clone()).await;
        assert_eq!(answer.status, after, "{told}");
        // Refused before the body is read and, if somebody goes on nevertheless, again.
        let expected = if checked.is_err() { vec![told, told] } else { vec![told] };
        assert_eq!(fixture.told(), expected);
        let shown = format!("{head:?} {answer:?} {:?}", fixture.receiver);
        assert_private(&shown);
        assert!(!shown.to_lowercase().contains("hooks.example.com"), "{shown}");
    }
    assert_eq!(fixture.inbox.bodies(), ["{}"; 5]);
}

#[tokio::test]
async fn forgers_learn_nothing_but_the_status() {
    let fixture = Fixture::new();
    let refused = [
        head("/webhooks/bearer", []),
        head("/webhooks/bearer", [("Authorization", "Bearer no")]),
        head("/webhooks/signed", [("signature", "no")]),
        head("/webhooks/secret-path", []),
        head("/webhooks/peer", []),
    ];
    for head in refused {
        let answer = fixture.receiver.receive(&head, Bytes::new()).await;
        assert_eq!((answer.status, answer.reason), (401, "the request is not authenticated"), "{head:?}");
        assert_eq!(answer.headers().count(), 0);
    }
}

#[tokio::test]
async fn the_proxy_names_the_sender_and_nobody_else_does() {
    let fixture = Fixture::with(|builder| builder.trusted_proxies(["10.0.0.0/8"]).expect("valid"));
    for (connection, expected) in [("10.0.0.1", 200), ("::ffff:10.0.0.1", 200), ("192.0.2.1", 401)] {
        let head = head("/webhooks/peer", [("X-FORWARDED-FOR", "1.1.1.1, 203.0.113.9")]);
        let head = head.from_peer(connection.parse().expect("an address"));
        let answer = fixture.receiver.receive(&head, Bytes::from_static(b"{}")).await;
        assert_eq!(answer.status, expected, "{connection}");
    }
}

#[tokio::test]
async fn without_a_public_url_a_source_that_needs_one_refuses_everything() {
    let fixture = Fixture::with(|builder| builder);
    let answer =
        fixture.receiver.receive(&head("/webhooks/signed", [("signature", "a")]), Bytes::new()).await;
    assert_eq!((answer.status, fixture.told()), (401, vec!["signed: no_url".to_owned()]));
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused_by_its_declared_and_by_its_true_size() {
    let fixture = Fixture::new();
    let most = 64 << 10;
    for (declared, expected) in [
        ("65536", Ok(most)),
        ("65537", Err(413)),
        ("99999999999999999999999999", Err(413)),
        // Whatever is no number says nothing: the body itself is measured.
        ("-1", Ok(most)),
        ("", Ok(most)),
    ] {
        let head = head("/webhooks/open", [("Content-Length", declared)]);
        let checked = fixture.receiver.check_head(&head).map_err(|answer| answer.status);
        assert_eq!(checked, expected, "{declared}");
    }
    for (bytes, expected) in [(most, 200), (most + 1, 413)] {
        let answer = fixture.receiver.receive(&head("/webhooks/open", []), vec![b'x'; bytes].into()).await;
        assert_eq!(answer.status, expected, "{bytes}");
    }
    assert_eq!(fixture.inbox.stored.lock().expect("not poisoned").len(), 1);
}

#[tokio::test]
async fn what_was_received_is_kept_with_its_type_and_query() {
    let clock = VirtualClock::frozen();
    let now: Timestamp = kyc_webhook::kyc_core::Clock::now(&clock);
    let fixture = Fixture::with(|builder| builder.clock(clock));
    let typed = |target: &str| {
        let headers = [("authorization", "Bearer s3cret-token"), ("content-type", "text/json; charset=x")];
        head(target, headers)
    };
    for (target, body) in [
        ("/webhooks/bearer?shop=7&a=%20b?c", r#"{"name": "Maria"}"#),
        ("/webhooks/bearer?", r#"[{"id":1},{"id":2}]"#),
        ("/webhooks/bearer/below", "no JSON"),
        ("/webhooks/bearer", r#"[{"id":3}]"#),
    ] {
        let body = Bytes::from_static(body.as_bytes());
        assert_eq!(fixture.receiver.receive(&typed(target), body).await.status, 202);
    }
    // A list of one is a list: its event is stored without it.
    let expected = [r#"{"name": "Maria"}"#, r#"{"id":1}"#, r#"{"id":2}"#, "no JSON", r#"{"id":3}"#];
    assert_eq!(fixture.inbox.bodies(), expected);
    let stored = fixture.inbox.stored.lock().expect("not poisoned");
    let content = |index: usize| {
        let content = &stored[index].content;
        (stored[index].event.event_type, content.content_type.as_deref(), content.query.as_deref())
    };
    let content_type = Some("text/json; charset=x");
    assert_eq!(content(0), ("done", content_type, Some("shop=7&a=%20b?c")));
    // The type of a list is not the type of its events.
    assert_eq!(content(1), ("done", None, None));
    assert_eq!(content(2), ("done", None, None));
    assert_eq!(content(3), (WebhookEvent::UNREADABLE, content_type, None));
    assert_eq!(content(4), ("done", None, None));
    assert!(stored.iter().all(|new| new.source == "bearer" && new.received_at == now));
    assert_private(&format!("{stored:?}"));
}

#[tokio::test]
async fn duplicates_and_requests_without_events_are_accepted() {
    let fixture = Fixture::new();
    for body in ["{}", "{}", "[]"] {
        assert_eq!(fixture.receiver.receive(&bearer(), body.into()).await.status, 202);
    }
    assert_eq!(fixture.told(), ["bearer: 1 events", "bearer: 1 events", "bearer: 0 events"]);
    assert_eq!(fixture.inbox.bodies(), ["{}"]);
}

#[tokio::test]
async fn the_hook_learns_what_the_inbox_did() {
    let (sender, receipts) = std::sync::mpsc::channel();
    let receiver = Receiver::builder(Arc::new(FakeInbox::default()))
        .source(Arc::new(Fake::Open))
        .on_receipt(move |receipt| sender.send(receipt.clone()).expect("received"))
        .build()
        .expect("valid");
    for _ in 0..2 {
        receiver.receive(&head("/webhooks/open", []), Bytes::from_static(b"{}")).await;
    }
    let puts = receipts.try_iter().map(|receipt| match receipt.outcome {
        Outcome::Accepted(events) => (events[0].event_type, events[0].is_final, events[0].put),
        _ => panic!("refused"),
    });
    let puts: Vec<_> = puts.collect();
    assert!(matches!(puts[..], [("done", true, Put::New(_)), ("done", true, Put::Duplicate { .. })]));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_accepted_that_is_not_stored() {
    let fixture = Fixture::new();
    for (mood, told) in [
        (Mood::Fails, "bearer: store"),
        (Mood::Hangs, "bearer: store_slow"),
        (Mood::Forgets, "bearer: store"),
    ] {
        fixture.inbox.set(mood);
        let answer = fixture.receiver.receive(&bearer(), "{}".into()).await;
        assert_eq!(answer.status, 503, "{told}");
        assert_eq!(answer.headers().collect::<Vec<_>>(), [("retry-after", "10".to_owned())]);
        assert_eq!(fixture.told(), [told]);
    }
    fixture.inbox.set(Mood::Stores);
    assert_eq!(fixture.receiver.receive(&bearer(), "{}".into()).await.status, 202);
}

#[tokio::test(start_paused = true)]
async fn the_receiver_is_healthy_while_events_are_stored_and_handled() {
    let clock = VirtualClock::frozen();
    let fixture = Fixture::with(|builder| builder.clock(clock.clone()));
    for (mood, oldest_due, expected) in [
        (Mood::Stores, None, 200),
        (Mood::Stores, Some(299), 200),
        (Mood::Stores, Some(300), 503),
        (Mood::Fails, None, 503),
        (Mood::Hangs, None, 503),
        (Mood::Stores, None, 200),
    ] {
        let mut stats = Stats::default();
        stats.oldest_due = oldest_due.map(Duration::from_secs);
        *fixture.inbox.stats.lock().expect("not poisoned") = stats;
        fixture.inbox.set(mood.clone());
        clock.advance(Duration::from_secs(1));
        assert_eq!(fixture.receiver.health().await.status, expected, "{mood:?} {oldest_due:?}");
        // Whoever asks again at once is told the same without asking the inbox.
        fixture.inbox.set(if expected == 200 { Mood::Hangs } else { Mood::Stores });
        assert_eq!(fixture.receiver.health().await.status, expected, "{mood:?} {oldest_due:?}");
    }
    assert!(fixture.told().is_empty());
}

#[test]
fn the_urls_to_register_are_known() {
    let paths = Fixture::with(|builder| builder).receiver.urls();
    assert_eq!(paths[0], ("bearer", "/webhooks/bearer".to_owned()));
    let urls = Fixture::with(|builder| builder.public_url("https://a.example/kyc/").expect("valid"));
    assert_eq!(urls.receiver.urls()[1], ("signed", "https://a.example/kyc/webhooks/signed".to_owned()));
}

#[test]
fn a_receiver_that_could_not_work_is_not_built() {
    let builder = || Receiver::builder(Arc::new(FakeInbox::default()));
    let error = builder().build().expect_err("refused").to_string();
    assert!(error.contains("sources"), "{error}");
    let twice = builder().source(Arc::new(Fake::Open)).source(Arc::new(Fake::Open));
    let error = twice.build().expect_err("refused").to_string();
    assert!(error.contains("open"), "{error}");
    assert!(builder().trusted_proxies(["0.0.0.0/0"]).is_err());
    let secret = builder().public_url("https://a.example/s3cret-path").expect("valid");
    assert_private(&format!("{secret:?}"));
}

#[cfg(feature = "metrics")]
#[test]
fn requests_are_counted_by_source_and_reason_and_never_by_what_a_stranger_wrote() {
    use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, SharedString, Unit};

    /// Writes down each counter that is used.
    #[derive(Default)]
    struct Recorder(std::sync::Mutex<Vec<String>>);
    impl metrics::Recorder for Recorder {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
            let text = format!("{}{}", key.name(), labels.collect::<String>());
            self.0.lock().expect("not poisoned").push(text);
            Counter::noop()
        }
        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }
        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    let recorder = Recorder::default();
    let fixture = Fixture::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    metrics::with_local_recorder(&recorder, || {
        let heads = [bearer(), head("/webhooks/bearer", []), head("/webhooks/Maria", [])];
        for head in heads {
            runtime.block_on(fixture.receiver.receive(&head, "{}".into()));
        }
    });
    let counted = recorder.0.lock().expect("not poisoned");
    let expected = [
        "kyc_webhook_requests_total source=bearer",
        "kyc_webhook_requests_total source=bearer",
        "kyc_webhook_refused_total source=bearer reason=missing_header",
        "kyc_webhook_requests_total source=none",
        "kyc_webhook_refused_total source=none reason=route",
    ];
    assert_eq!(counted[..], expected);
}
