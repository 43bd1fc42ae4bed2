//! The server: a process of its own that responds like the vendor with as little work as possible.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::serve::{Listener, ListenerExt as _};
use http_body::Body as _;
use kyc_fixtures::cellere_portal::METER_DIGITAL_200;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates;
use crate::meter::{Core, stay_on};

/// The transaction of every query.
pub(crate) const TRANSACTION: &str = "c2a6b5c4-7650-4676-8322-b85c5e0357c1";

const LOGIN_ANSWER: &str = r#"{"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.c2lnbmF0dXJl","expires_in":"7200","token_type":"Bearer"}"#;
const MATCH_ANSWER: &str = r#"{"createdDate":"2023-03-09T17:33:23.4692342+00:00","status":"Processing","transactionId":"c2a6b5c4-7650-4676-8322-b85c5e0357c1"}"#;
const QUERY_ANSWER: &str = r#"{"identifierId":"order-2026-000017","cpf":"52998224725","confiability":6,"isMatch":true,"transactionId":"c2a6b5c4-7650-4676-8322-b85c5e0357c1","transactionStatus":"Success","message":null}"#;

const TOKEN_ANSWER: &str = r#"{"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.c2lnbmF0dXJl","expires_in":7200,"token_type":"Bearer","scope":"kyc.document.write kyc.document.read"}"#;
const PICTURE_ANSWER: &str = r#"{"token":"b1d3c7f0-5f0e-4d2c-9c55-1c2f6a9e7d43"}"#;

/// The maximum time that an upload waits for the others to arrive.
const PATIENCE: Duration = Duration::from_secs(90);

struct Hold {
    wanted: usize,
    arrived: watch::Sender<usize>,
}

/// Prints its address and serves until the standard input ends, so that it never outlives its parent process.
#[expect(clippy::print_stdout, reason = "the parent process reads the address there")]
pub(crate) fn serve(hold: usize, certificates: Option<&Path>) -> Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    if hold == 0 {
        // On its own thread: a vendor's machine is not the client's.
        stay_on(Core::Last)?;
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let scheme = if certificates.is_some() { "https" } else { "http" };
        println!("{scheme}://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        listen(listener, hold, certificates).await
    })
}

/// Serves a socket, with TLS and a client certificate if there is a folder of certificates.
pub(crate) async fn listen(listener: TcpListener, hold: usize, certificates: Option<&Path>) -> Result<()> {
    let state = Arc::new(Hold { wanted: hold, arrived: watch::Sender::new(0) });
    let router = Router::new()
        .route("/api/authentication/login", post(|| async { json(LOGIN_ANSWER) }))
        .route("/api/v2/Facematch/faces/match2d-2d", post(upload))
        .route("/api/v2/Facematch/faces/match2d-2d/{id}", get(|| async { json(QUERY_ANSWER) }))
        .route("/connect/token", post(|| async { json(TOKEN_ANSWER) }))
        .route("/oauth2/token", post(|| async { json(TOKEN_ANSWER) }))
        .route("/document-analysis/{document}", put(picture))
        .route("/autoleitura", post(meter))
        .with_state(state);
    let listener = listener.tap_io(|connection| {
        let _ = connection.set_nodelay(true);
    });
    let served = match certificates {
        Some(folder) => {
            let acceptor = certificates::acceptor(folder)?;
            axum::serve(Tls { listener, acceptor }, router).await
        }
        None => axum::serve(listener, router).await,
    };
    served.context("the server stopped")
}

/// Performs the TLS handshakes one after the other: there are two clients.
struct Tls<L> {
    listener: L,
    acceptor: TlsAcceptor,
}

impl<L: Listener<Io = TcpStream, Addr = SocketAddr>> Listener for Tls<L> {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (connection, from) = self.listener.accept().await;
            if let Ok(connection) = self.acceptor.accept(connection).await {
                return (connection, from);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

fn json(text: &'static str) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

async fn upload(State(hold): State<Arc<Hold>>, request: Request) -> Response {
    after(take(&hold, request).await, StatusCode::OK, MATCH_ANSWER)
}

async fn picture(State(hold): State<Arc<Hold>>, request: Request) -> Response {
    after(take(&hold, request).await, StatusCode::ACCEPTED, PICTURE_ANSWER)
}

async fn meter(State(hold): State<Arc<Hold>>, request: Request) -> Response {
    after(take(&hold, request).await, StatusCode::OK, METER_DIGITAL_200.body)
}

fn after(taken: Result<()>, status: StatusCode, answer: &'static str) -> Response {
    match taken {
        Ok(()) => (status, json(answer)).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn take(hold: &Hold, request: Request) -> Result<()> {
    // The head has arrived; of the body, only what fits into the sockets' buffers.
    hold.arrived.send_modify(|arrived| *arrived += 1);
    let mut arrived = hold.arrived.subscribe();
    let all = arrived.wait_for(|arrived| *arrived >= hold.wanted);
    tokio::time::timeout(PATIENCE, all).await.map_err(|_| anyhow!("the others did not arrive"))??;
    let announced = request.headers().get(CONTENT_LENGTH).context("the request has no content length")?;
    let announced: usize = announced.to_str()?.parse()?;
    let found = length(request.into_body()).await?;
    ensure!(found == announced, "{found} bytes arrived instead of {announced}");
    Ok(())
}

/// Reads a body to its end and discards it.
async fn length(mut body: Body) -> Result<usize> {
    let mut length = 0;
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        length += frame?.data_ref().map_or(0, bytes::Bytes::len);
    }
    Ok(length)
}
