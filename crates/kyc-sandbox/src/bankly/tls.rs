//! Mutual TLS: a certificate authority created at start, and the certificates that it issues.

use std::fmt;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use kyc_core::{Clock as _, Timestamp, VirtualClock};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivatePkcs8KeyDer, UnixTime};
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::time_provider::TimeProvider;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use axum::Router;
use tokio::net::TcpListener;

use super::{COMPANY_KEY, base_url};
use crate::sandbox::reachable;
use crate::server;

const DAY: Duration = Duration::from_secs(24 * 3600);
const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// The subject of every client certificate.
pub(super) const SUBJECT: &str = "CN=SANDBOX_CO,O=Sandbox,C=BR";

/// The certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub(super) struct IssuedCertificate {
    certificate: Certificate,
    key: KeyPair,
}

impl IssuedCertificate {
    pub(super) fn certificate_pem(&self) -> String {
        self.certificate.pem()
    }

    pub(super) fn key_der(&self) -> Vec<u8> {
        self.key.serialize_der()
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        CertifiedIssuer::self_signed(params, key).map(Self).map_err(io::Error::other)
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A client certificate that is valid from the day before `from` until `life` after `from`.
    pub(super) fn client(&self, from: Timestamp, life: Duration) -> io::Result<IssuedCertificate> {
        let from = SystemTime::from(from);
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, COMPANY_KEY);
        params.distinguished_name.push(DnType::OrganizationName, "Sandbox");
        params.distinguished_name.push(DnType::CountryName, "BR");
        params.not_before = (from - DAY).into();
        params.not_after = (from + life).into();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.issue(params)
    }

    fn server(&self, bind: IpAddr) -> io::Result<IssuedCertificate> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
        let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
        params.subject_alt_names.push(SanType::IpAddress(bind));
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "localhost");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.issue(params)
    }

    fn issue(&self, mut params: CertificateParams) -> io::Result<IssuedCertificate> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = params.signed_by(&key, &self.0).map_err(io::Error::other)?;
        Ok(IssuedCertificate { certificate, key })
    }

    /// The TLS acceptor for `bind`. It accepts only clients with a certificate of this authority that is valid on the
    /// sandbox's clock.
    pub(crate) fn acceptor(&self, bind: IpAddr, clock: VirtualClock) -> io::Result<TlsAcceptor> {
        let provider = Arc::new(default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).map_err(io::Error::other)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .map_err(io::Error::other)?;
        let made = self.server(bind)?;
        let key = PrivatePkcs8KeyDer::from(made.key_der());
        let mut config = ServerConfig::builder_with_details(provider, Arc::new(SandboxTime(clock)))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![made.certificate.der().clone()], key.into())
            .map_err(io::Error::other)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // A resumed session would skip the validation of its certificate.
        config.send_tls13_tickets = 0;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// The listener for mutual TLS, before it serves.
pub(super) struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl TlsListener {
    /// Listens on a free port.
    pub(super) fn open(
        bind: IpAddr,
        authority: &Arc<Authority>,
        clock: &VirtualClock,
    ) -> io::Result<(Self, BanklyTls)> {
        let listener = std::net::TcpListener::bind((bind, 0))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let acceptor = authority.acceptor(bind, clock.clone())?;
        let url = base_url(&format!("https://{}", reachable(listener.local_addr()?)));
        let handle = BanklyTls::new(url, Arc::clone(authority), clock.clone())?;
        Ok((Self { listener, acceptor }, handle))
    }

    pub(super) async fn serve(self, api: Router) {
        server::serve(self.listener, Some(self.acceptor), api).await;
    }
}

/// The sandbox's clock, for the validation of certificates.
#[derive(Debug)]
struct SandboxTime(VirtualClock);

impl TimeProvider for SandboxTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().unix_seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// A client certificate and its key, in PEM.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientPem {
    /// The certificate, followed by that of its issuer.
    pub chain: String,
    /// The private key, unencrypted.
    pub key: String,
}

impl fmt::Debug for ClientPem {
    /// Omits the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientPem").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// Bankly's mutual TLS listener, and certificates for testing with it.
///
/// Returned by [`Sandbox::bankly_tls`](crate::Sandbox::bankly_tls). A client without a certificate, with one that has
/// expired on the sandbox's clock, or with one of another authority is refused with a TLS alert and gets no HTTP
/// response.
pub struct BanklyTls {
    url: String,
    authority: Arc<Authority>,
    clock: VirtualClock,
    good: ClientPem,
    expired: ClientPem,
    foreign: ClientPem,
}

impl BanklyTls {
    pub(crate) fn new(url: String, authority: Arc<Authority>, clock: VirtualClock) -> io::Result<Self> {
        let now = clock.now();
        let past = SystemTime::from(now) - YEAR;
        let past = Timestamp::try_from(past).map_err(io::Error::other)?;
        let good = pem(&authority, now, YEAR)?;
        let expired = pem(&authority, past, YEAR - DAY)?;
        let foreign = pem(&Authority::new("Another authority than the sandbox's")?, now, YEAR)?;
        Ok(Self { url, authority, clock, good, expired, foreign })
    }

    pub(super) fn write_files(&self, directory: &Path) -> io::Result<()> {
        let written = std::fs::create_dir_all(directory).and_then(|()| {
            write_new(&directory.join("authority.pem"), &self.authority_pem())?;
            write_new(&directory.join("client.pem"), &self.good.chain)?;
            write_new(&directory.join("client-key.pem"), &self.good.key)
        });
        let explained = |error: io::Error| {
            let text = format!("cannot write the certificates to {}: {error}", directory.display());
            io::Error::new(error.kind(), text)
        };
        written.map_err(explained)
    }

    /// Returns the base URL for a client, tokens included, such as `https://127.0.0.1:41235/bankly`. The server's
    /// certificate is also valid for `localhost`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the certificate authority that clients must trust, in PEM. It is new at each start.
    #[must_use]
    pub fn authority_pem(&self) -> String {
        self.authority.pem()
    }

    /// Returns a certificate that is valid for a year.
    #[must_use]
    pub fn client_certificate(&self) -> ClientPem {
        self.good.clone()
    }

    /// Returns a certificate that expired the day before.
    #[must_use]
    pub fn expired_client_certificate(&self) -> ClientPem {
        self.expired.clone()
    }

    /// Returns a certificate of an authority that the server does not trust.
    #[must_use]
    pub fn foreign_client_certificate(&self) -> ClientPem {
        self.foreign.clone()
    }

    /// Creates a certificate that expires this long after now, on the sandbox's clock. To see it expire, advance that
    /// clock. The certificate is validated once per connection, in the handshake.
    ///
    /// # Errors
    /// The key could not be generated.
    pub fn client_certificate_for(&self, life: Duration) -> io::Result<ClientPem> {
        pem(&self.authority, self.clock.now(), life)
    }
}

impl fmt::Debug for BanklyTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BanklyTls").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Writes a file that only its owner can read, in place of an earlier one. A link is replaced, not followed.
fn write_new(path: &Path, text: &str) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn pem(authority: &Authority, from: Timestamp, life: Duration) -> io::Result<ClientPem> {
    let made = authority.client(from, life)?;
    let chain = format!("{}{}", made.certificate_pem(), authority.pem());
    Ok(ClientPem { chain, key: made.key.serialize_pem() })
}
