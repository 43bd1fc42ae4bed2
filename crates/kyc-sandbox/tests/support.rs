//! What the tests of all vendors share: an HTTP client, and a webhook receiver.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, Uri};
use kyc_core::VirtualClock;
use kyc_sandbox::{ClientConfig, Delivery, Outcome, Sandbox, SandboxBuilder};
use serde_json::Value;
use tokio::sync::mpsc;

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

/// The reasons of an error that a test asked for.
const ON_REQUEST: [&str; 2] = ["this fault was requested", "a scenario calls for it"];

/// The status and the JSON of a response; `Null` if there is no body. Each refusal of a vendor must say why, and each response
/// is as the description of the API says.
pub(crate) async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let path = response.url().path().to_owned();
    let refused = status >= 400 && !path.starts_with("/_sandbox");
    // A fault and a scenario can have any status.
    let is_on_request = refused && ON_REQUEST.contains(&reason(&response).as_str());
    let (status, body) = read_any(response).await;
    crate::openapi::check(&path, status, &body, is_on_request);
    (status, body)
}

/// The same for a response of the sandbox itself.
pub(crate) async fn read_any(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).expect("JSON") })
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

/// The reason of a refusal. The place in the documentation that it names exists.
pub(crate) fn reason(response: &reqwest::Response) -> String {
    let header = response.headers().get("x-sandbox-reason").expect("a reason");
    let (reason, url) = header.to_str().expect("ASCII").split_once("; see https://").expect("a place");
    let (_, page) = url.split_once("/blob/main/").expect("a page of the repository");
    let (page, section) = page.split_once('#').unwrap_or((page, ""));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let page = std::fs::read_to_string(format!("{path}/{page}")).expect("the page");
    let headings = page.lines().filter_map(|line| line.strip_prefix('#'));
    let mut slugs =
        headings.map(|heading| heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"));
    assert!(section.is_empty() || slugs.any(|slug| slug == section), "{url}");
    reason.to_owned()
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The outcomes that can be triggered.
pub(crate) fn triggers() -> Vec<Outcome> {
    Sandbox::outcomes().into_iter().filter(|outcome| outcome.can_be_triggered).collect()
}

/// The names of those of a vendor.
pub(crate) fn outcomes_of(key: &str) -> Vec<&'static str> {
    triggers().iter().filter(|outcome| outcome.vendor == key).map(|outcome| outcome.name).collect()
}

/// The table of a vendor's receiver, once its webhooks are sent to `receiver`.
pub(crate) fn receiver_config(sandbox: &Sandbox, receiver: &Receiver, table: &str) -> ClientConfig {
    let tables = sandbox.send_webhooks_to(receiver.root()).expect("loopback");
    tables.into_iter().find(|config| config.table() == table).expect("its table")
}

/// Waits, in real time, until the deliveries satisfy the condition.
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
    /// Paths, headers and bodies.
    events: mpsc::UnboundedReceiver<(String, HeaderMap, String)>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let (sender, events) = mpsc::unbounded_channel();
        let answers = Arc::new(Mutex::new(Vec::<u16>::new()));
        let script = Arc::clone(&answers);
        let hook = async move |uri: Uri, headers: HeaderMap, body: String| {
            sender.send((uri.path().to_owned(), headers, body)).expect("the test is there");
            let mut script = script.lock().expect("no panic elsewhere");
            let status = if script.is_empty() { 200 } else { script.remove(0) };
            StatusCode::from_u16(status).expect("a status")
        };
        let router = axum::Router::new().fallback(axum::routing::post(hook));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, answers, events }
    }

    /// The address without the path.
    pub(crate) fn root(&self) -> &str {
        self.url.trim_end_matches("/hook")
    }

    pub(crate) fn answer(&self, statuses: &[u16]) {
        self.answers.lock().expect("no panic elsewhere").extend(statuses);
    }

    pub(crate) async fn next(&mut self) -> (HeaderMap, Value) {
        let (headers, body) = self.next_text().await;
        (headers, serde_json::from_str(&body).expect("JSON"))
    }

    pub(crate) async fn next_text(&mut self) -> (HeaderMap, String) {
        let (_, headers, body) = self.next_at().await;
        (headers, body)
    }

    /// With the path.
    pub(crate) async fn next_at(&mut self) -> (String, HeaderMap, String) {
        let next = tokio::time::timeout(Duration::from_secs(5), self.events.recv()).await;
        next.expect("an event in time").expect("the receiver lives")
    }
}
