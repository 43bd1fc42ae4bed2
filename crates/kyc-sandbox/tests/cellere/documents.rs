use kyc_fixtures::{Fixture, cellere_portal as documented};
use kyc_sandbox::cellere::Operation;
use kyc_sandbox::samples;
use reqwest::multipart::Form;
use serde_json::json;

use super::client::*;
use crate::support::*;

const DOCUMENTS: &[(&str, &Fixture)] = &[
    ("rg", &documented::DOCUMENT_RG_200),
    ("cnh", &documented::DOCUMENT_CNH_200),
    ("comp_endereco_v2", &documented::DOCUMENT_COMP_ENDERECO_V2_200),
    ("certidao-casamento", &documented::DOCUMENT_CERTIDAO_CASAMENTO_200),
    ("certidao-nascimento", &documented::DOCUMENT_CERTIDAO_NASCIMENTO_200),
    ("art", &documented::DOCUMENT_ART_200),
    ("cnpj", &documented::DOCUMENT_CNPJ_200),
    ("trt", &documented::DOCUMENT_TRT_200),
    ("cadastro-unico", &documented::DOCUMENT_CADASTRO_UNICO_200),
    ("cadesp", &documented::DOCUMENT_CADESP_200),
    ("passaporte", &documented::DOCUMENT_PASSAPORTE_200),
    ("inss", &documented::DOCUMENT_INSS_200),
    ("rne", &documented::DOCUMENT_RNE_200),
    ("ccir", &documented::DOCUMENT_CCIR_200),
    ("itr", &documented::DOCUMENT_ITR_200),
    ("contrato-locacao-v2", &documented::DOCUMENT_CONTRATO_LOCACAO_V2_200),
];

#[tokio::test]
async fn each_kind_of_document_has_its_fields() {
    let sandbox = sandbox().await;
    let readme = include_str!("../../README.md");
    for (kind, fixture) in DOCUMENTS {
        let image = json!({ "image": base64(samples::A_2014) });
        let (status, answer) = send_json(&sandbox, &format!("/contextus/{kind}"), &image).await;
        assert_eq!(status, 200, "{kind}");
        assert_eq!(answer, with_live_values(fixture.body, &answer, &["/queryId"]), "{kind}");
        assert!(readme.contains(&format!("`{kind}`")), "{kind}");
    }
    let paid = sandbox.cellere().paid_calls_of(Operation::Document);
    assert_eq!(usize::try_from(paid), Ok(DOCUMENTS.len()));
    for unknown in ["crlv", "CNH", "cnh/", ""] {
        let answer = send_json(&sandbox, &format!("/contextus/{unknown}"), &json!({})).await;
        assert_eq!(answer, refusal(404, "URL not found"), "{unknown}");
    }
}

#[tokio::test]
async fn each_call_has_its_own_id() {
    let sandbox = sandbox().await;
    let image = json!({ "image": base64(empty_png()) });
    let (_, first) = send_json(&sandbox, "/contextus/rg", &image).await;
    let (_, second) = send_json(&sandbox, "/contextus/rg", &image).await;
    assert_ne!(first["queryId"], second["queryId"]);
    assert_eq!(first["queryId"].as_str().map(str::len), Some(36));
}

#[tokio::test]
async fn the_image_is_returned_on_request() {
    let sandbox = sandbox().await;
    let image = base64(samples::A_2014);
    let ask = async |deskew| {
        let body = json!({ "image": image, "deskewImage": deskew });
        let (status, answer) = send_json(&sandbox, "/contextus/cnh", &body).await;
        assert_eq!(status, 200);
        answer["result"][0]["deskewImage"].clone()
    };
    assert_eq!(ask(json!(true)).await, json!(image));
    assert_eq!(ask(json!(false)).await, json!(null));
    assert_eq!(ask(json!(null)).await, json!(null));

    let form = || Form::new().part("image", file("cnh.jpeg", samples::A_2014));
    let (status, plain) = send_form(&sandbox, "/contextus/cnh", form()).await;
    assert_eq!((status, &plain["result"][0]["docType"]), (200, &json!("CNH")));
    assert!(plain["result"][0].get("deskewImage").is_none());
    let (status, deskewed) = send_form(&sandbox, "/contextus/cnh", form().text("deskewImage", "true")).await;
    assert_eq!((status, &deskewed["result"][0]["deskewImage"]), (200, &json!(image)));
}

#[tokio::test]
async fn every_known_format_is_accepted() {
    let sandbox = sandbox().await;
    let webp: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\0\0\0\0\0\0\0\0\0\0";
    for picture in [samples::A_2014, empty_png(), GIF, BMP, HEIC, PDF, webp] {
        let body = json!({ "image": base64(picture) });
        assert_eq!(send_json(&sandbox, "/contextus/rg", &body).await.0, 200, "{picture:?}");
    }
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let sandbox = sandbox().await;
    let (bad, image) = ("Bad Request", base64(samples::A_2014));
    let (missing, no_base64) =
        ("The image field is required", "The image field should be a base64 encoded string.");
    for (wrong, text) in [
        (json!({}), missing),
        (json!({ "image": "" }), missing),
        (json!({ "image": null, "deskewImage": true }), missing),
        (json!({ "image": "*" }), no_base64),
        (json!({ "image": format!("data:image/jpeg;base64,{image}") }), no_base64),
        (json!({ "image": 5 }), no_base64),
        (json!({ "image": true }), no_base64),
        (json!({ "image": base64(b"no picture") }), bad),
        (json!({ "image": base64(&samples::A_2014[..5000]) }), bad),
        (json!({ "image": image, "deskewImage": "yes" }), bad),
        (json!({ "image": image, "deskewImage": 1 }), bad),
        (json!({ "image": image, "service": "energia" }), bad),
    ] {
        let answer = send_json(&sandbox, "/contextus/rg", &wrong).await;
        assert_eq!(answer, refusal(400, text), "{wrong}");
    }
    for (wrong, text) in [
        (Form::new().text("deskewImage", "true"), missing),
        (Form::new().part("image", file("rg.jpeg", b"")), missing),
        (Form::new().text("image", "*"), no_base64),
        (Form::new().part("image", file("rg.jpeg", b"no picture")), bad),
        (Form::new().part("picture", file("rg.jpeg", samples::A_2014)), bad),
        (Form::new().part("image", file("a", samples::A_2014)).part("image", file("b", GIF)), bad),
    ] {
        assert_eq!(send_form(&sandbox, "/contextus/rg", wrong).await, refusal(400, text));
    }
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}
