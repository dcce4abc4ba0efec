//! Names, attributes, indexes and splats.

use super::expression::{Evaluator, dynamic};
use super::refine::{definitely_not_null, length_bounds};
use crate::config::expr::{Expr, Reference, Splat, Subject, TraversalStep};
use levee_model::convert::convert;
use levee_model::{Diagnostic, InstanceKey, Kind, Marks, Refinement, Type, Value};

impl Evaluator<'_> {
    pub(super) fn reference(&mut self, r: &Reference) -> Value {
        let (found, rest) = match &r.subject {
            Subject::Bound { slot, .. } => {
                let value = self.bound.get(*slot as usize).cloned().unwrap_or_else(dynamic);
                (Ok(value), &*r.steps)
            }
            Subject::Resource { mode, type_name, name } => {
                let (key, rest) = self.instance_key(&r.steps);
                (self.scope.resource(*mode, type_name, name, key.as_ref(), r.span), rest)
            }
            Subject::Module(name) => {
                let (key, rest) = self.instance_key(&r.steps);
                match rest.split_first() {
                    Some((TraversalStep::Attr { name: output, span }, after)) => {
                        (self.scope.module(name, key.as_ref(), Some(output), *span), after)
                    }
                    _ => (self.scope.module(name, key.as_ref(), None, r.span), rest),
                }
            }
            subject => (self.scope.root(subject, r.span), &*r.steps),
        };
        match found {
            Ok(value) => self.steps(value, rest),
            Err(diagnostic) => {
                self.report(diagnostic.at_if_none(Some(r.span)));
                dynamic()
            }
        }
    }

    /// The instance that the first step picks, when it is an index that is known, and the other steps.
    fn instance_key<'a>(&mut self, steps: &'a [TraversalStep]) -> (Option<InstanceKey>, &'a [TraversalStep]) {
        let Some((TraversalStep::Index { key, .. }, rest)) = steps.split_first() else { return (None, steps) };
        let (value, diags) = self.isolated(|e| e.eval(key));
        if diags.has_errors() || !value.marks().is_empty() {
            return (None, steps);
        }
        let key = match value.kind() {
            Kind::String(s) => Some(InstanceKey::Str(s.clone())),
            Kind::Number(n) => n.as_u64().map(InstanceKey::Int),
            _ => None,
        };
        match key {
            Some(key) => (Some(key), rest),
            None => (None, steps),
        }
    }

    pub(super) fn steps(&mut self, mut value: Value, steps: &[TraversalStep]) -> Value {
        for step in steps {
            let before = self.errors;
            let result = match step {
                TraversalStep::Attr { name, span } => attribute(&value, name).map_err(|d| d.at(*span)),
                TraversalStep::Index { key, span } => {
                    let key = self.eval(key);
                    if self.errors > before {
                        return dynamic();
                    }
                    index(&value, &key).map_err(|d| d.at(*span))
                }
            };
            value = match result {
                Ok(value) => value,
                Err(mut diagnostic) => {
                    if let (TraversalStep::Index { key, .. }, false) = (step, self.quiet) {
                        diagnostic.values = self.key_values(key);
                    }
                    self.report(diagnostic);
                    return dynamic();
                }
            };
        }
        value
    }

    fn key_values(&mut self, key: &Expr) -> Vec<(String, String)> {
        let references = key.references();
        let mut out = Vec::new();
        for r in references {
            let (value, diags) = self.isolated(|e| e.reference(r));
            if !diags.has_errors() {
                out.push((r.to_string(), super::show::show(&value)));
            }
        }
        out
    }

    pub(super) fn splat(&mut self, splat: &Splat) -> Value {
        let before = self.errors;
        let source = self.eval(&splat.source);
        if self.errors > before {
            return dynamic();
        }
        let single = !matches!(source.ty(), Type::Tuple(_) | Type::List(_) | Type::Set(_));
        let marks = source.marks();
        if source.is_null() {
            if single {
                return Value::tuple(Vec::new()).mark(marks);
            }
            let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
            self.fail(&splat.source, splat.marker, "Splat of null value", detail);
            return dynamic();
        }
        if source.ty() == Type::Dynamic {
            return dynamic().mark(marks);
        }
        let (source, marks) = source.unmark();
        if single {
            let there = definitely_not_null(&source);
            let each = self.with_bound(splat.slot, [source], |e| e.eval(&splat.each));
            return if there { Value::tuple(vec![each]) } else { dynamic() }.mark(marks);
        }
        self.splat_sequence(splat, &source).mark(marks)
    }

    fn splat_sequence(&mut self, splat: &Splat, source: &Value) -> Value {
        let is_list = !matches!(source.ty(), Type::Tuple(_));
        let Some(elements) = source.elements() else {
            let ty = self.splat_type(splat, &source.ty());
            let (least, most) = length_bounds(source);
            let lengths = is_list && ty != Type::Dynamic;
            let known = Refinement {
                not_null: ty != Type::Dynamic,
                length_min: Some(least).filter(|n| lengths && *n > 0),
                length_max: most.filter(|_| lengths),
                ..Refinement::default()
            };
            return Value::refined(ty, known);
        };
        let before = self.errors;
        let values: Vec<Value> = elements.iter().map(|v| self.with_bound(splat.slot, [v.clone()], |e| e.eval(&splat.each))).collect();
        if self.errors > before {
            // Whatever is wrong with the elements was told already.
            return Value::unknown(self.isolated(|e| e.splat_type(splat, &source.ty())).0);
        }
        if !is_list {
            return Value::tuple(values);
        }
        match values.first() {
            None => {
                let ty = self.splat_type(splat, &source.ty());
                Value::list(ty.element().cloned().unwrap_or(Type::Dynamic), Vec::new())
            }
            Some(first) => {
                let ty = first.ty();
                if values.iter().all(|v| v.ty() == ty) { Value::list(ty, values) } else { Value::tuple(values) }
            }
        }
    }

    /// The type that a splat over a sequence of this type has.
    fn splat_type(&mut self, splat: &Splat, source: &Type) -> Type {
        let mut one = |ty: &Type| {
            let unknown = Value::unknown(ty.clone());
            self.with_bound(splat.slot, [unknown], |e| e.eval(&splat.each)).ty()
        };
        match source {
            Type::List(t) | Type::Set(t) => Type::list(one(t)),
            Type::Tuple(ts) => Type::tuple(ts.iter().map(one).collect::<Vec<_>>()),
            _ => Type::Dynamic,
        }
    }
}

/// A value and steps after it whose keys are constants.
///
/// # Errors
/// When the value, or what a step yields, has no such attribute or element.
pub fn constant_steps(value: Value, steps: &[TraversalStep]) -> Result<Value, Diagnostic> {
    steps.iter().try_fold(value, |value, step| match step {
        TraversalStep::Attr { name, span } => attribute(&value, name).map_err(|d| d.at(*span)),
        TraversalStep::Index { key, span } => match key.as_literal() {
            Some(key) => index(&value, key).map_err(|d| d.at(*span)),
            None => Ok(dynamic()),
        },
    })
}

fn error(summary: &str, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error(summary, detail)
}

/// `value.name`
pub(super) fn attribute(value: &Value, name: &str) -> Result<Value, Diagnostic> {
    const UNSUPPORTED: &str = "Unsupported attribute";
    if value.is_null() {
        return Err(error("Attempt to get attribute from null value", "This value is null, so it does not have any attributes."));
    }
    if let Some(found) = value.get(name) {
        return Ok(found);
    }
    let marks = value.marks();
    let ty = value.ty();
    match &ty {
        Type::Object(o) => match o.attributes.get(name) {
            Some(ty) => Ok(Value::unknown(ty.clone()).mark(marks)),
            None => Err(error(UNSUPPORTED, format!("This object does not have an attribute named {name:?}."))),
        },
        Type::Map(t) if !value.is_known() => Ok(Value::unknown((**t).clone()).mark(marks)),
        Type::Map(_) => Err(error("Missing map element", format!("This map does not have an element with the key {name:?}."))),
        Type::Dynamic => Ok(dynamic().mark(marks)),
        Type::List(t) if matches!(**t, Type::Object(_)) => Err(error(
            UNSUPPORTED,
            format!(
                "Can't access attributes on a list of objects. Did you mean to access attribute {name:?} for a specific element of the list, or across all elements of the list?"
            ),
        )),
        Type::Set(t) if matches!(**t, Type::Object(_)) => Err(error(
            UNSUPPORTED,
            format!(
                "Can't access attributes on a set of objects. Did you mean to access attribute {name:?} across all elements of the set?"
            ),
        )),
        ty if ty.is_primitive() => {
            Err(error(UNSUPPORTED, format!("Can't access attributes on a primitive-typed value ({}).", ty.friendly_name())))
        }
        _ => Err(error(UNSUPPORTED, "This value does not have any attributes.")),
    }
}

/// `value[key]`
pub(super) fn index(value: &Value, key: &Value) -> Result<Value, Diagnostic> {
    if value.is_null() {
        return Err(error("Attempt to index null value", "This value is null, so it does not have any indices."));
    }
    if key.is_null() {
        return Err(invalid_index("Can't use a null value as an indexing key."));
    }
    let ty = value.ty();
    if key.ty() == Type::Dynamic || ty == Type::Dynamic {
        return Ok(dynamic().mark(value.marks()));
    }
    let (key, key_marks) = key.clone().unmark();
    let marks = value.marks().union(key_marks);
    match &ty {
        Type::List(element) if !value.is_known() => {
            convert_key(&key, &Type::Number)?;
            Ok(Value::unknown((**element).clone()).mark(marks))
        }
        Type::List(_) | Type::Tuple(_) => index_sequence(value, &ty, &convert_key(&key, &Type::Number)?, marks),
        Type::Map(element) => {
            let key = convert_key(&key, &Type::String)?;
            match (value.members(), key.as_str()) {
                (Some(members), Some(name)) => members.get(name).map(|v| v.clone().mark(marks)).ok_or_else(|| no_element(None)),
                _ => Ok(Value::unknown((**element).clone()).mark(marks)),
            }
        }
        Type::Object(o) => {
            let number = key.ty() == Type::Number;
            let key = convert_key(&key, &Type::String)?;
            let Some(name) = key.as_str() else { return Ok(dynamic().mark(value.marks())) };
            if let Some(found) = value.get(name) {
                return Ok(found);
            }
            // What is not known is not looked into, though its attributes are.
            if !value.is_known() && !o.attributes.contains_key(name) {
                return Ok(dynamic().mark(marks));
            }
            match o.attributes.get(name) {
                Some(ty) => Ok(Value::unknown(ty.clone()).mark(value.marks())),
                None if number => Err(invalid_index(
                    "The given key does not identify an element in this collection value. An object only supports looking up attributes by name, not by numeric index.",
                )),
                None => Err(no_element(None)),
            }
        }
        Type::Set(_) => Err(invalid_index(
            "Elements of a set are identified only by their value and don't have any separate index or key to select with, so it's only possible to perform operations across all elements of the set.",
        )),
        _ => Err(invalid_index("This value does not have any indices.")),
    }
}

fn invalid_index(detail: impl Into<String>) -> Diagnostic {
    error("Invalid index", detail)
}

fn no_element(why: Option<&str>) -> Diagnostic {
    let why = why.map_or_else(|| ".".to_owned(), |w| format!(": {w}."));
    invalid_index(format!("The given key does not identify an element in this collection value{why}"))
}

fn convert_key(key: &Value, ty: &Type) -> Result<Value, Diagnostic> {
    convert(key, ty).map_err(|e| no_element(Some(&e.message)))
}

fn index_sequence(value: &Value, ty: &Type, key: &Value, marks: Marks) -> Result<Value, Diagnostic> {
    let unknown = |i: Option<usize>| {
        let ty = match (ty, i) {
            (Type::List(t), _) => (**t).clone(),
            (Type::Tuple(ts), Some(i)) => ts.get(i).cloned().unwrap_or(Type::Dynamic),
            _ => Type::Dynamic,
        };
        Value::unknown(ty).mark(marks)
    };
    let Some(n) = key.as_number() else { return Ok(unknown(None)) };
    // The length of a tuple is part of its type.
    let length = match ty {
        Type::Tuple(ts) => Some(ts.len()),
        _ => value.elements().map(<[Value]>::len),
    };
    if n.is_negative() {
        return Err(no_element(Some("a negative number is not a valid index for a sequence")));
    }
    if n.is_infinite() || !n.is_integer() {
        let why = "indexing a sequence requires a whole number, but the given index has a fractional part";
        return Err(no_element(Some(why)));
    }
    match (length, n.as_usize()) {
        (Some(0), _) => Err(no_element(Some("the collection has no elements"))),
        (Some(length), Some(i)) if i < length => {
            Ok(value.elements().and_then(|vs| vs.get(i)).map_or_else(|| unknown(Some(i)), |v| v.clone().mark(marks)))
        }
        (Some(length), Some(i)) if i == length => {
            Err(no_element(Some("the given index is greater than or equal to the length of the collection")))
        }
        (Some(_), _) => Err(no_element(None)),
        (None, i) => Ok(unknown(i)),
    }
}
