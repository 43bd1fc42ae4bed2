//! A client based on the vendor's page only, and a webhook receiver.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use kyc_core::VirtualClock;
use kyc_sandbox::clearsale::{TestCpf, TestOutcome};
use kyc_sandbox::{Delivery, Sandbox, SandboxBuilder};
use serde_json::{Value, json};
use tokio::sync::mpsc;

pub(crate) const LOGIN: &str = "/api/authentication/login";
pub(crate) const MATCH: &str = "/api/v2/Facematch/faces/match2d-2d";

pub(crate) fn builder() -> SandboxBuilder {
    Sandbox::builder().clock(VirtualClock::frozen())
}

pub(crate) async fn sandbox() -> Sandbox {
    builder().start().await.expect("a free port")
}

pub(crate) fn client() -> reqwest::Client {
    // Without the system's root certificates, which are slow to load.
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    builder.timeout(Duration::from_secs(10)).build().expect("a client")
}

/// The status and the JSON of a response; `Null` if there is no body.
pub(crate) async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") })
}

pub(crate) async fn login(sandbox: &Sandbox) -> String {
    let body = json!({
        "clientId": Sandbox::CLEARSALE_CLIENT_ID,
        "clientSecret": Sandbox::CLEARSALE_CLIENT_SECRET,
    });
    let (status, answer) = post(sandbox, LOGIN, "", &body).await;
    assert_eq!(status, 200);
    answer["access_token"].as_str().expect("a token").to_owned()
}

pub(crate) async fn send(
    sandbox: &Sandbox,
    path: &str,
    token: &str,
    body: &Value,
) -> reqwest::Result<reqwest::Response> {
    client().post(format!("{}{path}", sandbox.clearsale_url())).bearer_auth(token).json(body).send().await
}

pub(crate) async fn post(sandbox: &Sandbox, path: &str, token: &str, body: &Value) -> (u16, Value) {
    read(send(sandbox, path, token, body).await.expect("a response")).await
}

pub(crate) async fn query(sandbox: &Sandbox, token: &str, id: &str) -> (u16, Value) {
    let url = format!("{}{MATCH}/{id}", sandbox.clearsale_url());
    read(client().get(url).bearer_auth(token).send().await.expect("a response")).await
}

/// The start of a PNG of 150 × 150 pixels, in base64.
pub(crate) fn picture() -> String {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x96\0\0\0\x96\x08\x02\0\0\0".to_vec();
    bytes.extend([0; 16]);
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn order() -> Value {
    json!({ "image0": picture(), "image1": picture() })
}

pub(crate) fn order_for(outcome: TestOutcome) -> Value {
    let mut order = order();
    order["cpf"] = cpf_for(outcome).into();
    order["identifierId"] = "order-1".into();
    order
}

pub(crate) fn cpf_for(outcome: TestOutcome) -> &'static str {
    let found: Option<&TestCpf> =
        kyc_sandbox::clearsale::TEST_CPFS.iter().find(|test| test.outcome == outcome);
    found.expect("each outcome has its CPF").cpf
}

/// Starts a comparison and returns its id.
pub(crate) async fn submit(sandbox: &Sandbox, token: &str, order: &Value) -> String {
    let (status, answer) = post(sandbox, MATCH, token, order).await;
    assert_eq!(status, 200, "{answer}");
    answer["transactionId"].as_str().expect("an id").to_owned()
}

/// The fixture, with the values at these JSON pointers taken from the response, since they differ every time. Both must
/// have them, with the same type.
pub(crate) fn with_live_values(fixture: &str, answer: &Value, pointers: &[&str]) -> Value {
    let mut expected: Value = serde_json::from_str(fixture).expect("the fixture is JSON");
    for pointer in pointers {
        let live = answer.pointer(pointer).expect("the answer has it");
        let slot = expected.pointer_mut(pointer).expect("the fixture has it");
        assert_eq!(std::mem::discriminant(slot), std::mem::discriminant(live), "{pointer}");
        *slot = live.clone();
    }
    expected
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Waits, in real time, until ClearSale's deliveries satisfy the condition.
pub(crate) async fn deliveries_when(sandbox: &Sandbox, ready: impl Fn(&[Delivery]) -> bool) -> Vec<Delivery> {
    when(|| sandbox.clearsale().deliveries(), ready).await
}

/// The same for Certiface.
pub(crate) async fn certiface_deliveries_when(
    sandbox: &Sandbox,
    ready: impl Fn(&[Delivery]) -> bool,
) -> Vec<Delivery> {
    when(|| sandbox.certiface().deliveries(), ready).await
}

pub(crate) async fn when(
    look: impl Fn() -> Vec<Delivery>,
    ready: impl Fn(&[Delivery]) -> bool,
) -> Vec<Delivery> {
    for _ in 0..500 {
        let deliveries = look();
        if ready(&deliveries) {
            return deliveries;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the deliveries did not reach the expected state: {:?}", look());
}

pub(crate) struct Receiver {
    pub(crate) url: String,
    /// The statuses of the next responses; 200 if empty.
    pub(crate) answers: Arc<Mutex<Vec<u16>>>,
    events: mpsc::UnboundedReceiver<(HeaderMap, String)>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (sender, events) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(Vec::<u16>::new()));
        let script = Arc::clone(&answers);
        let hook = async move |headers: HeaderMap, body: String| {
            sender.send((headers, body)).expect("the test is there");
            let mut script = script.lock().expect("no panic elsewhere");
            let status = if script.is_empty() { 200 } else { script.remove(0) };
            StatusCode::from_u16(status).expect("a status")
        };
        let router = axum::Router::new().route("/hook", axum::routing::post(hook));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, answers, events }
    }

    pub(crate) fn answer(&self, statuses: &[u16]) {
        self.answers.lock().expect("no panic elsewhere").extend(statuses);
    }

    pub(crate) async fn next(&mut self) -> (HeaderMap, Value) {
        let (headers, body) = self.next_text().await;
        (headers, serde_json::from_str(&body).expect("JSON"))
    }

    pub(crate) async fn next_text(&mut self) -> (HeaderMap, String) {
        let next = tokio::time::timeout(Duration::from_secs(5), self.events.recv()).await;
        next.expect("an event in time").expect("the receiver lives")
    }

    pub(crate) async fn status(&mut self) -> String {
        self.next().await.1["transactionStatus"].as_str().expect("a status").to_owned()
    }
}
