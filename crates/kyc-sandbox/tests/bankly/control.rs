use kyc_sandbox::Sandbox;
use reqwest::Method;
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
    let sandbox = builder().bankly_mutual_tls(true).start().await.expect("free ports");
    let summary = get(&sandbox, "/").await;
    let bankly = &summary["vendors"]["bankly"];
    assert_eq!(bankly["client_config"]["base_url"], json!(sandbox.bankly_url()));
    assert_eq!(bankly["state"]["tls_base_url"], json!(sandbox.bankly_tls().expect("enabled").url()));
    assert_eq!(bankly["client_config"]["client_id"], Sandbox::BANKLY_CLIENT_ID);
    assert_eq!(bankly["operations"].as_array().map(Vec::len), Some(17));
    assert_eq!(bankly["test_inputs"].as_array().map(Vec::len), Some(17));
}

#[tokio::test]
async fn the_control_routes_cover_every_setting() {
    let sandbox = sandbox().await;
    let token = log_in(&sandbox).await;
    let mut receiver = Receiver::start().await;
    let hook = json!({ "url": receiver.url, "private_key": "dGVzdGU=", "public_key": "cHVibGlj" });
    assert_eq!(tell(&sandbox, "/bankly/webhooks", &json!({ "url": receiver.url })).await, 422);
    assert_eq!(tell(&sandbox, "/bankly/webhooks", &hook).await, 204);
    let settings = json!({
        "analysis_seconds": 0, "rate_limit": false, "reorder_webhooks": true, "key_reading": "raw",
    });
    assert_eq!(tell(&sandbox, "/bankly/settings", &settings).await, 204);
    for wrong in [json!({ "analysis_seconds": -1 }), json!({ "key_reading": "hex" })] {
        assert_eq!(tell(&sandbox, "/bankly/settings", &wrong).await, 400);
    }
    let fault =
        json!({ "vendor": "bankly", "operation": "upload", "kind": "html", "duplicate_webhooks": true });
    assert_eq!(tell(&sandbox, "/faults", &fault).await, 200);
    let spoilt = try_upload(&sandbox, &token, CPF, form("SELFIE", "FRONT", png(640, 480))).await;
    assert_eq!(spoilt.expect("a response").status(), 502);
    assert_eq!(upload(&sandbox, &token, CPF, SELFIE).await.0, 202);
    let event = next_event(&mut receiver).await.1;
    assert_eq!(event["name"], "DOCUMENT_WAS_PROCESSED");
    let resend = json!({ "idempotency_key": event["idempotencyKey"] });
    assert_eq!(tell(&sandbox, "/bankly/resend", &resend).await, 202);
    assert_eq!(tell(&sandbox, "/bankly/resend", &json!({ "idempotency_key": "x" })).await, 400);
    assert_eq!(get(&sandbox, "/webhooks").await["deliveries"][0]["vendor"], "bankly");

    let counts = get(&sandbox, "/counts").await["bankly"].clone();
    assert_eq!(
        (&counts["paid"], &counts["logins"], &counts["fullest_window"]),
        (&json!(1), &json!(1), &json!(3))
    );
    assert_eq!(tell(&sandbox, "/bankly/expire-tokens", &json!({})).await, 204);
    refused(&status_of(&sandbox, &token, CPF, "").await, 401);
    let cleared = client().request(Method::DELETE, format!("{}/_sandbox/faults", sandbox.url())).send().await;
    assert_eq!(cleared.expect("a response").status(), 204);
    let bankly = &get(&sandbox, "/").await["vendors"]["bankly"];
    assert_eq!(
        (&bankly["state"]["duplicate_webhooks"], &bankly["state"]["reorder_webhooks"]),
        (&json!(false), &json!(false))
    );
}
