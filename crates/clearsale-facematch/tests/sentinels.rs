//! A CPF, a secret, a token and a picture through every operation, good and bad, with all logs on: none is printed.

use std::error::Error as _;
use std::io::Write;
use std::sync::{Arc, Mutex};

use clearsale_facematch::core::{
    Cpf, Error, FaceMatcher, FacePair, Media, Pii, Settings, WebhookRequest, WebhookSource,
};
use clearsale_facematch::{Client, Config, Credentials, MatchRequest, Notification, TransactionId, Webhook};
use tracing_subscriber::fmt::MakeWriter;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::png;

const CPF: &str = "52998224725";
const SECRET: &str = "s3ntinel-secret";
const TOKEN: &str = "s3ntinel-token";
const PICTURE: &str = "s3ntinel-picture";
const REFERENCE: &str = "s3ntinel-reference";
const NAME: &str = "s3ntinel-name";

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn add(&self, text: &str) {
        self.0.lock().unwrap().extend_from_slice(text.as_bytes());
    }

    fn error(&self, error: &Error) {
        self.add(&format!("{error} {error:?} {error:#?}"));
        let mut cause = error.source();
        while let Some(inner) = cause {
            self.add(&format!("{inner} {inner:?}"));
            cause = inner.source();
        }
    }

    fn check(&self) {
        let text = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        let picture = serde_json::to_string(&media()).unwrap();
        // A piece of the base64 that no alignment hides.
        let picture = &picture[picture.len() / 2..picture.len() / 2 + 16];
        for hidden in [CPF, "529.982.247-25", SECRET, TOKEN, PICTURE, picture, REFERENCE, NAME] {
            if let Some(at) = text.find(hidden) {
                panic!(
                    "{hidden} was printed: …{}…",
                    &text[at.saturating_sub(200)..(at + 100).min(text.len())]
                );
            }
        }
        assert!(text.len() > 1000, "something was printed at all");
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Log;
    fn make_writer(&'a self) -> Log {
        self.clone()
    }
}

fn media() -> Media {
    let mut bytes = png(200);
    bytes.extend(PICTURE.repeat(20).bytes());
    Media::new(bytes).unwrap()
}

/// Every answer holds every sentinel, where the vendor would put it and where it would not.
async fn vendor(status: u16, body: &str) -> MockServer {
    let server = MockServer::start().await;
    let login = format!(r#"{{"access_token":"{TOKEN}","expires_in":"3600","{CPF}":"{NAME}"}}"#);
    Mock::given(path("/api/authentication/login"))
        .respond_with(ResponseTemplate::new(200).set_body_string(login))
        .mount(&server)
        .await;
    let answer = ResponseTemplate::new(status).set_body_string(body).insert_header("x-echo", CPF);
    Mock::given(method("POST")).respond_with(answer.clone()).mount(&server).await;
    Mock::given(method("GET")).respond_with(answer).mount(&server).await;
    server
}

fn bodies() -> Vec<(u16, String)> {
    let all = format!("{CPF} {SECRET} {TOKEN} {NAME} {REFERENCE}");
    vec![
        (
            200,
            format!(
                r#"{{"transactionId":"{CPF}","status":"{NAME}","identifierId":"{REFERENCE}","cpf":"{CPF}","message":"{all}","{CPF}":1}}"#
            ),
        ),
        (200, format!(r#"{{"transactionId":["{all}"],"status":"{NAME}"}}"#)),
        (200, format!(r#"{{"transactionId":"1","isMatch":{{"{CPF}":"{NAME}"}}}}"#)),
        (200, format!("{all}, expected {all}")),
        (
            400,
            format!(r#"{{"title":"{all}","status":422,"errors":{{"{CPF}":["{all}"],"Document":"{all}"}}}}"#),
        ),
        (401, format!(r#"{{"title":"{all}","detail":"{all}","status":"{CPF}"}}"#)),
        (404, format!(r#"{{"detail":"{all}"}}"#)),
        (500, format!("<html>{all}</html>")),
        (503, all),
    ]
}

#[tokio::test]
async fn nothing_personal_or_secret_is_printed() {
    let log = Log::default();
    // The most talkative there is, for our crates and for the whole HTTP stack.
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    tracing_subscriber::util::SubscriberInitExt::init(subscriber.with_writer(log.clone()).finish());

    let credentials = Credentials::new(SECRET, SECRET);
    log.add(&format!("{credentials:?} {:?}", Config::new(SECRET, SECRET)));
    let request = MatchRequest::new(media(), media())
        .with_cpf(Cpf::parse(CPF).unwrap())
        .with_identifier_id(format!("{REFERENCE} {NAME}"));
    let mut pair = FacePair::new(media(), media());
    pair.cpf = Some(Cpf::parse(CPF).unwrap());

    for (status, body) in bodies() {
        let server = vendor(status, &body).await;
        let settings = Settings::new().keep_raw_bodies(true).max_attempts(1);
        let client =
            Client::builder(credentials.clone()).base_url(&server.uri()).settings(settings).build().unwrap();
        log.add(&format!("{client:?} {client:#?}"));
        match client.match2d_2d(&request).await {
            Ok(reply) => log.add(&format!("{reply:?} {:?} {:?}", reply.meta(), reply.operation_id())),
            Err(error) => log.error(&error),
        }
        match client.transaction(&TransactionId::new("1")).await {
            Ok(reply) => log.add(&format!("{reply:?} {:?}", reply.outcome())),
            Err(error) => log.error(&error),
        }
        if let Err(error) = client.transaction(&TransactionId::new(NAME.repeat(9))).await {
            log.error(&error);
        }
        match client.submit_faces(&pair).await {
            Ok(reply) => log.add(&format!("{reply:?}")),
            Err(error) => log.error(&error),
        }
    }
    log.add(&format!("{request:?} {pair:?} {:?}", Pii::new(NAME)));

    // No server at all: the address is in the operating system's words, the query is not.
    let nowhere = Client::builder(credentials).base_url("http://127.0.0.1:1").build().unwrap();
    log.error(&nowhere.match2d_2d(&request).await.unwrap_err());

    let webhook = Webhook::new(SECRET).unwrap();
    let body = format!(
        r#"{{"transactionId":"{CPF}","identifierId":"{REFERENCE}","cPF":"{CPF}","message":"{NAME}","{CPF}":1}}"#
    );
    let delivery = WebhookRequest::new([("authorization", format!("Bearer {SECRET}"))], body);
    log.add(&format!("{webhook:?} {delivery:?}"));
    let event = webhook.receive(&delivery).unwrap().remove(0);
    // The dedupe key is the transaction's id, which here is no GUID but a CPF: Debug leaves it out.
    log.add(&format!("{event:?}"));
    log.add(&format!("{:?}", Notification::try_from(&event).unwrap()));
    log.check();
}
