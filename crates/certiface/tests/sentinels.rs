//! A CPF, a name, a key, a password and images through every operation, good and bad, with all logs on: none is printed.

use std::net::IpAddr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use certiface::kyc_core::{ClientOptions, Cpf, Date, Media, OperationId, Pii, WebhookRequest, WebhookSource};
use certiface::{
    Appkey, Client, Completion, CompletionWebhook, Config, Credentials, FaceTecScan, FortfaceScan, Journey,
    Person, StatusUpdate, StatusWebhook,
};
use kyc_sandbox::samples;
use test_support::sentinels::{Answer, Printed, by_both_versions};
use wiremock::MockServer;

const CPF: &str = "52998224725";
const LOGIN: &str = "s3ntinel-login";
const PASSWORD: &str = "s3ntinel-password";
/// The MD5 of the password, which is as good as the password.
const MD5: &str = "df4999b5004ebc237f48243285f5f5e3";
const TOKEN: &str = "s3ntinel-token";
const CHKEY: &str = "s3ntinel-chkey";
const CODE: &str = "s3ntinel-code";
const SESSION: &str = "s3ntinel-session";
const IMAGE: &str = "s3ntinel-image";
const REFERENCE: &str = "s3ntinel-reference";
const NAME: &str = "s3ntinel-name";
const SECRET: &str = "s3ntinel-secret";

/// Returns an appkey in the vendor's form: it holds the CPF in clear.
fn appkey() -> Appkey {
    let claims = format!(r#"{{"sub":"certiface","cpf":"{CPF}","nome":"{NAME}","exp":1790000000}}"#);
    let parts = [r#"{"alg":"HS256"}"#, claims.as_str(), "s3ntinel-signature-of-a-key"];
    Appkey::new(parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join("."))
}

/// Asserts that no sentinel was printed.
fn check(printed: &Printed) {
    let appkey = appkey();
    let [_, claims, signature] =
        appkey.expose().split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let id = appkey.operation_id().to_token();
    printed.hides([CPF, "529.982.247-25", "529982247/25", LOGIN, PASSWORD, MD5, TOKEN, CHKEY, CODE, SESSION]);
    printed.hides([IMAGE, REFERENCE, NAME, SECRET, claims, signature, &id[5..]]);
    // An encrypted body.
    printed.hides(["%252B", "images="]);
    printed.heard(&["hyper_util", "reqwest::connect", "h2::", "kyc_core"]);
}

/// Returns a complete JPEG with the sentinel in a comment.
fn media() -> Media {
    let comment = IMAGE.repeat(20);
    let mut jpeg = samples::A_2014[..2].to_vec();
    jpeg.extend([0xFF, 0xFE]);
    jpeg.extend(u16::try_from(comment.len() + 2).unwrap().to_be_bytes());
    jpeg.extend(comment.as_bytes());
    jpeg.extend(&samples::A_2014[2..]);
    Media::new(jpeg).unwrap()
}

/// Returns responses that hold every sentinel, in expected and unexpected places.
fn answers() -> Vec<Answer> {
    let all = format!("{CPF} {PASSWORD} {TOKEN} {NAME} {REFERENCE} {SESSION} {}", appkey().expose());
    let image = STANDARD.encode(media().bytes());
    let whole = format!(
        r#"{{"status":"Completo","idExternoCliente":"{REFERENCE}","{CPF}":"{NAME}",
            "dataCriacaoAppkey":"{NAME}",
            "facecaptcha":{{"causa":"{NAME}","codID":{CPF},"protocolo":"{CPF}","validado":"{NAME}"}},
            "certifaceID":{{"codigo":{CPF},"protocolo":{CPF},"score":{CPF}}},
            "fotos":{{"facecaptcha":{{"frontal":"data:image/jpeg;base64,{image}"}},
                      "documento":[{{"descricao":"{NAME}","imagem":"{image}"}},{{"imagem":"{all}"}}]}},
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
            "challenges":[{{"mensagem":"{image}","tipoFace":{{"codigo":"{CODE}","imagem":"{image}"}},"{CPF}":1}}],
            "appkey":"{}","id":"{CPF}","{CPF}":"{NAME}","{}":1}}"#,
        appkey().expose(),
        appkey().expose()
    );
    let refused =
        format!(r#"{{"status":"ERR","resultado":"ERR","protocolo":"{CPF}","msg":"{all}","{CPF}":1}}"#);
    let error = format!(r#"{{"error":"{all}","{CPF}":["{all}"]}}"#);
    vec![
        Answer::new(200, whole.as_str()),
        Answer::new(200, whole.replace("Completo", NAME)),
        Answer::new(200, verdict.as_str()),
        Answer::first(200, verdict.as_str()),
        Answer::new(
            200,
            format!(r#"{{"valid":{{"{CPF}":"{NAME}"}},"status":["{all}"],"fotos":"{all}","id":["{CPF}"]}}"#),
        ),
        Answer::first(
            200,
            format!(r#"{{"chkey":["{all}"],"appkey":["{all}"],"sessionToken":{{"{CPF}":"{all}"}}}}"#),
        ),
        Answer::first(200, error.as_str()),
        Answer::new(200, error.as_str()),
        Answer::new(200, refused.as_str()),
        Answer::first(422, refused.as_str()),
        Answer::new(200, format!("{all}, expected {all}")),
        // Base64 that this key does not decrypt.
        Answer::first(200, format!("\"{}\"", STANDARD.encode(all.repeat(16)))),
        Answer::first(200, format!("\"{}\"", all.repeat(3))),
        Answer::first(400, error.as_str()),
        Answer::new(400, format!("<html>{all}</html>")),
        Answer::first(401, error.as_str()),
        Answer::new(401, all.as_str()),
        Answer::new(404, error.as_str()),
        Answer::first(500, format!("<html>{all}</html>")),
        Answer::first(503, all.as_str()),
        Answer::first(302, all.as_str()),
    ]
}

/// Responds normally to the first steps of a journey, and with this response to all others.
async fn vendor(answer: &Answer) -> MockServer {
    let usual = [
        (
            "/credencial$",
            format!(r#"{{"token":"{TOKEN}","expires":"27/09/2099 19:09:00","{CPF}":"{NAME}"}}"#),
        ),
        ("/appkey$", format!(r#"{{"appkey":"{}","{CPF}":1}}"#, appkey().expose())),
        (
            "/challenge$",
            format!(
                r#"{{"chkey":"{CHKEY}","snapNumber":1,"challenges":[{{"tipoFace":{{"codigo":"{CODE}"}}}}]}}"#
            ),
        ),
        ("/session-token$", format!(r#"{{"token":"{SESSION}","sessionId":"{SESSION}"}}"#)),
    ];
    let headers = [
        ("x-echo", CPF.to_owned()),
        ("location", format!("https://certiface/?appkey={}", appkey().expose())),
        ("set-cookie", format!("session={SESSION}")),
    ];
    // Without a credential no call would be sent at all.
    answer.vendor(if answer.from_the_start { &usual[..1] } else { &usual }, &headers).await
}

/// Calls every operation.
async fn everything(printed: &Printed, client: &Client) {
    let person = Person::new(Cpf::parse(CPF).unwrap(), NAME, Date::parse("15/11/2001").unwrap())
        .with_id_externo_cliente(REFERENCE);
    printed.value(&(client, &person));
    printed.outcome(client.appkey(&person).await);
    printed.outcome(client.journey(&person).await);
    printed.outcome(client.check_appkey(&appkey()).await);
    printed.outcome(client.liveness_result(&appkey()).await);

    let fresh = || Journey::from_appkey(client, appkey());
    let mut journey = fresh();
    printed.outcome(journey.challenge().await);
    printed.value(&(&journey, journey.state()));
    printed.outcome(journey.captcha(&[vec![media()]]).await);
    printed.outcome(fresh().captcha(&[vec![media()]]).await);
    printed.outcome(fresh().initialize(SESSION).await);
    let mut journey = fresh();
    printed.outcome(journey.session(Some(SESSION)).await);
    printed.value(&(&journey, journey.state()));
    printed.outcome(journey.liveness_iproov().await);
    let scan = FaceTecScan::new(SESSION, SESSION, media(), media(), SESSION);
    printed.value(&scan);
    printed.outcome(fresh().liveness_facetec(&scan).await);
    printed.outcome(fresh().process_request(SESSION, SESSION).await);
    let session = fresh().fortface_session(SESSION, SESSION).await;
    let scan = session
        .as_ref()
        .map(|session| FortfaceScan::new(session.value(), SESSION, SESSION, SESSION, SESSION));
    let scan = scan.unwrap_or_else(|_| {
        let session = certiface::FortfaceSession::default();
        let mut scan = FortfaceScan::new(&session, SESSION, SESSION, SESSION, SESSION);
        // Without them it would not be sent.
        scan.session_token = SESSION.to_owned().into();
        scan.session_id = SESSION.to_owned().into();
        scan
    });
    printed.value(&scan);
    printed.outcome(session);
    printed.outcome(fresh().fortface_liveness(&scan).await);
    printed.outcome(fresh().document(&[media(), media()]).await);
    printed.outcome(fresh().document_qr_code(&media()).await);

    let result = fresh().result().await;
    if let Ok(Some(result)) = result.as_ref().map(|response| response.value().as_ref()) {
        printed.value(&(result.documents(), result.risk(), result.liveness()));
        let all = certiface::ContractedChecks::ALL;
        printed.value(&(result.outcome(all), result.outcome_reason(all)));
    }
    if let Ok(reply) = &result {
        printed.value(&reply.meta());
    }
    printed.outcome(result);
    let waiting = client.wait(&appkey().operation_id(), Duration::from_millis(150)).unwrap();
    printed.value(&waiting);
    printed.outcome(waiting.await);
}

fn webhooks(printed: &Printed) {
    let completion = CompletionWebhook::new().with_secret_path(SECRET).unwrap();
    let status = StatusWebhook::new(["192.0.2.1"]).unwrap();
    printed.value(&(&completion, &status));
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
        printed.value(&delivery);
        for event in [completion.receive(&delivery).unwrap(), status.receive(&delivery).unwrap()].concat() {
            printed.value(&event);
            // A key is a secret: what names its journey must not hold it, either.
            if event.event_type == "completion" {
                printed.add(event.subject.as_deref().unwrap());
            }
            if let Ok(told) = Completion::try_from(&event.payload) {
                printed.value(&told.wake::<()>(&key.operation_id()));
            }
            printed.outcome(Completion::try_from(&event.payload));
            printed.outcome(StatusUpdate::try_from(&event.payload));
        }
        printed.value(&completion.receive(&WebhookRequest::new([(CPF, NAME)], "")));
    }
}

/// Set in the process that performs the test.
const ALONE: &str = "CERTIFACE_SENTINELS_ALONE";

/// All logs of the process are captured, so it runs in a process of its own: other tests would be captured, too, and be
/// slowed down by it.
#[test]
fn nothing_personal_or_secret_is_printed() {
    if std::env::var_os(ALONE).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(print_everything());
    }
    let alone = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["sentinels::nothing_personal_or_secret_is_printed", "--exact", "--nocapture"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let [stdout, stderr] = [&alone.stdout, &alone.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(alone.status.success() && stdout.contains("1 passed"), "{stdout}{stderr}");
}

async fn print_everything() {
    let printed = Printed::by_the_process();
    let credentials = Credentials::new(LOGIN, PASSWORD);
    printed.value(&(&credentials, Config::new(LOGIN, PASSWORD)));
    for answer in answers() {
        let server = vendor(&answer).await;
        let [first, second] = by_both_versions().map(|options| {
            let builder = Client::builder(credentials.clone())
                .base_url(&server.uri())
                .result_base_url(&server.uri())
                .options(options);
            printed.value(&builder);
            builder.build().unwrap()
        });
        // Concurrently, since the waits take real time.
        tokio::join!(everything(&printed, &first), everything(&printed, &second));
    }
    // Without a server: the address is in the operating system's message, the query is not.
    let nowhere = Client::builder(credentials)
        .base_url("http://127.0.0.1:1")
        .result_base_url("http://127.0.0.1:1")
        .options(ClientOptions::new().max_attempts(1));
    everything(&printed, &nowhere.build().unwrap()).await;

    webhooks(&printed);
    let id = OperationId::from_token(&appkey().operation_id().to_token()).unwrap();
    printed.value(&(id, appkey(), Pii::new(NAME), appkey().expires_hint()));
    check(&printed);
}
