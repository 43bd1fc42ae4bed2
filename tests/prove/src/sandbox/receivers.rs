//! Receivers of webhooks: one that accepts every event, and one that never answers.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(super) struct Receivers {
    pub(super) accepting: String,
    pub(super) silent: String,
    /// The connections that are open at the silent one, and the most that ever were.
    waiting: Arc<[AtomicUsize; 2]>,
}

impl Receivers {
    pub(super) async fn start() -> Result<Self> {
        let (accepting, silent) = (bind().await?, bind().await?);
        let url = |listener: &TcpListener| anyhow::Ok(format!("http://{}", listener.local_addr()?));
        let receivers = Self { accepting: url(&accepting)?, silent: url(&silent)?, waiting: Arc::default() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = accepting.accept().await {
                tokio::spawn(accept(stream));
            }
        });
        let waiting = Arc::clone(&receivers.waiting);
        tokio::spawn(async move {
            while let Ok((stream, _)) = silent.accept().await {
                tokio::spawn(ignore(stream, Arc::clone(&waiting)));
            }
        });
        Ok(receivers)
    }

    /// Returns how many connections the silent one had at most.
    pub(super) fn most_waiting(&self) -> usize {
        self.waiting[1].load(Ordering::Relaxed)
    }
}

async fn bind() -> Result<TcpListener> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?)
}

/// Answers one request: the sandbox sends an event in one piece or two, and closes when it was told so.
async fn accept(mut stream: TcpStream) {
    let mut request = Vec::new();
    while !is_whole(&request) {
        match stream.read_buf(&mut request).await {
            Ok(1..) => {}
            _ => return,
        }
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// Reads until the sandbox gives up.
async fn ignore(mut stream: TcpStream, waiting: Arc<[AtomicUsize; 2]>) {
    let [open, most] = &*waiting;
    most.fetch_max(open.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    let mut unread = [0; 4096];
    while matches!(stream.read(&mut unread).await, Ok(1..)) {}
    open.fetch_sub(1, Ordering::Relaxed);
}
