//! The members of an object or a map. Most are few, are made once, and are read and compared often: a slice in order of the
//! names takes a third of the memory of a tree, and is made by one allocation.

use crate::value::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Members by name, in order of the names. Cheap to clone.
#[derive(Clone, Eq, PartialOrd, Ord)]
pub struct Members(Arc<[(Arc<str>, Value)]>);

impl PartialEq for Members {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.is_shared_with(other) || self.0 == other.0
    }
}

impl Hash for Members {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Members {
    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.position(name).ok().map(|at| &self.0[at].1)
    }

    /// To look for many names, in order mostly.
    pub fn in_order(&self) -> InOrder<'_> {
        InOrder { members: self, next: 0 }
    }

    /// Whether there is a member of that name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.position(name).is_ok()
    }

    /// Whether both were made once.
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values, in order of the names.
    pub fn iter(&self) -> Iter<'_> {
        self.into_iter()
    }

    /// The names, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Arc<str>> + DoubleEndedIterator + Clone {
        self.0.iter().map(|(name, _)| name)
    }

    /// The values, in order of the names.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Value> + DoubleEndedIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// With one member replaced or added.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        let mut members = self;
        match members.position(name) {
            Ok(at) => Arc::make_mut(&mut members.0)[at].1 = value,
            Err(at) => {
                let (before, after) = members.0.split_at(at);
                let new = std::iter::once((Arc::from(name), value));
                members = Self(before.iter().cloned().chain(new).chain(after.iter().cloned()).collect());
            }
        }
        members
    }
}

/// Members that are looked for by names that are in order mostly, such as those of a schema: each is next to the one before.
#[derive(Debug)]
pub struct InOrder<'a> {
    members: &'a Members,
    next: usize,
}

impl<'a> InOrder<'a> {
    /// The member of that name.
    #[inline]
    pub fn get(&mut self, name: &Arc<str>) -> Option<&'a Value> {
        let at = match self.members.0.get(self.next) {
            Some((next, _)) if Arc::ptr_eq(next, name) || next == name => self.next,
            _ => self.members.position(name).ok()?,
        };
        self.next = at + 1;
        Some(&self.members.0[at].1)
    }
}

/// Names and values, in order of the names.
pub type Iter<'a> = std::iter::Map<std::slice::Iter<'a, (Arc<str>, Value)>, fn(&'a (Arc<str>, Value)) -> (&'a Arc<str>, &'a Value)>;

impl<'a> IntoIterator for &'a Members {
    type Item = (&'a Arc<str>, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.0.iter().map(|(name, value)| (name, value))
    }
}

impl Default for Members {
    fn default() -> Self {
        Self(Arc::new([]))
    }
}

/// Of several members with one name the last counts.
impl From<Vec<(Arc<str>, Value)>> for Members {
    fn from(mut members: Vec<(Arc<str>, Value)>) -> Self {
        if !members.is_sorted_by(|(a, _), (b, _)| a < b) {
            members.reverse();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            members.dedup_by(|(a, _), (b, _)| a == b);
        }
        Self(members.into())
    }
}

impl FromIterator<(Arc<str>, Value)> for Members {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(members: I) -> Self {
        members.into_iter().collect::<Vec<_>>().into()
    }
}

impl From<BTreeMap<Arc<str>, Value>> for Members {
    fn from(members: BTreeMap<Arc<str>, Value>) -> Self {
        Self(members.into_iter().collect())
    }
}

impl From<&Members> for BTreeMap<Arc<str>, Value> {
    fn from(members: &Members) -> Self {
        members.0.iter().cloned().collect()
    }
}

impl<const N: usize> From<[(Arc<str>, Value); N]> for Members {
    fn from(members: [(Arc<str>, Value); N]) -> Self {
        members.into_iter().collect()
    }
}

/// As [`Value`]: never shows what is marked.
impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Members;
    use crate::Value;
    use std::sync::Arc;

    fn members(of: &[(&str, &str)]) -> Members {
        of.iter().map(|(name, value)| (Arc::from(*name), Value::string(*value))).collect()
    }

    #[test]
    fn members_are_in_order_and_the_last_of_a_name_counts() {
        let made = members(&[("b", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("a", "5")]);
        assert_eq!(made, members(&[("a", "5"), ("b", "3"), ("c", "4")]));
        assert_eq!((made.get("b"), made.get("d"), made.contains_key("c")), (Some(&Value::string("3")), None, true));
    }

    #[test]
    fn members_are_found_in_whatever_order_they_are_looked_for() {
        let made = members(&[("a", "1"), ("c", "3"), ("d", "4")]);
        let mut found = made.in_order();
        let mut get = |name: &str| found.get(&Arc::from(name)).and_then(Value::as_str);
        assert_eq!(["a", "b", "c", "d", "d", "a"].map(&mut get), [Some("1"), None, Some("3"), Some("4"), Some("4"), Some("1")]);
    }

    #[test]
    fn a_member_is_replaced_or_put_where_it_belongs() {
        let made = members(&[("a", "1"), ("c", "3")]);
        assert_eq!(made.clone().with("b", Value::string("2")), members(&[("a", "1"), ("b", "2"), ("c", "3")]));
        assert_eq!(made.clone().with("c", Value::string("4")), members(&[("a", "1"), ("c", "4")]));
        assert_eq!(made, members(&[("a", "1"), ("c", "3")]), "what shared it is as it was");
    }
}
