//! The life of the credential: one login for all callers, a new one only near its expiry, one more after a 401.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use certiface::kyc_core::{
    ClientOptions, Delivery, ErrorKind, Secret, Timestamp, Token, TokenStore, VirtualClock,
};
use certiface::{Client, Credentials};
use kyc_sandbox::certiface::Operation;
use kyc_sandbox::{Fault, Sandbox};
use wiremock::matchers::{body_string_contains, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{APPROVED, begun, builder, person, sandboxed};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_one_login() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let options = ClientOptions::new()
        .overall_timeout(Duration::from_secs(300))
        .attempt_timeout(Duration::from_secs(120));
    let client = sandboxed(&sandbox).options(options).build().unwrap();
    // All callers wait for one slow login.
    sandbox.certiface().fault(Fault::latency(Duration::from_millis(500)).on(Operation::Credencial));
    let person = Arc::new(person(APPROVED));
    let room = Arc::new(tokio::sync::Semaphore::new(200));
    let callers: Vec<_> = (0..10_000)
        .map(|number| {
            let (client, person, room) = (client.clone(), Arc::clone(&person), Arc::clone(&room));
            tokio::spawn(async move {
                // A test cannot open ten thousand sockets. The first thousand callers, which all start before
                // there is a credential, are not limited.
                let _turn = if number < 1_000 { None } else { Some(room.acquire_owned().await) };
                client.appkey(&person).await.unwrap().into_inner().appkey
            })
        })
        .collect();
    let mut appkeys = std::collections::HashSet::new();
    for caller in callers {
        appkeys.insert(caller.await.unwrap());
    }
    assert_eq!(appkeys.len(), 10_000, "each caller got its own");
    assert_eq!(sandbox.certiface().logins(), 1);
    assert_eq!(sandbox.certiface().requests(Operation::Credencial), 1);
    assert_eq!(sandbox.certiface().requests(Operation::Appkey), 10_000);
}

#[tokio::test]
async fn a_credential_is_renewed_only_near_its_expiry() {
    let clock = VirtualClock::frozen();
    let sandbox = Sandbox::builder().clock(clock.clone()).start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    let life = 3 * 3600;
    // It is renewed in its last minute. The vendor prints whole seconds.
    for (advance, logins) in [(0, 1), (life - 62, 1), (2, 2), (life / 2, 2), (life / 2, 3)] {
        clock.advance(Duration::from_secs(advance));
        client.appkey(&person(APPROVED)).await.unwrap();
        assert_eq!(sandbox.certiface().logins(), logins, "after {advance} s more");
    }
    assert_eq!(sandbox.certiface().requests(Operation::Appkey), 5, "none was refused");
}

#[tokio::test]
async fn a_refused_credential_costs_one_more_login() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    begun(&client, APPROVED).await;
    sandbox.certiface().expire_credentials();
    begun(&client, APPROVED).await;
    assert_eq!((sandbox.certiface().logins(), sandbox.certiface().requests(Operation::Appkey)), (2, 3));

    // One login, not more.
    sandbox.certiface().fault(Fault::status(401).on(Operation::Appkey).times(10));
    let error = client.appkey(&person(APPROVED)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::Refused));
    assert_eq!((error.attempts(), error.operation()), (2, Some("appkey")));
    assert_eq!((sandbox.certiface().logins(), sandbox.certiface().requests(Operation::Appkey)), (3, 5));
}

/// The credential only creates appkeys: a 401 of another operation is about the appkey.
#[tokio::test]
async fn no_login_follows_a_401_about_the_appkey() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = sandboxed(&sandbox).build().unwrap();
    let mut journey = begun(&client, APPROVED).await;
    sandbox.certiface().expire_credentials();
    journey.challenge().await.unwrap();
    sandbox.certiface().fault(Fault::status(401).on(Operation::Challenge).times(10));
    let error = journey.challenge().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Expired, 1));
    assert_eq!(sandbox.certiface().logins(), 1);
}

#[tokio::test]
async fn a_wrong_password_creates_no_key() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wrong = [
        Credentials::new(Sandbox::CERTIFACE_USER, "another"),
        Credentials::new("somebody", Sandbox::CERTIFACE_PASSWORD),
        // The client computes the MD5: the MD5 itself is not a password.
        Credentials::new(Sandbox::CERTIFACE_USER, "911b7bf55b7b03cdfe2af9d1e68e4897"),
    ];
    for (place, credentials) in wrong.into_iter().enumerate() {
        let url = sandbox.certiface_url();
        let client = Client::builder(credentials).base_url(&url).result_base_url(&url).build().unwrap();
        let error = client.journey(&person(APPROVED)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (ErrorKind::Unauthenticated, Delivery::NotSent),
            "{error}"
        );
        assert_eq!((error.operation(), error.attempts()), (Some("appkey"), 0), "{error}");
        assert!(error.to_string().contains("login failed"), "{error}");
        let requested = u64::try_from(place + 1).unwrap();
        assert_eq!(sandbox.certiface().requests(Operation::Credencial), requested, "requested once");
    }
    assert_eq!((sandbox.certiface().logins(), sandbox.certiface().requests(Operation::Appkey)), (0, 0));
}

/// A token store that several clients share.
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
async fn machines_that_share_a_store_share_the_credential() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let store = Shared::default();
    let machine = || {
        let options = ClientOptions::new().clock(sandbox.clock()).token_store(store.clone());
        sandboxed(&sandbox).options(options).build().unwrap()
    };
    let (one, two) = (machine(), machine());
    begun(&one, APPROVED).await;
    begun(&two, APPROVED).await;
    assert_eq!(sandbox.certiface().logins(), 1);

    // A refused credential is not loaded again, and the other client uses the new one.
    sandbox.certiface().expire_credentials();
    begun(&two, APPROVED).await;
    begun(&one, APPROVED).await;
    assert_eq!(sandbox.certiface().logins(), 2);
    let kept = store.0.lock().unwrap().clone();
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].0, kept[1].0, "one account, one key");
    assert_ne!(kept[0].1.expose(), kept[1].1.expose());
    // The key contains the address and the login.
    assert!(kept[0].0.contains(Sandbox::CERTIFACE_USER) && kept[0].0.contains("127.0.0.1"));
    // A stored credential is sent unchanged.
    let alone = Token::new(
        Secret::new(kept[1].1.expose().to_owned()),
        Timestamp::from_unix_seconds(0).unwrap(),
        certiface::kyc_core::Clock::now(&sandbox.clock()).saturating_add(Duration::from_secs(3600)),
    );
    let options = ClientOptions::new()
        .clock(sandbox.clock())
        .token_store(Shared(Arc::new(Mutex::new(vec![(kept[0].0.clone(), alone)]))));
    begun(&sandboxed(&sandbox).options(options).build().unwrap(), APPROVED).await;
    assert_eq!(sandbox.certiface().logins(), 2);
}

/// A missing, unreadable or past end means the documented three hours: the clocks of the two sides may differ, and each login per
/// key would be one too many.
#[tokio::test]
async fn an_unknown_expiry_means_the_documented_life() {
    for (answer, expires) in [
        (r#"{"token":"t0ken"}"#, ""),
        (r#"{"token":"t0ken","expires":"soon"}"#, "soon"),
        (r#"{"token":"t0ken","expires":null}"#, ""),
        (r#"{"token":"t0ken","expires":{}}"#, ""),
        (r#"{"token":"t0ken","expires":"27/09/2019 19:09:00"}"#, "27%2F09%2F2019+19%3A09%3A00"),
        (r#"{"token":"t0ken","expires":"2019-09-27"}"#, "2019-09-27"),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/facecaptcha/service/captcha/credencial"))
            .respond_with(ResponseTemplate::new(200).set_body_string(answer))
            .expect(2)
            .mount(&server)
            .await;
        // The credential is sent unchanged.
        let field = format!("%7B%22token%22%3A%22t0ken%22%2C%22expires%22%3A%22{expires}%22%7D");
        Mock::given(path("/facecaptcha/service/captcha/appkey"))
            .and(body_string_contains(&field))
            .respond_with(ResponseTemplate::new(200).set_body_string(r#"{"appkey":"a.b.c"}"#))
            .expect(3)
            .mount(&server)
            .await;
        let clock = VirtualClock::frozen();
        let client =
            builder(&server.uri()).options(ClientOptions::new().clock(clock.clone())).build().unwrap();
        for advance in [0, 3 * 3600 - 61, 2] {
            clock.advance(Duration::from_secs(advance));
            client.appkey(&person(APPROVED)).await.unwrap();
        }
        server.verify().await;
    }
}
