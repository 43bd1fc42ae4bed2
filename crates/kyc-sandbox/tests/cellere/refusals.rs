use kyc_fixtures::cellere_portal as documented;
use kyc_sandbox::Fault;
use kyc_sandbox::cellere::{CpfOutcome, Operation, test_cpf};
use reqwest::Method;
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

const PATHS: &[(&str, &str)] = &[
    ("POST", "/contextus/cnh"),
    ("POST", CPF),
    ("GET", "/bg-check/cpf-completo"),
    ("GET", "/bg-check/cpf-validacao-cadastral"),
    ("POST", CNPJ),
    ("GET", "/bg-check/cnpj-completo"),
    ("POST", METER),
    ("POST", FACES),
    ("POST", "/facematch/"),
    ("GET", BALANCE),
];

fn method(name: &str) -> Method {
    name.parse().expect("a method")
}

#[tokio::test]
async fn every_path_requires_the_token() {
    let sandbox = sandbox().await;
    let (required, no_jwt) =
        ("Bearer Token is required to perform this operation", "The token is not in JWT format");
    for (name, path) in PATHS {
        let ask = async |authorization: Option<&str>| {
            let request = client().request(method(name), format!("{}{path}", sandbox.cellere_url()));
            answer(match authorization {
                Some(value) => request.header("authorization", value),
                None => request,
            })
            .await
        };
        assert_eq!(ask(None).await, refusal(400, required), "{path}");
        for other in ["Basic YTpi", "Bearer", "Bearer ", "a.b.c"] {
            assert_eq!(ask(Some(other)).await, refusal(400, required), "{path}: {other}");
        }
        // The last one has the form of the vendor's sample: two segments, with a space in one of them.
        for other in ["Bearer token", "Bearer a.b", "Bearer a.b.c.d", "Bearer a..c", "bearer eyJh.eyJz KKF2"]
        {
            assert_eq!(ask(Some(other)).await, refusal(400, no_jwt), "{path}: {other}");
        }
        assert_eq!(ask(Some("Bearer a.b.c")).await, refusal(401, "Client is not registered"), "{path}");
    }
    assert_eq!(sandbox.cellere().credits(), 1000);
}

#[tokio::test]
async fn other_paths_and_methods_are_unknown_urls() {
    let sandbox = sandbox().await;
    let unknown = refusal(404, "URL not found");
    for path in ["", "/neocpf", "/bg-check", "/bg-check/cpf-simples/", "/facematch/one-image"] {
        assert_eq!(fetch(&sandbox, path).await, unknown, "{path}");
        assert_eq!(send_json(&sandbox, path, &json!({})).await, unknown, "{path}");
    }
    for (name, path) in PATHS {
        for other in ["GET", "POST", "PUT", "DELETE"].into_iter().filter(|other| other != name) {
            assert_eq!(answer(ask(&sandbox, method(other), path)).await, unknown, "{other} {path}");
        }
    }
}

#[tokio::test]
async fn a_request_must_have_a_body_and_a_content_type() {
    let sandbox = sandbox().await;
    for (name, path) in PATHS.iter().filter(|(_, path)| *path != BALANCE) {
        let request = || ask(&sandbox, method(name), path);
        let no_data = refusal(400, "The request has no data.");
        assert_eq!(answer(request()).await, no_data, "{path}");
        assert_eq!(answer(request().header("content-type", "application/json")).await, no_data, "{path}");
        if *name == "POST" {
            for (media, body) in [
                ("application/json", "{"),
                ("application/json", "[]"),
                ("application/json", "null"),
                ("text/plain", "{}"),
                ("multipart/form-data", "--b--"),
                ("multipart/form-data; boundary=b", "--c--"),
                ("multipart/form-data; boundary=b", "--b\r\n\r\n"),
            ] {
                let answer = answer(request().header("content-type", media).body(body)).await;
                assert_eq!(answer, refusal(400, "Bad Request"), "{path}: {media} {body}");
            }
        }
    }
    let form = reqwest::multipart::Form::new().text("cpf", "93000000127");
    assert_eq!(send_form(&sandbox, CPF, form).await, refusal(400, "Bad Request"));
}

/// One request for each line of the vendor's table.
#[tokio::test]
async fn every_documented_error_can_be_triggered() {
    let sandbox = sandbox().await;
    let post = |path: &str| {
        client()
            .post(format!("{}{path}", sandbox.cellere_url()))
            .bearer_auth(kyc_sandbox::Sandbox::CELLERE_TOKEN)
    };
    let with_token =
        |token: &str| client().get(format!("{}{BALANCE}", sandbox.cellere_url())).bearer_auth(token);
    let of = |outcome| post(CPF).json(&json!({ "cpf": test_cpf(outcome) }));
    let image = |value: Value| post("/contextus/rg").json(&json!({ "image": value }));
    let requests = [
        (client().get(format!("{}{BALANCE}", sandbox.cellere_url())), &documented::ERROR_BEARER_REQUIRED_400),
        (with_token("token"), &documented::ERROR_NOT_JWT_400),
        (with_token("a.b.c"), &documented::ERROR_NOT_REGISTERED_401),
        (post("/nowhere"), &documented::ERROR_URL_NOT_FOUND_404),
        (post(METER), &documented::ERROR_NO_DATA_400),
        (image(Value::Null), &documented::ERROR_IMAGE_REQUIRED_400),
        (image("*".into()), &documented::ERROR_NOT_BASE64_400),
        (image("AAAA".into()), &documented::ERROR_BAD_REQUEST_400),
        (of(CpfOutcome::ServiceDown), &documented::ERROR_SERVICE_DOWN_500),
        (of(CpfOutcome::Unprocessable), &documented::ERROR_UNPROCESSABLE_500),
        (of(CpfOutcome::Regular), &documented::CPF_200),
    ];
    for (request, fixture) in requests {
        let status = fixture.status.expect("a response");
        assert_eq!(answer(request).await, (status, body_of(fixture)), "{}", fixture.name);
    }
    sandbox.cellere().set_credits(0);
    let answer = answer(of(CpfOutcome::Regular)).await;
    assert_eq!(answer, (403, body_of(&documented::ERROR_NO_CREDITS_403)));
}

#[tokio::test]
async fn faults_change_responses() {
    let sandbox = sandbox().await;
    let cellere = sandbox.cellere();
    let cpf = json!({ "cpf": "93000000127" });
    for (status, text) in [
        (400, "Bad Request"),
        (401, "Client is not registered"),
        (403, "Insufficient credits to perform this operation"),
        (404, "URL not found"),
        (500, "Service API is not working"),
    ] {
        cellere.fault(Fault::status(status).on(Operation::Cpf));
        assert_eq!(send_json(&sandbox, CPF, &cpf).await, refusal(status, text));
    }
    cellere.fault(Fault::status(429).retry_after(2));
    assert_eq!(send_json(&sandbox, CPF, &cpf).await.1["title"], "Too Many Requests");
    assert_eq!((cellere.paid_calls(), cellere.credits()), (0, 1000));

    cellere.fault(Fault::close().on(Operation::Cpf).after_effect());
    assert!(ask(&sandbox, Method::POST, CPF).json(&cpf).send().await.is_err());
    assert_eq!((cellere.paid_calls(), cellere.credits(), cellere.requests(Operation::Cpf)), (1, 999, 7));

    cellere.fault(Fault::truncated_json().on(Operation::Meter));
    let body = json!({ "link": "https://example.com/digital.jpeg", "service": "energia" });
    let response = ask(&sandbox, Method::POST, METER).json(&body).send().await.expect("a response");
    let text = response.text().await.expect("all of it");
    assert!(documented::METER_DIGITAL_200.body.starts_with(&text) && !text.is_empty());
    for operation in Operation::ALL {
        assert_eq!(Operation::named(operation.name()), Some(*operation));
    }
}
