use kyc_sandbox::Fault;
use kyc_sandbox::bankly::{Operation, TestOutcome};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

#[tokio::test]
async fn an_image_is_accepted() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let answer = try_upload(&sandbox, &token, CPF, form("SELFIE", "FRONT", png(640, 480))).await;
    let answer = answer.expect("a response");
    let location = answer.headers()["location"].to_str().expect("text").to_owned();
    let (status, body) = read(answer).await;
    assert_eq!(status, 202);
    let image = body["token"].as_str().expect("a token");
    assert_eq!((image.len(), body.as_object().map(serde_json::Map::len)), (32, Some(1)));
    assert_eq!(location, format!("/bankly/document-analysis/{CPF}?token={image}"));
    assert_eq!(sandbox.bankly().paid_calls_of(Operation::Upload), 1);
}

#[tokio::test]
async fn invalid_images_are_refused_by_field() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let mut large = png(640, 480);
    large.extend(vec![0; 1_000_001]);
    let mut cut = png(640, 480);
    cut.truncate(40);
    for (form, field) in [
        (form("PASSPORT", "FRONT", png(640, 480)), "documentType"),
        (form("RG", "A", png(640, 480)), "documentSide"),
        (form("SELFIE", "FRONT", png(600, 480)), "image"),
        (form("SELFIE", "FRONT", png(640, 479)), "image"),
        (form("SELFIE", "FRONT", large), "image"),
        (form("SELFIE", "FRONT", cut), "image"),
        (form("SELFIE", "FRONT", b"%PDF-1.7".to_vec()), "image"),
        (form("SELFIE", "FRONT", Vec::new()), "image"),
        (Form::new().text("documentType", "RG").text("documentSide", "FRONT"), "image"),
        (Form::new().text("documentSide", "FRONT"), "documentType"),
        (Form::new().text("documentType", "SELFIE"), "documentSide"),
    ] {
        let answer = upload_form(&sandbox, &token, CPF, form).await;
        assert_eq!(refused(&answer, 400), ("INVALID_PARAMETER", Some(field)));
    }
    for cpf in ["92000000101", "920.000.001-00", "1"] {
        let answer = upload(&sandbox, &token, cpf, SELFIE).await;
        assert_eq!(refused(&answer, 400).1, Some("documentNumber"), "{cpf}");
    }
    let path = format!("/document-analysis/{CPF}");
    let as_json = ask(&sandbox, &token, Method::PUT, &path).json(&json!({})).send().await;
    assert_eq!(refused(&read(as_json.expect("a response")).await, 415).0, "UNSUPPORTED_MEDIA_TYPE");
    let upright = form("SELFIE", "BACK", png(480, 640));
    assert_eq!(upload_form(&sandbox, &token, CPF, upright).await.0, 202);
    assert_eq!(sandbox.bankly().paid_calls(), 1);
}

#[tokio::test]
async fn the_selfie_comes_first_and_images_one_at_a_time() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    assert_eq!(refused(&upload(&sandbox, &token, CPF, FRONT).await, 422).0, "UNPROCESSABLE");
    assert_eq!(upload(&sandbox, &token, CPF, SELFIE).await.0, 202);
    assert_eq!(refused(&upload(&sandbox, &token, CPF, FRONT).await, 409).0, "CONFLICT");
    let other = cpf_of(TestOutcome::Unmatched);
    assert_eq!(upload(&sandbox, &token, other, SELFIE).await.0, 202, "another person does not wait");
    sandbox.clock().advance(seconds(3));
    assert_eq!(upload(&sandbox, &token, CPF, BACK).await.0, 202, "front and back in either order");
    sandbox.clock().advance(seconds(3));
    assert_eq!(upload(&sandbox, &token, CPF, FRONT).await.0, 202);
}

#[tokio::test]
async fn responses_without_a_body_and_missing_responses() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let bare = cpf_of(TestOutcome::LocationOnly);
    let answer = try_upload(&sandbox, &token, bare, form("SELFIE", "FRONT", png(640, 480))).await;
    let answer = answer.expect("a response");
    let (_, image) = answer.headers()["location"].to_str().expect("text").split_once("token=").expect("it");
    let image = image.to_owned();
    assert!(answer.headers().get("content-type").is_none());
    assert_eq!(read(answer).await, (202, Value::Null));
    let found = status_of(&sandbox, &token, bare, "").await.1;
    assert_eq!(found[0]["token"], image);

    let lost = cpf_of(TestOutcome::ResponseLost);
    assert!(try_upload(&sandbox, &token, lost, form("SELFIE", "FRONT", png(640, 480))).await.is_err());
    assert_eq!(status_of(&sandbox, &token, lost, "").await.1.as_array().map(Vec::len), Some(1));
    assert_eq!(sandbox.bankly().paid_calls(), 2);
}

fn deepface(document_type: &str, provider: &str) -> Form {
    form(document_type, "FRONT", png(640, 480)).text("provider", provider.to_owned())
}

#[tokio::test]
async fn uploads_with_unico() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let send = async |form: Form, id: Option<&str>| {
        let path = format!("/document-analysis/{CPF}/deepface");
        let mut request = ask(&sandbox, &token, Method::POST, &path).multipart(form);
        if let Some(id) = id {
            request = request.header("x-correlation-id", id);
        }
        read(request.send().await.expect("a response")).await
    };
    let id = Some("8d7f3c1e-2b4a-4c6d-9e8f-1a2b3c4d5e6f");
    let metadata = r#"{"isLastDocument":true,"encrypted":"abc"}"#;
    let good = || deepface("SELFIE", "UNICO_CHECK").text("providerMetadata", metadata);
    for (form, id, field) in [
        (good(), None, "x-correlation-id"),
        (good(), Some("1"), "x-correlation-id"),
        (deepface("SELFIE", "UNICO_CHECK"), id, "providerMetadata"),
        (deepface("SELFIE", "UNICO_CHECK").text("providerMetadata", "{}"), id, "providerMetadata"),
        (deepface("SELFIE", "BANKLY").text("providerMetadata", metadata), id, "provider"),
        (deepface("RG", "UNICO_CHECK"), id, "provider"),
        (deepface("RG", "BANKLY").text("providerMetadata", metadata), id, "providerMetadata"),
        (form("SELFIE", "FRONT", png(640, 480)), id, "provider"),
    ] {
        assert_eq!(refused(&send(form, id).await, 400).1, Some(field));
    }
    assert_eq!(send(good(), id).await.0, 202);
    sandbox.clock().advance(seconds(3));
    assert_eq!(send(deepface("RG", "BANKLY"), id).await.0, 202);
    assert_eq!(sandbox.bankly().paid_calls_of(Operation::UploadDeepface), 2);
}

#[tokio::test]
async fn documents_of_companies() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let send = async |cnpj: &str, document_type: &'static str, file: Vec<u8>| {
        let path = format!("/document-analysis/{cnpj}/corporation-business");
        let form = Form::new()
            .text("documentType", document_type)
            .part("file", Part::bytes(file).file_name("document.pdf"));
        read(ask(&sandbox, &token, Method::PUT, &path).multipart(form).send().await.expect("a response"))
            .await
    };
    let (cnpj, pdf) = ("11222333000181", b"%PDF-1.7\n".to_vec());
    let taken = send(cnpj, "BALANCE_SHEET", pdf.clone()).await;
    assert_eq!(taken.0, 201);
    assert!(taken.1["token"].is_string());
    let mut large = pdf.clone();
    large.resize(8_500_001, b' ');
    assert_eq!(
        refused(&send("11222333000180", "BALANCE_SHEET", pdf.clone()).await, 400).1,
        Some("documentNumber")
    );
    assert_eq!(refused(&send(cnpj, "SELFIE", pdf).await, 400).1, Some("documentType"));
    assert_eq!(refused(&send(cnpj, "BALANCE_SHEET", png(640, 480)).await, 400).1, Some("file"));
    assert_eq!(refused(&send(cnpj, "BALANCE_SHEET", large).await, 400).1, Some("file"));
    assert_eq!(sandbox.bankly().paid_calls_of(Operation::UploadCompany), 1);
}

#[tokio::test]
async fn faults_change_responses() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let bankly = sandbox.bankly();
    bankly.fault(Fault::status(503).on(Operation::Upload));
    assert_eq!(upload(&sandbox, &token, CPF, SELFIE).await.1["title"], "Service Unavailable");
    bankly.fault(Fault::status(500));
    assert_eq!(upload(&sandbox, &token, CPF, SELFIE).await, (500, Value::Null));
    bankly.fault(Fault::status(429));
    assert_eq!(refused(&upload(&sandbox, &token, CPF, SELFIE).await, 429).0, "TOO_MANY_REQUESTS");
    assert_eq!(bankly.paid_calls(), 0);
    bankly.fault(Fault::close().on(Operation::Upload).after_effect());
    assert!(try_upload(&sandbox, &token, CPF, form("SELFIE", "FRONT", png(640, 480))).await.is_err());
    assert_eq!((bankly.paid_calls(), bankly.requests(Operation::Upload)), (1, 4));
    for operation in Operation::ALL {
        assert_eq!(Operation::named(operation.name()), Some(*operation));
    }
}
