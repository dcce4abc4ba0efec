//! What objects depend on, directly and through others.

use crate::rows::ObjectRow;
use levee_model::address::ResourceAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What resources depend on, directly and through others. Rows hold the direct ones alone.
#[derive(Debug, Default)]
pub struct AllDependencies {
    direct: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>>,
    all: BTreeMap<ResourceAddr, Arc<BTreeSet<ResourceAddr>>>,
}

impl AllDependencies {
    /// Of all objects of a state.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a ObjectRow>) -> Self {
        let mut direct: BTreeMap<ResourceAddr, BTreeSet<ResourceAddr>> = BTreeMap::new();
        for row in rows {
            direct.entry(row.addr.resource()).or_default().extend(row.dependencies.iter().cloned());
        }
        Self { direct, all: BTreeMap::new() }
    }

    /// Addresses of everything that an object depends on, in order.
    pub fn of_row(&mut self, row: &ObjectRow) -> Vec<String> {
        let mut behind = BTreeSet::new();
        for dependency in &row.dependencies {
            behind.extend(self.behind(dependency).iter().cloned());
            behind.insert(dependency.clone());
        }
        behind.remove(&row.addr.resource());
        behind.iter().map(ToString::to_string).collect()
    }

    /// Everything behind a resource, itself apart.
    fn behind(&mut self, resource: &ResourceAddr) -> Arc<BTreeSet<ResourceAddr>> {
        let mut stack = vec![(resource.clone(), false)];
        let mut opened = BTreeSet::new();
        while let Some((at, told)) = stack.pop() {
            if self.all.contains_key(&at) {
                continue;
            }
            let next = self.direct.get(&at).cloned().unwrap_or_default();
            if told {
                let deeper: Vec<_> = next.iter().filter_map(|n| self.all.get(n).cloned()).collect();
                let mut all = next;
                deeper.iter().for_each(|d| all.extend(d.iter().cloned()));
                all.remove(&at);
                self.all.insert(at, Arc::new(all));
            } else {
                opened.insert(at.clone());
                let new: Vec<_> = next.into_iter().filter(|n| !opened.contains(n) && !self.all.contains_key(n)).collect();
                stack.push((at, true));
                stack.extend(new.into_iter().map(|n| (n, false)));
            }
        }
        self.all.get(resource).cloned().unwrap_or_default()
    }
}
