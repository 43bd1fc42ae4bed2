//! The server: a process of its own that responds like the vendors with as little work as possible.

use std::future::ready;
use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;

use anyhow::{Context, Result};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use futures_util::TryStreamExt as _;
use tokio::net::TcpListener;

use crate::meter::{Core, stay_on};

/// The transaction of every query.
pub(crate) const TRANSACTION: &str = "c2a6b5c4-7650-4676-8322-b85c5e0357c1";

const LOGIN_ANSWER: &str = r#"{"access_token":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJiZW5jaCJ9.c2lnbmF0dXJl","expires_in":"7200","token_type":"Bearer"}"#;
const MATCH_ANSWER: &str = r#"{"createdDate":"2023-03-09T17:33:23.4692342+00:00","status":"Processing","transactionId":"c2a6b5c4-7650-4676-8322-b85c5e0357c1"}"#;
const QUERY_ANSWER: &str = r#"{"identifierId":"order-2026-000017","cpf":"52998224725","confiability":6,"isMatch":true,"transactionId":"c2a6b5c4-7650-4676-8322-b85c5e0357c1","transactionStatus":"Success","message":null}"#;

/// Prints its address and serves until the standard input ends, so that it never outlives its parent process.
#[expect(clippy::print_stdout, reason = "the parent process reads the address there")]
pub(crate) fn serve() -> Result<()> {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    // A vendor's machine is not the client's.
    stay_on(Core::Last)?;
    let router = Router::new()
        .route("/api/authentication/login", post(|| async { json(LOGIN_ANSWER) }))
        .route("/api/v2/Facematch/faces/match2d-2d", post(after_the_body))
        .route("/api/v2/Facematch/faces/match2d-2d/{id}", get(|| async { json(QUERY_ANSWER) }));
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("http://{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        let listener = listener.tap_io(|connection| {
            let _ = connection.set_nodelay(true);
        });
        axum::serve(listener, router).await.context("the server stopped")
    })
}

fn json(text: &'static str) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

/// Reads a body to its end and discards it. Hyper fails for one that is shorter than announced.
async fn after_the_body(request: Request) -> Response {
    match request.into_body().into_data_stream().try_for_each(|_| ready(Ok(()))).await {
        Ok(()) => json(MATCH_ANSWER),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}
