//! The life of the token: one for all callers, a new one shortly before its end and after a 401.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bankly_kyc::kyc_core::{
    ClientOptions, Clock, Delivery, ErrorKind, Limiter, Secret, Timestamp, Token, TokenStore, VirtualClock,
};
use bankly_kyc::{Client, Credentials, ResultLevel};
use kyc_fixtures::bankly_kyc as documented;
use kyc_sandbox::bankly::Operation;
use kyc_sandbox::{Fault, Sandbox};
use wiremock::matchers::{method, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{builder, cpf, sandboxed, selfie};

async fn query(client: &Client) {
    client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_one_login() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    // With the rate limit this would take ten minutes.
    sandbox.bankly().rate_limit(false);
    let options = ClientOptions::new()
        .overall_timeout(Duration::from_secs(300))
        .attempt_timeout(Duration::from_secs(120))
        .limiter(Limiter::new(100_000, Duration::from_secs(10)));
    let client = sandboxed(&sandbox).options(options).build().unwrap();
    // All callers wait for one token, whose request is slow.
    sandbox.bankly().fault(Fault::latency(Duration::from_millis(500)).on(Operation::LegacyToken));
    let room = Arc::new(tokio::sync::Semaphore::new(200));
    let callers: Vec<_> = (0..10_000)
        .map(|number| {
            let (client, room) = (client.clone(), Arc::clone(&room));
            tokio::spawn(async move {
                // A test cannot open ten thousand sockets. The first thousand callers, which all come before there is a
                // token, are not limited.
                let _turn = if number < 1_000 { None } else { Some(room.acquire_owned().await) };
                query(&client).await;
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    assert_eq!(sandbox.bankly().logins(), 1);
    assert_eq!(sandbox.bankly().requests(Operation::LegacyToken), 1);
    assert_eq!(sandbox.bankly().status_requests(), 10_000);
}

#[tokio::test]
async fn a_new_token_follows_shortly_before_the_old_one_expires() {
    let clock = VirtualClock::frozen();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    // A token is not used in its last minute.
    for (advance, logins) in [(0, 1), (3539, 1), (1, 2), (1800, 2), (1739, 2), (1, 3)] {
        clock.advance(Duration::from_secs(advance));
        query(&client).await;
        assert_eq!(sandbox.bankly().logins(), logins, "after {advance} s more");
    }
    assert_eq!(sandbox.bankly().status_requests(), 6, "none was refused");
}

#[tokio::test]
async fn a_refused_token_causes_one_more_login() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    query(&client).await;
    sandbox.bankly().expire_tokens();
    // A refused upload had no effect: it is sent again and paid for once.
    client.upload(&cpf(), &selfie()).await.unwrap();
    let bankly = sandbox.bankly();
    assert_eq!((bankly.logins(), bankly.requests(Operation::Upload), bankly.paid_calls()), (2, 2, 1));

    // There is only one more login.
    bankly.fault(Fault::status(401).on(Operation::Status).times(10));
    let error = client.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::Refused));
    assert_eq!((error.attempts(), error.operation()), (2, Some("status")));
    assert_eq!((bankly.logins(), bankly.status_requests()), (3, 3));
}

#[tokio::test]
async fn a_wrong_secret_uploads_nothing() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (id, secret) = (Sandbox::BANKLY_CLIENT_ID, Sandbox::BANKLY_CLIENT_SECRET);
    let wrong = [
        Credentials::by_secret(id, "another".to_owned()),
        Credentials::by_secret("somebody".to_owned(), secret),
        Credentials::by_certificate("somebody".to_owned()),
    ];
    for (place, credentials) in wrong.into_iter().enumerate() {
        let url = sandbox.bankly_url();
        let client = Client::builder(credentials).base_url(&url).auth_url(&url).build().unwrap();
        let error = client.upload(&cpf(), &selfie()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Unauthenticated, Delivery::NotSent),
            "{error}"
        );
        assert_eq!((error.operation(), error.attempts()), (Some("upload"), 0), "{error}");
        assert!(error.to_string().contains("login failed"), "{error}");
        assert_eq!(error.vendor_code(), Some("invalid_client"), "{error}");
        let logins =
            sandbox.bankly().requests(Operation::LegacyToken) + sandbox.bankly().requests(Operation::Token);
        assert_eq!(logins, u64::try_from(place + 1).unwrap(), "one login");
    }
    assert_eq!((sandbox.bankly().logins(), sandbox.bankly().requests(Operation::Upload)), (0, 0));
}

#[tokio::test]
async fn a_token_is_valid_for_its_scopes_only() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let default = sandboxed(&sandbox).build().unwrap();
    default.upload(&cpf(), &selfie()).await.unwrap();
    query(&default).await;
    let errors = [
        default.webhooks(1).await.unwrap_err(),
        default.upload_deepface(&cpf(), &selfie().with_unico("x")).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Forbidden, Delivery::Answered), "{error}");
        assert_eq!((error.attempts(), error.vendor_code()), (1, Some("FORBIDDEN")), "{error}");
    }
    assert_eq!(sandbox.bankly().logins(), 1, "a new login would not help");

    let more = ["kyc.document.deepface.write", "webhook.read", "webhook.write", "webhook.delete"];
    sandboxed(&sandbox).scopes(more).build().unwrap().webhooks(1).await.unwrap();
    let ten: Vec<_> = (0..10).map(|number| format!("scope.{number}")).collect();
    assert!(sandboxed(&sandbox).scopes(&ten).build().is_ok());
    let eleven = ten.iter().map(String::as_str).chain(["one.more"]);
    let wrong = [
        sandboxed(&sandbox).scopes(eleven).build(),
        sandboxed(&sandbox).scopes([""; 0]).build(),
        sandboxed(&sandbox).scopes(["kyc.document.read kyc.document.write"]).build(),
        sandboxed(&sandbox).scopes(["kyc.document.r\u{e9}ad"]).build(),
    ];
    for refused in wrong {
        let error = refused.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{error}");
        assert!(error.to_string().contains("scopes"), "{error}");
    }
}

/// A token store that two machines share.
#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Vec<(String, Token)>>>);

#[async_trait::async_trait]
impl TokenStore for Shared {
    async fn load(&self, key: &str) -> Option<Token> {
        let kept = self.0.lock().unwrap();
        kept.iter().rev().find(|(known, _)| known == key).map(|(_, token)| token.clone())
    }

    async fn save(&self, key: &str, token: &Token) {
        self.0.lock().unwrap().push((key.to_owned(), token.clone()));
    }
}

#[tokio::test]
async fn machines_that_share_a_store_share_the_token() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let store = Shared::default();
    let machine = |scopes: &[&str]| {
        let options = ClientOptions::new().clock(sandbox.clock()).token_store(store.clone());
        let scopes = scopes.iter().copied();
        sandboxed(&sandbox).scopes(scopes).options(options).build().unwrap()
    };
    let documents = ["kyc.document.write", "kyc.document.read"];
    let (one, two) = (machine(&documents), machine(&documents));
    query(&one).await;
    query(&two).await;
    assert_eq!(sandbox.bankly().logins(), 1);

    // A refused token is not loaded from the store again, and the other machine finds the new one.
    sandbox.bankly().expire_tokens();
    query(&two).await;
    query(&one).await;
    assert_eq!(sandbox.bankly().logins(), 2);
    // A token for other scopes is another token.
    machine(&["webhook.read"]).webhooks(1).await.unwrap();
    assert_eq!(sandbox.bankly().logins(), 3);
    let kept = store.0.lock().unwrap().clone();
    assert_eq!(kept[0].0, kept[1].0, "one account, one key");
    assert_ne!(kept[0].1.expose(), kept[1].1.expose());
    assert_ne!(kept[1].0, kept[2].0);

    // A stored token is used without a login.
    let now = sandbox.clock().now();
    let alone = Token::new(
        Secret::new(kept[1].1.expose().to_owned()),
        Timestamp::from_unix_seconds(0).unwrap(),
        now.saturating_add(Duration::from_secs(3600)),
    );
    let store = Shared(Arc::new(Mutex::new(vec![(kept[0].0.clone(), alone)])));
    let options = ClientOptions::new().clock(sandbox.clock()).token_store(store);
    query(&sandboxed(&sandbox).options(options).build().unwrap()).await;
    assert_eq!(sandbox.bankly().logins(), 3);
}

/// Numbers, texts and instants are read. A token of unknown life is used until Bankly refuses it.
#[tokio::test]
async fn the_life_of_a_token_in_every_form() {
    let token = |expires: &str| format!(r#"{{"access_token":"t0ken","token_type":"Bearer"{expires}}}"#);
    for (answer, life) in [
        (documented::LEGACY_TOKEN_200.body.to_owned(), Some(3600)),
        (token(r#","expires_in":3600"#), Some(3600)),
        (token(r#","expires_in":"1200""#), Some(1200)),
        (token(r#","expires_in":"2020-01-01T00:00:00Z""#), None),
        (token(r#","expires_in":"soon""#), None),
        (token(r#","expires_in":null"#), None),
        (token(r#","expires_in":0"#), None),
        (token(""), None),
    ] {
        let server = MockServer::start().await;
        let given = ResponseTemplate::new(200).set_body_string(answer.as_str());
        let logins = if life.is_some() { 2 } else { 1 };
        Mock::given(path_regex("/connect/token$")).respond_with(given).expect(logins).mount(&server).await;
        let nothing = ResponseTemplate::new(404);
        Mock::given(method("GET")).respond_with(nothing).expect(3).mount(&server).await;
        let clock = VirtualClock::frozen();
        let client =
            builder(&server.uri()).options(ClientOptions::new().clock(clock.clone())).build().unwrap();
        let life = life.unwrap_or(365 * 24 * 3600);
        let used = life - 60.min(life / 10);
        for advance in [0, used - 1, 1] {
            clock.advance(Duration::from_secs(advance));
            query(&client).await;
        }
        server.verify().await;
    }
}
