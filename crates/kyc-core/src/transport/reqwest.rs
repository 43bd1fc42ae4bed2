//! HTTP over reqwest. No other file names it.

use std::error::Error as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use url::Url;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Transport, TransportError, TransportErrorKind};
use crate::body::Body;

/// HTTP by reqwest.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// The origin that was called last, parsed. reqwest wants its own kind of URL, and to parse one costs more than
    /// to decode a small answer; a client calls one origin or two.
    origin: Arc<RwLock<Option<Url>>>,
}

impl std::fmt::Debug for ReqwestTransport {
    /// Opaque: a client of yours may have a key among its default headers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReqwestTransport")
    }
}

/// A connection that lay idle longer may be gone unnoticed, and a paid request lost on it is an unknown one.
const IDLE: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(10);

impl ReqwestTransport {
    /// A client fit for paid calls: no redirects, no retries of its own, connections kept idle for at most 20 s,
    /// 10 s to connect.
    ///
    /// # Errors
    /// The TLS of the build cannot start: no root certificates, or no crypto provider.
    pub fn new() -> Result<Self, TransportError> {
        Self::built(reqwest::Client::builder())
    }

    /// The same without the proxies that the environment names: for addresses on this machine, which no proxy
    /// should see.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn direct() -> Result<Self, TransportError> {
        Self::built(reqwest::Client::builder().no_proxy())
    }

    /// A client as [`new`](Self::new) makes it that presents a client certificate (mutual TLS). To this machine it uses
    /// no proxy; name it by `is_loopback`.
    ///
    /// # Errors
    /// As [`new`](Self::new); a certificate or key that the TLS of the build cannot read, or a build without TLS.
    pub fn with_certificate(
        certificate: &crate::ClientCertificate,
        is_loopback: bool,
    ) -> Result<Self, TransportError> {
        let mut client = with_identity(reqwest::Client::builder(), certificate)?;
        if is_loopback {
            client = client.no_proxy();
        }
        Self::built(client)
    }

    fn built(client: reqwest::ClientBuilder) -> Result<Self, TransportError> {
        // reqwest panics here.
        #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(TransportError::new(
                TransportErrorKind::Setup,
                "install a rustls CryptoProvider before the first client",
            ));
        }
        client
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_idle_timeout(IDLE)
            .connect_timeout(CONNECT)
            .user_agent(concat!("kyc-br/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(Self::from_client)
            .map_err(|error| TransportError::new(TransportErrorKind::Setup, chain(&error.without_url())))
    }

    /// A client of yours, with your proxy, certificates and pool.
    ///
    /// Give it no redirects, no retries and a short idle time: see [`new`](Self::new) for why.
    #[must_use]
    pub fn from_client(client: reqwest::Client) -> Self {
        Self { client, origin: Arc::default() }
    }

    fn url(&self, address: &http::Uri) -> Result<Url, TransportError> {
        let known = self.origin.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(mut url) = known.filter(|origin| is_origin_of(origin, address)) {
            url.set_path(address.path());
            url.set_query(address.query());
            return Ok(url);
        }
        let unusable =
            |_| TransportError::new(TransportErrorKind::Setup, "the address is no URL that can be called");
        let url = Url::parse(&address.to_string()).map_err(unusable)?;
        *self.origin.write().unwrap_or_else(PoisonError::into_inner) = Some(url.clone());
        Ok(url)
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(
        &self,
        request: http::Request<Body>,
        max_bytes: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let (parts, body) = request.into_parts();
        let mut request = reqwest::Request::new(parts.method, self.url(&parts.uri)?);
        *request.headers_mut() = parts.headers;
        if !body.is_empty() {
            *request.body_mut() = Some(reqwest::Body::wrap(body.stream()));
        }
        let answer = self
            .client
            .execute(request)
            .await
            .map_err(|error| failed(error, TransportErrorKind::Exchange))?;
        collect(answer, max_bytes).await
    }
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
fn with_identity(
    mut client: reqwest::ClientBuilder,
    certificate: &crate::ClientCertificate,
) -> Result<reqwest::ClientBuilder, TransportError> {
    let unusable =
        |error: reqwest::Error| TransportError::new(TransportErrorKind::Setup, chain(&error.without_url()));
    let (pem, key) = (certificate.chain(), certificate.key().expose());
    // The first TLS that the build has is the one that reqwest uses.
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    let identity = {
        let both = zeroize::Zeroizing::new(format!("{key}\n{pem}"));
        reqwest::Identity::from_pem(both.as_bytes())
    };
    #[cfg(not(any(feature = "rustls", feature = "rustls-no-provider")))]
    let identity = reqwest::Identity::from_pkcs8_pem(pem.as_bytes(), key.as_bytes());
    client = client.identity(identity.map_err(unusable)?);
    for authority in certificate.authorities() {
        let authority = reqwest::Certificate::from_pem(authority.as_bytes()).map_err(unusable)?;
        client = client.tls_certs_merge([authority]);
    }
    Ok(client)
}

#[cfg(not(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls")))]
fn with_identity(
    _: reqwest::ClientBuilder,
    _: &crate::ClientCertificate,
) -> Result<reqwest::ClientBuilder, TransportError> {
    Err(TransportError::new(TransportErrorKind::Setup, "this build has no TLS"))
}

/// Whether the address differs from that URL in path and query alone, in the plainest spelling of both.
fn is_origin_of(origin: &Url, address: &http::Uri) -> bool {
    let Some(authority) = address.authority() else { return false };
    address.scheme_str() == Some(origin.scheme()) && authority.as_str() == origin.authority()
}

async fn collect(
    mut answer: reqwest::Response,
    max_bytes: usize,
) -> Result<http::Response<Bytes>, TransportError> {
    let status = answer.status();
    let headers = std::mem::take(answer.headers_mut());
    let body = match whole_body(&mut answer, max_bytes).await {
        Ok(body) => body,
        Err(error) => return Err(error.with_head(status, headers)),
    };
    let mut whole = http::Response::new(body);
    *whole.status_mut() = status;
    *whole.headers_mut() = headers;
    Ok(whole)
}

async fn whole_body(answer: &mut reqwest::Response, max_bytes: usize) -> Result<Bytes, TransportError> {
    let too_large = || TransportError::new(TransportErrorKind::TooLarge, "the answer is too large");
    let mut next = async || answer.chunk().await.map_err(|error| failed(error, TransportErrorKind::Answer));
    // Most answers come in one piece: no copy then.
    let first = next().await?.unwrap_or_default();
    if first.len() > max_bytes {
        return Err(too_large());
    }
    let Some(second) = next().await? else { return Ok(first) };
    let mut whole = Vec::from(first);
    let mut more = Some(second);
    while let Some(piece) = more {
        if whole.len() + piece.len() > max_bytes {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
        more = next().await?;
    }
    Ok(whole.into())
}

/// reqwest prints the URL, and its query may hold a CPF: it is taken off before anything is read from the error.
fn failed(error: reqwest::Error, otherwise: TransportErrorKind) -> TransportError {
    let error = error.without_url();
    let text = chain(&error);
    let kind = match otherwise {
        TransportErrorKind::Exchange if error.is_builder() => TransportErrorKind::Setup,
        TransportErrorKind::Exchange if names_refused_certificate(&text) => {
            TransportErrorKind::CertificateRefused
        }
        TransportErrorKind::Exchange if error.is_connect() => TransportErrorKind::Connect,
        kind => kind,
    };
    TransportError::new(kind, text)
}

/// With TLS 1.3 the server judges our certificate after we think that the connection stands, so that its alert comes
/// as a failure of the exchange. The TLS libraries keep it as text: rustls by the names of the alerts, OpenSSL by its
/// own, with the alert's number behind them.
fn names_refused_certificate(text: &str) -> bool {
    let alert = text.split_once("alert").map(|(_, alert)| alert.to_ascii_lowercase()).unwrap_or_default();
    let words = ["certificate", "unknownca", "unknown ca", "accessdenied", "access denied"];
    words.iter().any(|word| alert.contains(word))
}

/// The innermost causes say the most: "connection refused" and not "error sending request".
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let line = inner.to_string();
        if !text.ends_with(&line) {
            text.push_str(": ");
            text.push_str(&line);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{ReqwestTransport, names_refused_certificate};

    #[test]
    fn alerts_of_both_tls_libraries() {
        for refused in [
            "connection error: received fatal alert: CertificateRequired",
            "connection error: received fatal alert: UnknownCA",
            "error:0A000415:SSL routines:ssl3_read_bytes:sslv3 alert certificate expired:../ssl/record/rec_layer_s3.c:1593:SSL alert number 45",
            "error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../ssl/record/rec_layer_s3.c:1593:SSL alert number 48",
        ] {
            assert!(names_refused_certificate(refused), "{refused}");
        }
        for other in [
            "invalid peer certificate: UnknownIssuer",
            "connection error: received fatal alert: HandshakeFailure",
            "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed",
            "error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1593:SSL alert number 40",
        ] {
            assert!(!names_refused_certificate(other), "{other}");
        }
    }

    #[test]
    fn a_known_origin_changes_nothing() {
        let warm = ReqwestTransport::direct().expect("a client");
        for address in [
            "https://a.example/x",
            "https://a.example/y/%2F?q=1&q=2",
            "https://a.example:8443/y",
            "https://a.example:8443",
            "https://A.example:8443/z",
            "http://a.example:8443/z?",
            "https://b.example/a/../b",
            "https://b.example/c%20d?e=%C3%A7",
        ] {
            let uri = address.parse().expect("a URI");
            let cold = ReqwestTransport::direct().expect("a client");
            let (warm, cold) = (warm.url(&uri).expect("a URL"), cold.url(&uri).expect("a URL"));
            assert_eq!(warm, cold, "{address}");
        }
    }
}
