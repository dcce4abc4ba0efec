//! Objects as they are to be, in place of a configuration: what a rollback is planned from.
//!
//! What one image says of another object (its id, its ARN) follows that object: where the object has another id by now, or
//! will have one, so does everything that names it.

use super::objects::ObjectKey;
use super::values::{Instances, ModuleId, Needs, NodeId, World};
use crate::config::Lifecycle;
use levee_model::{InstanceAddr, InstanceKey, Kind, ModuleInstance, ResourceAddr, Type, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Shorter texts are never taken for the name of an object.
const SHORTEST_NAME: usize = 4;
/// Shorter texts are not looked for inside of others.
const SHORTEST_PART: usize = 8;
/// What objects tell of their surroundings, which others may say as well without meaning them.
const SHARED: [&str; 6] = ["owner_id", "account_id", "region", "availability_zone", "availability_zone_id", "state"];

/// What a plan is made from that undoes something. It speaks of these objects, and of nothing else.
#[derive(Default)]
pub struct Images {
    /// Objects that are to be as they were.
    pub wanted: BTreeMap<InstanceAddr, Image>,
    /// Objects that stay as they are, as they were: what others said of them follows them.
    pub left: BTreeMap<InstanceAddr, Value>,
    /// Objects that are to be deleted.
    pub deleted: BTreeSet<ObjectKey>,
    /// Objects that only the state is to forget.
    pub forgotten: BTreeSet<InstanceAddr>,
    /// Outputs of the root module as they were.
    pub outputs: BTreeMap<Arc<str>, Value>,
    /// Every instance of a module in which something is or was.
    pub modules: BTreeSet<ModuleInstance>,
}

/// One object as it was.
#[derive(Clone)]
pub struct Image {
    /// What its provider is asked for: as a configuration would say it, with marks.
    pub config: Value,
    /// All of it, with marks.
    pub whole: Value,
    /// What it depended on.
    pub dependencies: Vec<ResourceAddr>,
    /// For its row.
    pub create_before_destroy: bool,
    /// Whether it must not be destroyed, and which differences are none of its run's.
    pub lifecycle: Lifecycle,
}

/// An image with what is known by now of the objects that it names.
pub struct Followed {
    /// [`Image::config`]
    pub config: Value,
    /// [`Image::whole`]
    pub whole: Value,
    /// What it depends on.
    pub needs: Needs,
}

/// Texts that objects are known by, and what they are by now: none if that is not known.
#[derive(Default)]
struct Renames(BTreeMap<Arc<str>, Option<Arc<str>>>);

impl Images {
    /// Whether the plan speaks of an object of this address.
    pub fn speaks_of(&self, addr: &InstanceAddr) -> bool {
        self.wanted.contains_key(addr)
            || self.forgotten.contains(addr)
            || self.deleted.range((addr.clone(), None)..).next().is_some_and(|(a, _)| a == addr)
    }

    /// Whether an object is to be there no more.
    pub fn takes_away(&self, key: &ObjectKey) -> bool {
        self.deleted.contains(key) || (key.1.is_none() && self.forgotten.contains(&key.0))
    }

    /// The instances of the module that `caller` calls so.
    pub fn instances(&self, caller: &ModuleInstance, name: &str) -> Instances {
        let inside = self.modules.iter().filter_map(|m| m.split_last()).filter(|(parent, step)| parent == caller && *step.name == *name);
        let mut found: Instances = inside.map(|(_, step)| (step.key, Value::null(Type::Dynamic))).collect();
        if found.is_empty() {
            found.insert(InstanceKey::None, Value::null(Type::Dynamic));
        }
        found
    }

    /// An object as it was, in terms of what there is by now.
    pub fn follow(&self, world: &World, addr: &InstanceAddr) -> Option<Followed> {
        let image = self.wanted.get(addr)?;
        let (mut renames, mut needs) = (Renames::default(), Needs::new());
        for resource in &image.dependencies {
            for module in world.instances_of(&resource.module) {
                if world.module(module).is_beside(&addr.module) {
                    continue;
                }
                needs.extend(self.renamed(world, resource, module, &mut renames));
            }
        }
        Some(Followed { config: renames.applied(&image.config), whole: renames.applied(&image.whole), needs })
    }

    /// An output as it was, likewise.
    pub fn output(&self, world: &World, name: &str) -> Option<(Value, Needs)> {
        let value = self.outputs.get(name)?;
        let (mut renames, mut needs) = (Renames::default(), Needs::new());
        let resources: BTreeSet<ResourceAddr> = self.wanted.keys().chain(self.left.keys()).map(InstanceAddr::resource).collect();
        for resource in &resources {
            for module in world.instances_of(&resource.module) {
                let mut own = Renames::default();
                let node = self.renamed(world, resource, module, &mut own);
                if own.touches(value) {
                    renames.0.extend(own.0);
                    needs.extend(node);
                }
            }
        }
        Some((renames.applied(value), needs))
    }

    /// Adds how the instances of a resource are called now, and yields the node that stands for them.
    fn renamed(&self, world: &World, resource: &ResourceAddr, module: ModuleId, renames: &mut Renames) -> Option<NodeId> {
        let entry = world.resource(world.blocks.resource(resource)?, module)?;
        let home = world.module(module);
        for (key, (_, now)) in entry.instances.iter() {
            let addr = resource.instance(home, key.clone());
            let was = self.wanted.get(&addr).map(|image| &image.whole).or_else(|| self.left.get(&addr));
            if let Some(was) = was {
                renames.compare("", was, Some(now));
            }
        }
        Some(entry.group)
    }
}

impl Renames {
    /// Notes every name that differs. `now` is none where nothing is known.
    fn compare(&mut self, name: &str, was: &Value, now: Option<&Value>) {
        let now = now.filter(|v| v.is_known());
        match was.kind() {
            Kind::String(old) if is_name(name, old) => {
                let new = now.and_then(|v| v.as_str()).map(Arc::from);
                if new.as_ref() != Some(old) {
                    self.0.insert(old.clone(), new);
                }
            }
            Kind::Object(members) => members.iter().for_each(|(n, v)| self.compare(n, v, now.and_then(|o| o.get(n)).as_ref())),
            Kind::Map(_, members) => members.iter().for_each(|(n, v)| self.compare(name, v, now.and_then(|o| o.get(n)).as_ref())),
            Kind::List(_, items) | Kind::Tuple(items) => {
                let news = now.and_then(Value::elements);
                items.iter().enumerate().for_each(|(i, v)| self.compare(name, v, news.and_then(|n| n.get(i))));
            }
            _ => {}
        }
    }

    fn applied(&self, value: &Value) -> Value {
        if self.0.is_empty() {
            return value.clone();
        }
        value.clone().transform(&mut |v| match v.as_str().and_then(|text| self.text(text)) {
            Some(Some(new)) => Value::string(new).mark(v.marks()),
            Some(None) => Value::unknown(Type::String).mark(v.marks()),
            None => v,
        })
    }

    /// What becomes of a text; `None` if it names nothing, or nothing that is called otherwise by now.
    fn text(&self, text: &str) -> Option<Option<String>> {
        if let Some(new) = self.0.get(text) {
            return Some(new.as_deref().map(str::to_owned));
        }
        let mut out: Option<String> = None;
        // The longest first: an ARN holds the id.
        let mut parts: Vec<_> = self.0.iter().filter(|(old, _)| old.len() >= SHORTEST_PART && text.contains(&***old)).collect();
        parts.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
        for (old, new) in parts {
            let now = out.as_deref().unwrap_or(text);
            if now.contains(&**old) {
                let Some(new) = new else { return Some(None) };
                out = Some(now.replace(&**old, new));
            }
        }
        out.map(Some)
    }

    fn touches(&self, value: &Value) -> bool {
        let mut found = false;
        drop(value.clone().transform(&mut |v| {
            found |= v.as_str().is_some_and(|text| self.text(text).is_some());
            v
        }));
        found
    }
}

/// Whether a text can be what an object is known by.
fn is_name(attribute: &str, text: &str) -> bool {
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    text.len() >= SHORTEST_NAME && has_digit && !text.chars().all(|c| c.is_ascii_digit()) && !SHARED.contains(&attribute)
}
