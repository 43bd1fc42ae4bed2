use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kyc_core::{Clock as _, DateTime};
use kyc_sandbox::Sandbox;
use kyc_sandbox::certiface::{Operation, TestOutcome};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

const USER: &str = Sandbox::CERTIFACE_USER;

#[tokio::test]
async fn a_credential_states_its_expiry() {
    let sandbox = sandbox().await;
    let credential: Value = serde_json::from_str(&credential(&sandbox).await).expect("JSON");
    assert_eq!(credential.as_object().map(serde_json::Map::len), Some(2));
    let expires = credential["expires"].as_str().expect("text");
    let expires = DateTime::parse(expires).expect("a form that is known").assume_utc();
    let in_three_hours = sandbox.clock().now().saturating_add(seconds(3 * 3600));
    assert_eq!(expires.unix_seconds(), in_three_hours.unix_seconds());
    assert_eq!(sandbox.certiface().logins(), 1);
}

#[tokio::test]
async fn logins_are_checked() {
    let sandbox = sandbox().await;
    let nobody = "0".repeat(32);
    for (fields, status) in [
        (vec![("user", USER)], 400),
        (vec![("user", USER), ("pass", Sandbox::CERTIFACE_PASSWORD)], 400),
        (vec![("user", USER), ("pass", &nobody)], 401),
        (vec![("user", "nobody"), ("pass", "911b7bf55b7b03cdfe2af9d1e68e4897")], 401),
    ] {
        refused(&post_form(&sandbox, "/credencial", &fields).await, status);
    }
    let wrong = post_json(&sandbox, "/credencial", &json!({ "user": USER })).await;
    assert!(refused(&wrong, 400).contains("application/x-www-form-urlencoded"));
    assert_eq!((sandbox.certiface().logins(), sandbox.certiface().requests(Operation::Credencial)), (0, 5));
}

#[tokio::test]
async fn an_appkey_is_a_jwt_with_the_persons_data() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let parts: Vec<_> = appkey.split('.').collect();
    assert_eq!((parts.len(), parts[0]), (3, "eyJhbGciOiJIUzI1NiJ9"));
    let claims = URL_SAFE_NO_PAD.decode(parts[1]).expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    let now = sandbox.clock().now().unix_seconds();
    let expected = json!({
        "sub": "certiface", "cpf": CPF, "nome": "Nome Sobrenome", "nascimento": BIRTH, "iat": now, "exp": now + 300,
    });
    assert_eq!(claims, expected);
    assert_ne!(appkey_of(&sandbox, CPF).await, appkey);
    assert_eq!(sandbox.certiface().appkeys()[0], appkey);
}

#[tokio::test]
async fn an_appkey_needs_the_whole_credential() {
    let sandbox = sandbox().await;
    let whole = credential(&sandbox).await;
    let parsed: Value = serde_json::from_str(&whole).expect("JSON");
    let token = parsed["token"].as_str().expect("text");
    let half = json!({ "token": token }).to_string();
    let other = json!({ "token": token, "expires": "27/09/2019 19:09:00" }).to_string();
    let unknown = json!({ "token": "unknown", "expires": "27/09/2019 19:09:00" }).to_string();
    let ask = async |user: &str, token: &str| {
        let person = [("cpf", CPF), ("nome", "Nome Sobrenome"), ("nascimento", BIRTH)];
        post_form(&sandbox, "/appkey", &[&[("user", user), ("token", token)][..], &person].concat()).await
    };
    for token in [token, &half, &other, &unknown] {
        refused(&ask(USER, token).await, 401);
    }
    refused(&ask("nobody", &whole).await, 401);
    assert_eq!(ask(USER, &whole).await.0, 200);
    // White space, as in the vendor's example, is accepted.
    assert_eq!(ask(USER, &whole.replace(',', ", ")).await.0, 200);
    sandbox.clock().advance(seconds(3 * 3600));
    refused(&ask(USER, &whole).await, 401);
    assert_eq!(sandbox.certiface().appkeys().len(), 2);
}

#[tokio::test]
async fn credentials_can_be_expired() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let credential = credential(&sandbox).await;
    sandbox.certiface().expire_credentials();
    let fields = [
        ("user", USER),
        ("token", credential.as_str()),
        ("cpf", CPF),
        ("nome", "N S"),
        ("nascimento", BIRTH),
    ];
    refused(&post_form(&sandbox, "/appkey", &fields).await, 401);
    // Appkeys stay valid.
    good_challenge(&sandbox, &appkey).await;
}

#[tokio::test]
async fn personal_data_must_have_the_documented_form() {
    let sandbox = sandbox().await;
    let credential = credential(&sandbox).await;
    let long = "x".repeat(256);
    for (name, value) in [
        ("cpf", "529.982.247-25"),
        ("cpf", "5299822472"),
        ("cpf", ""),
        ("nome", ""),
        ("nascimento", "2001-11-15"),
        ("nascimento", "15/11/01"),
        ("idExternoCliente", &long),
    ] {
        let right =
            [("user", USER), ("token", &credential), ("cpf", CPF), ("nome", "N S"), ("nascimento", BIRTH)];
        let fields: Vec<_> =
            right.into_iter().filter(|field| field.0 != name).chain([(name, value)]).collect();
        assert!(refused(&post_form(&sandbox, "/appkey", &fields).await, 422).contains(name), "{name}");
    }
}

#[tokio::test]
async fn refused_data_have_their_own_response_form() {
    let sandbox = sandbox().await;
    for (cpf, msg) in [
        ("91000004007", "NOME"),
        ("91000004180", "INVALID CPF"),
        ("91000004260", "INVALID DATE"),
        // Wrong check digits.
        ("52998224726", "INVALID CPF"),
    ] {
        let (status, answer) = ask_appkey(&sandbox, cpf).await;
        let protocolo = answer["protocolo"].as_str().expect("text");
        assert_eq!(protocolo.len(), 12);
        let expected = json!({ "status": "ERR", "resultado": "ERR", "protocolo": protocolo, "msg": msg });
        assert_eq!((status, &answer), (422, &expected));
    }
    assert!(sandbox.certiface().appkeys().is_empty());

    let appkey = appkey_for(&sandbox, TestOutcome::RefusedByResult).await;
    assert_eq!(result(&sandbox, &appkey).await.0, 404);
    live(&sandbox, &appkey).await;
    let (status, answer) = result(&sandbox, &appkey).await;
    assert_eq!((status, &answer["status"], &answer["msg"]), (200, &json!("ERR"), &json!("NOME")));
}

#[tokio::test]
async fn an_appkey_expires_after_five_minutes() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let url = format!("{}/facecaptcha/service/captcha/checkauth", sandbox.certiface_url());
    let checkauth = async || {
        read(client().get(&url).query(&[("appkey", &appkey)]).send().await.expect("a response")).await
    };
    assert_eq!(checkauth().await, (200, Value::Null));
    live(&sandbox, &appkey).await;
    sandbox.clock().advance(seconds(299));
    assert_eq!(checkauth().await.0, 200);
    sandbox.clock().advance(seconds(1));
    assert!(refused(&checkauth().await, 401).contains("expired"));
    refused(&challenge(&sandbox, &appkey).await, 401);
    refused(&document(&sandbox, &appkey).await, 401);
    refused(&post_json(&sandbox, "/3d/session-token", &json!({ "appkey": appkey })).await, 401);
    assert_eq!(result(&sandbox, &appkey).await.0, 200);
    let judged = post_form(&sandbox, "/result", &[("appkey", &appkey)]).await;
    assert_eq!((judged.0, &judged.1["codID"]), (200, &json!(200.0)));
}

#[tokio::test]
async fn the_misprinted_field_name_of_the_appkey_is_refused() {
    let sandbox = sandbox().await;
    let appkey = appkey_of(&sandbox, CPF).await;
    let slip = post_json(&sandbox, "/3d/session-token", &json!({ " appkey": appkey })).await;
    assert!(refused(&slip, 401).contains("missing"));
}
