//! The example of a service in a process of its own, which is killed and started again. The customer's system is a socket here.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "../examples/verify_service/main.rs"]
mod verify_service;

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kyc_br::kyc_core::VirtualClock;
use kyc_br::kyc_verify::StoreKey;
use kyc_sandbox::{Fault, Sandbox, Scenario, cellere, clearsale, samples};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

/// How long anything may take. Nothing waits for it unless it fails.
const PATIENCE: Duration = Duration::from_secs(60);
const TOKEN: &str = "token-of-the-caller";
const SECRET: &[u8] = b"a secret of at least 24 bytes";
const CPF: &str = "52998224725";
const NAME: &str = "Maria Exemplo da Silva";

const POLICY: &str = r#"
version = "test"
[check.registration]
by = ["cellere"]
[check.document]
by = ["cellere"]
agrees = ["cpf", "birth_date", "name"]
[check.face_document]
by = ["clearsale"]
"#;

#[test]
#[ignore = "it is the service, which the other tests start"]
fn the_service() {
    verify_service::main().unwrap();
}

/// What the service told the customer's system.
struct Told {
    id: String,
    kind: String,
    case: String,
}

/// The customer's system: checks what it is sent, and answers with a status that can be changed.
struct Customer {
    url: String,
    status: Arc<AtomicU16>,
    told: mpsc::UnboundedReceiver<(HeaderMap, Bytes)>,
}

type Sink = (Arc<AtomicU16>, mpsc::UnboundedSender<(HeaderMap, Bytes)>);

impl Customer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/kyc", listener.local_addr().unwrap());
        let (sender, told) = mpsc::unbounded_channel();
        let status = Arc::new(AtomicU16::new(204));
        let take = async |State((status, sender)): State<Sink>, headers: HeaderMap, body: Bytes| {
            sender.send((headers, body)).ok();
            StatusCode::from_u16(status.load(Ordering::SeqCst)).unwrap()
        };
        let app = Router::new().route("/kyc", post(take)).with_state((Arc::clone(&status), sender));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, status, told }
    }

    fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Waits for the next message, and checks its signature as the specification says.
    async fn told(&mut self) -> Told {
        let (headers, body) = timeout(PATIENCE, self.told.recv()).await.expect("it is told").unwrap();
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let (id, time) = (header("webhook-id"), header("webhook-timestamp"));
        let text = String::from_utf8(body.to_vec()).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
        mac.update(format!("{id}.{time}.{text}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        assert_eq!(header("webhook-signature"), signature);
        assert!(time.parse::<u64>().unwrap() > 1_700_000_000, "seconds, not milliseconds: {time}");
        assert!(!text.contains(CPF) && !text.contains("Maria"), "{text}");
        let message: Value = serde_json::from_str(&text).unwrap();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        Told { id, kind: word(&message["type"]), case: word(&message["data"]["case"]) }
    }
}

struct Rig {
    sandbox: Sandbox,
    customer: Customer,
    folder: TempDir,
    listen: SocketAddr,
    key: String,
    service: Option<Child>,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Rig {
    /// Starts a sandbox whose clock stands still, the customer's system and the service.
    async fn start() -> Self {
        let sandbox = Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        // Free again for the service, which has to have the same address after each start.
        let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let webhooks = sandbox.send_webhooks_to(&format!("http://{listen}")).unwrap();
        let webhooks: Vec<_> = webhooks.iter().map(|table| table.to_toml()).collect();
        let vendors = format!("{}\n{}", sandbox.config_toml(), webhooks.join("\n"));
        std::fs::write(folder.path().join("kyc.toml"), vendors).unwrap();
        std::fs::write(folder.path().join("policy.toml"), POLICY).unwrap();
        let key = StoreKey::generate().unwrap().to_base64().expose().clone();
        let customer = Customer::start().await;
        let mut rig = Self { sandbox, customer, folder, listen, key, service: None };
        rig.start_service().await;
        rig
    }

    async fn start_service(&mut self) {
        let path = |name: &str| -> Box<Path> { self.folder.path().join(name).into() };
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--ignored", "--exact", "service::the_service", "--nocapture"])
            .env("SERVICE_LISTEN", self.listen.to_string())
            .env("SERVICE_TOKEN", TOKEN)
            .env("SERVICE_FOLDER", self.folder.path())
            .env("SERVICE_KEY", &self.key)
            .env("SERVICE_ENVIRONMENT", "simulated")
            .env("SERVICE_POLICY", &*path("policy.toml"))
            .env("SERVICE_CONFIG", &*path("kyc.toml"))
            .env("SERVICE_CUSTOMER_URL", &self.customer.url)
            .env("SERVICE_CUSTOMER_SECRET", format!("whsec_{}", STANDARD.encode(SECRET)))
            .stdout(Stdio::null());
        self.service = Some(command.spawn().unwrap());
        until("the service listens", async || tokio::net::TcpStream::connect(self.listen).await.is_ok())
            .await;
    }

    /// Sends it SIGKILL.
    fn kill(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.kill().unwrap();
            service.wait().unwrap();
        }
    }

    async fn call(&self, method: Method, path: &str, reference: &str, body: Vec<u8>) -> (u16, Value) {
        let request = reqwest::Client::new()
            .request(method, format!("http://{}/verifications{path}", self.listen))
            .bearer_auth(TOKEN)
            .header("idempotency-key", reference)
            .body(body);
        let answer = timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
    }

    async fn begin(&self, reference: &str) -> String {
        let (status, begun) = self.call(Method::POST, "", reference, applicant()).await;
        assert_eq!(status, 202, "{begun}");
        begun["case"].as_str().unwrap().to_owned()
    }

    async fn show(&self, case: &str) -> Value {
        let (status, shown) = self.call(Method::GET, &format!("/{case}"), "-", Vec::new()).await;
        assert_eq!(status, 200, "{shown}");
        shown
    }

    /// Lets the sandbox decide whatever waits, from now on.
    fn let_the_vendors_decide(&self) {
        self.sandbox.clock().advance(Duration::from_secs(60));
    }

    fn paid(&self) -> (u64, u64) {
        (self.sandbox.cellere().paid_calls(), self.sandbox.clearsale().paid_calls())
    }
}

fn applicant() -> Vec<u8> {
    applicant_named(NAME)
}

fn applicant_named(name: &str) -> Vec<u8> {
    let said = json!({
        "cpf": CPF,
        "name": name,
        "birth_date": "1990-10-12",
        "selfie": STANDARD.encode(samples::A_2025),
        "document": { "kind": "cnh", "front": STANDARD.encode(samples::A_2014) },
    });
    said.to_string().into_bytes()
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let held = timeout(PATIENCE, async {
        while !is_so().await {
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(held.await.is_ok(), "{what}");
}

#[tokio::test]
async fn a_service_that_is_killed_during_a_paid_call_goes_on_without_a_second_one() {
    let mut rig = Rig::start().await;
    // The comparison is made and paid, and its answer never arrives: the vendor's webhook alone tells of it.
    rig.sandbox.clearsale().fault(Fault::hang().on(clearsale::Operation::Match).after_effect());
    let case = rig.begin("customer-1").await;
    assert_eq!(rig.begin("customer-1").await, case, "the same reference is the same case");
    until("the comparison is paid", async || rig.paid() == (2, 1)).await;
    rig.kill();
    rig.start_service().await;
    rig.let_the_vendors_decide();
    let mut told = rig.customer.told().await;
    if told.kind == "verification.review" {
        // The webhook came after the look-up, which cannot tell.
        told = rig.customer.told().await;
    }
    assert_eq!((told.kind.as_str(), told.case.as_str()), ("verification.approved", case.as_str()));
    let shown = rig.show(&case).await;
    assert_eq!((&shown["state"], &shown["uncertain_calls"]), (&json!("approved"), &json!(0)));
    assert_eq!(rig.paid(), (2, 1), "nothing is paid twice");
}

#[tokio::test]
async fn a_call_of_which_nothing_can_tell_is_left_to_a_person_after_a_kill() {
    let mut rig = Rig::start().await;
    rig.sandbox.cellere().fault(Fault::hang().on(cellere::Operation::Document).after_effect());
    let case = rig.begin("customer-1").await;
    until("the reading is paid", async || rig.sandbox.cellere().paid_calls() == 2).await;
    rig.kill();
    rig.start_service().await;
    until("the comparison waits", async || rig.paid() == (2, 1)).await;
    rig.let_the_vendors_decide();
    let told = rig.customer.told().await;
    assert_eq!((told.kind.as_str(), told.case.as_str()), ("verification.review", case.as_str()));
    let shown = rig.show(&case).await;
    assert_eq!((&shown["uncertain_calls"], &shown["paid_calls"]), (&json!(1), &json!(3)), "{shown}");
    assert_eq!(rig.paid(), (2, 1), "nothing is sent again");
}

#[tokio::test]
async fn what_the_customer_did_not_acknowledge_is_told_again_after_a_kill() {
    let mut rig = Rig::start().await;
    rig.customer.answer(503);
    let case = rig.begin("customer-1").await;
    until("the comparison waits", async || rig.paid() == (2, 1)).await;
    rig.let_the_vendors_decide();
    let first = rig.customer.told().await;
    assert_eq!(first.kind, "verification.approved");
    rig.kill();

    rig.customer.answer(204);
    rig.start_service().await;
    // What was sent before the kill is read first.
    let again = rig.customer.told().await;
    assert_eq!((&again.id, &again.kind, &again.case), (&first.id, &first.kind, &case));

    // By the time the next case is told, the acknowledgement is on the disk.
    for (kills, reference) in ["customer-2", "customer-3"].into_iter().enumerate() {
        let another = rig.begin(reference).await;
        let paid = kills as u64 + 2;
        until("the comparison waits", async || rig.paid() == (2 * paid, paid)).await;
        rig.let_the_vendors_decide();
        while let told = rig.customer.told().await
            && told.case != another
        {
            assert_ne!(told.id, first.id, "what is acknowledged is not told again");
        }
        rig.kill();
        rig.start_service().await;
    }
}

#[tokio::test]
async fn a_picture_is_taken_once_and_only_if_the_case_waits_for_it() {
    let mut rig = Rig::start().await;
    rig.sandbox.set_scenario(Scenario::new("clearsale", "error").cpf(CPF)).unwrap();
    let case = rig.begin("customer-1").await;
    let selfie = format!("/{case}/selfie");
    let hand_in = async |rig: &Rig| rig.call(Method::POST, &selfie, "-", samples::A_2025.to_vec()).await.0;
    until("the comparison waits", async || rig.paid() == (2, 1)).await;
    assert_eq!(hand_in(&rig).await, 409, "nothing is asked of the person");
    rig.let_the_vendors_decide();
    assert_eq!(rig.customer.told().await.kind, "verification.waits_for_person");
    let shown = rig.show(&case).await;
    assert_eq!(shown["handouts"][0]["item"], "selfie", "{shown}");

    rig.sandbox.clear_scenarios();
    assert_eq!(hand_in(&rig).await, 202);
    assert_eq!(hand_in(&rig).await, 409, "the same picture twice");
    until("the comparison waits", async || rig.paid() == (2, 2)).await;
    rig.let_the_vendors_decide();
    assert_eq!(rig.customer.told().await.kind, "verification.approved");
    assert_eq!(rig.paid(), (2, 2));
}

#[tokio::test]
async fn strangers_and_bad_requests_are_refused_without_repeating_what_they_say() {
    let rig = Rig::start().await;
    let url = format!("http://{}/verifications", rig.listen);
    for token in ["", "wrong", "token-of-the-caller-and-more"] {
        let answer = reqwest::Client::new().post(&url).bearer_auth(token).body(applicant()).send().await;
        assert_eq!(answer.unwrap().status(), 401, "{token}");
    }
    let long = "r".repeat(256);
    for (reference, body, expected) in [
        ("", applicant(), 400),
        (long.as_str(), applicant(), 400),
        ("r", b"52998224725".to_vec(), 422),
        ("r", br#"{"cpf": "52998224725", "nome": "Maria"}"#.to_vec(), 422),
        ("r", br#"{"cpf": "52998224726"}"#.to_vec(), 422),
        ("r", br#"{"cpf": "52998224725", "name": "Maria"}"#.to_vec(), 422),
        ("r", br#"{"cpf": "52998224725", "selfie": "Maria"}"#.to_vec(), 422),
        ("r", br#"{"cpf": "52998224725", "birth_date": "Maria"}"#.to_vec(), 422),
        ("r", vec![b' '; 24 * 1024 * 1024 + 1], 413),
    ] {
        let (status, answer) = rig.call(Method::POST, "", reference, body).await;
        assert_eq!(status, expected, "{answer}");
        let text = answer.to_string();
        assert!(!text.contains("529982247") && !text.contains("Maria"), "{text}");
    }
    let case = rig.begin("customer-1").await;
    for (reference, body) in [("customer-1", applicant_named("Maria Outra")), ("customer-2", applicant())] {
        let (status, answer) = rig.call(Method::POST, "", reference, body).await;
        assert_eq!(status, 409, "another body, and another case of the same person: {answer}");
        assert!(answer.to_string().contains(&case), "{answer}");
    }
    for path in ["/v_0000000000000000", "/nonsense", "/v_0000000000000000/capture"] {
        assert_eq!(rig.call(Method::GET, path, "-", Vec::new()).await.0, 404, "{path}");
    }
}
