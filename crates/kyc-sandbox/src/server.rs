//! The HTTP server. It uses hyper directly, because only hyper can close a connection without a response.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutWriter;
use tokio_rustls::TlsAcceptor;

use crate::reply::CloseConnection;

/// More clients wait until a connection ends. While there are that many, each ends with its next response.
const MAX_CONNECTIONS: usize = 256;
/// How long a client may take for its TLS handshake, and for the head of a request or to the next request, in real time.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a client may read nothing of its response, in real time.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a client whose TLS handshake failed may take to read the alert, in real time.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Accepts connections, plain or TLS, until the future is dropped, which closes them all.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    serve_at_most(MAX_CONNECTIONS, listener, tls, router).await;
}

async fn serve_at_most(most: usize, listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    let places = Arc::new(Semaphore::new(most));
    let mut connections = JoinSet::new();
    // The semaphore is never closed.
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(accept(stream, tls.clone(), router.clone(), place));
            }
            // Most often there are no file descriptors left; they are freed as connections end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router, place: OwnedSemaphorePermit) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return serve_connection(stream, router, &place).await };
    match timeout(HEAD_TIMEOUT, tls.accept(stream).into_fallible()).await {
        Ok(Ok(stream)) => serve_connection(stream, router, &place).await,
        Ok(Err((_, stream))) => drain(stream).await,
        Err(_) => {}
    }
}

/// Reads what the client still sends after a TLS alert. If the connection were closed with unread data, it would be
/// reset and the client might not see the alert.
async fn drain(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut unread = [0; 4096];
    let drain = async { while matches!(stream.read(&mut unread).await, Ok(1..)) {} };
    let _ = timeout(DRAIN_TIMEOUT, drain).await;
}

async fn serve_connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    place: &OwnedSemaphorePermit,
) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let response = router.call(request);
        async move {
            let Ok(mut response) = response.await;
            if response.extensions().get::<CloseConnection>().is_some() {
                return Err(CloseSilently);
            }
            // A client keeps an idle connection for longer than another one can wait.
            if place.semaphore().available_permits() == 0 {
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Ok(response)
        }
    });
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(WRITE_TIMEOUT));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    // An error is a client that disconnected or was too slow, or a requested fault. None is worth reporting.
    let _ = http.serve_connection(TokioIo::new(Box::pin(stream)), service).await;
}

/// Makes hyper close the connection without a response.
#[derive(Debug)]
struct CloseSilently;

impl fmt::Display for CloseSilently {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed without a response, as requested")
    }
}

impl std::error::Error for CloseSilently {}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::routing::post;
    use tokio::io::DuplexStream;

    use super::*;
    use crate::client_config::ClientConfig;
    use crate::reply::Reply;
    use crate::vendor::VendorFacts;

    static EXAMPLE: VendorFacts = VendorFacts {
        key: "example",
        id: "example-faces",
        title: "Example",
        client_config: |_| ClientConfig::new("example"),
        test_inputs: Vec::new,
        outcomes: Vec::new,
        openapi: "",
        calls: |_| Vec::new(),
    };

    /// The client's end of a served connection. The routes respond with the length of the body.
    fn connected() -> DuplexStream {
        let refuse = |status: StatusCode, reason: &str| Reply::text(status, reason.to_owned());
        let long = async || "x".repeat(1 << 20);
        let routes = Router::new().route("/", post(async |body: String| body.len().to_string()));
        let router = crate::api::complete(routes.route("/long", post(long)), &EXAMPLE, refuse);
        let (client, server) = tokio::io::duplex(1024);
        tokio::spawn(async move {
            let place = Arc::new(Semaphore::new(2)).acquire_owned().await.expect("open");
            serve_connection(server, router, &place).await;
        });
        client
    }

    /// What a client receives until the connection is closed.
    async fn received(mut client: DuplexStream) -> String {
        let mut received = String::new();
        client.read_to_string(&mut received).await.expect("closed in order");
        received
    }

    async fn sent(text: &str) -> DuplexStream {
        let mut client = connected();
        client.write_all(text.as_bytes()).await.expect("taken");
        client
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_head_is_timed_out() {
        for head in ["", "POST / HTTP/1.1\r\nHost: a\r\n"] {
            let mut client = sent(head).await;
            assert!(timeout(HEAD_TIMEOUT / 2, client.read_u8()).await.is_err(), "{head}");
            assert_eq!(timeout(HEAD_TIMEOUT, received(client)).await.as_deref(), Ok(""), "{head}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_timed_out() {
        let client = sent("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").await;
        let response = timeout(2 * HEAD_TIMEOUT, received(client)).await.expect("closed");
        assert!(response.starts_with("HTTP/1.1 200 ") && response.ends_with("\r\n\r\n2"), "{response}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_body_is_refused() {
        let client = sent("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nhi").await;
        let response = received(client).await;
        assert!(response.starts_with("HTTP/1.1 408 "), "{response}");
        assert!(response.ends_with("the body did not arrive within two minutes"), "{response}");
        assert!(response.contains("x-sandbox-reason: the body did not arrive"), "{response}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_disconnected() {
        let mut client = sent("POST /long HTTP/1.1\r\nHost: a\r\n\r\n").await;
        tokio::time::sleep(2 * WRITE_TIMEOUT).await;
        let mut received = Vec::new();
        let _ = client.read_to_end(&mut received).await;
        assert!((1..1 << 20).contains(&received.len()), "{}", received.len());
    }

    #[tokio::test]
    async fn the_number_of_connections_is_limited() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/", post(async || ()));
        let server = tokio::spawn(serve_at_most(2, listener, None, router));
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(TcpStream::connect(address).await.expect("a connection"));
        }
        let [mut first, second, mut third] = <[TcpStream; 3]>::try_from(clients).expect("three");
        let request = b"POST / HTTP/1.0\r\n\r\n";
        third.write_all(request).await.expect("taken");
        // The first two are idle, so the third one waits, although it has sent its request first.
        assert!(timeout(Duration::from_millis(100), third.readable()).await.is_err());
        let mut response = String::new();
        first.write_all(request).await.expect("taken");
        first.read_to_string(&mut response).await.expect("a response");
        assert!(response.starts_with("HTTP/1.0 200 "), "{response}");
        // The first one has ended.
        response.clear();
        third.read_to_string(&mut response).await.expect("a response");
        assert!(response.starts_with("HTTP/1.0 200 "), "{response}");
        // A connection that would stay open makes room for one that waits.
        let mut second = second;
        let mut fourth = TcpStream::connect(address).await.expect("a connection");
        let mut fifth = TcpStream::connect(address).await.expect("a connection");
        for waiting in [&mut second, &mut fourth, &mut fifth] {
            response.clear();
            let request = b"POST / HTTP/1.1\r\nHost: a\r\n\r\n";
            waiting.write_all(request).await.expect("taken");
            let mut head = [0; 256];
            let read = timeout(HEAD_TIMEOUT, waiting.read(&mut head)).await.expect("a place");
            let read = read.expect("a response");
            response.push_str(&String::from_utf8_lossy(&head[..read]));
            assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        }
        server.abort();
    }
}
