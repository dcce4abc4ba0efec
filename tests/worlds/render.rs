//! A model as the files of a configuration.

use crate::model::{Call, CallKey, Key, Kind, Model, Origin, Picked, Ref, Repeat, Resource, Sight, Which};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the provider is, as the root module says it, and as a module does that it is handed down to.
pub(crate) const REQUIRED: &str = "terraform {\n  required_providers {\n    sim = { source = \"levee/sim\" }\n  }\n}\n\n";

/// The files by their names, without the provider block. `id_of` tells which object an import takes over; none if it is gone.
pub(crate) fn files(model: &Model, id_of: impl Fn(&Origin, usize) -> Option<String>) -> BTreeMap<String, String> {
    let flows = Flows::of(model);
    let mut files = BTreeMap::new();
    for call in &model.calls {
        files.insert(format!("c{}/main.tf", call.key), module(model, &flows, Some(call)));
    }
    let mut root = module(model, &flows, None);
    root.extend(model.resources.iter().filter_map(|r| moved_across(model, r)));
    for removed in &model.removed {
        let (path, name, destroy) = (model.path(removed.home), &removed.name, removed.destroy);
        let _ = write!(root, "removed {{\n  from = {path}{name}\n  lifecycle {{\n    destroy = {destroy}\n  }}\n}}\n\n");
    }
    for import in &model.imports {
        if let Some(id) = id_of(&import.origin, import.zone) {
            let _ = write!(root, "import {{\n  to = {}\n  id = \"{id}\"\n}}\n\n", import.to);
        }
    }
    files.insert("main.tf".to_owned(), root);
    files
}

/// The id of an object that no configuration ever has.
pub(crate) fn landmark(n: u32) -> String {
    format!("obj-landmark{n}")
}

/// What modules tell each other.
#[derive(Default)]
struct Flows {
    /// By call: resources whose ids are given to it.
    given: BTreeMap<CallKey, BTreeSet<Key>>,
    /// By call: resources whose ids it tells of.
    told: BTreeMap<CallKey, BTreeSet<Key>>,
}

impl Flows {
    fn of(model: &Model) -> Self {
        let mut flows = Self::default();
        for key in &model.shown {
            flows.flow(model, *key, None);
        }
        for r in &model.resources {
            if let Some(call) = r.call {
                flows.told.entry(call).or_default().insert(r.key);
            }
            r.refs.iter().chain(&r.attached).for_each(|reference| flows.flow(model, reference.to, r.call));
        }
        flows
    }

    /// Lets the ids of a resource be known in a module.
    fn flow(&mut self, model: &Model, of: Key, to: Option<CallKey>) {
        let Some(target) = model.resource(of) else { return };
        let (up, down) = (model.chain(target.call), model.chain(to));
        let common = up.iter().zip(&down).take_while(|(a, b)| a == b).count();
        for call in &up[common..] {
            self.told.entry(*call).or_default().insert(of);
        }
        for call in &down[common..] {
            self.given.entry(*call).or_default().insert(of);
        }
    }
}

fn module(model: &Model, flows: &Flows, call: Option<&Call>) -> String {
    let home = call.map(|c| c.key);
    let mut text = String::new();
    if let Some(call) = call {
        text.push_str(REQUIRED);
        text.push_str("variable \"at\" {}\n");
        text.extend(flows.given.get(&call.key).into_iter().flatten().map(|key| format!("variable \"in_{key}\" {{}}\n")));
    }
    text.extend(model.calls.iter().filter(|c| c.parent == home).map(|c| call_block(model, flows, c)));
    text.extend(model.resources.iter().filter(|r| r.call == home).map(|r| resource(model, r)));
    let told = match home {
        Some(home) => flows.told.get(&home),
        None => Some(&model.shown),
    };
    for target in told.into_iter().flatten().filter_map(|key| model.resource(*key)) {
        let _ = write!(text, "output \"out_{}\" {{\n  value = {}\n}}\n\n", target.key, ids(model, home, target));
    }
    let calls = model.calls.iter().filter(|c| c.parent == home).filter_map(|c| Some((format!("module.{}", c.was.as_ref()?), &c.name)));
    for (from, to) in calls {
        let _ = write!(text, "moved {{\n  from = {from}\n  to = module.{to}\n}}\n\n");
    }
    for r in model.resources.iter().filter(|r| r.call == home) {
        if let Some((_, was)) = r.was.as_ref().filter(|(call, _)| *call == home) {
            let _ = write!(text, "moved {{\n  from = {}.{was}\n  to = {}\n}}\n\n", r.kind.type_name(), r.local_name());
        }
    }
    text
}

fn call_block(model: &Model, flows: &Flows, call: &Call) -> String {
    let (head, at) = repeated(&call.repeat, &format!("module.{}", call.name));
    let (outer, source) = if call.parent.is_some() { ("${var.at}", "..") } else { ("", ".") };
    let mut text = format!("module \"{}\" {{\n  source = \"{source}/c{}\"\n{head}  at = \"{outer}{at}.\"\n", call.name, call.key);
    for target in flows.given.get(&call.key).into_iter().flatten().filter_map(|key| model.resource(*key)) {
        let _ = writeln!(text, "  in_{} = {}", target.key, ids(model, call.parent, target));
    }
    if call.hands_down {
        text.push_str("  providers = {\n    sim = sim\n  }\n");
    }
    let after: Vec<String> = call.after.iter().filter_map(|key| model.resource(*key)).map(Resource::local_name).collect();
    if !after.is_empty() {
        let _ = writeln!(text, "  depends_on = [{}]", after.join(", "));
    }
    text.push_str("}\n\n");
    text
}

/// The line that repeats a block, and the address of an instance of it as a template.
fn repeated(repeat: &Repeat, address: &str) -> (String, String) {
    match repeat {
        Repeat::One => (String::new(), address.to_owned()),
        Repeat::Count(n) => (format!("  count = {n}\n"), format!("{address}[${{count.index}}]")),
        Repeat::Each(keys) => {
            let list = keys.iter().map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(", ");
            (format!("  for_each = toset([{list}])\n"), format!("{address}[\\\"${{each.key}}\\\"]"))
        }
    }
}

/// The ids of a resource's objects by their keys, in their own module.
fn ids_here(r: &Resource) -> String {
    let address = r.local_name();
    match r.repeat {
        Repeat::One => format!("{{ one = {address}.id }}"),
        Repeat::Count(_) => format!("{{ for i, o in {address} : tostring(i) => o.id }}"),
        Repeat::Each(_) => format!("{{ for k, o in {address} : k => o.id }}"),
    }
}

/// The same, as any module has them: from its own resource, from outputs of what it calls, or as a variable.
fn ids(model: &Model, home: Option<CallKey>, target: &Resource) -> String {
    if target.call == home {
        return ids_here(target);
    }
    let (down, here) = (model.chain(target.call), model.chain(home));
    let below = down.get(here.len()).filter(|_| down.starts_with(&here)).and_then(|key| model.call(*key));
    let Some(call) = below else { return format!("var.in_{}", target.key) };
    // One instance after the other: whoever names a module as a whole waits for all that is in it.
    let parts: Vec<String> = call
        .repeat
        .keys()
        .iter()
        .map(|key| {
            let at = format!("module.{}{key}.out_{}", call.name, target.key);
            format!("{{ for k, id in {at} : \"{}${{k}}\" => id }}", key.replace(['[', ']', '"'], "/"))
        })
        .collect();
    format!("merge({})", parts.join(", "))
}

/// Lists of ids that references come to.
fn lists(model: &Model, r: &Resource, refs: &[Ref]) -> Vec<String> {
    let mut lists = Vec::new();
    for reference in refs {
        let Some(target) = model.resource(reference.to) else { continue };
        let map = ids(model, r.call, target);
        // Where the own key is picked, it is written as what stands for it.
        let own = match r.repeat {
            Repeat::One => String::new(),
            Repeat::Count(_) => "[count.index]".to_owned(),
            Repeat::Each(_) => "[each.key]".to_owned(),
        };
        match (target.call == r.call, r.picked(target, reference.which, &own)) {
            (_, Picked::All) => lists.push(format!("values({map})")),
            (true, Picked::One(key)) => lists.push(format!("[{}{key}.id]", target.local_name())),
            (true, Picked::None) => {}
            (false, _) => lists.push(format!("slice(values({map}), 0, min(1, length({map})))")),
        }
    }
    lists
}

/// Where it was in another module.
fn moved_across(model: &Model, r: &Resource) -> Option<String> {
    let (call, name) = r.was.as_ref().filter(|(call, _)| *call != r.call)?;
    let type_name = r.kind.type_name();
    let (from, to) = (model.path(*call), model.path(r.call));
    Some(format!("moved {{\n  from = {from}{type_name}.{name}\n  to = {to}{}\n}}\n\n", r.local_name()))
}

fn resource(model: &Model, r: &Resource) -> String {
    let mut text = String::new();
    let type_name = r.kind.type_name();
    let (head, address) = repeated(&r.repeat, &r.local_name());
    let address = if r.call.is_some() { format!("${{var.at}}{address}") } else { address };
    match r.looks_at {
        Some(Sight::Resource(key, waits)) => {
            let of = model.resource(key).map(Resource::local_name).unwrap_or_default();
            let after = if waits { format!("  depends_on = [{of}]\n") } else { String::new() };
            let _ = write!(text, "data \"sim_lookup\" \"of_{}\" {{\n  id = {of}.id\n{after}}}\n\n", r.key);
        }
        Some(Sight::Landmark(n)) => {
            let _ = write!(text, "data \"sim_lookup\" \"of_{}\" {{\n  id = \"{}\"\n}}\n\n", r.key, landmark(n));
        }
        None => {}
    }
    let _ = write!(text, "resource \"{type_name}\" \"{}\" {{\n{head}", r.name);
    text.push_str(&arguments(model, r, &address));
    let names = |keys: &[Key]| keys.iter().filter_map(|key| model.resource(*key)).map(Resource::local_name).collect::<Vec<_>>();
    let calls = r.after_calls.iter().filter_map(|key| model.call(*key)).map(|c| format!("module.{}", c.name));
    let after: Vec<String> = names(&r.after).into_iter().chain(calls).collect();
    if !after.is_empty() {
        let _ = writeln!(text, "  depends_on = [{}]", after.join(", "));
    }
    let mut lifecycle = String::new();
    if r.outlives {
        lifecycle.push_str("    create_before_destroy = true\n");
    }
    if r.ignores {
        lifecycle.push_str("    ignore_changes = [tags]\n");
    }
    if let Some(by) = r.triggered_by {
        let _ = writeln!(lifecycle, "    replace_triggered_by = [{}]", names(&[by]).join(", "));
    }
    if !lifecycle.is_empty() {
        let _ = write!(text, "  lifecycle {{\n{lifecycle}  }}\n");
    }
    text.push_str("}\n\n");
    text
}

fn arguments(model: &Model, r: &Resource, address: &str) -> String {
    let attached = lists(model, r, &r.attached);
    let joined = |lists: &[String]| format!("concat({})", lists.join(", "));
    let mut out = String::new();
    match r.kind {
        Kind::Object => {
            let _ = writeln!(out, "  name = \"{address}\"\n  size = {}\n  zone = \"z{}\"\n  guarded = {}", r.size, r.zone, r.guarded);
            let looked = r.looks_at.map(|_| format!(", of = data.sim_lookup.of_{}.arguments", r.key)).unwrap_or_default();
            let _ = writeln!(out, "  tags = {{ size = \"{}\"{looked} }}\n  secret = \"s{}\"", r.size, r.size);
            if r.unique {
                let _ = writeln!(out, "  unique_name = \"{address}/{}\"", r.zone);
            }
            let refs = lists(model, r, &r.refs);
            for (name, lists) in [("refs", &refs), ("attached", &attached)] {
                if !lists.is_empty() {
                    let _ = writeln!(out, "  {name} = {}", joined(lists));
                }
            }
        }
        Kind::Network => {
            let _ = writeln!(out, "  name = \"{address}\"\n  cidr = \"10.{}.0.0/16\"\n  tags = {{ size = \"{}\" }}", r.zone, r.size);
        }
        Kind::Cluster => {
            let _ = writeln!(out, "  name = \"{address}\"\n  version = \"{}\"", r.size);
            if !attached.is_empty() {
                let _ = writeln!(out, "  network_ids = {}", joined(&attached));
            }
        }
        Kind::Rule => {
            let port = match r.repeat {
                Repeat::One => format!("{}00", r.key),
                Repeat::Count(_) => format!("{}10 + count.index", r.key),
                Repeat::Each(_) => format!("{}50 + {{ a = 1, b = 2, c = 3, d = 4, e = 5, f = 6 }}[each.key]", r.key),
            };
            let parent = attached.first().cloned().unwrap_or_default();
            let _ = writeln!(out, "  parent = one({parent})\n  port = {port}\n  description = \"{address}\"");
        }
    }
    out
}

/// Whether a rule can be on that: on one object in its own module.
pub(crate) fn can_hold_a_rule(target: &Resource, rule_call: Option<CallKey>) -> bool {
    let some = match &target.repeat {
        Repeat::One => true,
        Repeat::Count(n) => *n > 0,
        Repeat::Each(keys) => !keys.is_empty(),
    };
    some && target.call == rule_call && matches!(target.kind, Kind::Object | Kind::Network)
}

/// The reference of a rule names one object, whatever becomes of what it names.
pub(crate) const OF_A_RULE: Which = Which::Same;
