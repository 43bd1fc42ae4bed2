use kyc_fixtures::clearsale_facematch as documented;
use kyc_sandbox::clearsale::{ExpiresIn, Operation};
use kyc_sandbox::{Fault, Sandbox};
use serde_json::{Value, json};

use super::client::*;
use crate::support::*;

fn credentials() -> Value {
    json!({
        "clientId": Sandbox::CLEARSALE_CLIENT_ID,
        "clientSecret": Sandbox::CLEARSALE_CLIENT_SECRET,
    })
}

#[tokio::test]
async fn a_login_response_is_as_documented() {
    let sandbox = sandbox().await;
    let (status, answer) = post(&sandbox, LOGIN, "", &credentials()).await;
    assert_eq!(status, 200);
    let live = ["/access_token", "/expires_in", "/token_type"];
    assert_eq!(answer, with_live_values(documented::LOGIN_200.body, &answer, &live));
    assert_eq!(answer["expires_in"], "3600");
    assert_eq!(answer["token_type"], "Bearer");
}

#[tokio::test]
async fn wrong_credentials_are_401() {
    let sandbox = sandbox().await;
    let body = json!({ "clientId": Sandbox::CLEARSALE_CLIENT_ID, "clientSecret": "guess" });
    let (status, answer) = post(&sandbox, LOGIN, "", &body).await;
    assert_eq!((status, answer), (401, with_live_values(documented::LOGIN_401.body, &Value::Null, &[])));
    assert_eq!(sandbox.clearsale().logins(), 0);
    assert_eq!(sandbox.clearsale().requests(Operation::Login), 1);
}

#[tokio::test]
async fn missing_or_unreadable_credentials_are_400_that_says_401() {
    let sandbox = sandbox().await;
    let expected = with_live_values(documented::LOGIN_400.body, &Value::Null, &[]);
    for body in
        [json!({}), json!({ "clientId": "x" }), json!({ "clientId": 1, "clientSecret": "" }), json!([])]
    {
        assert_eq!(post(&sandbox, LOGIN, "", &body).await, (400, expected.clone()), "{body}");
    }
    for (mime, body) in [("application/json", "{"), ("text/plain", &*credentials().to_string())] {
        let request = client().post(format!("{}{LOGIN}", sandbox.clearsale_url()));
        let response =
            request.header("content-type", mime).body(body.to_owned()).send().await.expect("a response");
        assert_eq!(read(response).await, (400, expected.clone()), "{mime}");
    }
}

#[tokio::test]
async fn an_unknown_path_is_404() {
    let sandbox = sandbox().await;
    let (status, error) = post(&sandbox, "/api/authentication/logon", "", &credentials()).await;
    assert_eq!((status, &error["title"], &error["status"]), (404, &json!("Not Found"), &json!(404)));
    // The 404 of the login itself is printed without a body.
    assert_eq!(documented::LOGIN_404.body, "");
    sandbox.clearsale().fault(Fault::status(404));
    assert_eq!(post(&sandbox, LOGIN, "", &credentials()).await, (404, Value::Null));
}

#[tokio::test]
async fn a_token_expires_on_the_clock_and_others_stay_valid() {
    let sandbox = builder().clearsale_token_life(seconds(100)).start().await.expect("a free port");
    let first = login(&sandbox).await;
    sandbox.clock().advance(seconds(60));
    let second = login(&sandbox).await;
    assert_ne!(first, second);
    assert_eq!(post(&sandbox, MATCH, &first, &order()).await.0, 200);
    sandbox.clock().advance(seconds(40));
    assert_eq!(post(&sandbox, MATCH, &first, &order()).await.0, 401);
    assert_eq!(post(&sandbox, MATCH, &second, &order()).await.0, 200);
    sandbox.clearsale().expire_tokens();
    assert_eq!(post(&sandbox, MATCH, &second, &order()).await.0, 401);
    assert_eq!(sandbox.clearsale().logins(), 2);
}

#[tokio::test]
async fn the_lifetime_of_a_token_is_stated_in_the_configured_form() {
    for (form, expected) in [
        (ExpiresIn::SecondsText, json!("5025")),
        (ExpiresIn::Seconds, json!(5025)),
        (ExpiresIn::HoursMinutesSeconds, json!("01:23:45")),
    ] {
        let builder = builder().clearsale_token_life(seconds(5025)).clearsale_expires_in(form);
        let sandbox = builder.start().await.expect("a free port");
        assert_eq!(post(&sandbox, LOGIN, "", &credentials()).await.1["expires_in"], expected);
    }
    let sandbox = builder().clearsale_expires_in(ExpiresIn::DateTime).start().await.expect("a free port");
    let answer = post(&sandbox, LOGIN, "", &credentials()).await.1;
    let expiry =
        kyc_core::Timestamp::parse(answer["expires_in"].as_str().expect("text")).expect("an instant");
    assert_eq!(expiry.since(kyc_core::Clock::now(&sandbox.clock())), seconds(3600));
}

#[tokio::test]
async fn a_refusal_says_why() {
    let sandbox = sandbox().await;
    let url = format!("{}{LOGIN}", sandbox.clearsale_url());
    let text = credentials().to_string();
    for (content_type, body, why) in [
        ("text/plain", text.as_str(), "the Content-Type must be application/json"),
        ("application/json", "[]", "the body must be a JSON object"),
        ("application/json", "{}", "clientId and clientSecret are required, as text"),
    ] {
        let request = client().post(&url).header("content-type", content_type).body(body.to_owned());
        let response = request.send().await.expect("a response");
        assert_eq!(reason(&response), why);
        let documented: Value = serde_json::from_str(documented::LOGIN_400.body).expect("JSON");
        assert_eq!(read(response).await, (400, documented));
    }
    let (status, error) = read(client().get(&url).send().await.expect("a response")).await;
    assert_eq!((status, &error["title"], &error["status"]), (405, &json!("Method Not Allowed"), &json!(405)));
    sandbox.clearsale().fault(Fault::html(502));
    assert_eq!(
        reason(
            &client().get(format!("{}{MATCH}/1", sandbox.clearsale_url())).send().await.expect("a response")
        ),
        "this fault was requested"
    );
}
