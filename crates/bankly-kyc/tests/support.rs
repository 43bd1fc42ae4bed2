//! Images, clients, and a clock that advances between requests.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bankly_kyc::kyc_core::{
    Body, ClientOptions, Clock, Cpf, Media, ReqwestTransport, Transport, TransportError, VirtualClock,
};
use bankly_kyc::{Client, ClientBuilder, Credentials, DocumentSide, DocumentType, Upload};
use bytes::Bytes;
use kyc_sandbox::bankly::{Operation, TestOutcome, test_cpf};
use kyc_sandbox::{Fault, Sandbox};
use test_support::clock::SkippingClock;
pub use test_support::png;

pub const CPF: &str = "52998224725";

pub fn cpf() -> Cpf {
    Cpf::parse(CPF).unwrap()
}

/// Returns a PNG of 640 by 480 pixels.
pub fn image() -> Media {
    let mut bytes = png(640);
    bytes[20..24].copy_from_slice(&480u32.to_be_bytes());
    Media::new(bytes).unwrap()
}

/// Returns a complete JPEG of this size in pixels, without content.
pub fn jpeg(width: u16, height: u16) -> Media {
    let mut bytes = b"\xFF\xD8\xFF\xC0\0\x11\x08".to_vec();
    bytes.extend(height.to_be_bytes());
    bytes.extend(width.to_be_bytes());
    bytes.extend(b"\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xFF\xD9");
    Media::new(bytes).unwrap()
}

pub fn selfie() -> Upload {
    Upload::selfie(image())
}

pub fn front() -> Upload {
    Upload::document(DocumentType::Rg, DocumentSide::Front, image())
}

pub fn back() -> Upload {
    Upload::document(DocumentType::Rg, DocumentSide::Back, image())
}

pub fn cpf_of(outcome: TestOutcome) -> Cpf {
    Cpf::parse(test_cpf(outcome).unwrap()).unwrap()
}

thread_local! {
    static TRANSPORT: ReqwestTransport = ReqwestTransport::new().unwrap();
}

/// Returns the transport that a test's clients share: loading the root certificates for each client takes time.
pub fn transport() -> ReqwestTransport {
    TRANSPORT.with(Clone::clone)
}

/// Returns options without pauses between attempts, with the test's transport.
pub fn options() -> ClientOptions {
    ClientOptions::new().clock(SkippingClock::running()).transport(transport())
}

/// Returns a builder with one address for everything and credentials by secret, without TLS.
pub fn builder(base_url: &str) -> ClientBuilder {
    Client::builder(Credentials::by_secret("client-id".to_owned(), "client-secret".to_owned()))
        .base_url(base_url)
        .auth_url(base_url)
}

pub fn client(base_url: &str) -> Client {
    builder(base_url).options(options()).build().unwrap()
}

/// Returns a builder for the sandbox without TLS, with its clock.
pub fn sandboxed(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder(Credentials::by_secret(Sandbox::BANKLY_CLIENT_ID, Sandbox::BANKLY_CLIENT_SECRET))
        .base_url(&sandbox.bankly_url())
        .auth_url(&sandbox.bankly_url())
        .options(ClientOptions::new().clock(sandbox.clock()).transport(transport()))
}

/// Returns a client with the sandbox's clock. Only a hanging request needs a short attempt timeout: on a busy machine it would
/// also end other requests.
pub fn meeting(fault: &Fault<Operation>, sandbox: &Sandbox) -> Client {
    meeting_by(sandbox.clock(), fault, sandbox)
}

/// Returns the same without pauses between attempts. It is not for [`Client::wait`], whose timeout would be skipped, too.
pub fn unpaused(fault: &Fault<Operation>, sandbox: &Sandbox) -> Client {
    meeting_by(SkippingClock::from(sandbox.clock()), fault, sandbox)
}

fn meeting_by(clock: impl Clock + 'static, fault: &Fault<Operation>, sandbox: &Sandbox) -> Client {
    let attempt = Duration::from_millis(if *fault == Fault::hang() { 300 } else { 30_000 });
    let options = ClientOptions::new().attempt_timeout(attempt).clock(clock).transport(transport());
    sandboxed(sandbox).options(options).build().unwrap()
}

/// Waits until a condition is true, for at most 10 s.
pub async fn until(mut is_true: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if is_true() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the condition did not become true");
}

/// Limits the real time of a future to 20 s, so that a mistake fails a test instead of blocking it.
pub async fn in_time<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future).await.expect("it takes longer than 20 s")
}

/// A transport that records what is sent and when, and knows whether a response is outstanding.
#[derive(Clone, Debug)]
pub struct Watched {
    inner: ReqwestTransport,
    clock: VirtualClock,
    sent: Arc<Mutex<Vec<(String, Duration)>>>,
    answered: Arc<AtomicUsize>,
}

impl Watched {
    pub fn new(clock: VirtualClock) -> Self {
        let inner = ReqwestTransport::new().unwrap();
        Self { inner, clock, sent: Arc::default(), answered: Arc::default() }
    }

    pub fn is_quiet(&self) -> bool {
        self.count() == self.answered.load(SeqCst)
    }

    /// Returns the number of requests.
    pub fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// Returns the last segment of each path, in the order of the requests.
    pub fn paths(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|(path, _)| path.clone()).collect()
    }

    /// Returns the time of each request on the clock.
    pub fn times(&self) -> Vec<Duration> {
        self.sent.lock().unwrap().iter().map(|(_, at)| *at).collect()
    }

    /// Returns once no response is outstanding and no task of this thread is about to send.
    async fn quiet(&self) {
        let mut quiet = 0;
        while quiet < 50 {
            if self.is_quiet() {
                tokio::task::yield_now().await;
                quiet += 1;
            } else {
                tokio::time::sleep(Duration::from_millis(1)).await;
                quiet = 0;
            }
        }
    }

    /// Advances the clock by steps, each of them once all tasks wait for the clock.
    pub async fn pass(&self, steps: u32, step: Duration) {
        for _ in 0..steps {
            self.quiet().await;
            self.clock.advance(step);
        }
        self.quiet().await;
    }

    /// Advances the clock without end, by half a second at a time. After 15 s without a request it takes steps of 5 s, which
    /// also end at the full five minutes of a pause.
    pub async fn pass_endlessly(&self) {
        let (mut count, mut idle) = (0, 0);
        loop {
            self.quiet().await;
            idle = if self.count() == count { idle + 1 } else { 0 };
            count = self.count();
            self.clock.advance(Duration::from_millis(if idle >= 30 { 5_000 } else { 500 }));
        }
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
