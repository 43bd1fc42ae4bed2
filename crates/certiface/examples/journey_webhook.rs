//! The two webhooks of Certiface on one server: a completion that wakes a wait, and a status update from an allowed
//! address.
//!
//! `cargo run -p certiface --example journey_webhook`

#![allow(clippy::print_stdout)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::post;
use certiface::kyc_core::{
    Cpf, Date, Lenient, Media, RedactedText, WebhookEvent, WebhookRequest, WebhookSource,
};
use certiface::{Client, Completion, CompletionWebhook, Credentials, Person, StatusUpdate, StatusWebhook};
use kyc_sandbox::certiface::StatusUpdate as Suspicion;
use kyc_sandbox::{Sandbox, samples};
use tokio::sync::{Mutex, mpsc};

type Failure = Box<dyn std::error::Error>;
type Inbox = mpsc::UnboundedReceiver<WebhookEvent>;

const SECRET_PATH: &str = "f3a1c7d0b2";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().certiface_document_delay(Duration::from_secs(2)).start().await?;
    let (completions, mut updates) = receiver(&sandbox).await?;

    let credentials = Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
    let client = Client::builder(credentials)
        .base_url(&sandbox.certiface_url())
        .result_base_url(&sandbox.certiface_result_url())
        .build()?;
    let person = Person::new(Cpf::parse("529.982.247-25")?, "Maria da Silva", Date::parse("15/11/2001")?);
    let mut journey = client.journey(&person).await?;
    // Usually the vendor's SDK in the browser does this.
    journey.process_request("round one", "browser").await?;
    let verdict = journey.process_request("round two", "browser").await?;
    journey.document(&[Media::new(samples::A_2025)?]).await?;

    let id = journey.appkey().operation_id();
    // `id.to_token()` can be stored for another process. It holds the key: store it like the key.
    let completions = Arc::new(Mutex::new(completions));
    let hint = || {
        let (completions, id) = (Arc::clone(&completions), id.clone());
        async move {
            loop {
                let Some(event) = completions.lock().await.recv().await else { std::future::pending().await };
                println!("webhook {} (trust: {:?})", event.event_type, event.trust);
                // It is not authenticated and may be repeated: only a reason to poll.
                if let Some(wake) =
                    Completion::try_from(&event.payload).ok().and_then(|completion| completion.wake(&id))
                {
                    return wake;
                }
            }
        }
    };
    let waiting = client.wait(&id, Duration::from_secs(60))?.wake_on_each(hint);
    let result = waiting.on_pending(|waited| println!("not ready after {waited:.1?}")).await?;
    println!("{:?}, alive: {:?}", result.status, result.liveness());

    // A suspicion may follow for up to 10 days. The vendor prints the CPF as a number with leading zeros.
    let protocol = verdict.value().protocol.as_ref().map_or("", RedactedText::as_str);
    sandbox.certiface().send_status_update(&Suspicion::new(protocol, "00011122233"))?;
    let event = updates.recv().await.ok_or("the receiver has stopped")?;
    let update = StatusUpdate::try_from(&event.payload)?;
    println!("{} {:?} (trust: {:?})", event.event_type, update.novo_status, event.trust);
    println!("its CPF has {} digits", update.cpf.as_ref().map_or(0, |cpf: &Lenient<_>| cpf.text().len()));
    Ok(())
}

/// Any web framework works. It must pass the raw body, the headers, the URL and the sender's address to the receiver.
async fn receiver(sandbox: &Sandbox) -> Result<(Inbox, Inbox), Failure> {
    let (completion, completions) = route(CompletionWebhook::new().with_secret_path(SECRET_PATH)?);
    // Request the sender addresses of status updates from Certiface: it publishes none.
    let (status, updates) = route(StatusWebhook::new(["127.0.0.0/8"])?);
    let router = axum::Router::new()
        .route(&format!("/completion/{SECRET_PATH}"), completion)
        .route("/status", status)
        .into_make_service_with_connect_info::<SocketAddr>();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    let certiface = sandbox.certiface();
    certiface.register_completion_webhook(&format!("http://{address}/completion/{SECRET_PATH}"))?;
    certiface.register_status_webhook(&format!("http://{address}/status"))?;
    Ok((completions, updates))
}

fn route(source: impl WebhookSource + 'static) -> (axum::routing::MethodRouter, Inbox) {
    let (events, inbox) = mpsc::unbounded_channel();
    let source = Arc::new(source);
    let handler = move |ConnectInfo(peer): ConnectInfo<SocketAddr>,
                        url: Uri,
                        headers: HeaderMap,
                        body: axum::body::Bytes| async move {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let request = WebhookRequest::new(headers, body).at_url(url.to_string()).from_peer(peer.ip());
        let status = match source.receive(&request) {
            Ok(new) => {
                // A real receiver stores the events before it responds.
                new.into_iter().for_each(|event| drop(events.send(event)));
                source.accepted_status()
            }
            Err(error) => error.http_status(),
        };
        StatusCode::from_u16(status).unwrap_or_default()
    };
    (post(handler), inbox)
}
