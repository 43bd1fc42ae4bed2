use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kyc_sandbox::certiface::Operation;
use kyc_sandbox::{Sandbox, Scenario, samples};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

/// The CPF of no test input.
const PERSON: &str = "52998224725";

fn set(sandbox: &Sandbox, outcome: &str) {
    sandbox.set_scenario(for_person(outcome)).expect("a scenario");
}

fn for_person(outcome: &str) -> Scenario {
    Scenario::new("certiface", outcome).cpf(PERSON)
}

/// A journey of a client, and its result.
async fn journey_of(sandbox: &Sandbox, cpf: &str) -> Value {
    let appkey = appkey_of(sandbox, cpf).await;
    live(sandbox, &appkey).await;
    assert_eq!(document(sandbox, &appkey).await.0, 200);
    sandbox.clock().advance(seconds(3));
    result(sandbox, &appkey).await.1
}

#[tokio::test]
async fn outcomes_of_several_respects_hold_together_for_any_person() {
    let sandbox = sandbox().await;
    for outcome in ["live-code-1", "cnh", "faces-differ", "serpro-402", "risk-900", "score-50"] {
        set(&sandbox, outcome);
    }
    let result = journey_of(&sandbox, PERSON).await;
    let found = |pointer: &str| result.pointer(&format!("/analiseDocumento/{pointer}")).cloned();
    assert_eq!(result["facecaptcha"]["codID"], 1.0);
    assert!(found("responseClientDadosOcrDTO/ResponseClientCNHOcrDTO").is_some());
    assert_eq!(found("biometriaDocumento/facematch/codigo"), Some(json!("300")));
    let serpro = json!({ "codigo": "402", "causa": "Documento ilegivel" });
    assert_eq!(found("biometriaDocumento/serpro"), Some(serpro));
    assert_eq!((&result["certifaceID"]["score"], found("score")), (&json!(900), Some(json!(50))));
    let other = journey_of(&sandbox, "91000000192").await;
    assert_eq!(
        (&other["facecaptcha"]["codID"], &other["certifaceID"]["score"]),
        (&json!(200.0), &json!(300))
    );
}

#[tokio::test]
async fn a_scenario_goes_before_a_test_cpf_and_a_later_one_does_not_change_a_journey() {
    let sandbox = sandbox().await;
    let refused = "91000000273";
    assert_eq!(journey_of(&sandbox, refused).await["facecaptcha"]["validado"], false);
    sandbox.set_scenario(Scenario::new("certiface", "live").cpf(refused)).expect("a scenario");
    let appkey = appkey_of(&sandbox, refused).await;
    assert_eq!(live(&sandbox, &appkey).await["valid"], true);
    sandbox.set_scenario(Scenario::new("certiface", "blocked").cpf(refused)).expect("a scenario");
    assert_eq!(result(&sandbox, &appkey).await.1["facecaptcha"]["validado"], true);
}

#[tokio::test]
async fn the_reasons_are_the_causes_and_the_delay_is_that_of_the_analysis() {
    let sandbox = sandbox().await;
    sandbox.set_scenario(for_person("too-far").reason("LONGE")).expect("a scenario");
    let slow = for_person("faces-differ").reason("OUTRO ROSTO").delay(seconds(90));
    sandbox.set_scenario(slow).expect("a scenario");
    let appkey = appkey_of(&sandbox, PERSON).await;
    assert_eq!(live(&sandbox, &appkey).await["cause"], "LONGE");
    assert_eq!(document(&sandbox, &appkey).await.0, 200);
    sandbox.clock().advance(seconds(89));
    assert_eq!(result(&sandbox, &appkey).await.1["status"], "Em processamento");
    sandbox.clock().advance(seconds(1));
    let (_, result) = result(&sandbox, &appkey).await;
    assert_eq!((&result["status"], &result["facecaptcha"]["causa"]), (&json!("Completo"), &json!("LONGE")));
    assert_eq!(result["analiseDocumento"]["biometriaDocumento"]["facematch"]["causa"], "OUTRO ROSTO");
}

#[tokio::test]
async fn each_step_can_be_refused_and_allowed_again() {
    let sandbox = sandbox().await;
    for (outcome, message) in
        [("name-refused", "NOME"), ("cpf-refused", "INVALID CPF"), ("date-refused", "INVALID DATE")]
    {
        set(&sandbox, outcome);
        let (status, answer) = ask_appkey(&sandbox, PERSON).await;
        assert_eq!((status, &answer["msg"]), (422, &json!(message)));
    }
    set(&sandbox, "appkey-issued");
    let appkey = appkey_of(&sandbox, PERSON).await;
    let session = async || {
        post_json(&sandbox, "/3d/session-token", &json!({ "appkey": appkey, "userAgent": "test" })).await.1
    };
    set(&sandbox, "iproov");
    assert_eq!(session().await["vendor"], "IPROOV");
    set(&sandbox, "facetec");
    assert!(decrypt(&appkey, &session().await)["sessionToken"].is_string());
    set(&sandbox, "no-document");
    for _ in 0..2 {
        assert_eq!(document(&sandbox, &appkey).await.0, 400);
    }
    set(&sandbox, "document-accepted");
    assert_eq!(document(&sandbox, &appkey).await.0, 200);
}

#[tokio::test]
async fn each_operation_can_be_refused_with_any_status_without_an_effect() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, PERSON).await;
    let form = [("appkey", appkey.as_str())];
    let body = json!({ "appkey": appkey });
    for status in [400, 401, 404, 422, 500, 503] {
        for operation in Operation::ALL {
            let scenario = Scenario::new("certiface", format!("http-{status}")).operation(operation.name());
            sandbox.set_scenario(scenario).expect("a scenario");
        }
        for path in ["/credencial", "/challenge", "", "/result", "/document/result"] {
            let (found, answer) = post_form(&sandbox, path, &form).await;
            let is_documented = answer["error"].is_string();
            assert_eq!((found, is_documented), (status, status != 503), "{path}");
        }
        let (found, answer) = post_form(&sandbox, "/appkey", &form).await;
        assert_eq!((found, answer["msg"] == "INVALID CPF"), (status, status == 422));
        for path in [
            "/3d/initialize",
            "/3d/session-token",
            "/3d/liveness",
            "/3d/process-request",
            "/fortface/session-token",
            "/fortface/liveness",
            "/document",
        ] {
            assert_eq!(post_json(&sandbox, path, &body).await.0, status, "{path}");
        }
    }
    sandbox.set_scenario(for_person("http-401").operation("challenge")).expect("a scenario");
    let (status, answer) = post_form(&sandbox, "/challenge", &form).await;
    assert_eq!((status, &answer["error"]), (401, &json!("this error was requested")));
    assert_eq!(sandbox.certiface().paid_calls(), 0);
}

#[tokio::test]
async fn a_lost_response_has_its_effect() {
    let sandbox = sandbox().await;
    sandbox.set_scenario(for_person("response-lost").operation("document")).expect("a scenario");
    let appkey = appkey_of(&sandbox, PERSON).await;
    live(&sandbox, &appkey).await;
    let images = [STANDARD.encode(samples::A_2014)];
    let url = format!("{}/facecaptcha/service/captcha/document", sandbox.certiface_url());
    let sent = client().post(url).json(&json!({ "appkey": appkey, "images": images })).send().await;
    assert!(sent.is_err());
    sandbox.clock().advance(seconds(3));
    assert_eq!(result(&sandbox, &appkey).await.1["status"], "Completo");
    assert_eq!(sandbox.certiface().paid_calls_of(Operation::Document), 1);
}

#[tokio::test]
async fn an_outcome_is_triggered_for_any_person_and_stays() {
    let (sandbox, mut receiver) = (sandbox().await, Receiver::start().await);
    receiver_config(&sandbox, &receiver, "certiface.webhook");
    let triggered = sandbox.trigger_scenario(for_person("status-res").reason("Fraude")).expect("an outcome");
    assert_eq!(triggered.cpf, PERSON);
    let bodies = [receiver.next_at().await.2, receiver.next_at().await.2];
    assert!(bodies.iter().any(|body| body.contains(r#""novoStatus":"RES","descricao":"Fraude""#)));
    sandbox.trigger_scenario(for_person("blocked")).expect("an outcome");
    let appkey = appkey_of(&sandbox, PERSON).await;
    assert_eq!(live(&sandbox, &appkey).await["codID"], 300.2);
}

#[tokio::test]
async fn a_reset_forgets_everything_and_a_seed_makes_the_same_ids_again() {
    let sandbox = builder().seed(7).start().await.expect("a free port");
    let run = async || {
        let credential = credential(&sandbox).await;
        let appkey = appkey_of(&sandbox, PERSON).await;
        (credential, good_challenge(&sandbox, &appkey).await, appkey)
    };
    let first = run().await;
    set(&sandbox, "name-refused");
    sandbox.reset();
    assert!(sandbox.certiface().appkeys().is_empty() && sandbox.certiface().logins() == 0);
    assert_eq!(challenge(&sandbox, &first.2).await.0, 401, "the appkey is unknown");
    sandbox.reset();
    assert_eq!(run().await, first);
}
