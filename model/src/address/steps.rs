//! The steps of a module's address. Most addresses are of the root module: none are kept for it, so that nothing is counted
//! whenever such an address is copied, least of all by two threads at once.

use std::cmp::Ordering;
use std::ops::Deref;
use std::sync::Arc;

/// A row that is shared by its copies; nothing at all if it is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Steps<T>(Option<Arc<[T]>>);

impl<T> Deref for Steps<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl<T> Default for Steps<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Ord> Ord for Steps<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (None, None) => Ordering::Equal,
            (Some(a), Some(b)) => super::shared(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }
}

impl<T: Ord> PartialOrd for Steps<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> From<Vec<T>> for Steps<T> {
    fn from(steps: Vec<T>) -> Self {
        Self((!steps.is_empty()).then(|| steps.into()))
    }
}

impl<T: Clone> From<&[T]> for Steps<T> {
    fn from(steps: &[T]) -> Self {
        Self((!steps.is_empty()).then(|| steps.into()))
    }
}

impl<T> FromIterator<T> for Steps<T> {
    fn from_iter<I: IntoIterator<Item = T>>(steps: I) -> Self {
        steps.into_iter().collect::<Vec<_>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::Steps;

    #[test]
    fn rows_are_ordered_by_what_is_in_them_and_the_empty_one_is_one() {
        let of = |steps: &[u8]| Steps::from(steps);
        let shared = of(&[1, 2]);
        let mut rows = vec![of(&[2]), shared.clone(), of(&[]), of(&[1]), shared];
        rows.sort();
        assert_eq!(rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>(), [vec![], vec![1], vec![1, 2], vec![1, 2], vec![2]]);
        assert_eq!((Steps::from(Vec::<u8>::new()), [].into_iter().collect::<Steps<u8>>()), (Steps::default(), of(&[])));
    }
}
