//! The server's limits, over real sockets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post as on_post};
use bytes::Bytes;
use kyc_webhook::ServerLimits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::fakes::{Fixture, Served, post, rest_of, status};

fn limited(set: impl FnOnce(&mut ServerLimits)) -> ServerLimits {
    let mut limits = ServerLimits::default();
    set(&mut limits);
    limits
}

#[tokio::test]
async fn a_head_with_too_much_in_it_is_refused() {
    let fixture = Fixture::new();
    let server = fixture.serve(ServerLimits::default()).await;
    let many: String = (0..200).map(|number| format!("\nX-{number}: a")).collect();
    let large = format!("\nX: {}", "a".repeat(20_000));
    let huge = format!("\nX: {}", "a".repeat(2_000_000));
    for headers in [&many, &large, &huge] {
        let mut stream = server.connect().await;
        // The server need not take it all.
        let _ = stream.write_all(post(&format!("/webhooks/open{headers}"), "{}").as_bytes()).await;
        let response = rest_of(stream).await;
        assert_eq!(status(&response), "431", "{} bytes", headers.len());
    }
    // A header without an end.
    let mut stream = server.begin("POST /webhooks/open HTTP/1.1\r\nX: ").await;
    let _ = stream.write_all(&[b'a'; 20_000]).await;
    assert_eq!(status(&rest_of(stream).await), "431");
    let long = format!("/webhooks/open?{}", "a".repeat(20_000));
    let response = server.send(post(&long, "{}")).await;
    assert!(["414", "431"].contains(&status(&response)), "{response}");
    assert_eq!(status(&server.send("no HTTP\r\n\r\n").await), "400");
    assert!(fixture.inbox.bodies().is_empty() && fixture.told().is_empty());
    assert_eq!(status(&server.send(post("/webhooks/open", "{}")).await), "200");
}

#[tokio::test]
async fn a_slow_head_and_an_idle_connection_are_closed() {
    let fixture = Fixture::new();
    let server = fixture.serve(limited(|limits| limits.head_timeout = Duration::from_millis(50))).await;
    assert_eq!(server.send("").await, "");
    assert_eq!(server.send("POST /webhooks/open HTTP/1.1\r\nHost: a\r\n").await, "");
    let request = post("/webhooks/open", "{}").replace("Connection: close\r\n", "");
    assert_eq!(status(&server.send(request).await), "200");
}

#[tokio::test]
async fn strangers_that_send_nothing_do_not_keep_a_vendor_out() {
    let fixture = Fixture::new();
    let server = fixture.serve(limited(|limits| limits.connections = 8)).await;
    let begun = post("/webhooks/open", "x").replace("Length: 1", "Length: 9");
    let idle = post("/webhooks/open", "[]").replace("Connection: close\r\n", "");
    let mut strangers = Vec::new();
    for number in 0..200 {
        let sent = ["", "POST /webhooks/open HTTP/1.1\r\n", &begun, &idle][number % 4];
        strangers.push(server.begin(sent).await);
        if number % 20 == 0 {
            let body = format!("{{\"id\":{number}}}");
            assert_eq!(status(&server.send(post("/webhooks/open", &body)).await), "200", "{number}");
        }
    }
    assert_eq!(fixture.inbox.bodies().len(), 10);
    // The first stranger's connection is closed, the last one's is open.
    let mut first = strangers.remove(0);
    assert!(!matches!(first.read(&mut [0; 1]).await, Ok(1..)));
    let mut last = strangers.pop().expect("there are some");
    last.write_all(post("/webhooks/open", "{\"id\":200}").as_bytes()).await.expect("open");
    assert_eq!(rest_of(last).await.matches("HTTP/1.1 200 ").count(), 2);
}

#[tokio::test]
async fn a_connection_whose_request_is_served_is_not_closed_for_another() {
    let (release, released) = oneshot::channel::<()>();
    let released = Mutex::new(Some(released));
    let (begin, begun) = oneshot::channel::<()>();
    let begin = Mutex::new(Some(begin));
    let slow = move || {
        let released = released.lock().expect("not poisoned").take().expect("called once");
        begin.lock().expect("not poisoned").take().expect("called once").send(()).expect("received");
        async move { released.await.map_or("dropped", |()| "served") }
    };
    let slow = Arc::new(slow);
    let routes =
        Router::new().route("/slow", on_post(move |_: Bytes| slow())).route("/", on_post(async || ()));
    let server = Served::new(routes, limited(|limits| limits.connections = 1)).await;
    let slow = server.begin(post("/slow", "{}")).await;
    begun.await.expect("begun");
    let mut next = server.begin(post("/", "")).await;
    assert!(tokio::time::timeout(Duration::from_millis(50), next.read_u8()).await.is_err());
    release.send(()).expect("received");
    assert!(rest_of(slow).await.ends_with("served"));
    assert_eq!(status(&rest_of(next).await), "200");
}

#[tokio::test]
async fn a_peer_has_no_more_connections_than_it_may() {
    let fixture = Fixture::new();
    let server = fixture.serve(limited(|limits| limits.connections_per_peer = Some(2))).await;
    let first = server.connect().await;
    let _second = server.connect().await;
    let mut third = server.connect().await;
    assert!(!matches!(third.read(&mut [0; 1]).await, Ok(1..)));
    drop(first);
    // The place is free as soon as the server has noticed.
    loop {
        let mut next = server.connect().await;
        let mut answer = String::new();
        let sent = next.write_all(post("/webhooks/open", "{}").as_bytes()).await;
        if sent.is_ok() && next.read_to_string(&mut answer).await.is_ok() && status(&answer) == "200" {
            break;
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    /// Tells when the response is dropped.
    struct Large(Vec<u8>, #[expect(dead_code, reason = "dropped with it")] oneshot::Sender<()>);
    impl AsRef<[u8]> for Large {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    let (sender, dropped) = oneshot::channel();
    let large = Bytes::from_owner(Large(vec![b'x'; 64 << 20], sender));
    let large = Arc::new(Mutex::new(large));
    let taken = move || std::mem::take(&mut *large.lock().expect("not poisoned"));
    let routes = Router::new().route("/", get(async move || taken()));
    let limits = limited(|limits| limits.write_timeout = Duration::from_millis(50));
    let server = Served::new(routes, limits).await;
    let _client = server.begin("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(dropped.await.is_err());
}

/// A connection with a request whose body the server has asked for.
async fn begun(server: &Served) -> TcpStream {
    let head = post("/webhooks/open\nExpect: 100-continue", "").replace("Length: 0", "Length: 2");
    let mut stream = server.begin(head).await;
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.expect("asked");
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[tokio::test]
async fn a_server_that_is_stopped_completes_what_it_has_begun() {
    let fixture = Fixture::new();
    let server = fixture.serve(ServerLimits::default()).await;
    let idle = server.begin(post("/webhooks/open", "[]").replace("Connection: close\r\n", "")).await;
    let silent = server.connect().await;
    let mut begun = begun(&server).await;
    while fixture.told().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.stop.cancel();
    assert_eq!(status(&rest_of(idle).await), "200");
    assert_eq!(rest_of(silent).await, "");
    begun.write_all(b"{}").await.expect("open");
    let response = rest_of(begun).await;
    assert_eq!(status(&response), "200");
    server.task.await.expect("stopped");
    assert_eq!(fixture.inbox.bodies(), ["{}"]);
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_server_that_is_stopped_does_not_wait_without_end() {
    let fixture = Fixture::new();
    let server = fixture.serve(limited(|limits| limits.stop_grace = Duration::from_millis(50))).await;
    let _begun = begun(&server).await;
    server.stop.cancel();
    server.task.await.expect("stopped");
}
