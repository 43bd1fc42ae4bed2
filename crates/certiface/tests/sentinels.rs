//! A CPF, a name, a key, a password and pictures through every operation, good and bad, with all logs on: none is printed.

use std::error::Error as _;
use std::io::Write;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use certiface::core::{
    Cpf, Date, Error, Media, OperationId, Pii, ReqwestTransport, Settings, WebhookRequest, WebhookSource,
};
use certiface::{
    Appkey, Client, Completion, CompletionWebhook, Config, Credentials, FaceTecScan, FortfaceScan, Journey,
    Person, StatusUpdate, StatusWebhook,
};
use kyc_sandbox::samples;
use tracing_subscriber::fmt::MakeWriter;
use wiremock::matchers::{any, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const CPF: &str = "52998224725";
const LOGIN: &str = "s3ntinel-login";
const PASSWORD: &str = "s3ntinel-password";
/// Of the password. Who has it can log in.
const MD5: &str = "df4999b5004ebc237f48243285f5f5e3";
const TOKEN: &str = "s3ntinel-token";
const CHKEY: &str = "s3ntinel-chkey";
const CODE: &str = "s3ntinel-code";
const SESSION: &str = "s3ntinel-session";
const PICTURE: &str = "s3ntinel-picture";
const REFERENCE: &str = "s3ntinel-reference";
const NAME: &str = "s3ntinel-name";
const SECRET: &str = "s3ntinel-secret";

/// As the vendor makes them: the CPF stands in it for everybody to read.
fn appkey() -> Appkey {
    let claims = format!(r#"{{"sub":"certiface","cpf":"{CPF}","nome":"{NAME}","exp":1790000000}}"#);
    let parts = [r#"{"alg":"HS256"}"#, claims.as_str(), "s3ntinel-signature-of-a-key"];
    Appkey::new(parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."))
}

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

    fn outcome<T: std::fmt::Debug>(&self, outcome: Result<T, Error>) {
        match outcome {
            Ok(value) => self.add(&format!("{value:?} {value:#?}")),
            Err(error) => self.error(&error),
        }
    }

    fn check(&self) {
        let text = String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned();
        let (appkey, picture) = (appkey(), STANDARD.encode(media().bytes()));
        let [head, claims, signature] =
            appkey.expose().split('.').collect::<Vec<_>>().try_into().expect("three parts");
        assert!(!head.is_empty());
        let id = appkey.operation_id().to_token();
        let hidden = [
            CPF,
            "529.982.247-25",
            "529982247/25",
            LOGIN,
            PASSWORD,
            MD5,
            TOKEN,
            CHKEY,
            CODE,
            SESSION,
            PICTURE,
            // A piece of the base64 that no alignment hides.
            &picture[picture.len() / 2..picture.len() / 2 + 16],
            REFERENCE,
            NAME,
            SECRET,
            claims,
            signature,
            &id[5..],
            // A scrambled body.
            "%252B",
            "images=",
        ];
        for hidden in hidden {
            if let Some(at) = text.find(hidden) {
                let (from, to) = (at.saturating_sub(300), (at + 150).min(text.len()));
                panic!("{hidden} was printed: …{}…", String::from_utf8_lossy(&text.as_bytes()[from..to]));
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

/// A whole JPEG with the sentinel in a comment.
fn media() -> Media {
    let comment = PICTURE.repeat(20);
    let mut jpeg = samples::A_2014[..2].to_vec();
    jpeg.extend([0xFF, 0xFE]);
    jpeg.extend(u16::try_from(comment.len() + 2).unwrap().to_be_bytes());
    jpeg.extend(comment.as_bytes());
    jpeg.extend(&samples::A_2014[2..]);
    Media::new(jpeg).unwrap()
}

/// What every operation is to answer, unless the journey could not even begin with it.
struct Answer {
    status: u16,
    body: String,
    /// Also for what makes keys, challenges and sessions.
    from_the_start: bool,
}

/// Every answer holds every sentinel, where the vendor would put it and where it would not.
fn answers() -> Vec<Answer> {
    let all = format!("{CPF} {PASSWORD} {TOKEN} {NAME} {REFERENCE} {SESSION} {}", appkey().expose());
    let picture = STANDARD.encode(media().bytes());
    let whole = format!(
        r#"{{"status":"Completo","idExternoCliente":"{REFERENCE}","{CPF}":"{NAME}",
            "dataCriacaoAppkey":"{NAME}",
            "facecaptcha":{{"causa":"{NAME}","codID":{CPF},"protocolo":"{CPF}","validado":"{NAME}"}},
            "certifaceID":{{"codigo":{CPF},"protocolo":{CPF},"score":{CPF}}},
            "fotos":{{"facecaptcha":{{"frontal":"data:image/jpeg;base64,{picture}"}},
                      "documento":[{{"descricao":"{NAME}","imagem":"{picture}"}},{{"imagem":"{all}"}}]}},
            "analiseDocumento":{{"id":"{NAME}","score":"{NAME}","statusProcessamento":"{NAME}",
              "urlRetornoTicket":"https://certiface/?cpf={CPF}","dtCriacao":"{NAME}",
              "biometriaDocumento":{{"protocolo":"{CPF}","facematch":{{"codigo":"{CPF}","causa":"{NAME}","score":"{NAME}"}}}},
              "documentos":[{{"arquivo":"{NAME}","statusArquivo":{CPF},
                "arquivosProcessado":[{{"tipo":{CPF},"statusArquivoProcessado":"{NAME}"}}]}}],
              "responseClientDadosOcrDTO":{{
                "responseClientRGOcrDTO":{{"nome":"{NAME}","cpf":"529982247/25","nrRg":"{CPF}","filiacao":"{NAME}\n{NAME}",
                  "nomePai":"{NAME}","dtNascimento":"{NAME}","documento":"{NAME}","estado":"{NAME}","{NAME} {NAME}":"{CPF}"}},
                "ResponseClientCNHOcrDTO":{{"nome":"{NAME}","cpf":"529.982.247-25","validade":"{NAME}","numeroRegistro":"{CPF}"}},
                "ResponseClientDNIOcrDTO":{{"nome":"{NAME}","cpf":"{CPF}","dni":"{CPF}"}},
                "ResponseClientCINOcrDTO":{{"nome":"{NAME}","cpf":"{CPF}","dtValidade":"{NAME}","orgaoEmissor":"{NAME}"}},
                "ResponseClienDadosOcrDTO":{{"responseClientOcrDto":{{"nome":"{NAME}","cpf":"{CPF}","nrPassaporte":"{CPF}"}},
                  "ResponseClientOcrDto":{{"nome":"{NAME}","cpf":"{CPF}","nrRnm":"{CPF}","documento":"CRNM"}}}}}}}}}}"#
    );
    let verdict = format!(
        r#"{{"valid":"{NAME}","codID":{CPF},"cause":"{NAME}","protocol":"{CPF}","hash":"{SESSION}","retry":"{NAME}",
            "reason":"{all}","userFeedback":["{NAME}",["{CPF}"]],"scanResultBlob":"{SESSION}","responseBlob":"{SESSION}",
            "launchId":"{SESSION}","sessionToken":"{SESSION}","sessionId":"{SESSION}","sessionKey":"{SESSION}",
            "token":"{SESSION}","url":"{NAME}","vendor":"{NAME}","productionKey":"{SESSION}","chkey":"{CHKEY}",
            "challenges":[{{"mensagem":"{picture}","tipoFace":{{"codigo":"{CODE}","imagem":"{picture}"}},"{CPF}":1}}],
            "appkey":"{}","id":"{CPF}","{CPF}":"{NAME}","{}":1}}"#,
        appkey().expose(),
        appkey().expose()
    );
    let refused =
        format!(r#"{{"status":"ERR","resultado":"ERR","protocolo":"{CPF}","msg":"{all}","{CPF}":1}}"#);
    let error = format!(r#"{{"error":"{all}","{CPF}":["{all}"]}}"#);
    let answer = |status, body: &str| Answer { status, body: body.to_owned(), from_the_start: false };
    let first = |status, body: &str| Answer { status, body: body.to_owned(), from_the_start: true };
    vec![
        answer(200, &whole),
        answer(200, &whole.replace("Completo", NAME)),
        answer(200, &verdict),
        first(200, &verdict),
        answer(
            200,
            &format!(r#"{{"valid":{{"{CPF}":"{NAME}"}},"status":["{all}"],"fotos":"{all}","id":["{CPF}"]}}"#),
        ),
        first(
            200,
            &format!(r#"{{"chkey":["{all}"],"appkey":["{all}"],"sessionToken":{{"{CPF}":"{all}"}}}}"#),
        ),
        first(200, &error),
        answer(200, &error),
        answer(200, &refused),
        first(422, &refused),
        answer(200, &format!("{all}, expected {all}")),
        // Base64 that this key does not open.
        first(200, &format!("\"{}\"", STANDARD.encode(all.repeat(16)))),
        first(200, &format!("\"{}\"", all.repeat(3))),
        first(400, &error),
        answer(400, &format!("<html>{all}</html>")),
        first(401, &error),
        answer(401, &all),
        answer(404, &error),
        first(500, &format!("<html>{all}</html>")),
        first(503, &all),
        first(302, &all),
    ]
}

/// The usual answers to what a journey begins with, and this one to all the rest.
async fn vendor(answer: &Answer) -> MockServer {
    let server = MockServer::start().await;
    let usual = [
        (
            "/credencial$",
            format!(r#"{{"token":"{TOKEN}","expires":"27/09/2099 19:09:00","{CPF}":"{NAME}"}}"#),
            false,
        ),
        ("/appkey$", format!(r#"{{"appkey":"{}","{CPF}":1}}"#, appkey().expose()), true),
        (
            "/challenge$",
            format!(
                r#"{{"chkey":"{CHKEY}","snapNumber":1,"challenges":[{{"tipoFace":{{"codigo":"{CODE}"}}}}]}}"#
            ),
            true,
        ),
        ("/session-token$", format!(r#"{{"token":"{SESSION}","sessionId":"{SESSION}"}}"#), true),
    ];
    for (path, body, may_be_bad) in usual {
        if !(may_be_bad && answer.from_the_start) {
            let good = ResponseTemplate::new(200).set_body_string(body);
            Mock::given(path_regex(path)).respond_with(good).mount(&server).await;
        }
    }
    let rest = ResponseTemplate::new(answer.status)
        .set_body_string(answer.body.as_str())
        .insert_header("x-echo", CPF)
        .insert_header("location", format!("https://certiface/?appkey={}", appkey().expose()).as_str())
        .insert_header("set-cookie", format!("session={SESSION}").as_str());
    Mock::given(any()).respond_with(rest).mount(&server).await;
    server
}

/// Every operation there is.
async fn everything(log: &Log, client: &Client) {
    let person = Person::new(Cpf::parse(CPF).unwrap(), NAME, Date::parse("15/11/2001").unwrap())
        .with_id_externo_cliente(REFERENCE);
    log.add(&format!("{client:?} {client:#?} {person:?}"));
    log.outcome(client.appkey(&person).await);
    log.outcome(client.journey(&person).await);
    log.outcome(client.check_appkey(&appkey()).await);
    log.outcome(client.liveness_result(&appkey()).await);

    let fresh = || Journey::from_appkey(client, appkey());
    let mut journey = fresh();
    log.outcome(journey.challenge().await);
    log.add(&format!("{journey:?} {:?}", journey.state()));
    log.outcome(journey.captcha(&[vec![media()]]).await);
    log.outcome(fresh().captcha(&[vec![media()]]).await);
    log.outcome(fresh().initialize(SESSION).await);
    let mut journey = fresh();
    log.outcome(journey.session(Some(SESSION)).await);
    log.add(&format!("{journey:?} {:?}", journey.state()));
    log.outcome(journey.liveness_iproov().await);
    let scan = FaceTecScan::new(SESSION, SESSION, media(), media(), SESSION);
    log.add(&format!("{scan:?}"));
    log.outcome(fresh().liveness_facetec(&scan).await);
    log.outcome(fresh().process_request(SESSION, SESSION).await);
    let session = fresh().fortface_session(SESSION, SESSION).await;
    let scan = session.as_ref().map(|session| FortfaceScan::new(session, SESSION, SESSION, SESSION, SESSION));
    let scan = scan.unwrap_or_else(|_| {
        FortfaceScan::new(&certiface::FortfaceSession::default(), SESSION, SESSION, SESSION, SESSION)
    });
    log.add(&format!("{scan:?}"));
    log.outcome(session);
    log.outcome(fresh().fortface_liveness(&scan).await);
    log.outcome(fresh().document(&[media(), media()]).await);
    log.outcome(fresh().document_qr_code(&media()).await);

    let result = fresh().result().await;
    if let Ok(Some(result)) = result.as_deref() {
        log.add(&format!("{:?} {:?}", result.documents(), result.risk()));
    }
    if let Ok(reply) = &result {
        log.add(&format!("{:?}", reply.meta()));
    }
    log.outcome(result);
    let waiting = client.wait(&appkey().operation_id(), Duration::from_millis(150)).unwrap();
    log.add(&format!("{waiting:?}"));
    log.outcome(waiting.await);
}

fn webhooks(log: &Log) {
    let completion = CompletionWebhook::new().with_secret_path(SECRET).unwrap();
    let status = StatusWebhook::new(["192.0.2.1"]).unwrap();
    log.add(&format!("{completion:?} {status:?}"));
    let key = appkey();
    let all = format!("{CPF} {NAME} {}", key.expose());
    let bodies = [
        format!(r#"{{"Status":"Completo","Appkey":"{}","{CPF}":1,"{}":2}}"#, key.expose(), key.expose()),
        format!(r#"{{"Status":"{NAME}","Appkey":"{}"}}"#, key.expose()),
        format!(r#"{{"Status":["{all}"],"Appkey":{{"{CPF}":"{all}"}}}}"#),
        format!(
            r#"{{"protocolo":"{CPF}","cpf":{CPF},"novoStatus":"{NAME}","descricao":"{NAME}","{CPF}":"{NAME}"}}"#
        ),
        format!(r#"{{"protocolo":{{"{CPF}":"{NAME}"}},"cpf":"{CPF}"}}"#),
        all,
    ];
    for body in bodies {
        let delivery = WebhookRequest::new([("x-appkey", key.expose()), (CPF, NAME)], body)
            .at_url(format!("https://example.com/{CPF}/{SECRET}?cpf={CPF}"))
            .from_peer(IpAddr::from([192, 0, 2, 1]));
        log.add(&format!("{delivery:?}"));
        for event in [completion.receive(&delivery).unwrap(), status.receive(&delivery).unwrap()].concat() {
            // Nothing here stands in a key of deduplication, either.
            log.add(&format!("{event:?} {}", event.dedupe_key));
            match Completion::try_from(&event) {
                Ok(told) => log.add(&format!("{told:?} {:?}", told.wake::<()>(&key.operation_id()))),
                Err(failure) => log.add(&format!("{failure:?}")),
            }
            match StatusUpdate::try_from(&event) {
                Ok(told) => log.add(&format!("{told:?}")),
                Err(failure) => log.add(&format!("{failure:?}")),
            }
        }
        log.add(&format!("{:?}", completion.receive(&WebhookRequest::new([(CPF, NAME)], ""))));
    }
}

#[tokio::test]
async fn nothing_personal_or_secret_is_printed() {
    let log = Log::default();
    // The most talkative there is, for our crates and for the whole HTTP stack.
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    tracing_subscriber::util::SubscriberInitExt::init(subscriber.with_writer(log.clone()).finish());

    let credentials = Credentials::new(LOGIN, PASSWORD);
    log.add(&format!("{credentials:?} {:?}", Config::new(LOGIN, PASSWORD)));
    for answer in answers() {
        let server = vendor(&answer).await;
        for by_http2 in [false, true] {
            let own = || reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
            let settings = Settings::new().keep_raw_bodies(true).max_attempts(1);
            let settings =
                if by_http2 { settings.transport(ReqwestTransport::from_client(own())) } else { settings };
            let builder = Client::builder(credentials.clone())
                .base_url(&server.uri())
                .result_base_url(&server.uri())
                .settings(settings);
            log.add(&format!("{builder:?}"));
            everything(&log, &builder.build().unwrap()).await;
        }
    }
    // No server at all: the address is in the operating system's words, the query is not.
    let nowhere = Client::builder(credentials)
        .base_url("http://127.0.0.1:1")
        .result_base_url("http://127.0.0.1:1")
        .settings(Settings::new().max_attempts(1));
    everything(&log, &nowhere.build().unwrap()).await;

    webhooks(&log);
    let id = OperationId::from_token(&appkey().operation_id().to_token()).unwrap();
    log.add(&format!("{id:?} {:?} {:?} {:?}", appkey(), Pii::new(NAME), appkey().expires_hint()));
    log.check();
}
