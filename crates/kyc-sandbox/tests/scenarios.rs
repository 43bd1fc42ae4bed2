//! Scenarios: outcomes for one person at the vendors whose outcomes follow from one request.

use kyc_sandbox::{Outcome, Sandbox, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::*;
use crate::{cellere::client as cellere, clearsale::client as clearsale};

const CPF: &str = "52998224725";
const OTHER: &str = "11144477735";

async fn control(sandbox: &Sandbox, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/_sandbox/{path}", sandbox.url());
    read(client().request(method, url).json(body).send().await.expect("a response")).await
}

async fn set(sandbox: &Sandbox, scenario: &Value) -> (u16, Value) {
    control(sandbox, Method::POST, "scenario", scenario).await
}

/// The result of a comparison, once it is due.
async fn compared(sandbox: &Sandbox, cpf: &str) -> Value {
    let token = clearsale::login(sandbox).await;
    let mut order = clearsale::order();
    order["cpf"] = cpf.into();
    let id = clearsale::submit(sandbox, &token, &order).await;
    sandbox.clock().advance(seconds(2));
    clearsale::query(sandbox, &token, &id).await.1
}

async fn status_of(sandbox: &Sandbox, cpf: &str) -> (u16, Value) {
    let (status, mut body) = cellere::send_json(sandbox, cellere::CPF, &json!({ "cpf": cpf })).await;
    (status, body["TaxIdStatus"].take())
}

#[tokio::test]
async fn a_scenario_for_a_person_goes_before_one_for_everyone_and_before_a_test_cpf() {
    let sandbox = sandbox().await;
    let suspended = kyc_sandbox::cellere::CpfOutcome::Suspended;
    let test_cpf = kyc_sandbox::cellere::test_cpf(suspended).expect("a CPF");
    assert_eq!(status_of(&sandbox, test_cpf).await, (200, json!("SUSPENSA")));
    sandbox.set_scenario(Scenario::new("cellere", "cpf-null")).expect("an outcome");
    sandbox.set_scenario(Scenario::new("cellere", "cpf-deceased").cpf("529.982.247-25")).expect("an outcome");
    for (cpf, status) in [(CPF, "TITULAR FALECIDO"), (OTHER, "NULA"), (test_cpf, "NULA")] {
        assert_eq!(status_of(&sandbox, cpf).await, (200, json!(status)), "{cpf}");
    }
    assert_eq!(sandbox.scenarios().len(), 2);
    sandbox.clear_scenarios();
    assert_eq!(status_of(&sandbox, test_cpf).await, (200, json!("SUSPENSA")));
    assert_eq!(status_of(&sandbox, CPF).await, (200, json!("REGULAR")));
}

#[tokio::test]
async fn one_cpf_has_an_outcome_at_each_vendor_with_its_reason_and_delay() {
    let sandbox = sandbox().await;
    let error = json!({ "vendor": "clearsale", "outcome": "error", "cpf": "529.982.247-25",
                        "reason": "A foto está escura.", "delay_seconds": 30 });
    let (status, shown) = set(&sandbox, &error).await;
    assert_eq!((status, &shown["cpf"], &shown["delay_seconds"]), (200, &json!(CPF), &json!(30.0)));
    set(&sandbox, &json!({ "vendor": "cellere", "outcome": "cpf-pending", "cpf": CPF })).await;
    assert_eq!(status_of(&sandbox, CPF).await, (200, json!("PENDENTE DE REGULARIZACAO")));
    assert_eq!(compared(&sandbox, CPF).await["transactionStatus"], "Processing");
    assert_eq!(compared(&sandbox, OTHER).await["transactionStatus"], "Success");
    set(&sandbox, &json!({ "vendor": "clearsale", "outcome": "error", "cpf": CPF, "reason": "Sem rosto." }))
        .await;
    let result = compared(&sandbox, CPF).await;
    assert_eq!((&result["transactionStatus"], &result["message"]), (&json!("Error"), &json!("Sem rosto.")));
}

#[tokio::test]
async fn each_verdict_of_a_comparison_has_its_fields() {
    let sandbox = sandbox().await;
    for (outcome, wanted) in [
        ("match", json!({ "transactionStatus": "Success", "confiability": 6, "isMatch": true })),
        ("no-match", json!({ "transactionStatus": "Success", "confiability": 0, "isMatch": false })),
        ("level-2", json!({ "transactionStatus": "Success", "confiability": 2, "isMatch": true })),
        (
            "no-match-at-level-6",
            json!({ "transactionStatus": "Success", "confiability": 6, "isMatch": false }),
        ),
        (
            "error-without-message",
            json!({ "transactionStatus": "Error", "confiability": 0, "isMatch": false }),
        ),
        (
            "error-list",
            json!({ "transactionStatus": "Error", "confiability": 0, "isMatch": false,
                    "errors": ["No face was found in one of the images."] }),
        ),
    ] {
        sandbox.set_scenario(Scenario::new("clearsale", outcome).cpf(CPF)).expect("an outcome");
        let mut result = compared(&sandbox, CPF).await;
        let fields = result.as_object_mut().expect("an object");
        fields.retain(|name, _| name != "transactionId" && name != "cpf");
        assert_eq!(result, wanted, "{outcome}");
    }
    assert_eq!(sandbox.scenarios().len(), 1, "one replaces the other");
}

#[tokio::test]
async fn a_status_costs_nothing_and_a_lost_response_is_paid_for() {
    let sandbox = sandbox().await;
    let token = clearsale::login(&sandbox).await;
    let mut order = clearsale::order();
    order["cpf"] = CPF.into();
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 503] {
        let failing = Scenario::new("clearsale", format!("http-{status}")).operation("match2d-2d").cpf(CPF);
        sandbox.set_scenario(failing).expect("an outcome");
        assert_eq!(clearsale::post(&sandbox, clearsale::MATCH, &token, &order).await.0, status);
    }
    assert_eq!(sandbox.clearsale().paid_calls(), 0);
    let lost = Scenario::new("clearsale", "response-lost").operation("match2d-2d").cpf(CPF);
    sandbox.set_scenario(lost).expect("an outcome");
    assert!(clearsale::send(&sandbox, clearsale::MATCH, &token, &order).await.is_err());
    assert_eq!(sandbox.clearsale().paid_calls(), 1);
    // The request is judged first.
    order["image0"] = "".into();
    assert_eq!(clearsale::post(&sandbox, clearsale::MATCH, &token, &order).await.0, 400);
    assert_eq!(sandbox.scenarios().len(), 1);
}

#[tokio::test]
async fn a_result_replaces_an_error_of_its_operation_and_goes_before_one_for_everyone() {
    let sandbox = sandbox().await;
    let down = || Scenario::new("cellere", "http-503").operation("cpf");
    sandbox.set_scenario(down()).expect("an outcome");
    sandbox.set_scenario(down().cpf(CPF)).expect("an outcome");
    assert_eq!(status_of(&sandbox, CPF).await.0, 503);
    sandbox.set_scenario(Scenario::new("cellere", "cpf-regular").cpf(CPF)).expect("an outcome");
    assert_eq!(status_of(&sandbox, CPF).await, (200, json!("REGULAR")));
    assert_eq!(status_of(&sandbox, OTHER).await.0, 503);
}

#[tokio::test]
async fn an_error_text_is_that_of_one_operation_or_of_all() {
    let sandbox = sandbox().await;
    sandbox.set_scenario(Scenario::new("cellere", "not-jwt")).expect("an outcome");
    sandbox.set_scenario(Scenario::new("cellere", "service-down").operation("balance")).expect("an outcome");
    let token = cellere::refusal(400, "The token is not in JWT format");
    let body = json!({ "cpf": CPF });
    assert_eq!(cellere::send_json(&sandbox, cellere::CPF, &body).await, token);
    let image = cellere::base64(cellere::empty_png());
    let faces = json!({ "image1": image, "image2": image });
    assert_eq!(cellere::send_json(&sandbox, cellere::FACES, &faces).await, token);
    let down = cellere::refusal(500, "Service API is not working");
    assert_eq!(cellere::fetch(&sandbox, cellere::BALANCE).await, down);
    assert_eq!((sandbox.cellere().paid_calls(), sandbox.cellere().credits()), (0, 1000));
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field_and_sets_nothing() {
    let sandbox = sandbox().await;
    for (wrong, rule) in [
        (json!({ "vendor": "nobody", "outcome": "match" }), "\"vendor\" must be one of "),
        (
            json!({ "vendor": "clearsale", "outcome": "http-200", "operation": "login" }),
            "\"outcome\" has an HTTP",
        ),
        (json!({ "vendor": "clearsale", "outcome": "http-500" }), "\"operation\" is required"),
        (json!({ "vendor": "clearsale", "outcome": "nothing" }), "\"outcome\" must be one of match, "),
        (
            json!({ "vendor": "clearsale", "outcome": "match", "operation": "login" }),
            "\"operation\" must be one of",
        ),
        (json!({ "vendor": "clearsale", "outcome": "match", "cpf": "52998224724" }), "\"cpf\" "),
        (json!({ "vendor": "clearsale", "outcome": "match", "reason": "x" }), "\"reason\" must be absent"),
        (json!({ "vendor": "clearsale", "outcome": "error", "reason": "" }), "\"reason\" must have"),
        (
            json!({ "vendor": "clearsale", "outcome": "error", "reason": "x".repeat(501) }),
            "\"reason\" must have",
        ),
        (
            json!({ "vendor": "clearsale", "outcome": "match", "delay_seconds": -1 }),
            "\"delay_seconds\" must be",
        ),
        (json!({ "vendor": "cellere", "outcome": "faces-match", "cpf": CPF }), "\"cpf\" must be absent"),
        (json!({ "vendor": "cellere", "outcome": "cnpj-closed", "cpf": CPF }), "\"cpf\" "),
        (json!({ "vendor": "clearsale", "outcome": "match", "now": true }), "\"now\" must be absent"),
    ] {
        let (status, answer) = set(&sandbox, &wrong).await;
        let error = answer["error"].as_str().unwrap_or_default();
        assert!(status == 400 && error.starts_with(rule) && !error.contains(CPF), "{wrong}: {answer}");
    }
    let unknown = json!({ "vendor": "clearsale", "outcome": "match", "person": CPF });
    assert_eq!(set(&sandbox, &unknown).await.0, 422);
    assert_eq!(sandbox.scenarios(), []);
}

#[tokio::test]
async fn scenarios_are_listed_with_the_outcomes_and_removed() {
    let sandbox = sandbox().await;
    set(&sandbox, &json!({ "vendor": "cellere", "outcome": "cnpj-closed", "cpf": "93.000.001/0001-17" }))
        .await;
    let listed = control(&sandbox, Method::GET, "scenario", &Value::Null).await.1;
    assert_eq!(listed["scenarios"][0]["cpf"], "93000001000117");
    assert_eq!(listed["outcomes"].as_array().map(Vec::len), Some(Sandbox::outcomes().len()));
    let (status, body) =
        cellere::send_json(&sandbox, cellere::CNPJ, &json!({ "cnpj": "93000001000117" })).await;
    assert_eq!((status, &body["BaseStatus"]), (200, &json!("BAIXADA")));
    assert_eq!(control(&sandbox, Method::DELETE, "scenario", &Value::Null).await.0, 204);
    assert_eq!(sandbox.scenarios(), []);
    let scenario = Scenario::new("cellere", "cpf-null").cpf(CPF).reason("secret");
    assert!(!format!("{scenario:?}").contains(CPF) && !format!("{scenario:?}").contains("secret"));
}

#[tokio::test]
async fn a_trigger_with_a_cpf_sets_the_scenario_of_that_person() {
    let sandbox = sandbox().await;
    let order = json!({ "vendor": "clearsale", "outcome": "error", "cpf": CPF, "reason": "Escura.",
                        "delay_seconds": 5 });
    let (status, triggered) = control(&sandbox, Method::POST, "trigger", &order).await;
    assert_eq!((status, &triggered["cpf"], &triggered["due_in_seconds"]), (200, &json!(CPF), &json!(5.0)));
    sandbox.clock().advance(seconds(5));
    let token = clearsale::login(&sandbox).await;
    let id = triggered["reference"].as_str().expect("an id");
    assert_eq!(clearsale::query(&sandbox, &token, id).await.1["message"], "Escura.");
    assert_eq!(sandbox.scenarios().len(), 1);
    let wrong = json!({ "vendor": "clearsale", "outcome": "fails-once", "cpf": CPF });
    assert_eq!(control(&sandbox, Method::POST, "trigger", &wrong).await.0, 400);
    assert_eq!(sandbox.scenarios().len(), 1);
}

#[tokio::test]
async fn after_a_reset_nothing_is_left() {
    let sandbox = sandbox().await;
    sandbox.set_scenario(Scenario::new("clearsale", "no-match").cpf(CPF)).expect("an outcome");
    let triggered = sandbox.trigger("clearsale", "match").expect("an outcome");
    sandbox.cellere().set_credits(3);
    sandbox.reset();
    assert_eq!((sandbox.scenarios(), sandbox.cellere().credits()), (vec![], 1000));
    assert!(sandbox.clearsale().deliveries().is_empty());
    let token = clearsale::login(&sandbox).await;
    assert_eq!(clearsale::query(&sandbox, &token, &triggered.reference).await.0, 404);
}

#[test]
fn the_readme_has_every_outcome() {
    let readme = include_str!("../README.md");
    let rows: Vec<_> = Sandbox::outcomes().iter().map(row).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !readme.contains(*row)).map(String::as_str).collect();
    assert!(missing.is_empty(), "these rows are missing in the README:\n{}", missing.join("\n"));
}

/// The row of an outcome in the README.
fn row(outcome: &Outcome) -> String {
    let Outcome { vendor, name, what, operations, has_reason, .. } = *outcome;
    let operations: Vec<_> = operations.iter().map(|name| format!("`{name}`")).collect();
    let reason = if has_reason { "yes" } else { "no" };
    format!("| {vendor} | `{name}` | {} | {what} | {reason} |", operations.join(", "))
}
