//! The portal's token: one for all calls, as it was copied, with or without the shape of a JWT, and no login ever.

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

/// As the vendor's page prints it.
const SAMPLE: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG91IiwiaWF0IjoxNTE2MzE1ODQyLWZlKXxwRJSMe KKF2QT4fwPMeJf36P0k6yJV_adQssw5c";

const NO_JWT: &str = "the portal token has not the shape of a JWT";
const OVER: &str = "the end that the portal token names is over";

/// A token with these claims; what signs it is nobody's business but the portal's.
pub fn jwt(claims: &Value) -> String {
    [r#"{"alg":"RS256","typ":"JWT"}"#, &claims.to_string(), "signed by nobody"]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".")
}

/// One whose end is so far from now; before it for a negative number.
fn ending_in(seconds: i64) -> String {
    let exp = VirtualClock::running().now().unix_seconds() + seconds;
    jwt(&json!({ "iat": exp - 300, "exp": exp, "iss": "https://login/realms/portal" }))
}

/// A client of that token, and what was said when it was made.
fn made(url: &str, token: &str, options: ClientOptions) -> (Client, Printed) {
    let (printed, _guard) = Printed::by_this_thread();
    let builder = Client::builder(Credentials::new(token)).base_url(url).options(options);
    (builder.build().unwrap(), printed)
}

/// How often that was said, at the level of a warning.
fn warnings(printed: &Printed, what: &str) -> usize {
    let text = printed.text();
    text.lines().filter(|line| line.contains("WARN") && line.contains(what)).count()
}

/// Answers each operation.
async fn portal() -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(200).set_body_string(documented::BALANCE_200.body);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// Nobody may ask it for a token, nor bring it one.
#[derive(Debug)]
struct Untouched;

#[async_trait]
impl TokenStore for Untouched {
    async fn load(&self, key: &str) -> Option<Token> {
        panic!("asked for {key}")
    }

    async fn save(&self, key: &str, _: &Token) {
        panic!("was brought {key}")
    }
}

#[tokio::test]
async fn there_is_no_login_ever() {
    let portal = portal().await;
    let clock = VirtualClock::frozen();
    let options = ClientOptions::new().clock(clock.clone()).token_store(Untouched);
    let client = builder(&portal.uri()).options(options).build().unwrap();
    for _ in 0..2 {
        for (name, _) in OPERATIONS {
            call(&client, name).await.unwrap();
        }
        // Longer than any token lives, and longer than the sandbox's own says that it does.
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
async fn the_sandbox_counts_calls_and_nothing_else() {
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

/// A token, whether it is a JWT, and whether the end that it names is over.
fn tokens() -> Vec<(&'static str, String, bool, bool)> {
    vec![
        ("the sandbox's", Sandbox::CELLERE_TOKEN.to_owned(), true, false),
        ("a JWT without an end", jwt(&json!({ "sub": "me" })), true, false),
        ("one that ends later", ending_in(8 * 24 * 3600), true, false),
        ("one that has ended", ending_in(-3600), true, true),
        ("one whose end is text", jwt(&json!({ "exp": "1731937031" })), true, true),
        ("one whose end is none", jwt(&json!({ "exp": "never" })), true, false),
        ("one whose end is beyond all time", jwt(&json!({ "exp": 99_999_999_999_999_999_u64 })), true, false),
        ("the page's own sample", SAMPLE.to_owned(), false, false),
        ("one word", "me-token".to_owned(), false, false),
        ("two parts", "eyJhbGciOiJub25lIn0.eyJleHAiOjB9".to_owned(), false, false),
        ("four parts", format!("{}.more", ending_in(-3600)), false, false),
        ("parts that are no JSON", "a.b.c".to_owned(), false, false),
        ("without a signature", "eyJhbGciOiJub25lIn0.eyJleHAiOjB9.".to_owned(), false, true),
    ]
}

#[tokio::test]
async fn whatever_it_is_it_is_sent_as_it_is() {
    for (name, token, is_jwt, is_over) in tokens() {
        let portal = portal().await;
        let (client, printed) = made(&portal.uri(), &token, ClientOptions::new());
        assert_eq!(client.token_facts().is_jwt, is_jwt, "{name}");
        assert_eq!(client.token_facts(), Credentials::new(token.as_str()).facts(), "{name}");
        let said = [NO_JWT, OVER, ""].map(|what| warnings(&printed, what));
        let (no_jwt, over) = (usize::from(!is_jwt), usize::from(is_over));
        assert_eq!(said, [no_jwt, over, no_jwt + over], "{name}");
        // Once for a client: neither its calls nor its clones say it again.
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
async fn what_was_copied_around_it_is_left_out() {
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
fn what_a_token_says_of_itself() {
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

/// An end within a week is told when the client is made: a new token is fetched by hand.
#[tokio::test]
async fn an_end_that_is_near_is_told_early() {
    let portal = portal().await;
    let (_, printed) = made(&portal.uri(), &ending_in(6 * 24 * 3600), ClientOptions::new());
    assert_eq!((warnings(&printed, "an end that is near"), warnings(&printed, "")), (1, 1));
}

/// A client may outlive its token's end: nothing is refused for it, and nothing is said of it until the portal does.
#[tokio::test]
async fn an_end_that_comes_later_changes_nothing() {
    let portal = portal().await;
    let clock = VirtualClock::frozen();
    let far = ending_in(8 * 24 * 3600);
    let (client, printed) = made(&portal.uri(), &far, ClientOptions::new().clock(clock.clone()));
    assert_eq!(warnings(&printed, ""), 0);
    let (later, _guard) = Printed::by_this_thread();
    clock.advance(Duration::from_secs(30 * 24 * 3600));
    for (name, _) in OPERATIONS {
        call(&client, name).await.unwrap();
    }
    assert_eq!(warnings(&later, "token"), 0);
}

/// HTTP status and body of each refusal that is about the token.
fn refusals() -> [(u16, &'static str, ResponseText); 3] {
    [
        (401, documented::ERROR_NOT_REGISTERED_401.body, ResponseText::NotRegistered),
        (400, documented::ERROR_NOT_JWT_400.body, ResponseText::NotJwt),
        (400, documented::ERROR_BEARER_REQUIRED_400.body, ResponseText::BearerRequired),
    ]
}

/// No login can mend it: each call ends at once. Where the token's own end explains it, the error says so.
#[tokio::test]
async fn a_token_that_is_turned_away_is_final() {
    for (status, body, text) in refusals() {
        let portal = MockServer::start().await;
        for (token, is_over) in [(ending_in(300), false), (ending_in(-1), true), (SAMPLE.to_owned(), false)] {
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
                assert_eq!(causes(&error).contains(OVER), is_over, "{name}: {}", causes(&error));
                let shown = format!("{error} {error:?} {}", causes(&error));
                assert!(token.split('.').all(|part| !shown.contains(part)), "{shown}");
            }
        }
    }
}

/// The end is looked at when the portal refuses, not when the client was made.
#[tokio::test]
async fn the_cause_is_the_end_at_that_time() {
    let portal = MockServer::start().await;
    let refusal = ResponseTemplate::new(401).set_body_string(documented::ERROR_NOT_REGISTERED_401.body);
    Mock::given(any()).respond_with(refusal).mount(&portal).await;
    let clock = VirtualClock::frozen();
    let (client, _) = made(&portal.uri(), &ending_in(300), ClientOptions::new().clock(clock.clone()));
    assert_eq!(causes(&call(&client, "cpf").await.unwrap_err()), "");
    clock.advance(Duration::from_secs(301));
    assert_eq!(causes(&call(&client, "cpf").await.unwrap_err()), OVER);
    // A refusal that is not about the token has nothing to do with it.
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
        (ending_in(300), ResponseText::NotRegistered),
        (ending_in(-300), ResponseText::NotRegistered),
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
