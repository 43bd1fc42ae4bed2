//! Requests that no client would send.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{sleep, timeout};

use crate::webhooks::sender::{Answer, PATIENCE};

/// What follows the first bytes of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest {
    /// A piece many times.
    Pieces(&'static [u8], usize),
    /// A byte twice a second, without end.
    Drip(&'static [u8]),
}

/// Sends a request over a connection of its own and reads the status, which may come before the request has ended.
pub(super) async fn exchange(to: SocketAddr, first: Vec<u8>, rest: Rest) -> Answer {
    let Ok(stream) = TcpStream::connect(to).await else { return Answer::Closed };
    let (reader, writer) = stream.into_split();
    let work = async {
        tokio::select! {
            answer = status(reader) => answer,
            () = write(writer, &first, rest) => Answer::Hung,
        }
    };
    timeout(PATIENCE, work).await.unwrap_or(Answer::Hung)
}

/// Reads the status of a response.
async fn status(mut reader: OwnedReadHalf) -> Answer {
    const LENGTH: usize = "HTTP/1.1 200".len();
    let mut start = [0; LENGTH];
    match reader.read_exact(&mut start).await {
        Ok(_) => {
            let digits = start.strip_prefix(b"HTTP/1.1 ").and_then(|digits| std::str::from_utf8(digits).ok());
            digits.and_then(|digits| digits.parse().ok()).map_or(Answer::Closed, Answer::Status)
        }
        Err(_) => Answer::Closed,
    }
}

/// Writes, then keeps the connection open. A failed write is no answer: what was received before may still be read.
async fn write(mut writer: OwnedWriteHalf, first: &[u8], rest: Rest) {
    let written = async {
        writer.write_all(first).await?;
        match rest {
            Rest::Pieces(piece, count) => {
                for _ in 0..count {
                    writer.write_all(piece).await?;
                }
            }
            Rest::Drip(piece) => loop {
                writer.write_all(piece).await?;
                sleep(Duration::from_millis(500)).await;
            },
        }
        std::io::Result::Ok(())
    };
    let _ = written.await;
    std::future::pending().await
}
