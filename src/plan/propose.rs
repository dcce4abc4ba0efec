//! What an object is proposed to be: the configuration, over defaults, over what is there.

use levee_model::members::InOrder;
use levee_model::{Kind, Members, Path, Step, Type, Value};
use levee_sdk::equality;
use levee_sdk::schema::{Attribute, Block, NestedBlock, Nesting};
use std::sync::Arc;

/// Merges `config` (an object of the block's type, null where it says nothing) with `prior`.
///
/// What the provider computes keeps its prior value, and is unknown where there is none. A configured value that means
/// the same as the prior one keeps the prior spelling, so that it is no difference. Values are expected without marks.
pub fn propose(block: &Block, prior: Option<&Value>, config: &Value) -> Value {
    let mut out = Vec::with_capacity(block.attributes.len() + block.blocks.len());
    let (mut before, mut written) = (prior.and_then(members_in_order), members_in_order(config));
    let mut changed = false;
    let mut add = |before: Option<&Value>, proposed: Value| {
        changed |= before != Some(&proposed);
        out.push(proposed);
    };
    for (name, attribute) in &block.attributes {
        let before = before.as_mut().and_then(|members| members.get(name));
        let wanted = written.as_mut().and_then(|members| members.get(name));
        add(before, propose_attribute(attribute, before, wanted));
    }
    for (name, nested) in &block.blocks {
        let before = before.as_mut().and_then(|members| members.get(name));
        let wanted = written.as_mut().and_then(|members| members.get(name)).cloned().unwrap_or_else(|| empty(nested));
        add(before, propose_nested(nested, before.cloned(), wanted));
    }
    match prior {
        // Whoever compares the two then sees at once that they are one.
        Some(prior) if !changed && prior.members().is_some_and(|members| members.len() == out.len()) => prior.clone(),
        _ => Value::object(block.attributes.keys().chain(block.blocks.keys()).cloned().zip(out).collect()),
    }
}

fn members_in_order(value: &Value) -> Option<InOrder<'_>> {
    value.members().map(Members::in_order)
}

fn propose_attribute(attribute: &Attribute, before: Option<&Value>, wanted: Option<&Value>) -> Value {
    if attribute.write_only {
        return Value::null(attribute.ty.clone());
    }
    if let Some(wanted) = wanted.filter(|wanted| !wanted.is_null()) {
        return before.filter(|before| same(attribute, before, wanted)).unwrap_or(wanted).clone();
    }
    if let Some(default) = &attribute.default {
        return default.clone();
    }
    if attribute.computed {
        return before.cloned().unwrap_or_else(|| Value::unknown(attribute.ty.clone()));
    }
    Value::null(attribute.ty.clone())
}

/// Whether two values of an attribute mean the same.
pub fn same(attribute: &Attribute, a: &Value, b: &Value) -> bool {
    a == b || equality::equal(attribute.equality, a, b) || (holds_objects(&attribute.ty) && without_zeroes(a) == without_zeroes(b))
}

/// Attributes that are collections of objects may be written as blocks, where an argument that is left out and its zero
/// value are the same thing.
fn holds_objects(ty: &Type) -> bool {
    ty.element().is_some_and(|e| matches!(e, Type::Object(_)))
}

fn without_zeroes(value: &Value) -> Value {
    value.clone().transform(&mut |v| {
        let zero = match v.kind() {
            Kind::String(s) => s.is_empty(),
            Kind::Bool(b) => !b,
            Kind::Number(n) => n.as_i64() == Some(0),
            Kind::List(_, vs) | Kind::Set(_, vs) => vs.is_empty(),
            Kind::Map(_, m) => m.is_empty(),
            _ => false,
        };
        if zero { Value::null(v.ty()) } else { v }
    })
}

fn empty(nested: &NestedBlock) -> Value {
    let element = nested.block.ty();
    match nested.nesting {
        Nesting::Single | Nesting::Group => Value::null(element),
        Nesting::List => Value::list(element, Vec::new()),
        Nesting::Set => Value::set(element, Vec::new()),
        Nesting::Map => Value::map(element, Members::default()),
    }
}

fn propose_nested(nested: &NestedBlock, before: Option<Value>, wanted: Value) -> Value {
    if !wanted.is_known() {
        return wanted;
    }
    let block = &nested.block;
    if nested.computed && is_empty(&wanted) {
        return before.unwrap_or_else(|| Value::unknown(nested.ty()));
    }
    let before = before.filter(|b| !b.is_null() && b.is_known());
    match nested.nesting {
        Nesting::Single | Nesting::Group if wanted.is_null() => wanted,
        Nesting::Single | Nesting::Group => propose(block, before.as_ref(), &wanted),
        Nesting::List => {
            let olds = before.as_ref().and_then(Value::elements).unwrap_or(&[]);
            let news = wanted.elements().unwrap_or(&[]).iter().enumerate();
            Value::list(block.ty(), news.map(|(i, w)| propose(block, olds.get(i), w)).collect::<Vec<_>>())
        }
        Nesting::Set => propose_set(block, before.as_ref(), &wanted),
        Nesting::Map => {
            let old = |key: &Arc<str>| before.as_ref().and_then(|b| b.get(key));
            let news = wanted.members().into_iter().flatten();
            Value::map(block.ty(), news.map(|(k, w)| (k.clone(), propose(block, old(k).as_ref(), w))).collect())
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.elements().is_some_and(<[Value]>::is_empty)
}

/// Elements of a set have no key: a new element goes on from the first old one that agrees with all that it says.
fn propose_set(block: &Block, before: Option<&Value>, wanted: &Value) -> Value {
    let mut olds: Vec<&Value> = before.and_then(Value::elements).unwrap_or(&[]).iter().collect();
    let mut out = Vec::new();
    for w in wanted.elements().unwrap_or(&[]) {
        let found = olds.iter().position(|old| agrees(block, old, w));
        let old = found.map(|i| olds.remove(i));
        out.push(propose(block, old, w));
    }
    Value::set(block.ty(), out)
}

fn agrees(block: &Block, old: &Value, wanted: &Value) -> bool {
    let proposed = propose(block, Some(old), wanted);
    changes(block, old, &proposed).is_empty()
}

/// One place where two objects differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub path: Path,
    /// Whether the schema says that it cannot be changed in place.
    pub force_new: bool,
}

/// Where `planned` differs from `prior` in meaning. Values are expected without marks.
pub fn changes(block: &Block, prior: &Value, planned: &Value) -> Vec<Difference> {
    let mut out = Vec::new();
    if prior == planned {
        return out;
    }
    collect(block, prior, planned, &Path::root(), &mut out);
    out
}

fn collect(block: &Block, prior: &Value, planned: &Value, at: &Path, out: &mut Vec<Difference>) {
    let (mut olds, mut news) = (members_in_order(prior), members_in_order(planned));
    let mut pair = |name| (olds.as_mut().and_then(|m| m.get(name)), news.as_mut().and_then(|m| m.get(name)));
    for (name, attribute) in &block.attributes {
        let (a, b) = pair(name);
        if a == b || attribute.write_only {
            continue;
        }
        let equal = matches!((a, b), (Some(a), Some(b)) if same(attribute, a, b));
        if !equal {
            out.push(Difference { path: at.then(Step::Attribute(name.clone())), force_new: attribute.force_new });
        }
    }
    for (name, nested) in &block.blocks {
        let (a, b) = pair(name);
        if a != b {
            collect_nested(nested, a, b, &at.then(Step::Attribute(name.clone())), out);
        }
    }
}

fn collect_nested(nested: &NestedBlock, a: Option<&Value>, b: Option<&Value>, at: &Path, out: &mut Vec<Difference>) {
    let whole = |out: &mut Vec<Difference>| {
        let force_new = nested.force_new || nested.block.attributes.values().any(|x| x.force_new && !x.computed);
        out.push(Difference { path: at.clone(), force_new });
    };
    let first = out.len();
    match (a, b, nested.nesting) {
        (Some(a), Some(b), Nesting::Single | Nesting::Group) if a.members().is_some() && b.members().is_some() => {
            collect(&nested.block, a, b, at, out);
        }
        (Some(a), Some(b), Nesting::List) if a.elements().map(<[_]>::len) == b.elements().map(<[_]>::len) && b.is_known() => {
            let pairs = a.elements().unwrap_or(&[]).iter().zip(b.elements().unwrap_or(&[]));
            for (i, (x, y)) in pairs.enumerate() {
                collect(&nested.block, x, y, &at.then(Step::Index(i)), out);
            }
        }
        (Some(a), Some(b), Nesting::Map)
            if a.members().map(|m| m.keys().collect::<Vec<_>>()) == b.members().map(|m| m.keys().collect()) =>
        {
            for (key, x) in a.members().into_iter().flatten() {
                let y = b.get(key).unwrap_or_else(|| Value::null(Type::Dynamic));
                collect(&nested.block, x, &y, &at.then(Step::Key(key.clone())), out);
            }
        }
        (None, Some(b), _) if is_empty(b) => {}
        (Some(a), None, _) if is_empty(a) => {}
        (Some(a), Some(b), _) if is_empty(a) && is_empty(b) => {}
        _ => whole(out),
    }
    if nested.force_new {
        out[first..].iter_mut().for_each(|d| d.force_new = true);
    }
}

/// The paths of everything that the schema marks sensitive in an object.
pub fn sensitive_paths(block: &Block, value: &Value) -> Vec<Path> {
    let mut out = Vec::new();
    collect_sensitive(block, value, &Path::root(), &mut out);
    out
}

fn collect_sensitive(block: &Block, value: &Value, at: &Path, out: &mut Vec<Path>) {
    for (name, attribute) in &block.attributes {
        let nested = attribute.nested.as_ref().filter(|nested| nested.attributes.values().any(|a| a.sensitive));
        // Most hide nothing, and no path is made for those.
        if !attribute.sensitive && attribute.secrets.is_none() && nested.is_none() {
            continue;
        }
        let Some(inner) = value.get(name).filter(|v| !v.is_null()) else { continue };
        let at = at.then(Step::Attribute(name.clone()));
        match (nested, attribute.secrets) {
            _ if attribute.sensitive => out.push(at),
            (_, Some(secrets)) => {
                let inside = secrets(&inner.unmark().0).into_iter();
                out.extend(inside.map(|path| path.0.into_iter().fold(at.clone(), |at, step| at.then(step))));
            }
            (Some(nested), _) => {
                let inside = Block { attributes: nested.attributes.clone(), blocks: std::collections::BTreeMap::new() };
                collect_nested_sensitive(nested.nesting, &inside, &inner, &at, out);
            }
            (None, None) => {}
        }
    }
    for (name, nested) in &block.blocks {
        if let Some(inner) = value.get(name) {
            collect_nested_sensitive(nested.nesting, &nested.block, &inner, &at.then(Step::Attribute(name.clone())), out);
        }
    }
}

fn collect_nested_sensitive(nesting: Nesting, block: &Block, inner: &Value, at: &Path, out: &mut Vec<Path>) {
    match nesting {
        Nesting::Single | Nesting::Group => collect_sensitive(block, inner, at, out),
        Nesting::List => {
            for (i, e) in inner.elements().unwrap_or(&[]).iter().enumerate() {
                collect_sensitive(block, e, &at.then(Step::Index(i)), out);
            }
        }
        Nesting::Set => {
            for e in inner.elements().unwrap_or(&[]) {
                collect_sensitive(block, e, &at.then(Step::Element(e.clone())), out);
            }
        }
        Nesting::Map => {
            for (k, e) in inner.members().into_iter().flatten() {
                collect_sensitive(block, e, &at.then(Step::Key(k.clone())), out);
            }
        }
    }
}

/// Marks what the schema says is sensitive.
pub fn with_schema_marks(block: &Block, value: Value) -> Value {
    let paths = sensitive_paths(block, &value);
    value.mark_at(&paths, levee_model::Marks::SENSITIVE)
}

#[cfg(test)]
mod tests;
