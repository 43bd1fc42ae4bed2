//! An HTTP server with limits. It uses hyper directly, because `axum::serve` has none.

mod places;

use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutWriter;
use tokio_util::sync::CancellationToken;

use self::places::{Place, Places};

/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long a client may take to read the last response and to close the connection, and, when the server stops, to complete
/// the head of a request that it has begun.
const LINGER: Duration = Duration::from_secs(2);
/// The least size of a buffer that hyper takes.
const LEAST_BUFFER: usize = 8 * 1024;

/// The limits of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// How many connections are open at a time: 512 by default. When there are more, the one that has waited for its client for
    /// the longest time is closed: for a request, or for the rest of one. Allow the process that many open files, and some.
    pub connections: usize,
    /// How many connections a client may have open: an IPv4 address or an IPv6 /64 network. There is no such limit by default,
    /// since behind a proxy all connections come from one address.
    pub connections_per_peer: Option<usize>,
    /// How long the head of a request may take, counted from the opening of the connection or the end of the response before: ten
    /// seconds by default. An idle connection is closed after this time, too.
    pub head_timeout: Duration,
    /// The size of the largest head of a request: 16 KiB by default, and at least 8 KiB.
    pub head_bytes: usize,
    /// The largest number of headers: 100 by default.
    pub headers: usize,
    /// How long a client may read nothing of its response: ten seconds by default.
    pub write_timeout: Duration,
    /// How long requests may take that are being served when the server is stopped: 30 seconds by default.
    pub stop_grace: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 512,
            connections_per_peer: None,
            head_timeout: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            headers: 100,
            write_timeout: Duration::from_secs(10),
            stop_grace: Duration::from_secs(30),
        }
    }
}

/// An HTTP/1 server with limits, for the receiver's router or any other. It speaks no TLS: put a proxy before it.
///
/// ```no_run
/// # async fn example(receiver: kyc_webhook::Receiver) -> std::io::Result<()> {
/// use kyc_webhook::{Server, router};
/// use tokio_util::sync::CancellationToken;
///
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// let stop = CancellationToken::new();
/// Server::new(listener).serve(router(receiver), stop).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Server {
    listener: TcpListener,
    limits: ServerLimits,
}

impl Server {
    /// Creates a server that accepts connections of that listener.
    pub fn new(listener: TcpListener) -> Self {
        Self { listener, limits: ServerLimits::default() }
    }

    /// Sets the limits.
    pub fn limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Serves the router until `stop` is cancelled, then completes the requests that are being served. Requests carry
    /// [`ConnectInfo`]. If the future is dropped, all connections are closed at once.
    pub async fn serve(self, router: Router, stop: CancellationToken) {
        let places = Places::new(self.limits.connections, self.limits.connections_per_peer);
        let stop_grace = self.limits.stop_grace;
        let serving = Arc::new(Serving { router, http: http(&self.limits), limits: self.limits, stop });
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = serving.stop.cancelled() => break,
                accepted = accept(&self.listener, &places) => accepted,
            };
            if let Some((stream, peer, place)) = accepted {
                let serving = Arc::clone(&serving);
                connections.spawn(async move { serving.serve(stream, peer, place).await });
            }
            while connections.try_join_next().is_some() {}
        }
        drop(self.listener);
        let ended = async { while connections.join_next().await.is_some() {} };
        let _ = timeout(stop_grace, ended).await;
        connections.shutdown().await;
    }
}

fn http(limits: &ServerLimits) -> http1::Builder {
    let head_bytes = limits.head_bytes.max(LEAST_BUFFER);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_headers(limits.headers)
        .max_header_size(head_bytes)
        .max_buf_size(2 * head_bytes);
    http
}

/// Accepts a connection and waits for its place. `None` if that failed or its peer has enough of them.
async fn accept(listener: &TcpListener, places: &Arc<Places>) -> Option<(TcpStream, SocketAddr, Arc<Place>)> {
    match listener.accept().await {
        Ok((stream, peer)) => {
            let place = places.take(peer.ip()).await?;
            Some((stream, peer, place))
        }
        Err(error) => {
            tracing::debug!(%error, "a connection could not be accepted");
            // Most often there are no file descriptors left.
            places.close_one();
            sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

/// What all connections have in common.
struct Serving {
    router: Router,
    http: http1::Builder,
    limits: ServerLimits,
    stop: CancellationToken,
}

impl Serving {
    async fn serve(&self, stream: TcpStream, peer: SocketAddr, place: Arc<Place>) {
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(self.limits.write_timeout));
        let is_serving = Arc::new(AtomicBool::new(false));
        let router = TowerToHyperService::new(self.router.clone());
        let service = service_fn(|mut request: Request<Incoming>| {
            is_serving.store(true, Ordering::Relaxed);
            place.wait();
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = router.call(request.map(|body| watched(body, &place)));
            let (is_serving, place) = (Arc::clone(&is_serving), Arc::clone(&place));
            async move {
                let response = response.await;
                is_serving.store(false, Ordering::Relaxed);
                place.wait();
                response
            }
        });
        let mut connection = self.http.serve_connection(TokioIo::new(Box::pin(stream)), service);
        let is_idle = || !is_serving.load(Ordering::Relaxed);
        let mut is_stopping = false;
        loop {
            // The connection comes first, so that a response is written before the connection is closed.
            tokio::select! {
                biased;
                // An error is a client that disconnected, was too slow or does not speak HTTP.
                _ = &mut connection => break,
                () = place.told_to_close() => return,
                () = self.stop.cancelled(), if !is_stopping => {
                    is_stopping = true;
                    Pin::new(&mut connection).graceful_shutdown();
                }
                () = sleep(LINGER), if is_stopping && is_idle() => {
                    if is_idle() {
                        return;
                    }
                }
            }
        }
        let stream = connection.into_parts().io.into_inner();
        tokio::select! {
            () = place.told_to_close() => {}
            _ = timeout(LINGER, drain(stream)) => {}
        }
    }
}

/// Ends the connection and reads what the client still sends. If the connection were closed with unread data, it would be reset and the client
/// might not see the response that refused it.
async fn drain(stream: impl AsyncRead + AsyncWrite) {
    let mut stream = pin!(stream);
    let _ = stream.shutdown().await;
    let mut unread = [0; 8192];
    while matches!(stream.read(&mut unread).await, Ok(1..)) {}
}

/// Returns the body. When it has been read, the client waits for its response.
fn watched(body: Incoming, place: &Arc<Place>) -> Body {
    if body.is_end_stream() {
        place.work();
        return Body::empty();
    }
    Body::new(Watched { body, place: Arc::downgrade(place) })
}

struct Watched {
    body: Incoming,
    place: Weak<Place>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        let has_ended = matches!(frame, Poll::Ready(None)) || self.body.is_end_stream();
        if has_ended && let Some(place) = self.place.upgrade() {
            place.work();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
