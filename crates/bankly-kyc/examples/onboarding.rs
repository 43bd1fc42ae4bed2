//! Uploads a selfie and both sides of a document over mutual TLS, to a sandbox that the program starts: first with events
//! that end the waits, then by polling. At the end the server refuses clients without a valid certificate.
//!
//! `cargo run -p bankly-kyc --example onboarding`

#![allow(clippy::print_stdout)]

use std::collections::HashSet;
use std::future::IntoFuture as _;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use bankly_kyc::kyc_core::{
    ClientCertificate, ClientOptions, Cpf, Media, OperationId, ReqwestTransport, VirtualClock, Wake,
    WebhookEvent, WebhookRequest, WebhookSource as _,
};
use bankly_kyc::{
    Analysis, Client, ClientBuilder, Credentials, DocumentSide, DocumentType, Event, EventName, NewWebhook,
    Onboarding, Place, Upload, Verdict, Webhook, certificate_expires,
};
use kyc_sandbox::bankly::ClientPem;
use kyc_sandbox::{BanklyTls, Sandbox, samples};
use tokio::sync::{Mutex, mpsc};

type Failure = Box<dyn std::error::Error>;
type Inbox = Arc<Mutex<mpsc::UnboundedReceiver<WebhookEvent>>>;

/// The base64 key that is sent when the webhooks are registered.
const PRIVATE_KEY: &str = "YSBrZXkgdGhhdCBub2JvZHkga25vd3M=";
const PUBLIC_KEY: &str = "ZXhhbXBsZQ==";

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let with_events = by_events().await?;
    let without = by_polling().await?;
    println!("\nstatus requests: {with_events} with events, {without} without");
    refused_certificates().await
}

/// Waits with events: each ends a wait at once and carries the analysis.
async fn by_events() -> Result<u64, Failure> {
    println!("1. By events");
    let sandbox = started(Duration::from_secs(2)).await?;
    let client = client(&sandbox)?;
    let inbox = receiver(&sandbox, &client).await?;
    // Many vendors deliver events at least once, so a receiver must expect duplicates.
    sandbox.bankly().duplicate_webhooks(true);

    let mut onboarding = client.onboarding(Cpf::parse("529.982.247-25")?);
    for (place, image) in images()? {
        let id = upload(&mut onboarding, place, &image).await?;
        let waiting =
            onboarding.wait(place, DAY)?.wake_on_each(|| final_event(Arc::clone(&inbox), id.clone()));
        let analysis = waiting.await?;
        print_verdict(place, &onboarding.note(&analysis));
    }
    finish(&sandbox, &onboarding)
}

/// Receives events until one ends the analysis of this image.
async fn final_event(inbox: Inbox, id: OperationId) -> Wake<Analysis> {
    let mut inbox = inbox.lock().await;
    loop {
        let Some(event) = inbox.recv().await else { std::future::pending().await };
        if let Some(wake) = Event::try_from(&event.payload).ok().and_then(|event| event.wake(&id)) {
            return wake;
        }
    }
}

/// Starts a web server for the events. It passes on headers, raw body and the registered URL.
async fn receiver(sandbox: &Sandbox, client: &Client) -> Result<Inbox, Failure> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/bankly", listener.local_addr()?);
    for name in ["DOCUMENT_WAS_RECEIVED", "DOCUMENT_WAS_PROCESSED"] {
        let webhook = NewWebhook::new(name, name, url.as_str(), PUBLIC_KEY, PRIVATE_KEY.to_owned());
        client.create_webhook(&webhook).await?;
    }
    println!("   two webhooks registered");

    let (events, inbox) = mpsc::unbounded_channel();
    // A real receiver keeps the known ids, and shares them among its machines.
    let known = Arc::new(std::sync::Mutex::new(HashSet::new()));
    let webhook = Webhook::new(PRIVATE_KEY)?.clock(sandbox.clock());
    let handler = move |headers: HeaderMap, body: axum::body::Bytes| async move {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let request = WebhookRequest::new(headers, body).at_url(url);
        let status = match webhook.receive(&request) {
            Ok(new) => {
                for event in new {
                    let is_new = match event.event_id.clone() {
                        Some(id) => known.lock().is_ok_and(|mut known| known.insert(id)),
                        None => true,
                    };
                    show(&event, is_new);
                    if is_new {
                        drop(events.send(event));
                    }
                }
                webhook.accepted_status()
            }
            Err(error) => error.http_status(),
        };
        StatusCode::from_u16(status).unwrap_or_default()
    };
    let router = axum::Router::new().route("/bankly", axum::routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Arc::new(Mutex::new(inbox)))
}

fn show(event: &WebhookEvent, is_new: bool) {
    let name = Event::try_from(&event.payload).ok().and_then(|event| event.name);
    let name = name.as_ref().map_or("no name", EventName::as_str);
    let again = if is_new { "" } else { ": already known" };
    println!("   event {name} (trust: {:?}, final: {}){again}", event.trust, event.is_final);
}

/// Waits without events: queries at once, then every 300 s, as the vendor suggests, on the sandbox's clock.
async fn by_polling() -> Result<u64, Failure> {
    println!("\n2. By polling every 300 s");
    let sandbox = started(Duration::from_secs(7 * 60)).await?;
    let client = client(&sandbox)?;
    let mut onboarding = client.onboarding(Cpf::parse("529.982.247-25")?);
    for (place, image) in images()? {
        upload(&mut onboarding, place, &image).await?;
        let waiting = onboarding.wait(place, DAY)?;
        let waiting = waiting.on_pending(|waited| println!("   not ready after {} s", waited.as_secs()));
        let analysis = tokio::select! {
            analysis = waiting.into_future() => analysis?,
            never = hurry(sandbox.clock()) => match never {},
        };
        print_verdict(place, &onboarding.note(&analysis));
    }
    finish(&sandbox, &onboarding)
}

/// Advances the sandbox's clock by 10 s every 10 ms.
async fn hurry(clock: VirtualClock) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(Duration::from_millis(10)).await;
        clock.advance(Duration::from_secs(10));
    }
}

async fn started(analysis: Duration) -> Result<Sandbox, Failure> {
    Ok(Sandbox::builder().bankly_mutual_tls(true).bankly_analysis_delay(analysis).start().await?)
}

/// With the real Bankly the certificate comes from `ClientCertificate::read("cert.pem", "key.pem")`, and authority, addresses
/// and clock are not set.
fn client(sandbox: &Sandbox) -> Result<Client, Failure> {
    let tls = sandbox.bankly_tls().ok_or("the sandbox has no TLS")?;
    let certificate = usable(tls, tls.client_certificate())?;
    let end = certificate_expires(&certificate).ok_or("the certificate has no date")?;
    println!("   {}, certificate valid until {end}", tls.url());
    Ok(bankly_at(tls)
        .certificate(certificate)
        .options(ClientOptions::new().clock(sandbox.clock()))
        .build()?)
}

fn bankly_at(tls: &BanklyTls) -> ClientBuilder {
    Client::builder(Credentials::by_certificate(Sandbox::BANKLY_CLIENT_ID))
        .scopes(["kyc.document.write", "kyc.document.read", "webhook.write"])
        .base_url(tls.url())
        .auth_url(tls.url())
}

fn usable(tls: &BanklyTls, pem: ClientPem) -> Result<ClientCertificate, Failure> {
    Ok(ClientCertificate::from_pem(pem.chain, pem.key)?.with_authority(tls.authority_pem())?)
}

/// The server refuses the certificate while the connection is made. The error's source has the TLS alert.
async fn refused_certificates() -> Result<(), Failure> {
    println!("\n3. Refused certificates");
    let sandbox = started(Duration::ZERO).await?;
    let tls = sandbox.bankly_tls().ok_or("the sandbox has no TLS")?;
    let expired = usable(tls, tls.expired_client_certificate())?;
    let foreign = usable(tls, tls.foreign_client_certificate())?;
    // A custom HTTP client that trusts the server and has no client certificate.
    let trusted = reqwest::Certificate::from_pem(tls.authority_pem().as_bytes())?;
    let own = reqwest::Client::builder().no_proxy().tls_certs_only([trusted]).build()?;
    let own = ClientOptions::new().transport(ReqwestTransport::from_client(own));
    let encrypted = tls.client_certificate().key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    for (what, builder) in [
        ("no certificate", bankly_at(tls).options(own)),
        ("an expired certificate", bankly_at(tls).certificate(expired)),
        ("a certificate of another authority", bankly_at(tls).certificate(foreign)),
    ] {
        let refused = builder.build()?.upload(&Cpf::parse("529.982.247-25")?, &images()?[0].1).await;
        let error = refused.err().ok_or("the server accepted it")?;
        let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        println!("   {what}: {error}\n     {cause}");
    }
    let refused = ClientCertificate::from_pem(tls.client_certificate().chain, encrypted);
    println!("   an encrypted key: {}", refused.err().ok_or("the key was accepted")?);
    Ok(())
}

fn images() -> Result<[(Place, Upload); 3], Failure> {
    let image = Media::new(samples::A_2025)?;
    let side = |side| Upload::document(DocumentType::Rg, side, image.clone());
    Ok([
        (Place::Selfie, Upload::selfie(image.clone())),
        (Place::Front, side(DocumentSide::Front)),
        (Place::Back, side(DocumentSide::Back)),
    ])
}

/// Uploads an image and returns its operation id. The id holds the CPF: store it like the CPF.
async fn upload(onboarding: &mut Onboarding, place: Place, image: &Upload) -> Result<OperationId, Failure> {
    onboarding.upload(image).await?;
    println!("   {place}: uploaded");
    let cpf = Cpf::parse("529.982.247-25")?;
    Ok(onboarding.token(place).ok_or("no token")?.operation_id(&cpf))
}

fn print_verdict(place: Place, verdict: &Verdict) {
    println!("   {place}: {verdict:?}");
    if let Verdict::Invalid(reasons) = verdict {
        reasons.iter().for_each(|reason| println!("     {}", reason.advice().en));
    }
}

fn finish(sandbox: &Sandbox, onboarding: &Onboarding) -> Result<u64, Failure> {
    let bankly = sandbox.bankly();
    println!("   paid uploads: {}, status requests: {}", bankly.paid_calls(), bankly.status_requests());
    match onboarding.is_complete() {
        true => Ok(bankly.status_requests()),
        false => Err("the onboarding is incomplete".into()),
    }
}
