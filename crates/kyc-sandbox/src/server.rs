//! The HTTP server. It uses hyper directly, because only hyper can close a connection without a response.

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

/// For a request with images: two of 24 MB each in base64, or one round of frames.
pub(crate) const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// How long a client whose TLS handshake failed may take to read the alert, in real time.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Accepts connections, plain or TLS, until the future is dropped, which closes them all.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, router: Router) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(accept(stream, tls.clone(), router.clone()));
                }
                // Most often there are no file descriptors left; they are freed as connections end.
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

/// Reads what the client still sends after a TLS alert. If the connection were closed with unread data, it would be
/// reset and the client might not see the alert.
async fn drain(mut stream: TcpStream) {
    let _ = stream.shutdown().await;
    let mut unread = [0; 4096];
    let drain = async { while matches!(stream.read(&mut unread).await, Ok(1..)) {} };
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, drain).await;
}

async fn serve_connection(stream: impl AsyncRead + AsyncWrite + Unpin, router: Router) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let response = router.call(request);
        async move {
            let Ok(response) = response.await;
            if response.extensions().get::<CloseConnection>().is_some() {
                Err(CloseSilently)
            } else {
                Ok(response)
            }
        }
    });
    // An error is a client that disconnected or a requested fault. Neither is worth reporting.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
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
