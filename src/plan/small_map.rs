//! A map that mostly has one entry, which it then holds in place: what is known of a block is kept by module instance, and
//! of a resource by instance key, and most blocks stand in one module and are not repeated.

use smallvec::SmallVec;
use std::fmt;

/// Entries in order of their keys. Putting one in behind the last costs nothing; anywhere else, moving those behind it.
#[derive(Clone)]
pub struct SmallMap<K, V>(SmallVec<[(K, V); 1]>);

/// The entries, in order of their keys.
pub(super) type Iter<'a, K, V> = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

impl<K: Ord, V> SmallMap<K, V> {
    /// Without entries.
    pub fn new() -> Self {
        Self(SmallVec::new())
    }

    fn position(&self, key: &K) -> Result<usize, usize> {
        match self.0.last() {
            Some((last, _)) if last < key => Err(self.0.len()),
            _ => self.0.binary_search_by(|(k, _)| k.cmp(key)),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.position(key).ok().map(|at| &self.0[at].1)
    }

    /// Likewise, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.position(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether a key has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.position(key).is_ok()
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        match self.position(&key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }
}

impl<K, V> SmallMap<K, V> {
    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in order of their keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        self.into_iter()
    }

    /// The entries in order of their keys, whose values may be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(k, v)| (&*k, v))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.0.iter().map(|(k, _)| k)
    }

    /// The values, in order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.iter().map(|(_, v)| v)
    }
}

impl<K: Ord, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SmallMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut out = Self::new();
        entries.into_iter().for_each(|(k, v)| out.insert(k, v));
        out
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for SmallMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<'a, K, V> IntoIterator for &'a SmallMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.0.iter().map(|(k, v)| (k, v))
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for SmallMap<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::SmallMap;

    #[test]
    fn keys_are_found_and_in_order_however_they_came() {
        let mut map: SmallMap<u32, &str> = [(5, "five"), (1, "one"), (3, "three")].into_iter().collect();
        map.insert(3, "drei");
        assert_eq!(map.iter().collect::<Vec<_>>(), [(&1, &"one"), (&3, &"drei"), (&5, &"five")]);
        assert_eq!((map.get(&3), map.get(&2), map.contains_key(&5)), (Some(&"drei"), None, true));
        if let Some(value) = map.get_mut(&1) {
            *value = "eins";
        }
        assert_eq!(map.values().next_back(), Some(&"five"));
        assert_eq!(map.get(&1), Some(&"eins"));
    }
}
