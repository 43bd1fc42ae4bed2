//! The journeys for the console and the control routes, and the return to the start.

use kyc_core::Clock as _;

use super::result::ProcessingStatus;
use super::{CertifaceControl, Operation, State};
use crate::transaction::Transaction;

/// How much of an appkey is shown: less than its signature, which holds nothing about the person.
const SHOWN: usize = 12;

impl CertifaceControl {
    /// Newest first.
    pub(super) fn newest_journeys(&self, most: usize) -> Vec<Transaction> {
        let state = self.lock();
        let now = self.clock.now();
        let newest = state.journeys.iter().rev().take(most);
        newest
            .map(|(appkey, journey)| Transaction {
                reference: format!(
                    "…{}",
                    appkey.get(appkey.len().saturating_sub(SHOWN)..).unwrap_or_default()
                ),
                operation: Operation::Appkey.name(),
                cpf: Some(journey.person.cpf.clone()),
                state: ProcessingStatus::of(journey, now).name().to_owned(),
                created: journey.created,
                decided: journey.analysis.as_ref().and_then(|analysis| analysis.ends),
            })
            .collect()
    }

    /// Forgets everything but counters, faults and scenarios. Analyses that are pending end without an event.
    pub(super) fn reset(&self) {
        *self.lock() = State::new(self.settings.liveness_3d);
        self.sender.reset();
    }
}
