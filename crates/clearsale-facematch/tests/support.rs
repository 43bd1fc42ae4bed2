//! Images, clients and a receiver of webhooks.

use std::time::Duration;

use clearsale_facematch::kyc_core::{
    ClientOptions, Clock, Media, ReqwestTransport, WebhookEvent, WebhookRequest, WebhookSource,
};
use clearsale_facematch::{Client, ClientBuilder, Credentials, MatchRequest, Webhook};
use kyc_sandbox::Sandbox;
use test_support::clock::SkippingClock;
pub use test_support::png;
use tokio::sync::mpsc;

pub fn image() -> Media {
    Media::new(png(150)).unwrap()
}

/// Returns a request with two different images.
pub fn request() -> MatchRequest {
    MatchRequest::new(image(), Media::new(png(151)).unwrap()).with_identifier_id("order-1")
}

pub fn credentials() -> Credentials {
    Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET)
}

/// Returns a builder whose client does not wait between attempts.
pub fn builder(base_url: &str) -> ClientBuilder {
    let options = ClientOptions::new().clock(SkippingClock::running());
    Client::builder(credentials()).base_url(base_url).options(options)
}

thread_local! {
    static TRANSPORT: ReqwestTransport = ReqwestTransport::new().unwrap();
}

/// Returns the transport that a test's clients share: loading the root certificates for each client takes time.
pub fn transport() -> ReqwestTransport {
    TRANSPORT.with(Clone::clone)
}

pub fn client(base_url: &str) -> Client {
    let options = ClientOptions::new().clock(SkippingClock::running()).transport(transport());
    builder(base_url).options(options).build().unwrap()
}

/// Returns a client with a short attempt timeout and the sandbox's clock.
pub fn hurried(sandbox: &Sandbox) -> Client {
    hurried_by(sandbox, sandbox.clock())
}

/// Returns the same without pauses between attempts. It is not for [`Client::wait`], whose timeout would be skipped, too.
pub fn unpaused(sandbox: &Sandbox) -> Client {
    hurried_by(sandbox, SkippingClock::from(sandbox.clock()))
}

fn hurried_by(sandbox: &Sandbox, clock: impl Clock + 'static) -> Client {
    let options =
        ClientOptions::new().attempt_timeout(Duration::from_millis(300)).clock(clock).transport(transport());
    builder(&sandbox.clearsale_url()).options(options).build().unwrap()
}

pub const WEBHOOK_SECRET: &str = "agreed-webhook-secret";

/// Receives the sandbox's webhooks on a socket, as a user's server does.
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
