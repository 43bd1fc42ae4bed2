//! The requests of each operation as snapshots: method, path, query, headers and body.

use std::collections::HashSet;

use bankly_kyc::kyc_core::{ClientOptions, Cnpj, Date, Media, Secret};
use bankly_kyc::{
    Client, CompanyDocument, Credentials, DocumentSide, DocumentType, Environment, ImageToken, MessageState,
    NewWebhook, ResultLevel, Upload, WebhookTarget,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_fixtures::{FixtureKind, bankly_kyc as documented};
use serde_json::{Value, json};
use test_support::requests::{self, answer, form, header, parts, received, shown_body};
use wiremock::matchers::{any, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{builder, client, cpf, image, jpeg, selfie};

/// Starts a server that sends the documented response of each operation, below any base path.
pub async fn vendor() -> MockServer {
    let server = MockServer::start().await;
    answer(&server, "POST", "/connect/token$", &documented::LEGACY_TOKEN_200).await;
    answer(&server, "POST", "/oauth2/token$", &documented::TOKEN_200).await;
    answer(&server, "POST", "/oauth2/register$", &documented::REGISTER_201).await;
    answer(&server, "POST", "/certificates$", &documented::CERTIFICATE_200).await;
    answer(&server, "POST", "/deepface$", &documented::UPLOAD_DEEPFACE_202).await;
    answer(&server, "PUT", "/corporation-business$", &documented::UPLOAD_COMPANY_201).await;
    answer(&server, "PUT", "/document-analysis/[0-9]{11}$", &documented::UPLOAD_202).await;
    answer(&server, "GET", "/document-analysis/[0-9]{11}$", &documented::STATUS_ANALYZING_200).await;
    answer(&server, "POST", "/configurations$", &documented::WEBHOOK_CREATE_201).await;
    answer(&server, "GET", "/configurations$", &documented::WEBHOOK_LIST_200).await;
    answer(&server, "GET", "/configurations/[^/]+$", &documented::WEBHOOK_GET_200).await;
    answer(&server, "PATCH", "/configurations/[^/]+$", &documented::WEBHOOK_UPDATE_204).await;
    answer(&server, "PATCH", "/enable$", &documented::WEBHOOK_ENABLE_204).await;
    answer(&server, "PATCH", "/disable$", &documented::WEBHOOK_DISABLE_204).await;
    answer(&server, "DELETE", "/configurations/[^/]+$", &documented::WEBHOOK_DELETE_204).await;
    answer(&server, "GET", "/processed-messages$", &documented::MESSAGES_200).await;
    answer(&server, "POST", "/processed-messages/[^/]+$", &documented::MESSAGE_RESEND_202).await;
    server
}

pub fn webhook() -> NewWebhook {
    NewWebhook::new(
        "documents processed",
        "DOCUMENT_WAS_PROCESSED",
        "https://hooks.example.com/bankly?x=1",
        "NWUyNjgwZDMtNmE2Ni00YWYzLWJkNjUtMGM2ODMzYzczYzI1",
        "dGVzdGU=".to_owned(),
    )
}

pub fn pdf() -> Media {
    Media::new(&b"%PDF-1.4\n%%EOF\n"[..]).unwrap()
}

pub fn cnpj() -> Cnpj {
    Cnpj::parse("11.222.333/0001-81").unwrap()
}

pub fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

pub fn passphrase() -> Secret<String> {
    Secret::new("Aa1!".repeat(16))
}

fn front() -> Upload {
    Upload::document(DocumentType::Cnh, DocumentSide::Front, jpeg(640, 480))
}

fn back() -> Upload {
    Upload::document(DocumentType::Rg, DocumentSide::Back, jpeg(480, 640))
}

/// Calls every operation at least once.
async fn every_operation(client: &Client) {
    let cpf = cpf();
    for upload in [selfie(), front(), back()] {
        client.upload(&cpf, &upload).await.unwrap();
    }
    for upload in [selfie().with_unico("dW5pY28=\"\\\u{e9}"), front(), back().with_unico("not of a document")]
    {
        client.upload_deepface(&cpf, &upload).await.unwrap();
    }
    client.upload_company(&cnpj(), &CompanyDocument::ArticlesOfIncorporation, &pdf()).await.unwrap();

    let tokens =
        ["wGW_jgBuoZNMxqBYwzFIPZGT0jbgRzJL", "YR5GMNH.D3HMQKa2SfPjUwwlhx.kypcx"].map(ImageToken::new);
    client.analyses(&cpf, &[], ResultLevel::OnlyStatus).await.unwrap();
    client.analyses(&cpf, &tokens, ResultLevel::Detailed).await.unwrap();
    client.analysis(&cpf, &tokens[0]).await.unwrap();

    let id = "e77748a7-dcd2-4f22-9242-096420dc6fa3";
    client.create_webhook(&webhook()).await.unwrap();
    client.webhooks(2).await.unwrap();
    client.webhook(id).await.unwrap();
    let target = WebhookTarget::new("https://hooks.example.com/other", "another", "b3V0cm8=".to_owned());
    client.update_webhook(id, &target).await.unwrap();
    client.enable_webhook(id).await.unwrap();
    client.disable_webhook(id).await.unwrap();
    client.delete_webhook(id).await.unwrap();
    let (first, last) = (day("2022-06-29"), day("2022-07-01"));
    client.messages(first, last, &MessageState::Failed, 0).await.unwrap();
    client.resend("e5a2ae6a-e7fc-446d-983e-fb51338c6310").await.unwrap();

    client.request_certificate("company_key", &passphrase(), 365).await.unwrap();
    let scopes = ["kyc.document.write", "kyc.document.read"].map(str::to_owned);
    client.register("CN=company_key,O=Floresta,C=BR", "company_key", &scopes).await.unwrap();
}

/// Returns a request with the headers that only Bankly has.
fn shown(request: &Request) -> Value {
    let id = header(request, "x-correlation-id").map(|id| {
        assert_eq!(uuid::Uuid::parse_str(id).unwrap().to_string(), id);
        format!("a UUID of version {}", uuid::Uuid::parse_str(id).unwrap().get_version_num())
    });
    let mut shown = requests::shown(request);
    shown["api-version"] = json!(header(request, "api-version"));
    shown["x-correlation-id"] = json!(id);
    if let Some(control) = header(request, "cache-control") {
        shown["cache-control"] = json!(control);
    }
    shown
}

/// Tokens and registrations have an address of their own: here it differs by its path.
#[tokio::test]
async fn the_requests_of_every_operation() {
    let server = vendor().await;
    let (base, auth) = (format!("{}/api", server.uri()), format!("{}/login", server.uri()));
    every_operation(&builder(&base).auth_url(&auth).build().unwrap()).await;
    let sent: Vec<Value> = received(&server).await.iter().map(shown).collect();
    insta::assert_json_snapshot!(sent);
}

fn by_certificate(server: &MockServer) -> bankly_kyc::ClientBuilder {
    Client::builder(Credentials::by_certificate("0d5b6f0e-6a0c-4a57-9d2e-3f1f7f1c2b3a".to_owned()))
        .base_url(&server.uri())
        .auth_url(&server.uri())
}

/// Without a secret the certificate of the connection identifies the client.
#[tokio::test]
async fn tokens_by_certificate_and_by_secret() {
    let server = vendor().await;
    let scopes = ["kyc.document.deepface.write", "webhook.read", "webhook.write"];
    for client in [
        by_certificate(&server).build().unwrap(),
        by_certificate(&server).scopes(scopes).build().unwrap(),
        builder(&server.uri()).scopes(["certificate.create"]).build().unwrap(),
    ] {
        client.webhooks(1).await.unwrap();
    }
    let requests = received(&server).await;
    let tokens: Vec<Value> =
        requests.iter().filter(|request| request.url.path().ends_with("/token")).map(shown).collect();
    assert_eq!((tokens.len(), requests.len()), (3, 6));
    insta::assert_json_snapshot!(tokens);
}

#[tokio::test]
async fn the_fields_are_those_that_the_page_prints() {
    let server = vendor().await;
    every_operation(&client(&server.uri())).await;
    by_certificate(&server).build().unwrap().webhooks(1).await.unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let sent: Vec<(String, Vec<String>)> = received(&server)
        .await
        .iter()
        .map(|request| {
            let keys = match shown_body(request) {
                Value::Array(fields) => {
                    fields.iter().filter_map(|field| field[0].as_str().map(str::to_owned)).collect()
                }
                Value::Null => Vec::new(),
                object => keys(&object),
            };
            (request.url.path().to_owned(), keys)
        })
        .collect();
    let requests = documented::ALL.iter().filter(|fixture| fixture.kind == FixtureKind::Request);
    for fixture in requests.clone() {
        let printed = match serde_json::from_str::<Value>(fixture.body) {
            Ok(object) => keys(&object),
            Err(_) => fixture.body.lines().map(|line| line.split_once('=').unwrap().0.to_owned()).collect(),
        };
        let path = match fixture.operation {
            "legacy-token" => "/connect/token",
            "token" => "/oauth2/token",
            "register" => "/oauth2/register",
            "certificate" => "/partners/company_key/certificates",
            "webhook-create" => "/webhooks/configurations",
            "webhook-update" => "/webhooks/configurations/e77748a7-dcd2-4f22-9242-096420dc6fa3",
            other => panic!("{other}"),
        };
        let wanted = (path.to_owned(), printed);
        assert!(sent.contains(&wanted), "{}: {wanted:?}", fixture.name);
    }
    assert_eq!(requests.count(), 6);
}

/// Each attempt is a request with its own id.
#[tokio::test]
async fn no_id_is_sent_twice() {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_string(documented::LEGACY_TOKEN_200.body);
    Mock::given(path_regex("token$")).respond_with(token).mount(&server).await;
    for status in [401, 503] {
        Mock::given(any()).respond_with(ResponseTemplate::new(status)).up_to_n_times(1).mount(&server).await;
    }
    let found = ResponseTemplate::new(200).set_body_string(documented::STATUS_OBJECT_200.body);
    Mock::given(any()).respond_with(found).mount(&server).await;
    let client = client(&server.uri());
    for _ in 0..5 {
        client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap();
    }
    let requests = received(&server).await;
    let ids: Vec<_> = requests.iter().filter_map(|request| header(request, "x-correlation-id")).collect();
    assert_eq!((requests.len(), ids.len()), (9, 7), "two token requests have no id");
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 7);
}

#[tokio::test]
async fn the_version_can_be_set() {
    let server = vendor().await;
    let version = "1.0".parse().unwrap();
    let client = builder(&server.uri()).api_version(version).build().unwrap();
    client.webhooks(0).await.unwrap();
    assert_eq!(header(&received(&server).await[1], "api-version"), Some("1.0"));
}

#[tokio::test]
async fn queries_and_forms_are_encoded() {
    const ODD: &str = "a+b/c=d&e?f#g h%2B\u{e9}";
    let server = vendor().await;
    let credentials = Credentials::by_secret(ODD.to_owned(), ODD.to_owned());
    let client =
        Client::builder(credentials).base_url(&server.uri()).auth_url(&server.uri()).build().unwrap();
    let tokens = [ODD, "b", "b"].map(ImageToken::new);
    client.analyses(&cpf(), &tokens, ResultLevel::Detailed).await.unwrap();
    let [login, query] = received(&server).await.try_into().unwrap();
    let fields = form(std::str::from_utf8(&login.body).unwrap());
    for name in ["client_id", "client_secret"] {
        assert!(fields.contains(&(name.to_owned(), ODD.to_owned())), "{name}");
    }
    let pairs: Vec<_> = query.url.query_pairs().into_owned().collect();
    let wanted = [("token", ODD), ("token", "b"), ("token", "b"), ("resultLevel", "DETAILED")];
    assert_eq!(pairs, wanted.map(|(key, value)| (key.to_owned(), value.to_owned())));
}

/// Every document type is sent with the vendor's name, and the image byte by byte.
#[tokio::test]
async fn every_type_of_document() {
    let server = vendor().await;
    let client = client(&server.uri());
    for document in ["SELFIE", "RG", "CNH", "RNE", "CRNM", "DNI"] {
        let upload = Upload::document(DocumentType::from(document), DocumentSide::Back, image());
        client.upload(&cpf(), &upload).await.unwrap();
    }
    let company_documents =
        ["ARTICLES_OF_INCORPORATION", "LAST_CONTRACT_CHANGE", "BALANCE_SHEET", "POWER_OF_ATTORNEY"];
    // Since July 2026 a CNPJ may have letters.
    let cnpj = Cnpj::parse("12.ABC.345/01DE-35").unwrap();
    for document in company_documents {
        client.upload_company(&cnpj, &CompanyDocument::from(document), &pdf()).await.unwrap();
    }
    let requests = received(&server).await;
    let types: Vec<_> = requests[1..].iter().map(|request| parts(request)[0][1].clone()).collect();
    assert_eq!(types[..6], ["SELFIE", "RG", "CNH", "RNE", "CRNM", "DNI"]);
    assert_eq!(types[6..], company_documents);
    assert_eq!(parts(&requests[1])[2][1]["base64"], STANDARD.encode(image().bytes()));
    assert_eq!(requests[7].url.path(), "/document-analysis/12ABC34501DE35/corporation-business");
}

#[tokio::test]
async fn raw_bodies_are_kept_on_request() {
    let server = vendor().await;
    let auditing =
        builder(&server.uri()).options(ClientOptions::new().keep_raw_bodies(true)).build().unwrap();
    let reply = auditing.upload(&cpf(), &selfie()).await.unwrap();
    assert_eq!(reply.meta().raw_body.as_ref().unwrap().expose(), documented::UPLOAD_202.body.as_bytes());
    assert_eq!((reply.meta().http_status, reply.meta().attempts), (202, 1));
    let reply = auditing.webhooks(1).await.unwrap();
    assert_eq!(
        reply.meta().raw_body.as_ref().unwrap().expose(),
        documented::WEBHOOK_LIST_200.body.as_bytes()
    );
    let silent = client(&server.uri());
    assert!(silent.upload(&cpf(), &selfie()).await.unwrap().meta().raw_body.is_none());
}

#[test]
fn the_addresses_are_those_of_the_page() {
    let addresses = |of: Environment| [of.base_url(), of.auth_url(), of.login_url()];
    assert_eq!(
        addresses(Environment::Sandbox),
        [
            "https://api-mtls.sandbox.bankly.com.br",
            "https://auth-mtls.sandbox.bankly.com.br",
            "https://login.sandbox.bankly.com.br"
        ]
    );
    assert_eq!(
        addresses(Environment::Production),
        ["https://api-mtls.bankly.com.br", "https://auth-mtls.bankly.com.br", "https://login.bankly.com.br"]
    );
}
