//! A table that remembers what changed, so that all changes are kept or all are undone.
//!
//! Deliberately absent: storage. [`Table::changes`] returns the rows that the store has to write.

use std::collections::BTreeMap;

/// Rows by key, and what they were before the running transaction.
#[derive(Debug, Clone)]
pub(crate) struct Table<K, V> {
    rows: BTreeMap<K, V>,
    before: BTreeMap<K, Option<V>>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), before: BTreeMap::new() }
    }
}

impl<K: Ord + Clone, V: Clone> Table<K, V> {
    /// Adds a row without recording a change, for loading.
    pub(crate) fn load(&mut self, key: K, value: V) {
        self.rows.insert(key, value);
    }

    /// Returns the row.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// Returns the row for a change, and remembers its old value.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.remember(key);
        self.rows.get_mut(key)
    }

    /// Returns whether the row exists.
    pub(crate) fn contains(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }

    /// Adds or replaces a row.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.remember(&key);
        self.rows.insert(key, value);
    }

    /// Removes a row.
    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        self.remember(key);
        self.rows.remove(key)
    }

    /// Returns all rows in the order of their keys.
    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values()
    }

    /// Returns the rows that the transaction touched, with their new value or `None` when removed.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&K, Option<&V>)> {
        self.before.keys().map(|key| (key, self.rows.get(key)))
    }

    /// Ends the transaction and keeps its changes.
    pub(crate) fn keep(&mut self) {
        self.before.clear();
    }

    /// Ends the transaction and restores every row.
    pub(crate) fn take_back(&mut self) {
        for (key, value) in std::mem::take(&mut self.before) {
            match value {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }

    fn remember(&mut self, key: &K) {
        // Only the first change counts: later ones would overwrite the value to restore.
        if !self.before.contains_key(key) {
            self.before.insert(key.clone(), self.rows.get(key).cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_taken_back_leaves_no_trace() {
        let mut table = Table::default();
        table.load(1, "one");
        table.insert(2, "two");
        table.insert(1, "changed");
        table.remove(&1);
        table.take_back();
        assert_eq!(table.values().collect::<Vec<_>>(), [&"one"]);
        assert_eq!(table.changes().count(), 0);
    }

    #[test]
    fn a_transaction_kept_names_its_changes_once() {
        let mut table = Table::default();
        table.load(1, "one");
        table.insert(2, "two");
        table.remove(&1);
        assert_eq!(table.changes().collect::<Vec<_>>(), [(&1, None), (&2, Some(&"two"))]);
        table.keep();
        assert_eq!(table.changes().count(), 0);
    }
}
