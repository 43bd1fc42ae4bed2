//! The HTTP server. It drives hyper itself, because only there can a request be left without an answer.

use std::fmt;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::reply::CloseConnection;

/// A request with pictures: two of 24 MB each in base64, or a round of frames.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// How long a client that was refused may take to read why, in real time.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Takes connections, plain or by TLS, until the future is dropped; they are all closed with it.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(accept(stream, tls.clone(), router.clone()));
                }
                // Out of file descriptors, most often: they come back as connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>, router: Router) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return serve_connection(stream, router).await };
    match tls.accept(stream).into_fallible().await {
        Ok(stream) => serve_connection(stream, router).await,
        Err((_, stream)) => drain(stream).await,
    }
}

/// The alert is on its way. Closed at once, with the client's request unread, the connection would be reset, and the
/// client might never see it.
async fn drain(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut unread = [0; 4096];
    let drain = async { while matches!(stream.read(&mut unread).await, Ok(1..)) {} };
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain).await;
}

async fn serve_connection(stream: impl AsyncRead + AsyncWrite + Unpin, router: Router) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let answering = router.call(request);
        async move {
            let Ok(response) = answering.await;
            if response.extensions().get::<CloseConnection>().is_some() {
                Err(CloseSilently)
            } else {
                Ok(response)
            }
        }
    });
    // An error here is a client that left or a fault that was ordered: neither is news.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Makes hyper close the connection without an answer.
#[derive(Debug)]
struct CloseSilently;

impl fmt::Display for CloseSilently {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer is given, on purpose")
    }
}

impl std::error::Error for CloseSilently {}
