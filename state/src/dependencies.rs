//! What objects depend on, directly and through others.

use crate::rows::ObjectRow;
use levee_model::address::ResourceAddr;
use std::collections::BTreeSet;

/// How many there may be in all of a state, counted by object, before only the direct ones are told: of a long chain all
/// would be a number that grows with its square, and documents with it.
const LIMIT: usize = 200_000;

/// What resources depend on, directly and through others. Rows hold the direct ones alone.
#[derive(Debug, Default)]
pub struct AllDependencies {
    /// Every resource that is named, in order; elsewhere a resource is its number in here.
    names: Vec<ResourceAddr>,
    /// What stands behind each, itself apart; none when that is too much.
    behind: Option<Vec<Vec<u32>>>,
}

impl AllDependencies {
    /// Of all objects of a state.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a ObjectRow>) -> Self {
        let rows: Vec<&ObjectRow> = rows.into_iter().collect();
        let named: BTreeSet<ResourceAddr> =
            rows.iter().flat_map(|row| row.dependencies.iter().cloned().chain([row.addr.resource()])).collect();
        let mut found = Self { names: named.into_iter().collect(), behind: None };
        let mut direct: Vec<Vec<u32>> = vec![Vec::new(); found.names.len()];
        for row in rows {
            if let Some(id) = found.id(&row.addr.resource()) {
                direct[id as usize].extend(row.dependencies.iter().filter_map(|d| found.id(d)));
            }
        }
        found.behind = followed(&direct, LIMIT);
        found
    }

    fn id(&self, resource: &ResourceAddr) -> Option<u32> {
        self.names.binary_search(resource).ok().and_then(|at| u32::try_from(at).ok())
    }

    /// Addresses of everything that an object depends on, in order; of what it depends on directly, where all would be too
    /// much.
    pub fn of_row(&self, row: &ObjectRow) -> Vec<String> {
        let own = self.id(&row.addr.resource());
        let mut found: Vec<u32> = row.dependencies.iter().filter_map(|d| self.id(d)).collect();
        if let Some(behind) = &self.behind {
            let deeper: Vec<u32> = found.iter().flat_map(|d| &behind[*d as usize]).copied().collect();
            found.extend(deeper);
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter(|id| Some(*id) != own).map(|id| self.names[id as usize].to_string()).collect()
    }
}

/// What stands behind each, if that is not more than `limit` in all.
fn followed(direct: &[Vec<u32>], limit: usize) -> Option<Vec<Vec<u32>>> {
    let mut all: Vec<Option<Vec<u32>>> = vec![None; direct.len()];
    let (mut opened, mut total) = (vec![false; direct.len()], 0);
    for first in 0..u32::try_from(direct.len()).ok()? {
        let mut stack = vec![(first, false)];
        while let Some((at, told)) = stack.pop() {
            let next = &direct[at as usize];
            if all[at as usize].is_some() {
            } else if told {
                let deeper = next.iter().filter_map(|n| all[*n as usize].as_ref()).flatten();
                let mut behind: Vec<u32> = next.iter().chain(deeper).copied().filter(|n| *n != at).collect();
                behind.sort_unstable();
                behind.dedup();
                total += behind.len();
                if total > limit {
                    return None;
                }
                all[at as usize] = Some(behind);
            } else {
                opened[at as usize] = true;
                stack.push((at, true));
                // What is open already goes round in a circle.
                stack.extend(next.iter().filter(|n| !opened[**n as usize]).map(|n| (*n, false)));
            }
        }
    }
    Some(all.into_iter().map(Option::unwrap_or_default).collect())
}

#[cfg(test)]
mod tests {
    use super::followed;

    #[test]
    fn everything_behind_is_found_as_long_as_it_is_not_too_much() {
        let chain = [vec![], vec![0], vec![1], vec![2, 0]];
        assert_eq!(followed(&chain, 6), Some(vec![vec![], vec![0], vec![0, 1], vec![0, 1, 2]]));
        assert_eq!(followed(&chain, 5), None);
    }

    #[test]
    fn circles_end() {
        let circle = [vec![1], vec![2], vec![0], vec![3]];
        let found = followed(&circle, 100).expect("that is not too much");
        assert_eq!((&found[0], &found[3]), (&vec![1, 2], &vec![]));
    }
}
