//! The result in every documented shape, and with odd values that OCR may produce.

use kyc_core::{Date, DocumentKind, Finding, Verdict, decode};
use kyc_fixtures::certiface as documented;
use serde_json::{Value, json};

use super::*;

/// Decodes a result without unknown fields, and decodes its serialized form again.
fn read(tree: &Value) -> JourneyResult {
    let decoded = decode::<JourneyResult>(tree.to_string().as_bytes()).expect("decodable");
    assert_eq!(decoded.ignored, Vec::<String>::new());
    let written = serde_json::to_vec(&decoded.value).expect("encodes");
    let again = decode::<JourneyResult>(&written).expect("decodable");
    assert_eq!(again.value, decoded.value);
    assert!(again.ignored.is_empty());
    decoded.value
}

fn analysis(tree: &Value) -> DocumentAnalysis {
    read(&json!({ "analiseDocumento": tree })).analise_documento.expect("there")
}

fn rg() -> Value {
    json!({
        "estado": "SP", "documento": "RG", "dtExpedicao": "18/07/2019", "dtExpedicaoFormatada": "2019-07-18",
        "nrRg": "11.222.333-4", "nome": "ANA RG", "filiacao": "PAI RG\nMAE RG", "nomePai": "PAI DO RG",
        "nomeMae": "MAE DO RG", "docOrigem": "CN 1", "dtNascimento": "27/05/1984",
        "dtNascimentoFormatada": "1984-05-27", "cpf": "529982247/25", "pretoEBranco": false,
        "naturalidade": "SAO PAULO - SP", "nomenclatura": "ESTADO DE SAO PAULO\nSECRETARIA",
        "dtCriacao": "2021-07-30 21:45:20", "flAnalfabeto": "True"
    })
}

fn cnh() -> Value {
    json!({
        "estado": "SP", "documento": "CNH", "nome": "ANA CNH", "docOrigem": "1 SSP/SP", "documentoOrigem": "1",
        "emissorOrigem": "SSP", "ufOrigem": "SP", "cpf": "529.982.247-25", "pretoEBranco": true,
        "dtNascimento": "20/01/1990", "dtNascimentoFormatada": "1990-01-20", "filiacao": "PAI CNH\nMAE CNH",
        "nomePai": "PAI DA CNH", "nomeMae": "MAE DA CNH", "permissao": "NULL", "acc": "NULL",
        "categoria": "AB", "numeroRegistro": "12345678901", "validade": "20/03/2030",
        "primeiraHabilitacao": "20/01/2010", "local": "SÃO PAULO, SP", "dtExpedicao": "21/01/2020",
        "dtExpedicaoFormatada": "2020-01-21", "codSeguranca": "9", "espelho": "8", "estadoNome": "SAO PAULO",
        "renach": "SP1", "dtCriacao": "1990-01-20 21:45:20", "formato": "Foto", "extensao": "Imagem"
    })
}

fn dni() -> Value {
    json!({
        "estado": "SP", "nomenclatura": "TRIBUNAL", "naturalidade": "SAO PAULO - SP", "filiacao": "PAI DNI\nMAE DNI",
        "nomePai": "PAI DO DNI", "nomeMae": "MAE DO DNI", "dtNascimento": "20/01/1990",
        "dtNascimentoFormatada": "1990-01-20", "nome": "ANA DNI", "observacaoFront": "O", "outroRG": "1",
        "orgao": "TSE", "fator": "O+", "registroCivil": "CERTIDÃO", "cnh": "2", "cns": "3",
        "cpf": "52998224725", "pretoEBranco": false, "ctps": "4", "serieCTPS": "5", "ufctps": "SP",
        "dni": "6", "tituloEleitor": "7", "dtExpedicao": "20/01/2020", "dtExpedicaoFormatada": "2020-01-20",
        "local": "P.:49", "certMilitar": "8", "nomeSocial": "ANA", "pis": "9", "profissional": "10",
        "rg": "11", "dtCriacao": "1990-01-20 21:45:20", "flAnalfabeto": "False"
    })
}

fn cin() -> Value {
    json!({
        "documento": "CIN", "nomenclatura": "REPUBLICA FEDERATIVA DO BRASIL", "nome": "ANA CIN",
        "cpf": "529.982.247-25", "pretoEBranco": false, "sexo": "F", "dtNascimento": "24/09/1956",
        "nacionalidade": "BRA", "naturalidade": "ALEGRETE/RS", "dtValidade": "INDETERMINADA",
        "nrEspelho": "000000000", "posto": "00050000", "filiacao": "PAI CIN\nMAE CIN",
        "orgaoEmissor": "INSTITUTO", "local": "PORTO ALEGRE", "dtExpedicao": "06/04/2023",
        "analfabeto": false, "dtExpedicaoFormatada": "2023-04-06", "dtNascimentoFormatada": "1956-09-24",
        "dtCriacao": "2023-08-25 12:30:35"
    })
}

fn passport() -> Value {
    json!({
        "nome": "ANA PASSAPORTE", "cpf": " ", "pretoEBranco": "false", "nrPassaporte": "FW000000",
        "dtNascimento": "1980-01-01", "sexo": "M", "dtExpedicao": "2018-01-01",
        "nacionalidade": "BRASILEIRO(A)", "autoridadeEmissora": "SR/DPF/ES", "paisEmissor": "BRA",
        "tpPassaport": "P", "naturalidade": "VITÓRIA/ES", "documento": "PASSPORT"
    })
}

fn crnm() -> Value {
    json!({
        "nome": "ANA CRNM", "cpf": "52998224725", "pretoEBranco": false, "nrRnm": "B000000-0",
        "dtNascimento": "1980-01-01", "sexo": "M", "dtExpiracao": "2034-06-30",
        "nomePais": "NOME DO PAI NOME DA MAE", "nacionalidade": "PORTUGAL", "autoridadeEmissora": "PF",
        "classificacao": "RESIDENTE", "documento": "CRNM"
    })
}

fn biometrics() -> Value {
    json!({
        "protocolo": "202100045840",
        "facematch": { "codigo": "200", "causa": "Validacao positiva", "score": "0.56069" },
        "serpro": { "codigo": "300", "causa": "Validacao negativa", "score": "0.1" }
    })
}

/// The vendor's long example with all six objects, in its most plausible repair.
fn whole() -> Value {
    json!({
        "status": "Completo",
        "idExternoCliente": "4561645657446457-651A.SDRFEN",
        "dataCriacaoAppkey": "2021-07-30 21:44:16",
        "analiseDocumento": {
            "id": 180_931,
            "idExterno": "90e9ef2f-b9a1-46c4-ac73-fca2fad755ae",
            "ticket": "da748b1a-abf0-4bff-b359-56b84f928ff3",
            "dtCriacao": "2021-07-30T18:45:05",
            "idCliente": "08d90425-ce53-474a-8f26-0ea646d3152a",
            "idSubcliente": "00000000-0000-0000-0000-000000000000",
            "idUsuario": "08d905c9-c8da-46dc-8682-e32437639638",
            "statusProcessamento": 4,
            "dtStatusProcessamento": "2021-07-30T18:45:37.5926823-03:00",
            "idTipoProcessamento": 2,
            "score": 100,
            "urlRetornoTicket": "https://example.com/processed",
            "dtRetornoTicket": "2021-07-30T18:45:38.4401041-03:00",
            "responseClientDadosOcrDTO": {
                "responseClientRGOcrDTO": rg(),
                "ResponseClientCNHOcrDTO": cnh(),
                "ResponseClientDNIOcrDTO": dni(),
                "ResponseClientCINOcrDTO": cin(),
                "ResponseClienDadosOcrDTO": { "responseClientOcrDto": passport(), "ResponseClientOcrDto": crnm() }
            },
            "biometriaDocumento": biometrics(),
            "documentos": [
                {
                    "arquivo": 2,
                    "statusArquivo": 22,
                    "arquivosProcessado": [{ "tipo": 2, "statusArquivoProcessado": 19 }]
                }
            ]
        },
        "certifaceID": { "codigo": 203, "protocolo": 202_101_420_655_u64, "score": 400 },
        "facecaptcha": {
            "causa": "CERTIFACE", "codID": 1.2, "protocolo": 202_100_094_411_u64, "validado": true
        },
        "fotos": {
            "facecaptcha": { "frontal": "/9j/4EE=" },
            "documento": [
                { "descricao": "FACE A", "imagem": "base64" },
                { "descrição": "face B", "imagem": "data:image/jpeg;base64,_9j_4EE" },
                { "descricao": "CNH DIGITAL", "imagem": "BASE64" }
            ]
        }
    })
}

/// Removes an object from the tree.
fn take(tree: &mut Value, place: &str, key: &str) -> Value {
    let object = tree.pointer_mut(place).and_then(Value::as_object_mut).expect("an object");
    object.remove(key).expect("there")
}

fn put(tree: &mut Value, place: &str, key: &str, value: Value) {
    let object = tree.pointer_mut(place).and_then(Value::as_object_mut).expect("an object");
    object.insert(key.to_owned(), value);
}

fn text(text: Option<&kyc_core::RedactedText>) -> Option<&str> {
    text.map(kyc_core::RedactedText::as_str)
}

const ANALYSIS: &str = "/analiseDocumento";
const OCR: &str = "/analiseDocumento/responseClientDadosOcrDTO";

#[test]
fn every_documented_result_is_decoded() {
    let results: Vec<_> = documented::ALL
        .iter()
        .filter(|fixture| fixture.operation == "result" && fixture.status == Some(200))
        .collect();
    assert!(results.len() > 10);
    for fixture in results {
        read(&serde_json::from_str(fixture.body).expect("JSON"));
    }
    let result = |fixture: &kyc_fixtures::Fixture| read(&serde_json::from_str(fixture.body).expect("JSON"));
    let inside = result(&documented::RESULT_200);
    let beside = result(&documented::RESULT_BESIDE_200);
    assert_ne!(inside, beside);
    assert_eq!(inside.documents(), beside.documents());
    assert_eq!((inside.face_match(), inside.serpro()), (beside.face_match(), beside.serpro()));
    assert_eq!(inside.documents().len(), 6);
    let spelt = result(&documented::RESULT_TABLE_SPELLINGS_200);
    assert_eq!(spelt.document().map(|document| document.kind), Some(DocumentKind::Crnm));
    assert_eq!((spelt.liveness(), spelt.risk()), (Finding::Yes, None));
    assert!(spelt.face_match().is_some());
}

#[test]
fn the_long_example_is_decoded_completely() {
    let result = read(&whole());
    assert_eq!(result.status, Some(JourneyStatus::Complete));
    assert_eq!(result.liveness(), Finding::Yes);
    assert_eq!(result.risk(), Some(RiskClass::Medium));
    assert_eq!(result.face_match().map(BiometricCheck::verdict), Some(Verdict::Match));
    assert_eq!(result.serpro().map(BiometricCheck::verdict), Some(Verdict::NoMatch));
    let certiface_id = result.certiface_id.as_ref().expect("there");
    assert_eq!(text(certiface_id.protocolo.as_ref()), Some("202101420655"));
    assert_eq!(certiface_id.codigo, Some(CertifaceIdCode::InExample), "203 is in no table");
    let facecaptcha = result.facecaptcha.as_ref().expect("there");
    assert_eq!(facecaptcha.cod_id.as_ref().map(LivenessCode::as_str), Some("1.2"));
    let analysis = result.analise_documento.as_ref().expect("there");
    assert_eq!(analysis.status_processamento, Some(ProcessingStatus::Processed));
    let side = analysis.documentos.as_ref().and_then(|files| files[0].arquivos_processado.as_ref());
    assert_eq!(side.and_then(|sides| sides[0].tipo.clone()), Some(DocumentSide::RgBack));
    let photos = result.fotos.as_ref().and_then(|photos| photos.documento.as_ref()).expect("there");
    assert_eq!(photos[1].descricao, Some(PhotoKind::FaceB));
    assert_eq!(
        photos[1].imagem.as_ref().and_then(|photo| photo.bytes()).map(|bytes| &bytes[..]),
        Some(&b"\xFF\xD8\xFF\xE0A"[..])
    );
}

#[test]
fn serialized_keys_are_spelled_like_the_examples() {
    let mut tree = whole();
    let written = serde_json::to_value(read(&tree)).expect("encodes");
    // Not kept literally: flags as text, scores as text, transaction numbers as numbers, the table's key of an image.
    put(&mut tree, &format!("{OCR}/responseClientRGOcrDTO"), "flAnalfabeto", json!(true));
    put(&mut tree, &format!("{OCR}/ResponseClientDNIOcrDTO"), "flAnalfabeto", json!(false));
    put(
        &mut tree,
        &format!("{OCR}/ResponseClienDadosOcrDTO/responseClientOcrDto"),
        "pretoEBranco",
        json!(false),
    );
    put(&mut tree, &format!("{ANALYSIS}/biometriaDocumento/facematch"), "score", json!(0.56069));
    put(&mut tree, &format!("{ANALYSIS}/biometriaDocumento/serpro"), "score", json!(0.1));
    put(&mut tree, "/certifaceID", "protocolo", json!("202101420655"));
    put(&mut tree, "/facecaptcha", "protocolo", json!("202100094411"));
    put(&mut tree, "/fotos", "documento", written["fotos"]["documento"].clone());
    assert_eq!(written, tree);
}

#[test]
fn objects_are_found_in_every_possible_place() {
    let wanted = read(&whole());
    let same = |tree: &Value, how: &str| {
        let result = read(tree);
        assert_eq!(result.documents(), wanted.documents(), "{how}");
        assert_eq!(result.face_match(), wanted.face_match(), "{how}");
        assert_eq!(result.serpro(), wanted.serpro(), "{how}");
    };
    assert_eq!(wanted.documents().len(), 6);

    let mut tree = whole();
    let wrapped = take(&mut tree, OCR, "ResponseClienDadosOcrDTO");
    put(&mut tree, ANALYSIS, "ResponseClienDadosOcrDTO", wrapped);
    same(&tree, "the brace stands before ResponseClienDadosOcrDTO");

    let mut tree = whole();
    let biometrics = take(&mut tree, ANALYSIS, "biometriaDocumento");
    put(&mut tree, OCR, "biometriaDocumento", biometrics.clone());
    same(&tree, "biometriaDocumento inside");
    take(&mut tree, OCR, "biometriaDocumento");
    put(&mut tree, ANALYSIS, "biometriaCertiface", biometrics);
    same(&tree, "by the table's name");

    for place in [OCR, ANALYSIS] {
        for (passport_key, crnm_key) in [
            ("responseClientOcrDto", "ResponseClientOcrDto"),
            ("responseClientOcrDTO", "ResponseClientOcrDTO"),
            ("ResponseClientOcrDto", "responseClientOcrDto"),
        ] {
            let mut tree = whole();
            take(&mut tree, OCR, "ResponseClienDadosOcrDTO");
            put(&mut tree, place, passport_key, passport());
            put(&mut tree, place, crnm_key, crnm());
            same(&tree, &format!("{passport_key} and {crnm_key} in {place}"));
        }
    }

    let mut tree = whole();
    for (printed, other) in [
        ("responseClientRGOcrDTO", "ResponseClientRGOcrDTO"),
        ("ResponseClientCNHOcrDTO", "responseClientCNHOcrDTO"),
        ("ResponseClientDNIOcrDTO", "responseClientDNIOcrDto"),
        ("ResponseClientCINOcrDTO", "ResponseClientCINOcrDto"),
        ("ResponseClienDadosOcrDTO", "responseClienDadosOcrDTO"),
    ] {
        let object = take(&mut tree, OCR, printed);
        put(&mut tree, OCR, other, object);
    }
    let ocr = take(&mut tree, ANALYSIS, "responseClientDadosOcrDTO");
    put(&mut tree, ANALYSIS, "ResponseClientDadosOcrDTO", ocr);
    same(&tree, "other cases");
}

#[test]
fn crnm_and_passport_are_distinguished_by_their_fields() {
    let kinds = |tree: Value| {
        let analysis = analysis(&tree);
        (analysis.crnm().is_some(), analysis.passport().is_some())
    };
    assert_eq!(kinds(json!({ "responseClientOcrDto": { "documento": "crnm" } })), (true, false));
    assert_eq!(kinds(json!({ "ResponseClientOcrDto": { "documento": "PASSPORT" } })), (false, true));
    assert_eq!(kinds(json!({ "responseClientOcrDto": { "nrRnm": "B" } })), (true, false));
    assert_eq!(kinds(json!({ "ResponseClientOcrDTO": { "nrPassaporte": "F" } })), (false, true));
    // Only the key distinguishes them.
    assert_eq!(kinds(json!({ "ResponseClientOcrDTO": { "nome": "ANA" } })), (true, false));
    assert_eq!(kinds(json!({ "responseClientOcrDto": { "documento": "?" } })), (false, true));
}

#[test]
fn the_flow_without_ocr() {
    let result = read(&json!({
        "status": "Completo sem OCR",
        "idExternoCliente": "ABCD1234",
        "analiseDocumento": {
            "idExterno": "78377ce8-42a1-4e91-b802-a086841783a9",
            "ticket": "10c33423-ace0-4fc5-afb8-68c7f8add38c",
            "statusProcessamento": 100,
            "idTipoProcessamento": 0,
            "biometriaDocumento": {
                "protocolo": "201900065408",
                "facematch": { "codigo": "200", "causa": "Validacao positiva", "score": "0.99583" }
            }
        },
        "dataCriacaoAppkey": "2025-10-13 14:32:35",
        "facecaptcha": {
            "causa": "CERTIFACE", "codID": 1.0, "protocolo": 202_500_105_535_u64, "valid": "True"
        },
        "fotos": {
            "facecaptcha": { "frontal": "/9jb1EHlsKkY/9k=" },
            "documento": [
                { "descricao": "FACE COM FOTO", "imagem": "/9j/4AAQSiIxL/2Q==" },
                { "descricao": "DESCONHECIDO", "imagem": "/9j/4AAQSiIxL/2Q==" }
            ]
        }
    }));
    assert_eq!(result.status, Some(JourneyStatus::CompleteWithoutOcr));
    assert!(result.documents().is_empty() && result.document().is_none());
    assert_eq!((result.liveness(), result.risk()), (Finding::Yes, None));
    assert!(result.face_match().is_some() && result.serpro().is_none());
    let code = result.facecaptcha.and_then(|facecaptcha| facecaptcha.cod_id);
    assert_eq!(code, Some(LivenessCode::OtherApproved));
}

#[test]
fn one_view_of_six_objects() {
    let result = read(&whole());
    let documents = result.documents();
    let day = |year, month, day| Date::from_ymd(year, month, day);
    let names: Vec<_> = documents.iter().filter_map(|document| text(document.name.as_ref())).collect();
    assert_eq!(names, ["ANA RG", "ANA CNH", "ANA DNI", "ANA CIN", "ANA CRNM", "ANA PASSAPORTE"]);
    let numbers: Vec<_> = documents.iter().filter_map(|document| text(document.number.as_ref())).collect();
    let wanted = ["11.222.333-4", "12345678901", "6", "529.982.247-25", "B000000-0", "FW000000"];
    assert_eq!(numbers, wanted);
    let fathers: Vec<_> = documents.iter().map(|document| text(document.father.as_ref())).collect();
    let wanted = [Some("PAI DO RG"), Some("PAI DA CNH"), Some("PAI DO DNI"), Some("PAI CIN"), None, None];
    assert_eq!(fathers, wanted);
    let mothers: Vec<_> = documents.iter().map(|document| text(document.mother.as_ref())).collect();
    let wanted = [Some("MAE DO RG"), Some("MAE DA CNH"), Some("MAE DO DNI"), Some("MAE CIN"), None, None];
    assert_eq!(mothers, wanted);
    let issuers: Vec<_> = documents.iter().map(|document| text(document.issuer.as_ref())).collect();
    let wanted = [
        Some("ESTADO DE SAO PAULO\nSECRETARIA"),
        None,
        Some("TRIBUNAL"),
        Some("INSTITUTO"),
        Some("PF"),
        Some("SR/DPF/ES"),
    ];
    assert_eq!(issuers, wanted);
    let births: Vec<_> = documents.iter().map(|document| document.birth_date).collect();
    let wanted = [(1984, 5, 27), (1990, 1, 20), (1990, 1, 20), (1956, 9, 24), (1980, 1, 1), (1980, 1, 1)];
    assert_eq!(births, wanted.map(|(y, m, d)| day(y, m, d)));
    let issue_dates: Vec<_> = documents.iter().map(|document| document.issue_date).collect();
    let wanted =
        [day(2019, 7, 18), day(2020, 1, 21), day(2020, 1, 20), day(2023, 4, 6), None, day(2018, 1, 1)];
    assert_eq!(issue_dates, wanted);
    let expiries: Vec<_> = documents.iter().map(|document| document.expiry.clone()).collect();
    let until = |date: Option<Date>| date.map(Expiry::Date);
    let wanted =
        [None, until(day(2030, 3, 20)), None, Some(Expiry::Indefinite), until(day(2034, 6, 30)), None];
    assert_eq!(expiries, wanted);
    let has_cpf: Vec<_> = documents.iter().map(|document| document.cpf.is_some()).collect();
    assert_eq!(has_cpf, [true, true, true, true, true, false]);
    let signed: Vec<_> = documents.iter().map(|document| document.is_signed).collect();
    assert_eq!(signed, [Some(false), None, Some(true), Some(true), None, None]);
    let grey: Vec<_> = documents.iter().filter_map(|document| document.is_black_and_white).collect();
    assert_eq!(grey, [false, true, false, false, false, false]);
    let states: Vec<_> = documents.iter().filter_map(|document| text(document.state.as_ref())).collect();
    assert_eq!(states, ["SP", "SP", "SP"]);
    assert_eq!(result.document().map(|document| document.kind), Some(DocumentKind::Rg));
}

#[test]
fn odd_values_are_kept_and_interpreted() {
    let analysis = analysis(&json!({
        "score": "97%",
        "responseClientDadosOcrDTO": {
            "ResponseClientCNHOcrDTO": {
                "nome": "NULL", "cpf": " ", "dtNascimentoFormatada": "19900120", "dtNascimento": "20/01/1990",
                "dtExpedicaoFormatada": null, "dtExpedicao": "20/O1/1990", "validade": "2O/03/2030",
                "nomePai": "null", "filiacao": " PAI \n MAE ", "numeroRegistro": 12_345_678_901_u64, "estado": "",
                "estadoNome": "SAO PAULO", "analfabeto": "talvez", "pretoEBranco": "0"
            },
            "responseClientRGOcrDTO": { "nome": " ", "cpf": "NULL", "filiacao": "SO A MAE" },
            "ResponseClientDNIOcrDTO": {}
        },
        "biometriaDocumento": { "protocolo": 202_100_045_840_u64, "facematch": { "codigo": 402, "score": 0.5 } }
    }));
    let documents = analysis.documents();
    assert_eq!(documents.len(), 1, "an empty object is skipped");
    let licence = &documents[0];
    assert_eq!((&licence.name, &licence.cpf, &licence.issue_date), (&None, &None, &None));
    assert_eq!(licence.birth_date, Date::from_ymd(1990, 1, 20), "the form that can be read");
    assert_eq!(licence.expiry, Some(Expiry::Unread("2O/03/2030".into())));
    assert_eq!(text(licence.father.as_ref()), Some("PAI"));
    assert_eq!(text(licence.mother.as_ref()), Some("MAE"));
    assert_eq!(text(licence.number.as_ref()), Some("12345678901"));
    assert_eq!(text(licence.state.as_ref()), Some("SAO PAULO"));
    assert_eq!((licence.is_signed, licence.is_black_and_white), (None, Some(false)));
    let printed = analysis.cnh().expect("there");
    assert_eq!(text(printed.nome.as_ref()), Some("NULL"), "kept in the vendor's object");
    assert_eq!(printed.dt_expedicao.as_ref().map(|date| date.text()), Some("20/O1/1990"));
    let score = analysis.score.as_ref().and_then(|score| score.get().copied());
    assert_eq!(score.map(kyc_core::FiniteF64::get), Some(97.0));
    let check = analysis.biometrics().and_then(|biometrics| biometrics.facematch.as_ref()).expect("there");
    assert_eq!((check.verdict(), &check.codigo), (Verdict::Inconclusive, &Some(BiometricCode::Illegible)));
    assert!(check.codigo.as_ref().is_some_and(BiometricCode::recommends_new_capture));
}

#[test]
fn codes_in_every_spelling() {
    assert_eq!(JourneyStatus::from("Error"), JourneyStatus::Error);
    assert_eq!(JourneyStatus::from("error").as_str(), "Erro");
    assert!(JourneyStatus::from("Erro").is_final() && !JourneyStatus::from("Não processado").is_final());
    assert!(!JourneyStatus::from("Quase").is_final());
    assert_eq!(LivenessCode::from("200"), LivenessCode::Approved);
    assert!(LivenessCode::from("1").is_approved());
    assert!(!LivenessCode::from("200.1").is_approved(), "a refusal");
    assert!(!LivenessCode::from("1.2").is_approved() && !LivenessCode::from("200.2").is_approved());
    assert_eq!(RiskScore::from("000"), RiskScore::NoInformation);
    assert_eq!(RiskScore::from("000").class(), None);
    assert_eq!(RiskScore::from("1000").class(), Some(RiskClass::VeryHigh));
    assert_eq!(RiskScore::from("450").class(), None);
    assert_eq!(RiskScore::from("1100").class(), None);
    assert!(RiskClass::VeryLow < RiskClass::Low && RiskClass::High < RiskClass::VeryHigh);
    assert_eq!(BiometricCode::from("402").verdict(), Verdict::Inconclusive);
    assert_eq!(DocumentSide::from("10").kind(), Some(DocumentKind::Cnh));
    assert_eq!(DocumentSide::from("11").is_front(), Some(false));
    assert_eq!(DocumentSide::from("3").kind(), None);
    assert_eq!(DocumentSide::from("3").is_front(), None);
}

/// Replaces each text with a sentinel.
fn fill(tree: &mut Value, sentinel: &str) {
    match tree {
        Value::String(text) => sentinel.clone_into(text),
        Value::Array(list) => list.iter_mut().for_each(|inner| fill(inner, sentinel)),
        Value::Object(object) => {
            // A score is shown: it does not identify anybody.
            for (_, inner) in object.iter_mut().filter(|(key, _)| *key != "score") {
                fill(inner, sentinel);
            }
        }
        _ => {}
    }
}

#[test]
fn debug_shows_no_personal_data() {
    for sentinel in ["s3ntinel", "52998224725", "529.982.247-25", "529982247/25", "31/12/1999", "1999-12-31"]
    {
        let mut tree = whole();
        fill(&mut tree, sentinel);
        let result = read(&tree);
        let shown = format!("{result:?} {result:#?} {:?}", result.documents());
        assert!(!shown.contains(sentinel), "{sentinel}");
        assert!(!shown.contains("1999-12-31") && !shown.contains("52998224725"), "{sentinel}");
    }
    let result = read(&whole());
    let shown = format!("{result:?} {:?}", result.documents());
    for hidden in ["ANA", "PAI", "52998224725", "529.982.247-25", "1984", "FW000000", "4561645657446457"] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
}
