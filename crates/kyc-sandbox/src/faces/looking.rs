//! Comparisons beside the server: one at a time, on a thread of their own, each pair once.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use indexmap::IndexMap;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::engine::Engine;
use super::{Comparison, Defect, Place};
use crate::newest::{self, Dropped};

/// How many verdicts are kept.
const KEPT: usize = 1000;
/// What is said if the weights cannot be used, or the comparison failed: never a match.
const BLIND: Comparison = Comparison::Unusable(Place::First, Defect::Unreadable);

/// The engine, which is made when it is first needed, and the verdicts so far.
pub(super) struct Looking {
    engine: Arc<OnceLock<Option<Engine>>>,
    /// By the hash of the pair. The pictures are not kept.
    known: Mutex<IndexMap<[u8; 32], Comparison>>,
    dropped: Dropped,
    /// A large picture takes some hundred megabytes while it is decoded.
    one_at_a_time: Semaphore,
}

impl Default for Looking {
    fn default() -> Self {
        let (engine, known, dropped) = Default::default();
        Self { engine, known, dropped, one_at_a_time: Semaphore::new(1) }
    }
}

impl fmt::Debug for Looking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Looking").finish_non_exhaustive()
    }
}

impl Looking {
    pub(super) async fn compare(&self, one: &Bytes, other: &Bytes) -> Comparison {
        let Ok(_turn) = self.one_at_a_time.acquire().await else { return BLIND };
        let (engine, pair) = (Arc::clone(&self.engine), [one.clone(), other.clone()]);
        let key = pair_hash(one, other);
        if let Some(known) = self.lock().get(&key) {
            return *known;
        }
        let compared = tokio::task::spawn_blocking(move || {
            let engine = engine.get_or_init(|| {
                Engine::new()
                    .inspect_err(|error| tracing::error!(%error, "the sandbox cannot look at pictures"))
                    .ok()
            });
            engine.as_ref().map_or(BLIND, |engine| engine.compare(&pair[0], &pair[1]))
        });
        let compared = compared.await.unwrap_or(BLIND);
        newest::insert_within(KEPT, &mut self.lock(), key, compared, &self.dropped);
        compared
    }

    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<[u8; 32], Comparison>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pair_hash(one: &[u8], other: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(Sha256::digest(one)).chain_update(Sha256::digest(other)).finalize().into()
}
