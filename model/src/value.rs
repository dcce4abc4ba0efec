//! Values: what expressions yield and what objects hold. Cheap to clone.
//!
//! A value is known, null or unknown, of some [`Type`]; it may be marked sensitive or ephemeral. `Eq` and `Ord` compare
//! representations (type, content and marks), which is what a diff wants; the language's `==` is in `src/eval`.

use crate::members::Members;
use crate::number::Number;
use crate::path::{Path, Step};
use crate::types::Type;
use std::fmt;
use std::sync::Arc;

/// Marks travel with a value through every operator and function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marks(u8);

impl Marks {
    /// No mark.
    pub const NONE: Self = Self(0);
    /// Never shown.
    pub const SENSITIVE: Self = Self(1);
    /// Never stored.
    pub const EPHEMERAL: Self = Self(2);

    /// Both sets of marks.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
    /// Without these marks.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
    /// Whether all of `other` is in here.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What is known about an unknown value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refinement {
    /// It will not be null.
    pub not_null: bool,
    /// A string that it begins with.
    pub prefix: Option<Arc<str>>,
    /// Least and greatest number, each with whether the bound itself is allowed.
    pub number_min: Option<(Number, bool)>,
    /// See `number_min`.
    pub number_max: Option<(Number, bool)>,
    /// Least length of a collection.
    pub length_min: Option<u64>,
    /// Greatest length of a collection.
    pub length_max: Option<u64>,
}

/// What a value is, marks apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Null of a type.
    Null(Type),
    /// Not known before apply.
    Unknown(Type, Option<Arc<Refinement>>),
    /// A bool.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string, in Unicode NFC.
    String(Arc<str>),
    /// A list and its element type.
    List(Type, Arc<[Value]>),
    /// A set and its element type; elements are in Terraform's set order, without duplicates.
    Set(Type, Arc<[Value]>),
    /// A map and its element type.
    Map(Type, Members),
    /// A tuple.
    Tuple(Arc<[Value]>),
    /// An object.
    Object(Members),
}

/// A value with its marks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    kind: Kind,
    marks: Marks,
    /// All marks of what is inside, which is asked far more often than values are made.
    inside: Marks,
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self::made(kind, Marks::NONE)
    }
}

/// Constructors.
impl Value {
    fn made(kind: Kind, marks: Marks) -> Self {
        let inside = match &kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => all_marks(vs.iter()),
            Kind::Map(_, m) | Kind::Object(m) => all_marks(m.values()),
            _ => Marks::NONE,
        };
        Self { kind, marks, inside }
    }
    /// Null of a type.
    pub fn null(ty: Type) -> Self {
        Kind::Null(ty).into()
    }
    /// Unknown of a type.
    pub fn unknown(ty: Type) -> Self {
        Kind::Unknown(ty, None).into()
    }
    /// Unknown of a type, with what is known about it. Where that leaves one possibility it is that: a number between
    /// two equal bounds, an empty collection, a list of so many unknown elements.
    pub fn refined(ty: Type, refinement: Refinement) -> Self {
        if ty == Type::Dynamic {
            return Self::unknown(ty);
        }
        if refinement.not_null
            && let Some(only) = only_possibility(&ty, &refinement)
        {
            return only;
        }
        let known = (refinement != Refinement::default()).then(|| Arc::new(refinement));
        Kind::Unknown(ty, known).into()
    }
    /// A bool.
    pub fn bool(b: bool) -> Self {
        Kind::Bool(b).into()
    }
    /// A number.
    pub fn number(n: impl Into<Number>) -> Self {
        Kind::Number(n.into()).into()
    }
    /// A string.
    pub fn string(s: impl Into<Arc<str>>) -> Self {
        Kind::String(s.into()).into()
    }
    /// A list; the elements must be of the element type already.
    pub fn list(element: Type, elements: impl Into<Arc<[Value]>>) -> Self {
        Kind::List(element, elements.into()).into()
    }
    /// A set: sorts, drops duplicates, and moves the elements' marks to the set, as Terraform does.
    pub fn set(element: Type, elements: Vec<Value>) -> Self {
        let mut marks = Marks::NONE;
        let mut plain = Vec::with_capacity(elements.len());
        for e in elements {
            let (e, m) = e.unmark_deep();
            marks = marks.union(m);
            plain.push(e);
        }
        plain.sort_by(crate::convert::set_order);
        // Two unknowns may become different values: only what is known counts as a duplicate.
        plain.dedup_by(|a, b| a == b && a.is_wholly_known());
        Self::made(Kind::Set(element, plain.into()), marks)
    }
    /// A map; the elements must be of the element type already.
    pub fn map(element: Type, elements: Members) -> Self {
        Kind::Map(element, elements).into()
    }
    /// A tuple.
    pub fn tuple(elements: impl Into<Arc<[Value]>>) -> Self {
        Kind::Tuple(elements.into()).into()
    }
    /// An object.
    pub fn object(attributes: Members) -> Self {
        Kind::Object(attributes).into()
    }
    /// With these marks added.
    #[must_use]
    pub fn mark(mut self, marks: Marks) -> Self {
        self.marks = self.marks.union(marks);
        self
    }
    /// Marked sensitive.
    #[must_use]
    pub fn sensitive(self) -> Self {
        self.mark(Marks::SENSITIVE)
    }
}

/// Questions.
impl Value {
    /// What it is, marks apart.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }
    /// Its own marks, not those of what is inside.
    pub fn marks(&self) -> Marks {
        self.marks
    }
    /// Its type.
    pub fn ty(&self) -> Type {
        match &self.kind {
            Kind::Null(t) | Kind::Unknown(t, _) => t.clone(),
            Kind::Bool(_) => Type::Bool,
            Kind::Number(_) => Type::Number,
            Kind::String(_) => Type::String,
            Kind::List(t, _) => Type::list(t.clone()),
            Kind::Set(t, _) => Type::set(t.clone()),
            Kind::Map(t, _) => Type::map(t.clone()),
            Kind::Tuple(vs) => Type::tuple(vs.iter().map(Value::ty).collect::<Vec<_>>()),
            Kind::Object(m) => Type::object(m.iter().map(|(k, v)| (k.clone(), v.ty())).collect()),
        }
    }
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null(_))
    }
    /// Whether it is known itself (its parts may not be).
    pub fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown(..))
    }
    /// Whether it and all its parts are known.
    pub fn is_wholly_known(&self) -> bool {
        match &self.kind {
            Kind::Unknown(..) => false,
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().all(Value::is_wholly_known),
            Kind::Map(_, m) | Kind::Object(m) => m.values().all(Value::is_wholly_known),
            _ => true,
        }
    }
    /// Whether it is marked sensitive itself.
    pub fn is_sensitive(&self) -> bool {
        self.marks.contains(Marks::SENSITIVE)
    }
    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(s) => Some(s),
            _ => None,
        }
    }
    /// A known bool.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(b) => Some(*b),
            _ => None,
        }
    }
    /// A known number.
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(n) => Some(n),
            _ => None,
        }
    }
    /// The elements of a known list, set or tuple.
    pub fn elements(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Some(vs),
            _ => None,
        }
    }
    /// The members of a known map or object.
    pub fn members(&self) -> Option<&Members> {
        match &self.kind {
            Kind::Map(_, m) | Kind::Object(m) => Some(m),
            _ => None,
        }
    }
    /// One attribute of a known object or element of a known map, with the marks of the whole added.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.members()?.get(name).map(|v| v.clone().mark(self.marks))
    }
    /// What stands at a path, with the marks on the way added. None where the path leads nowhere.
    pub fn at(&self, path: &Path) -> Option<Value> {
        path.0.iter().try_fold(self.clone(), |v, step| match step {
            Step::Attribute(name) | Step::Key(name) => v.get(name),
            Step::Index(i) => v.elements()?.get(*i).map(|e| e.clone().mark(v.marks)),
            Step::Element(e) => v.elements()?.contains(e).then(|| e.clone().mark(v.marks)),
        })
    }
}

/// Rebuilding.
impl Value {
    /// Without its own marks, and what they were.
    pub fn unmark(self) -> (Self, Marks) {
        let marks = self.marks;
        (Self { marks: Marks::NONE, ..self }, marks)
    }
    /// Without any mark in it, and the union of what there was.
    pub fn unmark_deep(self) -> (Self, Marks) {
        if !self.has_marks() {
            return (self, Marks::NONE);
        }
        let all = self.marks.union(self.inside);
        (self.transform(&mut |v| v.unmark().0), all)
    }
    /// Whether both are an object or a map that was made once, and so the same, whatever stands in it.
    pub fn is_shared_with(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Object(a), Kind::Object(b)) => self.marks == other.marks && a.is_shared_with(b),
            (Kind::Map(t, a), Kind::Map(u, b)) => self.marks == other.marks && t == u && a.is_shared_with(b),
            _ => false,
        }
    }
    /// Whether a mark stands anywhere in it.
    pub fn has_marks(&self) -> bool {
        !self.marks.union(self.inside).is_empty()
    }
    /// Rebuilds it from the inside out. A set's elements keep their order here; [`Value::set`] makes it anew if they change.
    #[must_use]
    pub fn transform(self, f: &mut impl FnMut(Value) -> Value) -> Self {
        fn inner(v: Value, f: &mut dyn FnMut(Value) -> Value) -> Value {
            let marks = v.marks;
            let kind = match v.kind {
                Kind::List(t, vs) => Kind::List(t, vs.iter().map(|e| inner(e.clone(), f)).collect()),
                Kind::Tuple(vs) => Kind::Tuple(vs.iter().map(|e| inner(e.clone(), f)).collect()),
                Kind::Set(t, vs) => {
                    let new: Vec<Value> = vs.iter().map(|e| inner(e.clone(), f)).collect();
                    let set = Value::set(t, new);
                    return f(set.mark(marks));
                }
                Kind::Map(t, m) => Kind::Map(t, m.iter().map(|(k, e)| (k.clone(), inner(e.clone(), f))).collect()),
                Kind::Object(m) => Kind::Object(m.iter().map(|(k, e)| (k.clone(), inner(e.clone(), f))).collect()),
                leaf => leaf,
            };
            f(Value::made(kind, marks))
        }
        inner(self, f)
    }
    /// This object or map with one member replaced or added.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        let marks = self.marks;
        let kind = match self.kind {
            Kind::Map(t, m) => Kind::Map(t, m.with(name, value)),
            Kind::Object(m) => Kind::Object(m.with(name, value)),
            other => other,
        };
        Self::made(kind, marks)
    }
    /// The paths of all parts marked with `marks` (outermost only).
    pub fn marked_paths(&self, marks: Marks) -> Vec<Path> {
        fn walk(v: &Value, marks: Marks, at: &mut Path, out: &mut Vec<Path>) {
            if v.marks.contains(marks) {
                out.push(at.clone());
                return;
            }
            if v.inside.is_empty() {
                return;
            }
            let mut step = |s: Step, v: &Value| {
                at.0.push(s);
                walk(v, marks, at, out);
                at.0.pop();
            };
            match &v.kind {
                Kind::List(_, vs) | Kind::Tuple(vs) => vs.iter().enumerate().for_each(|(i, e)| step(Step::Index(i), e)),
                Kind::Set(_, vs) => vs.iter().for_each(|e| step(Step::Element(e.clone()), e)),
                Kind::Map(_, m) => m.iter().for_each(|(k, e)| step(Step::Key(k.clone()), e)),
                Kind::Object(m) => m.iter().for_each(|(k, e)| step(Step::Attribute(k.clone()), e)),
                _ => {}
            }
        }
        let mut out = Vec::new();
        if self.has_marks() {
            walk(self, marks, &mut Path::root(), &mut out);
        }
        out
    }
    /// With `marks` added at each path that leads somewhere.
    #[must_use]
    pub fn mark_at(self, paths: &[Path], marks: Marks) -> Self {
        paths.iter().fold(self, |v, path| mark_path(v, &path.0, marks))
    }
}

/// The one value that what is known allows of something that is not null, if there is one.
fn only_possibility(ty: &Type, known: &Refinement) -> Option<Value> {
    if let (Some((min, true)), Some((max, true))) = (&known.number_min, &known.number_max)
        && min == max
    {
        return Some(Value::number(min.clone()));
    }
    let length = known.length_min.filter(|min| known.length_max == Some(*min))?;
    let unknowns = |t: &Type| vec![Value::unknown(t.clone()); usize::try_from(length).unwrap_or(0)];
    match (ty, length) {
        (Type::Map(t), 0) => Some(Value::map((**t).clone(), Members::default())),
        (Type::Set(t), 0 | 1) => Some(Value::set((**t).clone(), unknowns(t))),
        (Type::List(t), _) => Some(Value::list((**t).clone(), unknowns(t))),
        _ => None,
    }
}

fn mark_path(v: Value, steps: &[Step], marks: Marks) -> Value {
    let Some((first, rest)) = steps.split_first() else { return v.mark(marks) };
    let own = v.marks;
    let nth = |vs: Arc<[Value]>, n: usize| -> Arc<[Value]> {
        vs.iter().enumerate().map(|(i, e)| if i == n { mark_path(e.clone(), rest, marks) } else { e.clone() }).collect()
    };
    let named = |m: Members, name: &str| match m.get(name).cloned() {
        Some(e) => m.with(name, mark_path(e, rest, marks)),
        None => m,
    };
    let kind = match (v.kind, first) {
        (Kind::List(t, vs), Step::Index(n)) => Kind::List(t, nth(vs, *n)),
        (Kind::Tuple(vs), Step::Index(n)) => Kind::Tuple(nth(vs, *n)),
        (Kind::Map(t, m), Step::Key(k) | Step::Attribute(k)) => Kind::Map(t, named(m, k)),
        (Kind::Object(m), Step::Key(k) | Step::Attribute(k)) => Kind::Object(named(m, k)),
        // A set cannot hold marked elements: the whole set carries the mark.
        (kind @ Kind::Set(..), _) => return Value::made(kind, own.union(marks)),
        (kind, _) => kind,
    };
    Value::made(kind, own)
}

fn all_marks<'v>(values: impl Iterator<Item = &'v Value>) -> Marks {
    values.fold(Marks::NONE, |all, v| all.union(v.marks).union(v.inside))
}

/// Never shows what is marked.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.marks.is_empty() {
            return f.write_str(if self.is_sensitive() { "(sensitive)" } else { "(ephemeral)" });
        }
        match &self.kind {
            Kind::Null(_) => f.write_str("null"),
            Kind::Unknown(t, _) => write!(f, "(unknown {t})"),
            Kind::Bool(b) => write!(f, "{b}"),
            Kind::Number(n) => write!(f, "{n}"),
            Kind::String(s) => write!(f, "{s:?}"),
            Kind::List(_, vs) | Kind::Tuple(vs) => f.debug_list().entries(vs.iter()).finish(),
            Kind::Set(_, vs) => f.debug_set().entries(vs.iter()).finish(),
            Kind::Map(_, m) | Kind::Object(m) => f.debug_map().entries(m.iter()).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Marks, Value};
    use crate::{Path, Step, Type};
    use std::sync::Arc;

    /// All marks that stand in a value, looked for one by one.
    fn marks_in(value: &Value) -> Marks {
        let inside: Vec<&Value> = match value.kind() {
            Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => vs.iter().collect(),
            Kind::Map(_, m) | Kind::Object(m) => m.values().collect(),
            _ => Vec::new(),
        };
        inside.into_iter().fold(value.marks(), |all, v| all.union(marks_in(v)))
    }

    #[test]
    fn marks_inside_are_known_whatever_a_value_is_made_of() {
        let text = || Value::string("a");
        let object = |inner: Value| Value::object([(Arc::from("a"), inner), (Arc::from("b"), text())].into());
        let made = [
            object(text()),
            object(text().sensitive()),
            object(object(text().sensitive())).mark(Marks::EPHEMERAL),
            object(text()).with("a", text().mark(Marks::EPHEMERAL)),
            object(text().sensitive()).with("a", text()),
            object(text()).mark_at(&[Path(vec![Step::Attribute(Arc::from("b"))])], Marks::SENSITIVE),
            Value::list(Type::String, vec![text(), text().sensitive()]),
            Value::set(Type::String, vec![text().sensitive()]),
            Value::tuple(vec![object(text().sensitive())]).transform(&mut |v| v.unmark().0),
            object(text()).transform(&mut |v| if v.as_str().is_some() { v.sensitive() } else { v }),
            object(text().sensitive()).sensitive().unmark().0,
        ];
        for value in made {
            let (plain, all) = value.clone().unmark_deep();
            assert_eq!((all, !all.is_empty()), (marks_in(&value), value.has_marks()));
            assert_eq!((marks_in(&plain), plain.has_marks()), (Marks::NONE, false));
        }
    }
}
