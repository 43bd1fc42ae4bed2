//! Ids and tokens: random, or the same in every run.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use crate::receivers;

/// A source of ids: SHA-256 of a seed and a counter.
pub(crate) struct Ids {
    seed: [u8; 32],
    repeats: bool,
    next: AtomicU64,
}

impl Ids {
    /// Ids that nobody can guess.
    pub(crate) fn random() -> Self {
        Self { seed: receivers::secret(), repeats: false, next: AtomicU64::new(0) }
    }

    /// Ids that are the same for the same seed, if they are asked for in the same order.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { seed: Sha256::digest(seed.to_be_bytes()).into(), repeats: true, next: AtomicU64::new(0) }
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    pub(crate) fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let block = Sha256::new().chain_update(self.seed).chain_update(number.to_be_bytes()).finalize();
            chunk.iter_mut().zip(block).for_each(|(byte, made)| *byte = made);
        }
    }

    /// Begins anew if the ids are to repeat. Random ids never come twice: a token from before would be valid again.
    pub(crate) fn reset(&self) {
        if self.repeats {
            self.next.store(0, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Ids {
    /// Omits the seed, from which every token follows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ids").field("repeats", &self.repeats).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three(ids: &Ids) -> [Uuid; 3] {
        std::array::from_fn(|_| ids.uuid())
    }

    #[test]
    fn a_seed_makes_the_same_ids_again() {
        let (first, second) = (Ids::seeded(7), Ids::seeded(7));
        let ids = three(&first);
        assert_eq!(ids, three(&second));
        assert_ne!(ids, three(&first));
        assert_ne!(ids, three(&Ids::seeded(8)));
        assert!(ids[0] != ids[1] && ids.iter().all(|id| id.get_version_num() == 4));
        first.reset();
        assert_eq!(ids, three(&first));
    }

    #[test]
    fn ids_without_a_seed_never_repeat() {
        let ids = Ids::random();
        let before = three(&ids);
        ids.reset();
        assert!(before.iter().all(|id| !three(&ids).contains(id)));
        assert_ne!(before, three(&Ids::random()));
    }

    #[test]
    fn any_length_is_filled() {
        for length in [1, 31, 32, 33, 100] {
            let (mut bytes, mut again) = (vec![0; length], vec![0; length]);
            Ids::seeded(1).fill(&mut bytes);
            Ids::seeded(1).fill(&mut again);
            assert_eq!(bytes, again);
            assert!(length < 8 || bytes.chunks(8).all(|chunk| chunk != vec![0; chunk.len()]), "{length}");
        }
    }
}
