//! Limits what the sandbox keeps.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

use indexmap::IndexMap;

/// How many entries of a table of a vendor's state are always kept.
const KEPT: usize = 10_000;

/// How many entries were dropped to make room.
#[derive(Debug, Default)]
pub(crate) struct Dropped(AtomicU64);

impl Dropped {
    pub(crate) fn add(&self, entries: usize) {
        self.0.fetch_add(u64::try_from(entries).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Inserts an entry; drops the oldest ones from a table that is full.
pub(crate) fn insert<K: Hash + Eq, V>(table: &mut IndexMap<K, V>, key: K, value: V, dropped: &Dropped) {
    insert_within(KEPT, table, key, value, dropped);
}

/// The same for a table of which `kept` entries are enough.
pub(crate) fn insert_within<K: Hash + Eq, V>(
    kept: usize,
    table: &mut IndexMap<K, V>,
    key: K,
    value: V,
    dropped: &Dropped,
) {
    table.insert(key, value);
    // A tenth at a time, because what remains moves to the front each time.
    let excess = table.len() - kept.min(table.len());
    if excess > kept / 10 {
        table.drain(..excess);
        dropped.add(excess);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entries_are_kept() {
        let (mut table, dropped) = (IndexMap::new(), Dropped::default());
        for key in 0..5 * KEPT {
            insert(&mut table, key, (), &dropped);
            assert!(table.len() <= KEPT + KEPT / 10);
        }
        assert!(table.len() >= KEPT);
        assert!(table.keys().copied().eq(5 * KEPT - table.len()..5 * KEPT));
        assert_eq!(dropped.count(), u64::try_from(5 * KEPT - table.len()).expect("few"));
        dropped.reset();
        assert_eq!(dropped.count(), 0);
    }

    #[test]
    fn an_entry_in_place_of_another_drops_none() {
        let (mut table, dropped) = (IndexMap::new(), Dropped::default());
        for _ in 0..100 {
            insert_within(1, &mut table, "key", (), &dropped);
        }
        assert_eq!((table.len(), dropped.count()), (1, 0));
        insert_within(1, &mut table, "other", (), &dropped);
        assert_eq!((table.keys().collect::<Vec<_>>(), dropped.count()), (vec![&"other"], 1));
    }
}
