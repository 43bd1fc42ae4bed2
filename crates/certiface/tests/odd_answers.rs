//! Responses with an odd leaf: it costs only itself, never the rest of a response that may have been paid for.

use certiface::kyc_core::{ErrorKind, RedactedText, decode};
use certiface::{
    Appkey, Challenge, Client, Completion, ContractedChecks, DocumentOutcome, JourneyOutcome, JourneyResult,
    JourneyStatus, Liveness, LivenessResponse, PhotoKind, Provider, SessionToken,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::requests::{four_frames, scan};
use crate::support::{APPKEY, client, document, journey, person};

const SERVICE: &str = "/facecaptcha/service/captcha";

/// Responds to one operation with these bytes, and to `challenge` with the documented challenge.
async fn answering(below: &str, bytes: impl Into<Vec<u8>>, content_type: &str) -> (MockServer, Client) {
    let server = MockServer::start().await;
    for (below, body, content_type) in [
        (below, bytes.into(), content_type),
        ("/challenge", kyc_fixtures::certiface::CHALLENGE_200.body.into(), "application/json"),
        ("/credencial", kyc_fixtures::certiface::CREDENCIAL_200.body.into(), "application/json"),
    ] {
        let answer = ResponseTemplate::new(200).set_body_raw(body, content_type);
        Mock::given(path(format!("{SERVICE}{below}"))).respond_with(answer).mount(&server).await;
    }
    let client = client(&server.uri());
    (server, client)
}

fn read<T: DeserializeOwned>(json: &Value) -> T {
    decode(json.to_string().as_bytes()).unwrap().value
}

fn text(text: Option<&RedactedText>) -> Option<&str> {
    text.map(RedactedText::as_str)
}

#[tokio::test]
async fn an_odd_side_field_does_not_refuse_a_verdict() {
    for odd in [
        r#""cause":{}"#,
        r#""cause":["PROVA DE VIDA"]"#,
        r#""cause":{"step":1}"#,
        r#""retry":{}"#,
        r#""reason":[],"userFeedback":{"a":1}"#,
        r#""hash":{},"scanResultBlob":[1],"launchId":null"#,
        r#""error":{}"#,
        r#""protocol":{"number":1}"#,
    ] {
        let body = format!(r#"{{"valid":false,"codID":300.1,{odd}}}"#);
        let (_server, client) = answering("", body.as_str(), "application/json").await;
        let mut flat = journey(&client);
        flat.challenge().await.unwrap();
        let verdict = flat.captcha(&four_frames()).await.unwrap().into_inner();
        assert_eq!(verdict.outcome(), Liveness::Refused { may_retry: false }, "{odd}");
        let (_server, client) = answering("/3d/liveness", body, "application/json").await;
        let verdict = journey(&client).liveness_facetec(&scan()).await.unwrap().into_inner();
        assert_eq!(verdict.outcome(), Liveness::Refused { may_retry: false }, "{odd}");
    }
}

#[tokio::test]
async fn an_odd_part_does_not_refuse_a_result() {
    let face = json!({ "causa": "CERTIFACE", "codID": 200.0, "validado": true });
    for (place, odd) in [
        ("analiseDocumento", json!("")),
        ("analiseDocumento", json!([])),
        ("analiseDocumento", json!({ "documentos": { "arquivosProcessado": {} } })),
        ("analiseDocumento", json!({ "documentos": "", "responseClientDadosOcrDTO": "" })),
        ("analiseDocumento", json!({ "responseClientDadosOcrDTO": { "responseClientRGOcrDTO": "NULL" } })),
        ("analiseDocumento", json!({ "biometriaDocumento": [], "score": {}, "id": [1] })),
        ("certifaceID", json!("")),
        ("certifaceID", json!({ "codigo": {}, "score": [] })),
        ("fotos", json!("")),
        ("fotos", json!({ "documento": {}, "facecaptcha": "" })),
        ("fotos", json!({ "documento": "NULL" })),
        ("idExternoCliente", json!({ "id": 1 })),
        ("dataCriacaoAppkey", json!({})),
    ] {
        let body = json!({ "status": "Completo", "facecaptcha": face, place: odd });
        let (_server, client) = answering("/document/result", body.to_string(), "application/json").await;
        let result = client.result(&Appkey::new(APPKEY)).await.unwrap().into_inner().unwrap();
        assert_eq!(result.status, Some(JourneyStatus::Complete), "{body}");
        assert!(result.liveness().is_yes(), "{body}");
        assert_eq!(result.outcome(ContractedChecks::NONE), JourneyOutcome::Unclear, "{body}");
    }
}

#[test]
fn lists_take_one_or_many_in_stored_json_too() {
    let stored = r#"{"fotos":{"documento":{"descricao":"FACE A"}},
        "analiseDocumento":{"documentos":{"arquivo":1,"arquivosProcessado":{"tipo":1}}}}"#;
    let result: JourneyResult = serde_json::from_str(stored).unwrap();
    assert_eq!(result.fotos.unwrap().documento.unwrap().len(), 1);
    let files = result.analise_documento.unwrap().documentos.unwrap();
    assert_eq!(files[0].arquivos_processado.as_ref().unwrap().len(), 1);
    let none: JourneyResult = read(&json!({ "fotos": { "documento": "" }, "analiseDocumento": {} }));
    assert_eq!(none.fotos.unwrap().documento.unwrap().len(), 0);
    assert_eq!(none.analise_documento.unwrap().documentos, None);
}

#[test]
fn lists_take_one_or_many() {
    let photo = json!({ "descricao": "FACE A", "imagem": "/9j/4EE=" });
    let side = json!({ "tipo": 1, "statusArquivoProcessado": 19 });
    for (photos, files, sides) in [
        (photo.clone(), json!({ "arquivo": 1, "arquivosProcessado": side }), 1),
        (json!([photo]), json!([{ "arquivo": 1, "arquivosProcessado": [side, side] }]), 2),
    ] {
        let result: JourneyResult = read(&json!({
            "fotos": { "documento": photos }, "analiseDocumento": { "documentos": files }
        }));
        let photos = result.fotos.unwrap().documento.unwrap();
        assert_eq!((photos.len(), &photos[0].descricao), (1, &Some(PhotoKind::FaceA)));
        let files = result.analise_documento.unwrap().documentos.unwrap();
        assert_eq!(files[0].arquivos_processado.as_ref().unwrap().len(), sides);
    }
    let pose = json!({ "tipoFace": { "codigo": "C" } });
    for challenges in [pose.clone(), json!([pose])] {
        let challenge: Challenge = read(&json!({ "chkey": "k", "challenges": challenges }));
        assert_eq!(challenge.challenges.unwrap().len(), 1);
    }
    for feedback in [json!("one"), json!(["one"])] {
        let verdict: LivenessResponse = read(&json!({ "userFeedback": feedback }));
        assert_eq!(verdict.user_feedback.unwrap().iter().count(), 1);
    }
}

/// Read by position, a list would pass for an object.
#[tokio::test]
async fn a_list_is_not_an_object() {
    assert!(decode::<Completion>(br#"["Completo","key"]"#).is_err());
    assert!(decode::<LivenessResponse>(b"[true,200.0]").is_err());
    let (_server, client) = answering("/document/result", r#"["Completo"]"#, "application/json").await;
    let error = client.result(&Appkey::new(APPKEY)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let (_server, client) = answering("/appkey", r#"["a.b.c"]"#, "application/json").await;
    assert_eq!(client.appkey(&person("52998224725")).await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn an_accepted_document_with_odd_fields() {
    for (body, id) in [
        (r#"{"appkey":{},"id":55}"#, Some("55")),
        (r#"{"appkey":"","id":"55"}"#, Some("55")),
        (r#"{"appkey":["k"],"id":"a"}"#, Some("a")),
        (r#"{"id":55,"error":""}"#, Some("55")),
    ] {
        let (_server, client) = answering("/document", body, "application/json").await;
        let outcome = journey(&client).document(&[document()]).await.unwrap().into_inner();
        let DocumentOutcome::Accepted(accepted) = outcome else { panic!("{body}: {outcome:?}") };
        assert_eq!((accepted.appkey, text(accepted.id.as_ref())), (None, id), "{body}");
    }
}

/// HTTP 200 with an error message is not a value, and never a favourable one.
#[tokio::test]
async fn an_error_in_place_of_a_value() {
    let appkey = Appkey::new(APPKEY);
    for body in [r#"{"error":"APPKEY EXPIRED"}"#, "\u{feff}{\"error\":\"APPKEY EXPIRED\",\"code\":1}"] {
        let (_server, client) = answering("/checkauth", body, "application/json").await;
        let checked = client.check_appkey(&appkey).await.unwrap_err();
        let (_server, client) = answering("/document/result", body, "application/json").await;
        let result = client.result(&appkey).await.unwrap_err();
        let (_server, client) = answering("/result", body, "application/json").await;
        let liveness = client.liveness_result(&appkey).await.unwrap_err();
        let (_server, client) = answering("/appkey", body, "application/json").await;
        let made = client.appkey(&person("52998224725")).await.unwrap_err();
        for error in [checked, result, liveness, made] {
            assert_eq!(error.kind(), ErrorKind::Rejected, "{error}");
            assert_eq!(error.vendor_message(), Some("APPKEY EXPIRED"), "{error}");
        }
    }
    for body in ["", "OK", r#"{"error":""}"#] {
        let (_server, client) = answering("/checkauth", body, "application/json").await;
        assert!(*client.check_appkey(&appkey).await.unwrap().value(), "{body}");
    }
}

/// HTTP 200 with an error message is no acceptance.
#[tokio::test]
async fn an_error_in_place_of_an_accepted_document() {
    for body in [r#"{"error":"INTERNAL"}"#, r#"{"error":"INTERNAL","id":null}"#, r#"{"error":1,"id":" "}"#] {
        let (_server, client) = answering("/document", body, "application/json").await;
        let error = journey(&client).document(&[document()]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected, "{body}");
    }
    let (_server, client) =
        answering("/document", r#"{"error":"INTERNAL","id":55}"#, "application/json").await;
    let outcome = journey(&client).document_qr_code(&document()).await.unwrap().into_inner();
    assert!(matches!(outcome, DocumentOutcome::Unclear(_)), "{outcome:?}");
}

#[tokio::test]
async fn other_charsets_and_byte_order_marks() {
    const LATIN: &str = "application/json;charset=ISO-8859-1";
    let verdict = b"{\"valid\":false,\"codID\":300.1,\"reason\":\"N\xE3o reconhecido\"}";
    let (_server, client) = answering("/3d/liveness", &verdict[..], LATIN).await;
    let verdict = journey(&client).liveness_facetec(&scan()).await.unwrap().into_inner();
    assert_eq!(text(verdict.reason.as_ref()), Some("Não reconhecido"));
    let (_server, client) = answering("/3d/liveness", &b"{\"error\":\"CPF inv\xE1lido\"}"[..], LATIN).await;
    let error = journey(&client).liveness_facetec(&scan()).await.unwrap_err();
    assert_eq!(error.vendor_message(), Some("CPF inválido"));

    for body in ["\u{feff}\"a.b.c\"", " \"a.b.c \"\r\n", "\u{feff}{\"appkey\":\" a.b.c\"}"] {
        let (_server, client) = answering("/appkey", body, "application/json").await;
        let made = client.appkey(&person("52998224725")).await.unwrap().into_inner();
        assert_eq!(made.appkey, Appkey::new("a.b.c"), "{body:?}");
    }
}

#[test]
fn a_blank_token_is_no_session() {
    let provider = |json: Value| read::<SessionToken>(&json).provider();
    assert_eq!(provider(json!({ "token": "" })), None);
    assert_eq!(provider(json!({ "sessionToken": " ", "token": {} })), None);
    assert_eq!(provider(json!({ "sessionToken": "", "token": "t", "vendor": {} })), Some(Provider::IProov));
}

#[tokio::test]
async fn a_challenge_without_readable_codes_is_refused() {
    for body in [
        r#"{"chkey":"","challenges":[{"tipoFace":{"codigo":"C"}}]}"#,
        r#"{"chkey":"k","challenges":[{"tipoFace":{"codigo":{}}}]}"#,
        r#"{"chkey":"k","challenges":""}"#,
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_string(body);
        Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
        let mut journey = journey(&client(&server.uri()));
        assert_eq!(journey.challenge().await.unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
}
