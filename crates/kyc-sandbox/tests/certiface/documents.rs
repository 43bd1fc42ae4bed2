use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::certiface::{Operation, TestDocument, TestOutcome};
use kyc_sandbox::{Sandbox, samples};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

#[tokio::test]
async fn a_whole_journey() {
    let sandbox = sandbox().await;
    let appkey = appkey_for(&sandbox, TestOutcome::Approved).await;
    refused(&result(&sandbox, "unknown").await, 404);
    refused(&result(&sandbox, &appkey).await, 404);
    refused(&post_form(&sandbox, "/document/result", &[]).await, 400);
    live(&sandbox, &appkey).await;
    assert_eq!(result(&sandbox, &appkey).await.1["status"], "Não processado");
    let (status, answer) = document(&sandbox, &appkey).await;
    assert_eq!((status, answer), (200, json!({ "appkey": appkey, "id": 55 })));

    let (_, working) = result(&sandbox, &appkey).await;
    assert_eq!(working["status"], "Em processamento");
    assert_eq!(working["analiseDocumento"]["statusProcessamento"], 3);
    assert_eq!(working["analiseDocumento"]["documentos"][0]["statusArquivo"], 7);
    sandbox.clock().advance(seconds(3));
    let (_, done) = result(&sandbox, &appkey).await;
    assert_eq!(done["status"], "Completo");
    assert_eq!(done["idExternoCliente"], "4561645657446457-651A.SDRFEN");
    assert_eq!(done["facecaptcha"]["codID"], 200.0);
    assert_eq!((&done["certifaceID"]["codigo"], &done["certifaceID"]["score"]), (&json!(200), &json!(300)));
    assert!(done["facecaptcha"]["protocolo"].is_u64());
    let analysis = &done["analiseDocumento"];
    assert_eq!((&analysis["statusProcessamento"], &analysis["score"]), (&json!(4), &json!(100)));
    let types: Vec<_> = [0, 1].map(|at| &analysis["documentos"][at]["arquivosProcessado"][0]["tipo"]).into();
    assert_eq!(types, [&json!(2), &json!(1)]);
    assert_eq!(analysis["biometriaDocumento"]["serpro"]["codigo"], "200");
    let photos = &done["fotos"];
    assert_eq!(photos["facecaptcha"]["frontal"], json!(STANDARD.encode(samples::A_2025)));
    let documents = json!([
        { "descricao": "FACE A", "imagem": STANDARD.encode(samples::A_2014) },
        { "descricao": "FACE B", "imagem": STANDARD.encode(samples::A_2025) },
    ]);
    assert_eq!(photos["documento"], documents);

    // It stays so indefinitely.
    sandbox.clock().advance(seconds(3600));
    assert_eq!(result(&sandbox, &appkey).await, (200, done));
    assert_eq!((sandbox.certiface().paid_calls(), sandbox.certiface().requests(Operation::Result)), (2, 7));
}

#[tokio::test]
async fn a_document_may_come_first() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    assert_eq!(document(&sandbox, &appkey).await.0, 200);
    sandbox.clock().advance(seconds(60));
    refused(&result(&sandbox, &appkey).await, 404);
    live(&sandbox, &appkey).await;
    assert_eq!(result(&sandbox, &appkey).await.1["status"], "Em processamento");
    sandbox.clock().advance(seconds(3));
    assert_eq!(result(&sandbox, &appkey).await.1["status"], "Completo");
}

#[tokio::test]
async fn images_without_a_document_can_be_sent_again() {
    let sandbox = sandbox().await;
    let appkey = appkey_for(&sandbox, TestOutcome::NoDocumentAtFirst).await;
    live(&sandbox, &appkey).await;
    assert!(refused(&document(&sandbox, &appkey).await, 400).contains("no document"));
    assert_eq!(result(&sandbox, &appkey).await.1["status"], "Não processado");
    assert_eq!(document(&sandbox, &appkey).await.0, 200);
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Document), 2);
}

#[tokio::test]
async fn documents_are_checked() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let picture = STANDARD.encode(samples::A_2014);
    let pdf = STANDARD.encode("%PDF-1.7\n");
    for wrong in [
        json!({}),
        json!({ "images": [] }),
        json!({ "images": picture }),
        json!({ "images": [picture, picture, picture] }),
        json!({ "images": ["xtT3IrjV77MIl61899E..."] }),
        json!({ "images": [format!("data:image/jpeg;base64,{picture}")] }),
        json!({ "images": [STANDARD.encode("GIF89a")] }),
        json!({ "images": [7] }),
        json!({ "images": [picture], "qrcode": picture }),
        json!({ "qrcode": "" }),
    ] {
        let mut body = wrong.clone();
        body["appkey"] = appkey.as_str().into();
        let answer = post_json(&sandbox, "/document", &body).await;
        assert!(!refused(&answer, 400).contains("no document"), "{wrong}");
    }
    refused(&post_json(&sandbox, "/document", &json!({ "images": [picture] })).await, 401);
    assert_eq!(sandbox.certiface().paid_calls(), 0);
    for right in [json!({ "images": [picture] }), json!({ "images": [pdf] }), json!({ "qrcode": pdf })] {
        let mut body = right;
        body["appkey"] = appkey.as_str().into();
        assert_eq!(post_json(&sandbox, "/document", &body).await.0, 200);
    }
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Document), 2);
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::DocumentQrcode), 1);
    assert_eq!(sandbox.certiface().requests(Operation::DocumentQrcode), 2);
}

#[tokio::test]
async fn each_document_type_has_its_fields() {
    let sandbox = sandbox().await;
    for (kind, path, cpf) in [
        (TestDocument::Rg, "/responseClientRGOcrDTO", "910000020/55"),
        (TestDocument::Cnh, "/ResponseClientCNHOcrDTO", "910.000.021-36"),
        (TestDocument::CnhDigital, "/ResponseClientCNHOcrDTO", "910.000.022-17"),
        (TestDocument::Dni, "/ResponseClientDNIOcrDTO", "910.000.023-06"),
        (TestDocument::Cin, "/ResponseClientCINOcrDTO", "910.000.024-89"),
        (TestDocument::Crnm, "/ResponseClienDadosOcrDTO/ResponseClientOcrDto", "91000002560"),
        (TestDocument::Passport, "/ResponseClienDadosOcrDTO/responseClientOcrDto", " "),
    ] {
        let result = journey(&sandbox, TestOutcome::Document(kind)).await;
        let read = &result["analiseDocumento"]["responseClientDadosOcrDTO"];
        assert_eq!(read.as_object().map(serde_json::Map::len), Some(1), "{kind:?}");
        let read = read.pointer(path).expect("the object of this document");
        assert_eq!((&read["nome"], &read["cpf"]), (&json!("NOME SOBRENOME"), &json!(cpf)));
        let born = read.get("dtNascimentoFormatada").unwrap_or(&read["dtNascimento"]);
        assert_eq!(*born, "2001-11-15", "{kind:?}");
        let shown = &result["fotos"]["documento"][0]["descricao"];
        assert_eq!(*shown, if kind == TestDocument::CnhDigital { "CNH DIGITAL" } else { "FACE A" });
    }
}

#[tokio::test]
async fn other_results_by_cpf() {
    let sandbox = sandbox().await;
    let without_ocr = journey(&sandbox, TestOutcome::WithoutOcr).await;
    assert_eq!(without_ocr["status"], "Completo sem OCR");
    assert_eq!(without_ocr["analiseDocumento"]["statusProcessamento"], 100);
    assert_eq!(without_ocr["analiseDocumento"].get("responseClientDadosOcrDTO"), None);
    assert_eq!(without_ocr["fotos"]["documento"][1]["descricao"], "DESCONHECIDO");

    let without_serpro = journey(&sandbox, TestOutcome::WithoutSerpro).await;
    let compared = &without_serpro["analiseDocumento"]["biometriaDocumento"];
    assert!(compared.get("serpro").is_none() && compared["facematch"]["codigo"] == "200");

    let differing = journey(&sandbox, TestOutcome::FacesDiffer).await;
    let compared = &differing["analiseDocumento"]["biometriaDocumento"]["facematch"];
    assert_eq!((&compared["codigo"], &compared["score"]), (&json!("300"), &json!("0.12034")));

    for risk in [0, 500, 1000] {
        assert_eq!(journey(&sandbox, TestOutcome::Risk(risk)).await["certifaceID"]["score"], risk);
    }

    let slow = journey(&sandbox, TestOutcome::Slow).await;
    assert_eq!(slow["status"], "Em processamento");
    sandbox.clock().advance(seconds(597));
    let appkeys = sandbox.certiface().appkeys();
    assert_eq!(result(&sandbox, appkeys.last().expect("the slow one")).await.1["status"], "Completo");

    let failed = journey(&sandbox, TestOutcome::Failed).await;
    assert_eq!(
        (&failed["status"], &failed["analiseDocumento"]["statusProcessamento"]),
        (&json!("Erro"), &json!(6))
    );
    assert_eq!(failed["analiseDocumento"].get("responseClientDadosOcrDTO"), None);
}

/// Every field of a result here is documented by the vendor, with the same type.
#[tokio::test]
async fn results_have_only_documented_fields() {
    let sandbox = sandbox().await;
    let printed: Vec<Value> = kyc_fixtures::certiface::ALL
        .iter()
        .filter(|fixture| fixture.name.starts_with("result-") && fixture.status == Some(200))
        .map(|fixture| serde_json::from_str(fixture.body).expect("JSON"))
        .collect();
    for test in kyc_sandbox::certiface::TEST_CPFS {
        if test.outcome == TestOutcome::NoDocumentAtFirst || ask_appkey(&sandbox, test.cpf).await.0 != 200 {
            continue;
        }
        let result = journey(&sandbox, test.outcome).await;
        if result["status"] != "ERR" {
            assert_documented(&result, &mut String::new(), &printed);
        }
    }
    assert_documented(&live_result(&sandbox).await, &mut String::new(), &printed);
}

async fn live_result(sandbox: &Sandbox) -> Value {
    let appkey = appkey_of(sandbox, CPF).await;
    live(sandbox, &appkey).await;
    result(sandbox, &appkey).await.1
}

fn assert_documented(value: &Value, path: &mut String, printed: &[Value]) {
    let types = |value: &Value| std::mem::discriminant(value);
    let known =
        printed.iter().any(|printed| printed.pointer(path).is_some_and(|other| types(other) == types(value)));
    assert!(known, "{path}");
    let length = path.len();
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                path.push('/');
                path.push_str(name);
                assert_documented(field, path, printed);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for item in items {
                path.push_str("/0");
                assert_documented(item, path, printed);
                path.truncate(length);
            }
        }
        _ => {}
    }
}
