//! The hostile vendor: a process of its own, so that what it costs is not counted.

use std::convert::Infallible;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use kyc_core::{ClientOptions, ReqwestTransport};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::attacks::{ATTACKS, Attack, Conduct};
use super::{ATTEMPT, MAX_TIME, Way};

/// The body of each attack, made before the first one: the client's timeout does not run meanwhile.
static BODIES: LazyLock<Vec<Option<Bytes>>> =
    LazyLock::new(|| ATTACKS.iter().map(|attack| attack.sent().map(Bytes::from)).collect());

/// The server's process, and how to reach it.
pub(crate) struct Running {
    _child: Child,
    plain: u16,
    tls1: u16,
    tls2: u16,
    authority: String,
}

impl Running {
    /// Starts it, and reads its ports and its certificate from its first lines.
    pub(crate) async fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve-hostile")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let mut port = async || anyhow::Ok(lines.next_line().await?.context("no port")?.parse::<u16>()?);
        let (plain, tls1, tls2) = (port().await?, port().await?, port().await?);
        let mut authority = String::new();
        while let Some(line) = lines.next_line().await?.filter(|line| !line.is_empty()) {
            authority.push_str(&line);
            authority.push('\n');
        }
        Ok(Self { _child: child, plain, tls1, tls2, authority })
    }

    /// Where an attack is asked for.
    pub(crate) fn base(&self, way: Way, attack: &Attack) -> String {
        let (scheme, port) = match way {
            Way::Http1 => ("http", self.plain),
            Way::Tls1 => ("https", self.tls1),
            Way::Tls2 => ("https", self.tls2),
        };
        format!("{scheme}://localhost:{port}/{}", attack.name)
    }

    /// What each client is given: one attempt, trust in the server's certificate, and little time, unless the attack ends by
    /// itself.
    pub(crate) fn options(&self, way: Way, attack: &Attack) -> Result<ClientOptions> {
        let attempt = if attack.body.is_some() { MAX_TIME } else { ATTEMPT };
        let options =
            ClientOptions::new().attempt_timeout(attempt).overall_timeout(attempt * 2).max_attempts(1);
        if way == Way::Http1 {
            return Ok(options);
        }
        let certificate = reqwest::Certificate::from_pem(self.authority.as_bytes())?;
        let client = reqwest::Client::builder()
            .tls_certs_only([certificate])
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(options.transport(ReqwestTransport::from_client(client)))
    }
}

/// The process: three listeners, until it is killed.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    LazyLock::force(&BODIES);
    runtime.block_on(async {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let tls = |protocol: &'static [u8]| -> Result<TlsAcceptor> {
            let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
            let mut config = ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(vec![certified.cert.der().clone()], key.into())?;
            config.alpn_protocols = vec![protocol.to_vec()];
            Ok(TlsAcceptor::from(Arc::new(config)))
        };
        let plain = TcpListener::bind("localhost:0").await?;
        let tls1 = TcpListener::bind("localhost:0").await?;
        let tls2 = TcpListener::bind("localhost:0").await?;
        for listener in [&plain, &tls1, &tls2] {
            println!("{}", listener.local_addr()?.port());
        }
        println!("{}", certified.cert.pem());
        println!();
        tokio::spawn(listen(tls1, Some(tls(b"http/1.1")?)));
        tokio::spawn(listen(tls2, Some(tls(b"h2")?)));
        listen(plain, None).await;
        Ok(())
    })
}

async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                None => connection(stream).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        http(TokioIo::new(stream)).await;
                    }
                }
            }
        });
    }
}

/// A connection without TLS: the raw attacks are below HTTP.
async fn connection(mut stream: TcpStream) {
    let mut head = [0; 2048];
    let length = stream.peek(&mut head).await.unwrap_or_default();
    let path = String::from_utf8_lossy(&head[..length]).split(' ').nth(1).unwrap_or_default().to_owned();
    match attack(&path).filter(|(attack, _)| attack.is_raw && !is_login(&path)) {
        Some((attack, _)) => {
            let _ = stream.read(&mut head).await;
            let _ = raw(&mut stream, attack.conduct).await;
        }
        None => http(TokioIo::new(stream)).await,
    }
}

async fn raw(stream: &mut TcpStream, conduct: Conduct) -> std::io::Result<()> {
    match conduct {
        Conduct::Cut => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"a\":").await?;
            stream.shutdown().await
        }
        Conduct::Headers => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
            loop {
                stream.write_all(&b"x-filler: ".repeat(400)).await?;
                stream.write_all(b"\r\n").await?;
            }
        }
        Conduct::Interim => loop {
            stream.write_all(&b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)).await?;
        },
        _ => Ok(()),
    }
}

async fn http<S>(stream: S)
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let service =
        service_fn(|request: Request<Incoming>| async move { Ok::<_, Infallible>(respond(&request)) });
    let server = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
    let _ = server.serve_connection(stream, service).await;
}

/// The attack that a path asks for, and its body.
fn attack(path: &str) -> Option<(&'static Attack, Option<Bytes>)> {
    let name = path.trim_start_matches('/').split('/').next()?;
    let (attack, body) = ATTACKS.iter().zip(BODIES.iter()).find(|(attack, _)| attack.name == name)?;
    Some((attack, body.clone()))
}

fn is_login(path: &str) -> bool {
    ["/login", "/token", "/credencial"].iter().any(|end| path.ends_with(end))
}

/// Logs everybody in, in all vendors' words at once; then attacks.
fn respond(request: &Request<Incoming>) -> Response<Sent> {
    let path = request.uri().path();
    let json = |body: Bytes| Response::new(Sent::Whole(Some(body)));
    if is_login(path) {
        let token = r#"{"token":"t","access_token":"t","expires_in":3600,"expires":"2999-01-01T00:00:00","token_type":"Bearer"}"#;
        let mut response = json(token.into());
        // The raw attacks need a connection of their own.
        if request.version() == http::Version::HTTP_11 {
            response.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
        return response;
    }
    let Some((attack, body)) = attack(path) else { return json(Bytes::from_static(b"{}")) };
    match (attack.conduct, body) {
        (Conduct::Whole, Some(body)) => {
            let mut response = json(body);
            if attack.is_packed {
                let packed = http::HeaderValue::from_static("gzip");
                response.headers_mut().insert(http::header::CONTENT_ENCODING, packed);
            }
            response
        }
        (Conduct::Drip, _) => Response::new(Sent::Drip(None)),
        (Conduct::Silence, _) => Response::new(Sent::Silence),
        _ => Response::new(Sent::Endless),
    }
}

/// A body as a hostile vendor sends it.
enum Sent {
    Whole(Option<Bytes>),
    Drip(Option<Pin<Box<tokio::time::Sleep>>>),
    Endless,
    Silence,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = |bytes| Poll::Ready(Some(Ok(Frame::data(bytes))));
        match &mut *self {
            Self::Whole(bytes) => bytes.take().map_or(Poll::Ready(None), data),
            Self::Silence => Poll::Pending,
            Self::Endless => data(Bytes::from_static(&[b' '; 16 * 1024])),
            Self::Drip(pause) => {
                let pause =
                    pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::from_millis(100))));
                match pause.as_mut().poll(context) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(()) => {
                        *self = Self::Drip(None);
                        data(Bytes::from_static(b" "))
                    }
                }
            }
        }
    }
}
