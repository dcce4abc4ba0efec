//! What differs between two values, as a tree that can be drawn.

use super::sequence::{self, Edit};
use levee_model::{Action, Kind, Path, Step, Value, json};
use std::sync::Arc;

/// One place in a value.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What happens to it: no-op, create, update or delete.
    pub(crate) action: Action,
    /// Whether it is what forces a replacement.
    pub(crate) forces: bool,
    /// What is there.
    pub(crate) body: Body,
}

/// What is there, before and after.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    /// A bool, number, string or null.
    Leaf(Leaf, Leaf),
    /// Something that must not be shown; a note when that is new, or no longer so.
    Sensitive(Option<&'static str>),
    /// Not known before apply; what it was.
    Unknown(Option<Box<Node>>),
    /// An object, or a map if its keys are quoted.
    Members { entries: Vec<(Arc<str>, Node)>, quoted: bool },
    /// A list or tuple (neighbours of a change are shown), or a set (they are not).
    Elements { nodes: Vec<Node>, ordered: bool },
    /// A string that holds JSON.
    Json { inside: Box<Node>, whitespace_only: bool },
    /// It becomes something of another shape.
    Reshaped(Box<Node>, Box<Node>),
    /// The inside of a block: its attributes and its nested blocks, each type with its labels.
    Block { attributes: Vec<(Arc<str>, Node)>, blocks: Vec<Blocks> },
}

/// The nested blocks of one type.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    /// The type.
    pub(crate) name: Arc<str>,
    /// Each with its label, if it has one.
    pub(crate) nodes: Vec<(Option<Arc<str>>, Node)>,
}

/// What can be written on one line, or as a text of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    Absent,
    Text(Arc<str>),
    Literal(String),
}

pub(crate) const BECOMES_SENSITIVE: &str = "it becomes sensitive and will no longer be shown";
pub(crate) const NO_LONGER_SENSITIVE: &str = "it is no longer sensitive and will be shown from now on";

/// Compares what stands at `at`; `forced` are the paths that force a replacement.
pub(crate) fn compare(before: Option<&Value>, after: Option<&Value>, at: &Path, forced: &[Path]) -> Node {
    let (before, after) = (present(before), present(after));
    let action = action(before, after);
    let forces = forced.contains(at);
    let is_secret = |v: Option<&Value>| v.is_some_and(Value::is_sensitive);
    let body = if is_secret(before) || is_secret(after) {
        Body::Sensitive(sensitive_note(before, after))
    } else if let Some(unknown) = after
        && !unknown.is_known()
    {
        Body::Unknown(before.map(|b| Box::new(compare(Some(b), None, at, &[]))))
    } else {
        body(before, after, at, forced)
    };
    Node { action, forces, body }
}

/// The place of a part of what stands at `at`. Where nothing is forced nobody asks for it, and it is not made.
pub(crate) fn place(at: &Path, step: impl FnOnce() -> Step, forced: &[Path]) -> Path {
    if forced.is_empty() { Path::root() } else { at.then(step()) }
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|v| !v.is_null())
}

fn action(before: Option<&Value>, after: Option<&Value>) -> Action {
    match (before, after) {
        (None, None) => Action::NoOp,
        (None, Some(_)) => Action::Create,
        (Some(_), None) => Action::Delete,
        (Some(b), Some(a)) if b == a => Action::NoOp,
        _ => Action::Update,
    }
}

/// Only when the mark alone changes: then the reader would otherwise see an update without a cause.
fn sensitive_note(before: Option<&Value>, after: Option<&Value>) -> Option<&'static str> {
    let (b, a) = (before?, after?);
    match (b.is_sensitive(), a.is_sensitive()) {
        (false, true) => Some(BECOMES_SENSITIVE),
        (true, false) => Some(NO_LONGER_SENSITIVE),
        _ => None,
    }
}

fn body(before: Option<&Value>, after: Option<&Value>, at: &Path, forced: &[Path]) -> Body {
    let shape = |v: Option<&Value>| v.map(Shape::of);
    let one = match (shape(before), shape(after)) {
        (Some(b), Some(a)) if b != a => {
            let old = compare(before, None, at, &[]);
            let new = compare(None, after, at, &[]);
            return Body::Reshaped(Box::new(old), Box::new(new));
        }
        (b, a) => a.or(b),
    };
    match one {
        None => Body::Leaf(Leaf::Absent, Leaf::Absent),
        Some(Shape::Leaf) => Body::Leaf(leaf(before), leaf(after)),
        Some(Shape::Json) => json_text(before, after),
        Some(Shape::Members) => members(before, after, at, forced),
        Some(Shape::Set) => set(before, after, at, forced),
        Some(Shape::List) => list(before, after, at, forced),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Leaf,
    Json,
    Members,
    Set,
    List,
}

impl Shape {
    fn of(value: &Value) -> Self {
        match value.kind() {
            Kind::String(text) if parse_json(text).is_some() => Self::Json,
            Kind::Map(..) | Kind::Object(_) => Self::Members,
            Kind::Set(..) => Self::Set,
            Kind::List(..) | Kind::Tuple(_) => Self::List,
            _ => Self::Leaf,
        }
    }
}

fn leaf(value: Option<&Value>) -> Leaf {
    match value.map(Value::kind) {
        None | Some(Kind::Null(_)) => Leaf::Absent,
        Some(Kind::String(text)) => Leaf::Text(text.clone()),
        Some(Kind::Bool(b)) => Leaf::Literal(b.to_string()),
        Some(Kind::Number(n)) => Leaf::Literal(n.to_string()),
        Some(_) => Leaf::Literal("(known after apply)".into()),
    }
}

/// Only objects and arrays are worth drawing as JSON: any number is JSON too.
fn parse_json(text: &str) -> Option<Value> {
    let start = text.trim_start();
    if !start.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok().map(|j| json::from_json_dynamic(&j))
}

fn json_text(before: Option<&Value>, after: Option<&Value>) -> Body {
    let parse = |v: Option<&Value>| v.and_then(Value::as_str).and_then(parse_json);
    let (b, a) = (parse(before), parse(after));
    let whitespace_only = b.is_some() && b == a && before != after;
    // JSON's null is content, unlike an attribute's null, but nothing is lost by not drawing it.
    let inside = compare(b.as_ref(), a.as_ref(), &Path::root(), &[]);
    Body::Json { inside: Box::new(inside), whitespace_only }
}

fn members(before: Option<&Value>, after: Option<&Value>, at: &Path, forced: &[Path]) -> Body {
    let quoted = after.or(before).is_some_and(|v| matches!(v.kind(), Kind::Map(..)));
    let of = |v: Option<&Value>| v.and_then(Value::members).into_iter().flat_map(|m| m.keys().cloned()).collect::<Vec<_>>();
    let mut keys = of(before);
    keys.extend(of(after));
    keys.sort();
    keys.dedup();
    let entry = |key: Arc<str>| {
        let part = |v: Option<&Value>| v.and_then(|v| v.get(&key));
        let (b, a) = (part(before), part(after));
        let absent = present(b.as_ref()).is_none() && present(a.as_ref()).is_none();
        let step = if quoted { Step::Key(key.clone()) } else { Step::Attribute(key.clone()) };
        (!absent).then(|| (key, compare(b.as_ref(), a.as_ref(), &at.then(step), forced)))
    };
    Body::Members { entries: keys.into_iter().filter_map(entry).collect(), quoted }
}

fn set(before: Option<&Value>, after: Option<&Value>, at: &Path, forced: &[Path]) -> Body {
    let of = |v: Option<&'_ Value>| v.and_then(Value::elements).unwrap_or_default().to_vec();
    let (b, a) = (of(before), of(after));
    let node = |b: Option<&Value>, a: Option<&Value>| {
        let element = b.or(a).cloned();
        compare(b, a, &at.then(element.map_or(Step::Index(0), Step::Element)), forced)
    };
    // Sets may be large: both are sorted into one tree rather than compared element by element.
    let new: std::collections::BTreeSet<&Value> = a.iter().collect();
    let old: std::collections::BTreeSet<&Value> = b.iter().collect();
    let mut nodes: Vec<Node> = b.iter().map(|e| node(Some(e), new.contains(e).then_some(e))).collect();
    nodes.extend(a.iter().filter(|e| !old.contains(e)).map(|e| node(None, Some(e))));
    Body::Elements { nodes, ordered: false }
}

fn list(before: Option<&Value>, after: Option<&Value>, at: &Path, forced: &[Path]) -> Body {
    let of = |v: Option<&'_ Value>| v.and_then(Value::elements).unwrap_or_default().to_vec();
    let (b, a) = (of(before), of(after));
    let tuples = [before, after].iter().all(|v| v.is_some_and(|v| matches!(v.kind(), Kind::Tuple(_))));
    // A tuple's places have meanings of their own, and objects keep theirs while their parts change.
    let positional = tuples && b.len() == a.len();
    let alike = |x: &Value, y: &Value| positional || (x.ty().is_collection() && Shape::of(x) == Shape::of(y));
    let nodes = sequence::edits(&b, &a, alike)
        .into_iter()
        .map(|edit| {
            let (i, j) = match edit {
                Edit::Keep(i, j) | Edit::Change(i, j) => (Some(i), Some(j)),
                Edit::Remove(i) => (Some(i), None),
                Edit::Insert(j) => (None, Some(j)),
            };
            let place = at.then(Step::Index(j.or(i).unwrap_or_default()));
            element(i.map(|i| &b[i]), j.map(|j| &a[j]), &place, forced)
        })
        .collect();
    Body::Elements { nodes, ordered: true }
}

/// An element that is null is there all the same, unlike an attribute that is null.
fn element(before: Option<&Value>, after: Option<&Value>, at: &Path, forced: &[Path]) -> Node {
    let is_null = |v: Option<&Value>| v.is_some_and(|v| v.is_null() && !v.is_sensitive());
    if !is_null(before) && !is_null(after) {
        return compare(before, after, at, forced);
    }
    let written = |v: Option<&Value>| if is_null(v) { Leaf::Literal("null".into()) } else { leaf(v) };
    let action = match (before, after) {
        (None, _) => Action::Create,
        (_, None) => Action::Delete,
        (b, a) if b == a => Action::NoOp,
        _ => Action::Update,
    };
    if action == Action::Update && [before, after].iter().flatten().any(|v| v.ty().is_collection() || v.is_sensitive()) {
        return compare(before, after, at, forced);
    }
    Node { action, forces: forced.contains(at), body: Body::Leaf(written(before), written(after)) }
}
