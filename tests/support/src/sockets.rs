//! Servers below HTTP: one that never responds, one that closes early, and TLS in front of another.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Accepts connections while it lives and never reads. Also returns its address.
pub async fn silence() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

/// Reads each request to its end, writes the given bytes, which need not be HTTP, and closes the connection.
#[derive(Debug)]
pub struct Abrupt {
    url: String,
    requests: Arc<AtomicU64>,
}

impl Abrupt {
    /// Starts the server.
    pub async fn start(answer: impl Into<Vec<u8>>) -> Self {
        let (listener, url) = silence().await;
        let (answer, requests) = (Arc::new(answer.into()), Arc::new(AtomicU64::new(0)));
        let counter = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, counter) = (Arc::clone(&answer), Arc::clone(&counter));
                tokio::spawn(async move {
                    if read_request(&mut stream).await.is_some() {
                        counter.fetch_add(1, Ordering::Relaxed);
                        drop(stream.write_all(&answer).await);
                        drop(stream.shutdown().await);
                    }
                });
            }
        });
        Self { url, requests }
    }

    /// Returns its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the number of requests read.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Reads head and body: closing a socket with unread data would discard the response.
async fn read_request(stream: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let mut body = stream.take(length.map_or(0, |length| length.trim().parse().unwrap()));
    tokio::io::copy(&mut body, &mut tokio::io::sink()).await.ok()?;
    Some(())
}

/// Terminates TLS for `localhost` in front of another server. Returns the address and the certificate as PEM.
pub async fn tls_in_front_of(inner: SocketAddr) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    let acceptor = TlsAcceptor::from(Arc::new(config.unwrap()));
    let (listener, url) = silence().await;
    let port = url.rsplit(':').next().unwrap_or_default();
    let outer = format!("https://localhost:{port}");
    tokio::spawn(async move {
        while let Ok((outer, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut outer = acceptor.accept(outer).await?;
                let mut inner = TcpStream::connect(inner).await?;
                tokio::io::copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    (outer, made.cert.pem())
}
