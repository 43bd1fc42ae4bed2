//! The requests: method, path, query, headers and body of each operation in each form, as snapshots.

use cellere_portal::kyc_core::{
    Base64Bytes, Body, ClientOptions, Cnpj, Media, MediaFormat, Transport, TransportError, TransportErrorKind,
};
use cellere_portal::{
    Client, Config, Credentials, DocumentRequest, DocumentType, Endpoint, Endpoints, FaceMatchRequest, Form,
    MeterRequest, MeterService,
};
use kyc_fixtures::{FixtureKind, cellere_portal as documented};
use kyc_sandbox::Sandbox;
use serde_json::{Value, json};
use test_support::requests::{self, answer, header, received, shown_body};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::support::{
    LINK, OPERATIONS, builder, call, client, cnpj, cpf, document, faces, image, meter, of_format,
};

/// Responds to each operation as documented, and to every other path with an empty object.
pub async fn vendor() -> MockServer {
    let server = MockServer::start().await;
    answer(&server, "POST", "^/contextus/", &documented::DOCUMENT_CNH_200).await;
    answer(&server, "POST", "^/bg-check/cpf-simples$", &documented::CPF_200).await;
    answer(&server, "POST", "^/bg-check/cnpj-simples$", &documented::CNPJ_200).await;
    answer(&server, "POST", "^/autoleitura$", &documented::METER_DIGITAL_200).await;
    answer(&server, "POST", "^/facematch$", &documented::FACEMATCH_200).await;
    answer(&server, "GET", "^/utilitarias/saldo-portal$", &documented::BALANCE_200).await;
    let nothing = ResponseTemplate::new(200).set_body_raw("{}", "application/json");
    Mock::given(any()).respond_with(nothing).with_priority(9).mount(&server).await;
    server
}

/// Returns the requested paths, in order.
async fn paths(server: &MockServer) -> Vec<String> {
    received(server).await.iter().map(|request| request.url.path().to_owned()).collect()
}

fn base64(bytes: &[u8]) -> Value {
    serde_json::to_value(Base64Bytes::new(bytes.to_vec())).unwrap()
}

/// Shows a request without the sandbox's token, which is as long as a real one.
fn shown(request: &Request) -> Value {
    let mut shown = requests::shown(request);
    if let Some(sent) = header(request, "authorization") {
        shown["authorization"] = json!(sent.replace(Sandbox::CELLERE_TOKEN, "{token}"));
    }
    shown
}

/// Shows each request with its name.
async fn all_shown(server: &MockServer, names: &[&str]) -> Vec<(String, Value)> {
    let received = received(server).await;
    assert_eq!(received.len(), names.len());
    names.iter().map(ToString::to_string).zip(received.iter().map(shown)).collect()
}

fn alphanumeric() -> Cnpj {
    Cnpj::parse("12.ABC.345/01DE-35").unwrap()
}

/// The default forms.
#[tokio::test]
async fn every_operation_sends_exactly_this() {
    let server = vendor().await;
    let client = client(&server.uri());
    client.document(&document()).await.unwrap();
    client.document(&document().with_deskewed_image()).await.unwrap();
    client.cpf(&cpf()).await.unwrap();
    client.cnpj(&cnpj()).await.unwrap();
    client.cnpj(&alphanumeric()).await.unwrap();
    client.meter(&MeterRequest::file(MeterService::Energy, image())).await.unwrap();
    client.meter(&MeterRequest::file(MeterService::Water, image()).with_reading("12345")).await.unwrap();
    client.meter(&meter()).await.unwrap();
    client.meter(&meter().with_reading("012345,6")).await.unwrap();
    client.meter(&MeterRequest::link(MeterService::Gas, LINK)).await.unwrap();
    client.meter(&MeterRequest::link(MeterService::Energy, LINK).with_reading("0.5")).await.unwrap();
    client.facematch(&faces()).await.unwrap();
    client.balance().await.unwrap();
    let names = [
        "document",
        "document, deskewed",
        "cpf",
        "cnpj",
        "cnpj with letters",
        "meter by file",
        "meter by file with a reading",
        "meter by base64",
        "meter by base64 with a reading",
        "meter by link",
        "meter by link with a reading",
        "facematch",
        "balance",
    ];
    insta::assert_json_snapshot!(all_shown(&server, &names).await);
}

#[tokio::test]
async fn every_other_form_sends_exactly_this() {
    let server = vendor().await;
    let with = |change: fn(&mut Endpoints)| builder(&server.uri()).endpoints(change).build().unwrap();

    let multipart = with(|endpoints| {
        endpoints.document_form = Form::Multipart;
        endpoints.meter_form = Form::Multipart;
        endpoints.facematch_form = Form::Multipart;
    });
    multipart.document(&document()).await.unwrap();
    let pdf = DocumentRequest::new(DocumentType::Rg, of_format(MediaFormat::Pdf));
    multipart.document(&pdf.with_deskewed_image()).await.unwrap();
    multipart.meter(&MeterRequest::file(MeterService::Energy, image())).await.unwrap();
    multipart.meter(&meter().with_reading("12345")).await.unwrap();
    multipart.meter(&MeterRequest::link(MeterService::Gas, LINK)).await.unwrap();
    multipart.facematch(&faces()).await.unwrap();

    let by_get = with(|endpoints| {
        endpoints.cpf = Endpoint::get("/bg-check/cpf-completo");
        endpoints.cnpj = Endpoint::get("/bg-check/cnpj-completo");
    });
    by_get.cpf(&cpf()).await.unwrap();
    by_get.cnpj(&cnpj()).await.unwrap();
    by_get.cnpj(&alphanumeric()).await.unwrap();

    let in_path = with(|endpoints| endpoints.meter = "/leitura/{service}/v2".into());
    in_path.meter(&MeterRequest::file(MeterService::Water, image())).await.unwrap();
    in_path.meter(&meter().with_reading("12345")).await.unwrap();
    in_path.meter(&MeterRequest::link(MeterService::from("esgoto"), LINK)).await.unwrap();

    let own_names = with(|endpoints| {
        let names = &mut endpoints.meter_names;
        (names.service, names.reading) = ("tipo".into(), "leitura".into());
        (names.energy, names.water, names.gas) = ("1".into(), "2".into(), "3".into());
        endpoints.facematch_names = Some(["documento".into(), "selfie".into()]);
    });
    for service in [MeterService::Energy, MeterService::Water, MeterService::Gas] {
        own_names.meter(&MeterRequest::link(service, LINK).with_reading("7")).await.unwrap();
    }
    own_names.meter(&MeterRequest::file(MeterService::from("esgoto"), image())).await.unwrap();
    own_names.facematch(&faces()).await.unwrap();
    let own_parts = with(|endpoints| {
        endpoints.facematch_form = Form::Multipart;
        endpoints.facematch_names = Some(["documento".into(), "selfie".into()]);
    });
    own_parts.facematch(&faces()).await.unwrap();

    let names = [
        "document in multipart",
        "document in multipart, deskewed",
        "meter by file",
        "meter by base64 in multipart with a reading",
        "meter by link in multipart",
        "facematch in multipart",
        "cpf by GET",
        "cnpj by GET",
        "cnpj with letters by GET",
        "meter by file, service in the path",
        "meter by base64, service in the path",
        "meter by link, unknown service in the path",
        "energy with custom names",
        "water with custom names",
        "gas with custom names",
        "meter by file with custom names, unknown service",
        "facematch with custom names",
        "facematch in multipart with custom names",
    ];
    insta::assert_json_snapshot!(all_shown(&server, &names).await);
}

/// The bodies are those of the page, except for the order of keys.
#[tokio::test]
async fn the_bodies_are_those_that_the_page_prints() {
    let server = vendor().await;
    let client = client(&server.uri());
    let requests: Vec<_> =
        documented::ALL.iter().filter(|fixture| fixture.kind == FixtureKind::Request).collect();
    for fixture in &requests {
        let printed: Value = serde_json::from_str(fixture.body).unwrap();
        let text = |key: &str| printed[key].as_str().unwrap();
        let image = |key: &str| Media::new(Base64Bytes::from(text(key)).bytes().unwrap().clone()).unwrap();
        match fixture.name {
            "document-request" => {
                let request = DocumentRequest::new(DocumentType::Cnh, image("image"));
                client.document(&request).await.map(drop)
            }
            "document-deskew-request" => {
                let request = DocumentRequest::new(DocumentType::Cnh, image("image"));
                client.document(&request.with_deskewed_image()).await.map(drop)
            }
            "cpf-request" => client.cpf(&cpf()).await.map(drop),
            "cnpj-request" => client.cnpj(&cnpj()).await.map(drop),
            "cnpj-alphanumeric-request" => client.cnpj(&alphanumeric()).await.map(drop),
            "meter-base64-request" => {
                let request = MeterRequest::base64(MeterService::Energy, image("base64"));
                client.meter(&request.with_reading(text("reading"))).await.map(drop)
            }
            "meter-link-request" => {
                client.meter(&MeterRequest::link(MeterService::Energy, text("link"))).await.map(drop)
            }
            "facematch-request" => {
                let request = FaceMatchRequest::new(image("image1"), image("image2"));
                client.facematch(&request).await.map(drop)
            }
            other => panic!("{other}"),
        }
        .unwrap();
        let sent = received(&server).await;
        assert_eq!(shown_body(sent.last().unwrap()), printed, "{}", fixture.name);
    }
    assert_eq!(requests.len(), 8);
}

/// The streamed body and the type's `Serialize` both name the fields, and must agree.
#[tokio::test]
async fn the_streamed_body_is_the_serialised_request() {
    let server = vendor().await;
    let client = client(&server.uri());
    let documents = [document(), document().with_deskewed_image()];
    for request in &documents {
        client.document(request).await.unwrap();
    }
    client.facematch(&faces()).await.unwrap();
    let sent: Vec<Value> = received(&server).await.iter().map(shown_body).collect();
    let [plain, deskewed] = documents.map(|request| serde_json::to_value(request).unwrap());
    assert_eq!(sent, [plain, deskewed, serde_json::to_value(faces()).unwrap()]);
}

/// Each document type has a path segment; an unknown type is its own segment.
#[tokio::test]
async fn every_type_of_document() {
    let server = vendor().await;
    let segments = [
        (DocumentType::Rg, "rg"),
        (DocumentType::Cnh, "cnh"),
        (DocumentType::ComprovanteEndereco, "comp_endereco_v2"),
        (DocumentType::CertidaoCasamento, "certidao-casamento"),
        (DocumentType::CertidaoNascimento, "certidao-nascimento"),
        (DocumentType::Art, "art"),
        (DocumentType::Cnpj, "cnpj"),
        (DocumentType::Trt, "trt"),
        (DocumentType::CadastroUnico, "cadastro-unico"),
        (DocumentType::Cadesp, "cadesp"),
        (DocumentType::Passaporte, "passaporte"),
        (DocumentType::Inss, "inss"),
        (DocumentType::Rne, "rne"),
        (DocumentType::Ccir, "ccir"),
        (DocumentType::Itr, "itr"),
        (DocumentType::ContratoLocacao, "contrato-locacao-v2"),
        (DocumentType::from("contrato-social-v3"), "contrato-social-v3"),
    ];
    let usual = client(&server.uri());
    for (document, segment) in &segments {
        assert_eq!(document.segment(), *segment);
        // The name in a response and the path segment are read as the same type.
        assert_eq!(DocumentType::from(*segment), *document);
        assert_eq!(DocumentType::from(document.as_str()), *document);
        usual.document(&DocumentRequest::new(document.clone(), image())).await.unwrap();
    }
    let other = builder(&server.uri())
        .endpoints(|endpoints| {
            endpoints.document = "/v2/{document}/read".into();
            endpoints.document_segments.insert("rg".into(), "rg-v2".into());
            endpoints.document_segments.insert("contrato-social-v3".into(), "contrato-social".into());
        })
        .build()
        .unwrap();
    for document in ["RG", "CNH", "contrato-social-v3"] {
        other.document(&DocumentRequest::new(document.into(), image())).await.unwrap();
    }
    let paths = paths(&server).await;
    let wanted = segments.map(|(_, segment)| format!("/contextus/{segment}"));
    assert_eq!(paths[..wanted.len()], wanted);
    assert_eq!(paths[wanted.len()..], ["/v2/rg-v2/read", "/v2/cnh/read", "/v2/contrato-social/read"]);
}

/// Every path and method can be changed in one line.
#[tokio::test]
async fn every_endpoint_can_be_changed() {
    type Change = fn(&mut Endpoints);
    let changes: [(&str, Change, &str); 8] = [
        ("document", |endpoints| endpoints.document = "/x/{document}".into(), "POST /x/cnh"),
        // One path for all types.
        ("document", |endpoints| endpoints.document = "/x".into(), "POST /x"),
        ("cpf", |endpoints| endpoints.cpf = Endpoint::post("/neocpf"), "POST /neocpf"),
        ("cpf", |endpoints| endpoints.cpf = Endpoint::get("/x"), "GET /x?cpf=52998224725"),
        ("cnpj", |endpoints| endpoints.cnpj = Endpoint::get("/x"), "GET /x?cnpj=11222333000181"),
        ("meter", |endpoints| endpoints.meter = "/x/{service}/y".into(), "POST /x/energia/y"),
        ("facematch", |endpoints| endpoints.facematch = "/facematch/".into(), "POST /facematch/"),
        ("balance", |endpoints| endpoints.balance = "/x".into(), "GET /x"),
    ];
    for (operation, change, wanted) in changes {
        let server = vendor().await;
        let client = builder(&server.uri()).endpoints(change).build().unwrap();
        for (name, _) in OPERATIONS {
            call(&client, name).await.unwrap();
        }
        let place = OPERATIONS.iter().position(|(name, _)| *name == operation).unwrap();
        let sent: Vec<String> = received(&server)
            .await
            .iter()
            .map(|request| {
                let query = request.url.query().map_or(String::new(), |query| format!("?{query}"));
                format!("{} {}{query}", request.method, request.url.path())
            })
            .collect();
        let mut usual = [
            "POST /contextus/cnh",
            "POST /bg-check/cpf-simples",
            "POST /bg-check/cnpj-simples",
            "POST /autoleitura",
            "POST /facematch",
            "GET /utilitarias/saldo-portal",
        ];
        usual[place] = wanted;
        assert_eq!(sent, usual);
    }
}

/// The same from a configuration, with a base URL that has a path.
#[tokio::test]
async fn a_configuration_changes_every_endpoint() {
    let server = vendor().await;
    let config: Config = serde_json::from_value(json!({
        "token": "token-1",
        "base_url": format!("{}/gateway/", server.uri()),
        "endpoints": {
            "document": "/read/{document}",
            "document_segments": { "cnh": "cnh-v2" },
            "document_form": "multipart",
            "cpf": "GET /bg-check/cpf-validacao-cadastral",
            "cnpj": "/neocnpj",
            "meter": "/meter",
            "meter_form": "multipart",
            "meter_names": { "service": "tipo" },
            "facematch_names": ["a", "b"],
            "balance": "/balance",
        },
    }))
    .unwrap();
    let client = Client::builder_from(&config).build().unwrap();
    for (operation, _) in OPERATIONS {
        call(&client, operation).await.unwrap();
    }
    let names = OPERATIONS.map(|(operation, _)| operation);
    insta::assert_json_snapshot!(all_shown(&server, &names).await);
}

/// Surrounding whitespace and `Bearer` are removed; a token that is not a JWT is sent unchanged.
#[tokio::test]
async fn a_copied_token_is_cleaned() {
    let server = vendor().await;
    // The vendor's own sample has two segments and a space; shortened here.
    let sample = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwiaWF0Ijox KKF2QT4fwPMeJf36P0k6yJV";
    let rows = [
        (Sandbox::CELLERE_TOKEN.to_owned(), Sandbox::CELLERE_TOKEN),
        (" abc ".to_owned(), "abc"),
        ("\tabc\r\n".to_owned(), "abc"),
        ("Bearer abc".to_owned(), "abc"),
        ("  bearer   abc\n".to_owned(), "abc"),
        ("BEARER abc".to_owned(), "abc"),
        ("Bearer\tabc".to_owned(), "abc"),
        // The beginning of the token itself.
        ("bearerabc".to_owned(), "bearerabc"),
        (sample.to_owned(), sample),
    ];
    let with = |token: String| Client::builder(Credentials::new(token)).base_url(&server.uri());
    for (copied, token) in rows {
        with(copied).build().unwrap().balance().await.unwrap();
        let sent = received(&server).await;
        let header = header(sent.last().unwrap(), "authorization");
        assert_eq!(header, Some(&*format!("Bearer {token}")));
    }
}

/// An image of any length is encoded completely.
#[tokio::test]
async fn images_of_every_length() {
    let server = vendor().await;
    let json = client(&server.uri());
    let change = |endpoints: &mut Endpoints| {
        endpoints.document_form = Form::Multipart;
        endpoints.meter_form = Form::Multipart;
    };
    let multipart = builder(&server.uri()).endpoints(change).build().unwrap();
    for length in [0, 1, 2, 700_000] {
        let mut bytes = image().bytes().to_vec();
        bytes.extend(std::iter::repeat_n(0xA5, length));
        let wanted = base64(&bytes);
        let image = Media::new(bytes).unwrap();
        let document = DocumentRequest::new(DocumentType::Rg, image.clone());
        let meter = MeterRequest::base64(MeterService::Gas, image.clone());
        for client in [&json, &multipart] {
            client.document(&document).await.unwrap();
            client.meter(&meter).await.unwrap();
        }
        client(&server.uri()).facematch(&FaceMatchRequest::new(image.clone(), image)).await.unwrap();
        let sent = received(&server).await;
        let bodies: Vec<Value> = sent[sent.len() - 5..].iter().map(shown_body).collect();
        assert_eq!(bodies[0]["image"], wanted, "{length}");
        assert_eq!(bodies[1]["base64"], wanted, "{length}");
        assert_eq!(bodies[2][0][1]["base64"], wanted, "{length}");
        assert_eq!(bodies[3][1][1], wanted, "{length}");
        assert_eq!((&bodies[4]["image1"], &bodies[4]["image2"]), (&wanted, &wanted), "{length}");
    }
}

#[tokio::test]
async fn raw_bodies_are_kept_on_request() {
    let server = vendor().await;
    let auditing =
        builder(&server.uri()).options(ClientOptions::new().keep_raw_bodies(true)).build().unwrap();
    let reply = auditing.cpf(&cpf()).await.unwrap();
    assert_eq!(reply.meta().raw_body.as_ref().unwrap().expose(), documented::CPF_200.body.as_bytes());
    assert_eq!((reply.meta().http_status, reply.meta().attempts), (200, 1));
    let reply = auditing.facematch(&faces()).await.unwrap();
    assert_eq!(reply.meta().raw_body.as_ref().unwrap().expose(), documented::FACEMATCH_200.body.as_bytes());
    assert!(client(&server.uri()).cpf(&cpf()).await.unwrap().meta().raw_body.is_none());
}

/// Refuses to connect, and names the address.
#[derive(Debug)]
struct Nowhere(std::sync::mpsc::Sender<String>);

#[async_trait::async_trait]
impl Transport for Nowhere {
    async fn send(
        &self,
        request: http::Request<Body>,
        _: usize,
    ) -> Result<http::Response<bytes::Bytes>, TransportError> {
        self.0.send(request.uri().to_string()).unwrap();
        Err(TransportError::new(TransportErrorKind::Setup, "nowhere"))
    }
}

#[tokio::test]
async fn the_address_is_that_of_the_page() {
    let (sender, asked) = std::sync::mpsc::channel();
    let options = ClientOptions::new().transport(Nowhere(sender));
    let client = Client::builder(Credentials::new("token-1")).options(options).build().unwrap();
    client.balance().await.unwrap_err();
    assert_eq!(asked.recv().unwrap(), "https://api.gw.cellereit.com.br/utilitarias/saldo-portal");
}
