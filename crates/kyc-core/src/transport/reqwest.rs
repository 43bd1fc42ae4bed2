//! The HTTP transport by reqwest. No other file uses reqwest.

use std::error::Error as _;
use std::io::Read as _;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use http::HeaderValue;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use url::{Host, Url};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Transport, TransportError, TransportErrorKind};
use crate::body::Body;
use crate::certificate::ClientCertificate;
use crate::secret::Secret;

/// The [`Transport`] that sends with reqwest.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// The client for loopback addresses, which uses no proxy. Built on first use.
    local: Option<Arc<Local>>,
    /// The parsed origin of the last request. reqwest needs a [`Url`], and parsing one costs more than decoding a small
    /// response; a client calls one or two origins.
    origin: Arc<RwLock<Option<Url>>>,
}

struct Local {
    certificate: Option<ClientCertificate>,
    client: OnceLock<reqwest::Client>,
}

impl std::fmt::Debug for ReqwestTransport {
    /// Opaque: the default headers of a custom client may contain a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReqwestTransport")
    }
}

/// A connection that was idle for longer may be dead already, and the outcome of a paid request sent on it would be unknown.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl ReqwestTransport {
    /// Creates a transport that is suitable for paid calls: no redirects, no retries of its own, idle connections closed after
    /// 20 s, a connect timeout of 10 s. It uses the proxies of the environment, except for loopback addresses.
    ///
    /// # Errors
    /// The TLS library of this build cannot be initialised: there are no root certificates or no crypto provider.
    pub fn new() -> Result<Self, TransportError> {
        Self::with_settings(None, None)
    }

    /// Creates a transport as [`new`](Self::new) does, with a client certificate (mutual TLS).
    ///
    /// # Errors
    /// As for [`new`](Self::new); also if the TLS library of this build cannot read the certificate or key, or if this build has
    /// no TLS.
    pub fn with_certificate(certificate: &ClientCertificate) -> Result<Self, TransportError> {
        Self::with_settings(Some(certificate.clone()), None)
    }

    /// Creates a transport with a client certificate and a proxy in place of those of the environment.
    pub(crate) fn with_settings(
        certificate: Option<ClientCertificate>,
        proxy: Option<&Secret<String>>,
    ) -> Result<Self, TransportError> {
        let mut builder = reqwest::Client::builder();
        if let Some(proxy) = proxy {
            // The library's own words would repeat the address, which may hold a password.
            let invalid =
                |_| TransportError::new(TransportErrorKind::Setup, "the proxy's address is not a valid URL");
            builder = builder.proxy(reqwest::Proxy::all(proxy.expose().as_str()).map_err(invalid)?);
        }
        let client = build_client(builder, certificate.as_ref())?;
        let local = Some(Arc::new(Local { certificate, client: OnceLock::new() }));
        Ok(Self { client, local, origin: Arc::default() })
    }

    /// Returns the client for a URL. The choice is made per request, since a vendor's login may have another host.
    fn client(&self, url: &Url) -> Result<&reqwest::Client, TransportError> {
        let Some(local) = self.local.as_ref().filter(|_| is_loopback(url)) else { return Ok(&self.client) };
        if let Some(client) = local.client.get() {
            return Ok(client);
        }
        let client = build_client(reqwest::Client::builder().no_proxy(), local.certificate.as_ref())?;
        Ok(local.client.get_or_init(|| client))
    }

    /// Creates a transport from a custom client, with its proxy, certificates and pool.
    ///
    /// Disable redirects and retries of the client and give it a short idle timeout, as [`new`](Self::new) does: otherwise a
    /// paid request may be sent twice, or be lost on a dead connection.
    #[must_use]
    pub fn from_client(client: reqwest::Client) -> Self {
        Self { client, local: None, origin: Arc::default() }
    }

    fn url(&self, address: &http::Uri) -> Result<Url, TransportError> {
        let known = self.origin.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(mut url) = known.filter(|origin| is_origin_of(origin, address)) {
            url.set_path(address.path());
            url.set_query(address.query());
            return Ok(url);
        }
        let invalid = |_| TransportError::new(TransportErrorKind::Setup, "the address is not a valid URL");
        let url = Url::parse(&address.to_string()).map_err(invalid)?;
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
        let (mut parts, body) = request.into_parts();
        parts.headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
        let url = self.url(&parts.uri)?;
        let client = self.client(&url)?;
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        if !body.is_empty() {
            *request.body_mut() = Some(reqwest::Body::wrap(body.stream()));
        }
        let response = client
            .execute(request)
            .await
            .map_err(|error| transport_error(error, TransportErrorKind::Exchange))?;
        collect(response, max_bytes).await
    }
}

fn build_client(
    mut client: reqwest::ClientBuilder,
    certificate: Option<&ClientCertificate>,
) -> Result<reqwest::Client, TransportError> {
    // Without a provider, reqwest would panic.
    #[cfg(all(feature = "rustls-no-provider", not(feature = "rustls")))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(TransportError::new(
            TransportErrorKind::Setup,
            "install a rustls CryptoProvider before the first client",
        ));
    }
    // If both TLS libraries are enabled, reqwest would choose the other one.
    #[cfg(any(feature = "rustls", feature = "rustls-no-provider"))]
    {
        client = client.tls_backend_rustls();
    }
    if let Some(certificate) = certificate {
        client = add_identity(client, certificate)?;
    }
    client
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("kyc-br/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| TransportError::new(TransportErrorKind::Setup, chain(&error.without_url())))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(any(feature = "rustls", feature = "rustls-no-provider", feature = "native-tls"))]
fn add_identity(
    mut client: reqwest::ClientBuilder,
    certificate: &ClientCertificate,
) -> Result<reqwest::ClientBuilder, TransportError> {
    let unusable =
        |error: reqwest::Error| TransportError::new(TransportErrorKind::Setup, chain(&error.without_url()));
    let (pem, key) = (certificate.chain(), certificate.key().expose());
    // rustls takes precedence, as in `build_client`.
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
fn add_identity(
    _: reqwest::ClientBuilder,
    _: &ClientCertificate,
) -> Result<reqwest::ClientBuilder, TransportError> {
    Err(TransportError::new(TransportErrorKind::Setup, "this build has no TLS"))
}

/// Returns `true` if the address has the scheme and authority of that URL, compared as text.
fn is_origin_of(origin: &Url, address: &http::Uri) -> bool {
    let Some(authority) = address.authority() else { return false };
    address.scheme_str() == Some(origin.scheme()) && authority.as_str() == origin.authority()
}

async fn collect(
    mut response: reqwest::Response,
    max_bytes: usize,
) -> Result<http::Response<Bytes>, TransportError> {
    let status = response.status();
    let headers = std::mem::take(response.headers_mut());
    let body = match read_body(&mut response, max_bytes).await {
        Ok(body) => body,
        Err(error) => return Err(error.with_head(status, headers)),
    };
    let body = if is_gzip(&headers) { decompress(body, max_bytes)? } else { body };
    let mut whole = http::Response::new(body);
    *whole.status_mut() = status;
    *whole.headers_mut() = headers;
    Ok(whole)
}

fn is_gzip(headers: &http::HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|encoding| matches!(encoding.as_bytes().trim_ascii(), b"gzip" | b"x-gzip"))
}

/// Decompresses a gzip body. A body that is not valid gzip, or is incomplete, is returned unchanged: the call may have been
/// paid for, and the decode error keeps the body.
fn decompress(body: Bytes, max_bytes: usize) -> Result<Bytes, TransportError> {
    let mut whole = Vec::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let read = flate2::read::MultiGzDecoder::new(&body[..]).take(limit).read_to_end(&mut whole);
    match read {
        Ok(length) if length > max_bytes => Err(too_large()),
        Ok(_) => Ok(whole.into()),
        Err(_) => Ok(body),
    }
}

fn too_large() -> TransportError {
    TransportError::new(TransportErrorKind::TooLarge, "the response is too large")
}

async fn read_body(response: &mut reqwest::Response, max_bytes: usize) -> Result<Bytes, TransportError> {
    let mut next =
        async || response.chunk().await.map_err(|error| transport_error(error, TransportErrorKind::Response));
    // Most bodies arrive in one chunk, which needs no copy.
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

/// Converts an error of reqwest. Its text contains the URL, whose query may hold a CPF, so the URL is removed first.
fn transport_error(error: reqwest::Error, stage: TransportErrorKind) -> TransportError {
    let error = error.without_url();
    let text = chain(&error);
    let kind = match stage {
        TransportErrorKind::Exchange if error.is_builder() => TransportErrorKind::Setup,
        TransportErrorKind::Exchange if names_refused_certificate(&text) => {
            TransportErrorKind::CertificateRefused
        }
        TransportErrorKind::Exchange if error.is_connect() => TransportErrorKind::Connect,
        kind => kind,
    };
    TransportError::new(kind, text)
}

/// Returns `true` if the text of an error contains a TLS alert that rejects the client certificate. With TLS 1.3 the server
/// verifies the certificate after the client considers the connection established, so the alert appears as a failed
/// exchange. The TLS libraries report it as text: rustls with the names of the alerts, OpenSSL with names of its own,
/// followed by the alert's number.
fn names_refused_certificate(text: &str) -> bool {
    let alert = text.split_once("alert").map(|(_, alert)| alert.to_ascii_lowercase()).unwrap_or_default();
    let words = ["certificate", "unknownca", "unknown ca", "accessdenied", "access denied"];
    words.iter().any(|word| alert.contains(word))
}

/// Returns the texts of an error and its sources. The innermost ones are the most specific: "connection refused" instead of
/// "error sending request".
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
    use std::io::Write as _;

    use super::*;

    #[test]
    fn certificate_alerts_of_both_tls_libraries_are_detected() {
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
    fn a_cached_origin_yields_the_same_url() {
        let warm = ReqwestTransport::new().expect("a client");
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
            let cold = ReqwestTransport::new().expect("a client");
            let (warm, cold) = (warm.url(&uri).expect("a URL"), cold.url(&uri).expect("a URL"));
            assert_eq!(warm, cold, "{address}");
        }
    }

    #[test]
    fn a_body_that_is_not_valid_gzip_is_kept() {
        let compressed = |text: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).expect("memory");
            Bytes::from(encoder.finish().expect("memory"))
        };
        let plain = Bytes::from_static(b"{\"transactionId\":\"1\"}");
        assert_eq!(decompress(plain.clone(), 100).expect("unchanged"), plain);
        assert_eq!(decompress(compressed(&plain), 100).expect("decompressed"), plain);
        let cut = compressed(&plain).slice(..20);
        assert_eq!(decompress(cut.clone(), 100).expect("unchanged"), cut);
        let bomb = compressed(&vec![b' '; 1_000_000]);
        assert_eq!(decompress(bomb, 1000).expect_err("too large").kind(), TransportErrorKind::TooLarge);
    }

    #[test]
    fn loopback_addresses_are_detected() {
        for (address, is_local) in [
            ("http://127.0.0.1:8080/x", true),
            ("https://localhost/x", true),
            ("http://[::1]:1/", true),
            ("https://vendor.example/x", false),
            ("https://127.0.0.1.example/x", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(address).expect("a URL")), is_local, "{address}");
        }
    }
}
