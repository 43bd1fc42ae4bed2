//! Starts and stops the sandbox.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use kyc_core::VirtualClock;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::bankly::{self, Authority, BanklyControl, BanklyTls};
use crate::cellere::{self, CellereControl};
use crate::certiface::{self, CertifaceControl, Provider, Senders};
use crate::clearsale::{self, ClearsaleControl, ExpiresIn, Settings};
use crate::control::{self, ControlContext};
use crate::server;
use crate::tasks::Tasks;
use crate::webhooks::{self, DeliveryPolicy, WebhookSender};

/// A running sandbox. It stops when dropped.
pub struct Sandbox {
    addr: SocketAddr,
    clock: VirtualClock,
    bankly: Arc<BanklyControl>,
    bankly_tls: Option<BanklyTls>,
    cellere: Arc<CellereControl>,
    certiface: Arc<CertifaceControl>,
    clearsale: Arc<ClearsaleControl>,
    tasks: Arc<Tasks>,
}

impl Sandbox {
    /// The client id for which Bankly's tokens are issued here, by certificate and by secret.
    pub const BANKLY_CLIENT_ID: &str = bankly::CLIENT_ID;
    /// The client secret, for tokens of the older kind.
    pub const BANKLY_CLIENT_SECRET: &str = bankly::CLIENT_SECRET;
    /// The company key of Bankly's only partner here.
    pub const BANKLY_COMPANY_KEY: &str = bankly::COMPANY_KEY;
    /// The token of Cellere's only customer here. It has the form of a JWT and expires in 2100.
    pub const CELLERE_TOKEN: &str = cellere::TOKEN;
    /// The `user` that Certiface's `credencial` accepts here.
    pub const CERTIFACE_USER: &str = certiface::USER;
    /// The password; `credencial` expects its MD5.
    pub const CERTIFACE_PASSWORD: &str = certiface::PASSWORD;
    /// The `clientId` that ClearSale's login accepts here.
    pub const CLEARSALE_CLIENT_ID: &str = clearsale::CLIENT_ID;
    /// The `clientSecret` that ClearSale's login accepts here.
    pub const CLEARSALE_CLIENT_SECRET: &str = clearsale::CLIENT_SECRET;

    /// Returns a builder with the defaults: a free port on 127.0.0.1 and a running clock. ClearSale decides after 1.5
    /// seconds and its tokens expire after an hour. Certiface analyses documents for 3 seconds and uses FaceTec for 3D
    /// liveness; its credentials expire after three hours and its appkeys after five minutes. Bankly analyses an image
    /// for 3 seconds, its tokens expire after an hour, and it does not listen for TLS. Cellere has a thousand credits.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            bind: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            allow_non_loopback: false,
            clock: None,
            bankly: bankly::Settings::default(),
            cellere: cellere::Settings::default(),
            certiface: certiface::Settings::default(),
            clearsale: Settings::default(),
        }
    }

    /// Returns the address that the sandbox listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Returns the root URL, such as `http://127.0.0.1:41234`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        url_of(self.addr)
    }

    /// Returns the base URL for a Bankly client, tokens included, such as `http://127.0.0.1:41234/bankly`. For TLS with
    /// client certificates see [`bankly_tls`](Self::bankly_tls).
    #[must_use]
    pub fn bankly_url(&self) -> String {
        format!("{}{}", self.url(), bankly::PREFIX)
    }

    /// Returns Bankly's mutual TLS listener, if [`SandboxBuilder::bankly_mutual_tls`] enabled it.
    #[must_use]
    pub fn bankly_tls(&self) -> Option<&BanklyTls> {
        self.bankly_tls.as_ref()
    }

    /// Returns the base URL for a Cellere client, such as `http://127.0.0.1:41234/cellere`.
    #[must_use]
    pub fn cellere_url(&self) -> String {
        format!("{}{}", self.url(), cellere::PREFIX)
    }

    /// Returns the base URL for a Certiface client, for every operation except the result, such as
    /// `http://127.0.0.1:41234/certiface`. The vendor's paths, which begin with `/facecaptcha`, are appended to it.
    #[must_use]
    pub fn certiface_url(&self) -> String {
        format!("{}{}", self.url(), certiface::PREFIX)
    }

    /// Returns the base URL for Certiface's result, such as `http://127.0.0.1:41234/certiface-result`. It is separate
    /// because the vendor serves the result on another port.
    #[must_use]
    pub fn certiface_result_url(&self) -> String {
        format!("{}{}", self.url(), certiface::RESULT_PREFIX)
    }

    /// Returns the base URL for a ClearSale client, such as `http://127.0.0.1:41234/clearsale`.
    #[must_use]
    pub fn clearsale_url(&self) -> String {
        format!("{}{}", self.url(), clearsale::PREFIX)
    }

    /// Returns the clock that controls when tokens and appkeys expire, transactions are decided and webhooks are
    /// retried.
    #[must_use]
    pub fn clock(&self) -> VirtualClock {
        self.clock.clone()
    }

    /// Returns Bankly's counters, faults and webhooks.
    #[must_use]
    pub fn bankly(&self) -> &BanklyControl {
        &self.bankly
    }

    /// Returns Cellere's counters, faults and credits.
    #[must_use]
    pub fn cellere(&self) -> &CellereControl {
        &self.cellere
    }

    /// Returns Certiface's counters, faults and webhooks.
    #[must_use]
    pub fn certiface(&self) -> &CertifaceControl {
        &self.certiface
    }

    /// Returns ClearSale's counters, faults and webhooks.
    #[must_use]
    pub fn clearsale(&self) -> &ClearsaleControl {
        &self.clearsale
    }

    /// Stops the sandbox. Returns once the port is free and every task has ended.
    pub async fn shutdown(self) {
        self.tasks.stop().shutdown().await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        drop(self.tasks.stop());
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("addr", &self.addr).finish_non_exhaustive()
    }
}

/// Configures a [`Sandbox`]. Created by [`Sandbox::builder`].
#[derive(Clone, Debug)]
pub struct SandboxBuilder {
    bind: IpAddr,
    port: u16,
    allow_non_loopback: bool,
    clock: Option<VirtualClock>,
    bankly: bankly::Settings,
    cellere: cellere::Settings,
    certiface: certiface::Settings,
    clearsale: Settings,
}

impl SandboxBuilder {
    /// Sets the port. 0, the default, selects a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the address to listen on. An address that is not loopback requires
    /// [`allow_non_loopback`](Self::allow_non_loopback).
    #[must_use]
    pub fn bind(mut self, address: IpAddr) -> Self {
        self.bind = address;
        self
    }

    /// Allows the sandbox to listen on, and to send webhooks to, addresses that are not loopback. Its credentials are
    /// public and its control routes are open: anyone who can reach it can use it.
    #[must_use]
    pub fn allow_non_loopback(mut self) -> Self {
        self.allow_non_loopback = true;
        self
    }

    /// Sets the clock, such as [`VirtualClock::frozen`]. By default it runs with the system clock.
    #[must_use]
    pub fn clock(mut self, clock: VirtualClock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets whether Bankly also listens for mutual TLS, on a free port of its own; see [`Sandbox::bankly_tls`]. Off by
    /// default.
    #[must_use]
    pub fn bankly_mutual_tls(mut self, enabled: bool) -> Self {
        self.bankly.mutual_tls = enabled;
        self
    }

    /// Sets how long Bankly analyses an image; see [`BanklyControl::analysis_delay`].
    #[must_use]
    pub fn bankly_analysis_delay(mut self, delay: Duration) -> Self {
        self.bankly.analysis_delay = delay;
        self
    }

    /// Sets the lifetime of Bankly's tokens.
    #[must_use]
    pub fn bankly_token_life(mut self, life: Duration) -> Self {
        self.bankly.token_life = life;
        self
    }

    /// Sets the initial number of credits at Cellere.
    #[must_use]
    pub fn cellere_credits(mut self, credits: u64) -> Self {
        self.cellere.credits = credits;
        self
    }

    /// Sets the lifetime of Certiface's credentials.
    #[must_use]
    pub fn certiface_credential_life(mut self, life: Duration) -> Self {
        self.certiface.credential_life = life;
        self
    }

    /// Sets the lifetime of Certiface's appkeys.
    #[must_use]
    pub fn certiface_appkey_life(mut self, life: Duration) -> Self {
        self.certiface.appkey_life = life;
        self
    }

    /// Sets how long Certiface analyses documents.
    #[must_use]
    pub fn certiface_document_delay(mut self, delay: Duration) -> Self {
        self.certiface.document_delay = delay;
        self
    }

    /// Sets the provider of Certiface's 3D liveness. Some test CPFs override it.
    #[must_use]
    pub fn certiface_liveness_3d(mut self, provider: Provider) -> Self {
        self.certiface.liveness_3d = provider;
        self
    }

    /// Sets how long a ClearSale comparison stays `Processing`.
    #[must_use]
    pub fn clearsale_match_delay(mut self, delay: Duration) -> Self {
        self.clearsale.match_delay = delay;
        self
    }

    /// Sets the lifetime of ClearSale's tokens.
    #[must_use]
    pub fn clearsale_token_life(mut self, life: Duration) -> Self {
        self.clearsale.token_life = life;
        self
    }

    /// Sets the form in which ClearSale's login states that lifetime.
    #[must_use]
    pub fn clearsale_expires_in(mut self, form: ExpiresIn) -> Self {
        self.clearsale.expires_in = form;
        self
    }

    /// Starts the sandbox on the current tokio runtime.
    ///
    /// # Errors
    /// The address is not loopback and that was not allowed, or it cannot be bound.
    pub async fn start(self) -> io::Result<Sandbox> {
        if !self.allow_non_loopback && !self.bind.is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "not a loopback address: anyone on the network could use the sandbox; allow it with --allow-non-loopback or \
                 SandboxBuilder::allow_non_loopback",
            ));
        }
        let listener = TcpListener::bind((self.bind, self.port)).await?;
        let addr = listener.local_addr()?;
        let clock = self.clock.unwrap_or_else(VirtualClock::running);
        let tasks = Arc::new(Tasks::new());
        let loopback_only = !self.allow_non_loopback;
        // One client for all vendors: with TLS compiled in, each new client loads the system's root certificates.
        let client = webhooks::http_client().map_err(io::Error::other)?;
        let sender = |policy: DeliveryPolicy| {
            let (tasks, client) = (Arc::clone(&tasks), client.clone());
            Arc::new(WebhookSender::new(policy, clock.clone(), tasks, client, loopback_only))
        };
        let authority = Arc::new(Authority::new("Authority of a kyc-sandbox")?);
        let tls = match self.bankly.mutual_tls {
            true => Some(TlsListener::open(self.bind, &authority, &clock).await?),
            false => None,
        };
        let bankly = BanklyControl::new(
            self.bankly,
            clock.clone(),
            Arc::clone(&tasks),
            Arc::clone(&authority),
            sender(bankly::DELIVERY),
        );
        let bankly = Arc::new(bankly);
        let cellere = Arc::new(CellereControl::new(&self.cellere));
        let senders =
            Senders { completion: sender(certiface::DELIVERY), status: sender(certiface::DELIVERY) };
        let certiface =
            Arc::new(CertifaceControl::new(self.certiface, clock.clone(), Arc::clone(&tasks), senders));
        let clearsale = Arc::new(ClearsaleControl::new(
            self.clearsale,
            clock.clone(),
            Arc::clone(&tasks),
            sender(clearsale::DELIVERY),
        ));
        let context = ControlContext {
            url: url_of(addr),
            clock: clock.clone(),
            bankly_tls_url: tls.as_ref().map(|tls| tls.handle.url().to_owned()),
            vendors: vec![bankly.clone(), cellere.clone(), certiface.clone(), clearsale.clone()],
        };
        let router = Router::new()
            .merge(control::routes(context))
            .merge(bankly::routes(&bankly))
            .merge(cellere::routes(&cellere))
            .merge(certiface::routes(&certiface))
            .merge(clearsale::routes(Arc::clone(&clearsale)));
        let bankly_tls = tls.map(|tls| {
            tasks.spawn(server::serve(tls.listener, Some(tls.acceptor), router.clone()));
            tls.handle
        });
        tasks.spawn(server::serve(listener, None, router));
        Ok(Sandbox { addr, clock, bankly, bankly_tls, cellere, certiface, clearsale, tasks })
    }
}

/// The TLS listener, before it serves.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    handle: BanklyTls,
}

impl TlsListener {
    async fn open(bind: IpAddr, authority: &Arc<Authority>, clock: &VirtualClock) -> io::Result<Self> {
        let listener = TcpListener::bind((bind, 0)).await?;
        let acceptor = authority.acceptor(bind, clock.clone())?;
        let address = reachable(listener.local_addr()?);
        let url = format!("https://{address}{}", bankly::PREFIX);
        let handle = BanklyTls::new(url, Arc::clone(authority), clock.clone())?;
        Ok(Self { listener, acceptor, handle })
    }
}

fn url_of(addr: SocketAddr) -> String {
    format!("http://{}", reachable(addr))
}

/// The address for a client on this machine, since `0.0.0.0` is only for listening.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}
