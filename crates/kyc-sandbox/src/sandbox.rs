//! Starts and stops the sandbox.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use kyc_core::{ValidationError, VirtualClock};
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use crate::client_config::ClientConfig;
use crate::control::{self, ControlContext};
use crate::faces::Eyes;
use crate::ids::Ids;
use crate::outcomes::{self, Outcome, Triggered};
use crate::receivers;
use crate::requests::{Hook, PaidHook, Recorder, RequestLog, RequestRecord};
use crate::scenario::Scenario;
use crate::server;
use crate::tasks::Tasks;
use crate::vendor::{SharedContext, TestInput, VendorFacts, VendorInfo};
use crate::vendors::{FACTS, Settings, Vendors};
use crate::webhooks;

/// A running sandbox. It stops when dropped.
pub struct Sandbox {
    addr: SocketAddr,
    pub(crate) control: ControlContext,
    pub(crate) vendors: Vendors,
    tasks: Arc<Tasks>,
}

impl Sandbox {
    /// Returns a builder with the defaults: a free port on 127.0.0.1 and a running clock.
    #[must_use]
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder {
            port: 0,
            bind: LOOPBACK,
            allow_non_loopback: false,
            clock: None,
            seed: None,
            log_requests: true,
            on_request: None,
            on_paid: None,
            #[cfg(feature = "faces")]
            looks_at_pictures: false,
            vendors: Settings::default(),
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

    /// Returns every vendor: its names, its address, how a client is configured, and the test inputs.
    #[must_use]
    pub fn vendors(&self) -> Vec<VendorInfo> {
        let root = self.url();
        self.control.vendors.iter().map(|vendor| VendorInfo::of(&**vendor, &root)).collect()
    }

    /// Returns what stands in a vendor's table of `kyc.toml` to reach the sandbox; `None` if no vendor has that key.
    #[must_use]
    pub fn client_config(&self, key: &str) -> Option<ClientConfig> {
        Self::client_config_at(key, &self.url())
    }

    /// Returns the same for a sandbox in another process, given its root URL. What does not depend on the URL are the
    /// sandbox's public credentials.
    #[must_use]
    pub fn client_config_at(key: &str, root: &str) -> Option<ClientConfig> {
        facts_of(key).map(|facts| (facts.client_config)(root))
    }

    /// Returns a vendor's inputs that choose an outcome; none if no vendor has that key. They belong to nobody.
    #[must_use]
    pub fn test_inputs(key: &str) -> Vec<TestInput> {
        facts_of(key).map(|facts| (facts.test_inputs)()).unwrap_or_default()
    }

    /// Returns a `kyc.toml` with which the clients of all vendors use the sandbox.
    #[must_use]
    pub fn config_toml(&self) -> String {
        let tables: Vec<_> = self.vendors().iter().map(|vendor| vendor.client_config.to_toml()).collect();
        tables.join("\n")
    }

    /// Returns the same as environment variables, names and values.
    #[must_use]
    pub fn env_vars(&self) -> Vec<(String, String)> {
        self.vendors().iter().flat_map(|vendor| vendor.client_config.env_vars()).collect()
    }

    /// Returns the same as lines of the form `NAME=value`.
    #[must_use]
    pub fn env(&self) -> String {
        env_at(&self.url())
    }

    /// Returns the line that a command prints to standard output once the sandbox is listening.
    #[must_use]
    pub fn ready_line(&self) -> String {
        format!("kyc-sandbox ready on {}", self.url())
    }

    /// Returns the clock that controls when tokens expire, operations are decided and webhooks are retried.
    #[must_use]
    pub fn clock(&self) -> VirtualClock {
        self.control.clock.clone()
    }

    /// Returns the log of the requests to the vendors' APIs.
    #[must_use]
    pub fn requests(&self) -> RequestLog {
        self.control.requests.clone()
    }

    /// Sends the webhooks of every vendor to one program from now on, each to `{root}/webhooks/{name}`, with secrets
    /// that are made up for this call. It replaces earlier registrations by this method and by a vendor's control.
    ///
    /// Returns the tables of configuration with which that program accepts them, such as `[{key}.webhook]`. The
    /// `name` is the one that a [`WebhookSource`](kyc_core::WebhookSource) has; a secret may follow it in the path.
    ///
    /// # Errors
    /// The root is not an `http` URL without user, query and fragment, its host is not loopback (unless the builder
    /// allowed that), or its host is neither `localhost` nor the IP address of a reachable machine. Then nothing is
    /// registered.
    pub fn send_webhooks_to(&self, root: &str) -> Result<Vec<ClientConfig>, ValidationError> {
        receivers::send_webhooks_to(&self.control.vendors, root, self.control.loopback_only)
    }

    /// Returns every outcome that a scenario can set, apart from those that any operation has: see
    /// [`Scenario::outcome`].
    #[must_use]
    pub fn outcomes() -> Vec<Outcome> {
        FACTS.iter().flat_map(|facts| (facts.outcomes)()).collect()
    }

    /// Makes an operation happen as if a client had requested it with the test input for that outcome: it is paid
    /// for, its webhooks are sent, and a client can query it. It is decided at once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use kyc_sandbox::Sandbox;
    /// let sandbox = Sandbox::builder().start().await?;
    /// for outcome in Sandbox::outcomes().iter().filter(|outcome| outcome.name == "error") {
    ///     let triggered = sandbox.trigger(outcome.vendor, outcome.name)?;
    ///     assert!(triggered.due_in.is_zero());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The vendor has no such outcome, or none at all; or the outcome needs something that is missing or not over
    /// yet, which the error names.
    pub fn trigger(&self, vendor: &str, outcome: &str) -> Result<Triggered, ValidationError> {
        self.trigger_scenario(Scenario::new(vendor, outcome))
    }

    /// Does the same, but the operation takes as long as it would for a client.
    ///
    /// # Errors
    /// The same as for [`trigger`](Self::trigger).
    pub fn trigger_delayed(&self, vendor: &str, outcome: &str) -> Result<Triggered, ValidationError> {
        outcomes::trigger(&self.control.vendors, Scenario::new(vendor, outcome), None)
    }

    /// Does the same as [`trigger`](Self::trigger) for the person of a scenario, whose scenario it sets; without a CPF,
    /// with the test input for the outcome. It is decided after the delay of the scenario, or at once.
    ///
    /// # Errors
    /// The same as for [`trigger`](Self::trigger) and [`set_scenario`](Self::set_scenario).
    pub fn trigger_scenario(&self, scenario: Scenario) -> Result<Triggered, ValidationError> {
        outcomes::trigger(&self.control.vendors, scenario, Some(Duration::ZERO))
    }

    /// Makes everything as it was at the start: transactions, journeys, tokens, counters, faults, webhooks and their
    /// receivers, scenarios, credits and the log of the requests. Only the clock stays, and the numbers of the requests
    /// go on.
    pub fn reset(&self) {
        self.control.reset();
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

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Configures a [`Sandbox`]. Created by [`Sandbox::builder`].
///
/// With the feature `clap` it implements `clap::Args`: the options of a command that runs the sandbox.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SandboxBuilder {
    /// The port; 0 selects a free one
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", default_value_t = Self::COMMAND_PORT))]
    port: u16,
    /// The address to listen on
    #[cfg_attr(feature = "clap", arg(long, value_name = "IP", default_value_t = LOOPBACK))]
    bind: IpAddr,
    /// Listen on, and send webhooks to, other addresses than this machine's own; anyone who can reach it can use it
    #[cfg_attr(feature = "clap", arg(long))]
    allow_non_loopback: bool,
    #[cfg_attr(feature = "clap", arg(skip))]
    clock: Option<VirtualClock>,
    /// Make the same ids and tokens in each run, if the requests are the same
    #[cfg_attr(feature = "clap", arg(long, value_name = "N"))]
    seed: Option<u64>,
    #[cfg_attr(feature = "clap", arg(skip = true))]
    log_requests: bool,
    #[cfg_attr(feature = "clap", arg(skip))]
    on_request: Option<Hook>,
    #[cfg_attr(feature = "clap", arg(skip))]
    on_paid: Option<PaidHook>,
    /// Take any two pictures for the same person, without looking at them
    #[cfg(feature = "faces")]
    #[cfg_attr(feature = "clap", arg(long = "no-faces", action = clap::ArgAction::SetFalse))]
    looks_at_pictures: bool,
    #[cfg_attr(feature = "clap", command(flatten))]
    pub(crate) vendors: Settings,
}

impl SandboxBuilder {
    /// The port of a command that runs the sandbox, unless its options say otherwise: the address in the documentation
    /// and in a client's configuration stays the same.
    pub const COMMAND_PORT: u16 = 8750;

    /// Returns the address to listen on. Port 0 stands for a free one.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }

    /// Returns the environment variables of a client as lines of the form `NAME=value`, without a running sandbox;
    /// `None` if the port is not known before the sandbox runs.
    #[must_use]
    pub fn env(&self) -> Option<String> {
        (self.port != 0).then(|| env_at(&url_of(self.address())))
    }

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

    /// Makes the ids, tokens and keys that the vendors issue the same in each run, if the requests are the same and in
    /// the same order. Without a seed nobody can guess them. Secrets of receivers and TLS certificates stay random.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets whether requests are recorded; by default they are.
    #[must_use]
    pub fn log_requests(mut self, enabled: bool) -> Self {
        self.log_requests = enabled;
        self
    }

    /// Sets a function that is called with each request to a vendor's API, once it is answered or closed. It replaces
    /// an earlier one. The next response of the same connection waits for it, so it must be quick, and it must not
    /// panic. The sandbox itself prints nothing.
    #[must_use]
    pub fn on_request(mut self, hook: impl Fn(&RequestRecord) + Send + Sync + 'static) -> Self {
        self.on_request = Some(Hook(Arc::new(hook)));
        self
    }

    /// Sets a function that is called for each paid call, before it is answered, with the vendor's key, the name of the operation and
    /// the digits of the CPF, if the request is about one: a test then knows for whom something was paid twice. It replaces an
    /// earlier one. The vendor is blocked meanwhile, so it must be quick, and it must neither panic nor call the sandbox. It needs the
    /// recording of requests.
    #[must_use]
    pub fn on_paid(mut self, hook: impl Fn(&str, &str, Option<&str>) + Send + Sync + 'static) -> Self {
        self.on_paid = Some(PaidHook(Arc::new(hook)));
        self
    }

    /// Sets whether face answers are computed from the pictures: two of one person match, two of different persons do not, and a
    /// picture without a face is refused, each as the vendor says it. By default the sandbox does not look; a command that runs it does. A scenario and a test input go
    /// before the pictures, and what the sandbox knows of its own samples goes before the computed answer.
    ///
    /// What is computed is simulated: it says so in the header `X-Sandbox-Simulated`, and is no verdict on anybody.
    #[cfg(feature = "faces")]
    #[must_use]
    pub fn look_at_pictures(mut self, looks: bool) -> Self {
        self.looks_at_pictures = looks;
        self
    }

    /// Sets how long each vendor takes to decide: comparisons, analyses. Test inputs that are slow stay slow.
    #[must_use]
    pub fn decision_delay(mut self, delay: Duration) -> Self {
        self.vendors.set_decision_delay(delay);
        self
    }

    /// Starts the sandbox on the current tokio runtime.
    ///
    /// # Errors
    /// The address is not loopback and that was not allowed, or it cannot be bound.
    pub async fn start(self) -> io::Result<Sandbox> {
        if !self.allow_non_loopback && !self.bind.is_loopback() {
            let text = format!(
                "{} is not a loopback address: anyone on the network could use the sandbox; allow it with \
                 --allow-non-loopback or SandboxBuilder::allow_non_loopback",
                self.bind
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let listener = TcpListener::bind((self.bind, self.port)).await.map_err(|error| {
            let text = format!("cannot listen on {}, port {}: {error}", self.bind, self.port);
            io::Error::new(error.kind(), text)
        })?;
        let addr = listener.local_addr()?;
        let loopback_only = !self.allow_non_loopback;
        let clock = self.clock.unwrap_or_else(VirtualClock::running);
        let tasks = Arc::new(Tasks::new(Handle::current()));
        let requests = RequestLog::new(self.on_request);
        let recorder =
            Recorder::new(self.log_requests.then(|| requests.clone()), clock.clone(), self.on_paid);
        #[cfg(feature = "faces")]
        let eyes = if self.looks_at_pictures { Eyes::open() } else { Eyes::default() };
        #[cfg(not(feature = "faces"))]
        let eyes = Eyes::default();
        let ids = Arc::new(self.seed.map_or_else(Ids::random, Ids::seeded));
        let shared = SharedContext {
            bind: self.bind,
            clock: clock.clone(),
            tasks: Arc::clone(&tasks),
            client: webhooks::http_client().map_err(io::Error::other)?,
            loopback_only,
            ids: Arc::clone(&ids),
            requests: recorder.clone(),
            eyes: eyes.clone(),
        };
        let vendors = Vendors::start(self.vendors, &shared)?;
        let control = ControlContext {
            url: url_of(addr),
            clock,
            vendors: vendors.all(),
            loopback_only,
            requests,
            ids,
            eyes,
        };
        let apis = vendors.all().into_iter().map(|vendor| recorder.record(vendor.facts().key, vendor.api()));
        let router = apis.fold(control::routes(control.clone()), axum::Router::merge);
        tasks.spawn(server::serve(listener, None, router));
        Ok(Sandbox { addr, control, vendors, tasks })
    }
}

fn facts_of(key: &str) -> Option<&'static VendorFacts> {
    FACTS.iter().copied().find(|facts| facts.key == key)
}

fn env_at(root: &str) -> String {
    let tables = FACTS.iter().map(|facts| (facts.client_config)(root));
    let variables = tables.flat_map(|table| table.env_vars());
    variables.map(|(name, value)| format!("{name}={value}\n")).collect()
}

fn url_of(addr: SocketAddr) -> String {
    format!("http://{}", reachable(addr))
}

/// The address for a client on this machine, since `0.0.0.0` is only for listening.
pub(crate) fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}
