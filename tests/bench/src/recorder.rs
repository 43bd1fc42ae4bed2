//! A server that records bodies, for tests that compare the two sides.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};
use tokio::net::TcpListener;

/// Returns its address and the bodies so far, without those of logins and with `B` as the boundary.
pub(crate) async fn recorder(token: &'static str, answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&bodies);
    let router = Router::new().fallback(move |address: Uri, headers: HeaderMap, body: Bytes| {
        let kept = Arc::clone(&kept);
        async move {
            if address.path().ends_with("/login") || address.path().ends_with("/token") {
                return token;
            }
            let mut body = String::from_utf8_lossy(&body).into_owned();
            if let Some((_, boundary)) = headers[CONTENT_TYPE].to_str().unwrap().split_once("boundary=") {
                body = body.replace(boundary, "B");
            }
            kept.lock().unwrap().push(body);
            answer
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, bodies)
}
