//! The portal's token: one for all calls, with or without the form of a JWT, and never a login.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cellere_portal::kyc_core::{
    ClientOptions, Clock, Delivery, ErrorKind, Timestamp, Token, TokenStore, VirtualClock,
};
use cellere_portal::{Client, Credentials, ResponseText, TokenFacts};
use kyc_fixtures::cellere_portal as documented;
use kyc_sandbox::Sandbox;
use kyc_sandbox::cellere::Operation;
use serde_json::{Value, json};
use test_support::causes;
use test_support::sentinels::Printed;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{OPERATIONS, builder, call};

/// The sample on the vendor's page.
const SAMPLE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG91IiwiaWF0IjoxNTE2MzE1ODQyLWZlKXxwRJSMe KKF2QT4fwPMeJf36P0k6yJV_adQssw5c";

const NO_JWT: &str = "the portal token does not have the form of a JWT";
const PASSED: &str = "the expiry that the portal token states has passed";

/// Returns a token with these claims and an arbitrary signature.
pub fn jwt(claims: &Value) -> String {
    [r#"{"alg":"RS256","typ":"JWT"}"#, &claims.to_string(), "not a signature"]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".")
}

/// Returns a token that expires in so many seconds, or has expired for a negative number.
fn expiring_in(seconds: i64) -> String {
    let exp = VirtualClock::running().now().unix_seconds() + seconds;
    jwt(&json!({ "iat": exp - 300, "exp": exp, "iss": "https://login/realms/portal" }))
}

/// Returns a client of a token, and the log of its construction.
fn made(url: &str, token: &str, options: ClientOptions) -> (Client, Printed) {
    let (printed, _guard) = Printed::by_this_thread();
    let builder = Client::builder(Credentials::new(token)).base_url(url).options(options);
    (builder.build().unwrap(), printed)
}

/// Counts the warnings with this text.
fn warnings(printed: &Printed, what: &str) -> usize {
    let text = printed.text();
    text.lines().filter(|line| line.contains("WARN") && line.contains(what)).count()
}

/// Responds to every operation.
async fn portal() -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_string(documented::BALANCE_200.body);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// A token store that must not be used.
#[derive(Debug)]
struct Untouched;

#[async_trait]
impl TokenStore for Untouched {
    async fn load(&self, key: &str) -> Option<Token> {
        panic!("loaded {key}")
    }

    async fn save(&self, key: &str, _: &Token) {
        panic!("saved {key}")
    }
}

#[tokio::test]
async fn there_is_never_a_login() {
    let portal = portal().await;
    let clock = VirtualClock::frozen();
    let options = ClientOptions::new().clock(clock.clone()).token_store(Untouched);
    let client = builder(&portal.uri()).options(options).build().unwrap();
    for _ in 0..2 {
        for (name, _) in OPERATIONS {
            call(&client, name).await.unwrap();
        }
        // Longer than any token lives, and longer than the sandbox's own token states.
        clock.advance(Duration::from_secs(100 * 365 * 24 * 3600));
    }
    let requests = portal.received_requests().await.unwrap();
    assert_eq!(requests.len(), 2 * OPERATIONS.len());
    let bearer = format!("Bearer {}", Sandbox::CELLERE_TOKEN);
    for request in &requests {
        let sent: Vec<_> = request.headers.get_all("authorization").iter().collect();
        assert_eq!(sent, [bearer.as_str()], "{}", request.url);
    }
}

#[tokio::test]
async fn each_call_is_one_request() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = builder(&sandbox.cellere_url()).build().unwrap();
    for (name, _) in OPERATIONS {
        call(&client, name).await.unwrap();
    }
    for &operation in Operation::ALL {
        assert_eq!(sandbox.cellere().requests(operation), 1, "{operation:?}");
    }
    assert_eq!(sandbox.cellere().paid_calls(), 5);
}

/// Returns tokens, whether they are JWTs, and whether their stated expiry has passed.
fn tokens() -> Vec<(&'static str, String, bool, bool)> {
    vec![
        ("the sandbox's", Sandbox::CELLERE_TOKEN.to_owned(), true, false),
        ("a JWT without an expiry", jwt(&json!({ "sub": "me" })), true, false),
        ("one that expires later", expiring_in(8 * 24 * 3600), true, false),
        ("one that has expired", expiring_in(-3600), true, true),
        ("one whose expiry is text", jwt(&json!({ "exp": "1731937031" })), true, true),
        ("one with an invalid expiry", jwt(&json!({ "exp": "never" })), true, false),
        ("one with an expiry out of range", jwt(&json!({ "exp": 99_999_999_999_999_999_u64 })), true, false),
        ("the vendor's sample", SAMPLE.to_owned(), false, false),
        ("one word", "me-token".to_owned(), false, false),
        ("two parts", "eyJhbGciOiJub25lIn0.eyJleHAiOjB9".to_owned(), false, false),
        ("four parts", format!("{}.more", expiring_in(-3600)), false, false),
        ("parts that are not JSON", "a.b.c".to_owned(), false, false),
        ("without a signature", "eyJhbGciOiJub25lIn0.eyJleHAiOjB9.".to_owned(), false, true),
    ]
}

#[tokio::test]
async fn every_token_is_sent_unchanged() {
    for (name, token, is_jwt, has_passed) in tokens() {
        let portal = portal().await;
        let (client, printed) = made(&portal.uri(), &token, ClientOptions::new());
        assert_eq!(client.token_facts().is_jwt, is_jwt, "{name}");
        assert_eq!(client.token_facts(), Credentials::new(token.as_str()).facts(), "{name}");
        let logged = [NO_JWT, PASSED, ""].map(|what| warnings(&printed, what));
        let (no_jwt, passed) = (usize::from(!is_jwt), usize::from(has_passed));
        assert_eq!(logged, [no_jwt, passed, no_jwt + passed], "{name}");
        // Once per client: its calls and clones do not log it again.
        let (later, _guard) = Printed::by_this_thread();
        for _ in 0..3 {
            call(&client.clone(), "balance").await.unwrap();
            call(&client, "cpf").await.unwrap();
        }
        assert_eq!(warnings(&later, "token"), 0, "{name}");
        later.heard(&["kyc_core"]);
        for printed in [printed, later] {
            printed.value(&(&client, client.token_facts()));
            printed.hides(token.split('.').filter(|part| part.len() > 6));
        }
        let requests = portal.received_requests().await.unwrap();
        assert_eq!(requests.len(), 6, "{name}");
        for request in requests {
            assert_eq!(request.headers["authorization"], format!("Bearer {token}").as_str(), "{name}");
        }
    }
}

#[tokio::test]
async fn surroundings_of_a_copied_token_are_removed() {
    let portal = portal().await;
    for copied in ["{}", " {}\n", "Bearer {}", "bearer  {} ", "\tBEARER {}\r\n"] {
        let copied = copied.replace("{}", Sandbox::CELLERE_TOKEN);
        let (client, printed) = made(&portal.uri(), &copied, ClientOptions::new());
        assert!(client.token_facts().is_jwt, "{copied:?}");
        assert_eq!(warnings(&printed, ""), 0, "{copied:?}");
        call(&client, "balance").await.unwrap();
    }
    for request in portal.received_requests().await.unwrap() {
        assert_eq!(request.headers["authorization"], format!("Bearer {}", Sandbox::CELLERE_TOKEN).as_str());
    }
}

#[test]
fn facts_of_a_token() {
    let facts = |token: &str| Credentials::new(token).facts();
    let end = Timestamp::from_unix_seconds(1_731_937_031).unwrap();
    let exp = |claims: Value| facts(&jwt(&claims));
    for claims in [json!({ "exp": 1_731_937_031 }), json!({ "exp": "1731937031", "cpf": "52998224725" })] {
        let TokenFacts { is_jwt, expires, .. } = exp(claims);
        assert_eq!((is_jwt, expires), (true, Some(end)));
    }
    for claims in [json!({}), json!({ "exp": null }), json!({ "exp": "never" }), json!({ "exp": true })] {
        let TokenFacts { is_jwt, expires, .. } = exp(claims.clone());
        assert_eq!((is_jwt, expires), (true, None), "{claims}");
    }
    assert!(!exp(json!("exp")).is_jwt);
    assert!(!facts(SAMPLE).is_jwt && facts(SAMPLE).expires.is_none());
}

/// An expiry within a week is logged when the client is built: a new token must be copied by hand.
#[tokio::test]
async fn an_expiry_within_a_week_is_logged() {
    let portal = portal().await;
    let (_, printed) = made(&portal.uri(), &expiring_in(6 * 24 * 3600), ClientOptions::new());
    assert_eq!((warnings(&printed, "expires soon"), warnings(&printed, "")), (1, 1));
}

/// A client may outlive its token's expiry: nothing is refused or logged until the portal refuses the token.
#[tokio::test]
async fn a_later_expiry_changes_nothing() {
    let portal = portal().await;
    let clock = VirtualClock::frozen();
    let far = expiring_in(8 * 24 * 3600);
    let (client, printed) = made(&portal.uri(), &far, ClientOptions::new().clock(clock.clone()));
    assert_eq!(warnings(&printed, ""), 0);
    let (later, _guard) = Printed::by_this_thread();
    clock.advance(Duration::from_secs(30 * 24 * 3600));
    for (name, _) in OPERATIONS {
        call(&client, name).await.unwrap();
    }
    assert_eq!(warnings(&later, "token"), 0);
}

/// HTTP status and body of each error about the token.
fn refusals() -> [(u16, &'static str, ResponseText); 3] {
    [
        (401, documented::ERROR_NOT_REGISTERED_401.body, ResponseText::NotRegistered),
        (400, documented::ERROR_NOT_JWT_400.body, ResponseText::NotJwt),
        (400, documented::ERROR_BEARER_REQUIRED_400.body, ResponseText::BearerRequired),
    ]
}

/// Each call ends immediately, since there is no login. If the token has expired, the error states it as the cause.
#[tokio::test]
async fn a_refused_token_is_final() {
    for (status, body, text) in refusals() {
        let portal = MockServer::start().await;
        for (token, has_passed) in
            [(expiring_in(300), false), (expiring_in(-1), true), (SAMPLE.to_owned(), false)]
        {
            let (client, _) = made(&portal.uri(), &token, ClientOptions::new().token_store(Untouched));
            for (name, _) in OPERATIONS {
                portal.reset().await;
                let refusal = ResponseTemplate::new(status).set_body_string(body);
                Mock::given(any()).respond_with(refusal).mount(&portal).await;
                let error = call(&client, name).await.unwrap_err();
                let facts = (error.kind(), error.delivery(), error.http_status(), error.attempts());
                assert_eq!(facts, (ErrorKind::Unauthenticated, Delivery::Refused, Some(status), 1), "{name}");
                assert_eq!(portal.received_requests().await.unwrap().len(), 1, "{name}");
                assert_eq!(ResponseText::of(&error), Some(text.clone()), "{name}");
                assert!(!error.may_have_landed() && !error.is_transient(), "{name}");
                assert_eq!(causes(&error).contains(PASSED), has_passed, "{name}: {}", causes(&error));
                let shown = format!("{error} {error:?} {}", causes(&error));
                assert!(token.split('.').all(|part| !shown.contains(part)), "{shown}");
            }
        }
    }
}

/// The expiry is compared with the time of the refusal, not with the time of construction.
#[tokio::test]
async fn the_cause_is_the_expiry_at_that_time() {
    let portal = MockServer::start().await;
    let refusal = ResponseTemplate::new(401).set_body_string(documented::ERROR_NOT_REGISTERED_401.body);
    Mock::given(any()).respond_with(refusal).mount(&portal).await;
    let clock = VirtualClock::frozen();
    let (client, _) = made(&portal.uri(), &expiring_in(300), ClientOptions::new().clock(clock.clone()));
    assert_eq!(causes(&call(&client, "cpf").await.unwrap_err()), "");
    clock.advance(Duration::from_secs(301));
    assert_eq!(causes(&call(&client, "cpf").await.unwrap_err()), PASSED);
    // Other errors do not state it.
    portal.reset().await;
    let refusal = ResponseTemplate::new(403).set_body_string(documented::ERROR_NO_CREDITS_403.body);
    Mock::given(any()).respond_with(refusal).mount(&portal).await;
    let error = call(&client, "cpf").await.unwrap_err();
    assert_eq!((error.kind(), causes(&error).as_str()), (ErrorKind::QuotaExhausted, ""));
}

#[tokio::test]
async fn the_sandbox_refuses_all_tokens_but_its_own() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    for (token, text) in [
        (expiring_in(300), ResponseText::NotRegistered),
        (expiring_in(-300), ResponseText::NotRegistered),
        (SAMPLE.to_owned(), ResponseText::NotJwt),
        ("me-token".to_owned(), ResponseText::NotJwt),
    ] {
        let (client, _) = made(&sandbox.cellere_url(), &token, ClientOptions::new());
        for (name, _) in OPERATIONS {
            let before = sandbox.cellere().requests(Operation::named(name).unwrap());
            let error = call(&client, name).await.unwrap_err();
            assert_eq!(ResponseText::of(&error), Some(text.clone()), "{name}");
            assert_eq!(sandbox.cellere().requests(Operation::named(name).unwrap()), before + 1, "{name}");
        }
    }
    assert_eq!(sandbox.cellere().paid_calls(), 0);
}
