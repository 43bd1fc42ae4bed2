//! The images for the console and the control routes, and the return to the start.

use std::cmp::Reverse;
use std::sync::PoisonError;

use kyc_core::Clock as _;

use super::signature::KeyReading;
use super::{BanklyControl, State};
use crate::transaction::Transaction;

impl BanklyControl {
    /// Newest first.
    pub(super) fn newest_images(&self, most: usize) -> Vec<Transaction> {
        let state = self.lock();
        let now = self.clock.now();
        let of_person = |(cpf, images)| std::iter::repeat(cpf).zip(images);
        let mut images: Vec<_> = state.images.iter().flat_map(of_person).collect();
        images.sort_unstable_by_key(|(_, image)| Reverse(image.number));
        let transaction = |(cpf, image): (&String, &super::Image)| Transaction {
            reference: image.token.clone(),
            operation: image.operation,
            cpf: Some(cpf.clone()),
            state: image.status(image.stage(now)).to_owned(),
            created: image.received,
            decided: Some(image.ends),
        };
        images.into_iter().take(most).map(transaction).collect()
    }

    /// Forgets everything but counters, faults and scenarios. Analyses that are pending end without an event.
    pub(super) fn reset(&self) {
        *self.lock() = State::new(&self.settings);
        *self.key_reading.lock().unwrap_or_else(PoisonError::into_inner) = KeyReading::default();
        self.sender.reset();
    }
}
