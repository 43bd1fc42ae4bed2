//! Limits what the sandbox keeps.

use std::hash::Hash;

use indexmap::IndexMap;

/// How many entries a table of a vendor's state has at most.
const MAX_ENTRIES: usize = 10_000;

/// Inserts an entry; drops the oldest one from a table that is full.
pub(crate) fn insert<K: Hash + Eq, V>(table: &mut IndexMap<K, V>, key: K, value: V) {
    table.insert(key, value);
    if table.len() > MAX_ENTRIES {
        table.shift_remove_index(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_entries_are_kept() {
        let mut table = IndexMap::new();
        for key in 0..=MAX_ENTRIES {
            insert(&mut table, key, ());
        }
        assert_eq!(table.len(), MAX_ENTRIES);
        assert!(!table.contains_key(&0) && table.contains_key(&1) && table.contains_key(&MAX_ENTRIES));
    }
}
