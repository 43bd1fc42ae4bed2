use kyc_sandbox::Sandbox;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    read(client().get(format!("{}/_sandbox{path}", sandbox.url())).send().await.expect("a response")).await.1
}

async fn tell(sandbox: &Sandbox, path: &str, body: &Value) -> u16 {
    let url = format!("{}/_sandbox{path}", sandbox.url());
    client().post(url).json(body).send().await.expect("a response").status().as_u16()
}

#[tokio::test]
async fn the_summary_lists_help_and_state() {
    let sandbox = sandbox().await;
    let cellere = &get(&sandbox, "/").await["vendors"]["cellere"];
    assert_eq!(cellere["client_config"]["base_url"], json!(sandbox.cellere_url()));
    assert_eq!(cellere["client_config"]["token"], Sandbox::CELLERE_TOKEN);
    assert_eq!(cellere["state"]["credits"], 1000);
    let operations = json!(["document", "cpf", "cnpj", "meter", "facematch", "balance"]);
    assert_eq!(cellere["operations"], operations);
    assert_eq!(cellere["test_inputs"].as_array().map(Vec::len), Some(14));
    assert!(include_str!("../../README.md").contains(Sandbox::CELLERE_TOKEN));
}

#[tokio::test]
async fn the_control_routes_cover_every_setting() {
    let sandbox = sandbox().await;
    let cpf = json!({ "cpf": "93000000127" });
    assert_eq!(tell(&sandbox, "/cellere/credits", &json!({ "credits": 1 })).await, 204);
    for wrong in [json!({ "credits": -1 }), json!({ "credit": 1 }), json!({})] {
        assert_eq!(tell(&sandbox, "/cellere/credits", &wrong).await, 422, "{wrong}");
    }
    let fault = json!({ "vendor": "cellere", "operation": "cpf", "kind": "html", "status": 502 });
    assert_eq!(tell(&sandbox, "/faults", &fault).await, 200);
    let spoilt = ask(&sandbox, reqwest::Method::POST, CPF).json(&cpf).send().await.expect("a response");
    assert_eq!(spoilt.status(), 502);
    assert_eq!(send_json(&sandbox, CPF, &cpf).await.0, 200);
    assert_eq!(send_json(&sandbox, CPF, &cpf).await.0, 403);

    for wrong in [
        json!({ "vendor": "cellere", "duplicate_webhooks": true }),
        json!({ "vendor": "cellere", "kind": "close", "operation": "neocpf" }),
        json!({ "vendor": "cellere-portal", "kind": "close" }),
    ] {
        assert_eq!(tell(&sandbox, "/faults", &wrong).await, 400, "{wrong}");
    }
    assert_eq!(tell(&sandbox, "/faults", &json!({ "vendor": "cellere", "kind": "hang" })).await, 200);
    assert_eq!(sandbox.cellere().waiting_faults(), 1);
    let cleared = client().delete(format!("{}/_sandbox/faults", sandbox.url())).send().await;
    assert_eq!(cleared.expect("a response").status(), 204);
    assert_eq!(sandbox.cellere().waiting_faults(), 0);

    let requests = json!({ "document": 0, "cpf": 3, "cnpj": 0, "meter": 0, "facematch": 0, "balance": 0 });
    let expected = json!({ "requests": requests, "paid": 1 });
    assert_eq!(get(&sandbox, "/counts").await["cellere"], expected);
    assert_eq!(get(&sandbox, "/").await["vendors"]["cellere"]["state"]["credits"], 0);
}
