use kyc_sandbox::certiface::Operation;
use kyc_sandbox::{ConfigValue, Sandbox};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

/// The status of the webhook, and a value of the result by a JSON pointer.
fn journeys() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let document = "/analiseDocumento/responseClientDadosOcrDTO";
    let of = |name: &str| format!("{document}/{name}").leak() as &str;
    vec![
        ("complete", "Completo", "/analiseDocumento/biometriaDocumento/serpro/codigo", json!("200")),
        ("error", "Error", "/status", json!("Erro")),
        ("refused", "Completo", "/facecaptcha/codID", json!(300.1)),
        ("blocked", "Completo", "/facecaptcha/codID", json!(300.2)),
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
        ("without-ocr", "Completo", "/status", json!("Completo sem OCR")),
        ("without-serpro", "Completo", "/status", json!("Completo")),
        ("faces-differ", "Completo", "/analiseDocumento/biometriaDocumento/facematch/codigo", json!("300")),
        ("risk-0", "Completo", "/certifaceID/score", json!(0)),
        ("risk-500", "Completo", "/certifaceID/score", json!(500)),
        ("risk-1000", "Completo", "/certifaceID/score", json!(1000)),
        ("result-refused", "Completo", "/msg", json!("NOME")),
    ]
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
    for (name, status, pointer, value) in journeys {
        let appkey = sandbox.trigger("certiface", name).expect("an outcome").reference;
        let (path, headers, body) = receiver.next_at().await;
        assert_eq!(path, format!("/webhooks/certiface-completion/{secret}"));
        assert!(headers.get("authorization").is_none());
        let event: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(event, json!({ "Status": status, "Appkey": appkey }), "{name}");
        let (http, queried) = result(&sandbox, &appkey).await;
        assert_eq!((http, queried.pointer(pointer)), (200, Some(&value)), "{name}: {queried}");
        let serpro = queried.pointer("/analiseDocumento/biometriaDocumento/serpro");
        assert!(name != "without-serpro" || serpro.is_none());
    }
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Document), 18);
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Captcha), 18);
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
