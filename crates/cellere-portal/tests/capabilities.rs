//! The capability traits, with every response.

use std::time::Duration;

use cellere_portal::kyc_core::{
    BackgroundChecker, Cnpj, CompanyStatus, Cpf, Delivery, DocumentKind, DocumentPage, DocumentReader, Error,
    ErrorKind, FaceMatch, FaceMatcher, FacePair, FaceScore, FalseAcceptRate, Finding, Media, MediaFormat,
    OperationId, PersonStatus, Pii, Vendor, Verdict,
};
use cellere_portal::{Client, Endpoint, VENDOR};
use kyc_fixtures::cellere_portal as documented;
use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{builder, client, cnpj, cpf, image, of_format};
use test_support::requests::received;

const SECOND: Duration = Duration::from_secs(1);

async fn answering(status: u16, body: &str) -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_raw(body, "application/json");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn pair() -> FacePair {
    FacePair::new(image(), of_format(MediaFormat::Bmp))
}

fn page(kind: impl Into<DocumentKind>) -> DocumentPage {
    DocumentPage::new(kind.into(), image())
}

async fn verdict(body: &str) -> Result<FaceMatch, Error> {
    let server = answering(200, body).await;
    let client = client(&server.uri());
    let submitted = client.submit_faces(&pair()).await?;
    assert_eq!((submitted.meta().http_status, submitted.meta().attempts), (200, 1));
    let ready = submitted.into_inner().ready().expect("the portal responds immediately");
    assert_eq!(client.compare_faces(&pair(), SECOND).await.unwrap(), ready, "waiting gives the same");
    assert_eq!(received(&server).await.len(), 2, "with one request");
    Ok(ready)
}

#[tokio::test]
async fn a_verdict_on_two_faces() {
    for (fixture, wanted, similarity) in [
        (&documented::FACEMATCH_200, Verdict::Match, 0.97),
        (&documented::FACEMATCH_TEXT_200, Verdict::Match, 0.97),
        (&documented::FACEMATCH_NO_MATCH_200, Verdict::NoMatch, 0.12),
        (&documented::FACEMATCH_TEXT_NO_MATCH_200, Verdict::NoMatch, 0.12),
    ] {
        let found = verdict(fixture.body).await.unwrap();
        assert_eq!(
            (found.verdict, found.score),
            (wanted, Some(FaceScore::Similarity(similarity))),
            "{}",
            fixture.name
        );
        // The portal states no false accept rate and has no queries.
        assert_eq!((found.false_accept_rate, found.id), (None, None), "{}", fixture.name);
    }
    // Nested, and without a score.
    let found = verdict(r#"{"response":{"result":"False"}}"#).await.unwrap();
    assert_eq!((found.verdict, found.score), (Verdict::NoMatch, None));
}

#[tokio::test]
async fn a_response_without_a_verdict_is_an_error() {
    for body in [documented::FACEMATCH_OBJECT_200.body, documented::FACEMATCH_LIST_200.body, "{}"] {
        let error = verdict(body).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::Answered), "{body}");
        assert_eq!((error.vendor(), error.operation()), (VENDOR, Some("facematch")));
        assert_eq!((error.http_status(), error.attempts()), (Some(200), 1));
        assert_eq!(error.body().map(|kept| kept.expose()), Some(body.as_bytes()), "it was paid for");
        assert!(error.to_string().contains("set least_confiability"), "{error}");
        assert!(!error.is_transient(), "it was paid for");
    }
}

/// The user's threshold decides where the portal gives no verdict.
#[tokio::test]
async fn a_least_confiability() {
    let read = async |body: &str, least: f64| {
        let server = answering(200, body).await;
        let client = builder(&server.uri()).least_confiability(least).build().unwrap();
        client.submit_faces(&pair()).await.map(|reply| reply.into_inner().ready().unwrap())
    };
    for body in [documented::FACEMATCH_OBJECT_200.body, documented::FACEMATCH_LIST_200.body] {
        use Verdict::{Match, NoMatch};
        for (least, wanted) in [(0.0, Match), (0.8, Match), (0.97, Match), (0.971, NoMatch), (1.0, NoMatch)] {
            let found = read(body, least).await.unwrap();
            assert_eq!((found.verdict, found.score), (wanted, Some(FaceScore::Similarity(0.97))), "{least}");
        }
    }
    // A mismatch needs no confidence; a match below the threshold contradicts it.
    let verdict = async |body: String| read(&body, 0.5).await.unwrap().verdict;
    assert_eq!(verdict(r#"{"result":false,"confiability":0.99}"#.to_owned()).await, Verdict::NoMatch);
    assert_eq!(verdict(r#"{"result":true,"confiability":0.01}"#.to_owned()).await, Verdict::Inconclusive);
    // What is stated but cannot be read is never replaced by the threshold.
    for word in ["perhaps", "???", ""] {
        let body = json!({ "result": word, "confiability": "0.97" }).to_string();
        assert_eq!(verdict(body).await, Verdict::Inconclusive, "{word}");
    }
    assert_eq!(verdict(r#"{"result":"Não","confiability":"0.97"}"#.to_owned()).await, Verdict::NoMatch);
    // Without a verdict and a score it is an error.
    for body in ["{}", r#"{"result":{"confiability":"high"}}"#] {
        assert_eq!(read(body, 0.5).await.unwrap_err().kind(), ErrorKind::Config, "{body}");
    }
}

/// What the portal cannot take into account is not ignored silently.
#[tokio::test]
async fn an_option_that_the_portal_does_not_have_is_refused() {
    let server = answering(200, documented::FACEMATCH_200.body).await;
    let client = client(&server.uri());
    let mut rate = pair();
    rate.max_false_accept_rate = FalseAcceptRate::one_in(1000);
    let mut person = pair();
    person.cpf = Some(cpf());
    for (pair, field) in [(rate, "max_false_accept_rate"), (person, "cpf")] {
        let error = client.submit_faces(&pair).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
        assert!(error.to_string().contains(&format!("{field} is not supported")), "{error}");
    }
    assert_eq!(received(&server).await.len(), 0);
}

async fn reading(body: &str) -> cellere_portal::kyc_core::DocumentReading {
    let server = answering(200, body).await;
    let client = client(&server.uri());
    let submitted = client.submit_document(&page(DocumentKind::Cnh)).await.unwrap();
    let ready = submitted.into_inner().ready().expect("the portal responds immediately");
    assert_eq!(client.read_document(&page("x"), SECOND).await.unwrap(), ready);
    ready
}

#[tokio::test]
async fn a_document_is_read() {
    for fixture in [
        &documented::DOCUMENT_CNH_200,
        &documented::DOCUMENT_RESPONSE_200,
        &documented::DOCUMENT_FLAT_200,
        &documented::DOCUMENT_TEXT_200,
        &documented::DOCUMENT_DESKEW_200,
    ] {
        let found = reading(fixture.body).await;
        assert_eq!(found.kind, Some(DocumentKind::Cnh), "{}", fixture.name);
        assert_eq!(found.field("NOME"), Some("MARIA EXEMPLO DA SILVA"), "{}", fixture.name);
        assert_eq!(found.fields[0].confidence, Some(0.98), "{}", fixture.name);
        let printed: Value = serde_json::from_str(fixture.body).unwrap();
        let id = OperationId::by_id(VENDOR, "document", printed["queryId"].as_str().unwrap());
        assert_eq!(found.id, Some(id), "{}", fixture.name);
        assert!(!format!("{found:?}").contains("MARIA"));
    }
    // The pages of one image, in order.
    let pages = reading(documented::DOCUMENT_PAGES_200.body).await;
    let names: Vec<_> = pages.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["rg", "data_expedicao", "nome_mae"]);
    assert_eq!(pages.kind, Some(DocumentKind::Rg));
    let nothing = reading(documented::DOCUMENT_EMPTY_200.body).await;
    assert_eq!((nothing.kind, nothing.fields.len(), nothing.id.is_some()), (None, 0, true));
    // A field without a name or a value is skipped; a value that is not text is returned as JSON.
    let odd = r#"{"fields":[{"value":"x"},{"name":"a"},{"name":"b","value":null},{"name":"c","value":7,"score":"?"},{"name":"d","value":["x"]}]}"#;
    let odd = reading(odd).await;
    let fields: Vec<_> = odd
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.value.expose().as_str(), field.confidence))
        .collect();
    assert_eq!(fields, [("c", "7", None), ("d", r#"["x"]"#, None)]);
}

/// Each kind is requested by the portal's path segment, and recognised by its name.
#[tokio::test]
async fn kinds_of_documents() {
    let server = answering(200, "{}").await;
    let client = client(&server.uri());
    let rows = [
        (DocumentKind::Rg, "rg", "RG"),
        (DocumentKind::Cnh, "cnh", "CNH"),
        (DocumentKind::Passport, "passaporte", "Passaporte"),
        (DocumentKind::Rne, "rne", "RNE"),
        (DocumentKind::ProofOfAddress, "comp_endereco_v2", "Comprovante de Endereço"),
        (DocumentKind::BirthCertificate, "certidao-nascimento", "Certidão de Nascimento"),
        (DocumentKind::MarriageCertificate, "certidao-casamento", "Certidão de Casamento"),
        (DocumentKind::CompanyRegistration, "cnpj", "CNPJ"),
        // Kinds that only the portal has.
        (DocumentKind::from("art"), "art", "ART"),
        (DocumentKind::from("contrato-locacao-v2"), "contrato-locacao-v2", "Contrato de Locação"),
        (DocumentKind::from("contrato-social-v3"), "contrato-social-v3", "contrato-social-v3"),
    ];
    for (kind, segment, word) in rows {
        client.submit_document(&page(kind.clone())).await.unwrap();
        let sent = received(&server).await;
        assert_eq!(sent.last().unwrap().url.path(), format!("/contextus/{segment}"));
        let answer = json!({ "result": [{ "docType": word }] }).to_string();
        assert_eq!(reading(&answer).await.kind, Some(kind), "{word}");
    }
    let error = client.submit_document(&page("../facematch")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
}

#[tokio::test]
async fn persons() {
    use Finding::{No, Unclear, Yes};
    use PersonStatus::{Cancelled, Deceased, Pending, Regular, Suspended, Void};
    let name = "MARIA EXEMPLO DA SILVA";
    let rows = [
        (documented::CPF_200.body, Some(Regular), No, None),
        (documented::CPF_PENDING_200.body, Some(Pending), No, None),
        (documented::CPF_SUSPENDED_200.body, Some(Suspended), No, None),
        (documented::CPF_CANCELLED_200.body, Some(Cancelled), No, None),
        (documented::CPF_DECEASED_200.body, Some(Deceased), Yes, None),
        (documented::CPF_NULL_200.body, Some(Void), No, None),
        (documented::CPF_VALIDACAO_CADASTRAL_200.body, Some(Regular), Unclear, Some(name)),
        (documented::CPF_VALIDACAO_CADASTRAL_SUSPENDED_200.body, Some(Suspended), Unclear, Some(name)),
        (documented::CPF_COMPLETO_200.body, Some(Regular), Unclear, Some(name)),
        // A death that a register records before the status changes.
        (r#"{"TaxIdStatus":"REGULAR","HasObitIndication":true}"#, Some(Regular), Yes, None),
        (r#"{"TaxIdStatus":"REGULAR","HasObitIndication":"True"}"#, Some(Regular), Yes, None),
        // The status alone is sufficient.
        (r#"{"TaxIdStatus":"TITULAR FALECIDO"}"#, Some(Deceased), Yes, None),
        (r#"{"TaxIdStatus":"TITULAR FALECIDO","HasObitIndication":false}"#, Some(Deceased), Yes, None),
        (
            r#"{"response":{"SituacaoCadastral":"SUSPENSO","HasObitIndication":1}}"#,
            Some(Suspended),
            Yes,
            None,
        ),
        (r#"{"TaxIdStatus":"LATER"}"#, Some(PersonStatus::from("LATER")), Unclear, None),
        ("{}", None, Unclear, None),
    ];
    for (body, status, deceased, name) in rows {
        let server = answering(200, body).await;
        let reply = client(&server.uri()).check_person(&cpf()).await.unwrap();
        assert_eq!((reply.value().status.clone(), reply.value().deceased), (status, deceased), "{body}");
        assert_eq!(reply.value().name.as_ref().map(|name| name.expose().as_str()), name, "{body}");
        assert_eq!((reply.meta().http_status, reply.meta().attempts), (200, 1));
        assert!(!format!("{reply:?}").contains("MARIA"));
    }
}

#[tokio::test]
async fn companies() {
    use CompanyStatus::{Active, Closed, Suspended, Unfit, Void};
    let rows = [
        (documented::CNPJ_200.body, Some(Active), None),
        (documented::CNPJ_CLOSED_200.body, Some(Closed), None),
        (documented::CNPJ_UNFIT_200.body, Some(Unfit), None),
        (documented::CNPJ_SUSPENDED_200.body, Some(Suspended), None),
        (documented::CNPJ_NULL_200.body, Some(Void), None),
        (documented::CNPJ_COMPLETO_200.body, Some(Active), Some("EMPRESA EXEMPLO LTDA")),
        (r#"{"result":[{"NomeFantasia":"EXEMPLO"}]}"#, None, Some("EXEMPLO")),
        (r#"{"BaseStatus":"LATER"}"#, Some(CompanyStatus::from("LATER")), None),
    ];
    for (body, status, name) in rows {
        let server = answering(200, body).await;
        let reply = client(&server.uri()).check_company(&cnpj()).await.unwrap();
        assert_eq!(reply.value().status, status, "{body}");
        assert_eq!(reply.value().name.as_ref().map(|name| name.expose().as_str()), name, "{body}");
        assert!(!format!("{reply:?}").contains("EXEMPLO"));
    }
}

/// The fuller look-up is available through the same trait.
#[tokio::test]
async fn the_fuller_look_up_by_the_trait() {
    let server = answering(200, documented::CPF_COMPLETO_200.body).await;
    let client = builder(&server.uri())
        .endpoints(|endpoints| endpoints.cpf = Endpoint::get("/bg-check/cpf-completo"))
        .build()
        .unwrap();
    let checker: &dyn BackgroundChecker = &client;
    let check = checker.check_person(&cpf()).await.unwrap().into_inner();
    assert_eq!(check.name, Some(Pii::new("MARIA EXEMPLO DA SILVA".to_owned())));
    assert_eq!(received(&server).await[0].url.query(), Some("cpf=52998224725"));
}

/// Results are immediate, so no id can be queried.
#[tokio::test]
async fn no_id_can_be_queried() {
    let server = answering(200, "{}").await;
    let client = client(&server.uri());
    for id in [
        OperationId::by_id(VENDOR, "document", "aaca061d-8246-55b7-9bd6-3046154525ea"),
        OperationId::by_reference(VENDOR, "facematch", "order-1"),
        OperationId::by_id(Vendor::new("clearsale-facematch"), "match2d-2d", "1"),
    ] {
        let errors = [
            client.face_match_result(&id).await.unwrap_err(),
            client.document_reading_result(&id).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
        }
    }
    assert_eq!(received(&server).await.len(), 0);
}

/// The traits return the portal's errors unchanged.
#[tokio::test]
async fn errors_come_through_the_traits() {
    let server = answering(403, documented::ERROR_NO_CREDITS_403.body).await;
    let client = client(&server.uri());
    let errors = [
        client.submit_faces(&pair()).await.map(drop).unwrap_err(),
        client.submit_document(&page(DocumentKind::Passport)).await.map(drop).unwrap_err(),
        client.check_person(&cpf()).await.map(drop).unwrap_err(),
        client.check_company(&cnpj()).await.map(drop).unwrap_err(),
    ];
    let operations = errors.each_ref().map(|error| (error.kind(), error.operation()));
    assert_eq!(
        operations,
        ["facematch", "document", "cpf", "cnpj"].map(|name| (ErrorKind::QuotaExhausted, Some(name)))
    );
}

/// Each trait is object-safe and states the vendor.
#[test]
fn the_client_is_a_trait_object_of_the_vendor() {
    let client = client("https://example.com");
    let (faces, documents, background): (&dyn FaceMatcher, &dyn DocumentReader, &dyn BackgroundChecker) =
        (&client, &client, &client);
    assert_eq!([faces.vendor(), documents.vendor(), background.vendor()], [VENDOR; 3]);
    let shown = format!("{faces:?} {documents:?} {background:?}");
    assert!(shown.contains("cellere-portal") && !shown.contains("eyJ"), "{shown}");
}

async fn sandboxed() -> (Client, Box<dyn Fn() -> u64>) {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = builder(&sandbox.cellere_url()).build().unwrap();
    (client, Box::new(move || sandbox.cellere().paid_calls()))
}

fn sample(bytes: &'static [u8]) -> Media {
    Media::new(bytes).unwrap()
}

async fn faces() -> behaviour::face_matcher::Subject {
    let (client, paid_calls) = sandboxed().await;
    behaviour::face_matcher::Subject {
        matcher: Box::new(client),
        same_person: FacePair::new(sample(samples::A_2014), sample(samples::A_2025)),
        two_people: FacePair::new(sample(samples::A_2014), sample(samples::B_2022)),
        not_comparable: None,
        has_ids: false,
        takes_rates: false,
        refused_picture: sample(b"not a picture"),
        paid_calls,
    }
}

behaviour::face_matcher!(faces);

async fn documents() -> behaviour::document_reader::Subject {
    let (client, paid_calls) = sandboxed().await;
    let others = ["art", "trt", "cadastro-unico", "cadesp", "inss", "ccir", "itr", "contrato-locacao-v2"];
    let kinds = [
        DocumentKind::Cnh,
        DocumentKind::Rg,
        DocumentKind::Passport,
        DocumentKind::Rne,
        DocumentKind::ProofOfAddress,
        DocumentKind::BirthCertificate,
        DocumentKind::MarriageCertificate,
        DocumentKind::CompanyRegistration,
    ];
    behaviour::document_reader::Subject {
        reader: Box::new(client),
        kinds: kinds.into_iter().chain(others.map(DocumentKind::from)).collect(),
        unknown: DocumentKind::from("shopping-list"),
        picture: sample(samples::A_2014),
        refused_picture: sample(b"not a picture"),
        paid_calls,
    }
}

behaviour::document_reader!(documents);

async fn registers() -> behaviour::background_checker::Subject {
    let (client, paid_calls) = sandboxed().await;
    let people = [
        ("93000000127", PersonStatus::Regular),
        ("93000001018", PersonStatus::Pending),
        ("93000001107", PersonStatus::Suspended),
        ("93000001280", PersonStatus::Cancelled),
        ("93000001360", PersonStatus::Deceased),
        ("93000001441", PersonStatus::Void),
    ];
    let companies = [
        ("93000001000117", CompanyStatus::Active),
        ("93ABC001000170", CompanyStatus::Active),
        ("93000010000108", CompanyStatus::Closed),
        ("93000011000152", CompanyStatus::Unfit),
        ("93000012000105", CompanyStatus::Suspended),
        ("93000013000141", CompanyStatus::Void),
    ];
    behaviour::background_checker::Subject {
        checker: Box::new(client),
        people: people.map(|(cpf, status)| (Cpf::parse(cpf).unwrap(), status)).into(),
        companies: companies.map(|(cnpj, status)| (Cnpj::parse(cnpj).unwrap(), status)).into(),
        paid_calls,
    }
}

behaviour::background_checker!(registers);
