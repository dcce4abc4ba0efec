//! `for` expressions, and going through collections.

use super::expression::{Evaluator, dynamic};
use crate::config::expr::{Expr, For};
use levee_model::convert::convert;
use levee_model::{Kind, Marks, Type, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a `for` goes through.
pub(super) enum Items {
    /// Keys and elements.
    Known(Vec<(Value, Value)>),
    /// Not known yet, or wrong and reported.
    Unknown,
}

/// One round of a `for`.
enum Round {
    Keep,
    Skip,
    Unknown,
}

impl Evaluator<'_> {
    pub(super) fn for_expr(&mut self, node: &For) -> Value {
        let (items, mut marks) = self.items(&node.collection);
        let Items::Known(items) = items else { return dynamic().mark(marks) };
        if let Some(condition) = &node.condition
            && !self.check_condition(node, condition)
        {
            return dynamic();
        }
        match &node.key {
            None => self.for_tuple(node, items, &mut marks),
            Some(key) => self.for_object(node, key, items, &mut marks),
        }
        .mark(marks)
    }

    /// The elements of a collection, and its own marks.
    pub(super) fn items(&mut self, collection: &Expr) -> (Items, Marks) {
        let before = self.errors;
        let (value, marks) = self.eval(collection).unmark();
        if self.errors > before {
            return (Items::Unknown, marks);
        }
        if value.is_null() {
            let detail = "A null value cannot be used as the collection in a 'for' expression.";
            self.fail(collection, collection.span, "Iteration over null value", detail);
            return (Items::Unknown, marks);
        }
        if !value.ty().is_collection() && value.ty() != Type::Dynamic {
            let detail = format!("A value of type {} cannot be used as the collection in a 'for' expression.", value.ty().friendly_name());
            self.fail(collection, collection.span, "Iteration over non-iterable value", detail);
            return (Items::Unknown, marks);
        }
        (elements(&value).map_or(Items::Unknown, Items::Known), marks)
    }

    /// Tries the condition without any element, which finds conditions that can never be right.
    fn check_condition(&mut self, node: &For, condition: &Expr) -> bool {
        let before = self.errors;
        let unknowns = vec![dynamic(); 1 + usize::from(node.has_key)];
        let (value, _) = self.with_bound(node.slot, unknowns, |e| e.eval(condition)).unmark();
        if self.errors == before {
            self.check_bool(&value, condition);
        }
        self.errors == before
    }

    fn check_bool(&mut self, value: &Value, condition: &Expr) -> Option<Value> {
        if value.is_null() {
            self.fail(condition, condition.span, "Condition is null", "The value of the 'if' clause must not be null.");
            return None;
        }
        match convert(value, &Type::Bool) {
            Ok(value) => Some(value),
            Err(error) => {
                let detail = format!("The 'if' clause value is invalid: {}.", error.message);
                self.fail(condition, condition.span, "Invalid 'for' condition", detail);
                None
            }
        }
    }

    fn round(&mut self, node: &For, marks: &mut Marks) -> Round {
        let Some(condition) = &node.condition else { return Round::Keep };
        let before = self.errors;
        let (value, own) = self.eval(condition).unmark();
        *marks = marks.union(own);
        if self.errors > before {
            return Round::Unknown;
        }
        match self.check_bool(&value, condition).map(|v| v.as_bool()) {
            Some(Some(true)) => Round::Keep,
            Some(Some(false)) => Round::Skip,
            Some(None) | None => Round::Unknown,
        }
    }

    fn for_tuple(&mut self, node: &For, items: Vec<(Value, Value)>, marks: &mut Marks) -> Value {
        let mut out = Vec::with_capacity(items.len());
        let mut known = true;
        for item in items {
            self.with_bound(node.slot, bindings(node.has_key, item), |e| match e.round(node, marks) {
                Round::Keep => out.push(e.eval(&node.value)),
                Round::Skip => {}
                Round::Unknown => known = false,
            });
        }
        if known { Value::tuple(out) } else { dynamic() }
    }

    fn for_object(&mut self, node: &For, key: &Expr, items: Vec<(Value, Value)>, marks: &mut Marks) -> Value {
        let mut single: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut groups: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        let mut known = true;
        for item in items {
            self.with_bound(node.slot, bindings(node.has_key, item), |e| {
                match e.round(node, marks) {
                    Round::Keep => {}
                    Round::Skip => return,
                    Round::Unknown => {
                        known = false;
                        return;
                    }
                }
                let Some(name) = e.for_key(key, marks) else {
                    known = false;
                    return;
                };
                let value = e.eval(&node.value);
                if node.grouping {
                    groups.entry(name).or_default().push(value);
                } else if single.insert(name.clone(), value).is_some() {
                    e.duplicate(key, &name, *marks);
                    known = false;
                }
            });
        }
        if !known {
            return dynamic();
        }
        single.extend(groups.into_iter().map(|(k, vs)| (k, Value::tuple(vs))));
        Value::object(single)
    }

    fn duplicate(&mut self, key: &Expr, name: &str, marks: Marks) {
        let shown = if marks.is_empty() { format!("the key {name:?}") } else { "the same key".into() };
        let detail = format!(
            "Two different items produced {shown} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key."
        );
        self.fail(key, key.span, "Duplicate object key", detail);
    }

    fn for_key(&mut self, key: &Expr, marks: &mut Marks) -> Option<Arc<str>> {
        let before = self.errors;
        let (value, own) = self.eval(key).unmark();
        *marks = marks.union(own);
        if self.errors > before {
            return None;
        }
        if value.is_null() {
            let detail = "Key expression in 'for' expression must not produce a null value.";
            self.fail(key, key.span, "Invalid object key", detail);
            return None;
        }
        match convert(&value, &Type::String) {
            Ok(value) => value.as_str().map(Arc::from),
            Err(error) => {
                let detail = format!("The key expression produced an invalid result: {}.", error.message);
                self.fail(key, key.span, "Invalid object key", detail);
                None
            }
        }
    }
}

/// What a round binds: the key if it is named, and the element.
pub(super) fn bindings(has_key: bool, (key, value): (Value, Value)) -> impl Iterator<Item = Value> {
    has_key.then_some(key).into_iter().chain([value])
}

/// Keys and elements of a known collection without marks of its own.
pub(super) fn elements(value: &Value) -> Option<Vec<(Value, Value)>> {
    Some(match value.kind() {
        Kind::List(_, vs) | Kind::Tuple(vs) => vs.iter().enumerate().map(|(i, v)| (Value::number(i as u64), v.clone())).collect(),
        Kind::Set(_, vs) => vs.iter().map(|v| (v.clone(), v.clone())).collect(),
        Kind::Map(_, m) | Kind::Object(m) => m.iter().map(|(k, v)| (Value::string(k.clone()), v.clone())).collect(),
        _ => return None,
    })
}
