//! `kyc listen` as a process, and a program that it forwards to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout};

use crate::support::*;

/// A key of an inbox, which nothing may print.
pub(crate) const KEY: &str = "c2VudGluZWwtc2VudGluZWwtc2VudGluZWwtc2VudCE=";
/// The secret of a webhook, which nothing may print.
pub(crate) const TOKEN: &str = "sentinel-token-hunter2";
/// What a vendor would send: the CPF may be printed by `show --body` alone.
pub(crate) const BODY: &str = r#"{"clientId":"c","cPF":"52998224725","transactionId":"3fa85f6457174562b3fc2c963f66afa6","transactionStatus":"Processing"}"#;

/// Returns a desk that has one webhook and an encrypted inbox.
pub(crate) fn desk_with_webhook() -> Desk {
    Desk::new().with("KYC_CLEARSALE_WEBHOOK_TOKEN", TOKEN).with("KYC_INBOX_KEY", KEY)
}

/// A running `kyc listen --json`.
pub(crate) struct Listener {
    pub(crate) child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// The ready line.
    pub(crate) ready: Value,
    /// Every line so far.
    pub(crate) shown: String,
}

impl Listener {
    pub(crate) async fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let usual = ["listen", "--json", "--address", "127.0.0.1:0"];
        let mut child = desk.start(&[&usual[..], arguments].concat());
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut listener = Self { child, lines, ready: Value::Null, shown: String::new() };
        match listener.try_line().await {
            Some(ready) => listener.ready = ready,
            None => panic!("{:?}", finish(listener.child).await),
        }
        assert_eq!(listener.ready["line"], "ready");
        listener
    }

    /// Starts the embedded sandbox, too.
    pub(crate) async fn simulated(desk: &Desk, arguments: &[&str]) -> Self {
        Self::start(desk, &[&["--sandbox", "--sandbox-port", "0"], arguments].concat()).await
    }

    async fn try_line(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(Duration::from_secs(30), self.lines.next_line());
        let line = line.await.expect("in time").expect("text")?;
        self.shown += &format!("{line}\n");
        Some(serde_json::from_str(&line).expect("JSON"))
    }

    pub(crate) async fn line(&mut self) -> Value {
        self.try_line().await.expect("a line")
    }

    /// Reads lines up to one with that result, and returns it.
    pub(crate) async fn result(&mut self, result: &str) -> Value {
        loop {
            let line = self.line().await;
            if line["result"] == result {
                return line;
            }
        }
    }

    pub(crate) fn sandbox(&self) -> &str {
        self.ready["sandbox"].as_str().expect("a sandbox")
    }

    pub(crate) fn store(&self) -> &str {
        self.ready["store"].as_str().expect("a file")
    }

    /// Posts a body to a path below the listener's address, and returns the status.
    pub(crate) async fn post(&self, path: &str, body: &str) -> u16 {
        let url = format!("{}{path}", self.ready["url"].as_str().expect("a URL"));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let request = client.post(url).bearer_auth(TOKEN).header("content-type", "application/json");
        request.body(body.to_owned()).send().await.expect("a response").status().as_u16()
    }

    /// Sends a signal, and returns the exit code and what was printed.
    pub(crate) async fn stop(mut self, signal: &str) -> Run {
        let id = self.child.id().expect("it runs").to_string();
        let killed = tokio::process::Command::new("kill").args([signal, &id]).status().await;
        assert!(killed.expect("kill runs").success());
        while self.try_line().await.is_some() {}
        let run = finish(self.child).await;
        Run { stdout: self.shown, ..run }
    }
}

/// A request that a target received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn id(&self) -> &str {
        &self.headers["kyc-event-id"]
    }
}

/// A program that events are forwarded to.
pub(crate) struct Target {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Target {
    /// Starts it. `status` returns what to answer to the event that was received so many times; `None`: nothing.
    pub(crate) async fn start(status: fn(usize) -> Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hooks?own=1", listener.local_addr().expect("an address"));
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let all = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&all), status));
            }
        });
        Self { url, received }
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until it has received something.
    pub(crate) async fn is_reached(&self) {
        let reached = async {
            while self.received().is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached).await.expect("in time");
    }
}

async fn answer(mut stream: TcpStream, all: Arc<Mutex<Vec<Received>>>, status: fn(usize) -> Option<u16>) {
    let Some(received) = read(&mut stream).await else { return };
    let count = {
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(received.clone());
        all.iter().filter(|one| one.id() == received.id()).count()
    };
    let Some(status) = status(count) else { return std::future::pending().await };
    let head =
        format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: 0\r\nlocation: /other\r\n\r\n");
    drop(stream.write_all(head.as_bytes()).await);
    drop(stream.shutdown().await);
}

async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).expect("text");
    let (request, headers) = head.split_once("\r\n").expect("a request");
    let header = |line: &str| {
        line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let headers: HashMap<_, _> = headers.lines().filter_map(header).collect();
    let length = headers["content-length"].parse().expect("a number");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let target = request.split(' ').nth(1).expect("a target").to_owned();
    Some(Received { target, headers, body: String::from_utf8(body).expect("text") })
}
