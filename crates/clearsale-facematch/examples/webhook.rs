//! Completes a comparison whose response is lost, by the webhook that repeats its reference. It runs on a local sandbox that
//! the program starts.
//!
//! `cargo run -p clearsale-facematch --example webhook`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use clearsale_facematch::kyc_core::{Cpf, Media, WebhookRequest, WebhookSource};
use clearsale_facematch::{Client, Credentials, MatchRequest, Notification, Webhook};
use kyc_sandbox::{Sandbox, samples};
use tokio::sync::mpsc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Any web framework that provides the headers and the raw body will do.
    let (events, mut inbox) = mpsc::unbounded_channel();
    let webhook = Webhook::new("agreed-secret")?;
    let receiver = axum::Router::new().route(
        "/clearsale",
        axum::routing::post(move |headers: axum::http::HeaderMap, body: axum::body::Bytes| async move {
            let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
            let received = webhook.receive(&WebhookRequest::new(headers, body));
            let status = match received {
                Ok(new) => {
                    // A real receiver stores the events before it responds.
                    new.into_iter().for_each(|event| drop(events.send(event)));
                    webhook.accepted_status()
                }
                Err(error) => error.http_status(),
            };
            axum::http::StatusCode::from_u16(status).unwrap_or_default()
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/clearsale", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, receiver).await });

    let sandbox = Sandbox::builder().start().await?;
    sandbox.clearsale().register_webhook(&url, "agreed-secret")?;
    let credentials = Credentials::new(Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
    let client = Client::builder(credentials).base_url(&sandbox.clearsale_url()).build()?;

    let request = MatchRequest::new(Media::new(samples::A_2014)?, Media::new(samples::A_2025)?)
        .with_cpf(Cpf::parse("900.000.040-81")?); // the sandbox accepts it and closes the connection

    let Err(error) = client.match2d_2d(&request).await else {
        return Err("the response was not lost".into());
    };
    println!("{error}");
    let id = error.operation_id().ok_or("no reference")?.clone();
    // `id.to_token()` lets another process continue.
    let wake = async {
        loop {
            let Some(event) = inbox.recv().await else { std::future::pending().await };
            println!("webhook {} (final: {})", event.event_type, event.is_final);
            if let Some(wake) =
                Notification::try_from(&event.payload).ok().and_then(|notification| notification.wake(&id))
            {
                return wake;
            }
        }
    };
    let transaction = client.wait(&id, Duration::from_secs(60))?.wake_on(wake).await?;
    println!("{:?}, paid for {} time(s)", transaction.outcome(), sandbox.clearsale().paid_calls());
    Ok(())
}
