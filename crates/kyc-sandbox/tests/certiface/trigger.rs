use kyc_sandbox::certiface::Operation;
use kyc_sandbox::{ConfigValue, Sandbox};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

/// The status of the webhook, and a value of the result by a JSON pointer.
fn journeys() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let document = "/analiseDocumento/responseClientDadosOcrDTO";
    let of = |name: &str| format!("{document}/{name}").leak() as &str;
    let mut rows = vec![
        ("complete", "Completo", "/analiseDocumento/biometriaDocumento/serpro/codigo", json!("200")),
        ("error", "Error", "/status", json!("Erro")),
        ("without-ocr", "Completo", "/status", json!("Completo sem OCR")),
    ];
    let status = "/analiseDocumento/statusProcessamento";
    for (name, code) in [("waiting", 2), ("cancelled", 5), ("analysis-failed", 6), ("wrong-upload", 70)] {
        rows.push((name, "Completo", status, json!(code)));
    }
    for (name, code) in [
        ("live", 200.0),
        ("live-code-1", 1.0),
        ("refused", 300.1),
        ("blocked", 300.2),
        ("no-face", 100.1),
        ("not-frontal", 100.2),
        ("too-close", 100.3),
        ("too-far", 100.4),
        ("many-faces", 100.5),
        ("bad-light", 100.6),
        ("another-face", 200.1),
        ("contradictory", 300.1),
    ] {
        rows.push((name, "Completo", "/facecaptcha/codID", json!(code)));
    }
    rows.extend([
        ("rg", "Completo", of("responseClientRGOcrDTO/documento"), json!("RG")),
        ("cnh", "Completo", of("ResponseClientCNHOcrDTO/formato"), json!("Foto")),
        ("cnh-digital", "Completo", of("ResponseClientCNHOcrDTO/formato"), json!("QRCode")),
        ("dni", "Completo", of("ResponseClientDNIOcrDTO/fator"), json!("O+")),
        ("cin", "Completo", of("ResponseClientCINOcrDTO/documento"), json!("CIN")),
        ("crnm", "Completo", of("ResponseClienDadosOcrDTO/ResponseClientOcrDto/documento"), json!("CRNM")),
        (
            "passport",
            "Completo",
            of("ResponseClienDadosOcrDTO/responseClientOcrDto/documento"),
            json!("PASSPORT"),
        ),
        ("faces-differ", "Completo", "/analiseDocumento/biometriaDocumento/facematch/codigo", json!("300")),
    ]);
    let codes = ["1", "2", "3", "4", "5", "101", "102", "103", "400", "401", "402", "500"];
    for (service, first) in [("facematch", &["200"][..]), ("serpro", &["200", "300"])] {
        let pointer = format!("/analiseDocumento/biometriaDocumento/{service}").leak() as &str;
        for code in first.iter().chain(&codes) {
            let name = format!("{service}-{code}").leak() as &str;
            rows.push((name, "Completo", format!("{pointer}/codigo").leak(), json!(code)));
        }
        if service == "facematch" {
            rows.push(("without-facematch", "Completo", pointer, Value::Null));
            rows.push((
                "without-serpro",
                "Completo",
                "/analiseDocumento/biometriaDocumento/serpro",
                Value::Null,
            ));
        }
    }
    for (name, score) in [("score-0", 0), ("score-50", 50), ("score-100", 100)] {
        rows.push((name, "Completo", "/analiseDocumento/score", json!(score)));
    }
    for (name, pointer, code) in [
        ("files-processed", "statusArquivo", 22),
        ("file-unidentified", "statusArquivo", 8),
        ("file-cancelled", "statusArquivo", 21),
        ("side-unread", "arquivosProcessado/0/statusArquivoProcessado", 11),
        ("side-cancelled", "arquivosProcessado/0/statusArquivoProcessado", 20),
    ] {
        let pointer = format!("/analiseDocumento/documentos/0/{pointer}").leak() as &str;
        rows.push((name, "Completo", pointer, json!(code)));
    }
    for score in (0..=1000).step_by(100) {
        rows.push((format!("risk-{score}").leak(), "Completo", "/certifaceID/score", json!(score)));
    }
    for code in [203, 401, 402, 501] {
        rows.push((format!("bureau-{code}").leak(), "Completo", "/certifaceID/codigo", json!(code)));
    }
    rows.extend([
        ("without-bureau", "Completo", "/certifaceID", Value::Null),
        ("result-refused", "Completo", "/msg", json!("NOME")),
        ("result-refused-cpf", "Completo", "/msg", json!("INVALID CPF")),
        ("result-refused-date", "Completo", "/msg", json!("INVALID DATE")),
        ("result-given", "Completo", "/status", json!("Completo")),
    ]);
    rows
}

async fn listening() -> (Sandbox, Receiver, String) {
    let sandbox = sandbox().await;
    let receiver = Receiver::start().await;
    let config = receiver_config(&sandbox, &receiver, "certiface.webhook");
    let secret = config.get("completion_secret_path").expect("a secret").to_owned();
    let peers = config.iter().find(|(name, _)| *name == "status_peers").map(|(_, peers)| peers);
    assert_eq!(peers, Some(&ConfigValue::List(vec!["127.0.0.1".to_owned()])));
    (sandbox, receiver, secret)
}

#[tokio::test]
async fn each_journey_is_announced_and_can_be_queried() {
    let (sandbox, mut receiver, secret) = listening().await;
    let journeys = journeys();
    let names: Vec<_> = journeys.iter().map(|(name, ..)| *name).chain(["status-res", "status-ok"]).collect();
    assert_eq!(outcomes_of("certiface"), names);
    let count = journeys.len() as u64;
    for (name, status, pointer, value) in journeys {
        let appkey = sandbox.trigger("certiface", name).expect("an outcome").reference;
        let (path, headers, body) = receiver.next_at().await;
        assert_eq!(path, format!("/webhooks/certiface-completion/{secret}"));
        assert!(headers.get("authorization").is_none());
        let event: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(event, json!({ "Status": status, "Appkey": appkey }), "{name}");
        let (http, queried) = result(&sandbox, &appkey).await;
        let found = queried.pointer(pointer).unwrap_or(&Value::Null);
        assert_eq!((http, found), (200, &value), "{name}");
    }
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Document), count);
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Captcha), count);
}

#[tokio::test]
async fn status_updates_are_about_the_newest_protocol() {
    let (sandbox, mut receiver, _) = listening().await;
    let first = sandbox.trigger("certiface", "complete").expect("an outcome");
    receiver.next_at().await;
    let protocol = result(&sandbox, &first.reference).await.1["facecaptcha"]["protocolo"].to_string();
    for (name, status) in [("status-res", "RES"), ("status-ok", "OK"), ("status-res", "RES")] {
        let triggered = sandbox.trigger("certiface", name).expect("an outcome");
        assert_eq!(triggered.reference, protocol);
        let (path, _, body) = receiver.next_at().await;
        assert_eq!(path, "/webhooks/certiface-status");
        let head = format!(r#"{{"protocolo":"{protocol}","cpf":91000000192,"novoStatus":"{status}","#);
        assert!(body.starts_with(&head), "{body}");
    }
}

#[tokio::test]
async fn a_status_update_needs_a_receiver_and_makes_a_journey_if_there_is_none() {
    let silent = sandbox().await;
    let error = silent.trigger("certiface", "status-res").expect_err("nobody listens");
    assert_eq!(error.to_string(), "no URL is registered for status updates");
    assert_eq!(silent.certiface().paid_calls(), 0);

    let (sandbox, mut receiver, _) = listening().await;
    sandbox.trigger("certiface", "status-ok").expect("an outcome");
    let mut paths = [receiver.next_at().await.0, receiver.next_at().await.0];
    paths.sort();
    assert!(
        paths[0].starts_with("/webhooks/certiface-completion/") && paths[1] == "/webhooks/certiface-status"
    );
}

#[tokio::test]
async fn a_delayed_journey_ends_when_it_is_due() {
    let (sandbox, _receiver, _) = listening().await;
    let triggered = sandbox.trigger_delayed("certiface", "complete").expect("an outcome");
    assert_eq!(triggered.due_in, seconds(3));
    assert_eq!(result(&sandbox, &triggered.reference).await.1["status"], "Em processamento");
    sandbox.clock().advance(seconds(3));
    assert_eq!(result(&sandbox, &triggered.reference).await.1["status"], "Completo");
}
