//! The vendor's rate limit on the client's side. The tests use the sandbox's clock, so that minutes take no time.

use std::collections::HashSet;
use std::time::Duration;

use bankly_kyc::kyc_core::{
    ClientOptions, Clock as _, Cpf, Delivery, Error, ErrorKind, Limiter, VirtualClock,
};
use bankly_kyc::{Client, ResultLevel};
use kyc_sandbox::bankly::Operation;
use kyc_sandbox::{Fault, Sandbox};
use tokio::task::JoinHandle;

use crate::support::{Watched, cpf, in_time, sandboxed, selfie};

async fn frozen() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

/// Returns options with long real timeouts: the limit uses the sandbox's clock, but sockets do not.
fn patient(sandbox: &Sandbox, watched: &Watched) -> ClientOptions {
    let options = ClientOptions::new().clock(sandbox.clock()).transport(watched.clone());
    options.overall_timeout(Duration::from_secs(3600)).attempt_timeout(Duration::from_secs(300))
}

/// Returns this many different CPFs.
fn people(count: u32) -> Vec<Cpf> {
    let digit = |digits: &[u32], first: u32| {
        let sum: u32 = digits.iter().zip((2..=first).rev()).map(|(digit, weight)| digit * weight).sum();
        if sum % 11 < 2 { 0 } else { 11 - sum % 11 }
    };
    let cpf = |number: u32| {
        let mut digits: Vec<u32> =
            format!("{:09}", 100_000_000 + number).bytes().map(|byte| u32::from(byte - b'0')).collect();
        digits.push(digit(&digits, 10));
        digits.push(digit(&digits, 11));
        let text: String = digits.iter().map(u32::to_string).collect();
        Cpf::parse(&text).unwrap()
    };
    (0..count).map(cpf).collect()
}

/// Starts an upload for each person, by the clients in turn. Each returns the image's token.
fn uploading(clients: &[Client], people: &[Cpf]) -> Vec<JoinHandle<Result<String, Error>>> {
    let begin = |(number, cpf): (usize, &Cpf)| {
        let (client, cpf) = (clients[number % clients.len()].clone(), cpf.clone());
        tokio::spawn(async move {
            let reply = client.upload(&cpf, &selfie()).await?;
            Ok(reply.value().token.as_ref().unwrap().as_str().to_owned())
        })
    };
    people.iter().enumerate().map(begin).collect()
}

/// Waits for the uploads while the clock advances, and returns their tokens, which must all differ.
async fn tokens_of(calls: Vec<JoinHandle<Result<String, Error>>>, watched: &Watched) -> usize {
    let mut tokens = HashSet::new();
    let all = async {
        for call in calls {
            assert!(tokens.insert(call.await.unwrap().unwrap()));
        }
    };
    tokio::select! {
        () = all => {}
        () = watched.pass_endlessly() => unreachable!(),
    }
    tokens.len()
}

/// Returns the largest number of requests in any ten seconds.
fn fullest(watched: &Watched) -> usize {
    let times = watched.times();
    let within = |from: &Duration| {
        times.iter().filter(|at| (*from..*from + Duration::from_secs(10)).contains(*at)).count()
    };
    times.iter().map(within).max().unwrap_or_default()
}

#[tokio::test]
async fn a_thousand_uploads_through_clones_of_one_client() {
    let sandbox = frozen().await;
    let (clock, watched) = (sandbox.clock(), Watched::new(sandbox.clock()));
    let client = sandboxed(&sandbox).options(patient(&sandbox, &watched)).build().unwrap();
    let people = people(1_000);
    let began = clock.elapsed();
    let calls = uploading(&[client.clone(), client.clone(), client.clone()], &people);
    let tokens = tokens_of(calls, &watched).await;
    // None is lost, none is sent twice.
    assert_eq!((tokens, sandbox.bankly().paid_calls()), (1_000, 1_000));
    assert_eq!(sandbox.bankly().requests(Operation::Upload), 1_000);
    // First come, first served, after the login.
    let wanted: Vec<_> = people.iter().map(|cpf| cpf.digits().to_owned()).collect();
    assert_eq!(watched.paths()[0], "token");
    assert_eq!(watched.paths()[1..], wanted);
    // Vendor and client count the same. The login counts, too: 1,001 requests need five pauses of ten seconds.
    assert_eq!((sandbox.bankly().fullest_window(), fullest(&watched)), (170, 170));
    assert_eq!((watched.times()[1_000] - began).as_secs(), 1_001 / 170 * 10);
}

/// Two machines behind one address: each has half of the limit.
#[tokio::test]
async fn machines_that_share_an_address_share_the_limit() {
    let sandbox = frozen().await;
    let watched = Watched::new(sandbox.clock());
    let machine = || {
        let half = Limiter::new(85, Duration::from_secs(10));
        sandboxed(&sandbox).options(patient(&sandbox, &watched).limiter(half)).build().unwrap()
    };
    let calls = uploading(&[machine(), machine()], &people(400));
    assert_eq!(tokens_of(calls, &watched).await, 400);
    assert_eq!(sandbox.bankly().paid_calls(), 400);
    assert_eq!(sandbox.bankly().fullest_window(), 170);
}

/// Two machines that each use the whole limit exceed it: after the vendor's 429 each pauses for five minutes.
#[tokio::test]
async fn a_429_loses_no_upload() {
    let sandbox = frozen().await;
    let watched = Watched::new(sandbox.clock());
    let machine = || sandboxed(&sandbox).options(patient(&sandbox, &watched)).build().unwrap();
    let calls = uploading(&[machine(), machine()], &people(300));
    let tokens = tokens_of(calls, &watched).await;
    assert_eq!((tokens, sandbox.bankly().paid_calls()), (300, 300));
    assert!(sandbox.bankly().fullest_window() > 180);
    // Refused uploads were sent again, and nothing was sent in between.
    let pauses: Vec<_> =
        watched.times().windows(2).map(|two| (two[1] - two[0]).as_secs()).filter(|&wait| wait > 10).collect();
    assert_eq!(pauses, [300]);
}

#[tokio::test]
async fn after_a_429_no_clone_sends_anything_for_five_minutes() {
    let sandbox = frozen().await;
    let (clock, watched) = (sandbox.clock(), Watched::new(sandbox.clock()));
    let client = sandboxed(&sandbox).options(patient(&sandbox, &watched)).build().unwrap();
    client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await.unwrap();
    sandbox.bankly().fault(Fault::status(429).on(Operation::Upload));
    let began = clock.elapsed();
    let people = people(20);
    let mut calls = uploading(std::slice::from_ref(&client), &people[..1]);
    in_time(async {
        while !watched.is_quiet() || watched.count() < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    calls.extend(uploading(&[client.clone(), client.clone()], &people[1..]));
    // Queries, too: the vendor counts all operations together.
    let query = tokio::spawn({
        let client = client.clone();
        async move { client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await }
    });
    watched.pass(59, Duration::from_secs(5)).await;
    watched.pass(9, Duration::from_millis(500)).await;
    assert_eq!((clock.elapsed() - began).as_millis(), 299_500);
    assert_eq!(watched.count(), 3, "a token, a query and the refused upload");
    watched.pass(2, Duration::from_millis(500)).await;
    let mut tokens = HashSet::new();
    for call in calls {
        tokens.insert(in_time(call).await.unwrap().unwrap());
    }
    in_time(query).await.unwrap().unwrap();
    assert_eq!(tokens.len(), 20);
    assert_eq!((sandbox.bankly().paid_calls(), watched.count()), (20, 3 + 20 + 1));
    assert!(watched.times()[3..].iter().all(|at| (*at - began).as_secs() >= 300));
}

/// A call whose timeout is shorter than the pause fails without waiting.
#[tokio::test]
async fn a_short_timeout_fails_at_once_after_a_429() {
    let sandbox = frozen().await;
    let clock = sandbox.clock();
    let client = sandboxed(&sandbox).build().unwrap();
    sandbox.bankly().fault(Fault::status(429).on(Operation::Upload));
    let error = client.upload(&cpf(), &selfie()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::RateLimited, Delivery::Refused), "{error}");
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(Duration::from_secs(300))));
    assert!(error.is_transient() && error.to_string().ends_with("retry after 300 s"), "{error}");

    clock.advance(Duration::from_secs(60));
    let clone = client.clone();
    for error in [
        clone.upload(&cpf(), &selfie()).await.unwrap_err(),
        clone.analyses(&cpf(), &[], ResultLevel::Detailed).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::RateLimited, Delivery::NotSent), "{error}");
        assert_eq!((error.attempts(), error.retry_after()), (0, Some(Duration::from_secs(240))));
    }
    assert_eq!((sandbox.bankly().requests(Operation::Upload), sandbox.bankly().status_requests()), (1, 0));
    clock.advance(Duration::from_secs(240));
    client.upload(&cpf(), &selfie()).await.unwrap();
}
