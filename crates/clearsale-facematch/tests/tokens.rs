//! The life of a token: one login for all calls, a new one only after the expiry, and one after a 401.

use std::time::Duration;

use clearsale_facematch::TransactionId;
use clearsale_facematch::kyc_core::{ClientOptions, ErrorKind, VirtualClock};
use kyc_sandbox::clearsale::{ExpiresIn, Operation};
use kyc_sandbox::{Fault, Sandbox};

use crate::support::{builder, client, request};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_callers_one_login() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let options = ClientOptions::new()
        .overall_timeout(Duration::from_secs(300))
        .attempt_timeout(Duration::from_secs(120));
    let client = builder(&sandbox.clearsale_url()).options(options).build().unwrap();
    // A slow login, so that all callers wait for it.
    sandbox.clearsale().fault(Fault::latency(Duration::from_millis(500)).on(Operation::Login));
    let id = TransactionId::new("3fa85f64-5717-4562-b3fc-2c963f66afa6");
    let room = std::sync::Arc::new(tokio::sync::Semaphore::new(200));
    let callers: Vec<_> = (0..10_000)
        .map(|number| {
            let (client, id, room) = (client.clone(), id.clone(), std::sync::Arc::clone(&room));
            tokio::spawn(async move {
                // A test cannot open ten thousand sockets. The first thousand callers, which all start before there
                // is a token, are not limited.
                let _turn = if number < 1_000 { None } else { Some(room.acquire_owned().await) };
                client.transaction(&id).await.unwrap_err().kind()
            })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), ErrorKind::NotFound);
    }
    assert_eq!(sandbox.clearsale().logins(), 1);
    assert_eq!(sandbox.clearsale().requests(Operation::Login), 1);
    assert_eq!(sandbox.clearsale().requests(Operation::Query), 10_000);
}

#[tokio::test]
async fn a_new_token_only_after_the_old_one_expired() {
    use ExpiresIn::{DateTime, HoursMinutesSeconds, Seconds, SecondsText};
    for form in [SecondsText, Seconds, DateTime, HoursMinutesSeconds] {
        let clock = VirtualClock::frozen();
        let life = Duration::from_secs(3600);
        let sandbox = Sandbox::builder()
            .clock(clock.clone())
            .clearsale_token_life(life)
            .clearsale_expires_in(form)
            .start()
            .await
            .unwrap();
        let options = ClientOptions::new().clock(clock.clone());
        let client = builder(&sandbox.clearsale_url()).options(options).build().unwrap();
        for (advance, logins) in [(0, 1), (3598, 1), (2, 2)] {
            clock.advance(Duration::from_secs(advance));
            client.match2d_2d(&request()).await.unwrap();
            assert_eq!(sandbox.clearsale().logins(), logins, "{form:?} after {advance} s more");
        }
        assert_eq!(sandbox.clearsale().requests(Operation::Match), 3, "{form:?}: none was refused");
    }
}

#[tokio::test]
async fn a_refused_token_costs_one_more_login() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let client = client(&sandbox.clearsale_url());
    client.match2d_2d(&request()).await.unwrap();
    sandbox.clearsale().expire_tokens();
    client.match2d_2d(&request()).await.unwrap();
    assert_eq!((sandbox.clearsale().logins(), sandbox.clearsale().paid_calls()), (2, 2));
}

#[tokio::test]
async fn a_token_of_unknown_life_is_used_until_it_is_refused() {
    let server = crate::requests::vendor().await;
    server.reset().await;
    wiremock::Mock::given(wiremock::matchers::path("/api/authentication/login"))
        .respond_with(
            wiremock::ResponseTemplate::new(200)
                .set_body_string(kyc_fixtures::clearsale_facematch::LOGIN_200.body),
        )
        .expect(1)
        .mount(&server)
        .await;
    wiremock::Mock::given(wiremock::matchers::method("GET"))
        .respond_with(
            wiremock::ResponseTemplate::new(200)
                .set_body_string(kyc_fixtures::clearsale_facematch::QUERY_200.body),
        )
        .mount(&server)
        .await;
    let clock = VirtualClock::frozen();
    let client = builder(&server.uri()).options(ClientOptions::new().clock(clock.clone())).build().unwrap();
    let id = TransactionId::new("1");
    for advance in [0, 299, 1] {
        clock.advance(Duration::from_secs(advance));
        client.transaction(&id).await.unwrap();
    }
}
