//! The embedded sandbox as the vendors that call.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kyc_br::INTEGRATIONS;
use kyc_core::{Clock as _, ConfigTable, Cpf, OperationId, SystemClock, Timestamp, WebhookSource};
use kyc_sandbox::{ClientConfig, Sandbox};
use kyc_webhook::{
    Arrival, EventId, EventInfo, Filter, Forgotten, Inbox, InboxError, NewEvent, Purged, Put, Stats,
    StoredEvent,
};
use tempfile::TempDir;

use crate::failure::Failure;
use crate::place;

/// How long an operation of the sandbox counts as ours.
const EXPECTED_FOR: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Simulation {
    sandbox: Sandbox,
    /// Where the inbox is, unless another place is named. It is deleted at the end.
    folder: TempDir,
}

impl Simulation {
    /// Starts the sandbox, has it send all webhooks to `root`, and returns the receivers that accept them.
    pub(super) async fn start(port: u16, root: &str) -> Result<(Self, Vec<Arc<dyn WebhookSource>>), Failure> {
        let folder = tempfile::Builder::new().prefix("kyc-listen-").tempdir()?;
        let sandbox = Sandbox::builder()
            .look_at_pictures(true)
            .port(port)
            .start()
            .await
            .map_err(place::cannot_start)?;
        let configs = sandbox.send_webhooks_to(root);
        let configs = configs.map_err(|rule| Failure::refused(|_| "--public-url".to_owned(), rule))?;
        let variables: Vec<_> = configs.iter().flat_map(ClientConfig::env_vars).collect();
        let mut sources = Vec::new();
        for integration in INTEGRATIONS {
            let table =
                ConfigTable::from_variables(integration.vendor(), integration.key(), variables.clone());
            if let Some(table) = table.map_err(Failure::client)? {
                sources.extend(integration.webhooks(&table).map_err(Failure::client)?);
            }
        }
        Ok((Self { sandbox, folder }, sources))
    }

    pub(super) fn url(&self) -> String {
        self.sandbox.url()
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) async fn stop(self) {
        self.sandbox.shutdown().await;
    }
}

/// An inbox to which every operation is ours, as all of a sandbox are: a hint about it is handled.
#[derive(Debug)]
pub(super) struct Ours<I>(pub(super) Arc<I>);

#[async_trait]
impl<I: Inbox> Inbox for Ours<I> {
    async fn put(&self, events: Vec<NewEvent>) -> Result<Vec<Put>, InboxError> {
        let until = SystemClock.now().saturating_add(EXPECTED_FOR);
        for operation in events.iter().flat_map(|new| &new.event.operations) {
            self.0.expect(operation, until).await?;
        }
        self.0.put(events).await
    }

    async fn expect(&self, operation: &OperationId, until: Timestamp) -> Result<(), InboxError> {
        self.0.expect(operation, until).await
    }

    async fn arrival(&self, operation: &OperationId, position: u64) -> Result<Arrival, InboxError> {
        self.0.arrival(operation, position).await
    }

    async fn get(&self, id: EventId) -> Result<Option<StoredEvent>, InboxError> {
        self.0.get(id).await
    }

    async fn list(
        &self,
        filter: &Filter,
        before: Option<EventId>,
        limit: u32,
    ) -> Result<Vec<EventInfo>, InboxError> {
        self.0.list(filter, before, limit).await
    }

    async fn replay(&self, filter: &Filter) -> Result<u64, InboxError> {
        self.0.replay(filter).await
    }

    async fn purge(&self, received_before: Timestamp) -> Result<Purged, InboxError> {
        self.0.purge(received_before).await
    }

    async fn forget(&self, person: &Cpf) -> Result<Forgotten, InboxError> {
        self.0.forget(person).await
    }

    async fn cite(&self, id: EventId, case: &str) -> Result<(), InboxError> {
        self.0.cite(id, case).await
    }

    async fn release(&self, case: &str) -> Result<u64, InboxError> {
        self.0.release(case).await
    }

    async fn stats(&self) -> Result<Stats, InboxError> {
        self.0.stats().await
    }
}
