use kyc_sandbox::{Fault, Sandbox, certiface::Operation};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

fn url(sandbox: &Sandbox, path: &str) -> String {
    format!("{}/_sandbox{path}", sandbox.url())
}

async fn get(sandbox: &Sandbox, path: &str) -> Value {
    read(client().get(url(sandbox, path)).send().await.expect("a response")).await.1
}

async fn tell(sandbox: &Sandbox, path: &str, body: &Value) -> u16 {
    client().post(url(sandbox, path)).json(body).send().await.expect("a response").status().as_u16()
}

#[tokio::test]
async fn the_summary_lists_help_and_state() {
    let sandbox = sandbox().await;
    let summary = get(&sandbox, "/").await;
    let certiface = &summary["vendors"]["certiface"];
    assert_eq!(certiface["client_config"]["base_url"], json!(sandbox.certiface_url()));
    assert_eq!(certiface["client_config"]["result_base_url"], json!(sandbox.certiface_result_url()));
    assert_eq!(
        (&certiface["client_config"]["login"], &certiface["client_config"]["password"]),
        (&json!("sandbox-operator"), &json!("sandbox-password"))
    );
    assert_eq!(certiface["operations"].as_array().map(Vec::len), Some(15));
    assert_eq!(certiface["test_inputs"].as_array().map(Vec::len), Some(26));
    for operation in Operation::ALL {
        assert_eq!(Operation::named(operation.name()), Some(*operation));
    }
}

#[tokio::test]
async fn the_control_routes_cover_every_setting() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    assert_eq!(get(&sandbox, "/certiface/appkeys").await, json!({ "appkeys": [appkey] }));
    assert_eq!(get(&sandbox, "/counts").await["certiface"]["logins"], 1);

    assert_eq!(tell(&sandbox, "/certiface/liveness-3d", &json!({ "provider": "nobody" })).await, 400);
    assert_eq!(tell(&sandbox, "/certiface/liveness-3d", &json!({ "provider": "iproov" })).await, 204);
    assert!(post_json(&sandbox, "/3d/session-token", &json!({ "appkey": appkey })).await.1.is_object());

    let update = json!({ "protocolo": "1", "cpf": "00011122233", "cpf_as_text": true });
    assert_eq!(tell(&sandbox, "/certiface/status-update", &update).await, 400);
    let mut receiver = Receiver::start().await;
    let hook = json!({ "completion_url": receiver.url, "status_url": receiver.url });
    assert_eq!(tell(&sandbox, "/certiface/webhooks", &json!({})).await, 400);
    assert_eq!(tell(&sandbox, "/certiface/webhooks", &hook).await, 204);
    assert_eq!(tell(&sandbox, "/certiface/status-update", &update).await, 204);
    assert_eq!(receiver.next().await.1["cpf"], "00011122233");
    assert_eq!(get(&sandbox, "/webhooks").await["deliveries"][0]["event"], "status-update");

    assert_eq!(tell(&sandbox, "/certiface/expire-credentials", &json!({})).await, 204);
}

#[tokio::test]
async fn faults_apply_to_their_operation() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let order = json!({
        "vendor": "certiface", "operation": "captcha", "kind": "status", "status": 500, "after_effect": true,
        "duplicate_webhooks": true,
    });
    assert_eq!(tell(&sandbox, "/faults", &order).await, 200);
    assert_eq!(sandbox.certiface().waiting_faults(), 1);
    let challenge = good_challenge(&sandbox, &appkey).await;
    refused(&captcha(&sandbox, &appkey, &challenge, &records(&challenge)).await, 500);
    // The request had its effect.
    assert_eq!(sandbox.certiface().paid_calls(), 1);
    refused(&captcha(&sandbox, &appkey, &challenge, &records(&challenge)).await, 401);

    sandbox.certiface().fault(Fault::close().on(Operation::Result));
    let url = format!("{}/facecaptcha/service/captcha/document/result", sandbox.certiface_result_url());
    assert!(client().post(&url).form(&[("appkey", &appkey)]).send().await.is_err());
    sandbox.certiface().fault(Fault::truncated_json());
    let half = client().post(&url).form(&[("appkey", &appkey)]).send().await.expect("a response");
    let half = half.text().await.expect("all of it");
    assert!(!half.is_empty() && serde_json::from_str::<Value>(&half).is_err());
    assert_eq!(get(&sandbox, "/").await["vendors"]["certiface"]["state"]["duplicate_webhooks"], true);

    sandbox.certiface().fault(Fault::hang().times(3));
    let cleared = client().delete(self::url(&sandbox, "/faults")).send().await.expect("a response");
    assert_eq!((cleared.status().as_u16(), sandbox.certiface().waiting_faults()), (204, 0));
    let wrong = json!({ "vendor": "certiface", "kind": "close", "operation": "login" });
    assert_eq!(tell(&sandbox, "/faults", &wrong).await, 400);
}

#[tokio::test]
async fn the_result_has_its_own_base_url() {
    let sandbox = sandbox().await;
    let path = "/facecaptcha/service/captcha/document/result";
    for (base, expected) in [(sandbox.certiface_url(), 404), (sandbox.certiface_result_url(), 400)] {
        let answer = client().post(format!("{base}{path}")).form(&[("x", "y")]).send().await;
        assert_eq!(answer.expect("a response").status(), expected);
    }
    assert_eq!(sandbox.certiface().requests(Operation::Result), 1);
}

/// A preflight request of a browser.
async fn preflight(url: &str) -> reqwest::Response {
    let request = client().request(Method::OPTIONS, url).header("origin", "http://localhost:3000");
    let request = request.header("access-control-request-method", "POST");
    request.header("access-control-request-headers", "content-type, x-kit").send().await.expect("a response")
}

#[tokio::test]
async fn a_page_may_call_the_vendor_but_no_control_route() {
    let sandbox = sandbox().await;
    let paths = ["/credencial", "/appkey", "/checkauth", "/challenge", "/3d/liveness", "/document", ""];
    let paths = paths.map(|path| format!("{}/facecaptcha/service/captcha{path}", sandbox.certiface_url()));
    let result = format!("{}/facecaptcha/service/captcha/document/result", sandbox.certiface_result_url());
    for url in paths.iter().chain([&result]) {
        let response = preflight(url).await;
        assert_eq!(response.status(), 200, "{url}");
        let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(header("access-control-allow-methods"), "GET,POST");
        assert_eq!(header("access-control-allow-headers"), "content-type, x-kit");
    }
    // A page also sees a refusal, and why.
    let refused = client().post(&paths[0]).header("origin", "null").send().await.expect("a response");
    assert_eq!(refused.headers()["access-control-allow-origin"], "*");
    assert_eq!(refused.headers()["access-control-expose-headers"], "x-sandbox-reason,x-sandbox-simulated");
    assert_eq!(read(refused).await.0, 400);

    for path in ["/", "/_sandbox/", "/_sandbox/clock", "/_sandbox/certiface/appkeys", "/nowhere"] {
        let response = preflight(&format!("{}{path}", sandbox.url())).await;
        assert!(response.status().is_client_error(), "{path}");
        assert!(response.headers().get("access-control-allow-origin").is_none(), "{path}");
    }
    for vendor in sandbox.vendors().iter().filter(|vendor| vendor.key != "certiface") {
        let response = preflight(&vendor.url).await;
        assert!(response.headers().get("access-control-allow-origin").is_none(), "{}", vendor.key);
    }
}

#[tokio::test]
async fn another_method_is_refused_in_the_form_of_the_vendor() {
    let sandbox = sandbox().await;
    let url = format!("{}/facecaptcha/service/captcha/appkey", sandbox.certiface_url());
    let (status, error) = read(client().get(url).send().await.expect("a response")).await;
    assert_eq!((status, error), (405, json!({ "error": "this path has other methods" })));
}
