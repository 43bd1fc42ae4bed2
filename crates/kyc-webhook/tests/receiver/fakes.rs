//! Vendors, an inbox and a server of the tests.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use kyc_webhook::kyc_core::{
    Cpf, OperationId, Timestamp, Trust, Vendor, WebhookError, WebhookEvent, WebhookRequest, WebhookSource,
};
use kyc_webhook::{
    Arrival, EventId, EventInfo, Filter, Forgotten, Inbox, InboxError, NewEvent, Outcome, Purged, Put,
    Receipt, Receiver, ReceiverBuilder, Server, ServerLimits, Stats, StoredEvent, router,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(super) const PUBLIC_URL: &str = "https://Hooks.example.com/kyc";
/// The secrets, and content as a stranger or a vendor may send it. None may ever be printed.
pub(super) const SENTINELS: [&str; 4] = ["s3cret-token", "s3cret-path", "52998224725", "Maria"];

/// A webhook that is authenticated as one of the vendors does it.
#[derive(Debug)]
pub(super) enum Fake {
    /// By a bearer token. The body is an event, or a list of events. Accepted by 202.
    Bearer,
    /// By a signature over the URL and the body.
    Signed,
    /// By a secret path.
    SecretPath,
    /// By the sender's address, 203.0.113.9.
    Peer,
    /// By nothing.
    Open,
    /// By nothing, and it panics.
    Broken,
}

impl WebhookSource for Fake {
    fn vendor(&self) -> Vendor {
        Vendor::new("fake")
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Signed => "signed",
            Self::SecretPath => "secret-path",
            Self::Peer => "peer",
            Self::Open => "open",
            Self::Broken => "broken",
        }
    }

    fn event_types(&self) -> &'static [&'static str] {
        &["done"]
    }

    fn trust(&self) -> Trust {
        match self {
            Self::Bearer => Trust::SharedSecret,
            Self::Signed => Trust::Signed,
            Self::Peer => Trust::KnownPeer,
            Self::SecretPath | Self::Open | Self::Broken => Trust::Hint,
        }
    }

    fn check_sender(&self, head: &WebhookRequest) -> Result<(), WebhookError> {
        assert!(head.body().is_empty(), "the body is not known yet");
        match self {
            Self::Bearer => match head.header("authorization") {
                Some(b"Bearer s3cret-token") => Ok(()),
                Some(_) => Err(WebhookError::WrongSecret),
                None => Err(WebhookError::MissingHeader("authorization")),
            },
            Self::Signed => match head.header("signature") {
                Some(_) => head.url().map(|_| ()).ok_or(WebhookError::NoUrl),
                None => Err(WebhookError::MissingHeader("signature")),
            },
            Self::SecretPath => match head.url().ok_or(WebhookError::NoUrl)?.ends_with("/s3cret-path") {
                true => Ok(()),
                false => Err(WebhookError::WrongSecret),
            },
            Self::Peer => match head.peer().ok_or(WebhookError::NoPeer)?.to_string() == "203.0.113.9" {
                true => Ok(()),
                false => Err(WebhookError::PeerNotAllowed),
            },
            Self::Open | Self::Broken => Ok(()),
        }
    }

    fn receive(&self, request: &WebhookRequest) -> Result<Vec<WebhookEvent>, WebhookError> {
        self.check_sender(&request_without_body(request))?;
        if let Self::Signed = self {
            let expected = signature(request.url().unwrap_or_default(), request.body());
            if request.header("signature") != Some(expected.as_bytes()) {
                return Err(WebhookError::WrongSignature);
            }
        }
        assert!(!matches!(self, Self::Broken), "broken by Maria, 52998224725");
        Ok(self.events(request.body()))
    }

    fn accepted_status(&self) -> u16 {
        if let Self::Bearer = self { 202 } else { 200 }
    }
}

impl Fake {
    fn events(&self, body: &Bytes) -> Vec<WebhookEvent> {
        match serde_json::from_slice(body) {
            Ok(serde_json::Value::Array(list)) => {
                list.iter().map(|item| self.event(item.to_string().into())).collect()
            }
            Ok(_) => vec![self.event(body.clone())],
            Err(_) => vec![WebhookEvent::unreadable(self.vendor(), self.trust(), body.clone())],
        }
    }

    fn event(&self, payload: Bytes) -> WebhookEvent {
        let mut event = WebhookEvent::new(self.vendor(), "done", self.trust(), payload);
        event.is_final = true;
        event
    }
}

fn request_without_body(request: &WebhookRequest) -> WebhookRequest {
    let names = ["authorization", "signature"];
    let headers = names.iter().filter_map(|name| Some((*name, request.header(name)?)));
    let mut head = WebhookRequest::new(headers, "");
    if let Some(url) = request.url() {
        head = head.at_url(url);
    }
    match request.peer() {
        Some(peer) => head.from_peer(peer),
        None => head,
    }
}

pub(super) fn signature(url: &str, body: &[u8]) -> String {
    format!("{url}+{}", body.len())
}

/// What the inbox does next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    #[default]
    Stores,
    Fails,
    Hangs,
    /// It stores the events, but says of none what became of it.
    Forgets,
    Panics,
}

#[derive(Debug, Default)]
pub(super) struct FakeInbox {
    pub(super) stored: Mutex<Vec<NewEvent>>,
    pub(super) mood: Mutex<Mood>,
    pub(super) stats: Mutex<Stats>,
}

impl FakeInbox {
    pub(super) fn set(&self, mood: Mood) {
        *self.mood.lock().expect("not poisoned") = mood;
    }

    fn mood(&self) -> Mood {
        self.mood.lock().expect("not poisoned").clone()
    }

    pub(super) fn bodies(&self) -> Vec<String> {
        let body = |new: &NewEvent| String::from_utf8_lossy(new.content.body.expose()).into_owned();
        self.stored.lock().expect("not poisoned").iter().map(body).collect()
    }

    fn put_one(&self, new: NewEvent) -> Put {
        let mut stored = self.stored.lock().expect("not poisoned");
        let same = |old: &&NewEvent| {
            old.source == new.source && old.content.body.expose() == new.content.body.expose()
        };
        if stored.iter().find(same).is_some() {
            return Put::Duplicate { id: EventId::from_bytes([1; 16]), same_body: true };
        }
        stored.push(new);
        Put::New(EventId::from_bytes([1; 16]))
    }
}

#[async_trait]
impl Inbox for FakeInbox {
    async fn put(&self, events: Vec<NewEvent>) -> Result<Vec<Put>, InboxError> {
        match self.mood() {
            Mood::Stores => Ok(events.into_iter().map(|new| self.put_one(new)).collect()),
            Mood::Fails => Err(InboxError::Full),
            Mood::Hangs => std::future::pending().await,
            Mood::Forgets => Ok(Vec::new()),
            Mood::Panics => panic!("about Maria, 52998224725"),
        }
    }

    async fn stats(&self) -> Result<Stats, InboxError> {
        match self.mood() {
            Mood::Hangs => std::future::pending().await,
            Mood::Fails => Err(InboxError::Busy),
            _ => Ok(*self.stats.lock().expect("not poisoned")),
        }
    }

    async fn expect(&self, _: &OperationId, _: Timestamp) -> Result<(), InboxError> {
        unreachable!()
    }
    async fn arrival(&self, _: &OperationId, _: u64) -> Result<Arrival, InboxError> {
        unreachable!()
    }
    async fn get(&self, _: EventId) -> Result<Option<StoredEvent>, InboxError> {
        unreachable!()
    }
    async fn list(&self, _: &Filter, _: Option<EventId>, _: u32) -> Result<Vec<EventInfo>, InboxError> {
        unreachable!()
    }
    async fn replay(&self, _: &Filter) -> Result<u64, InboxError> {
        unreachable!()
    }
    async fn purge(&self, _: Timestamp) -> Result<Purged, InboxError> {
        unreachable!()
    }
    async fn forget(&self, _: &Cpf) -> Result<Forgotten, InboxError> {
        unreachable!()
    }
    async fn cite(&self, _: EventId, _: &str) -> Result<(), InboxError> {
        unreachable!()
    }
    async fn release(&self, _: &str) -> Result<u64, InboxError> {
        unreachable!()
    }
}

/// A receiver of all fakes, its inbox, and what its hook was told.
#[derive(Clone)]
pub(super) struct Fixture {
    pub(super) inbox: Arc<FakeInbox>,
    pub(super) receiver: Receiver,
    receipts: Arc<Mutex<Vec<Receipt>>>,
}

impl Fixture {
    pub(super) fn new() -> Self {
        Self::with(|builder| builder.public_url(PUBLIC_URL).expect("valid"))
    }

    pub(super) fn with(set: impl FnOnce(ReceiverBuilder) -> ReceiverBuilder) -> Self {
        let inbox = Arc::new(FakeInbox::default());
        let receipts = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&receipts);
        let mut builder = Receiver::builder(inbox.clone())
            .on_receipt(move |receipt| told.lock().expect("not poisoned").push(receipt.clone()));
        for fake in [Fake::Bearer, Fake::Signed, Fake::SecretPath, Fake::Peer, Fake::Open, Fake::Broken] {
            builder = builder.source(Arc::new(fake));
        }
        Self { inbox, receiver: set(builder).build().expect("valid"), receipts }
    }

    /// What the hook was told of each request since the last call: the source, and the number of events or the reason.
    pub(super) fn told(&self) -> Vec<String> {
        let receipts = std::mem::take(&mut *self.receipts.lock().expect("not poisoned"));
        for receipt in &receipts {
            assert_private(&format!("{receipt:?}"));
        }
        let told = |receipt: Receipt| {
            let source = receipt.source.unwrap_or("nobody");
            match receipt.outcome {
                Outcome::Accepted(events) => format!("{source}: {} events", events.len()),
                Outcome::Refused(refusal) => format!("{source}: {}", refusal.reason()),
                _ => unreachable!(),
            }
        };
        receipts.into_iter().map(told).collect()
    }

    pub(super) async fn serve(&self, limits: ServerLimits) -> Served {
        Served::new(router(self.receiver.clone()), limits).await
    }
}

pub(super) fn assert_private(text: &str) {
    for sentinel in SENTINELS {
        assert!(!text.contains(sentinel), "{text}");
    }
}

/// A running server.
pub(super) struct Served {
    pub(super) address: SocketAddr,
    pub(super) stop: CancellationToken,
    pub(super) task: JoinHandle<()>,
}

impl Served {
    pub(super) async fn new(router: axum::Router, limits: ServerLimits) -> Self {
        Self::at("127.0.0.1:0", router, limits).await
    }

    pub(super) async fn at(address: &str, router: axum::Router, limits: ServerLimits) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let task = tokio::spawn(Server::new(listener).limits(limits).serve(router, stop.clone()));
        Self { address, stop, task }
    }

    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    /// Opens a connection and sends this.
    pub(super) async fn begin(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.expect("taken");
        stream
    }

    /// Sends this and returns what the server answers until it closes the connection.
    pub(super) async fn send(&self, bytes: impl AsRef<[u8]>) -> String {
        rest_of(self.begin(bytes).await).await
    }
}

pub(super) async fn rest_of(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("closed in order");
    answer
}

/// A request after which the connection is closed. `head` is the target and more lines of the head.
pub(super) fn post(head: &str, body: &str) -> String {
    let (target, headers) = head.split_once('\n').unwrap_or((head, ""));
    let headers: String = headers.lines().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    format!(
        "POST {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n\
         {body}"
    )
}

/// The status of a response, without its reason.
pub(super) fn status(response: &str) -> &str {
    response.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or(response)
}
