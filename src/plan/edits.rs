//! What the state is told of what a plan found, beyond what steps write.

use super::objects::{ObjectKey, Objects, Prior, encode_marks, encode_object, schema_of};
use super::values::World;
use super::walk::{DataObject, Item};
use crate::providers::Registry;
use levee_model::{Action, InstanceAddr, Mode as ResourceMode};
use levee_state::{ObjectRow, ObjectStatus, StateEdit};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// What refreshing found, for objects that no step writes anyway and that are not forgotten.
pub(super) fn refreshed(objects: &Objects, items: &[Item], registry: &Registry) -> Vec<StateEdit> {
    let acting: BTreeSet<_> = items
        .iter()
        .filter(|i| matches!(i.change.action, Action::Delete | Action::Replace(_) | Action::Forget))
        .map(|i| (&i.change.addr, &i.change.deposed))
        .collect();
    let moved = objects.all.iter().filter(|((addr, deposed), prior)| prior.moved() && !acting.contains(&(addr, deposed)));
    moved.map(|(key, prior)| found_anew(key, prior, registry)).collect()
}

fn found_anew((addr, deposed): &ObjectKey, prior: &Prior, registry: &Registry) -> StateEdit {
    match &prior.current {
        None => StateEdit::Remove { addr: addr.clone(), deposed: deposed.clone() },
        Some(value) => {
            let block = schema_of(&prior.row, registry).map(|s| s.block.clone()).unwrap_or_default();
            let (values, sensitive_paths) = encode_object(value, &block);
            StateEdit::Put(Box::new(ObjectRow { values, sensitive_paths, ..prior.row.as_ref().clone() }))
        }
    }
}

/// What the state is told about an object that was read during the apply, and that nothing is done to.
pub fn stored_anew(item: &Item, objects: &Objects) -> Option<StateEdit> {
    let key = (item.change.addr.clone(), None);
    let prior = objects.all.get(&key).filter(|prior| prior.moved())?;
    Some(found_anew(&key, prior, crate::providers::registry()))
}

/// What the state is told about the objects that nothing is done to. Both are in the order of their addresses.
pub(super) fn stated_anew(items: &[Item], objects: &Objects) -> Vec<StateEdit> {
    let mut known = objects.all.iter().peekable();
    let one = |item: &Item| {
        let key = (&item.change.addr, &item.change.deposed);
        loop {
            let ((addr, deposed), prior) = known.peek()?;
            match (addr, deposed).cmp(&key) {
                Ordering::Less => drop(known.next()),
                Ordering::Equal => return restated(item, prior),
                Ordering::Greater => return None,
            }
        }
    };
    items.iter().filter_map(one).collect()
}

/// What the state is told about an object that nothing is done to: what it depends on by now, and what of it is secret.
pub fn restated(item: &Item, prior: &Prior) -> Option<StateEdit> {
    let change = &item.change;
    let (Action::NoOp, Some(after), Some(resource)) = (change.action, &change.after, &item.resource) else { return None };
    let row = &prior.row;
    let sensitive_paths = encode_marks(after);
    let as_sets = || row.dependencies.iter().collect::<BTreeSet<_>>() == item.dependencies.iter().collect();
    let same_needs = row.dependencies == item.dependencies || as_sets();
    let same = same_needs && row.sensitive_paths == sensitive_paths && row.create_before_destroy == item.create_before_destroy;
    if same && reads(&row.provider, &item.provider) {
        return None;
    }
    let now = ObjectRow {
        values: encode_object(after, &resource.schema().block).0,
        sensitive_paths,
        dependencies: item.dependencies.clone(),
        create_before_destroy: item.create_before_destroy,
        provider: Arc::from(item.provider.to_string()),
        ..row.as_ref().clone()
    };
    Some(StateEdit::Put(Box::new(now)))
}

/// Whether a text is what something is shown as, which is not written down for that.
fn reads(text: &str, shown: &impl fmt::Display) -> bool {
    struct Rest<'t>(&'t str);
    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let mut rest = Rest(text);
    write!(rest, "{shown}").is_ok() && rest.0.is_empty()
}

pub(super) fn data_edits(
    world: &World,
    objects: &Objects,
    data: BTreeMap<InstanceAddr, DataObject>,
    whole: bool,
    registry: &Registry,
) -> Vec<StateEdit> {
    let stored = objects.all.iter().filter(|((a, _), _)| a.mode == ResourceMode::Data);
    let gone = stored.filter(|((a, _), _)| whole && !data.contains_key(a) && world.instance_node(a).is_none());
    let mut edits: Vec<_> = gone.map(|((a, d), _)| StateEdit::Remove { addr: a.clone(), deposed: d.clone() }).collect();
    for (addr, object) in data {
        let schema = registry.data_source(&object.source, &addr.type_name).map(|d| d.schema());
        let Some(schema) = schema else { continue };
        let (values, sensitive_paths) = encode_object(&object.value, &schema.block);
        let same = objects.current(&addr).is_some_and(|p| p.row.values == values && p.row.sensitive_paths == sensitive_paths);
        if same {
            continue;
        }
        edits.push(StateEdit::Put(Box::new(data_row(addr, &object, values, sensitive_paths))));
    }
    edits
}

fn data_row(addr: InstanceAddr, object: &DataObject, values: String, sensitive_paths: String) -> ObjectRow {
    ObjectRow {
        id: object.value.get("id").and_then(|v| v.as_str().map(str::to_owned)),
        addr,
        deposed: None,
        provider: Arc::from(object.provider.to_string()),
        provider_source: object.source.clone(),
        schema_version: 0,
        status: ObjectStatus::Ready,
        values,
        sensitive_paths,
        // What a data source depends on is not kept: reading it again needs no order that only the state knows.
        dependencies: Vec::new(),
        create_before_destroy: false,
        private: None,
    }
}

#[cfg(test)]
mod tests {
    use super::reads;

    #[test]
    fn a_text_reads_as_what_is_shown_when_it_is_all_of_it() {
        let shown = format_args!("{}.{}", "provider", "aws").to_string();
        let of = |text: &str| reads(text, &format_args!("{}.{}", "provider", "aws"));
        assert!(of(&shown));
        assert_eq!(["", "provider", "provider.aws.west", "provider.a", "x"].map(of), [false; 5]);
    }
}
