//! What clients send: requests as the vendors document them, each with the one status that it must be answered with.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aes::Aes128;
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use kyc_sandbox::{Sandbox, samples};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);
const MATCH: &str = "/clearsale/api/v2/Facematch/faces/match2d-2d";
const CERTIFACE: &str = "/certiface/facecaptcha/service/captcha";
/// The MD5 of the sandbox's password for Certiface, as its clients send it.
const PASSWORD_MD5: &str = "911b7bf55b7b03cdfe2af9d1e68e4897";
const SCOPES: &str = "kyc.document.write kyc.document.read";

/// The clients of all vendors.
pub(super) struct Traffic {
    client: Client,
    url: String,
    clearsale: String,
    bankly: String,
    credential: String,
    photo: String,
    png: Vec<u8>,
    /// The requests so far.
    pub(super) sent: AtomicUsize,
    /// What was answered otherwise than it must be, and how often.
    wrong: Mutex<BTreeMap<String, usize>>,
}

impl Traffic {
    /// Logs in everywhere, and switches Bankly's limit of requests off.
    pub(super) async fn start(url: &str) -> Result<Self> {
        let mut traffic = Self {
            client: Client::builder().no_proxy().timeout(PATIENCE).build()?,
            url: url.to_owned(),
            clearsale: String::new(),
            bankly: String::new(),
            credential: String::new(),
            photo: STANDARD.encode(samples::A_2014),
            png: png(),
            sent: AtomicUsize::new(0),
            wrong: Mutex::default(),
        };
        let no_limit = json!({ "rate_limit": false, "analysis_seconds": 1 });
        traffic.ask(204, traffic.post("/_sandbox/bankly/settings").json(&no_limit)).await;
        let text = |answer: &Value| answer["access_token"].as_str().map(str::to_owned).context("no token");
        traffic.clearsale = text(&traffic.clearsale_login().await)?;
        traffic.bankly = text(&traffic.bankly_login().await)?;
        traffic.credential = traffic.certiface_login().await.to_string();
        Ok(traffic)
    }

    pub(super) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.url))
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.url))
    }

    /// Sends the events of one vendor there, with a token.
    pub(super) async fn send_clearsale_events_to(&self, url: &str) {
        let receiver = json!({ "url": url, "token": "secret" });
        self.ask(204, self.post("/_sandbox/clearsale/webhooks").json(&receiver)).await;
    }

    /// Sends a request, notes whether it was answered as it must be, and returns the JSON of the response.
    pub(super) async fn ask(&self, expected: u16, request: RequestBuilder) -> Value {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let (client, request) = request.build_split();
        let Ok(request) = request else { return self.note("a request that cannot be built".to_owned()) };
        // Without the ids, so that the same mistake is counted.
        let path: String = request.url().path().chars().filter(|letter| !letter.is_ascii_digit()).collect();
        match client.execute(request).await {
            Ok(response) if response.status() != expected => {
                let status = response.status().as_u16();
                let reason = response.headers().get("x-sandbox-reason").cloned();
                self.note(format!("{path}: {status} in place of {expected}, {reason:?}"))
            }
            Ok(response) => match response.bytes().await {
                Ok(body) => serde_json::from_slice(&body).unwrap_or_default(),
                Err(_) => self.note(format!("{path}: half a response")),
            },
            Err(_) => self.note(format!("{path}: no response")),
        }
    }

    /// Takes what was wrong so far.
    pub(super) fn take_wrong(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut *self.wrong.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, wrong: String) -> Value {
        *self.wrong.lock().unwrap_or_else(PoisonError::into_inner).entry(wrong).or_default() += 1;
        Value::Null
    }

    /// Three requests.
    pub(super) async fn logins(&self) {
        self.clearsale_login().await;
        self.bankly_login().await;
        self.certiface_login().await;
    }

    pub(super) async fn clearsale_login(&self) -> Value {
        let (id, secret) = (Sandbox::CLEARSALE_CLIENT_ID, Sandbox::CLEARSALE_CLIENT_SECRET);
        let body = json!({ "clientId": id, "clientSecret": secret });
        self.ask(200, self.post("/clearsale/api/authentication/login").json(&body)).await
    }

    async fn bankly_login(&self) -> Value {
        let id = Sandbox::BANKLY_CLIENT_ID;
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("scope", SCOPES)];
        self.ask(200, self.post("/bankly/oauth2/token").form(&form)).await
    }

    async fn certiface_login(&self) -> Value {
        let form = [("user", Sandbox::CERTIFACE_USER), ("pass", PASSWORD_MD5)];
        self.ask(200, self.post(&format!("{CERTIFACE}/credencial")).form(&form)).await
    }

    /// A comparison of two photos, which makes two events, and its query. Two requests.
    pub(super) async fn clearsale_match(&self, number: usize) {
        let body = json!({
            "image0": self.photo, "image1": self.photo, "cpf": cpf(number), "identifierId": number.to_string(),
        });
        let answer = self.ask(200, self.post(MATCH).bearer_auth(&self.clearsale).json(&body)).await;
        let id = answer["transactionId"].as_str().unwrap_or("none");
        self.ask(200, self.get(&format!("{MATCH}/{id}")).bearer_auth(&self.clearsale)).await;
    }

    /// A journey with a challenge, a frame of the face and a photo of a document. Five requests.
    pub(super) async fn certiface_journey(&self, number: usize) {
        let person = [
            ("user", Sandbox::CERTIFACE_USER),
            ("token", &self.credential),
            ("cpf", &cpf(number)),
            ("nome", "Nome Sobrenome"),
            ("nascimento", "15/11/2001"),
        ];
        let answer = self.ask(200, self.post(&format!("{CERTIFACE}/appkey")).form(&person)).await;
        let appkey = answer["appkey"].as_str().unwrap_or_default();
        self.ask(200, self.post(&format!("{CERTIFACE}/challenge")).form(&[("appkey", appkey)])).await;
        let session = json!({ "appkey": appkey, "userAgent": "device" });
        self.ask(200, self.post(&format!("{CERTIFACE}/3d/session-token")).json(&session)).await;
        let frame = encrypt(appkey, &self.photo);
        let scan = json!({
            "appkey": appkey, "userAgent": "device", "faceScan": "scan", "sessionId": "session",
            "auditTrailImage": frame, "lowQualityAuditTrailImage": frame,
        });
        self.ask(200, self.post(&format!("{CERTIFACE}/3d/liveness")).json(&scan)).await;
        let document = json!({ "appkey": appkey, "images": [self.photo] });
        self.ask(200, self.post(&format!("{CERTIFACE}/document")).json(&document)).await;
    }

    /// An image of a person of whom there is none yet, and its status. Two requests.
    pub(super) async fn bankly_image(&self, number: usize) {
        let path = format!("/bankly/document-analysis/{}", cpf(number));
        let image = Part::bytes(self.png.clone()).file_name("face.png");
        let form =
            Form::new().text("documentType", "SELFIE").text("documentSide", "FRONT").part("image", image);
        let put = self.client.put(format!("{}{path}", self.url)).multipart(form);
        self.ask(202, put.bearer_auth(&self.bankly).header("api-version", "1")).await;
        self.ask(200, self.get(&path).bearer_auth(&self.bankly).header("api-version", "1")).await;
    }

    /// A check of a CPF, and a comparison. Two requests.
    pub(super) async fn cellere(&self, number: usize) {
        let token = Sandbox::CELLERE_TOKEN;
        let check = self.post("/cellere/bg-check/cpf-simples").json(&json!({ "cpf": cpf(number) }));
        self.ask(200, check.bearer_auth(token)).await;
        let faces =
            self.post("/cellere/facematch").json(&json!({ "image1": self.photo, "image2": self.photo }));
        self.ask(200, faces.bearer_auth(token)).await;
    }

    /// One of each vendor that is refused. Four requests.
    pub(super) async fn refusals(&self, number: usize) {
        self.ask(401, self.post(MATCH).json(&json!({ "identifierId": number.to_string() }))).await;
        self.ask(400, self.post("/cellere/bg-check/cpf-simples").json(&json!({ "cpf": cpf(number) }))).await;
        self.ask(404, self.get(&format!("/bankly/{number}"))).await;
        self.ask(401, self.post(&format!("{CERTIFACE}/challenge")).form(&[("appkey", cpf(number))])).await;
    }

    /// What a person or a test looks at, and a fault that is asked for. Five requests.
    pub(super) async fn control(&self) {
        self.ask(200, self.get("/_sandbox/requests?limit=10")).await;
        self.ask(200, self.get("/_sandbox/counts")).await;
        self.ask(200, self.get("/_sandbox/")).await;
        let fault = json!({ "vendor": "cellere", "operation": "balance", "kind": "status", "status": 503 });
        self.ask(200, self.post("/_sandbox/faults").json(&fault)).await;
        let balance = self.get("/cellere/utilitarias/saldo-portal").bearer_auth(Sandbox::CELLERE_TOKEN);
        self.ask(503, balance).await;
    }

    /// Returns the summary of the sandbox.
    pub(super) async fn summary(&self) -> Value {
        self.ask(200, self.get("/_sandbox/")).await
    }

    /// Returns how many deliveries are kept.
    pub(super) async fn deliveries(&self) -> usize {
        let answer = self.ask(200, self.get("/_sandbox/webhooks")).await;
        answer["deliveries"].as_array().map_or(0, Vec::len)
    }
}

/// The valid CPF of that number, which is no test CPF.
fn cpf(number: usize) -> String {
    let mut digits: Vec<usize> =
        format!("{:09}", 100_000_000 + number).bytes().map(|b| (b - b'0').into()).collect();
    for _ in 0..2 {
        let weights = 2..=digits.len() + 1;
        let sum: usize = digits.iter().zip(weights.rev()).map(|(digit, weight)| digit * weight).sum();
        digits.push(sum * 10 % 11 % 10);
    }
    digits.iter().map(usize::to_string).collect()
}

/// A PNG of 640 × 480 pixels by its head, as large as a small photo.
fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0\0\0\0\0".to_vec();
    bytes.extend(13_872_u32.to_be_bytes());
    bytes.extend(b"IDAT");
    bytes.resize(bytes.len() + 13_872 + 4, 0);
    bytes.extend(b"\0\0\0\0IEND\xaeB`\x82");
    bytes
}

/// As Certiface's browser code: the key is the start of the appkey, the IV its end, reversed.
fn encrypt(appkey: &str, text: &str) -> String {
    let (Some(key), Some(mut iv)) =
        (appkey.as_bytes().first_chunk::<16>(), appkey.as_bytes().last_chunk().copied())
    else {
        return String::new();
    };
    iv.reverse();
    let iv: [u8; 16] = iv;
    let spaces = " ".repeat(16 - text.len() % 16);
    let encryptor = cbc::Encryptor::<Aes128>::new(key.into(), &iv.into());
    STANDARD.encode(encryptor.encrypt_padded_vec::<Pkcs7>(format!("{text}{spaces}").as_bytes()))
}
