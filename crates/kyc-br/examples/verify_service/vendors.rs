//! Handles the vendors' webhooks, which are stored already.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_br::kyc_webhook::{Handled, Handler, StoredEvent};
use kyc_br::prelude::WebhookSource;

use super::cases::Cases;

/// An event may arrive before the answer that names its operation is stored. After that many attempts it belongs to no case.
const ATTEMPTS: u32 = 5;

pub(crate) struct Events {
    pub(crate) cases: Arc<Cases>,
    pub(crate) sources: Vec<Arc<dyn WebhookSource>>,
}

#[async_trait]
impl Handler for Events {
    async fn handle(&self, event: StoredEvent) -> Handled {
        let attempts = event.info.attempts;
        let Some(event) = self.sources.iter().find_map(|source| event.to_event(&**source)) else {
            return Handled::dead("no webhook of that name is configured");
        };
        match self.cases.verification.event(&event).await {
            Ok(Some(case)) => {
                self.cases.run(case);
                Handled::Done
            }
            Ok(None) if attempts < ATTEMPTS => Handled::retry("no case knows its operation yet"),
            Ok(None) => Handled::Done,
            Err(error) => Handled::retry(error.to_string()),
        }
    }
}
