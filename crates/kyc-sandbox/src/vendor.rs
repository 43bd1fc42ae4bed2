//! What the sandbox needs to know of a vendor, and what it tells about one.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderValue;
use axum::response::Response;
use kyc_core::{ValidationError, VirtualClock};
use serde_json::{Value, json};

use crate::client_config::ClientConfig;
use crate::counters::Counters;
use crate::faces::Eyes;
use crate::ids::Ids;
use crate::outcomes::{Outcome, Triggered};
use crate::receivers::Receivers;
use crate::reply::REASON;
use crate::requests::Recorder;
use crate::scenario::{Scenario, ScenarioTable};
use crate::tasks::Tasks;
use crate::transaction::Transaction;
use crate::webhooks::{Delivery, DeliveryPolicy, WebhookSender};

/// A vendor. Its folder implements this, and the list in `vendors.rs` names it.
pub(crate) trait SandboxVendor: fmt::Debug + Send + Sync {
    /// What the builder can set.
    type Settings: Clone + fmt::Debug + Default
    where
        Self: Sized;

    /// Sets how long the vendor takes to decide, if it does not decide at once.
    fn set_decision_delay(_settings: &mut Self::Settings, _delay: Duration)
    where
        Self: Sized,
    {
    }

    /// Adds the vendor's own options to a command that runs the sandbox. Their names begin with the vendor's key.
    #[cfg(feature = "clap")]
    fn add_options(command: clap::Command) -> clap::Command
    where
        Self: Sized,
    {
        command
    }

    /// Reads those options.
    #[cfg(feature = "clap")]
    fn read_options(_settings: &mut Self::Settings, _matches: &clap::ArgMatches)
    where
        Self: Sized,
    {
    }

    /// Starts the vendor, with further listeners if it has any.
    fn start(settings: Self::Settings, shared: &SharedContext) -> io::Result<Arc<Self>>
    where
        Self: Sized;

    fn facts(&self) -> &'static VendorFacts;

    fn counters(&self) -> &Counters;

    /// The vendor's API, below paths that begin with its key.
    fn api(self: Arc<Self>) -> Router;

    /// The vendor's own control routes, relative to `/_sandbox/{key}`.
    fn control(self: Arc<Self>) -> Router;

    /// One line for each of those routes, with an example of its body.
    fn help(&self) -> &'static [&'static str];

    /// What else a user should know, in one line each.
    fn notes(&self) -> Vec<String>;

    /// The current state, for the control routes.
    fn state(&self) -> Value;

    /// Counts other than requests and paid calls.
    fn counts(&self) -> Value {
        json!({})
    }

    fn clear_faults(&self);

    fn scenarios(&self) -> &dyn ScenarioTable;

    /// The newest operations and journeys, newest first, at most that many.
    fn transactions(&self, most: usize) -> Vec<Transaction>;

    /// Forgets everything that happened and was set, apart from what `counters` and `scenarios` hold.
    fn reset(&self);

    fn duplicate_webhooks(&self, _duplicate: bool) -> Result<(), ValidationError> {
        Err(ValidationError::new("\"duplicate_webhooks\" is not supported: this vendor has no webhooks"))
    }

    fn deliveries(&self) -> Vec<Delivery> {
        Vec::new()
    }

    /// Where the vendor's webhooks go now.
    fn webhook_urls(&self) -> Vec<String> {
        Vec::new()
    }

    /// Who sends the vendor's webhooks; `None` if it has none.
    fn sender(&self) -> Option<&Arc<WebhookSender>> {
        None
    }

    /// Sends the vendor's webhooks to these receivers, with new secrets, and returns the table of configuration
    /// that the receivers need; `None` if the vendor has no webhooks.
    fn send_webhooks_to(&self, _receivers: &Receivers) -> Result<Option<ClientConfig>, ValidationError> {
        Ok(None)
    }

    /// Performs an operation that ends with an outcome, as if a client had requested it: for the person of the
    /// scenario, which is set before, or with the test CPF for the outcome. It is decided after `delay`, or after the
    /// vendor's usual delay.
    fn trigger(
        self: Arc<Self>,
        _scenario: &Scenario,
        _delay: Option<Duration>,
    ) -> Result<Triggered, ValidationError> {
        Err(ValidationError::new("this vendor has no outcomes to trigger"))
    }
}

/// What is known of a vendor without a running sandbox.
#[derive(Debug)]
pub(crate) struct VendorFacts {
    /// The short name: in paths, control routes, configuration and every output.
    pub(crate) key: &'static str,
    /// The name of the vendor's crate.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// What a client's configuration needs in order to reach the sandbox with this root URL.
    pub(crate) client_config: fn(&str) -> ClientConfig,
    /// The inputs that choose an outcome.
    pub(crate) test_inputs: fn() -> Vec<TestInput>,
    /// The outcomes that can be triggered.
    pub(crate) outcomes: fn() -> Vec<Outcome>,
    /// The description of the API, generated from the vendor's page.
    pub(crate) openapi: &'static str,
    /// Calls to try at the sandbox with this root URL: the name of the operation, and commands for a shell. They build
    /// on one another, in the same shell.
    pub(crate) calls: fn(&str) -> Vec<(&'static str, String)>,
}

impl VendorFacts {
    /// Adds the place in the documentation to a response with a reason.
    pub(crate) fn refer(&self, mut response: Response, section: &str) -> Response {
        if let Some(reason) = response.headers().get(REASON).and_then(|reason| reason.to_str().ok()) {
            let repository = env!("CARGO_PKG_REPOSITORY");
            let page = format!("{repository}/blob/main/docs/vendors/{}.md{section}", self.id);
            if let Ok(reason) = HeaderValue::try_from(format!("{reason}; see {page}")) {
                response.headers_mut().insert(REASON, reason);
            }
        }
        response
    }
}

/// What a vendor gets from the sandbox that it runs in.
pub(crate) struct SharedContext {
    pub(crate) bind: IpAddr,
    pub(crate) clock: VirtualClock,
    pub(crate) tasks: Arc<Tasks>,
    /// One client for all vendors: with TLS compiled in, each new client loads the system's root certificates.
    pub(crate) client: reqwest::Client,
    pub(crate) loopback_only: bool,
    /// Where every id and token comes from, except secrets of receivers and TLS.
    pub(crate) ids: Arc<Ids>,
    pub(crate) requests: Recorder,
    pub(crate) eyes: Eyes,
}

impl SharedContext {
    pub(crate) fn webhook_sender(&self, policy: DeliveryPolicy) -> Arc<WebhookSender> {
        let (clock, tasks) = (self.clock.clone(), Arc::clone(&self.tasks));
        let (client, ids) = (self.client.clone(), Arc::clone(&self.ids));
        Arc::new(WebhookSender::new(policy, clock, tasks, client, ids, self.loopback_only))
    }
}

/// A vendor of a running sandbox, as [`Sandbox::vendors`](crate::Sandbox::vendors) describes it.
#[derive(Clone)]
#[non_exhaustive]
pub struct VendorInfo {
    /// The short name, in lower case: the first segment of its paths and the name of its table in `kyc.toml`.
    pub key: &'static str,
    /// The name of the vendor's crate.
    pub id: &'static str,
    /// The name for a person.
    pub title: &'static str,
    /// The root address, such as `http://127.0.0.1:41234/key`.
    pub url: String,
    /// The configuration of a client.
    pub client_config: ClientConfig,
    /// The inputs that choose an outcome.
    pub test_inputs: Vec<TestInput>,
    /// What else a user should know, in one line each.
    pub notes: Vec<String>,
}

impl fmt::Debug for VendorInfo {
    /// Prints the names and the address only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VendorInfo").field("key", &self.key).field("url", &self.url).finish_non_exhaustive()
    }
}

impl VendorInfo {
    pub(crate) fn of(vendor: &dyn SandboxVendor, root: &str) -> Self {
        let VendorFacts { key, id, title, client_config, test_inputs, .. } = vendor.facts();
        Self {
            key,
            id,
            title,
            url: format!("{root}/{key}"),
            client_config: client_config(root),
            test_inputs: test_inputs(),
            notes: vendor.notes(),
        }
    }
}

/// An input that chooses an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TestInput {
    /// What the input is: `cpf` or `cnpj`.
    pub kind: &'static str,
    /// The input.
    pub value: &'static str,
    /// A description of the outcome.
    pub what: &'static str,
}
