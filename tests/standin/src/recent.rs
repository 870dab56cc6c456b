//! A map of bounded size: when it is full, the key added first is forgotten. A stand-in may run for days.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
};

pub(crate) struct Recent<K, V> {
    limit: usize,
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K: Clone + Eq + Hash, V> Recent<K, V> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, values: HashMap::new(), order: VecDeque::new() }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.values.get_mut(key)
    }

    /// All there is, the oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&K, &V)> {
        self.order.iter().filter_map(|key| self.values.get_key_value(key))
    }

    /// The values, the oldest first.
    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.entries().map(|(_, value)| value)
    }

    /// Stores a value and returns the one it replaces.
    pub(crate) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let before = self.values.insert(key.clone(), value);
        if before.is_none() {
            self.order.push_back(key);
            if self.order.len() > self.limit
                && let Some(oldest) = self.order.pop_front()
            {
                self.values.remove(&oldest);
            }
        }
        before
    }

    /// Forgets every key that `keep` does not want.
    pub(crate) fn retain(&mut self, keep: impl Fn(&K) -> bool) {
        self.values.retain(|key, _| keep(key));
        self.order.retain(|key| keep(key));
    }
}

#[cfg(test)]
mod tests {
    use super::Recent;

    #[test]
    fn forgets_the_oldest_key_when_full() {
        let mut map = Recent::new(2);
        map.insert("a", 1);
        map.insert("b", 2);
        map.insert("a", 3);
        map.insert("c", 4);
        assert_eq!((map.get(&"a"), map.get(&"b"), map.get(&"c")), (None, Some(&2), Some(&4)));
    }
}
