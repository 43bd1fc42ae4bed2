//! Four journeys in a sandbox that this program starts: the usual one, then each kind of liveness check.
//!
//! `cargo run -p certiface --example journey`

#![allow(clippy::print_stdout)]

use std::time::Duration;

use certiface::kyc_core::{Cpf, Date, Media, ValidationError, WebhookEvent, WebhookRequest, WebhookSource};
use certiface::{
    Client, ClientBuilder, CompletionWebhook, Credentials, DocumentOutcome, FaceTecScan, Journey,
    JourneyResult, JourneyStatus, LivenessResponse, Person, Provider,
};
use kyc_sandbox::certiface::{TestOutcome, test_cpf};
use kyc_sandbox::{Sandbox, samples};
use tokio::sync::mpsc;

type Failure = Box<dyn std::error::Error>;

/// The end of the webhook URL that you register with Certiface: the vendor does not sign its requests.
const SECRET_PATH: &str = "f3a1c7d0b2";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let sandbox = Sandbox::builder().certiface_document_delay(Duration::from_secs(1)).start().await?;
    let credentials = Credentials::new(Sandbox::CERTIFACE_USER, Sandbox::CERTIFACE_PASSWORD);
    let client = certiface_at(&sandbox, credentials).build()?;
    usual(&sandbox, &client).await?;
    in_2d(&client).await?;
    by_facetec(&client).await?;
    by_iproov(&client).await?;
    println!("\npaid calls: {}", sandbox.certiface().paid_calls());
    Ok(())
}

/// Without these two URLs the client uses Certiface's homologation environment.
fn certiface_at(sandbox: &Sandbox, credentials: Credentials) -> ClientBuilder {
    Client::builder(credentials)
        .base_url(&sandbox.certiface_url())
        .result_base_url(&sandbox.certiface_result_url())
}

/// The vendor's SDK captures the person. The backend creates the key, receives the webhook and requests the result.
async fn usual(sandbox: &Sandbox, client: &Client) -> Result<(), Failure> {
    println!("1. The usual journey");
    let mut webhooks = receiver(sandbox).await?;
    let appkey = client.appkey(&person(TestOutcome::Approved)?).await?.into_inner().appkey;
    println!("   backend: created {appkey:?}");
    println!("   backend: has a result: {}", client.result(&appkey).await?.value().is_some());

    // Only the key leaves the backend.
    let browser = certiface_at(sandbox, Credentials::new("", "")).build()?;
    sdk_in_the_browser(Journey::from_appkey(&browser, appkey.clone())).await?;

    let event = webhooks.recv().await.ok_or("the receiver has stopped")?;
    println!("   webhook: {} (trust: {:?})", event.event_type, event.trust);
    if event.concerns(&appkey.operation_id()) {
        let result = client.result(&appkey).await?.into_inner().ok_or("no result")?;
        show(&result);
    }
    Ok(())
}

/// Simulates the vendor's SDK, which has a camera and the key, and no credentials.
async fn sdk_in_the_browser(mut journey: Journey) -> Result<(), Failure> {
    journey.challenge().await?;
    let verdict = journey.captcha(&capture(2, 2)?).await?;
    println!("   browser: liveness: {:?}", verdict.value().outcome());
    journey.document(&[Media::new(samples::A_2025)?]).await?;
    println!("   browser: submitted the document");
    Ok(())
}

/// Your web server. It must pass headers, body and the requested URL to the receiver.
async fn receiver(sandbox: &Sandbox) -> Result<mpsc::UnboundedReceiver<WebhookEvent>, Failure> {
    let (events, inbox) = mpsc::unbounded_channel();
    let webhook = CompletionWebhook::new().with_secret_path(SECRET_PATH)?;
    let handler = move |url: axum::http::Uri, headers: axum::http::HeaderMap, body: axum::body::Bytes| async move {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let request = WebhookRequest::new(headers, body).at_url(url.to_string());
        let status = match webhook.receive(&request) {
            Ok(new) => {
                // A real receiver stores the events before it responds.
                new.into_iter().for_each(|event| drop(events.send(event)));
                webhook.accepted_status()
            }
            Err(error) => error.http_status(),
        };
        axum::http::StatusCode::from_u16(status).unwrap_or_default()
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/certiface/{SECRET_PATH}", listener.local_addr()?);
    let router = axum::Router::new().route("/certiface/{secret}", axum::routing::post(handler));
    tokio::spawn(async move { axum::serve(listener, router).await });
    sandbox.certiface().register_completion_webhook(&url)?;
    Ok(inbox)
}

/// The program captures the frames itself.
async fn in_2d(client: &Client) -> Result<(), Failure> {
    println!("\n2. In 2D, with frames of our own");
    let mut journey = client.journey(&person(TestOutcome::Approved)?).await?;
    let challenge = journey.challenge().await?;
    let faces = challenge.value().challenges.as_ref().map_or(0, Vec::len);
    let frames = challenge.value().snap_number.as_ref().and_then(|number| number.get().copied()).unwrap_or(1);
    println!("   {faces} faces to show within 60 s, {frames} frames of each");
    let verdict = journey.captcha(&capture(faces, usize::try_from(frames)?)?).await?;
    show_verdict(verdict.value());
    println!(
        "   another check with the same key: {}",
        journey.challenge().await.err().ok_or("it was allowed")?
    );
    to_the_result(&journey).await
}

/// `FaceTec`'s SDK scans the face, and the backend submits the scan.
async fn by_facetec(client: &Client) -> Result<(), Failure> {
    println!("\n3. In 3D, by FaceTec");
    let mut journey = client.journey(&person(TestOutcome::Approved)?).await?;
    let session = journey.session(Some("user agent of the SDK")).await?;
    println!("   the vendor chose {:?}; its SDK takes the session's token", session.value().provider());
    let [audit, small] = [frame(0)?, frame(1)?];
    let scan = FaceTecScan::new("user agent of the SDK", "c2NhbiBvZiB0aGUga2l0", audit, small, "session");
    let verdict = journey.liveness_facetec(&scan).await?;
    show_verdict(verdict.value());
    to_the_result(&journey).await
}

/// iProov's SDK communicates with iProov, and the backend requests the verdict. The first one allows another attempt.
async fn by_iproov(client: &Client) -> Result<(), Failure> {
    println!("\n4. In 3D, by iProov, with one retry");
    let mut journey = client.journey(&person(TestOutcome::RetriedOnce)?).await?;
    while journey.may_check_liveness() {
        let session = journey.session(None).await?;
        assert_eq!(session.value().provider(), Some(Provider::IProov));
        println!("   session started; the SDK captures the person");
        let verdict = journey.liveness_iproov().await?;
        show_verdict(verdict.value());
        if let Some(reason) = &verdict.value().reason {
            println!("   message to the person: {}", reason.as_str());
        }
        // The state can be stored between any two steps. It holds the key, and so the CPF.
        let stored = serde_json::to_string(journey.state())?;
        journey = client.resume(serde_json::from_str(&stored)?);
    }
    to_the_result(&journey).await
}

async fn to_the_result(journey: &Journey) -> Result<(), Failure> {
    match journey.document(&[Media::new(samples::A_2025)?]).await?.into_inner() {
        DocumentOutcome::Retake(why) => return Err(format!("no document was found: {why:?}").into()),
        accepted => println!("   document: {accepted:?}"),
    }
    // The default is 30 s: Certiface may take frequent polling for an attack.
    let waiting = journey.wait(Duration::from_secs(60))?.every(Duration::from_millis(500));
    let result = waiting.on_pending(|waited| println!("   not ready after {waited:.1?}")).await?;
    show(&result);
    Ok(())
}

fn show_verdict(verdict: &LivenessResponse) {
    println!("   liveness: {:?} ({:?})", verdict.outcome(), verdict.cod_id);
}

fn show(result: &JourneyResult) {
    println!("   result: {}", result.status.as_ref().map_or("no status", JourneyStatus::as_str));
    println!("     alive: {:?}, risk: {:?}", result.liveness(), result.risk());
    let faces = result.face_match().map(certiface::BiometricCheck::verdict);
    let serpro = result.serpro().map(certiface::BiometricCheck::verdict);
    println!("     face match: {faces:?}, Serpro: {serpro:?}");
    for document in result.documents() {
        println!("     {:?}, valid: {:?}, signed: {:?}", document.kind, document.expiry, document.is_signed);
    }
}

fn person(outcome: TestOutcome) -> Result<Person, Failure> {
    let cpf = test_cpf(outcome).ok_or("the sandbox has no such CPF")?;
    Ok(Person::new(Cpf::parse(cpf)?, "Maria da Silva", Date::parse("15/11/2001")?)
        .with_id_externo_cliente("order-1"))
}

/// Simulates the frames that a camera captures while the person follows the instructions.
fn capture(faces: usize, frames: usize) -> Result<Vec<Vec<Media>>, ValidationError> {
    (0..faces).map(|face| (0..frames).map(|number| frame(face * frames + number)).collect()).collect()
}

/// Returns a photograph with a number in a comment: the frames of a capture must differ.
fn frame(number: usize) -> Result<Media, ValidationError> {
    let (start, rest) = samples::A_2014.split_at(2);
    let comment = format!("{number:06}");
    Media::new([start, &[0xFF, 0xFE, 0, 8], comment.as_bytes(), rest].concat())
}
