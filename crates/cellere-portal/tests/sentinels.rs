//! Sends a CPF, a CNPJ, a token, names, images, readings, links and addresses through every operation, with good and bad
//! responses and all logs enabled: none of them is printed.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cellere_portal::kyc_core::{
    BackgroundChecker, ClientOptions, Cnpj, Cpf, DocumentKind, DocumentPage, DocumentReader, FaceMatcher,
    FacePair, Media, Pii,
};
use cellere_portal::{
    Client, ClientBuilder, Config, Credentials, DocumentRequest, DocumentType, Endpoint, Endpoints,
    FaceMatchRequest, Form, MeterRequest, MeterService, ResponseText,
};
use kyc_sandbox::{Fault, Sandbox};
use serde_json::json;
use test_support::sentinels::{Answer, Printed, by_both_versions};
use test_support::sockets::{Abrupt, silence, tls_in_front_of};

use crate::support::{builder, png, transport};
use crate::tokens::jwt;

const CPF: &str = "52998224725";
const CNPJ: &str = "11222333000181";
const NAME: &str = "s3ntinel-name";
const IMAGE: &str = "s3ntinel-image";
const READING: &str = "31415926535897";
const LINK: &str = "https://images.example.com/s3ntinel-path/meter.jpg?signature=s3ntinel-query";
const LINK_PARTS: [&str; 3] = ["images.example.com", "s3ntinel-path", "s3ntinel-query"];
const USER_IP: &str = "203.0.113.77";
const METER: &str = "s3ntinel-meter";
/// In a token that is not a JWT.
const WORD: &str = "s3ntinel-word";

/// Returns a token like the vendor's, which names its customer in clear.
fn token() -> String {
    jwt(&json!({ "exp": 1_731_937_031, "preferred_username": CPF, "name": NAME, "sub": CNPJ }))
}

/// Checks that no sentinel was printed, and that every part of the stack logged something.
fn check(printed: &Printed) {
    let token = token();
    let mut hidden: Vec<&str> = token.split('.').skip(1).collect();
    hidden.extend([CPF, "529.982.247-25", CNPJ, "11.222.333/0001-81", NAME, IMAGE, READING, LINK]);
    hidden.extend([USER_IP, METER, WORD]);
    hidden.extend(LINK_PARTS);
    // Each search reads some fifty megabytes.
    std::thread::scope(|scope| {
        for part in hidden.chunks(4) {
            scope.spawn(move || printed.hides(part.iter().copied()));
        }
    });
    printed.heard(&["hyper_util", "reqwest::connect", "h2::", "kyc_core", "kyc_sandbox"]);
    // Where both are compiled in, native-tls is used, which logs nothing.
    if cfg!(not(feature = "native-tls")) {
        printed.heard(&["rustls"]);
    }
    printed.heard(&["cellere_portal::auth"]);
}

/// Returns a complete image with the sentinel after its end.
fn media() -> Media {
    let mut bytes = png(200);
    bytes.extend(IMAGE.repeat(20).bytes());
    Media::new(bytes).unwrap()
}

/// Returns responses that hold the sentinels in the documented fields and in others.
fn answers() -> Vec<Answer> {
    let all = format!("{CPF} {CNPJ} {NAME} {READING} {LINK} {USER_IP} {METER} {}", token());
    let image = STANDARD.encode(media().bytes());
    let document = format!(
        r#"{{"fields":[{{"name":"nome","value":"{CPF}","score":"{NAME}","{CPF}":1}},{{"name":"cpf","value":["{all}"]}},"{all}"],
            "docType":"{NAME}","docQualityScore":"{NAME}","pageIndex":"{NAME}","tags":["{all}"],"deskewImage":"{image}","{CPF}":"{NAME}"}}"#
    );
    let person = format!(
        r#"{{"TaxIdStatus":"{NAME}","TaxIdOrigin":"{NAME}","HasObitIndication":"{NAME}","Nome":"{NAME}","NomeMae":"{NAME}",
            "DataNascimento":"{NAME}","SituacaoCadastral":"{NAME}","{CPF}":"{NAME}",
            "CadastroPessoaFisica":{{"Nome":"{NAME}","NomeMae":"{NAME}","Telefones":[{{"TelefoneComDDD":"{CPF}","{CPF}":1}}],
              "Enderecos":{{"Logradouro":"{NAME}","Numero":{CPF},"Bairro":"{NAME}","Cidade":"{NAME}","UF":"{NAME}","CEP":"{CPF}"}}}},
            "ReceitaFederalCpf":{{"NomePessoaFisica":"{NAME}","DataNascimento":"{NAME}","SituacaoCadastral":"{NAME}"}},
            "BaseStatus":"{NAME}","AdditionalOutputData":{{"CNAE":"{CNPJ}","AtividadeEconomica":"{NAME}","{CNPJ}":["{all}"]}},
            "NomeEmpresarial":"{NAME}","NomeFantasia":"{NAME}","Logradouro":"{NAME}","Municipio":"{NAME}","CEP":"{CNPJ}",
            "response":{{"code":200,"message":"Success"}}}}"#
    );
    let meter = format!(
        r#"{{"image":"{NAME}.jpeg","service":"{NAME}","user_ip":"{USER_IP}","response":{{"code":200,"message":"Success"}},
            "duration":"{NAME}","display_type":"{NAME}","read_result":"{READING}","confidence_read":"{NAME}",
            "read_id_result":"{METER}","id_confidence":"{CPF}","model_meter":"{METER}","meter_confidence":"{NAME}",
            "power_code":"{METER}","unbalanced_analogical":"{NAME}","status":"{NAME}","{USER_IP}":{READING}}}"#
    );
    let match_ = format!(
        r#"{{"confiability":"{CPF}","distance":"{NAME}","img_stats":[{{"faces":"{all}","{CPF}":1}}],"elapsedMilliseconds":"{NAME}",
            "result":"{NAME}","status":{{"code":200,"message":"Success","{CPF}":"{NAME}"}},"amount":"{NAME}","units":"{NAME}"}}"#
    );
    let wrong = format!(
        r#"{{"queryId":["{all}"],"fields":"{all}","result":["{all}",{{"{CPF}":"{all}"}}],"docType":{{"{CPF}":1}},"Nome":["{all}"],
            "TaxIdStatus":["{all}"],"user_ip":{{"{USER_IP}":1}},"read_result":["{READING}"],"confiability":["{all}"],"amount":["{all}"]}}"#
    );
    let refused = |code: &str| {
        format!(
            r#"{{"response":{{"code":{code},"message":"{all}"}},"status":{{"code":"{CPF}","message":"{all}","{CPF}":1}},
                "message":"{all}","reason":"{all}","statusCode":"{CPF}","errors":{{"{CPF}":["{all}"]}}}}"#
        )
    };
    let image = r#"{"response":{"code":400,"message":"The image field is required"},"message":"#;
    vec![
        Answer::new(200, format!(r#"{{"queryId":"{METER}","result":[{document}],"status":{{"code":200}}}}"#)),
        Answer::new(200, format!(r#"{{"queryId":"{METER}","response":{document}}}"#)),
        Answer::new(200, document),
        Answer::new(200, format!(r#"{{"result":[{person}]}}"#)),
        Answer::new(200, person),
        Answer::new(200, meter.replacen(NAME, "energia", 2)),
        Answer::new(200, meter),
        Answer::new(200, match_.replacen(&format!(r#""result":"{NAME}""#), r#""result":"True""#, 1)),
        Answer::new(200, match_),
        Answer::new(200, format!(r#"{{"result":{{"confiability":"97%","{CPF}":"{NAME}"}}}}"#)),
        Answer::new(200, wrong),
        // An error with HTTP 200.
        Answer::new(200, refused("403")),
        Answer::new(200, format!("{all}, expected {all}")),
        Answer::new(200, format!("\"{all}\"")),
        Answer::new(200, format!("[{READING},{CPF}")),
        Answer::new(400, refused("400")),
        Answer::new(400, format!(r#"{image}"{all}"}}"#)),
        Answer::new(400, format!("<html>{all}</html>")),
        Answer::new(401, refused("401")),
        Answer::new(401, all.as_str()),
        Answer::new(403, format!(r#"{{"statusCode":403,"reason":"insufficientBalance","{CPF}":"{all}"}}"#)),
        Answer::new(404, refused("404")),
        Answer::new(429, refused("429")),
        Answer::new(500, refused("500")),
        Answer::new(503, all.as_str()),
        Answer::new(302, all),
    ]
}

/// Calls every operation and prints everything that a program receives.
async fn everything(printed: &Printed, client: &Client) {
    printed.value(&(client, client.token_facts()));
    let documents =
        [DocumentType::Cnh, DocumentType::from(METER), DocumentType::from(format!("{NAME} {CPF}").as_str())];
    for document in documents {
        let request = DocumentRequest::new(document, media()).with_deskewed_image();
        printed.value(&request);
        let read = client.document(&request).await;
        if let Ok(reply) = &read {
            printed.value(&(reply.meta(), reply.value().documents()));
        }
        printed.outcome(read);
    }
    let (cpf, cnpj) = (Cpf::parse(CPF).unwrap(), Cnpj::parse(CNPJ).unwrap());
    printed.value(&(&cpf, &cnpj));
    let person = client.cpf(&cpf).await;
    if let Ok(reply) = &person {
        printed.value(&(reply.meta(), reply.value().status(), reply.value().has_obit()));
    }
    printed.outcome(person);
    let company = client.cnpj(&cnpj).await;
    if let Ok(reply) = &company {
        printed.value(&(reply.meta(), reply.value().status()));
    }
    printed.outcome(company);

    for request in [
        MeterRequest::file(MeterService::Energy, media()),
        MeterRequest::base64(MeterService::Water, media()).with_reading(READING),
        MeterRequest::link(MeterService::Gas, LINK).with_reading(READING),
        MeterRequest::file(MeterService::from(METER), media()).with_reading(READING),
        // Refused before anything is sent.
        MeterRequest::link(MeterService::Gas, format!("{NAME} {LINK}")),
        MeterRequest::link(MeterService::Gas, LINK).with_reading(format!("{READING}-{READING}")),
        MeterRequest::link(MeterService::from(format!("{NAME} {CPF}").as_str()), LINK),
        MeterRequest::file(MeterService::Gas, Media::new(IMAGE.repeat(3)).unwrap()),
    ] {
        printed.value(&request);
        let read = client.meter(&request).await;
        if let Ok(reply) = &read {
            printed.value(&(reply.meta(), reply.value().conciliation()));
        }
        printed.outcome(read);
    }

    let request = FaceMatchRequest::new(media(), media());
    printed.value(&request);
    let matched = client.facematch(&request).await;
    if let Ok(reply) = &matched {
        printed.value(&(reply.meta(), reply.value().is_match(), reply.value().confidence()));
    }
    if let Err(error) = &matched {
        printed.value(&(ResponseText::of(error), error.violations(), error.body()));
    }
    printed.outcome(matched);
    printed.outcome(client.balance().await);
    by_capability(printed, client, &cpf, &cnpj).await;
}

/// Calls the capability traits, whose results are other types.
async fn by_capability(printed: &Printed, client: &Client, cpf: &Cpf, cnpj: &Cnpj) {
    let mut pair = FacePair::new(media(), media());
    pair.cpf = Some(cpf.clone());
    pair.reference = Pii::new(NAME.to_owned());
    let page = DocumentPage::new(DocumentKind::from(METER), media());
    printed.value(&(&pair, &page));
    printed.outcome(client.submit_faces(&pair).await);
    printed.outcome(client.compare_faces(&pair, Duration::from_secs(1)).await);
    let read = client.submit_document(&page).await;
    printed.outcome(read);
    printed.outcome(client.check_person(cpf).await);
    printed.outcome(client.check_company(cnpj).await);
}

/// Builds a client with the default forms or with the others: numbers in the query, images as parts, the kind of meter in
/// the path.
fn build(builder: ClientBuilder, others: bool) -> Client {
    let change = |endpoints: &mut Endpoints| {
        if others {
            endpoints.cpf = Endpoint::get("/bg-check/cpf-completo");
            endpoints.cnpj = Endpoint::get("/bg-check/cnpj-completo");
            endpoints.document_form = Form::Multipart;
            endpoints.meter = "/autoleitura/{service}".into();
            endpoints.meter_form = Form::Multipart;
            endpoints.facematch_form = Form::Multipart;
        }
    };
    builder.endpoints(change).build().unwrap()
}

/// Fails at each stage of the network, and calls the sandbox with and without faults.
async fn with_faults(printed: &Printed) {
    let options = || ClientOptions::new().max_attempts(1).transport(transport());
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (tls, _) = tls_in_front_of(sandbox.addr()).await;
    let head =
        format!("HTTP/1.1 200 {CPF}\r\nx-echo: {CPF}\r\ncontent-length: 1000\r\n\r\n{{\"Nome\": \"{NAME}");
    let garbage = format!("{CPF} {NAME} {WORD}\r\n\r\n");
    let (cut, garbled) = (Abrupt::start(head).await, Abrupt::start(garbage).await);
    // Without a server the operating system's message holds the address, but neither path nor query.
    for url in ["http://127.0.0.1:1", &tls, cut.url(), garbled.url()] {
        for others in [false, true] {
            everything(printed, &build(with_token(url).options(options()), others)).await;
        }
    }
    // One client with a known token, and one without.
    for fault in [None, Some(Fault::cut_body()), Some(Fault::truncated_json())] {
        if let Some(fault) = fault {
            sandbox.cellere().fault(fault.times(100));
        }
        for others in [false, true] {
            let known = builder(&sandbox.cellere_url()).options(options());
            everything(printed, &build(known, others)).await;
            let unknown = with_token(&sandbox.cellere_url()).options(options());
            everything(printed, &build(unknown, others)).await;
        }
    }
}

/// Builds clients with invalid settings.
fn with_invalid_settings(printed: &Printed) {
    printed.outcome(Client::builder(Credentials::new(format!("{WORD}\n{WORD}"))).build());
    let with_token = || Client::builder(Credentials::new(WORD));
    printed.outcome(with_token().base_url(&format!("https://{NAME}:{WORD}@example.com/")).build());
    printed.outcome(with_token().base_url(&format!("ftp://{NAME}/{CPF}")).build());
    printed.outcome(with_token().endpoints(|endpoints| endpoints.meter = format!("{NAME} {CPF}")).build());
    for document in ["", &token()] {
        printed.value(&Credentials::new(document).facts());
    }
}

fn with_token(url: &str) -> ClientBuilder {
    Client::builder(Credentials::new(token())).base_url(url)
}

/// Calls a server that never responds.
async fn with_silence(printed: &Printed) {
    let (_listener, silent) = silence().await;
    let options = ClientOptions::new()
        .attempt_timeout(Duration::from_millis(60))
        .max_attempts(1)
        .transport(transport());
    for others in [false, true] {
        everything(printed, &build(with_token(&silent).options(options.clone()), others)).await;
    }
}

/// Calls a vendor with every response, by HTTP/1.1 and by HTTP/2.
async fn with_responses(printed: &Printed) {
    let [first, second] = by_both_versions();
    let versions = [first.transport(transport()), second];
    for answer in answers() {
        let headers = [
            ("x-echo", CPF.to_owned()),
            ("location", LINK.to_owned()),
            ("set-cookie", format!("session={WORD}")),
            ("www-authenticate", format!("Bearer realm=\"{NAME}\", token=\"{}\"", token())),
        ];
        let server = answer.vendor(&[], &headers).await;
        for options in &versions {
            for (others, token) in [(false, token()), (true, format!("Bearer {WORD}"))] {
                let builder = Client::builder(Credentials::new(token))
                    .base_url(&server.uri())
                    .options(options.clone())
                    .least_confiability(0.8);
                printed.value(&builder);
                everything(printed, &build(builder, others)).await;
            }
        }
    }
}

#[tokio::test]
async fn nothing_personal_or_secret_is_printed() {
    let printed = Printed::by_the_process();
    let credentials = Credentials::new(token());
    printed.value(&(&credentials, credentials.facts(), Config::new(token()), Config::new(WORD)));
    // Concurrently: in silence each call waits for its timeout.
    tokio::join!(with_silence(&printed), with_responses(&printed), with_faults(&printed));
    with_invalid_settings(&printed);
    check(&printed);
}
