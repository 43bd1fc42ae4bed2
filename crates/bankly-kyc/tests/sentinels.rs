//! Private values in every operation and every response, with all logs on: none is printed.

use std::sync::Arc;
use std::time::Duration;

use bankly_kyc::kyc_core::{
    ClientCertificate, ClientOptions, Cnpj, Cpf, Date, Media, OperationId, Pii, Secret, WebhookRequest,
    WebhookSource,
};
use bankly_kyc::{
    Client, CompanyDocument, Config, Credentials, DocumentSide, DocumentType, Event, ImageToken, KeyReading,
    MessageState, NewWebhook, Onboarding, Place, ResultLevel, Upload, Webhook, WebhookTarget,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use kyc_sandbox::bankly::ClientPem;
use kyc_sandbox::{Fault, Sandbox};
use sha2::Sha256;
use test_support::sentinels::{Answer, Printed, by_both_versions};
use tokio::task::JoinSet;
use wiremock::MockServer;

use crate::support::{image, transport, until};

const CPF: &str = "52998224725";
const CNPJ: &str = "11222333000181";
const CLIENT: &str = "s3ntinel-client";
const SECRET: &str = "s3ntinel-secret";
const TOKEN: &str = "s3ntinel-token";
const REGISTRATION: &str = "s3ntinel-registration";
const PICTURE: &str = "s3ntinel-picture";
const IMAGE_TOKEN: &str = "s3ntinel-image";
const UNICO: &str = "s3ntinel-unico";
const NAME: &str = "s3ntinel-name";
const SUBJECT: &str = "s3ntinel-subject";
/// `s3ntinel-webhook` in base64, as the vendor requires.
const WEBHOOK_KEY: &str = "czNudGluZWwtd2ViaG9vaw==";
const WEBHOOK_KEY_DECODED: &str = "s3ntinel-webhook";
const NONCE: &str = "972004b06b6b443d8ed71630c9430048";

/// A company key is not a secret, but it is part of a path.
const COMPANY: &str = "COMPANY_KEY";

fn passphrase() -> Secret<String> {
    Secret::new("s3ntinel-phrase!".repeat(4))
}

/// Checks that no private value was printed.
fn check(printed: &Printed, certificates: &[ClientPem]) {
    let id = id().to_token();
    printed.hides([
        CPF,
        "529.982.247-25",
        "529982247/25",
        CNPJ,
        CLIENT,
        SECRET,
        TOKEN,
        REGISTRATION,
        PICTURE,
    ]);
    printed.hides([IMAGE_TOKEN, UNICO, NAME, SUBJECT, WEBHOOK_KEY, WEBHOOK_KEY_DECODED, "s3ntinel-phrase!"]);
    printed.hides([&id[5..]]);
    for pem in certificates {
        // The lines of the key and of the certificate, except those that all of them share.
        let own = pem.chain.split("-----END").next().unwrap_or_default();
        for lines in [pem.key.lines(), own.lines()] {
            printed.hides(lines.skip(2).filter(|line| line.len() > 20 && !line.contains("---")));
        }
    }
    printed.heard(&["hyper_util", "reqwest::connect", "h2::", "kyc_core", "kyc_sandbox", "rustls"]);
}

/// Returns a complete image with the sentinel after its end.
fn media() -> Media {
    let mut bytes = image().bytes().to_vec();
    bytes.extend(PICTURE.repeat(20).as_bytes());
    Media::new(bytes).unwrap()
}

fn cpf() -> Cpf {
    Cpf::parse(CPF).unwrap()
}

fn id() -> OperationId {
    ImageToken::new(IMAGE_TOKEN).operation_id(&cpf())
}

/// Returns responses with the sentinels in the vendor's fields and elsewhere.
fn answers() -> Vec<Answer> {
    let all = format!("{CPF} {CLIENT} {SECRET} {TOKEN} {NAME} {IMAGE_TOKEN} {UNICO} {SUBJECT}");
    let analysis = format!(
        r#"{{"token":"{IMAGE_TOKEN}","documentType":"{NAME}","documentSide":"{NAME}","status":"ANALYSIS_COMPLETED",
            "analyzedAt":"{NAME}","{CPF}":"{NAME}","{NAME} {NAME}":1,
            "liveness":{{"status":"{NAME}","confidence":"{NAME}","analysisDetails":[{{"message":"{all}"}},"{all}"]}},
            "faceDetails":{{"status":"{NAME}","confidence":"{NAME}","ageRange":{{"low":"{NAME}","high":"{NAME}"}},
              "gender":{{"value":"{NAME}"}},"emotions":[{{"value":"{NAME}","{CPF}":"{NAME}"}}]}},
            "faceMatch":{{"status":"{NAME}","similarity":"{NAME}"}},
            "documentDetails":{{"status":"{NAME}","identifiedDocumentType":"{NAME}","idNumber":"{CPF}","cpfNumber":"529982247/25",
              "birthDate":"{NAME}","fatherName":"{NAME}","motherName":"{NAME}","registerName":"{NAME}","validDate":"{NAME}",
              "driveLicenseNumber":{CPF},"federativeUnit":"{NAME}","issuedBy":"{NAME}","issuePlace":"{NAME}",
              "placeOfBirth":"{NAME}","side":"{NAME}","category":"{NAME}"}}}}"#
    );
    let selfie = analysis.replacen(NAME, "SELFIE", 1);
    let made = format!(
        r#"{{"access_token":"{TOKEN}","expires_in":"{NAME}","scope":"{all}","claims":"{all}","token_type":"{NAME}",
            "token":"{IMAGE_TOKEN}","client_id":"{CLIENT}","registration_access_token":"{REGISTRATION}",
            "registration_client_uri":"https://auth/{CLIENT}","tls_client_auth_subject_dn":"{SUBJECT}","client_name":"{NAME}",
            "certificate":"{SUBJECT}","privateKey":"{SECRET}","certificateChain":"{SUBJECT}","subjectDn":"{SUBJECT}",
            "passphrase":"{SECRET}","{CPF}":"{NAME}",
            "data":{{"id":"{CPF}","name":"{NAME}","uri":"https://hooks/{CPF}","privateKey":"{SECRET}","publicKey":"{NAME}",
              "idempotencyKey":"{CPF}","state":"{NAME}","destination":"https://hooks/{CPF}","sentDate":"{NAME}"}},
            "links":"{all}","meta":{{"{CPF}":"{NAME}"}}}}"#
    );
    let wrong = format!(
        r#"{{"access_token":["{all}"],"client_id":{{"{CPF}":"{all}"}},"token":{{"{CPF}":"{all}"}},"certificate":["{all}"],
            "privateKey":{{"{CPF}":1}},"data":[["{all}"]],"status":["{all}"],"documentDetails":"{all}"}}"#
    );
    let refused = format!(
        r#"{{"errors":[{{"code":"{CPF}","propertyName":"{CPF}","messages":["{all}"]}},{{"key":"{CPF}","value":"{all}"}}],
            "reference":"https://docs/{CPF}","code":"{all}","title":"{all}","traceId":"{CPF}"}}"#
    );
    let oauth = format!(r#"{{"error":"{CPF}","error_description":"{all}","{CPF}":"{NAME}"}}"#);
    vec![
        Answer::new(200, analysis.as_str()),
        Answer::new(200, format!("[{selfie},{analysis}]")),
        Answer::new(200, made.as_str()),
        Answer::first(202, made.as_str()),
        Answer::new(200, wrong.as_str()),
        Answer::first(200, wrong.as_str()),
        Answer::new(202, ""),
        Answer::new(200, format!("{all}, expected {all}")),
        Answer::first(200, format!("\"{all}\"")),
        Answer::first(400, refused.as_str()),
        Answer::new(400, refused.as_str()),
        Answer::first(400, oauth.as_str()),
        Answer::new(400, format!("<html>{all}</html>")),
        Answer::first(401, refused.as_str()),
        Answer::new(401, all.as_str()),
        Answer::new(403, refused.as_str()),
        Answer::new(404, refused.as_str()),
        Answer::new(409, refused.as_str()),
        Answer::new(429, refused.as_str()),
        Answer::first(500, format!("<html>{all}</html>")),
        Answer::first(503, all.as_str()),
        Answer::first(302, all.as_str()),
    ]
}

async fn vendor(answer: &Answer) -> MockServer {
    let token = format!(r#"{{"access_token":"{TOKEN}","expires_in":3600,"{CPF}":"{NAME}"}}"#);
    let usual: &[_] = if answer.from_the_start { &[] } else { &[("/token$", token)] };
    let headers = [
        ("x-echo", CPF.to_owned()),
        ("location", format!("https://api/document-analysis/{CPF}?token={IMAGE_TOKEN}")),
        ("set-cookie", format!("session={TOKEN}")),
    ];
    answer.vendor(usual, &headers).await
}

fn note(printed: &Printed, onboarding: &Onboarding) {
    printed.value(&(onboarding, onboarding.state()));
}

/// Calls every operation.
async fn everything(printed: &Printed, client: &Client) {
    let cpf = cpf();
    let front = Upload::document(DocumentType::Rg, DocumentSide::Front, media());
    let selfie = Upload::selfie(media()).with_unico(UNICO);
    printed.value(&(client, &selfie, &front));
    let uploaded = client.upload(&cpf, &selfie).await;
    if let Ok(reply) = &uploaded {
        printed.value(&reply.meta());
    }
    printed.outcome(uploaded);
    printed.outcome(client.upload_deepface(&cpf, &selfie).await);
    let pdf = Media::new(format!("%PDF-1.4\n{PICTURE}\n%%EOF\n")).unwrap();
    let cnpj = Cnpj::parse(CNPJ).unwrap();
    printed.outcome(client.upload_company(&cnpj, &CompanyDocument::BalanceSheet, &pdf).await);

    let mut onboarding = client.onboarding(cpf.clone());
    printed.outcome(onboarding.upload(&front).await);
    printed.outcome(onboarding.upload(&Upload::selfie(media())).await);
    note(printed, &onboarding);
    printed.outcome(onboarding.look_up().await);
    note(printed, &onboarding);
    if let Ok(waiting) = onboarding.wait(Place::Selfie, Duration::from_millis(120)) {
        printed.outcome(waiting.await);
    }

    let tokens = [ImageToken::new(IMAGE_TOKEN)];
    let found = client.analyses(&cpf, &tokens, ResultLevel::Detailed).await;
    if let Ok(found) = &found {
        for analysis in found.value().iter() {
            printed.value(&(analysis.verdict(), onboarding.note(analysis)));
        }
    }
    printed.outcome(found);
    printed.outcome(client.analysis(&cpf, &tokens[0]).await);
    let waiting = client.wait(&id(), Duration::from_millis(120)).unwrap();
    printed.value(&waiting);
    printed.outcome(waiting.await);

    let new =
        NewWebhook::new("n", "E", format!("https://hooks/{CPF}?k={SECRET}"), "p", WEBHOOK_KEY.to_owned());
    let target =
        WebhookTarget::new(format!("https://hooks/{CPF}?k={SECRET}"), SECRET, WEBHOOK_KEY.to_owned());
    printed.value(&(Pii::new(NAME), &new, &target));
    printed.outcome(client.create_webhook(&new).await);
    printed.outcome(client.webhooks(1).await);
    for id in [IMAGE_TOKEN, CPF] {
        printed.outcome(client.webhook(id).await);
        printed.outcome(client.update_webhook(id, &target).await);
        printed.outcome(client.enable_webhook(id).await);
        printed.outcome(client.disable_webhook(id).await);
        printed.outcome(client.delete_webhook(id).await);
        printed.outcome(client.resend(id).await);
    }
    let day = Date::parse("2026-01-31").unwrap();
    printed.outcome(client.messages(day, day, &MessageState::Failed, 1).await);
    printed.outcome(client.messages(day, day, &MessageState::from(NAME), 1).await);
    printed.outcome(client.request_certificate(COMPANY, &passphrase(), 365).await);
    printed.outcome(client.request_certificate(NAME, &Secret::new(SECRET.to_owned()), 365).await);
    printed.outcome(client.register(SUBJECT, COMPANY, &["a".to_owned()]).await);
    printed.outcome(client.register("", COMPANY, &[format!("{NAME} {NAME}")]).await);
}

/// Receives events, readable and unreadable.
fn events(printed: &Printed) {
    let reading = |reading| Webhook::with_reading(WEBHOOK_KEY, reading).unwrap().window(Duration::MAX);
    let all = format!("{CPF} {NAME} {IMAGE_TOKEN}");
    let data = format!(
        r#"{{"token":"{IMAGE_TOKEN}","documentType":"SELFIE","status":"ANALYSIS_COMPLETED","{CPF}":"{NAME}",
            "liveness":{{"status":"{NAME}","analysisDetails":["{all}"]}},"documentDetails":{{"registerName":"{NAME}"}}}}"#
    );
    let bodies = [
        format!(
            r#"{{"entityId":"{IMAGE_TOKEN}","companyKey":"{NAME}","idempotencyKey":"key-1","name":"DOCUMENT_WAS_PROCESSED",
                "correlationId":"{NAME}","version":"{NAME}","metadata":{{"customerDocument":"{CPF}","{CPF}":1}},"data":{data}}}"#
        ),
        format!(
            r#"[{{"idempotencyKey":"{all}","name":"{NAME}","timestamp":"{NAME}","data":{data}}},"{all}"]"#
        ),
        format!(r#"{{"idempotencyKey":{{"{CPF}":"{all}"}},"data":["{all}"]}}"#),
        all,
    ];
    for body in bodies {
        let url = format!("https://hooks.example.com/{CPF}?k={SECRET}");
        let encoded = format!("https%3a%2f%2fhooks.example.com%2f{CPF}%3fk%3d{SECRET}");
        let text = format!("p&{encoded}&1615331979&{NONCE}&{}", STANDARD.encode(&body));
        let mut mac = Hmac::<Sha256>::new_from_slice(WEBHOOK_KEY.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        let signature = format!("hmac {}", STANDARD.encode(mac.finalize().into_bytes()));
        let headers = [
            ("authorization", signature.as_str()),
            ("publicKey", "p"),
            ("nonce", NONCE),
            ("requestTimestamp", "1615331979"),
            (CPF, NAME),
        ];
        let request = WebhookRequest::new(headers, body).at_url(url);
        printed.value(&request);
        for reading in [KeyReading::Either, KeyReading::Text, KeyReading::Decoded].map(reading) {
            printed.value(&reading);
            let received = reading.receive(&request);
            printed.value(&received);
            for event in received.unwrap_or_default() {
                if let Ok(told) = Event::try_from(&event.payload) {
                    printed.value(&told.wake(&id()));
                }
                printed.outcome(Event::try_from(&event.payload));
            }
        }
    }
    printed.outcome(Webhook::with_reading(format!("{SECRET}!"), KeyReading::Decoded));
}

fn certificate_of(pem: &ClientPem) -> ClientCertificate {
    ClientCertificate::from_pem(pem.chain.as_str(), pem.key.as_str()).unwrap()
}

/// Connects by TLS with each certificate: the TLS library logs, too.
async fn by_certificate(printed: &Printed) -> Vec<ClientPem> {
    let sandbox = Sandbox::builder().bankly_mutual_tls(true).start().await.unwrap();
    let tls = sandbox.bankly_tls().unwrap();
    let pems = [tls.client_certificate(), tls.expired_client_certificate(), tls.foreign_client_certificate()];
    for (place, pem) in pems.iter().enumerate() {
        let untrusting = certificate_of(pem);
        let certificate = certificate_of(pem).with_authority(tls.authority_pem()).unwrap();
        printed.value(&(&certificate, bankly_kyc::certificate_expires(&certificate)));
        for certificate in [certificate, untrusting] {
            let id = if place == 0 { Sandbox::BANKLY_CLIENT_ID } else { CLIENT };
            let builder = Client::builder(Credentials::by_certificate(id))
                .base_url(tls.url())
                .auth_url(tls.url())
                .options(ClientOptions::new().max_attempts(1))
                .certificate(certificate.clone());
            printed.value(&builder);
            let client = builder.build().unwrap();
            printed.outcome(client.upload(&cpf(), &Upload::selfie(media())).await);
            printed.outcome(client.analyses(&cpf(), &[], ResultLevel::Detailed).await);
            printed.outcome(client.register(SUBJECT, COMPANY, &["a".to_owned()]).await);
            printed.outcome(client.renew_certificate(&certificate));
        }
    }
    assert_eq!(sandbox.bankly().paid_calls(), 1, "the valid certificate was accepted");
    // Keys that cannot be used: the errors must not contain them.
    let swapped = ClientCertificate::from_pem(pems[0].chain.as_str(), pems[1].key.as_str()).unwrap();
    let broken = pems[0].key.replace("-----END", "!!\n-----END");
    for certificate in [swapped, ClientCertificate::from_pem(pems[0].chain.as_str(), broken).unwrap()] {
        printed
            .outcome(Client::builder(Credentials::by_certificate(CLIENT)).certificate(certificate).build());
    }
    for (chain, key) in [
        (SECRET.to_owned(), pems[0].key.clone()),
        (pems[0].chain.clone(), SECRET.to_owned()),
        (pems[0].chain.clone(), pems[0].key.replace("PRIVATE", "ENCRYPTED PRIVATE")),
    ] {
        match ClientCertificate::from_pem(chain, key) {
            Ok(_) => panic!("the key must be refused"),
            Err(rule) => printed.error(&rule),
        }
    }
    // The sandbox must not print its keys and events, either.
    sandbox.bankly().register_webhook("http://127.0.0.1:1/", WEBHOOK_KEY, "p").unwrap();
    sandbox.bankly().fault(Fault::close());
    until(|| sandbox.bankly().waiting_faults() == 1).await;
    pems.to_vec()
}

#[tokio::test]
async fn nothing_personal_or_secret_is_printed() {
    let printed = Printed::by_the_process();
    let credentials = Credentials::by_secret(CLIENT.to_owned(), SECRET.to_owned());
    let mut config = Config::new(CLIENT.to_owned());
    config.client_secret = Some(Secret::new(SECRET.to_owned()));
    config.webhook.private_key = Some(Secret::new(WEBHOOK_KEY.to_owned()));
    printed.value(&(&credentials, config));
    let [first, second] = by_both_versions();
    let versions = [first.transport(transport()), second];
    // All at once: some waits end with their timeout.
    let mut all = JoinSet::new();
    for answer in answers() {
        let server = Arc::new(vendor(&answer).await);
        for options in &versions {
            let builder = Client::builder(credentials.clone())
                .base_url(&server.uri())
                .auth_url(&server.uri())
                .options(options.clone());
            printed.value(&builder);
            let (printed, client, server) = (printed.clone(), builder.build().unwrap(), Arc::clone(&server));
            all.spawn(async move {
                everything(&printed, &client).await;
                drop(server);
            });
        }
    }
    all.join_all().await;
    // Without a server the operating system's message holds the address, but not the path.
    let nowhere = Client::builder(credentials)
        .base_url("http://127.0.0.1:1")
        .auth_url("http://127.0.0.1:1")
        .options(ClientOptions::new().max_attempts(1));
    everything(&printed, &nowhere.build().unwrap()).await;

    events(&printed);
    let id = OperationId::from_token(&id().to_token()).unwrap();
    printed.value(&(id, ImageToken::new(IMAGE_TOKEN)));
    let certificates = by_certificate(&printed).await;
    check(&printed, &certificates);
}
