//! The vendor's limit, kept on our side: on the sandbox's clock, so that minutes take no time.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bankly_kyc::kyc_core::{
    Body, ClientOptions, Clock as _, Cpf, Delivery, ErrorKind, Limiter, ReqwestTransport, Transport,
    TransportError, VirtualClock,
};
use bankly_kyc::{Client, ResultLevel};
use bytes::Bytes;
use kyc_sandbox::bankly::Operation;
use kyc_sandbox::{Fault, Sandbox};
use tokio::task::JoinHandle;

use crate::support::{cpf, sandboxed, selfie};

/// What is sent, in order, and when; and what is under way.
#[derive(Clone, Debug)]
struct Watched {
    inner: ReqwestTransport,
    clock: VirtualClock,
    sent: Arc<Mutex<Vec<(String, Duration)>>>,
    answered: Arc<AtomicU64>,
}

impl Watched {
    fn new(clock: VirtualClock) -> Self {
        let inner = ReqwestTransport::new().unwrap();
        Self { inner, clock, sent: Arc::default(), answered: Arc::default() }
    }

    fn is_quiet(&self) -> bool {
        self.sent.lock().unwrap().len() as u64 == self.answered.load(SeqCst)
    }

    /// The last segment of each path.
    fn paths(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }
}

#[async_trait]
impl Transport for Watched {
    async fn send(
        &self,
        request: http::Request<Body>,
        max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let path = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        self.sent.lock().unwrap().push((path, self.clock.elapsed()));
        let answer = self.inner.send(request, max_bytes).await;
        self.answered.fetch_add(1, SeqCst);
        answer
    }
}

async fn still() -> Sandbox {
    Sandbox::builder().clock(VirtualClock::frozen()).start().await.unwrap()
}

/// All the real time that a test may take: the limit goes by the clock, sockets do not.
fn patient(sandbox: &Sandbox, watched: &Watched) -> ClientOptions {
    let options = ClientOptions::new().clock(sandbox.clock()).transport(watched.clone());
    options.overall_timeout(Duration::from_secs(3600)).attempt_timeout(Duration::from_secs(300))
}

/// Lets half a second pass whenever nobody has anything to do but to wait for it.
async fn pass(clock: &VirtualClock, watched: &Watched, steps: usize) {
    for _ in 0..steps {
        let mut quiet = 0;
        while quiet < 5 {
            tokio::time::sleep(Duration::from_millis(1)).await;
            quiet = if watched.is_quiet() { quiet + 1 } else { 0 };
        }
        clock.advance(Duration::from_millis(500));
    }
}

/// So many people, each of them with a CPF that no other has.
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

fn uploading(
    clients: &[Client],
    people: &[Cpf],
) -> Vec<JoinHandle<Result<String, bankly_kyc::kyc_core::Error>>> {
    let begin = |(number, cpf): (usize, &Cpf)| {
        let (client, cpf) = (clients[number % clients.len()].clone(), cpf.clone());
        tokio::spawn(async move {
            let reply = client.upload(&cpf, &selfie()).await?;
            Ok(reply.value().token.as_ref().unwrap().as_str().to_owned())
        })
    };
    people.iter().enumerate().map(begin).collect()
}

/// The most that any ten seconds held.
fn fullest(watched: &Watched) -> usize {
    let times: Vec<_> = watched.sent.lock().unwrap().iter().map(|(_, at)| *at).collect();
    let within = |from: &Duration| {
        times.iter().filter(|at| (*from..*from + Duration::from_secs(10)).contains(*at)).count()
    };
    times.iter().map(within).max().unwrap_or_default()
}

#[tokio::test]
async fn a_thousand_uploads_through_clones_of_one_client() {
    let sandbox = still().await;
    let (clock, watched) = (sandbox.clock(), Watched::new(sandbox.clock()));
    let client = sandboxed(&sandbox).options(patient(&sandbox, &watched)).build().unwrap();
    let people = people(1_000);
    let began = clock.elapsed();
    let calls = uploading(&[client.clone(), client.clone(), client.clone()], &people);
    let mut passing = Box::pin(pass(&clock, &watched, usize::MAX));
    let mut tokens = HashSet::new();
    for call in calls {
        tokio::select! {
            token = call => assert!(tokens.insert(token.unwrap().unwrap())),
            () = &mut passing => unreachable!(),
        }
    }
    drop(passing);
    // None is lost, none is sent twice.
    assert_eq!((tokens.len(), sandbox.bankly().paid_calls()), (1_000, 1_000));
    assert_eq!(sandbox.bankly().requests(Operation::Upload), 1_000);
    // First come, first served; the login was first of all.
    let wanted: Vec<_> = people.iter().map(|cpf| cpf.digits().to_owned()).collect();
    assert_eq!(watched.paths()[0], "token");
    assert_eq!(watched.paths()[1..], wanted);
    // As the vendor counts, and as we do. The login counts, too: 1,001 requests are five waits of ten seconds.
    assert_eq!((sandbox.bankly().fullest_window(), fullest(&watched)), (170, 170));
    let (_, last) = watched.sent.lock().unwrap()[1_000];
    assert_eq!((last - began).as_secs(), 1_001 / 170 * 10);
}

/// Two machines behind one address: each has its share.
#[tokio::test]
async fn machines_that_share_an_address_share_the_limit() {
    let sandbox = still().await;
    let (clock, watched) = (sandbox.clock(), Watched::new(sandbox.clock()));
    let machine = || {
        let half = Limiter::new(85, Duration::from_secs(10));
        sandboxed(&sandbox).options(patient(&sandbox, &watched).limiter(half)).build().unwrap()
    };
    let calls = uploading(&[machine(), machine()], &people(400));
    let mut passing = Box::pin(pass(&clock, &watched, usize::MAX));
    for call in calls {
        tokio::select! {
            token = call => drop(token.unwrap().unwrap()),
            () = &mut passing => unreachable!(),
        }
    }
    assert_eq!(sandbox.bankly().paid_calls(), 400);
    assert_eq!(sandbox.bankly().fullest_window(), 170);
}

/// Two that count as if they were alone are too many. The vendor says so, and each waits for five minutes.
#[tokio::test]
async fn a_429_is_no_loss_either() {
    let sandbox = still().await;
    let (clock, watched) = (sandbox.clock(), Watched::new(sandbox.clock()));
    let machine = || sandboxed(&sandbox).options(patient(&sandbox, &watched)).build().unwrap();
    let calls = uploading(&[machine(), machine()], &people(300));
    let mut passing = Box::pin(pass(&clock, &watched, usize::MAX));
    let mut tokens = HashSet::new();
    for call in calls {
        tokio::select! {
            token = call => assert!(tokens.insert(token.unwrap().unwrap())),
            () = &mut passing => unreachable!(),
        }
    }
    assert_eq!((tokens.len(), sandbox.bankly().paid_calls()), (300, 300));
    assert!(sandbox.bankly().fullest_window() > 180);
    // What was turned away was sent again, and nothing in between.
    let times: Vec<_> = watched.sent.lock().unwrap().iter().map(|(_, at)| *at).collect();
    let pauses: Vec<_> =
        times.windows(2).map(|two| (two[1] - two[0]).as_secs()).filter(|&wait| wait > 10).collect();
    assert_eq!(pauses, [300]);
}

#[tokio::test]
async fn after_a_429_all_of_them_are_silent_for_five_minutes() {
    let sandbox = still().await;
    let (clock, watched) = (sandbox.clock(), Watched::new(sandbox.clock()));
    let client = sandboxed(&sandbox).options(patient(&sandbox, &watched)).build().unwrap();
    client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await.unwrap();
    sandbox.bankly().fault(Fault::status(429).on(Operation::Upload));
    let began = clock.elapsed();
    let people = people(20);
    let mut calls = uploading(std::slice::from_ref(&client), &people[..1]);
    while !watched.is_quiet() || watched.paths().len() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    calls.extend(uploading(&[client.clone(), client.clone()], &people[1..]));
    // Of whatever kind: the vendor counts all of them together.
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.analyses(&cpf(), &[], ResultLevel::OnlyStatus).await }
    });
    pass(&clock, &watched, 599).await;
    assert_eq!((clock.elapsed() - began).as_millis(), 299_500);
    assert_eq!(watched.paths().len(), 3, "a token, a question and the one that was turned away");
    pass(&clock, &watched, 2).await;
    let mut tokens = HashSet::new();
    for call in calls {
        tokens.insert(call.await.unwrap().unwrap());
    }
    asking.await.unwrap().unwrap();
    assert_eq!(tokens.len(), 20);
    assert_eq!((sandbox.bankly().paid_calls(), watched.paths().len()), (20, 3 + 20 + 1));
    assert!(watched.sent.lock().unwrap()[3..].iter().all(|(_, at)| (*at - began).as_secs() >= 300));
}

/// Nobody waits for five minutes who said that he would not.
#[tokio::test]
async fn who_has_no_five_minutes_is_told_at_once() {
    let sandbox = still().await;
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
