//! Comparisons beside the server: one at a time, on a thread of their own, each pair once.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::engine::Engine;
use super::{Comparison, Defect, Place};
use crate::newest::{self, Dropped};

/// How many verdicts are kept: of a thousand pairs, in both orders.
const KEPT: usize = 2000;
/// How long a comparison waits for its turn, in real time.
const TURN: Duration = Duration::from_secs(60);
/// What is said if the weights cannot be used, the comparison failed, or its turn did not come: never a match.
const BLIND: Comparison = Comparison::Unusable(Place::First, Defect::Unreadable);

/// The engine, which is made when it is first needed, and the verdicts so far.
pub(super) struct Looking {
    engine: Arc<OnceLock<Option<Engine>>>,
    /// By the hash of the pair, in its order. The pictures are not kept.
    known: Mutex<IndexMap<[u8; 32], Comparison>>,
    dropped: Dropped,
    /// A large picture takes some hundred megabytes while it is decoded.
    one_at_a_time: Arc<Semaphore>,
}

impl Default for Looking {
    fn default() -> Self {
        let (engine, known, dropped) = Default::default();
        Self { engine, known, dropped, one_at_a_time: Arc::new(Semaphore::new(1)) }
    }
}

impl fmt::Debug for Looking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Looking").finish_non_exhaustive()
    }
}

impl Looking {
    pub(super) async fn compare(&self, one: &Bytes, other: &Bytes) -> Comparison {
        let (one_hash, other_hash) = (Sha256::digest(one), Sha256::digest(other));
        let key = pair_hash(&one_hash, &other_hash);
        if let Some(known) = self.known(&key) {
            return known;
        }
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.one_at_a_time).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return BLIND };
        // Somebody else may have looked at them meanwhile.
        if let Some(known) = self.known(&key) {
            return known;
        }
        let (engine, one, other) = (Arc::clone(&self.engine), one.clone(), other.clone());
        let compared = tokio::task::spawn_blocking(move || {
            // It goes on without a client that gave up, and so does its turn.
            let _turn = turn;
            let engine = engine.get_or_init(|| {
                Engine::new()
                    .inspect_err(|error| tracing::error!(%error, "the sandbox cannot look at pictures"))
                    .ok()
            });
            engine.as_ref().map(|engine| engine.compare(&one, &other))
        });
        match compared.await {
            Ok(Some(compared)) => {
                self.keep(key, compared);
                // Which picture cannot be compared depends on their order; how alike two faces are does not.
                if compared.defect().is_none() {
                    self.keep(pair_hash(&other_hash, &one_hash), compared);
                }
                compared
            }
            Ok(None) => BLIND,
            Err(_) => {
                tracing::error!("the sandbox failed to look at two pictures");
                BLIND
            }
        }
    }

    fn known(&self, key: &[u8; 32]) -> Option<Comparison> {
        self.lock().get(key).copied()
    }

    fn keep(&self, key: [u8; 32], compared: Comparison) {
        newest::insert_within(KEPT, &mut self.lock(), key, compared, &self.dropped);
    }

    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<[u8; 32], Comparison>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pair_hash(one: &[u8], other: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(one).chain_update(other).finalize().into()
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;
    use crate::samples;

    #[tokio::test]
    async fn two_faces_are_compared_once_in_either_order() {
        let looking = Looking::default();
        let (face, meter) = (Bytes::from_static(samples::A_2014), Bytes::from_static(samples::METER_ANALOG));
        let unusable = |place| Comparison::Unusable(place, Defect::NoFace);
        assert_eq!(looking.compare(&face, &meter).await, unusable(Place::Second));
        assert_eq!(looking.compare(&meter, &face).await, unusable(Place::First));
        let other = Bytes::from_static(samples::B_2022);
        let seen = looking.compare(&face, &other).await;
        assert!(matches!(seen, Comparison::Faces { .. }));
        let kept = looking.lock().len();
        assert_eq!((looking.compare(&other, &face).await, looking.lock().len()), (seen, kept));
        looking.forget();
        assert!(looking.lock().is_empty());
    }

    #[tokio::test]
    async fn weights_that_cannot_be_used_are_no_match() {
        let looking = Looking::default();
        assert!(looking.engine.set(None).is_ok());
        let face = Bytes::from_static(samples::A_2014);
        assert_eq!(looking.compare(&face, &face).await, BLIND);
        assert_eq!((BLIND.level(), BLIND.is_match()), (None, None));
    }

    #[tokio::test]
    async fn a_comparison_keeps_its_turn_when_nobody_waits_for_it() {
        let looking = Looking::default();
        let (a, b) = (Bytes::from_static(samples::A_2014), Bytes::from_static(samples::B_2022));
        let mut comparison = Box::pin(looking.compare(&a, &b));
        assert!(comparison.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(comparison);
        assert_eq!(looking.one_at_a_time.available_permits(), 0);
        assert_eq!(looking.compare(&a, &b).await.level(), Some(0));
        assert_eq!(looking.one_at_a_time.available_permits(), 1);
    }
}
