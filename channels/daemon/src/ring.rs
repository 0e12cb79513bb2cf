// SPDX-License-Identifier: Apache-2.0

//! What is kept by its key and remembered in the order in which it came, so that a bounded number
//! stays and the oldest is forgotten first.

use std::collections::BTreeMap;

/// A value that knows its place in the order; the place is written down with it.
pub(crate) trait Numbered {
    /// Its place: later values have higher ones.
    fn number(&self) -> u64;

    /// Gives it a place.
    fn set_number(&mut self, number: u64);
}

/// Values by key, in the order in which they came.
#[derive(Debug)]
pub(crate) struct Ring<K, V> {
    by_key: BTreeMap<K, V>,
    by_number: BTreeMap<u64, K>,
    next: u64,
}

impl<K, V> Default for Ring<K, V> {
    fn default() -> Self {
        Self { by_key: BTreeMap::new(), by_number: BTreeMap::new(), next: 0 }
    }
}

impl<K: Copy + Ord, V: Clone + Numbered> Ring<K, V> {
    /// What was written down, with its places.
    pub(crate) fn restored(rows: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut ring = Self::default();
        for (key, value) in rows {
            ring.next = ring.next.max(value.number().saturating_add(1));
            ring.by_number.insert(value.number(), key);
            ring.by_key.insert(key, value);
        }
        ring
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.by_key.get(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// All of them in ascending order of their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.by_key.iter()
    }

    /// All of them, the oldest first.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = (&K, &V)> {
        self.by_number.values().filter_map(|key| self.by_key.get_key_value(key))
    }

    /// Keeps a value as the newest, in place of one with the same key. Returns it with its place.
    pub(crate) fn push(&mut self, key: K, mut value: V) -> V {
        value.set_number(self.next);
        self.next = self.next.saturating_add(1);
        self.by_number.insert(value.number(), key);
        if let Some(before) = self.by_key.insert(key, value.clone()) {
            self.by_number.remove(&before.number());
        }
        value
    }

    /// Changes a value and leaves it in its place. Returns it as it is now; nothing if it is not kept.
    pub(crate) fn change(&mut self, key: &K, change: impl FnOnce(&mut V)) -> Option<V> {
        let value = self.by_key.get_mut(key)?;
        let number = value.number();
        change(value);
        value.set_number(number);
        Some(value.clone())
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.by_key.remove(key)?;
        self.by_number.remove(&value.number());
        Some(value)
    }

    /// Forgets the oldest for which `may` holds, and returns its key.
    pub(crate) fn forget_oldest(&mut self, may: impl Fn(&V) -> bool) -> Option<K> {
        let (key, _) = self.in_order().find(|(_, value)| may(value))?;
        let key = *key;
        self.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Row {
        number: u64,
        is_decided: bool,
    }

    impl Numbered for Row {
        fn number(&self) -> u64 {
            self.number
        }

        fn set_number(&mut self, number: u64) {
            self.number = number;
        }
    }

    fn row(is_decided: bool) -> Row {
        Row { number: 99, is_decided }
    }

    fn keys(ring: &Ring<u8, Row>) -> Vec<u8> {
        ring.in_order().map(|(key, _)| *key).collect()
    }

    #[test]
    fn oldest_that_may_go_is_forgotten_first_also_after_a_restart() {
        let mut ring = Ring::default();
        for key in [7, 3, 9, 1] {
            assert_eq!(ring.push(key, row(key != 7)).number + 1, ring.len() as u64);
        }
        let rows: Vec<_> = ring.iter().map(|(key, row)| (*key, row.clone())).collect();
        for mut ring in [ring, Ring::restored(rows)] {
            assert_eq!(keys(&ring), [7, 3, 9, 1]);
            assert_eq!(ring.forget_oldest(|row| row.is_decided), Some(3));
            assert_eq!(ring.push(2, row(true)).number, 4, "no place is given twice");
            assert_eq!(keys(&ring), [7, 9, 1, 2]);
            assert_eq!(ring.forget_oldest(|row| row.number > 4), None);
        }
    }

    #[test]
    fn key_that_comes_again_is_kept_once_and_a_change_leaves_it_in_its_place() {
        let mut ring = Ring::default();
        for key in [1, 2, 1] {
            ring.push(key, row(false));
        }
        assert_eq!((keys(&ring), ring.len()), (vec![2, 1], 2));
        let changed = ring.change(&2, |it| *it = row(true));
        assert_eq!(changed, Some(Row { number: 1, is_decided: true }));
        assert_eq!(ring.remove(&2), changed);
        assert_eq!(ring.change(&2, |_| {}), None);
        assert_eq!(keys(&ring), [1]);
    }
}
