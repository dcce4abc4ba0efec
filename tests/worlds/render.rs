//! A model as the files of a configuration.

use crate::model::{Key, Kind, Model, Picked, Repeat, Resource, Which};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The files by their names, without the provider block.
pub(crate) fn files(model: &Model) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut root = String::new();
    for (i, call) in model.calls.iter().enumerate() {
        let wanted = from_outside(model, i);
        let inputs: String =
            wanted.iter().filter_map(|key| model.resource(*key)).map(|r| format!("  in_{} = {}\n", r.key, ids(model, r))).collect();
        let (head, at) = repeated(&call.repeat, &format!("module.{}", call.name));
        let _ = write!(root, "module \"{}\" {{\n  source = \"./{}\"\n{head}  at = \"{at}.\"\n{inputs}}}\n\n", call.name, call.name);
        files.insert(format!("{}/main.tf", call.name), module(model, i, &wanted));
    }
    root.extend(model.resources.iter().filter(|r| r.call.is_none()).map(|r| resource(model, r)));
    root.extend(model.resources.iter().filter_map(|r| moved(model, r)));
    files.insert("main.tf".to_owned(), root);
    files
}

fn module(model: &Model, i: usize, wanted: &BTreeSet<Key>) -> String {
    let mut text = "variable \"at\" {}\n".to_owned();
    for key in wanted {
        let _ = writeln!(text, "variable \"in_{key}\" {{}}");
    }
    for r in model.resources.iter().filter(|r| r.call == Some(i)) {
        text.push_str(&resource(model, r));
        let _ = write!(text, "output \"out_{}\" {{\n  value = {}\n}}\n\n", r.key, ids_here(r));
    }
    text
}

/// What resources of a module name that is not in it.
fn from_outside(model: &Model, call: usize) -> BTreeSet<Key> {
    let inside = model.resources.iter().filter(|r| r.call == Some(call));
    let named = inside.flat_map(|r| r.refs.iter().chain(&r.attached)).map(|r| r.to);
    named.filter(|key| model.resource(*key).is_some_and(|t| t.call != Some(call))).collect()
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
    let address = format!("{}.{}", r.kind.type_name(), r.name);
    match r.repeat {
        Repeat::One => format!("{{ one = {address}.id }}"),
        Repeat::Count(_) => format!("{{ for i, o in {address} : tostring(i) => o.id }}"),
        Repeat::Each(_) => format!("{{ for k, o in {address} : k => o.id }}"),
    }
}

/// The same, as the root module has them.
fn ids(model: &Model, r: &Resource) -> String {
    let Some(call) = r.call.map(|i| &model.calls[i]) else { return ids_here(r) };
    // One instance after the other: whoever names a module as a whole waits for all that is in it.
    let parts: Vec<String> = call
        .repeat
        .keys()
        .iter()
        .map(|key| {
            let at = format!("module.{}{key}.out_{}", call.name, r.key);
            format!("{{ for k, id in {at} : \"{}${{k}}\" => id }}", key.replace(['[', ']', '"'], "/"))
        })
        .collect();
    format!("merge({})", parts.join(", "))
}

/// Lists of ids that references come to.
fn lists(model: &Model, r: &Resource, refs: &[crate::model::Ref]) -> Vec<String> {
    let mut lists = Vec::new();
    for reference in refs {
        let Some(target) = model.resource(reference.to) else { continue };
        let address = format!("{}.{}", target.kind.type_name(), target.name);
        let same_module = target.call == r.call;
        let map = match (same_module, r.call) {
            (true, _) => ids_here(target),
            (false, None) => ids(model, target),
            (false, Some(_)) => format!("var.in_{}", target.key),
        };
        // Where the own key is picked, it is written as what stands for it.
        let own = match r.repeat {
            Repeat::One => String::new(),
            Repeat::Count(_) => "[count.index]".to_owned(),
            Repeat::Each(_) => "[each.key]".to_owned(),
        };
        match (same_module, r.picked(target, reference.which, &own)) {
            (_, Picked::All) => lists.push(format!("values({map})")),
            (true, Picked::One(key)) => lists.push(format!("[{address}{key}.id]")),
            (true, Picked::None) => {}
            (false, _) => lists.push(format!("slice(values({map}), 0, min(1, length({map})))")),
        }
    }
    lists
}

fn moved(model: &Model, r: &Resource) -> Option<String> {
    let (call, name) = r.was.as_ref()?;
    let at = |call: &Option<usize>, name: &str| {
        let module = call.map_or_else(String::new, |i| format!("module.{}.", model.calls[i].name));
        format!("{module}{}.{name}", r.kind.type_name())
    };
    Some(format!("moved {{\n  from = {}\n  to = {}\n}}\n\n", at(call, name), at(&r.call, &r.name)))
}

fn resource(model: &Model, r: &Resource) -> String {
    let mut text = String::new();
    let type_name = r.kind.type_name();
    let (head, address) = repeated(&r.repeat, &format!("{type_name}.{}", r.name));
    let address = if r.call.is_some() { format!("${{var.at}}{address}") } else { address };
    if let Some(target) = r.looks_at.and_then(|key| model.resource(key)) {
        let of = format!("{}.{}", target.kind.type_name(), target.name);
        let _ = write!(text, "data \"sim_lookup\" \"of_{}\" {{\n  id = {of}.id\n  depends_on = [{of}]\n}}\n\n", r.key);
    }
    let _ = write!(text, "resource \"{type_name}\" \"{}\" {{\n{head}", r.name);
    text.push_str(&arguments(model, r, &address));
    let names = |keys: &[Key]| {
        let targets = keys.iter().filter_map(|key| model.resource(*key));
        targets.map(|t| format!("{}.{}", t.kind.type_name(), t.name)).collect::<Vec<_>>().join(", ")
    };
    if !r.after.is_empty() {
        let _ = writeln!(text, "  depends_on = [{}]", names(&r.after));
    }
    let mut lifecycle = String::new();
    if r.outlives {
        lifecycle.push_str("    create_before_destroy = true\n");
    }
    if r.ignores {
        lifecycle.push_str("    ignore_changes = [tags]\n");
    }
    if let Some(by) = r.triggered_by {
        let _ = writeln!(lifecycle, "    replace_triggered_by = [{}]", names(&[by]));
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
                Repeat::Count(_) => format!("{}00 + count.index", r.key),
                Repeat::Each(_) => format!("{}00 + {{ a = 1, b = 2, c = 3, d = 4, e = 5, f = 6 }}[each.key]", r.key),
            };
            let parent = attached.first().cloned().unwrap_or_default();
            let _ = writeln!(out, "  parent = one({parent})\n  port = {port}\n  description = \"{address}\"");
        }
    }
    out
}

/// Whether a rule can be on that: on one object in its own module.
pub(crate) fn can_hold_a_rule(target: &Resource, rule_call: Option<usize>) -> bool {
    let some = match &target.repeat {
        Repeat::One => true,
        Repeat::Count(n) => *n > 0,
        Repeat::Each(keys) => !keys.is_empty(),
    };
    some && target.call == rule_call && matches!(target.kind, Kind::Object | Kind::Network)
}

/// The reference of a rule names one object, whatever becomes of what it names.
pub(crate) const OF_A_RULE: Which = Which::Same;
