//! Pictures, clients and a receiver of webhooks.

use std::time::Duration;

use clearsale_facematch::kyc_core::{ClientOptions, Media, WebhookEvent, WebhookRequest, WebhookSource};
use clearsale_facematch::{Client, ClientBuilder, Credentials, MatchRequest, Webhook};
use kyc_sandbox::Sandbox;
pub use test_support::png;
use tokio::sync::mpsc;

pub fn picture() -> Media {
    Media::new(png(150)).unwrap()
}

pub fn request() -> MatchRequest {
    MatchRequest::new(picture(), picture()).with_identifier_id("order-1")
}

pub fn credentials() -> Credentials {
    Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET)
}

pub fn builder(base_url: &str) -> ClientBuilder {
    Client::builder(credentials()).base_url(base_url)
}

pub fn client(base_url: &str) -> Client {
    builder(base_url).build().unwrap()
}

/// A client that gives up soon and goes by the sandbox's clock.
pub fn hurried(sandbox: &Sandbox) -> Client {
    let options = ClientOptions::new().attempt_timeout(Duration::from_millis(300)).clock(sandbox.clock());
    builder(&sandbox.clearsale_url()).options(options).build().unwrap()
}

pub const WEBHOOK_SECRET: &str = "agreed-webhook-secret";

/// Receives the sandbox's webhooks on a socket, as a user's server would.
pub async fn receive_webhooks(sandbox: &Sandbox) -> mpsc::UnboundedReceiver<WebhookEvent> {
    let (events, inbox) = mpsc::unbounded_channel();
    let webhook = Webhook::new(WEBHOOK_SECRET).unwrap();
    let handler = move |headers: axum::http::HeaderMap, body: axum::body::Bytes| async move {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let status = match webhook.receive(&WebhookRequest::new(headers, body)) {
            Ok(new) => {
                new.into_iter().for_each(|event| drop(events.send(event)));
                webhook.accepted_status()
            }
            Err(error) => error.http_status(),
        };
        axum::http::StatusCode::from_u16(status).unwrap()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = axum::Router::new().route("/hook", axum::routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    sandbox.clearsale().register_webhook(&url, WEBHOOK_SECRET).unwrap();
    inbox
}
